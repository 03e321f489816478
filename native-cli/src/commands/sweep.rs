//! `ballstick sweep`: the class assignment, and the four architectures side by side.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use ballstick::data::Split;
use ballstick::twin::config::{TwinConfig, TwinKind};
use ballstick::twin::evaluate::Evaluation;
use ballstick::twin::interval::{RESAMPLES, auc_interval};
use ballstick::twin::train::Outcome;
use clap::Args;
use serde::{Deserialize, Serialize};

use super::evaluate::judge_all;
use super::train::{RecipeArgs, TrainArgs, duration, train};
use crate::files::{self, usage};
use crate::plot::palette::{BLUE, GRID, VERMILLION};
use crate::plot::save;
use crate::store::DataSet;
use crate::twins::device::Device;
use crate::twins::sheet::{Mark, Plot, Series, Sheet};
use crate::twins::weights_figure::FirstLayer;
use crate::twins::{data, model_file};
use crate::work::{self, Interrupted};

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

/// What is known of a finished run.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Row {
    neuron: String,
    label: String,
    short_name: String,
    parameters: usize,
    receptive_field_ms: Option<usize>,
    auc: f64,
    auc_low: f64,
    auc_high: f64,
    tpr: f64,
    soma_explained_percent: f64,
    train_seconds: f64,
    inference_ms: f64,
    weights_kib: f64,
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
    let mut rows = Vec::new();
    for path in &args.data {
        let neuron = DataSet::open(path)?.title();
        for (label, kind, config) in &jobs {
            let folder = args.out.join(&neuron).join(label);
            let done = folder.join("row.json");
            if done.exists() {
                let text = files::read_text(&done)?;
                rows.push(serde_json::from_str(&text).map_err(|e| usage(done.display(), e))?);
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
            files::write(&done, (serde_json::to_string_pretty(&row)? + "\n").as_bytes())?;
            rows.push(row);
            report(&args.out, &rows)?;
        }
    }
    report(&args.out, &rows)?;
    println!("{}", args.out.join("report.html").display());
    Ok(())
}

/// Trains, judges, draws.
fn one(args: TrainArgs, neuron: &str, label: &str) -> Result<Row> {
    let folder = args.out.clone();
    let (path, device) = (args.data.clone(), args.device);
    let clock = folder.join("seconds.txt");
    let before: f64 =
        std::fs::read_to_string(&clock).ok().and_then(|t| t.trim().parse().ok()).unwrap_or(0.0);
    let start = Instant::now();
    let trained = train(args)?;
    let train_seconds = before + start.elapsed().as_secs_f64();
    files::write(&clock, format!("{train_seconds:.3}\n").as_bytes())?;
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
    let set = data::split(&DataSet::open(&path)?, Split::Test, None)?;
    let (judged, seconds) = judge_all(device, checkpoint, &best, set, true)?;
    let evaluation = Evaluation::new(&judged);
    super::evaluate::save(&folder.join("metrics.json"), &evaluation)?;
    let (auc_low, auc_high) = auc_interval(&judged);
    Ok(Row {
        neuron: neuron.to_owned(),
        label: label.to_owned(),
        short_name: header.short_name,
        parameters,
        receptive_field_ms: TwinConfig::receptive_field(&header.config),
        auc: evaluation.AUC_score,
        auc_low,
        auc_high,
        tpr: evaluation.true_positive_at_FP,
        soma_explained_percent: evaluation.soma_explained_variance_percent,
        train_seconds,
        inference_ms: 1e3 * seconds / judged.len() as f64,
        weights_kib: parameters as f64 * 4.0 / 1024.0,
    })
}

fn labels(rows: &[Row]) -> Vec<String> {
    let mut labels: Vec<String> = Vec::new();
    for row in rows {
        if !labels.contains(&row.label) {
            labels.push(row.label.clone());
        }
    }
    labels
}

