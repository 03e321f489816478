//! The original's two figures of a data set: histograms, and the firing rate against every other statistic.

use std::collections::HashSet;
use std::path::Path;

use anyhow::Result;
use ballstick::data::stats::{SplitStats, Statistic};
use ballstick::plot::range::{counts, padded};
use ballstick::plot::{Axis, Colour, Data, Figure, Panel, Series, Sheet, Style};

use super::save;

/// Widths of the two columns, CSS pixels.
const COLUMNS: [f64; 2] = [600.0; 2];
const HEIGHT: f64 = 140.0;

/// Draws the histograms and the scatter plots of a split into a folder, each as SVG and PNG.
///
/// # Errors
/// A file that cannot be written.
pub fn draw(folder: &Path, name: &str, title: &str, stats: &SplitStats) -> Result<()> {
    let histograms = histograms(title, stats);
    let scatters = scatters(title, stats);
    for ending in ["svg", "png"] {
        save(&folder.join(format!("statistics_{name}.{ending}")), &histograms)?;
        save(&folder.join(format!("firing_rate_{name}.{ending}")), &scatters)?;
    }
    Ok(())
}

fn histograms(title: &str, stats: &SplitStats) -> Sheet {
    let mut sheet = Sheet::new([title.to_owned()], COLUMNS);
    let inputs = |title: &'static str, exc, inh| {
        let columns = [
            ("excitatory", Colour::Vermillion, stats.column(exc)),
            ("inhibitory", Colour::Blue, stats.column(inh)),
        ];
        histogram(title, "weight/ms", 100, &columns)
    };
    let one =
        |title, unit, bins, values, colour| histogram(title, unit, bins, &[("", colour, values)]);
    let of = |quantity: Statistic, colour| {
        one(quantity.title(), quantity.unit(), 100, stats.column(quantity), colour)
    };
    let spikes = stats.column(Statistic::FiringRate).iter().map(|r| r / 1000.0).collect();
    for figure in [
        inputs("input, mean", Statistic::ExcMean, Statistic::InhMean),
        inputs("input, std", Statistic::ExcStd, Statistic::InhStd),
        of(Statistic::FiringRate, Colour::Blue),
        one("inter-spike interval", "ms", 256, stats.isis(), Colour::Blue),
        of(Statistic::SomaMean, Colour::Green),
        of(Statistic::SomaStd, Colour::Green),
        of(Statistic::NearSpike, Colour::Green),
        one("spike, fraction of time", "", 100, spikes, Colour::Green),
        of(Statistic::RateMean, Colour::Green),
        of(Statistic::RateStd, Colour::Green),
        of(Statistic::BranchMean, Colour::Purple),
        of(Statistic::BranchStd, Colour::Purple),
    ] {
        sheet.push("", figure);
    }
    sheet
}

/// A histogram with counts on a logarithmic axis: the first column as bars, the second as a line over them.
fn histogram(
    title: &'static str,
    unit: &'static str,
    bins: usize,
    columns: &[(&str, Colour, Vec<f64>)],
) -> Figure {
    let all = columns.iter().flat_map(|(.., values)| values);
    if all.clone().next().is_none() {
        let y = Axis::new(format!("{title}: nothing to show"), "", (0.0, 1.0));
        return Figure::new(Axis::new(title, unit, (0.0, 1.0)), [Panel::lines(y, HEIGHT, [])]);
    }
    let range = padded(all.copied(), 0.0);
    let step = (range.1 - range.0) / bins as f64;
    // the axis begins below one, so that a single value shows
    let floor = 0.7;
    let mut most = 1.0_f64;
    let mut lines = Vec::new();
    for (n, (name, colour, values)) in columns.iter().enumerate() {
        let counts = counts(values, range, bins);
        most = counts.iter().copied().fold(most, f64::max);
        lines.push(if n == 0 {
            let data = Data::uniform(range.0 + 0.5 * step, step, &counts);
            Series::new(*name, *colour, Style::Bars, data)
        } else {
            let edges = counts.iter().enumerate().flat_map(|(bin, count)| {
                let left = range.0 + bin as f64 * step;
                [(left, count.max(floor)), (left + step, count.max(floor))]
            });
            Series::new(*name, *colour, Style::Line, edges.collect::<Vec<_>>())
        });
    }
    let y = Axis::new(format!("{title}, count"), "", (floor, 1.5 * most)).log();
    Figure::new(Axis::new(title, unit, range), [Panel::lines(y, HEIGHT, lines)])
}

const AGAINST: [Statistic; 10] = [
    Statistic::ExcMean,
    Statistic::ExcStd,
    Statistic::InhMean,
    Statistic::InhStd,
    Statistic::SomaMean,
    Statistic::SomaStd,
    Statistic::BranchMean,
    Statistic::BranchStd,
    Statistic::NearSpike,
    Statistic::RateStd,
];

fn scatters(title: &str, stats: &SplitStats) -> Sheet {
    let mut sheet = Sheet::new([title.to_owned()], COLUMNS);
    let rates = stats.column(Statistic::FiringRate);
    let up = padded(rates.iter().copied(), 0.04);
    for quantity in AGAINST {
        let values = stats.column(quantity);
        let across = padded(values.iter().copied(), 0.04);
        let points = one_a_pixel(&values, &rates, across, up);
        let dots = Series::sorted("", Colour::Blue, Style::Cloud, &points);
        let y = Axis::new(format!("firing rate against {}", quantity.title()), "Hz", up);
        let x = Axis::new(quantity.title(), quantity.unit(), across);
        sheet.push("", Figure::new(x, [Panel::lines(y, HEIGHT, [dots])]));
    }
    sheet
}

/// The points of a scatter plot, at most one a pixel: of thousands of dots most would cover each other.
fn one_a_pixel(x: &[f64], y: &[f64], across: (f64, f64), up: (f64, f64)) -> Vec<(f64, f64)> {
    let mut seen = HashSet::new();
    let pixel = |v: f64, (low, high): (f64, f64), n: f64| ((v - low) / (high - low) * n) as i64;
    let points = x.iter().copied().zip(y.iter().copied());
    points.filter(|p| seen.insert((pixel(p.0, across, 540.0), pixel(p.1, up, HEIGHT)))).collect()
}
