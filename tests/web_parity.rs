//! The twins give PyTorch's numbers in the browser, on WebGPU and on the CPU: every case of `tests/parity`, forwards
//! and the gradient; and the ELM's kernels give those of the plain loop.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used)] // a test may

#[path = "support/kernels.rs"]
mod kernels;
#[path = "support/parity.rs"]
mod parity;
#[path = "support/recurrence.rs"]
mod recurrence;

use ballstick::twin::backend::TrainBackend;
use burn::backend::wgpu::{WgpuDevice, graphics, init_setup_async};
use burn::backend::{Autodiff, Flex, WebGpu};
use parity::Case;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

macro_rules! cases {
    ($($name:literal),*) => {
        [$((
            $name,
            include_str!(concat!("parity/", $name, ".json")),
            &include_bytes!(concat!("parity/", $name, ".npz"))[..],
            &include_bytes!(concat!("parity/", $name, ".pt"))[..],
        )),*]
    };
}

async fn all_cases<B: TrainBackend>() {
    for (name, json, npz, pt) in cases!("elm", "resnet_tcn", "tcn", "tcn_two_blocks", "transformer")
    {
        let case = Case::new(name, json, npz, pt);
        let count = case.twin::<B::InnerBackend>().count_params() as u64;
        assert_eq!(count, case.json["num_params"].as_u64().unwrap(), "{name}");
        let outputs =
            case.twin::<B::InnerBackend>().forward(case.tensor::<B::InnerBackend, 4>("X"));
        case.compare_outputs(&outputs, "eval_out", 1e-4).await;
        case.compare_a_step::<B>().await;
    }
}

#[wasm_bindgen_test]
async fn on_webgpu() {
    // this fails without an adapter; a software adapter will do
    init_setup_async::<graphics::WebGpu>(&WgpuDevice::default(), Default::default()).await;
    kernels::the_kernels_agree::<Autodiff<WebGpu>>().await;
    all_cases::<Autodiff<WebGpu>>().await;
    recurrence::the_operation_equals_the_loop::<Autodiff<WebGpu>>().await;
}

#[wasm_bindgen_test]
async fn on_the_cpu() {
    all_cases::<Autodiff<Flex>>().await;
}
