//! Figures: panels above each other on one horizontal axis, with one cursor through all.
//!
//! A lesson describes a [`Figure`]; [`view::FigureView`] puts it on the page, draws it by
//! plotters at most once a frame, and reads exact values out under the pointer or by keyboard.

pub mod axis;
mod cursor;
pub mod decimate;
mod fine;
mod heat;
mod line;
mod paint;
pub mod palette;
mod panel;
pub mod scale;
pub mod view;

pub use axis::{Axis, Ruler};
pub use palette::Colour;
pub use view::FigureView;

use std::rc::Rc;

/// Panels on one horizontal axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// The axis that all panels share.
    pub x: Axis,
    /// From top to bottom.
    pub panels: Vec<Panel>,
}

impl Figure {
    /// The same in positions, as it is drawn.
    fn placed(mut self) -> Self {
        let x_ruler = self.x.ruler.clone();
        self.x = self.x.placed();
        for panel in &mut self.panels {
            let Content::Lines(lines) = &mut panel.content else { continue };
            let y_ruler = panel.y.ruler.clone();
            panel.y = panel.y.clone().placed();
            let same = |ruler: &Ruler| matches!(ruler, Ruler::Linear | Ruler::Places(_));
            if !(same(&x_ruler) && same(&y_ruler)) {
                lines.iter_mut().for_each(|series| series.data.place(&x_ruler, &y_ruler));
            }
        }
        self
    }
}

/// One plot of a figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// The vertical axis; its label is the panel's title.
    pub y: Axis,
    /// Height in CSS pixels (of a wide page; narrow ones draw it a little lower).
    pub height: f64,
    /// What is drawn.
    pub content: Content,
}

impl Panel {
    /// The vertical axis as it is drawn: rows are numbered, not labelled with values.
    fn axis(&self) -> Axis {
        let rows = match &self.content {
            Content::Lines(_) => return self.y.clone(),
            Content::Heat(map) => map.rows,
            Content::Raster(raster) => raster.rows,
        };
        Axis { range: (0.0, rows as f64), ruler: Ruler::Linear, ..self.y.clone() }
    }
}

impl Panel {
    /// The series of the legend; one without a name is only drawn.
    fn named(&self) -> impl Iterator<Item = &Series> {
        let lines = match &self.content {
            Content::Lines(lines) => lines.as_slice(),
            _ => &[],
        };
        lines.iter().filter(|series| !series.name.is_empty())
    }

    /// The series that lead the cursor: those with a name, but for straight lines.
    fn read(&self) -> impl Iterator<Item = &Series> {
        self.named().filter(|series| series.straight().is_none())
    }
}

/// What a panel draws.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Lines or dots over the horizontal axis.
    Lines(Vec<Series>),
    /// A colour for each row and time.
    Heat(Heat),
    /// Ticks at events, a row each.
    Raster(Raster),
}

/// One line of a panel.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Name in the legend.
    pub name: String,
    /// Line colour.
    pub colour: Colour,
    /// Values.
    pub data: Data,
    /// How it is drawn.
    pub style: Style,
    /// Digits behind the point where a value is read out.
    pub digits: usize,
}

impl Series {
    /// What is drawn at `x`, as (x, y): a line's nearest sample, or the dot or column within `reach`.
    fn at(&self, x: f64, reach: f64) -> Option<(f64, f64)> {
        if let Some([a, b]) = self.straight() {
            let part = (x - a.0) / (b.0 - a.0);
            return (0.0..=1.0).contains(&part).then_some((x, a.1 + part * (b.1 - a.1)));
        }
        let near = self.data.nearest(x)?;
        let is_line = matches!(self.style, Style::Line | Style::Bold | Style::Dashed);
        let is_there = is_line || matches!(self.data, Data::Uniform { .. });
        (is_there || (near.0 - x).abs() <= reach).then_some(near)
    }

    /// The ends of a straight line, which is there for comparison.
    fn straight(&self) -> Option<[(f64, f64); 2]> {
        match (&self.data, self.style) {
            (Data::Points(points), Style::Line | Style::Bold | Style::Dashed) => {
                points.as_ref().try_into().ok()
            }
            _ => None,
        }
    }
}

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A line.
    Line,
    /// A thick line, for the one that the text is about.
    Bold,
    /// A thin, broken line, for what is compared with.
    Dashed,
    /// Dots joined by a line, for few points.
    Dots,
    /// Dots alone, in any order.
    Scatter,
    /// Small, half transparent dots, for very many.
    Cloud,
    /// Bars from zero, each centred on its sample and as wide as samples are apart; of uniform
    /// data.
    Bars,
    /// Bars from the panel's bottom at points that are 1 apart, for pairs.
    Columns,
    /// The same, only their outlines.
    Outlines,
    /// Upright lines, each between two points that follow each other: intervals.
    Whiskers,
}

/// The values of a series.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Equally spaced: `y[k]` at `start + k * step`.
    Uniform {
        /// Where the first sample is.
        start: f64,
        /// Distance of samples.
        step: f64,
        /// The samples.
        y: Rc<[f64]>,
    },
    /// Points in order of x.
    Points(Rc<[(f64, f64)]>),
}

impl Data {
    /// Values to positions; equally spaced samples stay so along the horizontal axis.
    fn place(&mut self, x: &Ruler, y: &Ruler) {
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

/// Rows of equally spaced samples, drawn in colours.
#[derive(Clone, Debug, PartialEq)]
pub struct Heat {
    /// Rows from the bottom of the panel to its top, `columns` samples each.
    pub values: Rc<[f64]>,
    /// Number of rows.
    pub rows: usize,
    /// Where the first sample is and the distance of samples.
    pub start: f64,
    /// Distance of samples.
    pub step: f64,
    /// Values of the first and the last colour.
    pub range: (f64, f64),
    /// Name and unit of the value.
    pub value: (&'static str, &'static str),
    /// Name of a row, as in "segment 3".
    pub row: &'static str,
}

impl Heat {
    /// Whether zero is in the middle: then signs have colours, and strengths their depth.
    pub fn diverging(&self) -> bool {
        self.range.0 == -self.range.1
    }

    /// Samples a row.
    pub fn columns(&self) -> usize {
        self.values.len() / self.rows.max(1)
    }

    /// The value in a row nearest to `x`.
    pub fn at(&self, row: usize, x: f64) -> Option<f64> {
        let k = ((x - self.start) / self.step).floor();
        (k >= 0.0 && (k as usize) < self.columns() && row < self.rows)
            .then(|| self.values[row * self.columns() + k as usize])
    }
}

/// Events in rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Raster {
    /// Number of rows, drawn from the bottom of the panel to its top.
    pub rows: usize,
    /// Name, colour and events of each kind.
    pub kinds: Vec<(&'static str, Colour, Rc<[Tick]>)>,
}

impl Raster {
    /// Whether rows are told by numbers; where each kind has a row of its own, the legend tells them.
    fn is_numbered(&self) -> bool {
        self.rows > self.kinds.len()
    }
}

/// One event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tick {
    /// Where it is.
    pub x: f64,
    /// Its row.
    pub row: usize,
    /// 0 to 1: how much of the row's height it fills.
    pub size: f64,
}
