//! `ballstick evaluate`.

use ballstick::text::count;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use ballstick::data::{Model, Sample, Source, Split};
use ballstick::sim::NeuronParams;
use ballstick::twin::backend::TrainBackend;
use ballstick::twin::config::TwinConfig;
use ballstick::twin::evaluate::{Evaluation, Judged};
use ballstick::twin::metrics::CALIBRATION_BINS;
use ballstick::twin::set::{JudgeError, JudgeSet};
use ballstick::twin::weights::Checkpoint;
use clap::Args;

use super::at_least_one;
use crate::files::{self, usage};
use crate::memory;
use crate::places;
use crate::say::{self, say};
use crate::signals::{self, Interrupted};
use crate::store::{DataSet, SplitSource};
use crate::twins::device::{self, Device, Job};
use crate::twins::sample_figures::Shown;
use crate::twins::summary::{of_response, samples, summary};
use crate::twins::{baselines, data, figures, model_file, responses};

/// Compare a twin with its neuron.
#[derive(Args)]
pub struct EvaluateArgs {
    /// The twin: the original's .pt or our .safetensors
    #[arg(long, value_name = "M")]
    model: PathBuf,
    /// The data set
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Which simulations
    #[arg(long, value_name = "train|valid|test", default_value = "test")]
    split: Split,
    /// Use only the first so many simulations
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    limit: Option<usize>,
    /// Also draw the figures, each as .svg and .png
    #[arg(long, value_name = "DIR")]
    plot: Option<PathBuf>,
    /// The simulation in the sample figures [default: the one with the median number of spikes]
    #[arg(long, value_name = "N", requires = "plot")]
    sample: Option<usize>,
    /// First ms of the 512 ms that the sample figures enlarge [default: around that simulation's middle spike]
    #[arg(long, value_name = "MS", requires = "plot")]
    zoom: Option<usize>,
    /// Also judge what a twin has to beat: an exponential filter of excitation minus inhibition, and logistic
    /// regression on filtered inputs, fitted to the train simulations
    #[arg(long)]
    baselines: bool,
    /// Bins of a simulation in the calibration; the published numbers have 8
    #[arg(long, value_name = "N", default_value_t = CALIBRATION_BINS as u32, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    calibration_bins: u32,
    /// Also print each simulation's own metrics: precision and recall at a probability of 0.5, AUC, RMSE, MAE and R² of
    /// each head; --json has them always
    #[arg(long)]
    per_sample: bool,
    /// Print the metrics as JSON
    #[arg(long)]
    json: bool,
    /// Where to compute
    #[arg(long, value_enum, default_value_t = Device::Cpu)]
    device: Device,
}

/// Runs the command.
///
/// # Errors
/// A usage error for input that cannot be used; otherwise the failure.
pub fn run(args: EvaluateArgs) -> Result<()> {
    let checkpoint = model_file::read(&args.model)?;
    let set = DataSet::open(&args.data)?;
    let split = data::split(&set, args.split, args.limit)?;
    if args.sample.is_some_and(|n| n >= split.len()) {
        let there = count(split.len(), "simulation");
        return Err(usage(
            "--sample",
            format!("is {}, counted from 0, of {there}", args.sample.unwrap_or_default()),
        ));
    }
    let name = checkpoint.header.short_name.clone();
    let (plot, json, sample) = (args.plot, args.json, args.sample);
    // where the data set does not name its neuron, the original's cap
    let neuron = set.neuron().unwrap_or_else(|| Model::from(NeuronParams::default()));
    let soma_cap_mv = neuron.readout().targets.soma_cap_mv;
    let partners = split.partners()?;
    // checked before the work, and kept to the end
    let _folder = plot.as_deref().map(places::folder).transpose()?;
    let (model, of) = (&args.model, split.clone());
    require_memory(&checkpoint.header.config, &split)?;
    let (judged, seconds) = judge_all(args.device, checkpoint.clone(), model, of, true)?;
    let response = if partners.is_empty() {
        None
    } else {
        let (checkpoint, split) = (&checkpoint, &split);
        let pairs = responses::Pairs { checkpoint, model, split, judged: &judged, partners };
        Some(device::on(args.device, pairs)?)
    };
    let evaluation = Evaluation::with_bins(&judged, args.calibration_bins as usize);
    let (baselines_found, lacking) = match args.baselines {
        true => baselines::of(&set, &split)?,
        false => (Vec::new(), None),
    };
    if let Some(why) = &lacking {
        say!("no logistic regression: {why}");
    }
    let printed = if json {
        let mut value = evaluation.json(&name, seconds / judged.len() as f64)?;
        value["peak_memory_mib"] = device::peak_memory_mib(args.device).into();
        if let Some(response) = &response {
            value["response"] = serde_json::to_value(response)?;
        }
        if args.baselines {
            value["baselines"] = serde_json::to_value(&baselines_found)?;
        }
        serde_json::to_string_pretty(&value)? + "\n"
    } else {
        let mut text = summary(&name, &evaluation, seconds);
        if args.per_sample {
            text += &samples(&evaluation);
        }
        text.extend(response.iter().map(of_response));
        text.extend(baselines_found.iter().map(|baseline| baselines::line(baseline) + "\n"));
        text
    };
    let printed = say::result(&printed);
    // figures are drawn even where the numbers cannot be printed
    if let Some(folder) = plot {
        let sample = sample.unwrap_or_else(|| typical(&judged));
        let inputs = split.load(sample).map_err(|e| usage(e.what, e.problem))?.weights();
        let judged_one = &judged[sample];
        let title = format!("{name}, {} of {}", split.names[sample], args.split);
        let shown =
            Shown { title, inputs: &inputs, judged: judged_one, soma_cap_mv, zoom_ms: args.zoom };
        figures::all(&folder, &name, &evaluation, &baselines_found, &judged, &shown)?;
    }
    printed
}

