use super::*;
use crate::sim::NeuronParams;
use crate::sim::swc::{Options, import};

const SOMA_UM: f64 = 25.0;

/// The single cable of the default neuron, or one of the trees of the golden traces.
fn tree(name: &str) -> Vec<Branch> {
    let params = match name {
        "y" => NeuronParams::from_json(include_str!("../../../tests/golden-trees/tree_y.json")),
        "three" => NeuronParams::from_json(include_str!(
            "../../../tests/golden-trees/tree_three_primary.json"
        )),
        _ => Ok(NeuronParams::default()),
    };
    params.unwrap().branches()
}

fn length(path: &[[f64; 2]]) -> f64 {
    path.windows(2).map(|w| (w[1][0] - w[0][0]).hypot(w[1][1] - w[0][1])).sum()
}

#[test]
fn lengths_are_true_and_segments_join() {
    for name in ["stick", "y", "three"] {
        let tree = tree(name);
        let shape = Shape::of_tree(&tree, SOMA_UM);
        assert_eq!(shape.segments.len(), tree.iter().map(|b| b.num_segments).sum::<usize>());
        for segment in &shape.segments {
            let branch = &tree[segment.place.0];
            let wanted = branch.length_um / branch.num_segments as f64;
            // lengths are sums of a few products of sines: 1e-9 µm is far above their rounding
            assert!((length(&segment.path) - wanted).abs() < 1e-9, "{name}");
            let start = segment.path[0];
            match segment.parent {
                Some(parent) => {
                    let end = *shape.segments[parent].path.last().unwrap();
                    assert!((start[0] - end[0]).hypot(start[1] - end[1]) < 1e-9, "{name}");
                }
                None => assert!((start[0].hypot(start[1]) - SOMA_UM / 2.0).abs() < 1e-9),
            }
        }
    }
}

#[test]
fn distances_run_along_the_dendrite() {
    let shape = Shape::of_tree(&tree("y"), SOMA_UM);
    let of = |row: usize| shape.segments[row].distance_um;
    assert_eq!(
        [of(0), of(3), of(4), of(9), of(10), of(12)],
        [50.0, 350.0, 450.0, 950.0, 450.0, 650.0]
    );
}

#[test]
fn branches_of_a_fan_do_not_lie_on_each_other() {
    let mut tree = tree("three");
    // two branches on the side of `a`, one at the end of `b`
    for (name, parent, x) in [("d", "a", 0.3), ("e", "a", 0.7), ("f", "b", 1.0)] {
        let (name, parent) = (name.to_owned(), parent.to_owned());
        tree.push(Branch { name, parent, parent_x: x, ..tree[1].clone() });
    }
    let shape = Shape::of_tree(&tree, SOMA_UM);
    let tips: Vec<[f64; 2]> = (0..tree.len())
        .map(|b| {
            let last = shape.segments.iter().rfind(|s| s.place.0 == b).unwrap();
            *last.path.last().unwrap()
        })
        .collect();
    for (i, a) in tips.iter().enumerate() {
        for b in &tips[..i] {
            assert!((a[0] - b[0]).hypot(a[1] - b[1]) > 50.0, "{tips:?}");
        }
    }
    // d joins at 0.3 of five segments: in the middle of the second
    let d = shape.segments.iter().position(|s| s.place == (3, 0)).unwrap();
    assert_eq!(shape.segments[d].parent, Some(1));
    let first = shape.segments[1].path.clone();
    let middle = [0, 1].map(|k| 0.5 * (first[0][k] + first[1][k]));
    let start = shape.segments[d].path[0];
    assert!((start[0] - middle[0]).hypot(start[1] - middle[1]) < 1e-9);
}

#[test]
fn a_click_finds_the_segment_below_it() {
    let shape = Shape::of_tree(&tree("y"), SOMA_UM);
    for (row, segment) in shape.segments.iter().enumerate() {
        let [a, b] = [segment.path[0], segment.path[1]];
        let middle = [0.5 * (a[0] + b[0]) + 3.0, 0.5 * (a[1] + b[1]) + 3.0];
        assert_eq!(shape.nearest(middle, 10.0), Some(row));
    }
    assert_eq!(shape.nearest([0.0, 500.0], 10.0), None);
    assert_eq!(Shape::default().nearest([0.0, 0.0], 1e9), None);
}

#[test]
fn arrow_keys_reach_every_segment_and_never_leave() {
    use Step::{BranchBefore, Inwards, NextBranch, Outwards};
    let shape = Shape::of_tree(&tree("y"), SOMA_UM);
    assert_eq!(shape.step(0, Inwards), 0);
    assert_eq!(shape.step(3, Outwards), 4, "the first that joins");
    assert_eq!(shape.step(10, Inwards), 3);
    assert_eq!(shape.step(9, Outwards), 9);
    assert_eq!(shape.step(9, NextBranch), 12, "six segments beside three");
    assert_eq!(shape.step(0, BranchBefore), 0);
    assert_eq!(shape.step(12, NextBranch), 12);
    assert_eq!(shape.step(99, Inwards), 0, "after an edit");
    let mut seen = vec![false; shape.segments.len()];
    let mut todo = vec![0];
    while let Some(row) = todo.pop() {
        if !std::mem::replace(&mut seen[row], true) {
            todo.extend([Inwards, Outwards, NextBranch, BranchBefore].map(|s| shape.step(row, s)));
        }
    }
    assert!(seen.iter().all(|s| *s));
}

#[test]
fn a_cell_is_drawn_where_it_was_reconstructed() {
    let text = include_str!("../../../tests/fixtures/cell.swc");
    let cell = import(text, &Options::default()).unwrap();
    let params = cell.onto(NeuronParams::default()).unwrap();
    let branches = params.branches();
    let shape = Shape::of_cell(&cell, &branches);
    assert_eq!(shape.segments.len(), params.num_rows());
    let [left, bottom, right, top] = shape.bounds();
    let inside = |p: &[f64; 2]| p[0] >= left && p[0] <= right && p[1] >= bottom && p[1] <= top;
    assert!(cell.paths.iter().flatten().all(|p| inside(&[p.at[0], p.at[1]])));
    assert!(shape.segments.iter().all(|s| s.path.len() >= 2));
    assert!(shape.segments.iter().flat_map(|s| &s.path).all(|p| p.iter().all(|x| x.is_finite())));
}

#[test]
fn pieces_of_a_path_are_equally_long_and_leave_nothing_out() {
    let path = [[0.0, 0.0], [30.0, 0.0], [30.0, 40.0], [30.0, 40.0], [30.0, 50.0]];
    let pieces = cut(&path, 7);
    assert_eq!(pieces.len(), 7);
    for piece in &pieces {
        assert!((length(piece) - 80.0 / 7.0).abs() < 1e-9);
    }
    assert!(pieces.windows(2).all(|w| w[0].last() == w[1].first()));
    assert_eq!(cut(&[[1.0, 1.0], [1.0, 1.0]], 3).len(), 3, "no length");
}
