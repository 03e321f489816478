//! The batch path gives the same bits on every machine, natively and in wasm.
//!
//! In wasm it also prints how long it takes there, to be compared with the last lines of `ballstick bench sim`:
//! `cargo test --release --target wasm32-unknown-unknown --test batch_bits -- --nocapture`.

#![allow(clippy::unwrap_used)] // a test may

use std::ops::ControlFlow;

use ballstick::data::Split;
use ballstick::data::generate::random_inputs;
use ballstick::sim::batch::BatchRecorder;
use ballstick::sim::{BatchSimulator, Inputs, Method, NeuronParams};

/// A hash of every voltage's bits, in their order.
#[derive(Clone)]
struct Checksum(u64);

impl BatchRecorder for Checksum {
    fn record(&mut self, _ms: usize, v_soma: &[f64], v_dend: &[f64]) {
        for v in v_soma.iter().chain(v_dend) {
            self.0 = (self.0 ^ v.to_bits()).rotate_left(23).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

fn checksum(preset: &str, method: Method) -> u64 {
    let params = NeuronParams { sk_e2_factor: 1.0, ..NeuronParams::preset(preset).unwrap() };
    let inputs: Vec<Inputs> =
        (0..3).map(|i| random_inputs(1, Split::Valid, i, params.num_rows(), 400)).collect();
    let mut sums = vec![Checksum(0xcbf2_9ce4_8422_2325); inputs.len()];
    let simulator = BatchSimulator::new(&params, method).unwrap();
    simulator.run(&inputs, &mut sums, &mut |_| ControlFlow::Continue(())).unwrap();
    sums.iter().fold(0, |all, sum| all ^ sum.0)
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn the_bits_are_the_same_everywhere() {
    // what x86-64 computed; it changes only with the arithmetic
    let expected = [
        ("nmda-cable", Method::Fast, 0xd386_aa1f_858d_a87f),
        ("nmda-cable", Method::FastF32, 0xe56d_d04f_1ab5_8b32),
        ("ampa-point", Method::Fast, 0x7e50_bbdf_e5d4_13cd),
        ("ampa-point", Method::FastF32, 0xc93b_5b31_cc9c_c402),
    ];
    let found = expected.map(|(preset, method, _)| (preset, method, checksum(preset, method)));
    assert!(found == expected, "{found:#x?}");
}

#[cfg(target_arch = "wasm32")]
mod wasm {
    use super::*;
    use ballstick::data::simulate_many;
    use wasm_bindgen::prelude::wasm_bindgen;
    use wasm_bindgen_test::{console_log, wasm_bindgen_test};

    #[wasm_bindgen]
    extern "C" {
        type CpuUsage;
        #[wasm_bindgen(js_namespace = process, js_name = cpuUsage)]
        fn cpu_usage() -> CpuUsage;
        #[wasm_bindgen(method, getter)]
        fn user(this: &CpuUsage) -> f64; // µs
    }

    #[wasm_bindgen_test]
    fn fast_spikes_as_exact_does_and_sooner() {
        let params = NeuronParams::default();
        let duration = 2048;
        let inputs: Vec<Inputs> = (0..32)
            .map(|i| random_inputs(0, Split::Train, i, params.num_rows(), duration))
            .collect();
        let mut spikes = Vec::new();
        for (method, simulations) in [(Method::Exact, 2), (Method::Fast, 16), (Method::FastF32, 32)]
        {
            let simulator = BatchSimulator::new(&params, method).unwrap();
            let mut best = f64::INFINITY;
            for _ in 0..5 {
                let start = cpu_usage().user();
                let targets = simulate_many(&simulator, &inputs[..simulations]).unwrap();
                best = best.min((cpu_usage().user() - start) / simulations as f64);
                spikes.push(targets[..2].iter().map(|t| t.spikes.clone()).collect::<Vec<_>>());
            }
            let per_simulation = best * 1e-3 * 8192.0 / duration as f64;
            console_log!(
                "{method:9} {per_simulation:8.2} ms of CPU per 8192 ms, in wasm under Node"
            );
        }
        assert!(spikes.iter().all(|s| *s == spikes[0]), "spikes differ between the methods");
    }
}
