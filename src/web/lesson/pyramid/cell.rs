//! The cells of lesson 3½, each with the membrane of Hay et al. 2011: the one drawn for it, or a reconstruction of the
//! learner's.

use crate::plot::neuron::Shape;
use crate::sim::reconstruction::import;
use crate::sim::swc::{Options, SegmentRule};
use crate::sim::{Branch, NeuronParams};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The most segments that the page simulates while a learner waits, three times at once.
const MOST_ROWS: usize = 1_500;

/// A pyramidal cell, its drawing, and the segments along its apical dendrite.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::web::lesson) struct Pyramid {
    /// The cell with the published densities.
    pub(super) params: NeuronParams,
    pub(super) shape: Rc<Shape>,
    /// The segments on the way from the soma to the farthest apical tip, each with its path distance from the middle of
    /// the soma, µm.
    pub(super) path: Vec<(usize, f64)>,
}

impl Pyramid {
    /// The cell that is drawn for the membrane.
    pub(in crate::web::lesson) fn drawn() -> Self {
        let params = NeuronParams::pyramidal();
        let branches = params.branches();
        let shape = Shape::of_paths(&branches, &upright(&branches), ([0.0, 0.0], SOMA_UM));
        let path = apical_path(&params, &shape);
        Self { params, shape: Rc::new(shape), path }
    }

    /// The cell of a reconstruction, SWC or Neurolucida's text.
    ///
    /// # Errors
    /// What is wrong with the text, in which line; a cell without apical dendrite, or of too many segments.
    pub(super) fn reconstructed(text: &str) -> Result<Self, String> {
        let options = Options { segments: SegmentRule::Hay2011, ..Options::default() };
        let cell = import(text, &options).map_err(|error| error.to_string())?;
        let params =
            cell.onto_hay2011(NeuronParams::default()).map_err(|error| error.to_string())?;
        params.validate().map_err(|error| error.to_string())?;
        let rows = params.num_rows();
        if rows > MOST_ROWS {
            return Err(format!(
                "{rows} segments are more than this page simulates at once ({MOST_ROWS}); the command line has no such limit"
            ));
        }
        let shape = Shape::of_cell(&cell, &params.branches());
        let path = apical_path(&params, &shape);
        if path.is_empty() {
            return Err("this cell has no apical dendrite (type 4 in an SWC)".to_owned());
        }
        Ok(Self { params, shape: Rc::new(shape), path })
    }

    /// The cell with the published densities.
    #[cfg(all(test, feature = "twin-lessons"))]
    pub(in crate::web::lesson) fn published(&self) -> &NeuronParams {
        &self.params
    }

    /// The segment on the apical path nearest to a distance: its row, and its distance, µm.
    pub(super) fn nearest(&self, um: f64) -> (usize, f64) {
        let off = |place: &&(usize, f64)| (place.1 - um).abs();
        let near = self.path.iter().min_by(|a, b| off(a).total_cmp(&off(b)));
        near.copied().unwrap_or((0, 0.0))
    }
}

/// Half the drawn soma's size, µm: that of the sphere of its area.
const SOMA_UM: f64 = 9.4;

/// The segments from the soma to the farthest apical tip, with their path distances, µm; none where no branch is apical.
fn apical_path(params: &NeuronParams, shape: &Shape) -> Vec<(usize, f64)> {
    let morphology = params.morphology();
    let places = morphology.places();
    // the soma comes first
    let distance = |row: usize| places.get(row + 1).map_or(0.0, |place| place.d_um);
    let apical = |row: &usize| places.get(row + 1).is_some_and(|place| place.region == "apical");
    let rows = (0..shape.segments.len()).filter(apical);
    let tip = rows.max_by(|a, b| distance(*a).total_cmp(&distance(*b)));
    let inwards = |row: &usize| shape.segments.get(*row).and_then(|segment| segment.parent);
    let mut path: Vec<_> =
        std::iter::successors(tip, inwards).map(|row| (row, distance(row))).collect();
    path.reverse();
    path
}

