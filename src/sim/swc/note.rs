//! What was repaired in a cell, and what looks odd: for the reader to see.

use std::fmt;

use crate::text::count;

/// A repair, or a suspicion.
#[derive(Debug, Clone, PartialEq)]
pub enum Note {
    /// The root has another parent than -1.
    RootParent {
        /// The line.
        line: usize,
        /// The point.
        id: i64,
        /// The parent that the file names.
        parent: i64,
    },
    /// The root was not in the soma.
    Turned {
        /// The line of the file's root.
        line: usize,
        /// The point.
        id: i64,
        /// Its type.
        kind: i64,
    },
    /// There was no soma.
    SomaAtRoot {
        /// The line of the root.
        line: usize,
        /// The point.
        id: i64,
    },
    /// A loose piece was joined.
    Joined {
        /// The line of its root.
        line: usize,
        /// The point.
        id: i64,
        /// How many points hang on it, itself included.
        points: usize,
        /// The point that it was joined to.
        to: i64,
        /// The way between the two, µm.
        distance_um: f64,
    },
    /// Radii were raised.
    Raised {
        /// How many.
        points: usize,
        /// The least radius, to which they were raised, µm.
        least_um: f64,
        /// The line of the first.
        line: usize,
        /// The point.
        id: i64,
    },
    /// The soma's points run round it, as an outline.
    Contour {
        /// How many points.
        points: usize,
        /// Their mean distance from their middle, µm.
        ring_um: f64,
        /// Their largest radius, µm.
        radius_um: f64,
    },
    /// Lengths that no neuron has.
    Nanometres {
        /// What is so large.
        what: &'static str,
        /// How large, taken for µm.
        um: f64,
    },
    /// A cell as small as none is.
    Tiny {
        /// Its span, taken for µm.
        um: f64,
    },
    /// A branch that begins far outside the soma.
    Gap {
        /// The line of its first point.
        line: usize,
        /// The point.
        id: i64,
        /// Its distance from the soma's nearest point, µm.
        distance_um: f64,
        /// The soma's radius there, µm.
        radius_um: f64,
    },
}

impl Note {
    /// Whether something was changed; else something is suspected.
    #[must_use]
    pub fn is_repair(&self) -> bool {
        !matches!(
            self,
            Self::Contour { .. } | Self::Nanometres { .. } | Self::Tiny { .. } | Self::Gap { .. }
        )
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RootParent { line, id, parent } if id == parent => {
                write!(f, "point {id} (line {line}) is its own parent: taken for the root")
            }
            Self::RootParent { line, id, parent } => write!(
                f,
                "the parent of point {id} (line {line}) is {parent}, which is no point: taken for the root"
            ),
            Self::Turned { line, id, kind } => write!(
                f,
                "the root, point {id} (line {line}), is of type {kind}: the tree is turned round to begin in the soma"
            ),
            Self::SomaAtRoot { line, id } => {
                write!(f, "no point is of type 1: the root, point {id} (line {line}), is the soma")
            }
            Self::Joined { line, id, points, to, distance_um } => write!(
                f,
                "a loose piece of {} (root: point {id}, line {line}) is joined to point {to}, {distance_um:.1} µm away",
                count(*points, "point")
            ),
            Self::Raised { points, least_um, line, id } => write!(
                f,
                "{} below {least_um} µm raised to it (the first: point {id}, line {line})",
                count(*points, "radius")
            ),
            Self::Contour { points, ring_um, radius_um } => write!(
                f,
                "suspicious: the soma's {points} points run round a ring of {ring_um:.1} µm with radii of at most \
                 {radius_um} µm, as an outline does; the soma is then too small"
            ),
            Self::Nanometres { what, um } => write!(
                f,
                "suspicious: {what} of {um:.0} µm: are the file's lengths nanometres? Divide x, y, z and radius by 1000"
            ),
            Self::Tiny { um } => write!(
                f,
                "suspicious: the whole cell spans {um} µm: are the file's lengths millimetres or metres? Multiply x, y, \
                 z and radius"
            ),
            Self::Gap { line, id, distance_um, radius_um } => write!(
                f,
                "suspicious: the branch at point {id} (line {line}) begins {distance_um:.1} µm from the soma's nearest \
                 point, whose radius is {radius_um} µm; the way between is no part of the cell"
            ),
        }
    }
}
