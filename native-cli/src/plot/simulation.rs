//! The five panels of one simulation: excitation, inhibition, dendrite, soma, targets.

use std::path::Path;

use anyhow::Result;
use ballstick::data::stats::{Quantity, SampleStats};
use ballstick::data::{Model, Sample, Simulation, Targets};
use ballstick::sim::Inputs;
use ndarray::Array2;
use plotters::coord::Shift;
use plotters::prelude::*;

use super::palette::{BLUE, GREEN, GRID, INK, ORANGE, PURPLE, VERMILLION, heat};
use super::{Figure, save};

/// Draws a simulation into a file.
///
/// # Errors
/// A name with another ending than .svg or .png, or a file that cannot be written.
pub fn draw(path: &Path, simulation: &Simulation, model: &Model) -> Result<()> {
    let panels = Panels {
        title: model.short_name(),
        captions: [
            "excitatory inputs".to_owned(),
            "inhibitory inputs".to_owned(),
            "dendritic voltage".to_owned(),
            "soma voltage, every step".to_owned(),
            "targets".to_owned(),
        ],
        inputs: &simulation.inputs,
        v_dend: &simulation.v_dend,
        v_soma: simulation.v_soma_hr.as_slice().unwrap_or(&[]),
        row_name: model.row_name(),
        samples_per_ms: model.samples_per_ms(),
        soma_cap_mv: model.readout().soma_cap_mv,
        targets: &simulation.targets,
    };
    save(path, &panels)
}

/// Draws what a data set holds of a simulation, with its statistics.
///
/// # Errors
/// As [`draw`].
pub fn draw_sample(
    path: &Path,
    title: String,
    sample: &Sample,
    stats: &SampleStats,
    model: &Model,
) -> Result<()> {
    let two = |mean, std| format!("mean {:.3}, std {:.3}", stats.get(mean), stats.get(std));
    let inputs = sample.weights();
    let v_soma: Vec<f64> = sample.targets.soma_v.iter().map(|v| f64::from(*v)).collect();
    let panels = Panels {
        title,
        captions: [
            format!("excitatory inputs: {}", two(Quantity::ExcMean, Quantity::ExcStd)),
            format!("inhibitory inputs: {}", two(Quantity::InhMean, Quantity::InhStd)),
            format!(
                "dendritic voltage, capped: {} mV",
                two(Quantity::BranchMean, Quantity::BranchStd)
            ),
            format!("soma voltage, capped: {} mV", two(Quantity::SomaMean, Quantity::SomaStd)),
            format!(
                "targets: {:.2} spikes a second, rate {} Hz, near a spike {:.1}% of the time",
                stats.get(Quantity::FiringRate),
                two(Quantity::RateMean, Quantity::RateStd),
                100.0 * stats.get(Quantity::NearSpike),
            ),
        ],
        inputs: &inputs,
        v_dend: &sample.targets.dend_v.mapv(f64::from),
        v_soma: &v_soma,
        row_name: model.row_name(),
        samples_per_ms: 1,
        soma_cap_mv: model.readout().soma_cap_mv,
        targets: &sample.targets,
    };
    save(path, &panels)
}

struct Panels<'a> {
    title: String,
    /// One a panel.
    captions: [String; 5],
    inputs: &'a Inputs,
    /// (segments, ms), mV.
    v_dend: &'a Array2<f64>,
    /// mV, so many samples a ms.
    v_soma: &'a [f64],
    row_name: &'static str,
    samples_per_ms: usize,
    soma_cap_mv: f64,
    targets: &'a Targets,
}

type Drawn<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

const WIDTH: u32 = 1200;
const TITLE_HEIGHT: u32 = 44;
const HEIGHTS: [u32; 5] = [150, 150, 220, 250, 210];
const LABEL: u32 = 56;
const RIGHT: u32 = 150;

impl Figure for Panels<'_> {
    fn size(&self) -> (u32, u32) {
        (WIDTH, TITLE_HEIGHT + HEIGHTS.iter().sum::<u32>())
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Drawn<DB> {
        area.fill(&WHITE)?;
        let title = self.title.clone();
        let (head, mut rest) = area.split_vertically(TITLE_HEIGHT);
        head.draw(&Text::new(
            title,
            (LABEL as i32, 14),
            ("sans-serif", 19).into_font().color(&INK),
        ))?;
        let inputs = self.inputs;
        let mut panel = |height| {
            let (top, below) = rest.split_vertically(height);
            rest = below;
            top
        };
        self.raster(&panel(HEIGHTS[0]), &self.captions[0], &inputs.exc, VERMILLION)?;
        self.raster(&panel(HEIGHTS[1]), &self.captions[1], &inputs.inh, BLUE)?;
        self.dendrite(&panel(HEIGHTS[2]))?;
        self.soma(&panel(HEIGHTS[3]))?;
        self.targets(&panel(HEIGHTS[4]))
    }
}

