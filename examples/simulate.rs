//! One simulation and many: the exact path, which is NEURON's to the bit, with a current step, and the batch path, which
//! fills the lanes of the processor's vectors with neurons.
//!
//! ```text
//! cargo run --example simulate
//! ```

use ballstick::data::generate::random_inputs;
use ballstick::data::{Split, simulate_many};
use ballstick::sim::{
    BatchSimulator, CurrentClamp, Inputs, Method, NeuronParams, Quantity, Recording, simulate,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The short thick cell, for 200 ms, with 0.6 nA into its soma from 20 ms on.
    let neuron = NeuronParams::preset("ampa-point")?;
    let silent = Inputs::silent(neuron.num_rows(), 200);
    let clamp = CurrentClamp { start_ms: 20.0, duration_ms: 150.0, amplitude_na: 0.6 };
    let mut recording = Recording::new().with(Quantity::SomaVoltage, 1);
    simulate(&neuron, &silent, Some(clamp), &mut recording)?;
    let v = recording.values(Quantity::SomaVoltage);
    let peak = v.iter().copied().fold(f64::MIN, f64::max);
    println!("{} steps, the soma's peak {peak:.1} mV", v.len());

    // The long thin cell under random synaptic input, as many simulations as the batch path runs at once.
    let neuron = NeuronParams::preset("nmda-cable")?;
    let simulator = BatchSimulator::new(&neuron, Method::Fast)?;
    let inputs: Vec<_> = (0..simulator.lanes() as u64)
        .map(|index| random_inputs(1, Split::Train, index, neuron.num_rows(), 2000))
        .collect();
    for (index, targets) in simulate_many(&simulator, &inputs)?.iter().enumerate() {
        let spikes = targets.spikes.iter().filter(|&&spike| spike).count();
        println!("simulation {index}: {spikes} spikes in 2 s");
    }
    Ok(())
}

#[cfg(test)]
#[test]
fn runs() {
    main().expect("the example runs");
}
