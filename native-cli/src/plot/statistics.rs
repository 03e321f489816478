//! The seed's two figures of a data set: histograms, and the firing rate against everything else.

use std::collections::HashSet;
use std::path::Path;

use anyhow::Result;
use ballstick::data::stats::{Quantity, SplitStats};
use plotters::coord::Shift;
use plotters::prelude::*;

use super::palette::{BLUE, GREEN, GRID, INK, PURPLE, VERMILLION};
use super::{Figure, save};

type Drawn<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

const WIDTH: u32 = 1200;
const TITLE: u32 = 48;
const PANEL: u32 = 230;

/// Draws the histograms and the scatter plots of a split into a folder, each as SVG and PNG.
///
/// # Errors
/// A file that cannot be written.
pub fn draw(folder: &Path, name: &str, title: &str, stats: &SplitStats) -> Result<()> {
    let histograms = Histograms::new(title, stats);
    let scatters = Scatters { title: title.to_owned(), stats };
    for ending in ["svg", "png"] {
        save(&folder.join(format!("statistics_{name}.{ending}")), &histograms)?;
        save(&folder.join(format!("firing_rate_{name}.{ending}")), &scatters)?;
    }
    Ok(())
}

struct Panel {
    title: &'static str,
    unit: &'static str,
    bins: usize,
    series: Vec<(&'static str, Vec<f64>, RGBColor)>,
}

struct Histograms {
    title: String,
    panels: Vec<Panel>,
}

impl Histograms {
    fn new(title: &str, stats: &SplitStats) -> Self {
        let inputs = |title, exc, inh| Panel {
            title,
            unit: "weight/ms",
            bins: 100,
            series: vec![
                ("excitatory", stats.column(exc), VERMILLION),
                ("inhibitory", stats.column(inh), BLUE),
            ],
        };
        let one = |title, values, unit, color| Panel {
            title,
            unit,
            bins: 100,
            series: vec![("", values, color)],
        };
        let of = |quantity: Quantity, color| {
            one(quantity.title(), stats.column(quantity), quantity.unit(), color)
        };
        let spikes = stats.column(Quantity::FiringRate).iter().map(|r| r / 1000.0).collect();
        let isis = one("inter-spike interval", stats.isis(), "ms", BLUE);
        let panels = vec![
            inputs("input, mean", Quantity::ExcMean, Quantity::InhMean),
            inputs("input, std", Quantity::ExcStd, Quantity::InhStd),
            of(Quantity::FiringRate, BLUE),
            Panel { bins: 256, ..isis },
            of(Quantity::SomaMean, GREEN),
            of(Quantity::SomaStd, GREEN),
            of(Quantity::NearSpike, GREEN),
            one("spike, fraction of time", spikes, "", GREEN),
            of(Quantity::RateMean, GREEN),
            of(Quantity::RateStd, GREEN),
            of(Quantity::BranchMean, PURPLE),
            of(Quantity::BranchStd, PURPLE),
        ];
        Self { title: title.to_owned(), panels }
    }
}

impl Figure for Histograms {
    fn size(&self) -> (u32, u32) {
        (WIDTH, TITLE + 6 * PANEL)
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Drawn<DB> {
        let body = titled(area, &self.title)?;
        for (panel, area) in self.panels.iter().zip(body.split_evenly((6, 2))) {
            panel.draw(&area)?;
        }
        Ok(())
    }
}

fn titled<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    title: &str,
) -> Result<DrawingArea<DB, Shift>, DrawingAreaErrorKind<DB::ErrorType>> {
    area.fill(&WHITE)?;
    let (head, body) = area.split_vertically(TITLE);
    head.draw(&Text::new(title, (20, 16), ("sans-serif", 19).into_font().color(&INK)))?;
    Ok(body)
}

/// The least and greatest of some values, a little apart even if they are one.
fn bounds<'a>(values: impl Iterator<Item = &'a f64>) -> Option<(f64, f64)> {
    let start = (f64::INFINITY, f64::NEG_INFINITY);
    let (low, high) = values.fold(start, |(l, h), v| (l.min(*v), h.max(*v)));
    let apart = (high - low).max(1e-9 * high.abs()).max(1e-6);
    if low <= high { Some((low, low + apart)) } else { None }
}

/// How many values fall into each of `bins` equal bins from `low` to `high`, the end included.
fn histogram(values: &[f64], (low, high): (f64, f64), bins: usize) -> Vec<u32> {
    let mut counts = vec![0; bins];
    for value in values {
        let bin = ((value - low) / (high - low) * bins as f64) as usize;
        counts[bin.min(bins - 1)] += 1;
    }
    counts
}

/// A tick's text, with as many digits as the range asks for.
fn tick(range: f64) -> impl Fn(&f64) -> String {
    let digits = (1.0 - range.log10().floor()).clamp(0.0, 6.0) as usize;
    move |x| format!("{x:.digits$}")
}

fn axis(title: &str, unit: &str) -> String {
    if unit.is_empty() { title.to_owned() } else { format!("{title} ({unit})") }
}

