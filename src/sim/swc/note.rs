//! Notes on a cell for its reader: what was repaired, and what looks odd.

use std::fmt;

use crate::text::count;

/// A repair of a cell, or a suspicion about it.
#[derive(Debug, Clone, PartialEq)]
pub enum Note {
    /// The root's parent is another number than -1.
    RootParent {
        /// Number of the root's line, from 1.
        line: usize,
        /// Id of the root.
        id: i64,
        /// The parent that the file names.
        parent: i64,
    },
    /// The file's root was not in the soma, and the tree was turned round.
    Turned {
        /// Number of the line of the file's root, from 1.
        line: usize,
        /// Id of the file's root.
        id: i64,
        /// SWC type of the file's root.
        kind: i64,
    },
    /// The file has no soma, and its root was taken for one.
    SomaAtRoot {
        /// Number of the root's line, from 1.
        line: usize,
        /// Id of the root.
        id: i64,
    },
    /// A loose piece was joined.
    Joined {
        /// Number of the line of the piece's root, from 1.
        line: usize,
        /// Id of the piece's root.
        id: i64,
        /// Number of the piece's points, its root included.
        points: usize,
        /// Id of the point that the piece was joined to.
        to: i64,
        /// Distance between the piece's root and that point, µm.
        distance_um: f64,
    },
    /// Radii were raised.
    Raised {
        /// How many radii were raised.
        points: usize,
        /// The least radius, to which they were raised, µm.
        least_um: f64,
        /// Number of the line of the first raised point, from 1.
        line: usize,
        /// Id of that point.
        id: i64,
    },
    /// Radii of a file without ids were raised.
    RaisedInLine {
        /// How many radii were raised.
        points: usize,
        /// The least radius, to which they were raised, µm.
        least_um: f64,
        /// Number of the line of the first raised point, from 1.
        line: usize,
    },
    /// A tree that begins outside the box around the outline of the soma.
    OutsideSoma {
        /// Number of the line of the tree's first point, from 1.
        line: usize,
    },
    /// The soma's points run round it, as an outline.
    Contour {
        /// Number of the soma's points.
        points: usize,
        /// Mean distance of the points from their centre, µm.
        ring_um: f64,
        /// The points' largest radius, µm.
        radius_um: f64,
    },
    /// The cell is too large for any neuron: its lengths may be in nanometres.
    Nanometres {
        /// The length that is so large, in words.
        what: &'static str,
        /// That length, taken for µm.
        um: f64,
    },
    /// The cell is smaller than any neuron.
    Tiny {
        /// The cell's span, taken for µm.
        um: f64,
    },
    /// A branch that begins far outside the soma.
    Gap {
        /// Number of the line of the branch's first point, from 1.
        line: usize,
        /// Id of that point.
        id: i64,
        /// Distance of that point from the soma's nearest point, µm.
        distance_um: f64,
        /// Radius of that point of the soma, µm.
        radius_um: f64,
    },
}

impl Note {
    /// Whether the note is of a repair; otherwise it is of a suspicion.
    #[must_use]
    pub fn is_repair(&self) -> bool {
        !matches!(
            self,
            Self::Contour { .. }
                | Self::OutsideSoma { .. }
                | Self::Nanometres { .. }
                | Self::Tiny { .. }
                | Self::Gap { .. }
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
            Self::RaisedInLine { points, least_um, line } => write!(
                f,
                "{} below {least_um} µm raised to it (the first: line {line})",
                count(*points, "radius")
            ),
            Self::OutsideSoma { line } => write!(
                f,
                "suspicious: the tree that begins in line {line} begins outside the soma; it joins the soma's middle"
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
