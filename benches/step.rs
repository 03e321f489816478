//! The simulator: one step of the exact neuron, a simulated second of the batch path in either precision, and a tenth of
//! one of a cell with channels on its branches.
//!
//! ```text
//! cargo bench --bench step
//! ```

use ballstick::data::input::sweep;
use ballstick::data::simulate_many;
use ballstick::sim::{BatchSimulator, Method, Neuron, NeuronParams};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

fn preset(name: &str) -> NeuronParams {
    NeuronParams::preset(name).expect("a preset")
}

/// One step of 0.025 ms.
#[divan::bench(args = ["ampa-point", "nmda-cable"])]
fn exact_step(bencher: Bencher<'_, '_>, name: &str) {
    let mut neuron = Neuron::new(&preset(name)).expect("a neuron");
    bencher.bench_local(|| neuron.step(black_box(0.1)));
}

/// A simulated second of as many neurons as the batch path runs at once.
#[divan::bench(args = [Method::Fast, Method::FastF32])]
fn batch_second(bencher: Bencher<'_, '_>, method: Method) {
    let neuron = preset("nmda-cable");
    let simulator = BatchSimulator::new(&neuron, method).expect("a neuron");
    let inputs: Vec<_> = (0..simulator.lanes())
        .map(|lane| sweep(neuron.num_rows(), 1000, 12.5, lane as f64))
        .collect();
    bencher.bench_local(|| simulate_many(&simulator, black_box(&inputs)));
}

/// A tenth of a simulated second of as many neurons as the batch path runs at once: 200 segments with channels.
#[divan::bench(args = [Method::Fast, Method::FastF32])]
fn batch_tenth_of_a_pyramidal_cell(bencher: Bencher<'_, '_>, method: Method) {
    let json = include_str!("../tests/fixtures/pyramidal.json");
    let neuron = NeuronParams::from_json(json).expect("a neuron");
    let simulator = BatchSimulator::new(&neuron, method).expect("a neuron");
    let inputs: Vec<_> = (0..simulator.lanes())
        .map(|lane| sweep(neuron.num_rows(), 100, 12.5, lane as f64))
        .collect();
    bencher.bench_local(|| simulate_many(&simulator, black_box(&inputs)));
}
