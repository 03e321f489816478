//! Where a twin runs, found at run time.

use anyhow::Result;
use ballstick::twin::backend::TwinBackend;
use burn::backend::Autodiff;
use burn::tensor::backend::AutodiffBackend;
use clap::ValueEnum;

use crate::files::usage;

/// A kind of device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Device {
    /// All cores
    Cpu,
    /// A graphics card through Vulkan, Metal or DX12
    Wgpu,
    /// An NVIDIA card
    Cuda,
}

/// Work for any device.
pub trait Job {
    /// What comes of it.
    type Output;

    /// Does it.
    ///
    /// # Errors
    /// As the job has them.
    fn run<B>(self, device: &B::Device) -> Result<Self::Output>
    where
        B: AutodiffBackend + TwinBackend,
        B::InnerBackend: TwinBackend;
}

/// Does a job on a device.
///
/// # Errors
/// A usage error if this build or this machine has no such device; else the job's.
pub fn on<J: Job>(device: Device, job: J) -> Result<J::Output> {
    match device {
        Device::Cpu => job.run::<Autodiff<burn::backend::Flex>>(&Default::default()),
        #[cfg(feature = "wgpu")]
        Device::Wgpu => {
            use burn::backend::wgpu::{WgpuDevice, graphics, init_setup};
            found("a graphics card with Vulkan, Metal or DX12", || {
                init_setup::<graphics::AutoGraphicsApi>(&WgpuDevice::default(), Default::default());
            })?;
            job.run::<Autodiff<burn::backend::Wgpu>>(&WgpuDevice::default())
        }
        #[cfg(feature = "cuda")]
        Device::Cuda => {
            use burn::tensor::Tensor;
            type Cuda = burn::backend::Cuda;
            found("an NVIDIA driver", || {
                let one = Tensor::<Cuda, 1>::ones([1], &Default::default());
                one.into_data();
            })?;
            job.run::<Autodiff<Cuda>>(&Default::default())
        }
        #[allow(unreachable_patterns)] // a build with all devices
        missing => Err(usage(
            format!("--device {}", name(missing)),
            format!("this build leaves it out; there is {}", present()),
        )),
    }
}

/// Whether a device answers. Its libraries panic if there is none, which is turned into one line.
#[cfg(any(feature = "wgpu", feature = "cuda"))]
fn found(what: &str, probe: impl FnOnce() + std::panic::UnwindSafe) -> Result<()> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let answer = std::panic::catch_unwind(probe);
    std::panic::set_hook(hook);
    answer.map_err(|_| {
        usage("--device", format!("this machine has not {what}; use another: {}", present()))
    })
}

fn name(device: Device) -> String {
    device.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default()
}

fn present() -> String {
    let all = [(true, "cpu"), (cfg!(feature = "wgpu"), "wgpu"), (cfg!(feature = "cuda"), "cuda")];
    all.iter().filter(|(there, _)| *there).map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
}
