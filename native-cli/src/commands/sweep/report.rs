//! The sweep's table, bar plot and report.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use ballstick::plot::{Axis, Colour, Figure, Panel, Series, Sheet, Style};
use ballstick::twin::baseline::TAU_MS;
use ballstick::twin::interval::RESAMPLES;
use ballstick::twin::results::Row;

use crate::files;
use crate::plot::save;
use crate::twins::line::duration;

fn labels(rows: &[Row]) -> Vec<String> {
    let mut labels: Vec<String> = Vec::new();
    for row in rows {
        if !labels.contains(&row.config) {
            labels.push(row.config.clone());
        }
    }
    labels
}

/// The bar plot of AUCs, paired by neuron.
fn bars(rows: &[Row]) -> Sheet {
    let labels = labels(rows);
    let mut neurons: Vec<&String> = Vec::new();
    for row in rows {
        if !neurons.contains(&&row.neuron) {
            neurons.push(&row.neuron);
        }
    }
    let width = 0.8 / neurons.len() as f64;
    let (mut lines, mut ends) = (Vec::new(), Vec::new());
    for (n, (neuron, colour)) in neurons.iter().zip(Colour::APART.into_iter().cycle()).enumerate() {
        let shift = (n as f64 + 0.5) * width - 0.4;
        let of_neuron = || rows.iter().filter(|row| row.neuron == **neuron);
        let label = |row: &Row| labels.iter().position(|l| *l == row.config).unwrap_or(0) as f64;
        let at = |row: &Row| label(row) + shift;
        let points: Vec<_> = of_neuron().filter_map(|row| Some((at(row), row.auc?))).collect();
        lines.push(Series::new(*neuron, colour, Style::Columns, points));
        ends.extend(
            of_neuron()
                .filter_map(|row| Some([(at(row), row.auc_low?), (at(row), row.auc_high?)]))
                .flatten(),
        );
    }
    lines.push(Series::new("95% interval", Colour::Ink, Style::Whiskers, ends));
    let lowest = rows.iter().flat_map(|r| [r.auc_low, r.auc]).flatten().fold(1.0, f64::min);
    let highest = rows.iter().flat_map(|r| [r.auc_high, r.auc]).flatten().fold(0.0, f64::max);
    // a third of the last nine above the highest value, and never beyond the values that the axis can show
    let range = ((lowest - 0.03).max(0.0), (1.0 - (1.0 - highest) * 0.7).min(0.99999));
    let x = Axis::new("twin", "", (-0.6, labels.len() as f64 - 0.4)).places(labels);
    let y = Axis::new("spikes, AUC on the test set", "", range).nines();
    let mut sheet = Sheet::new(["Which twin for which neuron?".to_owned()], [900.0]);
    sheet.push("", Figure::new(x, [Panel::lines(y, 380.0, lines)]));
    sheet
}

/// Writes the tables of twins and of baselines as CSV, the bar plot, and the report that holds them.
///
/// # Errors
/// A file that cannot be written.
pub fn write(folder: &Path, rows: &[Row], baselines: &[Row]) -> Result<()> {
    let all: Vec<Row> = rows.iter().chain(baselines).cloned().collect();
    for ending in ["svg", "png"] {
        save(&folder.join(format!("auc.{ending}")), &bars(&all))?;
        save(&folder.join(format!("shape.{ending}")), &super::shape::sheet(rows))?;
    }
    let mut cells = String::new();
    for r in &all {
        let field = r.receptive_field_ms.map_or("unbounded".to_owned(), |ms| ms.to_string());
        let seconds = r.train_seconds.map_or(DASH.to_owned(), duration);
        let _ = writeln!(
            cells,
            "<tr><td>{}<td>{}<td>{}<td>{}<td>{field}<td>{} ({}–{})<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{} × {}<td>{}<td>{seconds}<td>{}<td>{}<td>{}<td>{}</tr>",
            escape(&r.neuron),
            escape(&r.config),
            escape(&r.short_name),
            plain(r.parameters),
            number(r.auc, 4, ""),
            number(r.auc_low, 4, ""),
            number(r.auc_high, 4, ""),
            number(r.tpr, 3, ""),
            number(r.near_auc, 4, ""),
            number(r.soma_explained_percent, 1, "%"),
            number(r.rate_explained_percent, 1, "%"),
            number(r.dend_explained_percent, 1, "%"),
            plain(r.steps),
            plain(r.batch_size),
            plain(r.window_ms),
            plain(r.learning_rate),
            number(r.inference_ms, 2, ""),
            number(r.weights_kib, 0, ""),
            number(r.memory_mib, 1, ""),
            escape(&r.test_set),
        );
    }
    files::write(&folder.join("table.csv"), Row::to_csv(rows).as_bytes())?;
    files::write(&folder.join("baselines.csv"), Row::to_csv(baselines).as_bytes())?;
    let bars = std::fs::read_to_string(folder.join("auc.svg"))?;
    let shape = std::fs::read_to_string(folder.join("shape.svg"))?;
    let mut layers = String::new();
    for r in rows {
        let path = folder.join(&r.neuron).join(&r.config).join("first_layer.svg");
        if let Ok(svg) = std::fs::read_to_string(path) {
            let title = format!("{}, {}", escape(&r.neuron), escape(&r.config));
            let _ = writeln!(layers, "<details><summary>{title}</summary>{svg}</details>");
        }
    }
    let page = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Twins compared</title>\n\
         <style>body{{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}}\
         table{{border-collapse:collapse;font-size:.9rem}}td,th{{padding:.3rem .6rem;border-bottom:1px solid #ddd;text-align:left}}\
         svg{{max-width:100%;height:auto}}</style>\n<h1>Twins compared</h1>\n{bars}\n{shape}\n\
         <table><tr><th>neuron<th>config<th>twin<th>parameters<th>receptive field (ms)<th>AUC (95% interval)\
         <th>found at FPR 0.002<th>near spikes, AUC\
         <th>soma explained<th>rate<th>dendrite<th>steps<th>batch × window (ms)<th>learning rate<th>time to train\
         <th>ms for a simulation<th>weights (KiB)<th>memory (MiB)<th>test set</tr>\n\
         {cells}</table>\n<p>Filter: excitation minus inhibition through an exponential filter of {TAU_MS} ms, untrained. Logistic: logistic \
         regression on filtered inputs. Intervals: {RESAMPLES} resamplings of whole test simulations; they do not cover \
         the seed. Memory: the most that a process took, \
         or a graphics device reserved, to predict one.</p>\n\
         <h2>First layers</h2>\n{layers}</html>\n"
    );
    files::write(&folder.join("report.html"), page.as_bytes())
}

const DASH: &str = "–";

fn number(x: Option<f64>, digits: usize, unit: &str) -> String {
    x.map_or(DASH.to_owned(), |x| format!("{x:.digits$}{unit}"))
}

fn plain(x: Option<impl ToString>) -> String {
    x.map_or(DASH.to_owned(), |x| x.to_string())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
