//! `ballstick bench sim`.

use ballstick::text::count;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use ballstick::data::Split;
use ballstick::data::generate::random_inputs;
use ballstick::data::many::simulate_many;
use ballstick::sim::{BatchSimulator, Inputs, Method, NeuronParams};
use ballstick::simd::Isa;
use clap::Args;

use crate::files::{self, usage};
use crate::say;

/// Arguments of `ballstick bench sim`.
#[derive(Args)]
pub struct SimArgs {
    /// The neuron
    #[arg(long, value_name = "NAME", default_value = "nmda-cable")]
    preset: String,
    /// The neuron's JSON, in place of a preset
    #[arg(long, value_name = "N.json", conflicts_with = "preset")]
    neuron: Option<PathBuf>,
    /// Milliseconds a simulation
    #[arg(long, value_name = "MS", default_value_t = 8192, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    duration: u32,
    /// Print one JSON object: exact_s, fast_f64_s, fast_f32_s, the latter two by instruction set, and what was measured
    #[arg(long)]
    json: bool,
}

/// Number of measurements of each method; the fastest counts, since other work of the machine only makes it slower.
const REPEATS: usize = 5;

/// Runs the command.
///
/// # Errors
/// A usage error for an unknown preset or a JSON that is no neuron's.
pub fn run(args: SimArgs) -> Result<()> {
    let (name, params) = match &args.neuron {
        Some(path) => {
            let params = NeuronParams::from_json(&files::read_text(path)?);
            (path.display().to_string(), params.map_err(|e| usage(path.display(), e))?)
        }
        None => {
            let params = NeuronParams::preset(&args.preset).map_err(|e| usage("--preset", e))?;
            (args.preset.clone(), params)
        }
    };
    let mut measured = vec![("exact".to_owned(), "exact_s".to_owned(), Method::Exact, None, 1)];
    for (method, key, simulations) in
        [(Method::Fast, "fast_f64", 16), (Method::FastF32, "fast_f32", 32)]
    {
        measured.push((method.to_string(), format!("{key}_s"), method, None, simulations));
        for isa in Isa::available() {
            let key = format!("{key}_{}_s", isa.name().replace([' ', '-'], "").to_lowercase());
            measured.push((
                format!("{method}, {}", isa.name()),
                key,
                method,
                Some(isa),
                simulations,
            ));
        }
    }
    let mut seconds = Vec::new();
    for (name, key, method, isa, simulations) in measured {
        let mut simulator = BatchSimulator::new(&params, method)?;
        if let Some(isa) = isa {
            simulator = simulator.on(isa);
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
        seconds.push((name, key, best));
    }
    if args.json {
        let mut report = serde_json::json!({
            "neuron": name,
            "num_segments": params.num_rows(),
            "duration_ms": args.duration,
            "version": env!("CARGO_PKG_VERSION"),
        });
        for (_, key, s) in seconds {
            report[key] = s.into();
        }
        return say::result(&format!("{report}\n"));
    }
    let mut text = format!(
        "{name} of {}, {} ms a simulation, with its targets; CPU time of one core, best of {REPEATS}\n",
        count(params.num_rows(), "segment"),
        args.duration
    );
    let exact = seconds.first().map_or(f64::NAN, |(_, _, s)| *s);
    for (name, _, s) in &seconds {
        text +=
            &format!("{name:23} {:8.2} ms  {:6.1} times as fast as exact\n", s * 1e3, exact / s);
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
