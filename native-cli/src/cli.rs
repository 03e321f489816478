//! The commands of the command line.

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::commands;

/// Ball-and-stick neurons, exact and fast, and the networks that learn to be their twins.
#[derive(Parser)]
#[command(name = "ballstick", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Simulate one neuron and write its voltages and targets
    Simulate(commands::simulate::SimulateArgs),
    /// Train a twin
    Train(commands::train::TrainArgs),
    /// Compare a twin with its neuron
    Evaluate(commands::evaluate::EvaluateArgs),
    /// Learning curves of one training or several
    Curves(commands::curves::CurvesArgs),
    /// Train and compare many twins: the class assignment
    Sweep(commands::sweep::SweepArgs),
    /// Let a twin predict, from any inputs
    Predict(commands::predict::PredictArgs),
    /// Write a twin in another form: .pt, .safetensors or .onnx
    Export(commands::export::ExportArgs),
    /// Walk through a twin layer by layer
    Model(commands::model::ModelArgs),
    /// Make a data set, resumable and in shards
    Dataset(commands::dataset::DatasetArgs),
    /// A data set's statistics, histograms and scatter plots
    Stats(commands::stats::StatsArgs),
    /// Drop the simulations outside the original's ranges, by a list that can be undone
    Filter(commands::filter::FilterArgs),
    /// Look at one simulation of a data set
    Show(commands::show::ShowArgs),
    /// Copy a data set into one compressed .zip, or out of it
    Convert(commands::convert::ConvertArgs),
    /// Turn a reconstructed cell (SWC or Neurolucida .asc) into a neuron's JSON
    #[command(visible_alias = "cell")]
    Swc(commands::swc::SwcArgs),
    /// Write the original's notebooks, driving this command line
    Notebook(commands::notebook::NotebookArgs),
    /// Measure how fast this machine is at it
    Bench(commands::bench::BenchArgs),
}

impl Cli {
    /// Runs the command that was typed.
    pub fn run(self) -> Result<()> {
        match self.command {
            Command::Simulate(args) => commands::simulate::run(args),
            Command::Train(args) => commands::train::run(args),
            Command::Evaluate(args) => commands::evaluate::run(args),
            Command::Curves(args) => commands::curves::run(args),
            Command::Sweep(args) => commands::sweep::run(args),
            Command::Predict(args) => commands::predict::run(args),
            Command::Export(args) => commands::export::run(args),
            Command::Model(args) => commands::model::run(args),
            Command::Dataset(args) => commands::dataset::run(args),
            Command::Stats(args) => commands::stats::run(args),
            Command::Filter(args) => commands::filter::run(args),
            Command::Show(args) => commands::show::run(args),
            Command::Convert(args) => commands::convert::run(args),
            Command::Swc(args) => commands::swc::run(args),
            Command::Notebook(args) => commands::notebook::run(args),
            Command::Bench(args) => commands::bench::run(args),
        }
    }
}
