//! Panels in rows and columns of their own sizes.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::Figure;
use super::palette::INK;
use super::panel::Panel;

/// A figure of panels.
pub struct Grid {
    /// Above all, a line each.
    pub title: Vec<String>,
    /// Widths of the columns, pixels.
    pub widths: Vec<u32>,
    /// Heights of the rows, pixels.
    pub heights: Vec<u32>,
    /// Row by row.
    pub panels: Vec<Panel>,
}

/// Height of a line of the title, pixels.
const LINE: u32 = 24;

impl Grid {
    fn head(&self) -> u32 {
        16 + LINE * self.title.len() as u32
    }
}

impl Figure for Grid {
    fn size(&self) -> (u32, u32) {
        (self.widths.iter().sum(), self.head() + self.heights.iter().sum::<u32>())
    }

    fn draw<DB: DrawingBackend>(
        &self,
        area: &DrawingArea<DB, Shift>,
    ) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
        area.fill(&WHITE)?;
        for (i, (line, size)) in self.title.iter().zip([18, 14, 14, 14]).enumerate() {
            let font = ("sans-serif", size).into_font().color(&INK);
            area.draw(&Text::new(line.clone(), (14, 12 + (LINE * i as u32) as i32), font))?;
        }
        let mut panels = self.panels.iter();
        let (_, mut rest) = area.split_vertically(self.head());
        for height in &self.heights {
            let (row, below) = rest.split_vertically(*height);
            rest = below;
            let mut left = row;
            for width in &self.widths {
                let (place, right) = left.split_horizontally(*width);
                left = right;
                if let Some(panel) = panels.next() {
                    panel.draw(&place)?;
                }
            }
        }
        Ok(())
    }
}
