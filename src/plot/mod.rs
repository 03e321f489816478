//! Figures: their description, written by the page's lessons and by commands alike, and their drawing by plotters.
//!
//! A [`Figure`] is a column of [`Panel`]s over one horizontal [`Axis`]. A panel holds [`Series`], a heat map
//! ([`Heat`]) or events in rows ([`Raster`]). [`palette`] has the colours, [`axis`] and [`scale`] the ticks and how
//! numbers are written, [`paint`] draws a panel onto any back end. `web::plot` puts a figure on the page, with a cursor; the
//! command line writes a [`Sheet`] of figures into a file.
//!
//! ```
//! use ballstick::plot::{Axis, Colour, Data, Figure, Panel, Series, Style};
//!
//! let soma = Series::new("soma", Colour::Ink, Style::Line, Data::samples(0.025, &[-70.0; 41]));
//! let panel = Panel::lines(Axis::new("soma voltage", "mV", (-90.0, 55.0)), 100.0, [soma]);
//! let figure = Figure::new(Axis::time((0.0, 1.0)), [panel]);
//! assert_eq!(figure.panels[0].y.unit, "mV");
//! ```

pub mod axis;
pub mod cursor;
pub mod decimate;
mod geometry;
mod heat;
pub mod legend;
pub mod neuron;
pub mod paint;
pub mod palette;
mod panel;
pub mod panels;
pub mod range;
mod raster;
pub mod scale;
mod series;
mod sheet;
pub mod through;

pub use axis::{Axis, Ruler};
pub use geometry::Geometry;
pub use heat::Heat;
pub use palette::{Colour, Palette};
pub use panel::{Content, Figure, Panel};
pub use raster::{Kind, Raster, Tick};
pub use series::{Data, Series, Style};
pub use sheet::{Cell, Sheet};
