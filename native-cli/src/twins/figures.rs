//! The figures of an evaluation.

use std::path::Path;

use anyhow::Result;
use ballstick::twin::baseline::Baseline;
use ballstick::twin::evaluate::{Evaluation, Judged, WANTED_FPR};

use super::sheet::{Mark, Plot, Series, Sheet, range};
use super::summary::metric;
use crate::plot::palette::{BLUE, GREEN, ORANGE, PURPLE, VERMILLION};
use crate::plot::save;

/// Draws every figure into a folder, as SVG and as PNG.
///
/// # Errors
/// If a file cannot be written.
pub fn all(
    folder: &Path,
    name: &str,
    evaluation: &Evaluation,
    baselines: &[Baseline],
    judged: &[Judged],
    sample: usize,
) -> Result<()> {
    let sheets = [
        ("roc", roc(name, evaluation, baselines, 1.0)),
        ("roc_zoomed", roc(name, evaluation, baselines, 0.031)),
        ("precision_recall", precision_recall(name, evaluation)),
        ("scatter", scatter(name, evaluation, judged)),
        ("per_simulation", per_simulation(name, evaluation)),
        ("calibration", calibration(name, evaluation)),
        ("sample_minimal", minimal(name, &judged[sample], sample)),
        ("sample_full", full(name, &judged[sample], sample)),
    ];
    for (file, sheet) in sheets {
        for ending in ["svg", "png"] {
            save(&folder.join(format!("{file}.{ending}")), &sheet)?;
        }
    }
    Ok(())
}

/// At most a few thousand points of a curve: what the eye can tell apart.
fn thinned(x: &[f64], y: &[f64], up_to: f64) -> Vec<(f64, f64)> {
    let step = up_to / 2000.0;
    let mut points: Vec<(f64, f64)> = Vec::new();
    for (i, (&x, &y)) in x.iter().zip(y).enumerate() {
        let far = |p: &(f64, f64)| (x - p.0).abs() >= step || (y - p.1).abs() >= 0.0005;
        if x <= up_to && (i == 0 || points.last().is_none_or(far)) {
            points.push((x, y));
        }
    }
    points
}

fn roc(name: &str, e: &Evaluation, baselines: &[Baseline], up_to: f64) -> Sheet {
    let beside = || {
        baselines.iter().zip([GREEN, ORANGE]).map(|(baseline, color)| {
            let points = baseline.curve.iter().copied().filter(|p| p.0 <= up_to).collect();
            Series::line(baseline.kind.words(), color, points)
        })
    };
    let plot = |what: &str, curve: &ballstick::twin::metrics::Roc, tpr: f64| {
        let mut series = vec![Series::line("", BLUE, thinned(&curve.fpr, &curve.tpr, up_to))];
        if up_to < 1.0 {
            series.push(Series::line("", VERMILLION, vec![(WANTED_FPR, 0.0), (WANTED_FPR, tpr)]));
        } else {
            series.push(Series::diagonal(&(0.0..1.0)));
        }
        Plot {
            title: format!("{what} (AUC = {})", metric(curve.auc, 4, "")),
            x: "false-positive rate".into(),
            y: "true-positive rate".into(),
            x_range: 0.0..up_to,
            y_range: 0.0..1.0,
            series,
            places: vec![],
        }
    };
    let mut spikes = plot("spikes", &e.roc, e.true_positive_at_FP);
    spikes.series.extend(beside());
    let plots =
        vec![spikes, plot("near spikes", &e.near_spike_roc, e.near_spike_true_positive_at_FP)];
    Sheet { title: name.into(), columns: 2, size: (520, 480), plots }
}

fn precision_recall(name: &str, e: &Evaluation) -> Sheet {
    let curve = &e.precision_recall;
    let plot = Plot {
        title: format!("spikes (average precision = {})", metric(curve.average_precision, 4, "")),
        x: "recall".into(),
        y: "precision".into(),
        x_range: 0.0..1.0,
        y_range: 0.0..1.0,
        series: vec![Series::line("", BLUE, thinned(&curve.recall, &curve.precision, 1.0))],
        places: vec![],
    };
    Sheet { title: name.into(), columns: 1, size: (560, 480), plots: vec![plot] }
}

