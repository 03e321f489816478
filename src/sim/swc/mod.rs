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
//! - **Soma** (type 1): a cylinder as long as wide. One point is a sphere of its radius r, so length and diameter are
//!   2r. Several points are frusta between each and its parent, and the cylinder has their lateral area A:
//!   length and diameter sqrt(A/π). The usual three-point soma (the first with two children at ±r) is thereby the
//!   sphere of radius r again.
//! - **Dendrites**: basal (3), apical (4), and every type that is not known (0, 5 and above), unless
//!   [`Options::keep_other`] is off.
//! - **Axon** (type 2): left out, but for stretches that lead to a dendrite; see [`Options::keep_axon`].
//! - **Branches**: a branch runs from one forking (or change of type) to the next. It becomes one cylinder of its path
//!   length, with the diameter that [`Preserve`] asks for. A branch on the soma begins at its own first point, since
//!   the way from the soma's centre to that point is soma; only a branch of a single point has this way for its length.
//! - **Repairs** are made only where [`Options`] ask for them, and each leaves a [`Note`].
//! - **Joints**: branches join the soma where the ball-and-stick's dendrite does, at its end (1), and each other at
//!   the far end. A branch of no length has no membrane; its children join its parent.
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
    let fits = |x: f64| x.is_finite() && x > 0.0;
    match options.segments {
        SegmentRule::MaxLength(most) if !fits(most) => {
            return Err(SwcError::Rule("the longest segment (µm)"));
        }
        SegmentRule::LambdaShare(share) if !fits(share) => {
            return Err(SwcError::Rule("the share of the AC length constant"));
        }
        _ => {}
    }
    if options.min_radius_um.is_some_and(|least| !fits(least)) {
        return Err(SwcError::Rule("the least radius (µm)"));
    }
    let points = Points::read(text, options)?;
    section::build(points, options)
}

#[cfg(test)]
mod repair_tests;
#[cfg(test)]
mod tests;
