//! A figure and its panels.

use super::axis::{Axis, Ruler};
use super::heat::Heat;
use super::palette::Colour;
use super::raster::{Kind, Raster};
use super::series::{Data, Series, Style};

/// Panels on one horizontal axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// The axis that all panels share.
    pub x: Axis,
    /// The panels, from top to bottom.
    pub panels: Vec<Panel>,
}

impl Figure {
    /// Panels from top to bottom, over one horizontal axis.
    pub fn new(x: Axis, panels: impl IntoIterator<Item = Panel>) -> Self {
        Self { x, panels: panels.into_iter().collect() }
    }

    /// A figure over this horizontal axis, without panels yet.
    pub fn over(x: Axis) -> Self {
        Self { x, panels: Vec::new() }
    }

    /// A figure over time in ms, without panels yet.
    pub fn time(range: (f64, f64)) -> Self {
        Self::over(Axis::time(range))
    }

    /// The figure with a panel below.
    #[must_use]
    pub fn with(self, panel: Panel) -> Self {
        self.with_all([panel])
    }

    /// The figure with panels below, from top to bottom.
    #[must_use]
    pub fn with_all(mut self, panels: impl IntoIterator<Item = Panel>) -> Self {
        self.panels.extend(panels);
        self
    }

    /// The figure with its values turned into positions on its axes, as it is drawn. A figure is placed once.
    #[must_use]
    pub fn placed(mut self) -> Self {
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

/// One plot of a figure: a vertical axis and its content.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// The vertical axis; its label is the panel's title.
    pub y: Axis,
    /// Height of the plotted area in CSS pixels on a wide page; narrow pages draw it a little lower.
    pub height: f64,
    /// The content of the plotted area.
    pub content: Content,
}

impl Panel {
    /// A panel of lines, dots or bars, the last on top.
    pub fn lines(y: Axis, height: f64, lines: impl IntoIterator<Item = Series>) -> Self {
        Self { y, height, content: Content::Lines(lines.into_iter().collect()) }
    }

    /// A panel without series yet: title, unit and range of its vertical axis, and its height in CSS pixels.
    pub fn new(
        title: impl Into<String>,
        unit: &'static str,
        range: (f64, f64),
        height: f64,
    ) -> Self {
        Self::lines(Axis::new(title, unit, range), height, [])
    }

    /// The panel with one more series, drawn on top.
    #[must_use]
    pub fn with(mut self, series: Series) -> Self {
        self.push(series);
        self
    }

    /// The panel with more series, each drawn on top of the one before.
    #[must_use]
    pub fn with_all(self, series: impl IntoIterator<Item = Series>) -> Self {
        series.into_iter().fold(self, Self::with)
    }

    /// The panel with one more series of this style, drawn on top.
    #[must_use]
    pub fn add(
        self,
        style: Style,
        name: impl Into<String>,
        colour: Colour,
        data: impl Into<Data>,
    ) -> Self {
        self.with(Series::new(name, colour, style, data))
    }

    /// The panel with one more line, drawn on top.
    #[must_use]
    pub fn line(self, name: impl Into<String>, colour: Colour, data: impl Into<Data>) -> Self {
        self.add(Style::Line, name, colour, data)
    }

    /// The panel with one more thick line, drawn on top.
    #[must_use]
    pub fn bold(self, name: impl Into<String>, colour: Colour, data: impl Into<Data>) -> Self {
        self.add(Style::Bold, name, colour, data)
    }

    /// The panel with one more series of bars, drawn on top.
    #[must_use]
    pub fn bars(self, name: impl Into<String>, colour: Colour, data: impl Into<Data>) -> Self {
        self.add(Style::Bars, name, colour, data)
    }

    /// The panel with dots on top, at points in any order; points that are not finite are left out.
    #[must_use]
    pub fn scatter(self, name: impl Into<String>, colour: Colour, points: &[(f64, f64)]) -> Self {
        self.with(Series::sorted(name, colour, Style::Scatter, points))
    }

    /// The panel with `digits` decimals in the readings of its present series.
    #[must_use]
    pub fn digits(mut self, digits: usize) -> Self {
        if let Content::Lines(lines) = &mut self.content {
            lines.iter_mut().for_each(|series| series.digits = digits);
        }
        self
    }

    /// The panel with a logarithmic vertical axis.
    #[must_use]
    pub fn log(self) -> Self {
        Self { y: self.y.log(), ..self }
    }

    /// The panel with a vertical axis of nines.
    #[must_use]
    pub fn nines(self) -> Self {
        Self { y: self.y.nines(), ..self }
    }

    /// Puts one more series on top; a panel of other content than lines stays unchanged.
    pub fn push(&mut self, series: Series) {
        if let Content::Lines(lines) = &mut self.content {
            lines.push(series);
        }
    }

    /// A panel with a heat map, `height` CSS pixels high, under a title.
    pub fn heat(title: impl Into<String>, height: f64, map: Heat) -> Self {
        let y = Axis::new(title, "", (0.0, 1.0));
        Self { y, height, content: Content::Heat(map) }
    }

    /// A panel of events in `rows` rows, of one or several kinds, under a title.
    pub fn raster(
        title: impl Into<String>,
        height: f64,
        rows: usize,
        kinds: impl IntoIterator<Item = Kind>,
    ) -> Self {
        let y = Axis::new(title, "", (0.0, 1.0));
        Self {
            y,
            height,
            content: Content::Raster(Raster { rows, kinds: kinds.into_iter().collect() }),
        }
    }

    /// The vertical axis as it is drawn: rows are numbered, not labelled with values.
    pub fn axis(&self) -> Axis {
        let rows = match &self.content {
            Content::Lines(_) => return self.y.clone(),
            Content::Heat(map) => map.rows,
            Content::Raster(raster) => raster.rows,
        };
        Axis { range: (0.0, rows as f64), ruler: Ruler::Linear, ..self.y.clone() }
    }

    /// The series in the legend: those with a name.
    pub fn named(&self) -> impl Iterator<Item = &Series> {
        let lines = match &self.content {
            Content::Lines(lines) => lines.as_slice(),
            _ => &[],
        };
        lines.iter().filter(|series| !series.name.is_empty())
    }

    /// The series that lead the cursor: those with a name that are no straight lines.
    pub fn read(&self) -> impl Iterator<Item = &Series> {
        self.named().filter(|series| series.straight().is_none())
    }
}

/// The content of a panel.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Series over the horizontal axis: lines, dots or bars.
    Lines(Vec<Series>),
    /// A heat map: a colour for each row and time.
    Heat(Heat),
    /// Ticks at events, in rows.
    Raster(Raster),
}
