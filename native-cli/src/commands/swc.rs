//! `ballstick swc`: a reconstructed cell as a neuron's JSON.

use std::path::{Path, PathBuf};

use anyhow::Result;
use ballstick::sim::NeuronParams;
use ballstick::sim::swc::{Cell, Options, Preserve, SegmentRule, import};
use clap::{Args, ValueEnum};

use crate::files::{self, usage};
use crate::places::{self, Ending};
use crate::say::say;

/// Turn a reconstructed cell (SWC) into a neuron's JSON.
#[derive(Args)]
pub struct SwcArgs {
    /// The cell
    #[arg(value_name = "CELL.swc")]
    cell: PathBuf,
    /// Where to write the neuron
    #[arg(long, value_name = "N.json")]
    out: PathBuf,
    /// The neuron that gives all but the shape: ampa-point, nmda-cable or nmda-cable-rodent
    #[arg(long, value_name = "NAME", default_value = "nmda-cable")]
    preset: String,
    /// Longest segment, µm
    #[arg(long, value_name = "UM", default_value_t = 40.0)]
    max_segment: f64,
    /// Instead, segments below this share of the AC length constant at 100 Hz (NEURON's d_lambda rule, there 0.1)
    #[arg(long, value_name = "SHARE", conflicts_with = "max_segment")]
    d_lambda: Option<f64>,
    /// What of a branch its cylinder keeps beside its length
    #[arg(long, value_enum, default_value_t = Keep::Area)]
    preserve: Keep,
    /// Make the axon (type 2) passive branches too; it is left out otherwise
    #[arg(long)]
    keep_axon: bool,
    /// Leave out points of types other than 1 to 4; they are dendrite otherwise
    #[arg(long)]
    drop_other: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Keep {
    /// Its membrane's area
    Area,
    /// Its axial resistance
    AxialResistance,
}

/// `neuron` with the shape of the cell in a file, and the cell.
///
/// # Errors
/// A file that cannot be read, or is no cell, and in which line; a cell that no neuron can have.
pub fn onto(path: &Path, options: &Options, neuron: NeuronParams) -> Result<(NeuronParams, Cell)> {
    let bytes = files::read(path)?;
    // names in comments come in any encoding
    let cell =
        import(&String::from_utf8_lossy(&bytes), options).map_err(|e| usage(path.display(), e))?;
    let neuron = cell.onto(neuron).map_err(|e| usage(path.display(), e))?;
    Ok((neuron, cell))
}

/// Runs the command.
///
/// # Errors
/// Input that cannot be used; output that cannot be written. Nothing is written then.
pub fn run(args: SwcArgs) -> Result<()> {
    let options = Options {
        preserve: match args.preserve {
            Keep::Area => Preserve::Area,
            Keep::AxialResistance => Preserve::AxialResistance,
        },
        segments: match args.d_lambda {
            Some(share) => SegmentRule::LambdaShare(share),
            None => SegmentRule::MaxLength(args.max_segment),
        },
        keep_axon: args.keep_axon,
        keep_other: !args.drop_other,
    };
    let neuron = NeuronParams::preset(&args.preset).map_err(|e| usage("--preset", e))?;
    let (neuron, cell) = onto(&args.cell, &options, neuron)?;
    let mut text = serde_json::to_vec_pretty(&neuron)?;
    text.push(b'\n');
    places::file(&args.out, Ending::Or("json"))?;
    files::write(&args.out, &text)?;
    let total: f64 = cell.branches.iter().map(|b| b.length_um).sum();
    say!(
        "{}: soma of {:.1} µm, {} branches, {:.0} µm, {} segments → {}",
        args.cell.display(),
        cell.soma_um,
        cell.branches.len(),
        total,
        neuron.num_rows(),
        args.out.display(),
    );
    for (kind, points) in &cell.left_out {
        say!("  {points} points of type {kind} left out");
    }
    for (kind, points) in &cell.taken_for_dendrite {
        say!(
            "  {points} points of unknown type {kind} taken for dendrite (--drop-other leaves them out)"
        );
    }
    Ok(())
}
