//! `ballstick dataset`.

use ballstick::text::count;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Result;
use ballstick::data::manifest::{Counts, FILE_NAME, partners_folder};
use ballstick::data::perturb::PerturbParams;
use ballstick::data::{GeneratorConfig, Manifest, Model};
use ballstick::sim::batch::Method;
use clap::Args;

use super::neuron::{DURATION, NeuronArgs};
use crate::files::{self, usage};
use crate::making::{self, MakingReport, Shard};
use crate::memory;
use crate::places;
use crate::say::say;
use crate::work;

/// Make a data set: random inputs and the neuron's answers, in the original's folders of .npy files.
///
/// The same seed gives the same files, whatever the number of threads or shards. A run that was stopped or killed is
/// continued by the same command.
#[derive(Args)]
pub struct DatasetArgs {
    #[command(flatten)]
    neuron: NeuronArgs,
    /// Training simulations [default: 3744 for the point neuron and 9600 for others, of which the original's filter
    /// leaves about as many as the published data sets have]
    #[arg(long, value_name = "N")]
    train: Option<u64>,
    /// Validation simulations [default: a twelfth of --train]
    #[arg(long, value_name = "N")]
    valid: Option<u64>,
    /// Test simulations [default: a twelfth of --train]
    #[arg(long, value_name = "N")]
    test: Option<u64>,
    /// Duration of a simulation in ms [default: the neuron's sim_duration_ms, or 8192]
    #[arg(long, value_name = "MS", value_parser = duration)]
    duration: Option<usize>,
    /// Seed of the random inputs
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Where the data set's folder goes; it is named after the neuron
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Make only part i of n, such as 3/8; the runs share one --out and need no merging
    #[arg(long, value_name = "i/n", default_value = "1/1")]
    shard: Shard,
    /// exact: NEURON's own digits; fast: many simulations at once; fast-f32: the same in single precision
    /// [default: fast; a filter-and-fire neuron has exact alone]
    #[arg(long)]
    method: Option<Method>,
    /// What inputs are drawn from, a JSON; what it leaves out is as in the original's data sets
    #[arg(long, value_name = "C.json")]
    config: Option<PathBuf>,
    /// For Taylor consistency: simulate each input K times more, with a few of its spikes added, removed, moved or
    /// scaled, into folders perturbed_0, perturbed_1, ... beside the splits
    #[arg(long, value_name = "K", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=64))]
    perturbations: u64,
    /// How spikes are perturbed, a JSON
    #[arg(long, value_name = "P.json", requires = "perturbations")]
    perturb_config: Option<PathBuf>,
    /// Threads [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

/// Default of the point neuron: of 3,840 simulations the original's filter keeps 82%; the published accuracies come
/// from 3,068 / 263 / 251 simulations.
const POINT_TRAIN: u64 = 156 * 24;

/// Default of the cables: of 1,440 simulations the filter keeps 74%; the published accuracies come from 7,132 / 582 /
/// 598.
const CABLE_TRAIN: u64 = 400 * 24;

fn duration(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(ms) if (1..=10_000_000).contains(&ms) => Ok(ms),
        _ => Err("must be a whole number in 1..10000000 ms".to_owned()),
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').map(|(i, n)| (i.trim().parse(), n.trim().parse()));
        match parts {
            Some((Ok(i), Ok(count))) if (1..=count).contains(&i) && count <= 100_000 => {
                Ok(Self { index: i - 1, count })
            }
            _ => Err("expected i/n with 1 ≤ i ≤ n, such as 3/8".to_owned()),
        }
    }
}

/// Runs the command.
///
/// # Errors
/// Input that cannot be used; a disk that is full; a signal.
pub fn run(args: DatasetArgs) -> Result<()> {
    let neuron = args.neuron.model()?;
    let generator = match &args.config {
        Some(path) => GeneratorConfig::from_json(&files::read_text(path)?)
            .map_err(|e| usage(path.display(), e))?,
        None => GeneratorConfig::default(),
    };
    let point_like = match &neuron {
        Model::BallAndStick(n) => {
            n.branches.is_none() && n.dend_length_um < 0.5 * n.length_constant_um(n.dend_diam_um)
        }
        Model::FilterAndFire(_) => false,
    };
    let method = match (&neuron, args.method) {
        (Model::BallAndStick(_), method) => method.unwrap_or(Method::Fast),
        (Model::FilterAndFire(_), None | Some(Method::Exact)) => Method::Exact,
        (Model::FilterAndFire(_), Some(other)) => {
            let problem = format!("is {other}; a filter-and-fire neuron has one method, exact");
            return Err(usage("--method", problem));
        }
    };
    let ms = args.neuron.duration(&neuron, args.duration)?.unwrap_or(8192);
    let duration = duration(&ms.to_string()).map_err(|e| usage(DURATION, e))?;
    if args.perturb_config.is_some() && args.perturbations == 0 {
        return Err(usage("--perturb-config", "says how, but --perturbations is 0"));
    }
    let train = args.train.unwrap_or(if point_like { POINT_TRAIN } else { CABLE_TRAIN });
    let twelfth = train.div_ceil(12);
    let counts =
        Counts { train, valid: args.valid.unwrap_or(twelfth), test: args.test.unwrap_or(twelfth) };
    if !(1..=10_000_000).contains(&counts.total()) {
        let problem = format!("{} simulations in all must lie in 1..10000000", counts.total());
        return Err(usage("--train, --valid, --test", problem));
    }
    let plan = Manifest::plan(&neuron, &generator, args.seed, method, duration, counts);
    let perturb: PerturbParams = match &args.perturb_config {
        Some(path) => PerturbParams::from_json(&files::read_text(path)?)
            .map_err(|e| usage(path.display(), e))?,
        None => PerturbParams::default(),
    };
    let root = making::root(&args.out, &plan);
    let threads = args.threads.map_or_else(work::all_threads, usize::from);
    // at the least, each thread holds a simulation a lane: weights of both kinds in f64, and again in f16
    let at_once = counts.total().min((threads * plan.method.lanes()) as u64);
    let weights = duration as u128 * neuron.num_rows() as u128 * 2;
    let bytes = at_once as u128 * weights * (8 + 2);
    memory::require(bytes, &format!("--duration {duration} in {threads} threads"))?;
    let _out = places::folder(&args.out)?;
    let _folder = places::folder(&root)?;
    places::not_an_input(&root.join(FILE_NAME))?;
    tell(&root, making::make(&root, &plan, args.shard, threads)?);
    for k in 0..args.perturbations {
        let root = root.join(partners_folder(k));
        tell(&root, making::make(&root, &plan.perturbed(k, &perturb), args.shard, threads)?);
    }
    Ok(())
}

/// Prints a run's report in one line.
fn tell(root: &Path, made: MakingReport) {
    let kept = if made.kept > 0 { format!(", {} were there", made.kept) } else { String::new() };
    let rate = match made.made {
        0 => String::new(),
        _ => format!(" ({} a second)", work::significant(made.rate)),
    };
    let state = if made.complete { "complete" } else { "other shards are still to come" };
    let made = count(made.made, "simulation");
    say!("{}: {made} made{rate}{kept}; {state}", root.display());
}
