//! Reconstructed cells in SWC (Cannon et al. 1998, *J Neurosci Methods* 84:49) as trees of branches.
//!
//! A line is a point: `id type x y z radius parent`, lengths in µm, parent -1 for the root, further fields ignored,
//! `#` begins a comment. Parents may come after their children. What the conventions leave open is decided so:
//!
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

mod parse;
mod section;

use std::collections::BTreeMap;

use super::morphology::Branch;
use super::params::{NeuronParams, ParamError};
use parse::Points;

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
    /// As many equal ones as keep each at most this long, µm.
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
}

impl Default for Options {
    fn default() -> Self {
        Self {
            preserve: Preserve::Area,
            segments: SegmentRule::MaxLength(40.0),
            keep_axon: false,
            keep_other: true,
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
    rule: SegmentRule,
}

/// A cell that cannot be read, and where.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SwcError {
    /// Too few fields.
    #[error("line {line}: expected id, type, x, y, z, radius and parent, found {found} fields")]
    Fields {
        /// The line, from 1.
        line: usize,
        /// Fields there.
        found: usize,
    },
    /// A field that is no number.
    #[error("line {line}: {field} \"{text}\" is not {expected}")]
    Number {
        /// The line.
        line: usize,
        /// Which field.
        field: &'static str,
        /// What is there.
        text: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A radius that is zero or negative.
    #[error("line {line}: the radius of point {id} is {radius} µm; it must be above 0")]
    Radius {
        /// The line.
        line: usize,
        /// The point.
        id: i64,
        /// Its radius, µm.
        radius: f64,
    },
    /// Two points of one id.
    #[error("line {line}: point {id} is there already, in line {first}")]
    Duplicate {
        /// The line.
        line: usize,
        /// The point.
        id: i64,
        /// Where it is first.
        first: usize,
    },
    /// A parent that is not in the file.
    #[error("line {line}: the parent of point {id} is {parent}, which is no point of the file")]
    MissingParent {
        /// The line.
        line: usize,
        /// The point.
        id: i64,
        /// The parent named.
        parent: i64,
    },
    /// Points that are their own ancestors.
    #[error("line {line}: point {id} is its own ancestor (a cycle of {length} points)")]
    Cycle {
        /// The line.
        line: usize,
        /// The point.
        id: i64,
        /// How many points the cycle has.
        length: usize,
    },
    /// No point of type 1.
    #[error("no soma: no point is of type 1")]
    NoSoma,
    /// A root that is not in the soma.
    #[error(
        "line {line}: point {id} is a root (its parent is -1) of type {kind}; the only root must be in the soma"
    )]
    Root {
        /// The line.
        line: usize,
        /// The point.
        id: i64,
        /// Its type.
        kind: i64,
    },
    /// A second root.
    #[error(
        "line {line}: point {id} is a second root (its parent is -1); the first is in line {first}"
    )]
    SecondRoot {
        /// The line.
        line: usize,
        /// The point.
        id: i64,
        /// Where the first is.
        first: usize,
    },
    /// A soma in pieces.
    #[error("line {line}: soma point {id} has a parent that is not soma")]
    SomaInPieces {
        /// The line.
        line: usize,
        /// The point.
        id: i64,
    },
    /// Soma points all in one place.
    #[error("line {line}: the soma's points have no area between them")]
    FlatSoma {
        /// The line of the first.
        line: usize,
    },
    /// Nothing on the soma.
    #[error("no dendrite: the soma has no branch of any length")]
    NoDendrite,
    /// A rule that makes no segments.
    #[error("{0} must be a number above 0")]
    Rule(&'static str),
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
    let points = Points::read(text)?;
    section::build(&points, options)
}

impl Cell {
    /// `neuron` with this cell's soma and branches in place of its own.
    ///
    /// # Errors
    /// A size that a neuron cannot have.
    pub fn onto(&self, neuron: NeuronParams) -> Result<NeuronParams, ParamError> {
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
mod tests;
