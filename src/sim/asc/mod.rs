//! Reconstructed cells in Neurolucida's text format (`.asc`, MicroBrightField's "V3"), as NEURON's importer reads them.
//!
//! Parentheses nest, `;` begins a comment. A tree is `( (Color …) (Dendrite) points … )` with `(Axon)`, `(Dendrite)` or
//! `(Apical)`; a branch is its points, `(x y z diameter …)` in µm, then possibly a fork `( branch | branch | … )`, and
//! words such as `Normal` or `Incomplete`. Markers, `<` spines `>`, texts, properties and other objects have no meaning
//! here, nor have contours other than the cell body's, `("CellBody" …)`. What the format leaves open is decided as
//! NEURON's `Import3d_Neurolucida3` decides it:
//!
//! - **Soma**: its contour becomes 20 frusta along its longest axis, as wide as the contour there; several contours,
//!   one above the other, become frusta between circles. The cylinder has their length and area.
//! - **Trees** join the middle of the soma, and begin at their own first point.
//! - **Branches** begin at the end of their parent, there as thick as at their own first point; a branch whose first
//!   point is its parent's last one begins with that.
//!
//! Trees without a soma, several somas, and a branch without points are refused. The options are those of
//! [`swc`](super::swc); `join` and `soma_at_root` mean nothing here.

mod contour;
mod eigen;
mod error;
mod lex;
mod parse;

pub use error::AscError;

use std::collections::BTreeMap;

use self::contour::{bounds, soma};
use self::parse::{Contour, Tree, parse};
use super::swc::branches::{Section, branches};
use super::swc::{Cell, Note, Options, Point};

/// The SWC types of the trees.
const AXON: i64 = 2;

/// Reads a cell from the text of a Neurolucida file.
///
/// # Errors
/// [`AscError`] names the fault of the text and its line.
pub(super) fn import(text: &str, options: &Options) -> Result<Cell, AscError> {
    let file = parse(text)?;
    let (mut left_out, mut taken) = (BTreeMap::new(), BTreeMap::new());
    let mut trees = Vec::new();
    for tree in file.trees {
        let known = (AXON..=4).contains(&tree.kind);
        let wanted =
            if known { tree.kind != AXON || options.keep_axon } else { options.keep_other };
        let points: usize = tree.branches.iter().map(|b| b.points.len()).sum();
        match (wanted, known) {
            (false, _) => *left_out.entry(tree.kind).or_default() += points,
            (true, false) => *taken.entry(tree.kind).or_default() += points,
            (true, true) => {}
        }
        if wanted {
            trees.push(tree);
        }
    }
    let mut notes = Vec::new();
    raise(&mut trees, options, &mut notes)?;
    let soma = soma(&file.somas)?;
    notes.extend(outside(&trees, &file.somas));
    let (branches, paths) = branches(sections(&trees), options.preserve);
    if branches.is_empty() {
        return Err(AscError::NoDendrite { left_out });
    }
    Ok(Cell {
        soma_length_um: soma.length_um,
        soma_diam_um: soma.diam_um,
        soma: file.somas.into_iter().flat_map(|s| s.points).collect(),
        branches,
        paths,
        left_out,
        taken_for_dendrite: taken,
        on_the_way: BTreeMap::new(),
        notes,
        rule: options.segments,
    })
}

/// Raises radii below the least one to it; with no least radius, refuses radii that are not above 0.
fn raise(trees: &mut [Tree], options: &Options, notes: &mut Vec<Note>) -> Result<(), AscError> {
    let least = options.min_radius_um;
    let bad = |radius: f64| least.map_or(radius <= 0.0, |least| radius < least);
    let mut found: Option<(usize, f64, usize)> = None;
    for branch in trees.iter_mut().flat_map(|tree| &mut tree.branches) {
        for (point, line) in branch.points.iter_mut().zip(&branch.lines) {
            if bad(point.radius) {
                found.get_or_insert((*line, 2.0 * point.radius, 0)).2 += 1;
                point.radius = least.unwrap_or(point.radius);
            }
        }
    }
    match (found, least) {
        (None, _) => Ok(()),
        (Some((line, diameter, points)), None) => {
            Err(AscError::Diameter { line, diameter, points })
        }
        (Some((line, _, points)), Some(least_um)) => {
            notes.push(Note::RaisedInLine { points, least_um, line });
            Ok(())
        }
    }
}

/// Notes on trees that begin outside the box around the soma (and half a µm), as NEURON tells them.
fn outside(trees: &[Tree], somas: &[Contour]) -> Vec<Note> {
    let around = bounds(somas.iter().flat_map(|s| &s.points));
    let inside = |at: [f64; 3]| {
        around.iter().zip(at).all(|([least, most], x)| x >= least - 0.5 && x <= most + 0.5)
    };
    let begins = trees.iter().filter_map(|tree| {
        let first = tree.branches.first()?;
        Some((first.points.first()?.at, *first.lines.first()?))
    });
    begins.filter(|(at, _)| !inside(*at)).map(|(_, line)| Note::OutsideSoma { line }).collect()
}

fn sections(trees: &[Tree]) -> Vec<Section> {
    let mut sections = Vec::new();
    for tree in trees {
        let first = sections.len();
        for branch in &tree.branches {
            let mut path = Vec::with_capacity(branch.points.len() + 1);
            let parent = branch.parent.map(|p| first + p);
            let end = branch.parent.and_then(|p| tree.branches[p].points.last());
            if let (Some(end), Some(begin)) = (end, branch.points.first())
                && end.at != begin.at
            {
                path.push(Point { at: end.at, radius: begin.radius });
            }
            path.extend(&branch.points);
            let parent_x = if parent.is_none() { 0.5 } else { 1.0 };
            sections.push(Section { path, kind: tree.kind, parent, parent_x });
        }
    }
    sections
}

#[cfg(test)]
mod tests;
