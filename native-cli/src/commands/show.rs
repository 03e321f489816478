//! `ballstick show`.

use ballstick::text::count;
use std::path::PathBuf;

use anyhow::Result;
use ballstick::data::Model;
use ballstick::data::stats::{SampleStats, Statistic};
use ballstick::sim::NeuronParams;
use clap::Args;

use crate::places;
use crate::plot;
use crate::say;
use crate::store;
use crate::work::significant;

/// Show one simulation of a data set: its statistics, and the original's five panels.
#[derive(Args)]
pub struct ShowArgs {
    /// Any file of the simulation, such as SET/train/inputs/sim_0000000.npy; or SET.zip/train/sim_0000000
    #[arg(value_name = "DIR/.../sim_X.npy")]
    simulation: PathBuf,
    /// Draw it, as .svg or .png
    #[arg(long, value_name = "FIGURE")]
    plot: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// A path that names no simulation; damaged files; a figure that cannot be written.
pub fn run(args: ShowArgs) -> Result<()> {
    let (set, split, name) = store::locate(&args.simulation)?;
    if let Some(path) = &args.plot {
        places::file(path, plot::ENDING)?;
    }
    let sample = set.read(split, &name)?;
    let stats = SampleStats::of(&sample);
    // where the data set does not name its neuron, the original's caps
    let neuron = set.neuron().unwrap_or_else(|| Model::from(NeuronParams::default()));
    let title = format!("{} · {split} · {name}", set.title());
    if let Some(path) = &args.plot {
        plot::simulation::draw_sample(path, title.clone(), &sample, &stats, &neuron)?;
    }
    let mut text =
        format!("{title}: {}, {} ms", count(sample.segments(), "segment"), sample.duration_ms());
    if let Some(reasons) = set.dropped.as_ref().and_then(|l| l.dropped.get(&split)?.get(&name)) {
        let criteria: Vec<&str> = reasons.iter().map(|r| r.criterion.as_str()).collect();
        text += &format!(", dropped by {}", criteria.join(", "));
    }
    text.push('\n');
    for quantity in Statistic::ALL {
        let x = stats.get(quantity);
        let sign = if x < 0.0 { "-" } else { "" };
        let number = format!("{sign}{}", significant(x.abs()));
        text += &format!("{:30}{number:>10} {}\n", quantity.title(), quantity.unit());
    }
    say::result(&text)
}
