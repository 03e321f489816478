//! What every twin must do, whatever its architecture; and what a training must survive.

use ballstick::data::{Sample, SourceError, Targets};
use ballstick::twin::backend::TwinBackend;
use ballstick::twin::batch::{Batch, Window};
use ballstick::twin::config::TwinConfig;
use ballstick::twin::heads::Outputs;
use ballstick::twin::loss::{INITIAL_WEIGHTS, losses, total};
use ballstick::twin::model::Twin;
use ballstick::twin::scaling::Scaling;
use ballstick::twin::schedule::Recipe;
use ballstick::twin::train::plan::PlannedBatch;
use ballstick::twin::train::{Control, Event, Loader, Outcome, Progress, Trainer};
use ballstick::twin::weights::state::{export, import};
use ballstick::twin::weights::{Checkpoint, Header, read_pt};
use burn::backend::{Autodiff, Flex};
use burn::module::{AutodiffModule, Module, ModuleVisitor, Param};
use burn::prelude::*;
use burn::tensor::backend::AutodiffBackend;
use half::f16;
use ndarray::{Array1, Array2, Array3};

type Train = Autodiff<Flex>;

const SEGMENTS: usize = 3;

/// Small twins of all kinds, with every option that changes the flow of time.
fn configs() -> Vec<(&'static str, TwinConfig)> {
    let texts = [
        (
            "tcn",
            r#"{"num_layers_per_block_list": [1, 2], "num_features_per_block_list": [5, 6],
            "temporal_kernel_size_per_block_list": [4, 3],
            "temporal_dilation_per_block_list": [1, 3], "first_layer_temporal_kernel_size": 7}"#,
        ),
        (
            "tcn, layer norm",
            r#"{"num_layers_per_block_list": [1],
            "num_features_per_block_list": [6], "temporal_kernel_size_per_block_list": [5],
            "temporal_dilation_per_block_list": [2], "first_layer_temporal_kernel_size": 3,
            "norm_type": "LayerNorm", "nonlinearity_str": "two_sided_leaky_silu"}"#,
        ),
        (
            "tcn, batch norm",
            r#"{"num_layers_per_block_list": [1],
            "num_features_per_block_list": [6], "temporal_kernel_size_per_block_list": [5],
            "temporal_dilation_per_block_list": [1], "norm_type": "BatchNorm"}"#,
        ),
        (
            "resnet_tcn",
            r#"{"num_miniblocks_per_block_list": [2],
            "num_features_per_block_list": [6], "temporal_kernel_size_per_block_list": [4],
            "temporal_dilation_per_block_list": [1], "first_layer_temporal_kernel_size": 5}"#,
        ),
        ("elm", r#"{"memory_dim": 6}"#),
        (
            "elm, deep",
            r#"{"memory_dim": 5, "mlp_num_hidden_layers": 2, "mlp_hidden_dim": 7,
            "mlp_pre_norm_type": "LayerNorm"}"#,
        ),
        (
            "elm, shallow",
            r#"{"memory_dim": 5, "mlp_num_hidden_layers": 0,
            "mlp_pre_norm_type": "none"}"#,
        ),
        ("elm, batch norm", r#"{"memory_dim": 4, "mlp_pre_norm_type": "BatchNorm"}"#),
        (
            "transformer",
            r#"{"d_model": 12, "n_heads": 2, "num_layers": 2, "window_size": 5,
            "ffn_hidden_dim": 16, "first_layer_temporal_kernel_size": 2}"#,
        ),
        (
            "transformer, gelu",
            r#"{"d_model": 8, "n_heads": 2, "num_layers": 1,
            "window_size": 200, "ffn_type": "gelu", "ffn_hidden_dim": null,
            "norm_type": "layer_norm", "SWA_type": "full"}"#,
        ),
    ];
    let read = |(name, text)| {
        let config = TwinConfig::from_json(text, None).unwrap();
        (name, config.with_segments(SEGMENTS))
    };
    texts.into_iter().map(read).collect()
}

