//! `ballstick curves`.

use std::path::{Path, PathBuf};

use anyhow::Result;
use ballstick::twin::curves::WeighedCurves;
use ballstick::twin::heads::Head;
use ballstick::twin::weights::Checkpoint;
use clap::Args;

use crate::files::usage;
use crate::twins::curves::{self, MOST, Run};
use crate::twins::model_file;
use crate::{places, plot, say};
use ballstick::text::count;

/// Learning curves of a training, or of several over each other, and what each loss is of the total.
#[derive(Args)]
pub struct CurvesArgs {
    /// A run's folder, or a twin with its curves: .safetensors or the original's .pt
    #[arg(value_name = "RUN", required = true)]
    runs: Vec<PathBuf>,
    /// Draw them, as .svg or .png
    #[arg(long, value_name = "FIGURE")]
    plot: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// A path without a training's curves; more runs than there are colours; a figure that cannot be written.
pub fn run(args: CurvesArgs) -> Result<()> {
    if args.runs.len() > MOST {
        let problem = format!("a figure can tell {MOST} apart, not {}", args.runs.len());
        return Err(usage("RUN", problem));
    }
    let found: Vec<Checkpoint> = args.runs.iter().map(|path| read(path)).collect::<Result<_>>()?;
    if let Some(path) = &args.plot {
        places::file(path, plot::ENDING)?;
    }
    let named = args.runs.iter().zip(&found);
    let runs: Vec<Run<'_>> =
        named.map(|(path, c)| Run { name: name(path), checkpoint: c }).collect();
    if let Some(path) = &args.plot {
        plot::save(path, &curves::sheet(&runs))?;
    }
    say::result(&runs.iter().map(summary).collect::<Vec<_>>().join("\n"))
}

/// Reads a run's last checkpoint, which holds all of its curves: the best one's curves end earlier.
fn read(path: &Path) -> Result<Checkpoint> {
    let file = if path.is_dir() { path.join("last.safetensors") } else { path.to_owned() };
    if path.is_dir() && !file.exists() {
        return Err(usage(path.display(), "is no run's folder: it has no last.safetensors"));
    }
    let checkpoint = model_file::read(&file)?;
    if checkpoint.curves.train.is_empty() {
        return Err(usage(file.display(), "has no learning curves"));
    }
    Ok(checkpoint)
}

/// The name of the run's folder, or of the file.
fn name(path: &Path) -> String {
    let own = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let own = if own.ends_with("last.safetensors") || own.ends_with("best.safetensors") {
        own.parent().map_or(own.clone(), Path::to_owned)
    } else {
        own
    };
    own.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into())
}

fn summary(run: &Run<'_>) -> String {
    let c = run.checkpoint;
    let (last, epoch) = c
        .curves
        .train
        .last()
        .map_or((0, 0), |row| (row.losses.step as u64, row.losses.epoch as u64));
    let mut text = format!(
        "{}: {}, {} in {}",
        run.name,
        c.header.short_name,
        count(last, "step"),
        count(epoch + 1, "epoch"),
    );
    match c.curves.best().map(|row| row.losses) {
        Some(best) => {
            let spikes = best.heads[Head::Spikes.at()];
            text += &format!(", best spikes loss {spikes:.5} at step {}\n", best.step);
        }
        None => text += ", not validated\n",
    }
    let weighed = WeighedCurves::of(c);
    text += &curves::fractions_text(&weighed);
    text.extend(curves::note(&weighed).map(|note| note + "\n"));
    text
}
