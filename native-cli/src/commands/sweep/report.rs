//! The sweep's table, bar plot and report.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use ballstick::twin::interval::RESAMPLES;
use serde::{Deserialize, Serialize};

use crate::files;
use crate::plot::palette::{BLUE, GRID, VERMILLION};
use crate::plot::save;
use crate::twins::line::duration;
use crate::twins::sheet::{Mark, Plot, Series, Sheet};

/// What is known of a finished run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Row {
    /// The data set's title.
    pub neuron: String,
    /// Configuration or architecture.
    pub label: String,
    /// The original's name for it.
    pub short_name: String,
    /// How many.
    pub parameters: usize,
    /// None where it is unbounded.
    pub receptive_field_ms: Option<usize>,
    /// Of spikes on the test set.
    pub auc: f64,
    /// Lower end of its interval.
    pub auc_low: f64,
    /// Upper end.
    pub auc_high: f64,
    /// Spikes found at a false-positive rate of 0.002.
    pub tpr: f64,
    /// Of the soma voltage.
    pub soma_explained_percent: f64,
    /// Time to train; none where a part of it was killed and took its clock with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train_seconds: Option<f64>,
    /// Time to predict a simulation.
    pub inference_ms: f64,
    /// Parameters in single precision.
    pub weights_kib: f64,
    /// Peak memory of predicting one simulation; none where it is not known.
    #[serde(default)]
    pub memory_mib: Option<f64>,
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
///
/// # Errors
/// If a file cannot be written.
pub fn write(folder: &Path, rows: &[Row]) -> Result<()> {
    for ending in ["svg", "png"] {
        save(&folder.join(format!("auc.{ending}")), &bars(rows))?;
    }
    let mut csv = "neuron,config,twin,parameters,receptive_field_ms,auc,auc_low,auc_high,tpr_at_fpr_0.002,soma_explained_percent,train_seconds,inference_ms,weights_kib,memory_mib\n".to_owned();
    let mut cells = String::new();
    for r in rows {
        let field = r.receptive_field_ms.map_or("unbounded".to_owned(), |ms| ms.to_string());
        let seconds = r.train_seconds.map_or(String::new(), |s| format!("{s:.1}"));
        let memory = r.memory_mib.map_or(String::new(), |mib| format!("{mib:.1}"));
        let _ = writeln!(
            csv,
            "{},{},{},{},{field},{:.5},{:.5},{:.5},{:.4},{:.3},{seconds},{:.3},{:.1},{memory}",
            r.neuron,
            r.label,
            r.short_name,
            r.parameters,
            r.auc,
            r.auc_low,
            r.auc_high,
            r.tpr,
            r.soma_explained_percent,
            r.inference_ms,
            r.weights_kib
        );
        let _ = writeln!(
            cells,
            "<tr><td>{}<td>{}<td>{}<td>{}<td>{field}<td>{:.4} ({:.4}–{:.4})<td>{:.3}<td>{:.1}%<td>{}<td>{:.2}<td>{:.0}<td>{memory}</tr>",
            escape(&r.neuron),
            escape(&r.label),
            escape(&r.short_name),
            r.parameters,
            r.auc,
            r.auc_low,
            r.auc_high,
            r.tpr,
            r.soma_explained_percent,
            r.train_seconds.map_or("–".to_owned(), duration),
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
         <th>found at FPR 0.002<th>soma explained<th>time to train<th>ms for a simulation<th>weights (KiB)<th>memory (MiB)</tr>\n\
         {cells}</table>\n<p>Intervals: {RESAMPLES} resamplings of whole test simulations. Memory: the most that a process took, \
         or a graphics device reserved, to predict one.</p>\n\
         <h2>First layers</h2>\n{layers}</html>\n"
    );
    files::write(&folder.join("report.html"), page.as_bytes())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
