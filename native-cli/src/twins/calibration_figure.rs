//! How honest a twin's probabilities are, and how often it gives which.

use ballstick::twin::evaluate::{Evaluation, Judged};
use ballstick::twin::probabilities::{BINS, ProbabilityCounts};
use plotters::style::Color;

use super::sheet::range;
use super::summary::metric;
use crate::plot::grid::Grid;
use crate::plot::palette::{BLUE, INK, ORANGE};
use crate::plot::panel::{Axis, Layer, Mark, Panel};
use crate::plot::scale::Scale;

/// Mean rates over each other, and below the histogram of all probabilities.
pub fn figure(name: &str, e: &Evaluation, judged: &[Judged]) -> Grid {
    let title = vec![format!("{name}, calibration")];
    let panels = vec![rates(e), histogram(&ProbabilityCounts::of(judged))];
    Grid { title, widths: vec![620], heights: vec![500, 240], panels }
}

fn rates(e: &Evaluation) -> Panel {
    let c = &e.calibration;
    let points: Vec<(f64, f64)> =
        c.actual.iter().zip(&c.predicted).map(|(a, p)| (1000.0 * a, 1000.0 * p)).collect();
    let (across, up) = (range(points.iter().map(|p| p.0)), range(points.iter().map(|p| p.1)));
    let title = format!(
        "{}, correlation {}",
        metric(c.explained_variance_percent, 2, "% explained"),
        metric(c.correlation, 4, ""),
    );
    let ends = vec![(across.start, across.start), (across.end, across.end)];
    Panel::new(
        title,
        Axis::new("mean rate of the neuron in a bin (Hz)", Scale::linear(across.start, across.end)),
        Axis::new("mean rate of the twin (Hz)", Scale::linear(up.start, up.end)),
    )
    .with(vec![
        Layer::new("a bin", BLUE.mix(0.5), Mark::Dots(2), points),
        Layer::new("equal", INK, Mark::Dashed, ends),
    ])
}

fn histogram(counts: &ProbabilityCounts) -> Panel {
    let most = counts.spike.iter().chain(&counts.silent).copied().max().unwrap_or(1).max(1);
    let bars = |counts: &[u64]| -> Vec<(f64, f64)> {
        let all = counts.iter().enumerate().filter(|(_, n)| **n > 0);
        all.map(|(i, n)| (ProbabilityCounts::middle(i), *n as f64)).collect()
    };
    // from below one, so that a single ms shows
    let y = Axis::new("ms", Scale::log(0.7, 1.5 * most as f64));
    let x = Axis::new("predicted probability of a spike", Scale::linear(0.0, 1.0));
    let width = Mark::Bars(1.0 / BINS as f64);
    Panel::new("all probabilities", x, y).with(vec![
        Layer::new("no spike", ORANGE.mix(0.6), width, bars(&counts.silent)),
        Layer::new("spike", BLUE.mix(0.55), width, bars(&counts.spike)),
    ])
}