/// Sparse inputs, `[batch, 2, segments, time]`: the same for every `changed` before that ms, and others from it on.
fn input<B: Backend>(batch: usize, time: usize, changed: usize) -> Tensor<B, 4> {
    let value = |i: usize| {
        let (t, rest) = (i % time, i / time);
        let salt = if t >= changed { 977 } else { 0 };
        let hash = ((rest * 7919 + t * 104_729 + salt) as u32).wrapping_mul(2_654_435_761) >> 8;
        if hash.is_multiple_of(5) { (hash % 1000) as f32 / 1000.0 } else { 0.0 }
    };
    let dims = [batch, 2, SEGMENTS, time];
    let values: Vec<f32> = (0..dims.iter().product()).map(value).collect();
    Tensor::from_data(TensorData::new(values, dims), &Default::default())
}

fn host<B: Backend>(outputs: &Outputs<B>) -> (Vec<f32>, [usize; 3]) {
    (outputs.all.to_data().into_vec().unwrap(), outputs.all.dims())
}

/// A twin with the weights of seed 11.
fn twin<B: TwinBackend>(config: &TwinConfig) -> Twin<B> {
    config.init(11, &Default::default())
}

/// A convolution through spectra computes 64 ms or more at a time, so rounding carries a change to the ms before it:
/// 1e-7 of the change per layer.
const ROUNDING: f32 = 2e-6;

#[test]
fn nothing_before_a_change_moves() {
    for (name, config) in configs() {
        let twin = twin::<Flex>(&config);
        let (time, changed) = (60, 37);
        let (a, [batch, channels, _]) = host(&twin.forward(input(2, time, time)));
        let (b, _) = host(&twin.forward(input(2, time, changed)));
        let mut after = 0;
        for row in 0..batch * channels {
            for t in 0..time {
                let (a, b) = (a[row * time + t], b[row * time + t]);
                if t < changed {
                    assert!((a - b).abs() < ROUNDING, "{name}: row {row} moved at {t}: {a} {b}");
                }
                after += usize::from((a - b).abs() > ROUNDING);
            }
        }
        assert!(after > 0, "{name}: the change did nothing");
    }
}

#[test]
fn any_duration_gives_the_beginning_of_a_longer_one() {
    for (name, config) in configs() {
        let twin = twin::<Flex>(&config);
        let long = input::<Flex>(2, 50, 50);
        let (all, [_, channels, _]) = host(&twin.forward(long.clone()));
        for time in [1, 2, 3, 7, 16, 33, 49] {
            let (some, dims) = host(&twin.forward(long.clone().narrow(3, 0, time)));
            assert_eq!(dims, [2, channels, time]);
            for row in 0..2 * channels {
                for t in 0..time {
                    let (a, b) = (some[row * time + t], all[row * 50 + t]);
                    // sums in another order for another duration: a few ulp
                    assert!((a - b).abs() < 1e-5, "{name}: {time} ms, row {row}, {t}: {a} {b}");
                }
            }
        }
    }
}

#[test]
fn a_simulation_does_not_feel_its_neighbours() {
    for (name, config) in configs() {
        let twin = twin::<Flex>(&config);
        let both = input::<Flex>(2, 40, 40);
        let (all, [_, channels, time]) = host(&twin.forward(both.clone()));
        for item in 0..2 {
            let (one, _) = host(&twin.forward(both.clone().narrow(0, item, 1)));
            let part = &all[item * channels * time..(item + 1) * channels * time];
            for (a, b) in one.iter().zip(part) {
                assert!((a - b).abs() < 1e-5, "{name}: {a} {b}");
            }
        }
    }
}

/// The names of parameters, and the sums of their gradients' absolute values; `None` where there is no gradient.
struct Sizes<'a, B: AutodiffBackend> {
    grads: &'a B::Gradients,
    path: Vec<String>,
    found: Vec<(String, Option<f64>)>,
}