/// The paired bar plot.
fn bars(rows: &[Row]) -> Sheet {
    let labels = labels(rows);
    let mut neurons: Vec<&String> = Vec::new();
    for row in rows {
        if !neurons.contains(&&row.neuron) {
            neurons.push(&row.neuron);
        }
    }
    let width = 0.8 / neurons.len() as f64;
    let colors = [BLUE, VERMILLION];
    let mut series = Vec::new();
    for (n, neuron) in neurons.iter().enumerate() {
        let shift = (n as f64 + 0.5) * width - 0.4;
        let of_neuron = || rows.iter().filter(|row| row.neuron == **neuron);
        let place = |row: &Row| labels.iter().position(|l| *l == row.label).unwrap_or(0) as f64;
        let points = of_neuron().map(|row| (place(row) + shift, row.auc)).collect();
        series.push(Series {
            label: (*neuron).clone(),
            color: colors[n % colors.len()],
            mark: Mark::Bars(width * 0.9),
            points,
        });
        for row in of_neuron() {
            let x = place(row) + shift;
            let points = vec![(x, row.auc_low), (x, row.auc_high)];
            series.push(Series::line("", GRID, points));
        }
    }
    let lowest = rows.iter().map(|r| r.auc_low.min(r.auc)).fold(1.0, f64::min);
    let plot = Plot {
        title: "spikes, AUC on the test set, with 95% intervals".into(),
        x: String::new(),
        y: "AUC".into(),
        x_range: -0.6..labels.len() as f64 - 0.4,
        y_range: (lowest - 0.03).max(0.0)..1.0,
        series,
        places: labels,
    };
    Sheet {
        title: "Which twin for which neuron?".into(),
        columns: 1,
        size: (900, 480),
        plots: vec![plot],
    }
}

/// The table as CSV, the bar plot, and the report that holds both.
fn report(folder: &Path, rows: &[Row]) -> Result<()> {
    for ending in ["svg", "png"] {
        save(&folder.join(format!("auc.{ending}")), &bars(rows))?;
    }
    let mut csv = "neuron,config,twin,parameters,receptive_field_ms,auc,auc_low,auc_high,tpr_at_fpr_0.002,soma_explained_percent,train_seconds,inference_ms,weights_kib\n".to_owned();
    let mut cells = String::new();
    for r in rows {
        let field = r.receptive_field_ms.map_or("unbounded".to_owned(), |ms| ms.to_string());
        let _ = writeln!(
            csv,
            "{},{},{},{},{field},{:.5},{:.5},{:.5},{:.4},{:.3},{:.1},{:.3},{:.1}",
            r.neuron,
            r.label,
            r.short_name,
            r.parameters,
            r.auc,
            r.auc_low,
            r.auc_high,
            r.tpr,
            r.soma_explained_percent,
            r.train_seconds,
            r.inference_ms,
            r.weights_kib
        );
        let _ = writeln!(
            cells,
            "<tr><td>{}<td>{}<td>{}<td>{}<td>{field}<td>{:.4} ({:.4}–{:.4})<td>{:.3}<td>{:.1}%<td>{}<td>{:.2}<td>{:.0}</tr>",
            escape(&r.neuron),
            escape(&r.label),
            escape(&r.short_name),
            r.parameters,
            r.auc,
            r.auc_low,
            r.auc_high,
            r.tpr,
            r.soma_explained_percent,
            duration(r.train_seconds),
            r.inference_ms,
            r.weights_kib
        );
    }
    files::write(&folder.join("table.csv"), csv.as_bytes())?;
    let bars = std::fs::read_to_string(folder.join("auc.svg"))?;
    let mut layers = String::new();
    for r in rows {
        let path = folder.join(&r.neuron).join(&r.label).join("first_layer.svg");
        if let Ok(svg) = std::fs::read_to_string(path) {
            let title = format!("{}, {}", escape(&r.neuron), escape(&r.label));
            let _ = writeln!(layers, "<details><summary>{title}</summary>{svg}</details>");
        }
    }
    let page = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Twins compared</title>\n\
         <style>body{{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}}\
         table{{border-collapse:collapse;font-size:.9rem}}td,th{{padding:.3rem .6rem;border-bottom:1px solid #ddd;text-align:left}}\
         svg{{max-width:100%;height:auto}}</style>\n<h1>Twins compared</h1>\n{bars}\n\
         <table><tr><th>neuron<th>config<th>twin<th>parameters<th>receptive field (ms)<th>AUC (95% interval)\
         <th>found at FPR 0.002<th>soma explained<th>time to train<th>ms for a simulation<th>weights (KiB)</tr>\n\
         {cells}</table>\n<p>Intervals: {RESAMPLES} resamplings of whole test simulations.</p>\n\
         <h2>First layers</h2>\n{layers}</html>\n"
    );
    files::write(&folder.join("report.html"), page.as_bytes())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
