//! The figures of an evaluation.

use std::path::Path;

use anyhow::Result;
use ballstick::twin::baseline::Baseline;
use ballstick::twin::evaluate::{Evaluation, Judged, WANTED_FPR};

use super::calibration_figure;
use super::sample_figures::Shown;
use super::sheet::{Plot, Series, Sheet, range};
use super::summary::metric;
use crate::plot::palette::{BLUE, GREEN, ORANGE, VERMILLION};
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
    shown: &Shown<'_>,
) -> Result<()> {
    let sheets = [
        ("roc", roc(name, evaluation, baselines, 1.0)),
        ("roc_zoomed", roc(name, evaluation, baselines, 0.031)),
        ("precision_recall", precision_recall(name, evaluation)),
        ("scatter", scatter(name, evaluation, judged)),
        ("per_simulation", per_simulation(name, evaluation)),
    ];
    let grids = [
        ("calibration", calibration_figure::figure(name, evaluation, judged)),
        ("sample_minimal", shown.minimal()),
        ("sample_full", shown.full()),
    ];
    for ending in ["svg", "png"] {
        for (file, sheet) in &sheets {
            save(&folder.join(format!("{file}.{ending}")), sheet)?;
        }
        for (file, grid) in &grids {
            save(&folder.join(format!("{file}.{ending}")), grid)?;
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
        let both = nearly_all(points.iter().map(|p| p.0));
        let inside = |p: &(f64, f64)| both.contains(&p.0) && both.contains(&p.1);
        let series = vec![
            Series::dots("", BLUE, points.into_iter().filter(inside).collect()),
            Series::diagonal(&both),
        ];
        let (x_range, y_range) = (both.clone(), both);
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

/// From the 0.1 to the 99.9 percentile, and a fortieth beyond either, as the original draws it: a few outliers do not
/// shrink all others into a corner.
fn nearly_all(values: impl Iterator<Item = f64>) -> std::ops::Range<f64> {
    let mut sorted: Vec<f64> = values.filter(|v| v.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = (percentile(&sorted, 0.1), percentile(&sorted, 99.9));
    if high > low {
        let room = 0.025 * (high - low);
        return low - room..high + room;
    }
    range(sorted.into_iter())
}

/// `numpy.percentile` of sorted values: between two neighbours in proportion. NaN of none.
fn percentile(sorted: &[f64], percent: f64) -> f64 {
    let at = percent / 100.0 * sorted.len().saturating_sub(1) as f64;
    let part = |i: usize| sorted.get(i).copied().unwrap_or(f64::NAN);
    let (low, high) = (part(at as usize), part((at.ceil()) as usize));
    low + (high - low) * at.fract()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_numpys() {
        // numpy.percentile([1, 2, 4, 8, 16], [0, 0.1, 10, 50, 99.9, 100])
        let sorted = [1.0, 2.0, 4.0, 8.0, 16.0];
        for (percent, wanted) in
            [(0.0, 1.0), (0.1, 1.004), (10.0, 1.4), (50.0, 4.0), (99.9, 15.968), (100.0, 16.0)]
        {
            assert!((percentile(&sorted, percent) - wanted).abs() < 1e-12, "{percent}");
        }
        let outlier = (0..2000).map(f64::from).chain([1e9]);
        let axis = nearly_all(outlier);
        assert!(axis.start < 2.0 && axis.end < 2100.0, "{axis:?}");
        assert!(!nearly_all([3.0, 3.0].into_iter()).is_empty());
        assert_eq!(nearly_all(std::iter::empty()), 0.0..1.0);
    }
}
