//! Reconstructed cells in SWC (Cannon et al. 1998, *J Neurosci Methods* 84:49) as trees of branches.
//!
//! A line is a point: `id type x y z radius parent`, lengths in µm, parent -1 for the root, further fields ignored, `#`
//! begins a comment. A line ends with LF, CR LF or CR. Parents may come after their children. What the conventions
//! leave open is decided as follows:
//!
//! - **Only what becomes part of the neuron has to be right**: a loose axon, or one without radii, is no error where
//!   the axon is left out.
//! - **Root**: a parent of -1, of the point itself, or of 0 where no point has the id 0. A tree whose root is not in the
//!   soma is turned round to begin there, which changes neither lengths nor areas. Further roots are loose pieces:
//!   [`Options::join`] joins each to the nearest point of the rest; they are refused otherwise.
//! - **Soma** (type 1): a cylinder. One point is a sphere of its radius r, so length and diameter are 2r, as is the usual
//!   three-point soma (the first with two children at ±r). Other points are frusta between each and its parent, and the
//!   cylinder has their length and lateral area.
//! - **Dendrites**: basal (3), apical (4), and every type that is not known (0, 5 and above), unless
//!   [`Options::keep_other`] is off.
//! - **Axon** (type 2): left out, but for stretches that lead to a dendrite; see [`Options::keep_axon`].
//! - **Branches**: a branch runs from one forking (or change of type) to the next. It becomes one cylinder of its path
//!   length, with the diameter that [`Preserve`] asks for.
//! - **Stems**, the branches on the soma, begin where NEURON's importer (`Import3d_SWC_read`, NEURON 9.0.2) lets them
//!   begin, so that lengths and areas are NEURON's. On a sphere, on an inner point of the soma, and on a point with
//!   several soma children they begin at their own first point (a stem of a single point at the soma's); on the soma's
//!   first or last point they begin there, as thick as at their own first point. Where a stem forks at its first point,
//!   all branches of that fork are stems.
//! - **Repairs** are made only where [`Options`] ask for them, and each leaves a [`Note`].
//! - **Joints**: stems join the middle of the soma (0.5), or its first (0) or last point (1) where they begin there; a
//!   neuron's 0 is the middle of its one-segment soma. Branches join each other at the far end. A branch of no length has
//!   no membrane; its children join what it joins.
//!
//! ```
//! use ballstick::sim::swc::{Options, import};
//!
//! let cell = "1 1 0 0 0 10 -1\n2 4 0 10 0 1.5 1\n3 4 0 110 0 1.5 2\n4 3 0 180 50 0.5 3\n5 4 0 180 -50 0.5 3\n";
//! let cell = import(cell, &Options::default())?;
//! let neuron = cell.onto(ballstick::sim::NeuronParams::default())?;
//! assert_eq!(neuron.soma_diam_um, 20.0);
//! assert_eq!(neuron.branches().len(), 3);
//! assert_eq!(neuron.branches()[0].length_um, 100.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub(super) mod branches;
mod cell;
mod error;
mod join;
mod note;
mod options;
mod parse;
mod point;
mod points;
mod section;
mod suspicion;
mod tree;

pub use cell::Cell;
pub use error::{Remedy, SwcError};
pub use note::Note;
pub use options::{Options, Preserve, SegmentRule};
pub use point::Point;
use points::Points;

/// Reads a cell from the text of an SWC file.
///
/// # Errors
/// [`SwcError`] names the fault of the text and its line, or the option that is not a number above 0.
pub fn import(text: &str, options: &Options) -> Result<Cell, SwcError> {
    options.check()?;
    let points = Points::read(text, options)?;
    section::build(points, options)
}

#[cfg(test)]
mod repair_tests;
#[cfg(test)]
mod tests;
