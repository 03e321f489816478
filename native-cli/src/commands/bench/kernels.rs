//! `ballstick bench kernels`: the rate of every kernel of a training step on every instruction set.

use std::time::Instant;

use anyhow::Result;
use ballstick::simd::Isa;
use ballstick::twin::cpu::cases::{Case, Work, cases};
use burn::backend::Flex;
use burn::tensor::{Distribution, Tensor};
use clap::Args;

use crate::commands::at_least_one;
use crate::files::usage;
use crate::say;

/// Arguments of `ballstick bench kernels`.
#[derive(Args)]
pub struct KernelsArgs {
    /// Simulations in a step
    #[arg(long, default_value_t = 8, value_parser = at_least_one)]
    batch: usize,
    /// Window, ms
    #[arg(long, default_value_t = 1024, value_parser = at_least_one)]
    window: usize,
    /// Seconds for each kernel on each instruction set; the fastest call counts
    #[arg(long, default_value_t = 0.2)]
    seconds: f64,
    /// Only kernels with this in their name
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Print one JSON object: rates in GFLOP/s or GB/s by kernel and instruction set
    #[arg(long)]
    json: bool,
}

/// Rows and columns of the matrix product that is measured for comparison.
const MATRIX: usize = 1024;

/// Runs the command.
///
/// # Errors
/// A usage error for an impossible size.
pub fn run(args: KernelsArgs) -> Result<()> {
    if !args.seconds.is_finite() || args.seconds <= 0.0 {
        return Err(usage("--seconds", "must be a number above 0"));
    }
    let isas = Isa::available();
    let device = Default::default();
    let random = || Tensor::<Flex, 2>::random([MATRIX, MATRIX], Distribution::Default, &device);
    let (a, b) = (random(), random());
    let product = fastest(args.seconds, || drop(a.clone().matmul(b.clone()).into_data()));
    let product = 2.0 * (MATRIX as f64).powi(3) / product * 1e-9;
    let mut rows = Vec::new();
    for case in cases(args.batch, args.window) {
        if case.name.contains(&args.only) {
            let rates: Vec<f64> = isas.iter().map(|&isa| rate(&case, isa, args.seconds)).collect();
            rows.push((case, rates));
        }
    }
    if args.json {
        let kernels: serde_json::Map<_, _> = rows
            .iter()
            .map(|(case, rates)| {
                let by_isa: serde_json::Map<_, _> = isas
                    .iter()
                    .zip(rates)
                    .map(|(isa, r)| (isa.name().to_owned(), (*r).into()))
                    .collect();
                (case.name.clone(), by_isa.into())
            })
            .collect();
        let report = serde_json::json!({"matrix_product": product, "kernels": kernels});
        return say::result(&format!("{report}\n"));
    }
    let mut text = format!(
        "batch {}, {} ms, all threads; matrix product {product:.0} GFLOP/s\n",
        args.batch, args.window
    );
    let header: String = isas.iter().map(|isa| format!("{:>10}", isa.name())).collect();
    text += &format!("{:34}{header}\n", "");
    for (case, rates) in &rows {
        let unit = match case.work {
            Work::Flop(_) => "GFLOP/s",
            Work::Bytes(_) => "GB/s",
        };
        let cells: String = rates.iter().map(|rate| format!("{rate:10.1}")).collect();
        text += &format!("{:34}{cells}  {unit}\n", case.name);
    }
    say::result(&text)
}

/// The rate of a kernel, GFLOP/s or GB/s.
fn rate(case: &Case, isa: Isa, seconds: f64) -> f64 {
    let (Work::Flop(work) | Work::Bytes(work)) = case.work;
    work / fastest(seconds, || case.run(isa)) * 1e-9
}

/// Time of the fastest call, s; other work of the machine only makes calls slower.
fn fastest(seconds: f64, mut call: impl FnMut()) -> f64 {
    call();
    let (start, mut best) = (Instant::now(), f64::INFINITY);
    while start.elapsed().as_secs_f64() < seconds {
        let now = Instant::now();
        call();
        best = best.min(now.elapsed().as_secs_f64());
    }
    best
}