impl<B: AutodiffBackend> ModuleVisitor<B> for Sizes<'_, B> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
        let grad = param.val().grad(self.grads);
        let size = grad.map(|g| {
            let values = g.into_data().into_vec::<f32>().unwrap();
            values.iter().map(|v| f64::from(v.abs())).sum()
        });
        self.found.push((self.path.join("."), size));
    }
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }
    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }
}

fn targets(batch: usize, time: usize) -> Outputs<Train> {
    let dims = [batch, 4 + SEGMENTS, time];
    let value = |i: usize| f32::from(u8::from((i * 2_654_435_761) % 97 < 30));
    let values: Vec<f32> = (0..dims.iter().product()).map(value).collect();
    Outputs { all: Tensor::from_data(TensorData::new(values, dims), &Default::default()) }
}

#[test]
fn a_gradient_reaches_every_parameter() {
    for (name, config) in configs() {
        let twin = twin::<Train>(&config);
        let outputs = twin.forward(input(3, 64, 64));
        let grads = total(losses(&outputs, &targets(3, 64)), &INITIAL_WEIGHTS).backward();
        let mut sizes = Sizes { grads: &grads, path: vec![], found: vec![] };
        twin.visit(&mut sizes);
        for (path, size) in sizes.found {
            // running statistics and τ_s are not trained
            if path.contains("running_") || path.ends_with("tau_s") {
                assert_eq!(size, None, "{name}: {path}");
            } else {
                assert!(size.is_some_and(|s| s > 0.0 && s.is_finite()), "{name}: {path} {size:?}");
            }
        }
    }
}

#[test]
fn the_elms_recurrence_equals_the_loop() {
    pollster::block_on(crate::recurrence::the_operation_equals_the_loop::<Train>());
}

fn checkpoint(config: &TwinConfig, twin: &Twin<Flex>) -> Checkpoint {
    let header = Header::new(config.clone(), Scaling::default(), twin.count_params());
    Checkpoint::new(header, pollster::block_on(export(twin, config)).unwrap())
}

#[test]
fn what_is_saved_is_loaded() {
    for (name, config) in configs() {
        let before = twin::<Flex>(&config);
        let bytes = checkpoint(&config, &before).to_bytes().unwrap();
        let read = Checkpoint::from_bytes(&bytes).unwrap();
        assert_eq!(read.header.config, config, "{name}");
        let other = read.header.config.init::<Flex>(99, &Default::default());
        let after = import(other, &config, &read.state).unwrap();
        let x = input::<Flex>(2, 30, 30);
        assert_eq!(host(&before.forward(x.clone())), host(&after.forward(x)), "{name}");
    }
}

#[test]
fn a_damaged_checkpoint_is_an_error() {
    let (_, config) = configs().remove(0);
    let good = checkpoint(&config, &twin(&config)).to_bytes().unwrap();
    for cut in [0, 1, 7, 8, 20, 300, good.len() / 2, good.len() - 1] {
        assert!(Checkpoint::from_bytes(&good[..cut]).is_err(), "cut at {cut}");
    }
    // A checkpoint has no checksum: flipped bits are an error or other weights, never a panic.
    let whole = Checkpoint::from_bytes(&good).unwrap();
    let (mut refused, mut others) = (0, 0);
    for i in (0..good.len()).step_by(13) {
        let mut bad = good.clone();
        bad[i] ^= 0x55;
        let Ok(read) = Checkpoint::from_bytes(&bad) else {
            refused += 1;
            continue;
        };
        others += usize::from(read.state != whole.state);
        let fresh = config.init::<Flex>(0, &Default::default());
        refused += usize::from(import(fresh, &config, &read.state).is_err());
    }
    assert!(refused > 0 && others > 0, "{refused} refused, {others} read as others");
    let mut lacking = Checkpoint::from_bytes(&good).unwrap();
    let name = lacking.state.keys().next().unwrap().clone();
    lacking.state.remove(&name);
    let fresh = config.init::<Flex>(0, &Default::default());
    assert!(import(fresh, &config, &lacking.state).unwrap_err().to_string().contains(&name));
}

