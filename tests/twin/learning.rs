//! A small twin learns a freshly simulated neuron.

use ballstick::data::generate::random_inputs;
use ballstick::data::{Sample, Simulation, SourceError, Split};
use ballstick::sim::NeuronParams;
use ballstick::twin::batch::{Batch, Window};
use ballstick::twin::config::TwinConfig;
use ballstick::twin::evaluate::{Evaluation, judge};
use ballstick::twin::metrics::roc;
use ballstick::twin::scaling::Scaling;
use ballstick::twin::schedule::Recipe;
use ballstick::twin::train::plan::PlannedBatch;
use ballstick::twin::train::{Control, Loader, Trainer};
use burn::backend::{Autodiff, Flex};
use burn::module::AutodiffModule;

fn simulate(split: Split, count: u64) -> Vec<Sample> {
    let params = NeuronParams::preset("ampa-point").unwrap();
    let one = |index| {
        let inputs = random_inputs(3, split, index, params.num_rows(), 2048);
        let simulation = Simulation::run(&params, inputs, None, &[]).unwrap();
        Sample::new(&simulation.inputs, simulation.targets)
    };
    (0..count).map(one).collect()
}

struct Memory {
    train: Vec<Sample>,
    valid: Vec<Sample>,
}

fn load(samples: &[Sample], windows: &[Window]) -> Result<Batch, SourceError> {
    let parts: Vec<_> = windows.iter().map(|&w| (w, &samples[w.index])).collect();
    Batch::new(&parts, &Scaling::default(), samples[0].segments())
}

impl Loader for Memory {
    async fn train(&mut self, planned: &PlannedBatch) -> Result<Batch, SourceError> {
        load(&self.train, &planned.windows)
    }
    async fn valid(&mut self, windows: &[Window]) -> Result<Batch, SourceError> {
        load(&self.valid, windows)
    }
}

/// The published recipe, shortened, on 48 simulations of 2 s: the point neuron's spikes are found
/// with an AUC above 0.9, and better than by the summed input of the last 10 ms.
#[test]
fn the_point_neuron_is_learnt() {
    let mut memory = Memory { train: simulate(Split::Train, 48), valid: simulate(Split::Valid, 4) };
    let test = simulate(Split::Test, 8);
    let config = r#"{"first_layer_temporal_kernel_size": 61, "num_layers_per_block_list": [1],
        "num_features_per_block_list": [12], "temporal_kernel_size_per_block_list": [11],
        "temporal_dilation_per_block_list": [1]}"#;
    let config = TwinConfig::from_json(config, None).unwrap().with_segments(test[0].segments());
    let recipe = Recipe {
        num_epochs: 120,
        train_batch_size: 4,
        train_time_window_size: 512,
        learning_rate: 1e-2,
        seed: 1,
        ..Recipe::default()
    };
    let device = Default::default();
    let scaling = Scaling::default();
    let mut trainer = Trainer::<Autodiff<Flex>>::new(&config, recipe, scaling, &device);
    let run = trainer.run(&mut memory, [48, 4], async |_, _| Control::Continue);
    pollster::block_on(run).unwrap();

    let twin = trainer.twin.valid();
    let mut judged = Vec::new();
    for (i, sample) in test.iter().enumerate() {
        let one = judge(&twin, sample, i, sample.segments(), &scaling, &device);
        judged.push(pollster::block_on(one).unwrap());
    }
    let auc = Evaluation::new(&judged).AUC_score;

    let (mut labels, mut scores) = (Vec::new(), Vec::new());
    for sample in &test {
        let drive = |t: usize| {
            let at = |s: usize, k: usize| sample.inputs[(s, t, k)].to_f32();
            (0..sample.segments()).map(|s| at(s, 0) - at(s, 1)).sum::<f32>()
        };
        for t in 10..sample.duration_ms() {
            labels.push(sample.targets.spikes[t]);
            scores.push((t - 9..=t).map(drive).sum::<f32>());
        }
    }
    let baseline = roc(&labels, &scores).auc;
    println!("AUC {auc:.4}, of the summed input {baseline:.4}");
    assert!(auc > 0.9 && auc > baseline, "AUC {auc}, of the summed input {baseline}");
}

/// What lesson 6 says of its slider: a hundred times the learning rate, half way, makes the losses rise within a few
/// steps, and ten times can hardly be seen.
#[test]
fn a_hundred_times_the_learning_rate_is_seen_at_once() {
    let train = simulate(Split::Train, 8);
    let config = ballstick::twin::config::TcnConfig::assignment('A', train[0].segments()).unwrap();
    let config = TwinConfig::Tcn(config);
    // as two minutes in the page: batches of 8 windows of 512 ms
    let recipe = Recipe {
        num_epochs: 200,
        train_batch_size: 8,
        train_time_window_size: 512,
        learning_rate: 2e-3,
        ..Recipe::default()
    };
    let device = Default::default();
    let after = |factor: f64| -> (f32, f32) {
        let mut trainer =
            Trainer::<Autodiff<Flex>>::new(&config, recipe.clone(), Scaling::default(), &device);
        // past the warm-up, where the learning rate is the recipe's
        trainer.progress.epoch = 20;
        let mut totals = Vec::new();
        for step in 0..100 {
            if step == 80 {
                trainer.set_learning_rate(factor * recipe.learning_rate);
            }
            let planned = trainer.plan(train.len()).epoch(step).remove(0);
            let batch = load(&train, &planned.windows).unwrap();
            totals.push(pollster::block_on(trainer.step(batch)).unwrap().total);
        }
        let mean = |part: &[f32]| part.iter().sum::<f32>() / part.len() as f32;
        (mean(&totals[60..80]), mean(&totals[80..]))
    };
    let found = [1.0, 10.0, 100.0].map(after);
    println!("{found:?}");
    let [same, ten, hundred] = found;
    // measured ratios of the losses: a hundred times after to before 1.35, ten times to the same rate 0.91, the same
    // rate after to before 0.94
    assert!(hundred.1 > 1.2 * hundred.0, "{found:?}");
    assert!(ten.1 < 1.1 * same.1 && same.1 < 1.1 * same.0, "{found:?}");
}
