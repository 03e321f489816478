//! The kernels on a graphics device of this machine; a software driver such as Mesa's lavapipe will do. The feature
//! `wgpu` asks for these tests: on a machine without a device they fail and say so, for a test that passes without what
//! it tests shows nothing.
#![cfg(all(not(target_arch = "wasm32"), any(feature = "wgpu", feature = "cuda")))]
#![allow(clippy::unwrap_used)] // a test may

#[path = "support/kernels.rs"]
mod kernels;
#[path = "support/parity.rs"]
mod parity;
#[path = "support/recurrence.rs"]
mod recurrence;

use ballstick::twin::backend::TrainBackend;
use parity::Case;

async fn all_cases<B: TrainBackend>() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity");
    for name in ["elm", "resnet_tcn", "tcn", "tcn_two_blocks", "transformer"] {
        let read = |ending: &str| std::fs::read(folder.join(format!("{name}.{ending}"))).unwrap();
        let json = String::from_utf8(read("json")).unwrap();
        let case = Case::new(name, &json, &read("npz"), &read("pt"));
        let twin = case.twin::<B::InnerBackend>();
        let outputs = twin.forward(case.tensor::<B::InnerBackend, 4>("X"));
        case.compare_outputs(&outputs, "eval_out", 1e-4).await;
        case.compare_a_step::<B>().await;
    }
}

#[cfg(feature = "wgpu")]
mod on_wgpu {
    use std::sync::LazyLock;

    use burn::backend::wgpu::{WgpuDevice, graphics, init_setup};
    use burn::backend::{Autodiff, Wgpu};
    use pollster::block_on;

    use super::{all_cases, kernels, recurrence};

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
        block_on(all_cases::<Autodiff<Wgpu>>());
    }
}

/// On NVIDIA's driver, which a machine may lack: `cargo test --features cuda --test devices -- --ignored`.
#[cfg(feature = "cuda")]
mod on_cuda {
    use burn::backend::{Autodiff, Cuda};
    use pollster::block_on;

    use super::{all_cases, kernels, recurrence};

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
        block_on(all_cases::<Autodiff<Cuda>>());
    }
}
