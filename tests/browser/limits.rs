//! The twins on an adapter that can do no more than WebGPU's specification guarantees: 16 KiB of workgroup storage, 256
//! invocations, 8 storage buffers; of the optional features only timestamps, which CubeCL needs. A kernel that wants
//! more fails without an error of the call: the browser reports it apart, and what is read afterwards is wrong.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used)] // a test may

#[path = "../support/kernels.rs"]
mod kernels;
#[path = "../support/numbers.rs"]
mod numbers;
#[path = "../support/parity.rs"]
mod parity;
#[path = "../support/published.rs"]
mod published;
#[path = "../support/recorded.rs"]
mod recorded;
#[path = "../support/recurrence.rs"]
mod recurrence;

use ballstick::twin::scaling::Scaling;
use ballstick::twin::schedule::Recipe;
use ballstick::twin::train::Trainer;
use burn::backend::wgpu::{WgpuDevice, graphics, init_setup_async};
use burn::backend::{Autodiff, WebGpu};
use js_sys::{Function, Promise};
use published::{batch, twins};
use recorded::all_cases;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_test]
async fn on_an_adapter_with_the_least_limits() {
    let script = js_sys::eval(include_str!("../support/default_limits.js")).unwrap();
    let errors: Function =
        JsFuture::from(script.unchecked_into::<Promise>()).await.unwrap().unchecked_into();
    let errors = || errors.call0(&JsValue::NULL).unwrap().as_string().unwrap();

    let device = WgpuDevice::default();
    let setup = init_setup_async::<graphics::WebGpu>(&device, Default::default()).await;
    let limits = setup.device.limits();
    assert_eq!(limits.max_compute_workgroup_storage_size, 16 << 10);
    assert_eq!(limits.max_compute_invocations_per_workgroup, 256);

    kernels::the_kernels_agree::<Autodiff<WebGpu>>().await;
    all_cases::<Autodiff<WebGpu>>().await;
    recurrence::the_operation_equals_the_loop::<Autodiff<WebGpu>>().await;
    assert_eq!(errors(), "");

    for (name, config, _) in twins() {
        let (recipe, scaling) = (Recipe::default(), Scaling::default());
        let mut trainer = Trainer::<Autodiff<WebGpu>>::new(&config, recipe, scaling, &device);
        for _ in 0..2 {
            let report = trainer.step(batch()).await.unwrap();
            assert!(report.total.is_finite() && report.total > 0.0, "{name}: {report:?}");
        }
        assert_eq!(errors(), "", "{name}");
    }
}
