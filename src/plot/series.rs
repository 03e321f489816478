//! A series of a panel: its name, colour, values and style.

use super::axis::Ruler;
use super::palette::Colour;
use std::rc::Rc;

/// One line of a panel, or one set of dots or bars.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The series' name in the legend; empty for a series that is only drawn.
    pub name: String,
    /// The colour of the series.
    pub colour: Colour,
    /// The values of the series.
    pub data: Data,
    /// The style in which the values are drawn.
    pub style: Style,
    /// Decimals of a value that is read out.
    pub digits: usize,
}

impl Series {
    /// A series whose values are read out with two decimals.
    pub fn new(
        name: impl Into<String>,
        colour: Colour,
        style: Style,
        data: impl Into<Data>,
    ) -> Self {
        Self { name: name.into(), colour, data: data.into(), style, digits: 2 }
    }

    /// The series with `digits` decimals in its readings.
    #[must_use]
    pub fn digits(self, digits: usize) -> Self {
        Self { digits, ..self }
    }

    /// A series of points in any order, which are sorted; points that are not finite are left out.
    pub fn sorted(
        name: impl Into<String>,
        colour: Colour,
        style: Style,
        points: &[(f64, f64)],
    ) -> Self {
        let mut points: Vec<(f64, f64)> =
            points.iter().copied().filter(|p| p.0.is_finite() && p.1.is_finite()).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        Self::new(name, colour, style, points)
    }

    /// A dashed horizontal line across a panel, at the height `y`.
    pub fn level(name: impl Into<String>, y: f64, (from, to): (f64, f64)) -> Self {
        Self::new(name, Colour::Soft, Style::Dashed, [(from, y), (to, y)])
    }

    /// A dashed vertical line from the bottom to the top of a panel, at `x`.
    pub fn upright(name: impl Into<String>, x: f64, (bottom, top): (f64, f64)) -> Self {
        Self::new(name, Colour::Soft, Style::Dashed, [(x, bottom), (x, top)]).digits(3)
    }

    /// The dashed diagonal, on which both axes have the same value.
    pub fn diagonal((from, to): (f64, f64)) -> Self {
        Self::new("", Colour::Soft, Style::Dashed, [(from, from), (to, to)])
    }

    /// The point of the series at `x`: of a line the nearest sample, otherwise the dot or column within `reach` of `x`.
    pub fn at(&self, x: f64, reach: f64) -> Option<(f64, f64)> {
        if let Some([a, b]) = self.straight() {
            let part = (x - a.0) / (b.0 - a.0);
            return (0.0..=1.0).contains(&part).then_some((x, a.1 + part * (b.1 - a.1)));
        }
        let near = self.data.nearest(x)?;
        let is_there = self.style.is_line() || matches!(self.data, Data::Uniform { .. });
        (is_there || (near.0 - x).abs() <= reach).then_some(near)
    }

    /// The ends of a straight line between two points, drawn for comparison; `None` for other series.
    pub fn straight(&self) -> Option<[(f64, f64); 2]> {
        match &self.data {
            Data::Points(points) if self.style.is_line() => points.as_ref().try_into().ok(),
            _ => None,
        }
    }
}

/// The style of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A line.
    Line,
    /// A thick line, for the series that the text is about.
    Bold,
    /// A half transparent hairline, for series in the background.
    Faint,
    /// A thin dashed line, for a reference.
    Dashed,
    /// Dots joined by a line, for few points.
    Dots,
    /// Dots alone, in any order.
    Scatter,
    /// Small, half transparent dots, for very many points.
    Cloud,
    /// Bars from zero (on a logarithmic axis from the panel's bottom), each centred on its sample and as wide as
    /// samples are apart; for uniform data only.
    Bars,
    /// Bars from the panel's bottom at points 1 apart, for pairs of columns.
    Columns,
    /// Like [`Style::Columns`], but outlines only.
    Outlines,
    /// Vertical or horizontal lines with caps, each between two consecutive points: intervals.
    Whiskers,
}

impl Style {
    /// Whether values are joined by a line, so that the series has a value everywhere.
    pub fn is_line(self) -> bool {
        matches!(self, Self::Line | Self::Bold | Self::Faint | Self::Dashed)
    }
}

/// The values of a series.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Equally spaced samples: `y[k]` at `start + k * step`.
    Uniform {
        /// Horizontal place of the first sample.
        start: f64,
        /// Distance between samples.
        step: f64,
        /// The samples.
        y: Rc<[f64]>,
    },
    /// Points in ascending order of x.
    Points(Rc<[(f64, f64)]>),
}

impl Data {
    /// Samples from `start` on, `step` apart.
    pub fn uniform(start: f64, step: f64, y: &[f64]) -> Self {
        Self::Uniform { start, step, y: y.into() }
    }

    /// Samples from 0 on, `step` apart.
    pub fn samples(step: f64, y: &[f64]) -> Self {
        Self::uniform(0.0, step, y)
    }

    /// Samples at the start of each millisecond.
    pub fn by_ms(y: &[f64]) -> Self {
        Self::samples(1.0, y)
    }

    /// One sample for each millisecond, placed in its middle: as bars they fill it.
    pub fn in_ms(y: &[f64]) -> Self {
        Self::uniform(0.5, 1.0, y)
    }

    /// The values, without their horizontal places.
    pub fn values(&self) -> Vec<f64> {
        match self {
            Self::Uniform { y, .. } => y.to_vec(),
            Self::Points(points) => points.iter().map(|p| p.1).collect(),
        }
    }

    /// Turns values into positions on the axes' scales; equally spaced samples keep their horizontal places.
    pub(super) fn place(&mut self, x: &Ruler, y: &Ruler) {
        match self {
            Self::Uniform { y: values, .. } => {
                *values = values.iter().map(|v| y.position(*v)).collect();
            }
            Self::Points(points) => {
                *points = points.iter().map(|p| (x.position(p.0), y.position(p.1))).collect();
            }
        }
    }

    /// The sample nearest to `x`, as (x, y); `None` outside the samples.
    pub fn nearest(&self, x: f64) -> Option<(f64, f64)> {
        match self {
            Self::Uniform { start, step, y } => {
                let k = ((x - start) / step).round();
                let value = (k >= 0.0).then(|| y.get(k as usize)).flatten()?;
                Some((start + k * step, *value))
            }
            Self::Points(points) => {
                points.iter().copied().min_by(|a, b| (a.0 - x).abs().total_cmp(&(b.0 - x).abs()))
            }
        }
    }
}

impl From<Rc<[(f64, f64)]>> for Data {
    fn from(points: Rc<[(f64, f64)]>) -> Self {
        Self::Points(points)
    }
}

impl From<Vec<(f64, f64)>> for Data {
    fn from(points: Vec<(f64, f64)>) -> Self {
        Self::Points(points.into())
    }
}

impl From<&[(f64, f64)]> for Data {
    fn from(points: &[(f64, f64)]) -> Self {
        Self::Points(points.into())
    }
}

impl<const N: usize> From<[(f64, f64); N]> for Data {
    fn from(points: [(f64, f64); N]) -> Self {
        Self::Points(points.into())
    }
}
