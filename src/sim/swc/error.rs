//! What can be wrong with a cell, where, and what would mend it.

use std::collections::BTreeMap;

use super::point::AXON;
use crate::text::{count, noun};

/// A cell that cannot be read, and where.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SwcError {
    /// Too few fields.
    #[error(
        "line {line}: expected id, type, x, y, z, radius and parent, separated by spaces, found {}",
        count(*found, "field")
    )]
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
    /// Radii that are zero or negative.
    #[error(
        "line {line}: the radius of point {id} is {radius} µm; it must be above 0{}",
        more(*.points, "radius")
    )]
    Radius {
        /// The line of the first.
        line: usize,
        /// The point.
        id: i64,
        /// Its radius, µm.
        radius: f64,
        /// How many there are.
        points: usize,
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
    /// A line that holds another point behind the first: the end between them is missing.
    #[error("line {line}: {fields} fields, as of {}: the end of a line is missing", count(fields / 7, "point"))]
    Joined {
        /// The line.
        line: usize,
        /// Its fields.
        fields: usize,
    },
    /// Points that are their own ancestors.
    #[error("line {line}: point {id} is its own ancestor (a cycle of {})", count(*length, "point"))]
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
    NoSoma {
        /// Points that the file has.
        points: usize,
    },
    /// A piece that does not hang on the soma.
    #[error(
        "line {line}: point {id} is a second root (its parent is {parent}), of a piece of {points}; the soma's root is \
         in line {first}"
    )]
    SecondRoot {
        /// The line.
        line: usize,
        /// The point.
        id: i64,
        /// The parent that the file names.
        parent: i64,
        /// Points of the piece that would be part of the neuron.
        points: usize,
        /// Where the soma's root is.
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
    #[error("no dendrite: the soma has no branch of any length{}", left_out_words(left_out))]
    NoDendrite {
        /// Points that were left out, by type.
        left_out: BTreeMap<i64, usize>,
    },
    /// A rule that makes no segments.
    #[error("{0} must be a number above 0")]
    Rule(&'static str),
}

/// What would let a refused cell be read: each is one of the [`Options`](super::Options).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// A least radius.
    MinRadius,
    /// Joining loose pieces.
    Join,
    /// Taking the root for the soma.
    SomaAtRoot,
    /// Keeping the axon.
    KeepAxon,
    /// Keeping types that are not known.
    KeepOther,
}

impl SwcError {
    /// The option that this cell wants, where one would help.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Radius { .. } => Some(Remedy::MinRadius),
            Self::SecondRoot { .. } | Self::MissingParent { .. } => Some(Remedy::Join),
            Self::NoSoma { points: 1.. } => Some(Remedy::SomaAtRoot),
            Self::NoDendrite { left_out } if left_out.contains_key(&AXON) => Some(Remedy::KeepAxon),
            Self::NoDendrite { left_out } if !left_out.is_empty() => Some(Remedy::KeepOther),
            _ => None,
        }
    }
}

/// `, as must 3 more radii`.
fn more(count: usize, one: &str) -> String {
    match count.saturating_sub(1) {
        0 => String::new(),
        more => format!(", as must {more} more {}", noun(more, one)),
    }
}

fn left_out_words(left_out: &BTreeMap<i64, usize>) -> String {
    let each: Vec<String> = left_out.iter().map(|(t, n)| format!("{n} of type {t}")).collect();
    match each.is_empty() {
        true => String::new(),
        false => format!("; points left out: {}", each.join(", ")),
    }
}
