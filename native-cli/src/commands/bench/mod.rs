//! `ballstick bench`.

pub mod kernels;
pub mod sim;
pub mod train;

use anyhow::Result;
use clap::{Args, Subcommand};

/// Measure how fast this machine is.
#[derive(Args)]
pub struct BenchArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// CPU seconds of a simulation with its targets, by each method, on one core
    Sim(sim::SimArgs),
    /// The rate of every kernel of a training step on every instruction set of this processor
    Kernels(kernels::KernelsArgs),
    /// Whole training steps, also against PyTorch
    Train(train::BenchTrainArgs),
}

/// Runs the command.
///
/// # Errors
/// The errors of the measurement.
pub fn run(args: BenchArgs) -> Result<()> {
    match args.what {
        What::Kernels(args) => kernels::run(args),
        What::Sim(args) => sim::run(args),
        What::Train(args) => train::run(args),
    }
}