impl Panel {
    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Drawn<DB> {
        let all = self.series.iter().flat_map(|(_, values, _)| values);
        let Some(range) = bounds(all) else {
            let text = format!("{}: nothing to show", self.title);
            let style = ("sans-serif", 14).into_font().color(&INK);
            return area.draw(&Text::new(text, (60, 90), style));
        };
        let counts: Vec<Vec<u32>> =
            self.series.iter().map(|(_, values, _)| histogram(values, range, self.bins)).collect();
        let most = counts.iter().flatten().max().copied().unwrap_or(1).max(1);
        // from below one, so that a single simulation shows
        let floor = 0.7;
        let caption = if self.series.len() == 1 {
            self.title.to_owned()
        } else {
            format!("{}: excitatory (vermillion), inhibitory (blue)", self.title)
        };
        let mut chart = ChartBuilder::on(area)
            .caption(caption, ("sans-serif", 15).into_font().color(&INK))
            .margin_left(12)
            .margin_right(24)
            .margin_bottom(6)
            .x_label_area_size(36)
            .y_label_area_size(56)
            .build_cartesian_2d(range.0..range.1, (floor..f64::from(most) * 1.5).log_scale())?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .x_desc(axis(self.title, self.unit))
            .y_desc("count")
            .x_labels(8)
            .y_labels(5)
            .x_label_formatter(&tick(range.1 - range.0))
            .y_label_formatter(&|y| format!("{y:.0}"))
            .axis_style(INK)
            .label_style(("sans-serif", 12).into_font().color(&INK))
            .draw()?;
        let width = (range.1 - range.0) / self.bins as f64;
        for ((_, _, color), counts) in self.series.iter().zip(&counts) {
            let filled = counts.iter().enumerate().filter(|(_, n)| **n > 0);
            chart.draw_series(filled.map(|(i, n)| {
                let from = range.0 + i as f64 * width;
                let corners = [(from, floor), (from + width, f64::from(*n))];
                Rectangle::new(corners, color.mix(0.65).filled())
            }))?;
        }
        Ok(())
    }
}

struct Scatters<'a> {
    title: String,
    stats: &'a SplitStats,
}

const AGAINST: [Quantity; 10] = [
    Quantity::ExcMean,
    Quantity::ExcStd,
    Quantity::InhMean,
    Quantity::InhStd,
    Quantity::SomaMean,
    Quantity::SomaStd,
    Quantity::BranchMean,
    Quantity::BranchStd,
    Quantity::NearSpike,
    Quantity::RateStd,
];

impl Figure for Scatters<'_> {
    fn size(&self) -> (u32, u32) {
        (WIDTH, TITLE + 5 * PANEL)
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Drawn<DB> {
        let body = titled(area, &self.title)?;
        let rates = self.stats.column(Quantity::FiringRate);
        for (quantity, area) in AGAINST.into_iter().zip(body.split_evenly((5, 2))) {
            scatter(&area, quantity, &self.stats.column(quantity), &rates)?;
        }
        Ok(())
    }
}

fn scatter<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    quantity: Quantity,
    x: &[f64],
    rates: &[f64],
) -> Drawn<DB> {
    let (Some(across), Some(up)) = (bounds(x.iter()), bounds(rates.iter())) else {
        return Ok(());
    };
    let room = |(low, high): (f64, f64)| {
        let room = 0.04 * (high - low);
        low - room..high + room
    };
    let mut chart = ChartBuilder::on(area)
        .caption(
            format!("firing rate against {}", quantity.title()),
            ("sans-serif", 15).into_font().color(&INK),
        )
        .margin_left(12)
        .margin_right(24)
        .margin_bottom(6)
        .x_label_area_size(36)
        .y_label_area_size(56)
        .build_cartesian_2d(room(across), room(up))?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .x_desc(axis(quantity.title(), quantity.unit()))
        .y_desc("firing rate (Hz)")
        .x_labels(8)
        .y_labels(5)
        .x_label_formatter(&tick(across.1 - across.0))
        .y_label_formatter(&tick(up.1 - up.0))
        .axis_style(INK)
        .label_style(("sans-serif", 12).into_font().color(&INK))
        .draw()?;
    // thousands of dots fall on each other: one a pixel is enough
    let mut seen = HashSet::new();
    let pixel = |v: f64, (low, high): (f64, f64), n: f64| ((v - low) / (high - low) * n) as i64;
    let dots = x
        .iter()
        .zip(rates)
        .filter(|(x, y)| seen.insert((pixel(**x, across, 500.0), pixel(**y, up, 150.0))));
    chart.draw_series(dots.map(|(x, y)| Circle::new((*x, *y), 1, BLUE.mix(0.8).filled())))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_counted_once() {
        let values = [0.0, 0.1, 0.5, 0.99, 1.0];
        let range = bounds(values.iter()).unwrap();
        assert_eq!(histogram(&values, range, 2), [2, 3]);
        assert_eq!(bounds([].iter()), None);
        let (low, high) = bounds([-70.0, -70.0].iter()).unwrap();
        assert!(low < high);
    }
}
