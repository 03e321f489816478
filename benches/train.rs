//! Whole training steps of every architecture at its published batch and window, on a graphics device: time to the
//! first step, steps a second, and the processor's time to submit one.
//!
//! ```text
//! cargo bench --bench train --features cuda -- cuda
//! cargo bench --bench train --features wgpu -- wgpu C elm
//! ```
//!
//! Names behind the device choose from A to E, resnet_tcn, transformer and elm. `JSON` in the environment prints each
//! twin's job for `tests/torch/bench_train.py` instead, which measures PyTorch.

use std::time::Instant;

use ballstick::twin::backend::TrainBackend;
use ballstick::twin::batch::Batch;
use ballstick::twin::config::{TwinConfig, TwinKind};
use ballstick::twin::gradient::AtOnce;
use ballstick::twin::scaling::Scaling;
use ballstick::twin::schedule::Recipe;
use ballstick::twin::tcn::TcnConfig;
use ballstick::twin::train::Trainer;

/// Segments of the data sets' neuron.
const SEGMENTS: usize = 8;

/// Steps between two readings, as in a training.
const BETWEEN: usize = 20;

/// Seconds of measuring.
const SECONDS: f64 = 2.0;

fn twin(name: &str) -> TwinConfig {
    let letter = name.chars().next().expect("a name");
    match name.len() {
        1 => TwinConfig::Tcn(TcnConfig::assignment(letter, SEGMENTS).expect("A to E")),
        _ => {
            let kind: TwinKind = name.parse().expect("an architecture");
            TwinConfig::from_json("{}", Some(kind)).expect("defaults").with_segments(SEGMENTS)
        }
    }
}

/// A batch of numbers that look random; speed does not depend on the values.
fn made_up(size: usize, duration: usize) -> Batch {
    let noise = |n: usize, salt: u32| -> Vec<f32> {
        let hash = |i: usize| (i as u32 ^ salt).wrapping_mul(2_654_435_761) >> 8;
        (0..n).map(|i| hash(i) as f32 / (1 << 24) as f32).collect()
    };
    let mut y = noise(size * (4 + SEGMENTS) * duration, 2);
    for (i, value) in y.iter_mut().enumerate() {
        if matches!(i / duration % (4 + SEGMENTS), 0 | 2) {
            *value = f32::from(*value < 0.05);
        }
    }
    let x = noise(size * 2 * SEGMENTS * duration, 1);
    Batch { x, y, size, segments: SEGMENTS, duration, partner: None }
}

async fn measure<B: TrainBackend>(name: &str) {
    let config = twin(name);
    let recipe = Recipe::of(config.kind());
    let batch = made_up(recipe.train_batch_size, recipe.train_time_window_size);
    let start = Instant::now();
    let device = B::Device::default();
    let mut trainer = Trainer::<B>::new(&config, recipe, Scaling::default(), &device);
    trainer.step(batch.clone()).await.expect("a step");
    let first = start.elapsed().as_secs_f64();
    for seconds in [SECONDS / 4.0, SECONDS] {
        let (mut steps, mut submitting, mut waiting) = (0, 0.0, 0.0);
        while submitting + waiting < seconds {
            // a training's batches are made beside it
            let batches = vec![batch.clone(); BETWEEN];
            let start = Instant::now();
            for batch in batches {
                trainer.submit(&mut AtOnce, batch).await.expect("a step");
            }
            submitting += start.elapsed().as_secs_f64();
            let start = Instant::now();
            trainer.read().await.expect("numbers");
            waiting += start.elapsed().as_secs_f64();
            steps += BETWEEN;
        }
        if seconds == SECONDS {
            let rate = steps as f64 / (submitting + waiting);
            let each = 1e3 * submitting / steps as f64;
            println!(
                "{name:12} {rate:9.1} steps/s   first {first:6.2} s   submitting {each:6.2} ms"
            );
        }
    }
}

fn main() {
    // cargo adds its own
    let all: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let Some((device, names)) = all.split_first() else {
        println!("name a device: cuda or wgpu");
        return;
    };
    let known = ["A", "B", "C", "D", "E", "resnet_tcn", "transformer", "elm"];
    for name in known.iter().filter(|name| names.is_empty() || names.iter().any(|n| n == *name)) {
        if std::env::var_os("JSON").is_some() {
            let config = twin(name);
            let recipe = Recipe::of(config.kind());
            let [batch, window] = [recipe.train_batch_size, recipe.train_time_window_size];
            let config = serde_json::to_value(&config).expect("a configuration");
            println!(
                "{}",
                serde_json::json!({
                    "name": name, "config": config, "batch": batch, "window": window,
                    "seconds": SECONDS, "device": device,
                })
            );
            continue;
        }
        pollster::block_on(async {
            match device.as_str() {
                #[cfg(feature = "cuda")]
                "cuda" => {
                    measure::<burn::backend::Autodiff<burn::backend::Cuda>>(name).await;
                }
                #[cfg(feature = "wgpu")]
                "wgpu" => {
                    measure::<burn::backend::Autodiff<burn::backend::Wgpu>>(name).await;
                }
                other => println!("this build has no device {other}"),
            }
        });
    }
}