/// The lines of the drawn cell's branches: the trunk straight up with its obliques to both sides, the tuft fanned out,
/// the basal dendrites and the axon below.
fn upright(branches: &[Branch]) -> Vec<Vec<[f64; 2]>> {
    // the far end and the direction of each branch, degrees from straight up, clockwise
    let mut ends: BTreeMap<&str, ([f64; 2], f64)> = BTreeMap::new();
    let mut lines = Vec::with_capacity(branches.len());
    for branch in branches {
        let soma = ([0.0, 0.0], 0.0);
        let (from, parent_degrees) = ends.get(branch.parent.as_str()).copied().unwrap_or(soma);
        let degrees = direction(&branch.name, parent_degrees);
        let (sin, cos) = degrees.to_radians().sin_cos();
        let out = if branch.parent == Branch::SOMA { SOMA_UM } else { 0.0 };
        let along = |um: f64| [from[0] + um * sin, from[1] + um * cos];
        let to = along(out + branch.length_um);
        lines.push(vec![along(out), to]);
        ends.insert(&branch.name, (to, degrees));
    }
    lines
}

/// The direction of one of the drawn cell's branches, by its name, degrees from straight up.
fn direction(name: &str, parent_degrees: f64) -> f64 {
    let numbers: Vec<usize> = name.split('_').filter_map(|part| part.parse().ok()).collect();
    let side = |n: usize| if n.is_multiple_of(2) { -1.0 } else { 1.0 };
    match (name.split('_').next().unwrap_or_default(), numbers.as_slice()) {
        ("oblique", [at, n]) => side(at + n) * (62.0 + 20.0 * (n / 2) as f64),
        ("tuft", [n]) => side(*n) * 24.0,
        ("tuft", [n, a]) => parent_degrees + side(*a) * if *n == 0 { 14.0 } else { 24.0 },
        ("tuft", [.., b]) => parent_degrees + side(*b) * 11.0,
        ("basal", [n]) => [112.0, -112.0, 150.0, -150.0][n % 4],
        ("basal", [_, b]) => parent_degrees + side(*b) * 15.0,
        ("axon", _) => 180.0,
        _ => parent_degrees,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawn_cell_stands_upright_with_true_lengths() {
        let cell = Pyramid::drawn();
        let branches = cell.params.branches();
        assert_eq!(cell.shape.segments.len(), cell.params.num_rows());
        for (branch, line) in branches.iter().zip(upright(&branches)) {
            let length = (line[1][0] - line[0][0]).hypot(line[1][1] - line[0][1]);
            // a sine, a cosine and a root, of coordinates below 2,000 µm
            assert!((length - branch.length_um).abs() < 1e-9, "{}", branch.name);
        }
        let [left, bottom, right, top] = cell.shape.bounds();
        assert!(top > 1_100.0 && bottom > -220.0, "{bottom} {top}");
        assert!(right - left < 0.75 * (top - bottom), "{left} {right}");
    }

    #[test]
    fn the_apical_path_goes_out_to_the_farthest_tip() {
        let cell = Pyramid::drawn();
        let distances: Vec<f64> = cell.path.iter().map(|(_, um)| *um).collect();
        assert!(distances.is_sorted_by(|a, b| a < b));
        // 627 µm of trunk and 667 of tuft, to the middle of the last segment
        let tip = 1294.0 - 390.0 / 19.0 / 2.0;
        assert!((distances.last().unwrap() - tip).abs() < 1e-9, "{distances:?}");
        let (row, um) = cell.nearest(620.0);
        assert!((um - 620.0).abs() < 20.0 && cell.path.contains(&(row, um)));
    }

    #[test]
    fn a_reconstruction_is_read_in_both_formats_or_refused() {
        let asc = include_str!("../../../../tests/fixtures/asc/pyramidal.asc");
        let cell = Pyramid::reconstructed(asc).unwrap();
        assert!(cell.path.last().unwrap().1 > 1_000.0);
        assert!(cell.path.iter().all(|(row, _)| *row < cell.params.num_rows()));
        let refusal = |text: &str| Pyramid::reconstructed(text).unwrap_err();
        assert!(refusal("1 1 0 0 0 10 -1\n2 3 0 60 0 1 1\n").contains("no apical dendrite"));
        assert!(refusal("not a cell").contains("line 1"));
        let long = "1 1 0 0 0 10 -1\n2 4 0 10 0 1 1\n3 4 0 90000 0 1 2";
        assert!(refusal(long).contains("segments are more"), "{}", refusal(long));
    }
}
