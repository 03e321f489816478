//! The figures of an evaluation.

use std::path::Path;

use anyhow::Result;
use ballstick::plot::range::padded;
use ballstick::plot::{Axis, Colour, Figure, Panel, Series, Sheet, Style};
use ballstick::twin::baseline::Baseline;
use ballstick::twin::evaluate::{Evaluation, Judged, WANTED_FPR};
use ballstick::twin::metrics::Roc;

use super::calibration_figure;
use super::sample_figures::Shown;
use super::summary::metric;
use crate::plot::save;

/// Draws every figure into a folder, as SVG and as PNG.
///
/// # Errors
/// A file that cannot be written.
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
        ("calibration", calibration_figure::sheet(name, evaluation, judged)),
        ("sample_minimal", shown.minimal()),
        ("sample_full", shown.full()),
    ];
    for ending in ["svg", "png"] {
        for (file, sheet) in &sheets {
            save(&folder.join(format!("{file}.{ending}")), sheet)?;
        }
    }
    Ok(())
}

/// The points of a curve, thinned to the few thousand that the eye can tell apart.
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
    let beside = baselines.iter().zip([Colour::Green, Colour::Orange]).map(|(baseline, colour)| {
        let points: Vec<_> = baseline.curve.iter().copied().filter(|p| p.0 <= up_to).collect();
        Series::new(baseline.kind.title(), colour, Style::Line, points)
    });
    let figure = |curve: &Roc, tpr: f64, beside: &mut dyn Iterator<Item = Series>| {
        let mut lines: Vec<Series> = beside.collect();
        lines.push(if up_to < 1.0 {
            let name = format!("false-positive rate {WANTED_FPR}");
            Series::upright(name, WANTED_FPR, (0.0, tpr))
        } else {
            Series::diagonal((0.0, 1.0))
        });
        let points = thinned(&curve.fpr, &curve.tpr, up_to);
        lines.push(Series::new("twin", Colour::Ink, Style::Bold, points));
        Figure::new(
            Axis::new("false-positive rate", "", (0.0, up_to)),
            [Panel::lines(Axis::new("true-positive rate", "", (0.0, 1.02)), 380.0, lines)],
        )
    };
    let titled = |what: &str, curve: &Roc| format!("{what} (AUC = {})", metric(curve.auc, 4, ""));
    let mut sheet = Sheet::new([name.to_owned()], [520.0; 2]);
    let spikes = figure(&e.roc, e.true_positive_at_FP, &mut beside.into_iter());
    sheet.push(titled("spikes", &e.roc), spikes);
    let near = &e.near_spike_roc;
    let of_near = figure(near, e.near_spike_true_positive_at_FP, &mut std::iter::empty());
    sheet.push(titled("near spikes", near), of_near);
    sheet
}

fn precision_recall(name: &str, e: &Evaluation) -> Sheet {
    let curve = &e.precision_recall;
    let points = thinned(&curve.recall, &curve.precision, 1.0);
    let twin = Series::new("twin", Colour::Ink, Style::Bold, points);
    let figure = Figure::new(
        Axis::new("recall", "", (0.0, 1.0)),
        [Panel::lines(Axis::new("precision", "", (0.0, 1.02)), 380.0, [twin])],
    );
    let mut sheet = Sheet::new([name.to_owned()], [560.0]);
    let precision = metric(curve.average_precision, 4, "");
    sheet.push(format!("spikes (average precision = {precision})"), figure);
    sheet
}

/// The most dots in a scatter plot, about.
const DOTS: usize = 6000;