/// The index of the simulation whose number of spikes is the median.
fn typical(judged: &[Judged]) -> usize {
    let mut by_spikes: Vec<usize> = (0..judged.len()).collect();
    by_spikes.sort_by_key(|&i| judged[i].num_spikes());
    by_spikes[judged.len() / 2]
}

/// Requires the least memory that judging a twin on these simulations takes.
///
/// # Errors
/// A usage error where the memory is not available, or the first simulation cannot be read.
pub fn require_memory(config: &TwinConfig, split: &SplitSource) -> Result<()> {
    let sample = split.load(0).map_err(|e| usage(e.what, e.problem))?;
    let bytes = memory::of_judging(config, split.len(), sample.duration_ms());
    memory::require(bytes, &format!("judging on {}", count(split.len(), "simulation")))
}

/// Truth and prediction of every simulation of a split, and the time that predicting took, s.
///
/// # Errors
/// The errors of [`run`].
pub fn judge_all(
    device: Device,
    checkpoint: Checkpoint,
    model: &Path,
    split: SplitSource,
    progress: bool,
) -> Result<(Vec<Judged>, f64)> {
    let count = split.len();
    let start = Instant::now();
    let mut shown = start;
    let fetch = async |index: usize| {
        if signals::stopped() {
            let message = "stopped while judging; run it again".to_owned();
            return Err(anyhow::Error::new(Interrupted(message)));
        }
        if progress && index > 0 && shown.elapsed().as_secs_f64() > 2.0 {
            shown = Instant::now();
            let rate = index as f64 / start.elapsed().as_secs_f64();
            let left = crate::twins::line::duration((count - index) as f64 / rate);
            say!("{index}/{count} · {rate:.1} simulations/s · {left} left");
        }
        split.load(index).map_err(|e| usage(e.what, e.problem))
    };
    let seconds = || start.elapsed().as_secs_f64();
    let judge = JudgeSet { checkpoint: &checkpoint, count, fetch, seconds };
    device::on(device, Refusing { judge, model })
}

/// A judging of a set whose errors name the twin's file.
struct Refusing<'a, F, C> {
    judge: JudgeSet<'a, F, C>,
    model: &'a Path,
}

impl<F, C> Job for Refusing<'_, F, C>
where
    F: AsyncFnMut(usize) -> Result<Sample>,
    C: Fn() -> f64,
{
    type Output = Result<(Vec<Judged>, f64)>;

    async fn run<B: TrainBackend>(self, device: &B::Device) -> Self::Output {
        self.judge.run::<B>(device).await.map_err(|error| match error {
            JudgeError::Twin(error) => usage(self.model.display(), error),
            JudgeError::Judge(error) => data::refused(error),
            JudgeError::Fetch(error) => error,
        })
    }
}

/// Writes an evaluation as JSON.
///
/// # Errors
/// A file that cannot be written.
pub fn save(path: &Path, evaluation: &Evaluation) -> Result<()> {
    files::write(path, (serde_json::to_string_pretty(evaluation)? + "\n").as_bytes())
}