/// Dots in a scatter plot.
const DOTS: usize = 6000;

fn scatter(name: &str, e: &Evaluation, judged: &[Judged]) -> Sheet {
    let plot = |title: String,
                unit: &str,
                factor: f64,
                truth: fn(&Judged) -> &Vec<f32>,
                prediction: fn(&Judged) -> &Vec<f32>| {
        let total: usize = judged.iter().map(|j| truth(j).len()).sum();
        // a stride that shares no factor with the period of anything in the data
        let stride = (total / DOTS).max(1) | 1;
        let pairs = judged.iter().flat_map(|j| truth(j).iter().zip(prediction(j)));
        let points: Vec<(f64, f64)> = pairs
            .step_by(stride)
            .map(|(&t, &p)| (factor * f64::from(t), factor * f64::from(p)))
            .collect();
        let x_range = range(points.iter().map(|p| p.0));
        let y_range = range(points.iter().map(|p| p.1));
        let series = vec![Series::dots("", BLUE, points), Series::diagonal(&x_range)];
        let (x, y) = (format!("neuron ({unit})"), format!("twin ({unit})"));
        Plot { title, x, y, x_range, y_range, series, places: vec![] }
    };
    let explained =
        |what: &str, percent: f64| format!("{what}, {}", metric(percent, 2, "% explained"));
    let plots = vec![
        plot(
            explained("soma voltage", e.soma_explained_variance_percent),
            "mV",
            1.0,
            |j| &j.soma,
            |j| &j.soma_predicted,
        ),
        plot(
            explained("rate", e.inst_rate_explained_variance_percent),
            "Hz",
            1000.0,
            |j| &j.rate,
            |j| &j.rate_predicted,
        ),
        plot(
            explained("dendritic voltage", e.dend_v_explained_variance_percent),
            "mV",
            1.0,
            |j| &j.dend,
            |j| &j.dend_predicted,
        ),
    ];
    Sheet { title: name.into(), columns: 3, size: (440, 420), plots }
}

fn per_simulation(name: &str, e: &Evaluation) -> Sheet {
    let rows = &e.per_simulation;
    let spikes: Vec<f64> = rows.iter().map(|r| r.total_num_spikes as f64).collect();
    let plot = |title: &str, values: Vec<f64>| Plot {
        title: title.into(),
        x: "spikes in the simulation".into(),
        y: String::new(),
        x_range: range(spikes.iter().copied()),
        y_range: range(values.iter().copied()),
        series: vec![Series::dots("", BLUE, spikes.iter().copied().zip(values).collect())],
        places: vec![],
    };
    let plots = vec![
        plot("spikes, AUC", rows.iter().map(|r| r.spikes_AUC).collect()),
        plot("near spikes, AUC", rows.iter().map(|r| r.near_spikes_AUC).collect()),
        plot("soma, explained variance", rows.iter().map(|r| r.soma_R2).collect()),
        plot("rate, explained variance", rows.iter().map(|r| r.inst_rate_R2).collect()),
        plot("dendrite, explained variance", rows.iter().map(|r| r.dend_v_R2).collect()),
    ];
    Sheet {
        title: format!("{name}, simulation by simulation"),
        columns: 3,
        size: (420, 340),
        plots,
    }
}

fn calibration(name: &str, e: &Evaluation) -> Sheet {
    let c = &e.calibration;
    let points: Vec<(f64, f64)> =
        c.actual.iter().zip(&c.predicted).map(|(a, p)| (1000.0 * a, 1000.0 * p)).collect();
    let x_range = range(points.iter().map(|p| p.0));
    let plot = Plot {
        title: format!(
            "{}, correlation {}",
            metric(c.explained_variance_percent, 2, "% explained"),
            metric(c.correlation, 4, ""),
        ),
        x: "mean rate of the neuron in a bin (Hz)".into(),
        y: "mean rate of the twin (Hz)".into(),
        y_range: range(points.iter().map(|p| p.1)),
        series: vec![Series::dots("", BLUE, points), Series::diagonal(&x_range)],
        x_range,
        places: vec![],
    };
    let title = format!("{name}, calibration");
    Sheet { title, columns: 1, size: (560, 500), plots: vec![plot] }
}

