//! Figures on the page: canvases, legends, a cursor through all panels, and values that are read by keyboard.
//!
//! A lesson describes a [`Figure`]; [`view::FigureView`] puts it on the page, draws it by
//! plotters at most once a frame, and reads exact values out under the pointer or by keyboard.

mod colours;
mod drawing;
mod fine;
mod line;
mod paint;
mod panel;
pub mod view;

pub use crate::plot::{
    Axis, Colour, Content, Data, Figure, Heat, Panel, Raster, Ruler, Series, Style, Tick, decimate,
    palette, panels, scale,
};
pub use view::FigureView;
