//! The figure of a twin's calibration, and of the distribution of its probabilities.

use ballstick::plot::range::padded;
use ballstick::plot::{Axis, Colour, Figure, Panel, Series, Sheet, Style};
use ballstick::twin::evaluate::{Evaluation, Judged};
use ballstick::twin::probabilities::ProbabilityCounts;

use super::summary::metric;

/// The number of bins above which they are drawn as small, half transparent dots.
const MANY: usize = 500;

/// A sheet of mean predicted against mean actual rates, and below of the counts of all probabilities.
pub fn sheet(name: &str, e: &Evaluation, judged: &[Judged]) -> Sheet {
    let mut sheet = Sheet::new([format!("{name}, calibration")], [620.0]);
    let c = &e.calibration;
    let explained = metric(c.explained_variance_percent, 2, "% explained");
    let correlation = metric(c.correlation, 4, "");
    sheet.push(format!("{explained}, correlation {correlation}"), rates(e));
    sheet.push("all probabilities", probabilities(&ProbabilityCounts::of(judged)));
    sheet
}

fn rates(e: &Evaluation) -> Figure {
    let c = &e.calibration;
    let points: Vec<(f64, f64)> =
        c.actual.iter().zip(&c.predicted).map(|(a, p)| (1000.0 * a, 1000.0 * p)).collect();
    let across = padded(points.iter().map(|p| p.0), 0.04);
    let up = padded(points.iter().map(|p| p.1), 0.04);
    let style = if points.len() > MANY { Style::Cloud } else { Style::Scatter };
    let lines = [
        Series { name: "equal".into(), ..Series::diagonal(across) },
        Series::sorted("a bin", Colour::Green, style, &points),
    ];
    Figure::new(
        Axis::new("mean rate of the neuron in a bin", "Hz", across),
        [Panel::lines(Axis::new("mean rate of the twin", "Hz", up), 400.0, lines)],
    )
}

/// A figure with a dot for each bin of probabilities that has a count.
fn probabilities(counts: &ProbabilityCounts) -> Figure {
    let dots = |name: &str, colour, counts: &[u64]| {
        let given = counts.iter().enumerate().filter(|(_, n)| **n > 0);
        let points: Vec<_> =
            given.map(|(bin, n)| (ProbabilityCounts::middle(bin), *n as f64)).collect();
        Series::new(name, colour, Style::Scatter, points)
    };
    let most = counts.spike.iter().chain(&counts.silent).copied().max().unwrap_or(1).max(1);
    // the axis begins below one, so that a single ms shows
    let y = Axis::new("how often", "ms", (0.7, 1.5 * most as f64)).log();
    let lines = [
        dots("silent ms", Colour::Orange, &counts.silent),
        dots("ms with a spike", Colour::Blue, &counts.spike),
    ];
    let x = Axis::new("predicted probability of a spike", "", (0.0, 1.0));
    Figure::new(x, [Panel::lines(y, 180.0, lines)])
}
