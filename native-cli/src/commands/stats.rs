//! `ballstick stats`.

use ballstick::text::count;
use std::fmt::Write;
use std::path::PathBuf;

use anyhow::{Result, anyhow};
use ballstick::data::stats::{SampleStats, SplitStats, Statistic, Summary};
use ballstick::data::{SourceError, Split};
use clap::{Args, ValueEnum};

use crate::files::usage;
use crate::say::{self, say};
use crate::store::DataSet;
use crate::work::{self, WorkProgress, significant};
use crate::{places, plot};

/// What to do about files that are missing, damaged, misshapen, or hold a value that is not finite.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnDamage {
    /// Name each and go on without its simulation
    Skip,
    /// Name each and end with an error
    Fail,
}

/// The original's statistics of a data set.
#[derive(Args)]
pub struct StatsArgs {
    /// A data set's folder or .zip
    #[arg(value_name = "DIR")]
    data: PathBuf,
    /// Only this split: train, valid or test
    #[arg(long)]
    split: Option<Split>,
    /// Print every simulation's numbers as JSON, under the original's keys
    #[arg(long)]
    json: bool,
    /// Also draw the histograms and scatter plots into this folder, as SVG and PNG
    #[arg(long, value_name = "DIR")]
    plot: Option<PathBuf>,
    /// Count what a filter has dropped as well
    #[arg(long)]
    all: bool,
    /// What to do about damaged files
    #[arg(long, value_enum, default_value_t = OnDamage::Skip)]
    on_damage: OnDamage,
}

/// Runs the command.
///
/// # Errors
/// A path without a data set; damaged files where they are to be fatal; figures that cannot be written.
pub fn run(args: StatsArgs) -> Result<()> {
    let set = DataSet::open(&args.data)?;
    let splits = match args.split {
        Some(split) if !set.splits().contains(&split) => {
            return Err(usage(args.data.display(), format!("has no {split} simulations")));
        }
        Some(split) => vec![split],
        None => set.splits(),
    };
    // checked before the work, and kept to the end
    let _folder = args.plot.as_deref().map(places::folder).transpose()?;
    let mut json = serde_json::Map::new();
    let mut text = String::new();
    for split in splits {
        let names = if args.all { set.whole_split(split).names } else { set.split(split).names };
        let dropped = set.whole_split(split).names.len() - names.len();
        let (stats, damaged) = collect(&set, split, &names, args.on_damage)?;
        let mut title =
            format!("{} · {split}: {}", set.title(), count(stats.samples.len(), "simulation"));
        for (count, what) in [(dropped, "dropped by a filter"), (damaged.len(), "damaged")] {
            if count > 0 {
                title += &format!(", {count} {what}");
            }
        }
        if let Some(folder) = &args.plot {
            plot::statistics::draw(folder, split.name(), &title, &stats)?;
        }
        text += &format!("{title}\n{}\n", table(&stats));
        json.insert(split.name().to_owned(), stats.to_json());
    }
    if args.json {
        say::result(&(serde_json::to_string(&json)? + "\n"))
    } else {
        say::result(&format!("{}\n", text.trim_end_matches('\n')))
    }
}

/// The statistics of these simulations, and the names of those that could not be read; each fault is printed on stderr.
///
/// # Errors
/// A simulation that cannot be read, where that is to be fatal; a signal.
pub fn collect(
    set: &DataSet,
    split: Split,
    names: &[String],
    on_damage: OnDamage,
) -> Result<(SplitStats, Vec<String>)> {
    let mut progress = WorkProgress::new("simulations read", names.len() as u64);
    let read = |name: &String| -> Result<SampleStats, SourceError> {
        set.read(split, name).map(|sample| SampleStats::of(&sample))
    };
    let results = work::map(names, &mut progress, read)?;
    progress.clear();
    let mut stats = SplitStats::default();
    let mut damaged = Vec::new();
    for (name, result) in names.iter().zip(results) {
        match result {
            Ok(one) => stats.samples.push((name.clone(), one)),
            Err(error) => {
                say!("{error}");
                damaged.push(name.clone());
            }
        }
    }
    if !damaged.is_empty() && on_damage == OnDamage::Fail {
        return Err(anyhow!(
            "{} of {} {split} simulations are damaged",
            damaged.len(),
            names.len()
        ));
    }
    Ok((stats, damaged))
}

fn table(stats: &SplitStats) -> String {
    let mut text = format!("{:42}", "");
    for head in ["mean", "std", "min", "median", "max"] {
        let _ = write!(text, "{head:>10}");
    }
    text.push('\n');
    let mut row = |title: &str, unit: &str, values: &[f64]| {
        let Some(s) = Summary::of(values) else { return };
        let name = if unit.is_empty() { title.to_owned() } else { format!("{title} ({unit})") };
        let _ = write!(text, "{name:42}");
        for x in [s.mean, s.std, s.min, s.median, s.max] {
            let sign = if x < 0.0 { "-" } else { "" };
            let _ = write!(text, "{:>10}", format!("{sign}{}", significant(x.abs())));
        }
        text.push('\n');
    };
    for quantity in Statistic::ALL {
        row(quantity.title(), quantity.unit(), &stats.column(quantity));
    }
    row("inter-spike interval", "ms", &stats.isis());
    text
}
