//! A sheet: the figures of a file in columns and rows, each with its title, legends and axes, as on the page.

use super::axis::Ruler;
use super::geometry::Geometry;
use super::legend::{Legend, text_width};
use super::paint::{self, Area, Drawn, FONT, FONT_SIZE};
use super::palette::{Colour, Palette};
use super::panel::{Content, Figure, Panel};
use plotters::prelude::*;

/// Figures in columns and rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// The lines of the sheet's title; the first is larger.
    pub title: Vec<String>,
    /// Widths of the columns, CSS pixels.
    pub columns: Vec<f64>,
    /// The cells, row by row.
    pub cells: Vec<Cell>,
}

/// A cell of a sheet: a figure and its title.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Title above the figure; empty where the panels' titles suffice.
    pub title: String,
    /// The figure in the cell.
    pub figure: Figure,
    /// The range of the horizontal axis that another figure shows, framed in every panel; `None`: no frame.
    pub frame: Option<(f64, f64)>,
}

/// Height of a line of the sheet's title, CSS pixels.
const TITLE: f64 = 24.0;
/// Margin around the title and below each figure, CSS pixels.
const MARGIN: f64 = 10.0;
/// Height of a cell's title, CSS pixels.
const CELL_TITLE: f64 = 22.0;

impl Sheet {
    /// A sheet without figures yet.
    pub fn new(title: impl Into<Vec<String>>, columns: impl Into<Vec<f64>>) -> Self {
        Self { title: title.into(), columns: columns.into(), cells: Vec::new() }
    }

    /// Adds a figure in the next cell.
    pub fn push(&mut self, title: impl Into<String>, figure: Figure) {
        self.cells.push(Cell { title: title.into(), figure, frame: None });
    }

    fn head(&self) -> f64 {
        2.0 * MARGIN + TITLE * self.title.len() as f64
    }

    /// The cells of each row with their measures, and the height of the row in CSS pixels.
    fn rows(&self) -> Vec<(Vec<Measured<'_>>, f64)> {
        let rows = self.cells.chunks(self.columns.len().max(1));
        rows.map(|row| {
            let cells = row.iter().zip(&self.columns);
            let cells: Vec<_> = cells.map(|(cell, width)| Measured::new(cell, *width)).collect();
            let height = cells.iter().map(Measured::height).fold(0.0, f64::max);
            (cells, height)
        })
        .collect()
    }

    /// Width and height of the sheet, CSS pixels.
    pub fn size(&self) -> (f64, f64) {
        let height: f64 = self.rows().iter().map(|(_, height)| height).sum();
        (self.columns.iter().sum(), (self.head() + height).ceil())
    }

    /// Draws the sheet on white, with `scale` pixels a CSS pixel.
    ///
    /// # Errors
    /// The errors of the back end.
    pub fn draw<B: DrawingBackend>(&self, area: &Area<B>, scale: f64) -> Drawn<B> {
        let palette = &Palette::LIGHT;
        let px = |css: f64| (css * scale).round();
        area.fill(&WHITE)?;
        for (n, line) in self.title.iter().enumerate() {
            let size = if n == 0 { 18.0 } else { 14.0 };
            let style = (FONT, px(size)).into_font().color(&palette.get(Colour::Ink));
            let place = (px(1.4 * MARGIN) as i32, px(MARGIN + TITLE * n as f64) as i32);
            area.draw_text(line, &style, place)?;
        }
        let mut top = self.head();
        for (cells, height) in self.rows() {
            let mut left = 0.0;
            for cell in cells {
                let place = area.clone().shrink(
                    (px(left) as u32, px(top) as u32),
                    (px(cell.width) as u32, px(height) as u32),
                );
                cell.draw(&place, scale, palette)?;
                left += cell.width;
            }
            top += height;
        }
        Ok(())
    }
}

/// A cell with the measures of its parts.
struct Measured<'a> {
    cell: &'a Cell,
    width: f64,
    /// Margin for the labels of the vertical axes, CSS pixels.
    left: f64,
    legends: Vec<Legend>,
}

