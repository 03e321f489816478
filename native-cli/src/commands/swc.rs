//! `ballstick swc`: a reconstructed cell, SWC or Neurolucida, as a neuron's JSON.

use ballstick::text::count;
use std::path::{Path, PathBuf};

use anyhow::Result;
use ballstick::data::Model;
use ballstick::sim::NeuronParams;
use ballstick::sim::reconstruction::import;
use ballstick::sim::swc::{Cell, Options, Preserve, Remedy, SegmentRule};
use ballstick::text;
use clap::{Args, ValueEnum};

use crate::files::{self, usage};
use crate::places::{self, Ending};
use crate::say::say;

/// Turn a reconstructed cell (SWC or Neurolucida .asc) into a neuron's JSON.
#[derive(Args)]
pub struct SwcArgs {
    /// The cell: SWC, or Neurolucida's text format (.asc)
    #[arg(value_name = "CELL")]
    cell: PathBuf,
    /// Where to write the neuron
    #[arg(long, value_name = "N.json")]
    out: PathBuf,
    /// The neuron that gives all but the shape: ampa-point, nmda-cable or nmda-cable-rodent; or hay2011, Hay et al.'s
    /// layer-5 pyramidal cell: its channels on soma, apical and basal dendrites and axon, by the distance from the soma
    #[arg(long, value_name = "NAME", default_value = "nmda-cable")]
    preset: String,
    /// Longest segment, µm [default: 40; with hay2011 the published 1 + 2·⌊L/40 µm⌋ segments a branch]
    #[arg(long, value_name = "UM")]
    max_segment: Option<f64>,
    /// Instead, odd numbers of segments below this share of the AC length constant at 100 Hz: NEURON's d_lambda rule,
    /// there 0.1
    #[arg(long, value_name = "SHARE", conflicts_with_all = ["max_segment", "segment_um"])]
    d_lambda: Option<f64>,
    /// Instead, odd numbers of segments of about this length at most, µm: int((L/UM + 0.999)/2)*2 + 1, NEURON's d_X
    #[arg(long, value_name = "UM", conflicts_with = "max_segment")]
    segment_um: Option<f64>,
    /// What of a branch its cylinder keeps beside its length
    #[arg(long, value_enum, default_value_t = Keep::Area)]
    preserve: Keep,
    /// Make the axon (type 2) passive branches too; it is left out otherwise
    #[arg(long)]
    keep_axon: bool,
    /// Leave out points of types other than 1 to 4; they are dendrite otherwise
    #[arg(long)]
    drop_other: bool,
    /// Raise every smaller radius to this, µm; a radius of 0 is refused otherwise
    #[arg(long, value_name = "UM")]
    min_radius: Option<f64>,
    /// Join each loose piece to the nearest point of the rest; a second root is refused otherwise
    #[arg(long)]
    join: bool,
    /// Take the root of the largest piece for the soma where no point is of type 1
    #[arg(long)]
    soma_at_root: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Keep {
    /// Its membrane's area
    Area,
    /// Its axial resistance
    AxialResistance,
}

/// `neuron` with the shape of the cell in a file, and notes on the cell in words: its size, and what was left out,
/// repaired and suspected. `pyramidal`: with the membrane of Hay et al.'s pyramidal cell, fitted to this one. `command` is
/// the command whose options the advice names.
///
/// # Errors
/// A file that cannot be read, or is no cell, with the line at fault; a cell that no neuron can have.
pub fn onto(
    path: &Path,
    options: &Options,
    neuron: NeuronParams,
    pyramidal: bool,
    command: &str,
) -> Result<(NeuronParams, String)> {
    let bytes = files::read(path)?;
    let cell = import(&text::decode_lossy(&bytes), options).map_err(|e| {
        let advice = e.remedy().map(|remedy| format!("; {}", advice(remedy, command)));
        usage(path.display(), format!("{e}{}", advice.unwrap_or_default()))
    })?;
    let fitted = if pyramidal { cell.onto_hay2011(neuron) } else { cell.onto(neuron) };
    let neuron = fitted.map_err(|e| {
        let odd: String = cell.notes.iter().map(|note| format!("\n  {note}")).collect();
        usage(path.display(), format!("{e}{odd}"))
    })?;
    let description = describe(&cell, &neuron, command);
    Ok((neuron, description))
}

/// Advice on the option with which a refused cell could be read.
fn advice(remedy: Remedy, command: &str) -> String {
    match remedy {
        Remedy::MinRadius => format!("{command}--min-radius UM raises it"),
        Remedy::Join => format!("{command}--join joins it to the nearest point"),
        Remedy::SomaAtRoot => format!("{command}--soma-at-root takes the root for it"),
        Remedy::KeepAxon => format!("{command}--keep-axon makes branches of the axon (type 2)"),
        Remedy::KeepOther => "without --drop-other they are dendrite".to_owned(),
    }
}

fn describe(cell: &Cell, neuron: &NeuronParams, command: &str) -> String {
    let total: f64 = cell.branches.iter().map(|b| b.length_um).sum();
    let mut description = format!(
        "soma of {:.1} µm, {}, {total:.0} µm, {}",
        cell.soma_um(),
        count(cell.branches.len(), "branch"),
        count(neuron.num_rows(), "segment"),
    );
    let points = |n: &usize| count(*n, "point");
    let mut line = |text: String| description += &format!("\n  {text}");
    for (kind, n) in &cell.left_out {
        line(format!("{} of type {kind} left out", points(n)));
    }
    for (kind, n) in &cell.on_the_way {
        line(format!("{} of type {kind} kept: on the way to a dendrite", points(n)));
    }
    for (kind, n) in &cell.taken_for_dendrite {
        let hint = format!("{command}--drop-other leaves out what leads to no other dendrite");
        line(format!("{} of unknown type {kind} taken for dendrite ({hint})", points(n)));
    }
    cell.notes.iter().for_each(|note| line(note.to_string()));
    if !neuron.regions.is_empty() {
        line(regions(neuron));
    }
    description
}

/// What each region of a neuron has got, in words.
fn regions(neuron: &NeuronParams) -> String {
    let branches = neuron.branches();
    let of = |name: &str| {
        let those = branches.iter().filter(|b| b.region == name);
        let (n, um) = those.fold((0, 0.0), |(n, um), b| (n + 1, um + b.length_um));
        (n > 0).then(|| format!("{name} {} of {um:.0} µm", count(n, "branch")))
    };
    let each: Vec<String> = neuron.regions.keys().filter_map(|name| of(name)).collect();
    format!("regions: soma, {}", each.join(", "))
}

/// The rule for the segments of a cell where none is asked for.
pub fn default_rule(pyramidal: bool) -> SegmentRule {
    if pyramidal { SegmentRule::Hay2011 } else { Options::default().segments }
}

/// Runs the command.
///
/// # Errors
/// Input that cannot be used; output that cannot be written. In either case no file is written.
pub fn run(args: SwcArgs) -> Result<()> {
    let pyramidal = args.preset == NeuronParams::PYRAMIDAL;
    let options = Options {
        preserve: match args.preserve {
            Keep::Area => Preserve::Area,
            Keep::AxialResistance => Preserve::AxialResistance,
        },
        segments: match (args.d_lambda, args.segment_um, args.max_segment) {
            (Some(share), ..) => SegmentRule::LambdaShare(share),
            (_, Some(most), _) => SegmentRule::OddLength(most),
            (.., Some(most)) => SegmentRule::MaxLength(most),
            _ => default_rule(pyramidal),
        },
        keep_axon: args.keep_axon,
        keep_other: !args.drop_other,
        min_radius_um: args.min_radius,
        join: args.join,
        soma_at_root: args.soma_at_root,
    };
    let neuron = match Model::preset(&args.preset).map_err(|e| usage("--preset", e))? {
        Model::BallAndStick(neuron) => neuron,
        Model::FilterAndFire(_) => {
            return Err(usage("--preset", "a filter-and-fire neuron has no shape"));
        }
    };
    let (neuron, description) = onto(&args.cell, &options, neuron, pyramidal, "")?;
    let mut text = serde_json::to_vec_pretty(&neuron)?;
    text.push(b'\n');
    places::file(&args.out, Ending::Or("json"))?;
    files::write(&args.out, &text)?;
    say!("{}: {description}\n→ {}", args.cell.display(), args.out.display());
    Ok(())
}
