//! A neuron of your own: a preset with parameters changed, and a tree with two branches, written as the JSON that the
//! command line and the page read.
//!
//! ```text
//! cargo run --example own_neuron
//! ```

use ballstick::data::{Simulation, input::sweep};
use ballstick::sim::NeuronParams;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = r#"{
        "soma_diam_um": 20,
        "multiplicative_SKE2_factor": 1.0,
        "branches": [
            {"name": "trunk", "parent": "soma", "L_um": 120, "diam_um": 1.5, "num_segments": 3},
            {"name": "left", "parent": "trunk", "L_um": 200, "diam_um": 0.8, "num_segments": 4},
            {"name": "right", "parent": "trunk", "L_um": 80, "diam_um": 0.8, "num_segments": 2}
        ]
    }"#;
    let neuron = NeuronParams::from_json(text)?;
    // One event every 25 ms, on one segment after the other from the soma outwards and back.
    let inputs = sweep(neuron.num_rows(), 400, 25.0, 20.0);
    let simulation = Simulation::run(&neuron, inputs, None, &[])?;
    let spikes = simulation.targets.spikes.iter().filter(|&&spike| spike).count();
    println!("{} segments, {spikes} spikes in 400 ms", neuron.num_rows());
    println!("{}", serde_json::to_string_pretty(&neuron)?);
    Ok(())
}

#[cfg(test)]
#[test]
fn runs() {
    main().expect("the example runs");
}