impl<'a> Measured<'a> {
    fn new(cell: &'a Cell, width: f64) -> Self {
        let default = Geometry::default().left;
        let panels = &cell.figure.panels;
        let left = panels.iter().map(room).fold(default, f64::max).min(0.6 * width);
        let legends = panels.iter().map(|panel| Legend::new(panel, default, width)).collect();
        Self { cell, width, left, legends }
    }

    fn title(&self) -> f64 {
        if self.cell.title.is_empty() { 0.0 } else { CELL_TITLE }
    }

    /// Each panel with its legend and its geometry, which does not include the legend.
    fn places(&self, scale: f64) -> impl Iterator<Item = (&Panel, &Legend, Geometry)> {
        let panels = &self.cell.figure.panels;
        let last = panels.len().saturating_sub(1);
        panels.iter().zip(&self.legends).enumerate().map(move |(n, (panel, legend))| {
            let axis = n == last;
            let height = Geometry::outer_height(panel.height, 1.0, axis);
            let (width, left) = (self.width, self.left);
            (panel, legend, Geometry { width, height, scale, text: 1.0, left, axis })
        })
    }

    fn height(&self) -> f64 {
        let panels = self.places(1.0).map(|(_, legend, at)| legend.height() + at.height);
        self.title() + panels.sum::<f64>() + MARGIN
    }

    fn draw<B: DrawingBackend>(&self, area: &Area<B>, scale: f64, palette: &Palette) -> Drawn<B> {
        let px = |css: f64| (css * scale).round();
        if !self.cell.title.is_empty() {
            let style = (FONT, px(14.0)).into_font().color(&palette.get(Colour::Ink));
            let place = (px(1.4 * MARGIN) as i32, px(2.0) as i32);
            area.draw_text(&self.cell.title, &style, place)?;
        }
        let placed = self.cell.figure.clone().placed();
        let mut top = self.title();
        for (panel, (_, legend, at)) in placed.panels.iter().zip(self.places(scale)) {
            let part = |top: f64, height: f64| {
                let size = (px(self.width) as u32, px(height) as u32);
                area.clone().shrink((0, px(top) as u32), size)
            };
            legend.draw(&part(top, legend.height()), scale, palette)?;
            top += legend.height();
            let place = part(top, at.height);
            top += at.height;
            if !paint::has_room(&placed.x, at) {
                continue;
            }
            paint::axes(&place, &placed.x, panel, at, palette)?;
            paint::content(&place, &placed.x, panel, at, palette)?;
            if let Some(stretch) = self.cell.frame {
                paint::frame(&place, &placed.x, stretch, at, palette)?;
            }
        }
        Ok(())
    }
}

/// Width of the names beside a panel, CSS pixels; 0 for a panel without names.
fn room(panel: &Panel) -> f64 {
    match (&panel.content, &panel.y.ruler) {
        (Content::Lines(_), Ruler::Places(names)) => {
            names.iter().map(|name| text_width(name, FONT_SIZE) + 14.0).fold(0.0, f64::max)
        }
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::{Axis, Data, Series, Style};

    fn figure(height: f64) -> Figure {
        let line = Series::new("a", Colour::Ink, Style::Line, Data::by_ms(&[0.0, 1.0]));
        let panel = Panel::lines(Axis::new("y", "mV", (0.0, 1.0)), height, [line]);
        Figure::new(Axis::time((0.0, 1.0)), [panel])
    }

    #[test]
    fn a_row_is_as_high_as_its_highest_cell() {
        let mut sheet = Sheet::new(["title".to_owned()], [300.0, 200.0]);
        sheet.push("", figure(100.0));
        let (width, low) = sheet.size();
        assert_eq!(width, 500.0);
        sheet.push("", figure(180.0));
        assert_eq!(sheet.size().1, low + 80.0);
        sheet.push("named", figure(100.0));
        assert!(sheet.size().1 > 2.0 * low);
    }
}
