//! `ballstick sweep`: the class assignment, and the four architectures side by side.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};
use ballstick::data::{Source, Split};
use ballstick::twin::config::{TwinConfig, TwinKind};
use ballstick::twin::evaluate::{Evaluation, Judged};
use ballstick::twin::results::{Row, TestSet, defined};
use ballstick::twin::train::Outcome;
use clap::Args;

use super::evaluate::{judge_all, require_memory};
use super::train::{RecipeArgs, TrainArgs, architecture, claim, train};
use crate::claim::Claim;
use crate::files::{self, usage};
use crate::memory;
use crate::places;
use crate::plot::save;
use crate::say::{self, say};
use crate::signals::{self, Interrupted};
use crate::store::{DataSet, SplitSource};
use crate::twins::device::{self, Device};
use crate::twins::weights_figure::first_layer;
use crate::twins::{baselines, data, model_file, resume};

mod axes;
mod effects;
mod grid;
mod report;
mod shape;

/// Train and compare many twins: configurations A to E on one neuron or several, or every combination of what --axis
/// varies, with a table of differences.
#[derive(Args)]
pub struct SweepArgs {
    /// A data set; give one for each neuron, the point neuron first
    /// [with --axis default: one is made for each neuron]
    #[arg(long, value_name = "DIR", required_unless_present = "axis")]
    data: Vec<PathBuf>,
    /// The folder for all runs, tables and the report; going on where it was: --epochs and --device may change
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Which of A to E; with --axis the one, or the JSON, that the axes change [default: ABCDE, with --axis C]
    #[arg(long, value_name = "LETTERS")]
    configs: Option<String>,
    /// Also train the four architectures with the original's defaults
    #[arg(long)]
    architectures: bool,
    /// Take twins that are finished as they are, however they were trained
    #[arg(long)]
    keep_finished: bool,
    /// Where to compute
    #[arg(long, value_enum, default_value_t = Device::Cpu)]
    device: Device,
    #[command(flatten)]
    recipe: RecipeArgs,
    #[command(flatten)]
    grid: grid::GridArgs,
}

/// Runs the command.
///
/// # Errors
/// A usage error for input that cannot be used; otherwise the failure.
pub fn run(args: SweepArgs) -> Result<()> {
    signals::orderly();
    if !args.grid.axis.is_empty() {
        return grid::run(&args);
    }
    let jobs = jobs(&args)?;
    let mut titles: Vec<(String, &PathBuf)> = Vec::new();
    for path in &args.data {
        let title = DataSet::open(path)?.title();
        if let Some((_, other)) = titles.iter().find(|(known, _)| *known == title) {
            let problem =
                format!("is of {title} as {} is; a sweep has one of each", other.display());
            return Err(usage(path.display(), problem));
        }
        titles.push((title, path));
        require_memory_for(&jobs, path, &args.recipe)?;
    }
    let _folder = places::folder(&args.out)?;
    let _claim = Claim::take(&args.out.join(".lock"), |who| {
        let problem = format!("another run is at work there ({who}); choose another --out");
        usage(args.out.display(), problem)
    })?;
    let (mut rows, mut baselines) = (Vec::new(), Vec::new());
    for (neuron, path) in &titles {
        baselines.extend(baseline_rows(path, neuron)?);
        for (label, kind, config) in &jobs {
            let folder = args.out.join(neuron).join(label);
            let job = TrainArgs {
                data: (*path).clone(),
                twin: *kind,
                config: config.clone(),
                device: args.device,
                resume: folder.join("last.safetensors").exists(),
                tensorboard: false,
                out: folder.clone(),
                recipe: args.recipe.clone(),
            };
            let done = folder.join("row.json");
            if done.exists() && (args.keep_finished || is_finished(&job)?) {
                let text = files::read_back(&done)?;
                let found = Row::from_json(&String::from_utf8_lossy(&text));
                let found = found.map_err(|e| usage(done.display(), e))?;
                let mut row = found.into_iter().next().unwrap_or_default();
                if row.memory_mib.is_none() {
                    row.memory_mib =
                        peak_memory(&folder.join("best.safetensors"), path, args.device)?;
                    save_row(&done, &row)?;
                }
                rows.push(row);
                continue;
            }
            say!("— {neuron}, {label}");
            let row = one(job, neuron, label)?;
            save_row(&done, &row)?;
            rows.push(row);
            report::write(&args.out, &rows, &baselines)?;
        }
    }
    report::write(&args.out, &rows, &baselines)?;
    say::result(&format!("{}\n", args.out.join("report.html").display()))
}

