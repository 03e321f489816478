//! How many calls of the WebGPU API a training step makes. On a graphics card a step of a small twin takes as long as
//! its launches, whatever their arithmetic: this test counts them in the browser and fails above a bound for each twin.
//! The counts depend on the twin's layers, not on its window or batch, which are small here.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used)] // a test may

#[path = "../support/published.rs"]
mod published;

use std::collections::BTreeMap;

use ballstick::twin::config::TwinConfig;
use ballstick::twin::gradient::AtOnce;
use ballstick::twin::scaling::Scaling;
use ballstick::twin::schedule::Recipe;
use ballstick::twin::train::Trainer;

use ballstick::web::trainer::worker::set_up_webgpu;
use burn::backend::wgpu::WgpuDevice;
use burn::backend::{Autodiff, WebGpu};
use js_sys::Function;
use published::{batch, twins};
use serde::Deserialize;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// Steps before the count, which compile the kernels and fill the pools of buffers.
const BEFORE: usize = 1;
/// Steps between two readings of the device.
const STEPS: usize = 3;
/// Readings that are counted.
const READINGS: usize = 1;

/// The calls of several steps, as the script counts them.
#[derive(Debug, Deserialize)]
struct Calls {
    dispatches: usize,
    submissions: usize,
    /// Uploads into buffers.
    writes: usize,
    /// Buffers that the page waits for.
    mappings: usize,
    /// Copies between buffers.
    copies: usize,
    /// Dispatches of each kernel, by the kernel's name.
    kernels: BTreeMap<String, usize>,
}

/// The counter of this worker's calls.
struct Counter(Function);

impl Counter {
    fn new() -> Self {
        let counter = js_sys::eval(include_str!("../support/webgpu_calls.js")).unwrap();
        Self(counter.unchecked_into())
    }

    /// The calls since this was called before.
    fn take(&self) -> Calls {
        let json = self.0.call0(&JsValue::NULL).unwrap().as_string().unwrap();
        serde_json::from_str(&json).unwrap()
    }
}

/// The calls of `READINGS` times `STEPS` steps, each `STEPS` with a reading, after those that compile the kernels.
async fn calls(counter: &Counter, config: &TwinConfig) -> Calls {
    let device = WgpuDevice::default();
    let mut trainer =
        Trainer::<Autodiff<WebGpu>>::new(config, Recipe::default(), Scaling::default(), &device);
    let batch = batch();
    for _ in 0..BEFORE {
        trainer.submit(&mut AtOnce, batch.clone()).await.unwrap();
    }
    assert_eq!(trainer.read().await.unwrap().len(), BEFORE);
    counter.take();
    for _ in 0..READINGS {
        for _ in 0..STEPS {
            trainer.submit(&mut AtOnce, batch.clone()).await.unwrap();
        }
        assert_eq!(trainer.read().await.unwrap().len(), STEPS);
    }
    counter.take()
}

#[wasm_bindgen_test]
async fn a_step_makes_few_calls() {
    let counter = Counter::new();
    set_up_webgpu().await.unwrap();
    let mut over = Vec::new();
    for (name, config, [most_dispatches, most_submissions]) in twins() {
        let calls = calls(&counter, &config).await;
        let each = |count: usize| count as f64 / (STEPS * READINGS) as f64;
        let [dispatches, submissions, mappings] = [
            each(calls.dispatches),
            // each reading's own submission apart
            each(calls.submissions.saturating_sub(READINGS)),
            calls.mappings as f64 / READINGS as f64,
        ];
        let seen = format!(
            "{name}: {dispatches} dispatches, {submissions} submissions, {} uploads and {} copies a step, \
             {mappings} mappings a reading; at most {most_dispatches} and {most_submissions}",
            each(calls.writes),
            each(calls.copies),
        );
        console_log!("{seen}");
        if dispatches > most_dispatches || submissions > most_submissions || mappings > 1.0 {
            let mut kernels: Vec<_> = calls.kernels.iter().collect();
            kernels.sort_by_key(|kernel| std::cmp::Reverse(kernel.1));
            let kernels =
                kernels.iter().map(|(name, count)| format!("\n{:8} {name}", each(**count)));
            over.push(seen + &kernels.collect::<String>());
        }
        // a count of nothing would be within every bound
        assert!(dispatches >= 1.0 && submissions > 0.0 && mappings > 0.0, "{name}");
    }
    assert!(over.is_empty(), "too many calls:\n{}", over.join("\n"));
}
