//! Reconstructed cells in SWC (Cannon et al. 1998, *J Neurosci Methods* 84:49) as trees of branches.
//!
//! A line is a point: `id type x y z radius parent`, lengths in µm, parent -1 for the root, further fields ignored,
//! `#` begins a comment. A line ends with LF, CR LF or CR. Parents may come after their children. What the conventions
//! leave open is decided so:
//!
//! - **Only what becomes part of the neuron has to be right**: a loose axon, or one without radii, stops nothing where
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
//!   length, with the diameter that [`Preserve`] asks for. A branch on the soma begins at its own first point, the way
//!   from the soma's centre to it being soma; only if it has no other point is that way its length.
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

mod error;
mod join;
mod note;
mod parse;
mod section;
mod tree;

use std::collections::BTreeMap;

use super::morphology::Branch;
use super::params::NeuronParams;
use crate::settings::SettingError;
pub use error::{Remedy, SwcError};
pub use note::Note;
use tree::Points;

/// What of a branch's shape its equivalent cylinder keeps, beside its length L.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preserve {
    /// The membrane's area, thus capacitance and leak: diam = A/(π·L), A being the frusta's lateral area.
    #[default]
    Area,
    /// The axial resistance: diam = 2·sqrt(L / Σ l/(r₁·r₂)) over the frusta.
    AxialResistance,
}

/// How many segments a branch gets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SegmentRule {
    /// As many equal segments as keep each at most this long, µm.
    MaxLength(f64),
    /// The d_lambda rule (Hines & Carnevale 2001, *Neuroscientist* 7:123): an odd number that keeps each below this
    /// share of the AC length constant at 100 Hz.
    LambdaShare(f64),
}

/// How to read a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// What of a branch's shape to keep.
    pub preserve: Preserve,
    /// How many segments a branch gets; 40 µm at most unless told otherwise.
    pub segments: SegmentRule,
    /// Whether the axon becomes (passive) branches as well.
    pub keep_axon: bool,
    /// Whether points of types other than 1 to 4 are dendrite.
    pub keep_other: bool,
    /// Radii below this become this, µm; without it, one that is not above 0 is refused.
    pub min_radius_um: Option<f64>,
    /// Whether pieces that do not hang on the soma are joined to the nearest point; they are refused otherwise.
    pub join: bool,
    /// Whether a file without a soma has its root for one.
    pub soma_at_root: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            preserve: Preserve::Area,
            segments: SegmentRule::MaxLength(40.0),
            keep_axon: false,
            keep_other: true,
            min_radius_um: None,
            join: false,
            soma_at_root: false,
        }
    }
}

/// A point of the drawing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Where it is, µm.
    pub at: [f64; 3],
    /// Radius, µm.
    pub radius: f64,
}

/// A cell that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Length and diameter of the soma's cylinder, µm.
    pub soma_um: f64,
    /// The soma's points.
    pub soma: Vec<Point>,
    /// The branches, a parent before its children, each followed by all that is on it. Their number of segments is 1
    /// until [`onto`](Self::onto), which knows Ra and cm.
    pub branches: Vec<Branch>,
    /// The points of each branch, for drawing it.
    pub paths: Vec<Vec<Point>>,
    /// Points left out, by type.
    pub left_out: BTreeMap<i64, usize>,
    /// Points of other types than 1 to 4 that were taken for dendrite, by type.
    pub taken_for_dendrite: BTreeMap<i64, usize>,
    /// Points of types that are to be left out, kept because they lead to a dendrite, by type.
    pub on_the_way: BTreeMap<i64, usize>,
    /// What was repaired, and what looks odd, in the order in which it was found.
    pub notes: Vec<Note>,
    rule: SegmentRule,
}

/// Reads a cell.
///
/// # Errors
/// What is wrong with the text, and in which line.
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

impl Cell {
    /// `neuron` with this cell's soma and branches in place of its own.
    ///
    /// # Errors
    /// A size that a neuron cannot have.
    pub fn onto(&self, neuron: NeuronParams) -> Result<NeuronParams, SettingError> {
        let mut branches = self.branches.clone();
        for branch in &mut branches {
            branch.num_segments = self.rule.segments(branch, &neuron);
        }
        let (soma_length_um, soma_diam_um) = (self.soma_um, self.soma_um);
        let neuron =
            NeuronParams { soma_length_um, soma_diam_um, branches: Some(branches), ..neuron };
        neuron.validate()?;
        Ok(neuron)
    }
}

impl SegmentRule {
    /// The number of segments of a branch; a length beyond reason gives a number that validation refuses.
    fn segments(self, branch: &Branch, neuron: &NeuronParams) -> usize {
        match self {
            Self::MaxLength(most) => (branch.length_um / most).ceil().max(1.0) as usize,
            Self::LambdaShare(share) => {
                let lambda = ac_length_constant_um(branch.diam_um, neuron);
                let half = ((branch.length_um / (share * lambda) + 0.9) / 2.0) as usize;
                half.saturating_mul(2).saturating_add(1)
            }
        }
    }
}

/// The AC length constant at 100 Hz, 1e5·sqrt(d/(4π·f·Ra·cm)) µm.
fn ac_length_constant_um(diam_um: f64, neuron: &NeuronParams) -> f64 {
    let per_um = 4.0 * std::f64::consts::PI * 100.0 * neuron.axial_resistivity * neuron.capacitance;
    1e5 * (diam_um / per_um).sqrt()
}

#[cfg(test)]
mod repair_tests;
#[cfg(test)]
mod tests;
