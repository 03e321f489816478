//! `ballstick bench sim`.

use ballstick::text::count;
use std::fs;
use std::time::Instant;

use anyhow::Result;
use ballstick::data::Split;
use ballstick::data::generate::random_inputs;
use ballstick::data::many::simulate_many;
use ballstick::sim::{BatchSimulator, Inputs, Method, NeuronParams};
use clap::Args;

use crate::files::usage;
use crate::say;

/// Arguments of `ballstick bench sim`.
#[derive(Args)]
pub struct SimArgs {
    /// The neuron
    #[arg(long, value_name = "NAME", default_value = "nmda-cable")]
    preset: String,
    /// Milliseconds a simulation
    #[arg(long, value_name = "MS", default_value_t = 8192, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    duration: u32,
    /// Print one JSON object: exact_s, fast_f64_s, fast_f32_s and what they were measured on
    #[arg(long)]
    json: bool,
}

/// Number of measurements of each method; the fastest counts, since other work of the machine only makes it slower.
const REPEATS: usize = 5;

/// Runs the command.
///
/// # Errors
/// A usage error for an unknown preset.
pub fn run(args: SimArgs) -> Result<()> {
    let params = NeuronParams::preset(&args.preset).map_err(|e| usage("--preset", e))?;
    let mut seconds = Vec::new();
    for (name, method, simulations) in [
        ("exact", Method::Exact, 1),
        ("fast", Method::Fast, 16),
        ("fast-f32", Method::FastF32, 32),
        ("fast, any processor", Method::Fast, 16),
        ("fast-f32, any processor", Method::FastF32, 32),
    ] {
        let mut simulator = BatchSimulator::new(&params, method)?;
        if name.ends_with("any processor") {
            simulator = simulator.on_any_processor();
        }
        let inputs: Vec<Inputs> = (0..simulations)
            .map(|i| random_inputs(0, Split::Train, i, params.num_rows(), args.duration as usize))
            .collect();
        let mut best = f64::INFINITY;
        for _ in 0..REPEATS {
            let start = CpuClock::start();
            simulate_many(&simulator, &inputs)?;
            best = best.min(start.seconds() / simulations as f64);
        }
        seconds.push((name, best));
    }
    let [exact, double, single, double_any, single_any] = seconds[..] else { return Ok(()) };
    if args.json {
        let report = serde_json::json!({
            "exact_s": exact.1,
            "fast_f64_s": double.1,
            "fast_f32_s": single.1,
            "fast_f64_any_processor_s": double_any.1,
            "fast_f32_any_processor_s": single_any.1,
            "preset": args.preset,
            "num_segments": params.num_rows(),
            "duration_ms": args.duration,
            "version": env!("CARGO_PKG_VERSION"),
        });
        return say::result(&format!("{report}\n"));
    }
    let mut text = format!(
        "{} of {}, {} ms a simulation, with its targets; CPU time of one core, best of {REPEATS}\n",
        args.preset,
        count(params.num_rows(), "segment"),
        args.duration
    );
    for (name, s) in &seconds {
        text +=
            &format!("{name:23} {:8.2} ms  {:6.1} times as fast as exact\n", s * 1e3, exact.1 / s);
    }
    say::result(&text)
}

/// A clock of this thread's CPU time, where the system tells it; otherwise of the time passed.
struct CpuClock {
    wall: Instant,
    cpu_ns: Option<u64>,
}

impl CpuClock {
    fn start() -> Self {
        Self { wall: Instant::now(), cpu_ns: Self::cpu_ns() }
    }

    fn cpu_ns() -> Option<u64> {
        let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        text.split_whitespace().next()?.parse().ok()
    }

    fn seconds(&self) -> f64 {
        match (self.cpu_ns, Self::cpu_ns()) {
            (Some(from), Some(to)) => to.saturating_sub(from) as f64 * 1e-9,
            _ => self.wall.elapsed().as_secs_f64(),
        }
    }
}
