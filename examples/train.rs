//! A twin in a minute: simulations in memory, a small temporal convolutional network, training, and its AUC on
//! simulations that it has not seen.
//!
//! ```text
//! cargo run --example train --features twin
//! ```

use ballstick::data::generate::random_inputs;
use ballstick::data::{Sample, Simulation, SourceError, Split};
use ballstick::sim::{NeuronParams, SimError};
use ballstick::twin::batch::{Batch, Window};
use ballstick::twin::config::TwinConfig;
use ballstick::twin::evaluate::{Evaluation, judge};
use ballstick::twin::scaling::Scaling;
use ballstick::twin::schedule::Recipe;
use ballstick::twin::train::plan::PlannedBatch;
use ballstick::twin::train::{Control, Event, Loader, Trainer};
use burn::backend::{Autodiff, Flex};
use burn::module::AutodiffModule;

/// Simulations of 2,048 ms of the short thick cell.
fn simulations(split: Split, count: u64) -> Result<Vec<Sample>, SimError> {
    let neuron = NeuronParams::preset("ampa-point").map_err(SimError::from)?;
    let one = |index| {
        let inputs = random_inputs(3, split, index, neuron.num_rows(), 2048);
        let simulation = Simulation::run(&neuron, inputs, None, &[])?;
        Ok(Sample::new(&simulation.inputs, simulation.targets))
    };
    (0..count).map(one).collect()
}

/// The trainer's source of windows: simulations in memory.
struct Memory {
    train: Vec<Sample>,
    valid: Vec<Sample>,
}

fn stack(samples: &[Sample], windows: &[Window]) -> Result<Batch, SourceError> {
    let parts: Vec<_> = windows.iter().map(|&window| (window, &samples[window.index])).collect();
    Batch::new(&parts, &Scaling::default(), samples[0].segments())
}

impl Loader for Memory {
    async fn train(&mut self, planned: &PlannedBatch) -> Result<Batch, SourceError> {
        stack(&self.train, &planned.windows)
    }
    async fn valid(&mut self, windows: &[Window]) -> Result<Batch, SourceError> {
        stack(&self.valid, windows)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut memory =
        Memory { train: simulations(Split::Train, 32)?, valid: simulations(Split::Valid, 4)? };
    let config = r#"{"first_layer_temporal_kernel_size": 61, "num_layers_per_block_list": [1],
        "num_features_per_block_list": [12], "temporal_kernel_size_per_block_list": [11],
        "temporal_dilation_per_block_list": [1]}"#;
    let config = TwinConfig::from_json(config, None)?.with_segments(8);
    let recipe = Recipe {
        num_epochs: 60,
        train_batch_size: 4,
        train_time_window_size: 512,
        learning_rate: 1e-2,
        ..Recipe::default()
    };
    let (device, scaling) = (Default::default(), Scaling::default());
    let mut trainer = Trainer::<Autodiff<Flex>>::new(&config, recipe, scaling, &device);
    let run = trainer.run(&mut memory, [32, 4], async |_, event| {
        if let Event::Valid(report) = event {
            println!("step {}: loss on validation {:.3}", report.step, report.total);
        }
        Control::Continue
    });
    pollster::block_on(run)?;

    let twin = trainer.twin.valid();
    let mut judged = Vec::new();
    for (index, sample) in simulations(Split::Test, 6)?.iter().enumerate() {
        let one = judge(&twin, sample, index, sample.segments(), &scaling, &device);
        judged.push(pollster::block_on(one)?);
    }
    println!("AUC of spikes {:.3}", Evaluation::new(&judged).AUC_score);
    Ok(())
}

#[cfg(test)]
#[test]
fn runs() {
    main().expect("the example runs");
}