#[test]
fn a_damaged_pt_is_an_error() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity/elm.pt");
    let good = std::fs::read(path).unwrap();
    let whole = read_pt(std::io::Cursor::new(&good)).unwrap();
    let (mut tried, mut refused) = (0, 0);
    for cut in [0, 1, 100, good.len() / 2, good.len() - 1] {
        assert!(read_pt(std::io::Cursor::new(&good[..cut])).is_err(), "cut at {cut}");
    }
    for i in (0..good.len()).step_by(11) {
        let mut bad = good.clone();
        bad[i] ^= 0xa5;
        tried += 1;
        match read_pt(std::io::Cursor::new(&bad)) {
            Err(_) => refused += 1,
            // damage to the padding and to the archive's unread members changes no number
            Ok(read) => assert!(read.state == whole.state, "byte {i}: other numbers, no error"),
        }
    }
    assert!(2 * refused > tried, "{refused} of {tried} damaged files were refused");
    // every byte of every number counts
    for (name, tensor) in &whole.state {
        let bytes: Vec<u8> = tensor.values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let mut places = good.windows(bytes.len()).enumerate().filter(|(_, w)| *w == bytes);
        let (start, _) = places.next().unwrap_or_else(|| panic!("{name} is not in the file"));
        for i in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut bad = good.clone();
            bad[start + i] ^= 1;
            let error = read_pt(std::io::Cursor::new(&bad)).err();
            assert!(error.is_some(), "{name}: byte {i} of its values is damaged without an error");
        }
    }
}

/// Simulations that can be learnt: targets that follow the summed input.
fn samples(count: usize, time: usize) -> Vec<Sample> {
    let sample = |n: usize| {
        let x = input::<Flex>(1, time, time).into_data().into_vec::<f32>().unwrap();
        let shift = n * 17 % time;
        let at =
            |s: usize, t: usize, k: usize| x[(k * SEGMENTS + s) * time + (t + shift) % time] * 10.0;
        let drive = |t: usize| (0..SEGMENTS).map(|s| at(s, t, 0) - at(s, t, 1)).sum::<f32>();
        Sample {
            inputs: Array3::from_shape_fn((SEGMENTS, time, 2), |(s, t, k)| {
                f16::from_f32(at(s, t, k))
            }),
            targets: Targets {
                spikes: Array1::from_shape_fn(time, |t| drive(t) > 8.0),
                soma_v: Array1::from_shape_fn(time, |t| -75.0 + drive(t).clamp(-8.0, 8.0)),
                near_spike: Array1::from_shape_fn(time, |t| drive(t) > 4.0),
                inst_rate: Array1::from_shape_fn(time, |t| drive(t).clamp(0.0, 10.0) / 100.0),
                dend_v: Array2::from_shape_fn((SEGMENTS, time), |(s, t)| {
                    f16::from_f32(-75.0 + at(s, t, 0))
                }),
            },
        }
    };
    (0..count).map(sample).collect()
}

struct Memory {
    train: Vec<Sample>,
    valid: Vec<Sample>,
}

fn load(samples: &[Sample], windows: &[Window]) -> Result<Batch, SourceError> {
    let parts: Vec<_> = windows.iter().map(|&w| (w, &samples[w.index])).collect();
    Batch::new(&parts, &Scaling::default(), SEGMENTS)
}

impl Loader for Memory {
    async fn train(&mut self, planned: &PlannedBatch) -> Result<Batch, SourceError> {
        load(&self.train, &planned.windows)
    }
    async fn valid(&mut self, windows: &[Window]) -> Result<Batch, SourceError> {
        load(&self.valid, windows)
    }
}