fn scatter(name: &str, e: &Evaluation, judged: &[Judged]) -> Sheet {
    let mut sheet = Sheet::new([name.to_owned()], [440.0; 3]);
    let mut push = |what: &str,
                    percent: f64,
                    unit: &'static str,
                    factor: f64,
                    truth: fn(&Judged) -> &Vec<f32>,
                    prediction: fn(&Judged) -> &Vec<f32>| {
        let total: usize = judged.iter().map(|j| truth(j).len()).sum();
        // an odd stride, which shares no factor with a period that is a power of two
        let stride = (total / DOTS).max(1) | 1;
        let pairs = judged.iter().flat_map(|j| truth(j).iter().zip(prediction(j)));
        let points: Vec<(f64, f64)> = pairs
            .step_by(stride)
            .map(|(&t, &p)| (factor * f64::from(t), factor * f64::from(p)))
            .collect();
        let both = nearly_all(points.iter().map(|p| p.0));
        let dots = Series::sorted("a millisecond", Colour::Blue, Style::Cloud, &points);
        let figure = Figure::new(
            Axis::new("neuron", unit, both),
            [Panel::lines(Axis::new("twin", unit, both), 340.0, [Series::diagonal(both), dots])],
        );
        sheet.push(format!("{what}, {}", metric(percent, 2, "% explained")), figure);
    };
    push(
        "soma voltage",
        e.soma_explained_variance_percent,
        "mV",
        1.0,
        |j| &j.soma,
        |j| &j.soma_predicted,
    );
    push(
        "rate",
        e.inst_rate_explained_variance_percent,
        "Hz",
        1000.0,
        |j| &j.rate,
        |j| &j.rate_predicted,
    );
    push(
        "dendritic voltage",
        e.dend_v_explained_variance_percent,
        "mV",
        1.0,
        |j| &j.dend,
        |j| &j.dend_predicted,
    );
    sheet
}

/// The range from the 0.1 to the 99.9 percentile, widened by a fortieth on either side, as in the original's figures: a
/// few outliers do not squeeze all other points into a corner.
fn nearly_all(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let mut sorted: Vec<f64> = values.filter(|v| v.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = (percentile(&sorted, 0.1), percentile(&sorted, 99.9));
    if high > low {
        let room = 0.025 * (high - low);
        return (low - room, high + room);
    }
    padded(sorted, 0.04)
}

/// `numpy.percentile` of sorted values, interpolated linearly between neighbours; NaN without values.
fn percentile(sorted: &[f64], percent: f64) -> f64 {
    let at = percent / 100.0 * sorted.len().saturating_sub(1) as f64;
    let part = |i: usize| sorted.get(i).copied().unwrap_or(f64::NAN);
    let (low, high) = (part(at as usize), part((at.ceil()) as usize));
    low + (high - low) * at.fract()
}

fn per_simulation(name: &str, e: &Evaluation) -> Sheet {
    let rows = &e.per_simulation;
    let spikes: Vec<f64> = rows.iter().map(|r| r.total_num_spikes as f64).collect();
    let across = padded(spikes.iter().copied(), 0.04);
    let mut sheet = Sheet::new([format!("{name}, simulation by simulation")], [420.0; 3]);
    let mut push = |title: &str, values: Vec<f64>| {
        let y = Axis::new(title, "", padded(values.iter().copied(), 0.04));
        let points: Vec<_> = spikes.iter().copied().zip(values).collect();
        let dots = Series::sorted("a simulation", Colour::Blue, Style::Scatter, &points);
        let x = Axis::new("spikes in the simulation", "", across);
        sheet.push("", Figure::new(x, [Panel::lines(y, 250.0, [dots])]));
    };
    push("spikes, AUC", rows.iter().map(|r| r.spikes_AUC).collect());
    push("near spikes, AUC", rows.iter().map(|r| r.near_spikes_AUC).collect());
    push("soma, explained variance", rows.iter().map(|r| r.soma_R2).collect());
    push("rate, explained variance", rows.iter().map(|r| r.inst_rate_R2).collect());
    push("dendrite, explained variance", rows.iter().map(|r| r.dend_v_R2).collect());
    sheet
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
        assert!(axis.0 < 2.0 && axis.1 < 2100.0, "{axis:?}");
        let one = nearly_all([3.0, 3.0].into_iter());
        assert!(one.0 < one.1);
        assert_eq!(nearly_all(std::iter::empty()), (0.0, 1.0));
    }
}
