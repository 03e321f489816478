//! The kernels on a graphics device of this machine; a software driver such as Mesa's lavapipe will do. The feature
//! `wgpu` asks for these tests: on a machine without a device they fail and say so, for a test that passes without what
//! it tests shows nothing.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)] // a test may

#[path = "support/parity.rs"]
mod parity;
#[path = "support/recurrence.rs"]
mod recurrence;

use std::sync::LazyLock;

use ballstick::twin::backend::TrainBackend;
use burn::backend::wgpu::{WgpuDevice, graphics, init_setup};
use burn::backend::{Autodiff, Wgpu};
use parity::Case;

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
    assert!(*FOUND, "this machine has no graphics adapter (Mesa's lavapipe, in software, is one)");
}

#[test]
fn the_recurrence_equals_the_loop_on_wgpu() {
    need_adapter();
    pollster::block_on(recurrence::the_operation_equals_the_loop::<Autodiff<Wgpu>>());
}

async fn all_cases<B: TrainBackend>() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity");
    for name in ["elm", "resnet_tcn", "tcn", "tcn_two_blocks", "transformer"] {
        let read = |ending: &str| std::fs::read(folder.join(format!("{name}.{ending}"))).unwrap();
        let json = String::from_utf8(read("json")).unwrap();
        let case = Case::new(name, &json, &read("npz"), &read("pt"));
        let twin = case.twin::<B::InnerBackend>();
        let outputs = twin.forward(case.tensor::<B::InnerBackend, 4>("X"));
        case.compare_outputs(&outputs, "eval_out", 1e-4).await;
        case.compare_gradients(&case.twin::<B>()).await;
    }
}

#[test]
fn pytorchs_numbers_on_wgpu() {
    need_adapter();
    pollster::block_on(all_cases::<Autodiff<Wgpu>>());
}
