//! The twins give PyTorch's numbers in the browser, on WebGPU and on the CPU: every case of `tests/parity`, forwards
//! and the gradient; and the ELM's kernels give those of the plain loop.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used)] // a test may

#[path = "../support/kernels.rs"]
mod kernels;
#[path = "../support/numbers.rs"]
mod numbers;
#[path = "../support/parity.rs"]
mod parity;
#[path = "../support/recorded.rs"]
mod recorded;
#[path = "../support/recurrence.rs"]
mod recurrence;

use burn::backend::wgpu::{WgpuDevice, graphics, init_setup_async};
use burn::backend::{Autodiff, Flex, WebGpu};
use recorded::all_cases;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

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