fn recipe() -> Recipe {
    Recipe {
        num_epochs: 4,
        train_batch_size: 3,
        train_time_window_size: 70,
        valid_time_window_size: 90,
        learning_rate: 3e-3,
        seed: 5,
        ..Recipe::default()
    }
}

/// Trains until `stop` steps are taken, and gives the losses on the way.
fn run(trainer: &mut Trainer<Train>, stop: u64) -> (Outcome, Vec<[f32; 5]>) {
    let mut memory = Memory { train: samples(8, 120), valid: samples(2, 120) };
    let mut curve = Vec::new();
    let outcome = pollster::block_on(trainer.run(&mut memory, [8, 2], async |_, event| {
        if let Event::Step(report) = event {
            curve.push(report.losses);
            if report.step == stop {
                return Control::Stop;
            }
        }
        Control::Continue
    }));
    (outcome.unwrap(), curve)
}

#[test]
fn a_resumed_training_is_the_same_bit_for_bit() {
    let mut all = configs();
    let dropping = r#"{"d_model": 8, "n_heads": 2, "num_layers": 1, "window_size": 5,
        "dropout_rate": 0.3}"#;
    let dropping = TwinConfig::from_json(dropping, None).unwrap().with_segments(SEGMENTS);
    all.push(("transformer, dropout", dropping));
    for (name, config) in all {
        let device = Default::default();
        let scaling = Scaling::default();
        let mut whole = Trainer::<Train>::new(&config, recipe(), scaling, &device);
        let (outcome, curve) = run(&mut whole, u64::MAX);
        assert_eq!((outcome, curve.len()), (Outcome::Finished, 12), "{name}");

        let mut first = Trainer::<Train>::new(&config, recipe(), scaling, &device);
        let (outcome, head) = run(&mut first, 5);
        assert_eq!((outcome, head.len()), (Outcome::Stopped, 5), "{name}");
        let mut saved = checkpoint(&config, &first.twin.valid());
        saved.header.progress = Some(first.progress);
        saved.moments = first
            .optimizer
            .moments
            .as_ref()
            .map(|pair| pair.clone().map(|m| m.into_data().into_vec().unwrap()));
        let saved = Checkpoint::from_bytes(&saved.to_bytes().unwrap()).unwrap();
        let fresh = config.init::<Train>(1234, &device);
        let twin = import(fresh, &config, &saved.state).unwrap();
        let moments = saved
            .moments
            .clone()
            .map(|pair| pair.map(|m| Tensor::from_data(TensorData::from(m.as_slice()), &device)));
        let progress: Progress = saved.header.progress.unwrap();
        let mut second =
            Trainer::resume(twin, moments, progress, recipe(), scaling, SEGMENTS, &device);
        let (_, tail) = run(&mut second, u64::MAX);
        assert_eq!([head, tail].concat(), curve, "{name}");
        let end =
            |t: &Trainer<Train>| pollster::block_on(export(&t.twin.valid(), &config)).unwrap();
        assert_eq!(end(&whole), end(&second), "{name}");
    }
}

#[test]
fn a_diverging_training_keeps_the_last_sound_weights() {
    let (_, config) = configs().remove(0);
    let mut trainer =
        Trainer::<Train>::new(&config, recipe(), Scaling::default(), &Default::default());
    let plan = trainer.plan(8).epoch(0);
    let mut batch = load(&samples(8, 120), &plan[0].windows).unwrap();
    pollster::block_on(trainer.step(batch.clone())).unwrap();
    let before = pollster::block_on(export(&trainer.twin.valid(), &config)).unwrap();
    batch.x[3] = f32::NAN;
    let error = pollster::block_on(trainer.step(batch)).unwrap_err().to_string();
    assert!(error.contains("diverged at step 2") && error.contains("learning_rate"), "{error}");
    let after = pollster::block_on(export(&trainer.twin.valid(), &config)).unwrap();
    assert_eq!(before, after);
    assert_eq!(trainer.progress.step, 1);
}