impl Panels<'_> {
    fn duration(&self) -> f64 {
        self.inputs.duration_ms as f64
    }

    fn raster<DB: DrawingBackend>(
        &self,
        area: &DrawingArea<DB, Shift>,
        title: &str,
        weights: &[f64],
        color: RGBColor,
    ) -> Drawn<DB> {
        let Inputs { num_segments, duration_ms, .. } = *self.inputs;
        let largest = weights.iter().copied().fold(0.0, f64::max);
        let caption = if largest > 0.0 {
            format!("{title} (a dot's size is its weight, at most {largest:.1})")
        } else {
            format!("{title}: none")
        };
        let mut chart = ChartBuilder::on(area)
            .caption(caption, ("sans-serif", 15).into_font().color(&INK))
            .x_label_area_size(20)
            .y_label_area_size(LABEL)
            .margin_left(14)
            .margin_top(8)
            .margin_right(RIGHT)
            .build_cartesian_2d(0.0..self.duration(), -0.6..num_segments as f64 - 0.4)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .y_desc(self.row_name)
            .y_labels(num_segments.clamp(2, 8))
            .x_label_formatter(&|x| format!("{x:.0}"))
            .y_label_formatter(&|y| format!("{y:.0}"))
            .axis_style(INK)
            .label_style(("sans-serif", 13).into_font().color(&INK))
            .draw()?;
        for (i, &weight) in weights.iter().enumerate().filter(|(_, w)| **w > 0.0) {
            let at = ((i % duration_ms) as f64, (i / duration_ms) as f64);
            let radius = 1.0 + 3.0 * (weight / largest).sqrt();
            chart.draw_series([Circle::new(at, radius as i32, color.mix(0.75).filled())])?;
        }
        Ok(())
    }

    fn dendrite<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Drawn<DB> {
        let v = self.v_dend;
        let (low, high) = bounds(v.iter().copied());
        let (rows, columns) = v.dim();
        let mut chart = ChartBuilder::on(area)
            .caption(&self.captions[2], ("sans-serif", 15).into_font().color(&INK))
            .x_label_area_size(20)
            .y_label_area_size(LABEL)
            .margin_left(14)
            .margin_top(8)
            .margin_right(RIGHT)
            .build_cartesian_2d(0.0..self.duration(), -0.5..rows as f64 - 0.5)?;
        chart
            .configure_mesh()
            .disable_mesh()
            .y_desc(self.row_name)
            .y_labels(rows.clamp(2, 8))
            .x_label_formatter(&|x| format!("{x:.0}"))
            .y_label_formatter(&|y| format!("{y:.0}"))
            .axis_style(INK)
            .label_style(("sans-serif", 13).into_font().color(&INK))
            .draw()?;
        // about one rectangle a pixel
        let step = columns.div_ceil(WIDTH as usize);
        for row in 0..rows {
            let y = row as f64;
            for from in (0..columns).step_by(step) {
                let to = (from + step).min(columns);
                let mean = (from..to).map(|t| v[[row, t]]).sum::<f64>() / (to - from) as f64;
                let color = heat((mean - low) / (high - low));
                let corners = [(from as f64, y - 0.5), (to as f64, y + 0.5)];
                chart.draw_series([Rectangle::new(corners, color.filled())])?;
            }
        }
        color_bar(area, low, high)
    }

    fn soma<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Drawn<DB> {
        let v = self.v_soma;
        let per_ms = self.samples_per_ms as f64;
        let (low, high) = bounds(v.iter().copied());
        let mut chart = ChartBuilder::on(area)
            .caption(&self.captions[3], ("sans-serif", 15).into_font().color(&INK))
            .x_label_area_size(20)
            .y_label_area_size(LABEL)
            .margin_left(14)
            .margin_top(8)
            .margin_right(RIGHT)
            .build_cartesian_2d(0.0..self.duration(), low - 3.0..high + 3.0)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .y_desc("mV")
            .x_label_formatter(&|x| format!("{x:.0}"))
            .y_label_formatter(&|y| format!("{y:.0}"))
            .axis_style(INK)
            .label_style(("sans-serif", 13).into_font().color(&INK))
            .draw()?;
        let points = envelope(v, per_ms);
        chart.draw_series(LineSeries::new(points, BLUE))?;
        let cap = self.soma_cap_mv;
        let across = [(0.0, cap), (self.duration(), cap)];
        chart.draw_series(LineSeries::new(across, ORANGE))?;
        legend(area, &[("soma", BLUE, 1), (&format!("cap {cap} mV"), ORANGE, 1)])
    }

    fn targets<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Drawn<DB> {
        let targets = self.targets;
        let rate: Vec<f64> = targets.inst_rate.iter().map(|r| f64::from(*r) * 1000.0).collect();
        let top = rate.iter().copied().fold(20.0, f64::max) * 1.15;
        let mut chart = ChartBuilder::on(area)
            .caption(&self.captions[4], ("sans-serif", 15).into_font().color(&INK))
            .x_label_area_size(36)
            .y_label_area_size(LABEL)
            .margin_left(14)
            .margin_top(8)
            .margin_right(RIGHT)
            .build_cartesian_2d(0.0..self.duration(), 0.0..top)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .x_desc("time (ms)")
            .y_desc("rate (Hz)")
            .x_label_formatter(&|x| format!("{x:.0}"))
            .y_label_formatter(&|y| format!("{y:.0}"))
            .axis_style(INK)
            .label_style(("sans-serif", 13).into_font().color(&INK))
            .draw()?;
        let near = runs(targets.near_spike.iter().copied());
        chart.draw_series(near.into_iter().map(|(from, to)| {
            Rectangle::new([(from, 0.0), (to, top)], ORANGE.mix(0.25).filled())
        }))?;
        let points = rate.iter().enumerate().map(|(t, r)| (t as f64, *r));
        chart.draw_series(LineSeries::new(points, GREEN.stroke_width(2)))?;
        let spikes = targets.spikes.iter().enumerate().filter(|(_, s)| **s);
        chart.draw_series(spikes.map(|(t, _)| {
            PathElement::new(vec![(t as f64, top * 0.9), (t as f64, top)], PURPLE)
        }))?;
        legend(area, &[("rate", GREEN, 2), ("spike", PURPLE, 1), ("near spike", ORANGE, 9)])
    }
}

