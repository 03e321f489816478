//! The kernels on a graphics device of this machine; a software driver such as Mesa's lavapipe will do. The feature
//! `wgpu` asks for these tests: on a machine without a device they fail and say so, for a test that passes without what
//! it tests shows nothing.
#![cfg(all(not(target_arch = "wasm32"), any(feature = "wgpu", feature = "cuda")))]
#![allow(clippy::unwrap_used)] // a test may

#[path = "support/kernels.rs"]
mod kernels;
#[path = "support/numbers.rs"]
mod numbers;
#[path = "support/parity.rs"]
mod parity;
#[path = "support/recorded.rs"]
mod recorded;
#[path = "support/recurrence.rs"]
mod recurrence;

#[cfg(feature = "wgpu")]
mod on_wgpu {
    use std::sync::LazyLock;

    use burn::backend::wgpu::{WgpuDevice, graphics, init_setup};
    use burn::backend::{Autodiff, Wgpu};
    use pollster::block_on;

    use super::{kernels, recorded, recurrence};

    /// Sets the adapter up, once for all tests.
    ///
    /// # Panics
    /// Where this machine has no graphics adapter.
    fn need_adapter() {
        static FOUND: LazyLock<bool> = LazyLock::new(|| {
            let setup = || {
                init_setup::<graphics::AutoGraphicsApi>(&WgpuDevice::default(), Default::default());
            };
            std::panic::catch_unwind(setup).is_ok()
        });
        assert!(
            *FOUND,
            "this machine has no graphics adapter (Mesa's lavapipe, in software, is one)"
        );
    }

    #[test]
    fn the_kernels_agree_with_the_cpus() {
        need_adapter();
        block_on(kernels::the_kernels_agree::<Autodiff<Wgpu>>());
    }

    #[test]
    fn the_recurrence_equals_the_loop() {
        need_adapter();
        block_on(recurrence::the_operation_equals_the_loop::<Autodiff<Wgpu>>());
    }

    #[test]
    fn pytorchs_numbers() {
        need_adapter();
        block_on(recorded::all_cases::<Autodiff<Wgpu>>());
    }
}

/// On NVIDIA's driver, which a machine may lack: `cargo test --features cuda --test devices -- --ignored`.
#[cfg(feature = "cuda")]
mod on_cuda {
    use burn::backend::{Autodiff, Cuda};
    use pollster::block_on;

    use super::{kernels, recorded, recurrence};

    #[test]
    #[ignore = "needs NVIDIA's driver and card"]
    fn the_kernels_agree_with_the_cpus() {
        block_on(kernels::the_kernels_agree::<Autodiff<Cuda>>());
    }

    #[test]
    #[ignore = "needs NVIDIA's driver and card"]
    fn the_recurrence_equals_the_loop() {
        block_on(recurrence::the_operation_equals_the_loop::<Autodiff<Cuda>>());
    }

    #[test]
    #[ignore = "needs NVIDIA's driver and card"]
    fn pytorchs_numbers() {
        block_on(recorded::all_cases::<Autodiff<Cuda>>());
    }
}
