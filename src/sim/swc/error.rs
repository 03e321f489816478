//! Errors of a cell's file: what is wrong, in which line, and which option would mend it.

use std::collections::BTreeMap;

use super::point::AXON;
use crate::text::{count, noun};

/// The error of a cell that cannot be read, and its place.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SwcError {
    /// A line with too few fields.
    #[error(
        "line {line}: expected id, type, x, y, z, radius and parent, separated by spaces, found {}",
        count(*found, "field")
    )]
    Fields {
        /// The line, from 1.
        line: usize,
        /// Fields that the line has.
        found: usize,
    },
    /// A field that is no number.
    #[error("line {line}: {field} \"{text}\" is not {expected}")]
    Number {
        /// Number of the line, from 1.
        line: usize,
        /// Name of the field.
        field: &'static str,
        /// The field's text.
        text: String,
        /// What the field should be.
        expected: &'static str,
    },
    /// Radii that are zero or negative.
    #[error(
        "line {line}: the radius of point {id} is {radius} µm; it must be above 0{}",
        more(*.points, "radius")
    )]
    Radius {
        /// Number of the line of the first such point, from 1.
        line: usize,
        /// Id of that point.
        id: i64,
        /// Radius of that point, µm.
        radius: f64,
        /// How many points have such a radius.
        points: usize,
    },
    /// Two points with the same id.
    #[error("line {line}: point {id} is there already, in line {first}")]
    Duplicate {
        /// Number of the second point's line, from 1.
        line: usize,
        /// The points' id.
        id: i64,
        /// Number of the first point's line.
        first: usize,
    },
    /// A parent that is no point of the file.
    #[error("line {line}: the parent of point {id} is {parent}, which is no point of the file")]
    MissingParent {
        /// Number of the child's line, from 1.
        line: usize,
        /// Id of the child.
        id: i64,
        /// Id of the parent that the line names.
        parent: i64,
    },
    /// A line that holds two or more points: a line end between them is missing.
    #[error("line {line}: {fields} fields, as of {}: the end of a line is missing", count(fields / 7, "point"))]
    Joined {
        /// Number of the line, from 1.
        line: usize,
        /// Number of fields in the line.
        fields: usize,
    },
    /// Points that are their own ancestors: a cycle.
    #[error("line {line}: point {id} is its own ancestor (a cycle of {})", count(*length, "point"))]
    Cycle {
        /// Number of the line of the cycle's first point, from 1.
        line: usize,
        /// Id of that point.
        id: i64,
        /// How many points the cycle has.
        length: usize,
    },
    /// A file without a point of type 1.
    #[error("no soma: no point is of type 1")]
    NoSoma {
        /// Number of points in the file.
        points: usize,
    },
    /// A piece that is not connected to the soma.
    #[error(
        "line {line}: point {id} is a second root (its parent is {parent}), of a piece of {points}; the soma's root is \
         in line {first}"
    )]
    SecondRoot {
        /// Number of the line of the piece's root, from 1.
        line: usize,
        /// Id of that root.
        id: i64,
        /// The parent that the file names.
        parent: i64,
        /// Number of the piece's points that would be part of the neuron.
        points: usize,
        /// Number of the line of the soma's root.
        first: usize,
    },
    /// A soma that is not one connected piece.
    #[error("line {line}: soma point {id} has a parent that is not soma")]
    SomaInPieces {
        /// Number of the soma point's line, from 1.
        line: usize,
        /// Id of the soma point.
        id: i64,
    },
    /// Soma points that all lie in one place.
    #[error("line {line}: the soma's points have no area between them")]
    FlatSoma {
        /// Number of the line of the first soma point, from 1.
        line: usize,
    },
    /// A soma without any branch.
    #[error("no dendrite: the soma has no branch of any length{}", left_out_words(left_out))]
    NoDendrite {
        /// Number of points that were left out, by SWC type.
        left_out: BTreeMap<i64, usize>,
    },
    /// A rule or a least radius that is not a finite number above 0; the field names it.
    #[error("{0} must be a number above 0")]
    Rule(&'static str),
}

/// The option of [`Options`](super::Options) with which a refused cell could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// [`Options::min_radius_um`](super::Options::min_radius_um): radii are raised to a least one.
    MinRadius,
    /// [`Options::join`](super::Options::join): loose pieces are joined.
    Join,
    /// [`Options::soma_at_root`](super::Options::soma_at_root): the root is taken for the soma.
    SomaAtRoot,
    /// [`Options::keep_axon`](super::Options::keep_axon): the axon is kept.
    KeepAxon,
    /// [`Options::keep_other`](super::Options::keep_other): points of unknown types are kept.
    KeepOther,
}

impl SwcError {
    /// The option with which this cell could be read; `None` where no option helps.
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

/// Words for further faults of one kind, such as `, as must 3 more radii`; empty for a count of 1.
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