/// Names, colours and line widths in the right margin.
fn legend<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    entries: &[(&str, RGBColor, u32)],
) -> Drawn<DB> {
    let x = (area.dim_in_pixel().0 - RIGHT) as i32 + 12;
    for (i, (name, color, width)) in entries.iter().enumerate() {
        let y = 44 + 20 * i as i32;
        let style = color.mix(if *width > 4 { 0.4 } else { 1.0 }).stroke_width(*width);
        area.draw(&PathElement::new(vec![(x, y), (x + 18, y)], style))?;
        let font = ("sans-serif", 12).into_font().color(&INK);
        area.draw(&Text::new(name.to_string(), (x + 24, y - 7), font))?;
    }
    Ok(())
}

/// Least and greatest value, never the same.
fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values.fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
    if high - low < 1.0 { (low - 0.5, high + 0.5) } else { (low, high) }
}

/// Least and greatest value of each of at most 2400 stretches, so that no spike is lost between pixels.
fn envelope(v: &[f64], per_ms: f64) -> Vec<(f64, f64)> {
    let step = v.len().div_ceil(2400).max(1);
    v.chunks(step)
        .enumerate()
        .flat_map(|(i, chunk)| {
            let at = |k: usize| (i * step + k) as f64 / per_ms;
            let by = |a: &usize, b: &usize| chunk[*a].total_cmp(&chunk[*b]);
            let least = (0..chunk.len()).min_by(by).unwrap_or(0);
            let greatest = (0..chunk.len()).max_by(by).unwrap_or(0);
            let (first, second) = (least.min(greatest), least.max(greatest));
            [(at(first), chunk[first]), (at(second), chunk[second])]
        })
        .collect()
}

/// The stretches of bins that are true, as from..to in ms.
fn runs(bins: impl Iterator<Item = bool>) -> Vec<(f64, f64)> {
    let mut runs: Vec<(f64, f64)> = Vec::new();
    for (t, _) in bins.enumerate().filter(|(_, b)| *b) {
        let t = t as f64;
        match runs.last_mut() {
            Some(last) if last.1 == t => last.1 = t + 1.0,
            _ => runs.push((t, t + 1.0)),
        }
    }
    runs
}

fn color_bar<DB: DrawingBackend>(area: &DrawingArea<DB, Shift>, low: f64, high: f64) -> Drawn<DB> {
    let (width, height) = area.dim_in_pixel();
    let (x, top, bottom) = ((width - RIGHT) as i32 + 12, 28, height as i32 - 24);
    let steps = 60;
    for i in 0..steps {
        let y = |i: i32| bottom - (bottom - top) * i / steps;
        let color = heat(f64::from(i) / f64::from(steps - 1));
        area.draw(&Rectangle::new([(x, y(i + 1)), (x + 14, y(i))], color.filled()))?;
    }
    let font = || ("sans-serif", 12).into_font().color(&INK);
    area.draw(&Text::new(format!("{high:.0} mV"), (x + 18, top), font()))?;
    area.draw(&Text::new(format!("{low:.0} mV"), (x + 18, bottom - 12), font()))?;
    Ok(())
}
