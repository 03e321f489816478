//! A sheet of plots: lines, dots and bars with axes.

use std::ops::Range;

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::plot::Figure;
use crate::plot::palette::{GRID, INK};

/// How points are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mark {
    /// Joined.
    Line,
    /// Joined by dashes' thinner sister, for references.
    Thin,
    /// One by one.
    Dots,
    /// From 0 up, this wide.
    Bars(f64),
}

/// Points of one colour.
pub struct Series {
    /// The curve's name in the legend; empty for a curve that is not listed.
    pub label: String,
    /// Of the marks.
    pub color: RGBColor,
    /// How they are drawn.
    pub mark: Mark,
    /// Where.
    pub points: Vec<(f64, f64)>,
}

impl Series {
    /// Points joined by a line.
    pub fn line(label: &str, color: RGBColor, points: Vec<(f64, f64)>) -> Self {
        Self { label: label.to_owned(), color, mark: Mark::Line, points }
    }

    /// Single points.
    pub fn dots(label: &str, color: RGBColor, points: Vec<(f64, f64)>) -> Self {
        Self { label: label.to_owned(), color, mark: Mark::Dots, points }
    }

    /// The line y = x.
    pub fn diagonal(range: &Range<f64>) -> Self {
        let points = vec![(range.start, range.start), (range.end, range.end)];
        Self { label: String::new(), color: INK, mark: Mark::Thin, points }
    }
}

/// One plot.
pub struct Plot {
    /// Above it.
    pub title: String,
    /// Below it.
    pub x: String,
    /// Beside it.
    pub y: String,
    /// From left to right.
    pub x_range: Range<f64>,
    /// From bottom to top.
    pub y_range: Range<f64>,
    /// What is in it.
    pub series: Vec<Series>,
    /// Names of the places 0, 1, 2, … on the x axis, instead of numbers.
    pub places: Vec<String>,
}

/// Plots in rows.
pub struct Sheet {
    /// Above all.
    pub title: String,
    /// Plots in a row.
    pub columns: usize,
    /// Width and height of a plot, pixels.
    pub size: (u32, u32),
    /// Row by row.
    pub plots: Vec<Plot>,
}

type Drawn<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

const HEAD: u32 = 40;

impl Figure for Sheet {
    fn size(&self) -> (u32, u32) {
        let rows = self.plots.len().div_ceil(self.columns) as u32;
        (self.size.0 * self.columns as u32, HEAD + self.size.1 * rows)
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Drawn<DB> {
        area.fill(&WHITE)?;
        let (head, body) = area.split_vertically(HEAD);
        let font = ("sans-serif", 18).into_font().color(&INK);
        head.draw(&Text::new(self.title.clone(), (16, 12), font))?;
        let rows = self.plots.len().div_ceil(self.columns);
        for (plot, area) in self.plots.iter().zip(body.split_evenly((rows, self.columns))) {
            plot.draw(&area)?;
        }
        Ok(())
    }
}

impl Plot {
    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Drawn<DB> {
        let font = |size: u32| ("sans-serif", size).into_font().color(&INK);
        let mut chart = ChartBuilder::on(area)
            .caption(&self.title, font(15))
            .margin(8)
            .margin_right(18)
            .x_label_area_size(38)
            .y_label_area_size(62)
            .build_cartesian_2d(self.x_range.clone(), self.y_range.clone())?;
        let place = |x: &f64| -> String {
            let near = x.round();
            let index = near as usize;
            match self.places.get(index) {
                Some(name) if (x - near).abs() < 1e-6 && near >= 0.0 => name.clone(),
                _ => String::new(),
            }
        };
        let mut mesh = chart.configure_mesh();
        mesh.light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .x_desc(&self.x)
            .y_desc(&self.y)
            .axis_style(INK)
            .label_style(font(12));
        if self.places.is_empty() {
            mesh.draw()?;
        } else {
            let count = self.places.len();
            mesh.x_labels(count + 2).x_label_formatter(&place).disable_x_mesh().draw()?;
        }
        let mut named = false;
        for series in &self.series {
            let color = series.color;
            let points =
                series.points.iter().copied().filter(|p| p.0.is_finite() && p.1.is_finite());
            let drawn = match series.mark {
                Mark::Line => chart.draw_series(LineSeries::new(points, color.stroke_width(2)))?,
                Mark::Thin => chart.draw_series(LineSeries::new(points, color.mix(0.5)))?,
                Mark::Dots => {
                    chart.draw_series(points.map(|p| Circle::new(p, 2, color.mix(0.5).filled())))?
                }
                Mark::Bars(width) => chart.draw_series(points.map(|(x, y)| {
                    let half = width / 2.0;
                    let base = self.y_range.start;
                    Rectangle::new([(x - half, base), (x + half, y)], color.filled())
                }))?,
            };
            if !series.label.is_empty() {
                named = true;
                drawn.label(&series.label).legend(move |(x, y)| {
                    Rectangle::new([(x, y - 4), (x + 16, y + 4)], color.filled())
                });
            }
        }
        if named {
            chart
                .configure_series_labels()
                .position(SeriesLabelPosition::UpperRight)
                .background_style(WHITE.mix(0.85))
                .border_style(GRID)
                .label_font(font(12))
                .draw()?;
        }
        Ok(())
    }
}

/// A range that holds all values, never empty.
pub fn range(values: impl Iterator<Item = f64>) -> Range<f64> {
    let finite = values.filter(|v| v.is_finite());
    let (low, high) = finite.fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
    if low > high {
        return 0.0..1.0;
    }
    let margin = ((high - low) * 0.04).max(1e-9 + 1e-6 * high.abs());
    low - margin..high + margin
}
