//! Errors of a Neurolucida file: what is wrong, and in which line.

use std::collections::BTreeMap;

use crate::sim::swc::Remedy;
use crate::text::{count, noun};

/// The error of a cell that cannot be read, and its place. Lines are counted from 1.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AscError {
    /// Something else than what has to stand there.
    #[error("line {line}: expected {expected}, found {found}")]
    Unexpected {
        /// The line.
        line: usize,
        /// What has to stand there.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A parenthesis, or the `<` of a spine, that is never closed.
    #[error("line {line}: the \"{what}\" that opens here is never closed")]
    Open {
        /// The line where it opens.
        line: usize,
        /// What opens.
        what: char,
    },
    /// A text without its second quotation mark.
    #[error("line {line}: a text has no closing quotation mark")]
    Quote {
        /// The line.
        line: usize,
    },
    /// A point with too few numbers.
    #[error("line {line}: a point is x, y, z and diameter; found {}", count(*found, "number"))]
    Point {
        /// The line.
        line: usize,
        /// Numbers that the point has.
        found: usize,
    },
    /// A number that no length can be.
    #[error("line {line}: {text} is not within ±1e12")]
    Large {
        /// The line.
        line: usize,
        /// The number.
        text: String,
    },
    /// A branch without points.
    #[error("line {line}: a branch has no point")]
    Empty {
        /// The line where it begins.
        line: usize,
    },
    /// Forks within forks within forks.
    #[error("line {line}: more than {most} forks within each other")]
    Deep {
        /// The line.
        line: usize,
        /// How many may be.
        most: usize,
    },
    /// A file without an object of a cell.
    #[error("no cell: the file has neither a tree nor a cell body")]
    Nothing,
    /// A file without a soma.
    #[error("no soma: no contour is a \"CellBody\"")]
    NoSoma,
    /// A contour of too few points.
    #[error("line {line}: the contour of a cell body needs 3 points at least, found {points}")]
    ShortContour {
        /// The line where it begins.
        line: usize,
        /// The points that it has.
        points: usize,
    },
    /// Two cell bodies apart from each other.
    #[error("line {line}: a second cell body, apart from that in line {first}")]
    SecondSoma {
        /// The line where it begins.
        line: usize,
        /// The line where the first one begins.
        first: usize,
    },
    /// A cell body without extent.
    #[error("line {line}: the cell body has no area")]
    FlatSoma {
        /// The line where it begins.
        line: usize,
    },
    /// Diameters that are zero or negative.
    #[error(
        "line {line}: the diameter of a point is {diameter} µm; it must be above 0{}",
        more(*.points)
    )]
    Diameter {
        /// The line of the first such point.
        line: usize,
        /// Its diameter, µm.
        diameter: f64,
        /// How many points have such a diameter.
        points: usize,
    },
    /// A soma without any branch.
    #[error("no dendrite: the soma has no branch of any length{}", words(left_out))]
    NoDendrite {
        /// Number of points that were left out, by SWC type.
        left_out: BTreeMap<i64, usize>,
    },
}

impl AscError {
    /// The option with which this cell could be read; `None` where no option helps.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Diameter { .. } => Some(Remedy::MinRadius),
            Self::NoDendrite { left_out } if left_out.contains_key(&2) => Some(Remedy::KeepAxon),
            Self::NoDendrite { left_out } if !left_out.is_empty() => Some(Remedy::KeepOther),
            _ => None,
        }
    }
}

fn more(points: usize) -> String {
    match points.saturating_sub(1) {
        0 => String::new(),
        more => format!(", as must {more} more {}", noun(more, "diameter")),
    }
}

fn words(left_out: &BTreeMap<i64, usize>) -> String {
    let each: Vec<String> = left_out.iter().map(|(t, n)| format!("{n} of type {t}")).collect();
    if each.is_empty() { String::new() } else { format!("; points left out: {}", each.join(", ")) }
}
