//! `ballstick bench train`: whole training steps, with the five losses, clipping and AdamW.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use ballstick::twin::backend::TrainBackend;
use ballstick::twin::batch::Batch;
use ballstick::twin::config::{TwinConfig, TwinKind};
use ballstick::twin::scaling::Scaling;
use ballstick::twin::schedule::Recipe;
use ballstick::twin::train::Trainer;
use burn::module::AutodiffModule;
use clap::Args;

use crate::commands::at_least_one;
use crate::commands::train::architecture;
use crate::files::usage;
use crate::say;
use crate::signals;
use crate::twins::device::{self, Device, Job};

/// Whole training steps, also against PyTorch.
#[derive(Args)]
pub struct BenchTrainArgs {
    /// The architecture: tcn, resnet_tcn, elm or transformer
    #[arg(long, value_name = "KIND", value_parser = |s: &str| s.parse::<TwinKind>())]
    twin: Option<TwinKind>,
    /// A to E of the class assignment, or a JSON with the original's keys; may be given again
    #[arg(long, value_name = "A-E|FILE")]
    config: Vec<String>,
    /// Simulations in a step
    #[arg(long, default_value_t = 8, value_parser = at_least_one)]
    batch: usize,
    /// Window, ms
    #[arg(long, default_value_t = 1024, value_parser = at_least_one)]
    window: usize,
    /// Seconds to measure, after the first steps
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Where to compute
    #[arg(long, value_enum, default_value_t = Device::Cpu)]
    device: Device,
    /// A python3 with PyTorch, to measure it in the same run
    #[arg(long, value_name = "PYTHON")]
    pytorch: Option<PathBuf>,
    /// Let PyTorch compile its model
    #[arg(long, requires = "pytorch")]
    compile: bool,
}

/// The script that measures PyTorch.
const SCRIPT: &str = include_str!("../../../../tests/torch/bench_train.py");

/// Runs the command.
///
/// # Errors
/// A usage error for an impossible size; otherwise the failure.
pub fn run(args: BenchTrainArgs) -> Result<()> {
    if !args.seconds.is_finite() || args.seconds <= 0.0 {
        return Err(usage("--seconds", "must be a number above 0"));
    }
    let names: Vec<Option<&str>> = match args.config.as_slice() {
        [] => vec![None],
        some => some.iter().map(|s| Some(s.as_str())).collect(),
    };
    for name in names {
        let config = architecture(args.twin, name, 8)?;
        let label = config
            .short_name(config.init::<burn::backend::Flex>(0, &Default::default()).count_params());
        let job = Steps {
            config: config.clone(),
            batch: args.batch,
            window: args.window,
            seconds: args.seconds,
        };
        let measured = device::on(args.device, job)?;
        let sizes = format!("batch {}, {} ms", args.batch, args.window);
        let mut line = format!(
            "{label}, {sizes}: {:.2} steps/s, first step {:.2} s; predicts {SIMULATION_MS} ms in {:.1} ms",
            measured.steps_per_second, measured.first_step, measured.prediction_ms
        );
        if let Some(python) = &args.pytorch {
            let theirs = pytorch(python, &config, &args)?;
            line += &format!(
                "; PyTorch {}: {theirs:.2} steps/s; ratio {:.2}",
                if args.compile { "compiled" } else { "eager" },
                measured.steps_per_second / theirs
            );
        }
        say::result(&(line + "\n"))?;
    }
    Ok(())
}

/// Duration of the simulation that is predicted, ms.
const SIMULATION_MS: usize = 8192;

struct Measured {
    steps_per_second: f64,
    first_step: f64,
    /// Median time of a prediction of one simulation, ms.
    prediction_ms: f64,
}

struct Steps {
    config: TwinConfig,
    batch: usize,
    window: usize,
    seconds: f64,
}

impl Job for Steps {
    type Output = Result<Measured>;

    async fn run<B: TrainBackend>(self, device: &B::Device) -> Self::Output {
        let segments = self.config.ports().in_spatial_dim;
        let batch = made_up(self.batch, segments, self.window);
        let recipe = Recipe::of(self.config.kind());
        let start = Instant::now();
        let mut trainer = Trainer::<B>::new(&self.config, recipe, Scaling::default(), device);
        trainer.step(batch.clone()).await?;
        let first_step = start.elapsed().as_secs_f64();
        trainer.step(batch.clone()).await?;
        let (start, mut steps) = (Instant::now(), 0);
        while start.elapsed().as_secs_f64() < self.seconds {
            trainer.step(batch.clone()).await?;
            steps += 1;
        }
        let steps_per_second = f64::from(steps) / start.elapsed().as_secs_f64();
        let (x, _) = made_up(1, segments, SIMULATION_MS).upload::<B::InnerBackend>(device);
        let twin = trainer.twin.valid();
        let (start, mut times) = (Instant::now(), Vec::new());
        while times.len() < 5 || start.elapsed().as_secs_f64() < self.seconds / 2.0 {
            let start = Instant::now();
            let outputs = twin.forward(x.clone()).all.into_data();
            drop(outputs);
            times.push(1e3 * start.elapsed().as_secs_f64());
        }
        times.sort_by(f64::total_cmp);
        let prediction_ms = times[times.len() / 2];
        Ok(Measured { steps_per_second, first_step, prediction_ms })
    }
}

/// A batch of random numbers in plausible ranges; speed does not depend on the values.
fn made_up(size: usize, segments: usize, duration: usize) -> Batch {
    let noise = |n: usize, salt: u32| -> Vec<f32> {
        let mut state = salt;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32
        };
        (0..n).map(|_| next()).collect()
    };
    let mut y = noise(size * (4 + segments) * duration, 2);
    for (i, value) in y.iter_mut().enumerate() {
        let channel = i / duration % (4 + segments);
        if channel == 0 || channel == 2 {
            *value = f32::from(*value < 0.05);
        }
    }
    Batch {
        x: noise(size * 2 * segments * duration, 1),
        y,
        size,
        segments,
        duration,
        partner: None,
    }
}

fn pytorch(python: &PathBuf, config: &TwinConfig, args: &BenchTrainArgs) -> Result<f64> {
    let job = serde_json::json!({
        "config": config,
        "batch": args.batch,
        "window": args.window,
        "seconds": args.seconds,
        "device": if args.device == Device::Cpu { "cpu" } else { "cuda" },
        "compile": args.compile,
    });
    // a measurement writes no files, so that a signal may end this thread and the process immediately
    signals::unblock();
    let mut child = Command::new(python)
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| usage(python.display(), e))?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(job.to_string().as_bytes())?;
    }
    let output = child.wait_with_output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err(anyhow!("PyTorch failed; does {} have torch?", python.display()));
    }
    text.trim().parse().with_context(|| format!("PyTorch's side printed {text:?}"))
}