/// A trace over time, at most two points a pixel: the least and the greatest of each stretch.
fn trace(j: &Judged, values: &[f32], factor: f64) -> Vec<(f64, f64)> {
    let step = values.len().div_ceil(1600).max(1);
    let at = |i: usize| (j.from_ms + i) as f64;
    let mut points = Vec::new();
    for (n, chunk) in values.chunks(step).enumerate() {
        let by = |a: &usize, b: &usize| chunk[*a].total_cmp(&chunk[*b]);
        let least = (0..chunk.len()).min_by(by).unwrap_or(0);
        let greatest = (0..chunk.len()).max_by(by).unwrap_or(0);
        for k in [least.min(greatest), least.max(greatest)] {
            points.push((at(n * step + k), factor * f64::from(chunk[k])));
        }
    }
    points
}

fn over_time(j: &Judged, title: &str, y: &str, series: Vec<Series>) -> Plot {
    let from = j.from_ms as f64;
    Plot {
        title: title.into(),
        x: "time (ms)".into(),
        y: y.into(),
        x_range: from..from + j.spikes.len() as f64,
        y_range: range(series.iter().flat_map(|s| s.points.iter().map(|p| p.1))),
        series,
        places: vec![],
    }
}

fn soma(j: &Judged) -> Plot {
    let series = vec![
        Series::line("neuron", BLUE, trace(j, &j.soma, 1.0)),
        Series::line("twin", VERMILLION, trace(j, &j.soma_predicted, 1.0)),
    ];
    over_time(j, "soma voltage", "mV", series)
}

/// Bars where the neuron spiked, and the twin's probability.
fn spikes(j: &Judged, title: &str, truth: &[bool], prediction: &[f32]) -> Plot {
    let at = |(i, _): (usize, &bool)| ((j.from_ms + i) as f64, 1.0);
    let bars = truth.iter().enumerate().filter(|(_, s)| **s).map(at).collect();
    let width = (truth.len() as f64 / 900.0).max(1.0);
    let bars =
        Series { label: "neuron".into(), color: ORANGE, mark: Mark::Bars(width), points: bars };
    let line = Series::line("twin", PURPLE, trace(j, prediction, 1.0));
    let mut plot = over_time(j, title, "probability", vec![bars, line]);
    plot.y_range = 0.0..1.02;
    plot
}

fn minimal(name: &str, j: &Judged, index: usize) -> Sheet {
    let plots = vec![spikes(j, "spikes", &j.spikes, &j.spikes_predicted), soma(j)];
    Sheet { title: format!("{name}, simulation {index}"), columns: 1, size: (1300, 270), plots }
}

fn full(name: &str, j: &Judged, index: usize) -> Sheet {
    let rate = vec![
        Series::line("neuron", BLUE, trace(j, &j.rate, 1000.0)),
        Series::line("twin", VERMILLION, trace(j, &j.rate_predicted, 1000.0)),
    ];
    let mut plots = vec![
        spikes(j, "spikes", &j.spikes, &j.spikes_predicted),
        spikes(j, "near spikes", &j.near_spike, &j.near_spike_predicted),
        soma(j),
        over_time(j, "rate", "Hz", rate),
    ];
    let time = j.spikes.len();
    let segments = j.dend.len() / time.max(1);
    for s in [0, segments.saturating_sub(1)] {
        let part = s * time..(s + 1) * time;
        let series = vec![
            Series::line("neuron", GREEN, trace(j, &j.dend[part.clone()], 1.0)),
            Series::line("twin", VERMILLION, trace(j, &j.dend_predicted[part], 1.0)),
        ];
        plots.push(over_time(j, &format!("dendritic voltage, segment {s}"), "mV", series));
    }
    Sheet { title: format!("{name}, simulation {index}"), columns: 1, size: (1300, 230), plots }
}
