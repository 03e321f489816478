//! `ballstick filter`.

use ballstick::text::count;
use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use ballstick::data::prune::{Criteria, DropList};
use ballstick::data::stats::{SplitStats, Statistic};
use clap::Args;

use super::stats::{OnDamage, collect};
use crate::files::{self, usage};
use crate::say;
use crate::store::DataSet;

/// Drop simulations whose statistics lie outside the original's ranges.
///
/// Nothing is deleted: what is dropped stands in a list beside the data, which training and statistics follow and
/// which --undo takes back. `ballstick convert --without-dropped` copies only what is kept.
#[derive(Args)]
pub struct FilterArgs {
    /// A data set's folder or .zip
    #[arg(value_name = "DIR")]
    data: PathBuf,
    /// Ranges and drop probabilities, a JSON with the original's names, such as {"firing_rate_hz_range": [0.4, 20]}
    #[arg(long, value_name = "F.json")]
    ranges: Option<PathBuf>,
    /// Decides where a drop probability lies between 0 and 1
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Only say what would be dropped
    #[arg(long)]
    dry_run: bool,
    /// Take back whatever was dropped
    #[arg(long, conflicts_with_all = ["ranges", "dry_run", "seed", "on_damage"])]
    undo: bool,
    /// What to do about damaged files; skipped ones are dropped as well
    #[arg(long, value_enum, default_value_t = OnDamage::Skip)]
    on_damage: OnDamage,
}

/// Runs the command.
///
/// # Errors
/// A path without a data set; ranges that cannot be used; damaged files where they are to be fatal.
pub fn run(args: FilterArgs) -> Result<()> {
    let criteria = match &args.ranges {
        Some(path) => {
            Criteria::from_json(&files::read_text(path)?).map_err(|e| usage(path.display(), e))?
        }
        None => Criteria::default(),
    };
    let set = DataSet::open(&args.data)?;
    if args.undo {
        return undo(&set);
    }
    let mut list = DropList::new(criteria, args.seed);
    let mut text = String::new();
    for split in set.splits() {
        let names = set.whole_split(split).names;
        let (stats, damaged) = collect(&set, split, &names, args.on_damage)?;
        for (name, one) in &stats.samples {
            list.add(split, name, one);
        }
        for name in &damaged {
            list.add_damaged(split, name);
        }
        let dropped = list.dropped.get(&split).map_or(0, BTreeMap::len);
        let kept = names.len() - dropped;
        let would = if args.dry_run { "would be " } else { "" };
        text += &format!("{split}: {dropped} of {} {would}dropped, {kept} kept\n", names.len());
        text += &reasons(&list, split, &stats);
    }
    if !args.dry_run {
        set.place.keep_list(Some(&list.to_json()))?;
        text += "take it back with --undo\n";
    }
    say::result(&text)
}

fn undo(set: &DataSet) -> Result<()> {
    let dropped: usize =
        set.dropped.iter().flat_map(|l| l.dropped.values()).map(BTreeMap::len).sum();
    if set.dropped.is_some() {
        set.place.keep_list(None)?;
    }
    say::result(&format!("taken back: {}\n", count(dropped as u64, "simulation")))
}

/// Number of simulations that each criterion drops (one may miss several), and the mean statistics of all dropped ones.
fn reasons(list: &DropList, split: ballstick::data::Split, stats: &SplitStats) -> String {
    let Some(dropped) = list.dropped.get(&split).filter(|d| !d.is_empty()) else {
        return String::new();
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in dropped.values().flatten() {
        *counts.entry(&reason.criterion).or_default() += 1;
    }
    let mut text = String::new();
    for (criterion, count) in counts {
        text += &format!("  {count:5} by {criterion}\n");
    }
    let gone: Vec<_> =
        stats.samples.iter().filter(|(name, _)| dropped.contains_key(name)).collect();
    if !gone.is_empty() {
        let mean =
            |q: Statistic| gone.iter().map(|(_, s)| s.get(q)).sum::<f64>() / gone.len() as f64;
        text += &format!(
            "  their means: firing rate {:.2} Hz, soma {:.2} mV, near spike {:.3}, dendrite {:.2} mV\n",
            mean(Statistic::FiringRate),
            mean(Statistic::SomaMean),
            mean(Statistic::NearSpike),
            mean(Statistic::BranchMean),
        );
    }
    text
}
