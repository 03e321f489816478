//! Events in rows, a tick at each event.

use super::palette::Colour;
use std::rc::Rc;

/// Events in rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Raster {
    /// Number of rows, drawn from the bottom of the panel to its top.
    pub rows: usize,
    /// The kinds of events.
    pub kinds: Vec<Kind>,
}

impl Raster {
    /// Whether rows have numbers on the axis; where each kind has a row of its own, the legend names them instead.
    pub fn is_numbered(&self) -> bool {
        self.rows > self.kinds.len()
    }
}

/// A kind of events: its name in the legend, its colour and its events.
pub type Kind = (&'static str, Colour, Rc<[Tick]>);

/// One event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tick {
    /// Horizontal place of the event.
    pub x: f64,
    /// Row of the event.
    pub row: usize,
    /// The share of the row's height that the tick fills, 0 to 1.
    pub size: f64,
}

impl Tick {
    /// Ticks at the positive weights of `rows` rows, one row after the other and a weight a column; a weight of `full`
    /// fills its row.
    pub fn of_weights(weights: &[f64], rows: usize, full: f64) -> Rc<[Self]> {
        let columns = (weights.len() / rows.max(1)).max(1);
        let events = weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0);
        events
            .map(|(at, weight)| Self {
                x: (at % columns) as f64,
                row: at / columns,
                size: weight / full,
            })
            .collect()
    }
}