/// A twin that is to be trained: its label, and the options `--twin` and `--config` of its training.
type Job = (String, Option<TwinKind>, Option<String>);

fn jobs(args: &SweepArgs) -> Result<Vec<Job>> {
    let mut jobs: Vec<Job> = Vec::new();
    for letter in args
        .configs
        .as_deref()
        .unwrap_or("ABCDE")
        .chars()
        .filter(|c| !c.is_whitespace() && *c != ',')
    {
        let letter = letter.to_ascii_uppercase();
        if !letter.is_ascii_uppercase() || letter > 'E' {
            return Err(usage("--configs", format!("there is no {letter}; there are A to E")));
        }
        let label = letter.to_string();
        if jobs.iter().any(|(known, ..)| *known == label) {
            return Err(usage("--configs", format!("{letter} stands there twice")));
        }
        jobs.push((label.clone(), None, Some(label)));
    }
    if args.architectures {
        let all = TwinKind::ALL.map(|kind| (kind.name().to_owned(), Some(kind), None));
        jobs.extend(all);
    }
    if jobs.is_empty() {
        return Err(usage("--configs", "nothing to train"));
    }
    Ok(jobs)
}

/// Requires the least memory that training and judging each twin takes, before the first one is trained.
fn require_memory_for(jobs: &[Job], path: &Path, recipe: &RecipeArgs) -> Result<()> {
    let set = DataSet::open(path)?;
    let train = data::split(&set, Split::Train, recipe.limit)?;
    let test = data::split(&set, Split::Test, None)?;
    let segments = data::segments(&train)?;
    for (label, kind, config) in jobs {
        let config = architecture(*kind, config.as_deref(), segments)?;
        let bytes = memory::of_training(&config, &recipe.build(config.kind())?, train.len());
        memory::require(bytes, &format!("the training of {label}"))?;
        require_memory(&config, &test)?;
    }
    Ok(())
}

/// Whether a twin with a result needs no more training under these options.
///
/// # Errors
/// A usage error where the twin was trained with other options.
fn is_finished(job: &TrainArgs) -> Result<bool> {
    if !job.resume {
        let folder = job.out.display();
        say!("{folder}: has a result but no last.safetensors; it is taken as it is");
        return Ok(true);
    }
    let last = job.out.join("last.safetensors");
    let header = model_file::read_back(&last)?.header;
    let continued = resume::continued(&header, job, &DataSet::open(&job.data)?);
    let continued = continued.with_context(|| {
        format!("{} is trained already (--keep-finished takes it as it is)", job.out.display())
    })?;
    Ok(header.progress.is_some_and(|progress| progress.epoch >= continued.recipe.num_epochs))
}

/// The rows of the baselines for the twins of a data set.
fn baseline_rows(path: &Path, neuron: &str) -> Result<Vec<Row>> {
    let set = DataSet::open(path)?;
    let test = data::split(&set, Split::Test, None)?;
    let (found, lacking) = baselines::of(&set, &test)?;
    if let Some(why) = lacking {
        say!("{neuron}: no logistic regression: {why}");
    }
    let of = test_set(&set, &test)?;
    Ok(found.iter().map(|baseline| baseline.row(neuron).judged_on(&of)).collect())
}

