//! The device that a twin runs on, looked for at run time.

use anyhow::Result;
pub use ballstick::twin::job::Job;
use burn::backend::Autodiff;
use clap::ValueEnum;
use pollster::block_on;

use crate::files::usage;

/// A kind of device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Device {
    /// All cores
    Cpu,
    /// A graphics card through Vulkan, Metal or DX12
    // a build without the device still knows its name, for the error message
    #[cfg_attr(not(feature = "wgpu"), value(hide = true))]
    Wgpu,
    /// An NVIDIA card
    #[cfg_attr(not(feature = "cuda"), value(hide = true))]
    Cuda,
}

/// Runs a job on a device.
///
/// # Errors
/// A usage error where this build or this machine lacks the device; otherwise the job's error.
pub fn on<T, J: Job<Output = Result<T>>>(device: Device, job: J) -> Result<T> {
    match device {
        Device::Cpu => block_on(job.run::<Autodiff<burn::backend::Flex>>(&Default::default())),
        #[cfg(feature = "wgpu")]
        Device::Wgpu => {
            graphics::ready_wgpu()?;
            block_on(job.run::<Autodiff<burn::backend::Wgpu>>(&Default::default()))
        }
        #[cfg(feature = "cuda")]
        Device::Cuda => {
            graphics::ready_cuda()?;
            block_on(job.run::<Autodiff<burn::backend::Cuda>>(&Default::default()))
        }
        #[allow(unreachable_patterns)] // a build with all devices
        missing => Err(usage(
            format!("--device {}", name(missing)),
            format!("this build leaves it out; there is {}", present(&[])),
        )),
    }
}

/// The device's name on the command line.
pub fn name(device: Device) -> String {
    device.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default()
}

/// The names of this build's devices, except those in `without`.
fn present(without: &[&str]) -> String {
    let all = [(true, "cpu"), (cfg!(feature = "wgpu"), "wgpu"), (cfg!(feature = "cuda"), "cuda")];
    let there = all.iter().filter(|(there, name)| *there && !without.contains(name));
    there.map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
}

/// The peak memory so far, MiB: this process's on the CPU, `None` where the system does not tell it; on a graphics
/// device the memory reserved there.
pub fn peak_memory_mib(device: Device) -> Option<f64> {
    match device {
        Device::Cpu => {
            let status = std::fs::read_to_string("/proc/self/status").ok()?;
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
            let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
            Some(kib / 1024.0)
        }
        #[cfg(feature = "wgpu")]
        Device::Wgpu => graphics::reserved_mib::<cubecl::wgpu::WgpuRuntime>(),
        #[cfg(feature = "cuda")]
        Device::Cuda => graphics::reserved_mib::<cubecl::cuda::CudaRuntime>(),
        #[allow(unreachable_patterns)] // a build with all devices
        _ => None,
    }
}

/// Search for graphics devices, and their tuning.
#[cfg(any(feature = "wgpu", feature = "cuda"))]
mod graphics {
    use std::sync::Once;

    use anyhow::Result;
    use cubecl::config::autotune::AutotuneLevel;
    use cubecl::config::cache::CacheConfig;
    use cubecl::config::{CubeClRuntimeConfig, RuntimeConfig};

    use super::present;
    use crate::files::usage;

    #[cfg(feature = "wgpu")]
    pub fn ready_wgpu() -> Result<()> {
        use burn::backend::wgpu::{WgpuDevice, graphics, init_setup};
        static ONCE: Once = Once::new();
        if ONCE.is_completed() {
            return Ok(());
        }
        tune();
        found("wgpu", "a graphics card with Vulkan, Metal or DX12", || {
            init_setup::<graphics::AutoGraphicsApi>(&WgpuDevice::default(), Default::default());
        })?;
        ONCE.call_once(|| ());
        Ok(())
    }

    #[cfg(feature = "cuda")]
    pub fn ready_cuda() -> Result<()> {
        use burn::tensor::Tensor;
        tune();
        found("cuda", "an NVIDIA card with its driver", || {
            let one = Tensor::<burn::backend::Cuda, 1>::ones([1], &Default::default());
            one.into_data();
        })
    }

    /// Sets up the tuning, before a device is used. Sizes share the fastest variants in coarse classes, so that fewer
    /// are tried, and these choices and compiled kernels are kept in the user's cache folder for the next start.
    /// `CUBECL_AUTOTUNE_LEVEL` overrides this.
    fn tune() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            let mut config = CubeClRuntimeConfig::default();
            config.autotune.level = AutotuneLevel::Minimal;
            if let Some(folder) = dirs::cache_dir().map(|cache| cache.join("ballstick")) {
                config.autotune.cache = CacheConfig::File(folder.join("autotune"));
                config.compilation.cache = Some(CacheConfig::File(folder.join("kernels")));
            }
            CubeClRuntimeConfig::set(config.override_from_env());
        });
    }

    /// Checks that a device responds. Its libraries panic where there is none, which becomes an error of one line.
    fn found(name: &str, what: &str, probe: impl FnOnce() + std::panic::UnwindSafe) -> Result<()> {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let answer = std::panic::catch_unwind(probe);
        std::panic::set_hook(hook);
        answer.map_err(|_| {
            let others = present(&[name]);
            usage(
                format!("--device {name}"),
                format!("this machine has not {what}; use another: {others}"),
            )
        })
    }

    pub fn reserved_mib<R: cubecl::Runtime>() -> Option<f64> {
        let usage = R::client(&Default::default()).memory_usage().ok()?;
        Some(usage.bytes_reserved as f64 / f64::from(1 << 20))
    }
}
