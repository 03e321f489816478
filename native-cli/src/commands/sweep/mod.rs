//! `ballstick sweep`: the class assignment, and the four architectures side by side.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};
use ballstick::data::{Source, Split};
use ballstick::twin::config::{TwinConfig, TwinKind};
use ballstick::twin::evaluate::Evaluation;
use ballstick::twin::results::{Row, TestSet};
use ballstick::twin::train::Outcome;
use clap::Args;

use super::evaluate::judge_all;
use super::train::{RecipeArgs, TrainArgs, train};
use crate::files::{self, usage};
use crate::plot::save;
use crate::store::{DataSet, SplitSource};
use crate::twins::device::{self, Device};
use crate::twins::weights_figure::FirstLayer;
use crate::twins::{baselines, data, model_file};
use crate::work::{self, Interrupted};

mod report;

/// Train and compare many twins: configurations A to E on one neuron or several.
#[derive(Args)]
pub struct SweepArgs {
    /// A data set; give one for each neuron, the point neuron first
    #[arg(long, value_name = "DIR", required = true)]
    data: Vec<PathBuf>,
    /// The folder for all runs, tables and the report; going on where it was
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Which of A to E
    #[arg(long, value_name = "LETTERS", default_value = "ABCDE")]
    configs: String,
    /// Also train the four architectures with the seed's defaults
    #[arg(long)]
    architectures: bool,
    /// Where to compute
    #[arg(long, value_enum, default_value_t = Device::Cpu)]
    device: Device,
    #[command(flatten)]
    recipe: RecipeArgs,
}

/// Runs the command.
///
/// # Errors
/// A usage error for input that cannot be used; else what went wrong.
pub fn run(args: SweepArgs) -> Result<()> {
    work::listen_to_ctrl_c();
    let mut jobs: Vec<(String, Option<TwinKind>, Option<String>)> = Vec::new();
    for letter in args.configs.chars().filter(|c| !c.is_whitespace() && *c != ',') {
        let letter = letter.to_ascii_uppercase();
        if !letter.is_ascii_uppercase() || letter > 'E' {
            return Err(usage("--configs", format!("there is no {letter}; there are A to E")));
        }
        jobs.push((letter.to_string(), None, Some(letter.to_string())));
    }
    if args.architectures {
        let all = TwinKind::ALL.map(|kind| (kind.name().to_owned(), Some(kind), None));
        jobs.extend(all);
    }
    if jobs.is_empty() {
        return Err(usage("--configs", "nothing to train"));
    }
    std::fs::create_dir_all(&args.out).map_err(|e| usage(args.out.display(), e))?;
    let (mut rows, mut beside) = (Vec::new(), Vec::new());
    for path in &args.data {
        let neuron = DataSet::open(path)?.title();
        beside.extend(baseline_rows(path, &neuron)?);
        for (label, kind, config) in &jobs {
            let folder = args.out.join(&neuron).join(label);
            let done = folder.join("row.json");
            if done.exists() {
                let text = files::read_text(&done)?;
                let found = Row::from_json(&text).map_err(|e| usage(done.display(), e))?;
                let mut row = found.into_iter().next().unwrap_or_default();
                if row.memory_mib.is_nan() {
                    row.memory_mib = memory(&folder.join("best.safetensors"), path, args.device)?;
                    save_row(&done, &row)?;
                }
                rows.push(row);
                continue;
            }
            eprintln!("— {neuron}, {label}");
            let job = TrainArgs {
                data: path.clone(),
                twin: *kind,
                config: config.clone(),
                device: args.device,
                resume: folder.join("last.safetensors").exists(),
                out: folder.clone(),
                recipe: args.recipe.clone(),
            };
            let row = one(job, &neuron, label)?;
            save_row(&done, &row)?;
            rows.push(row);
            report::write(&args.out, &rows, &beside)?;
        }
    }
    report::write(&args.out, &rows, &beside)?;
    println!("{}", args.out.join("report.html").display());
    Ok(())
}

/// What the twins of a data set have to beat.
fn baseline_rows(path: &Path, neuron: &str) -> Result<Vec<Row>> {
    let set = DataSet::open(path)?;
    let test = data::split(&set, Split::Test, None)?;
    let (found, lacking) = baselines::of(&set, &test)?;
    if let Some(why) = lacking {
        eprintln!("{neuron}: no logistic regression: {why}");
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

/// Trains, judges, draws.
fn one(args: TrainArgs, neuron: &str, label: &str) -> Result<Row> {
    let folder = args.out.clone();
    let (path, device) = (args.data.clone(), args.device);
    let clock = folder.join("seconds.txt");
    let before: Option<f64> = match std::fs::read_to_string(&clock) {
        Ok(text) => text.trim().parse().ok(),
        Err(_) => (!args.resume).then_some(0.0),
    };
    // without it a part that is killed is one of unknown length
    std::fs::remove_file(&clock).ok();
    let start = Instant::now();
    let trained = train(args)?;
    let train_seconds = before.map(|before| before + start.elapsed().as_secs_f64());
    if let Some(seconds) = train_seconds {
        files::write(&clock, format!("{seconds:.3}\n").as_bytes())?;
    }
    if trained.outcome == Outcome::Stopped {
        let message = "stopped and saved; the same command goes on".to_owned();
        return Err(anyhow::Error::new(Interrupted(message)));
    }
    let best = folder.join("best.safetensors");
    let checkpoint = model_file::read(&best)?;
    let header = checkpoint.header.clone();
    let parameters = checkpoint.count_params();
    if let Some(figure) = FirstLayer::of(&checkpoint) {
        for ending in ["svg", "png"] {
            save(&folder.join(format!("first_layer.{ending}")), &figure)?;
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
        parameters: parameters as f64,
        receptive_field_ms: TwinConfig::receptive_field(&header.config).map(|ms| ms as f64),
        train_simulations: header.data["train"].as_f64().unwrap_or(f64::NAN),
        steps: trained.steps as f64,
        train_seconds: train_seconds.unwrap_or(f64::NAN),
        inference_ms: 1e3 * seconds / judged.len() as f64,
        weights_kib: parameters as f64 * 4.0 / 1024.0,
        memory_mib: memory(&best, &path, device)?,
        ..Row::default()
    };
    Ok(row
        .trained_by(&header.recipe.unwrap_or_default())
        .judged_by(&metrics, evaluation.AUC_interval)
        .judged_on(&judged_on))
}

/// What predicting one simulation takes, told by a process that does nothing else.
fn memory(model: &Path, data: &Path, device: Device) -> Result<f64> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["evaluate", "--split", "test", "--limit", "1", "--json", "--device"]);
    command.arg(device::name(device)).arg("--model").arg(model).arg("--data").arg(data);
    let output = command.output().context("cannot measure the memory")?;
    let json: Option<serde_json::Value> = serde_json::from_slice(&output.stdout).ok();
    Ok(json.and_then(|json| json["peak_memory_mib"].as_f64()).unwrap_or(f64::NAN))
}