fn test_set(set: &DataSet, test: &SplitSource) -> Result<TestSet> {
    let sample = test.load(0).map_err(|e| usage(e.what, e.problem))?;
    Ok(TestSet::new(set.manifest.as_deref(), test.len(), sample.duration_ms()))
}

fn save_row(path: &Path, row: &Row) -> Result<()> {
    files::write(path, (serde_json::to_string_pretty(row)? + "\n").as_bytes())
}

/// Trains and judges a twin and draws its figures; returns its row.
fn one(args: TrainArgs, neuron: &str, label: &str) -> Result<Row> {
    judged_row(args, neuron, label).map(|(row, _)| row)
}

/// As [`one`], with the twin's predictions of the test simulations.
fn judged_row(args: TrainArgs, neuron: &str, label: &str) -> Result<(Row, Vec<Judged>)> {
    let folder = args.out.clone();
    let claimed = claim(&folder)?;
    let (path, device) = (args.data.clone(), args.device);
    let clock = folder.join("seconds.txt");
    let before: Option<f64> = match std::fs::read_to_string(&clock) {
        Ok(text) => text.trim().parse().ok(),
        Err(_) => (!args.resume).then_some(0.0),
    };
    // without this file a killed part of the training counts as one of unknown length
    std::fs::remove_file(&clock).ok();
    let start = Instant::now();
    let trained = train(args, &claimed)?;
    let train_seconds = before.map(|before| before + start.elapsed().as_secs_f64());
    if let Some(seconds) = train_seconds {
        files::write(&clock, format!("{seconds:.3}\n").as_bytes())?;
    }
    if trained.outcome == Outcome::Stopped {
        let message = "stopped and saved; the same command goes on".to_owned();
        return Err(anyhow::Error::new(Interrupted(message)));
    }
    let best = folder.join("best.safetensors");
    let checkpoint = model_file::read_back(&best)?;
    let header = checkpoint.header.clone();
    let parameters = checkpoint.count_params();
    if let Some(sheet) = first_layer(&checkpoint) {
        for ending in ["svg", "png"] {
            save(&folder.join(format!("first_layer.{ending}")), &sheet)?;
        }
    }
    let data = DataSet::open(&path)?;
    let set = data::split(&data, Split::Test, None)?;
    let judged_on = test_set(&data, &set)?;
    let (judged, seconds) = judge_all(device, checkpoint, &best, set, true)?;
    let evaluation = Evaluation::new(&judged);
    super::evaluate::save(&folder.join("metrics.json"), &evaluation)?;
    let metrics = serde_json::to_value(&evaluation)?;
    let row = Row {
        neuron: neuron.to_owned(),
        config: label.to_owned(),
        short_name: header.short_name,
        parameters: Some(parameters as u64),
        receptive_field_ms: TwinConfig::receptive_field(&header.config).map(|ms| ms as u64),
        train_simulations: header.data["train"].as_u64(),
        steps: Some(trained.steps),
        train_seconds,
        inference_ms: defined(1e3 * seconds / judged.len() as f64),
        weights_kib: Some(parameters as f64 * 4.0 / 1024.0),
        memory_mib: peak_memory(&best, &path, device)?,
        ..Row::default()
    };
    let row = row
        .trained_by(&trained.recipe)
        .judged_by(&metrics, evaluation.AUC_interval)
        .judged_on(&judged_on);
    Ok((row, judged))
}

/// The most memory that predicting one simulation takes, MiB, measured in a process that does nothing else.
fn peak_memory(model: &Path, data: &Path, device: Device) -> Result<Option<f64>> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["evaluate", "--split", "test", "--limit", "1", "--json", "--device"]);
    command.arg(device::name(device)).arg("--model").arg(model).arg("--data").arg(data);
    let output = command.output().context("cannot measure the memory")?;
    let json: Option<serde_json::Value> = serde_json::from_slice(&output.stdout).ok();
    Ok(json.and_then(|json| json["peak_memory_mib"].as_f64()))
}
