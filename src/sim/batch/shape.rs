//! The tree without those junctions that are not needed.

use crate::sim::morphology::Tree;

/// A node of the folded tree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct FoldedNode {
    /// Index of the next node towards the soma.
    pub(super) parent: usize,
    /// The axial conductance to the parent per area of this node, S/cm².
    pub(super) to_parent: f64,
    /// The same axial conductance per area of the parent, S/cm².
    pub(super) at_parent: f64,
    /// Membrane area, µm²; `None` at a junction.
    pub(super) area_um2: Option<f64>,
}

/// The tree as the batch path solves it: the soma is the root, and parents come before children.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FoldedTree {
    pub(super) nodes: Vec<FoldedNode>,
    /// Index of each segment's node.
    pub(super) segments: Vec<usize>,
}

impl FoldedTree {
    /// The folded tree of `tree`: junctions without children, through which no current flows, are left out, and the
    /// resistances on both sides of a junction with a single child are put in series. Neither changes the solution but
    /// by rounding.
    pub(super) fn new(tree: &Tree) -> Self {
        let n = tree.nodes.len();
        let mut children = vec![0_usize; n];
        for node in &tree.nodes[tree.soma + 1..] {
            children[node.parent] += 1;
        }
        // nodes from the last to the first, so that a junction whose children are left out is left out too
        let mut kept = vec![true; n];
        kept[..tree.soma].fill(false);
        for (i, node) in tree.nodes.iter().enumerate().skip(tree.soma + 1).rev() {
            if node.junction && children[i] == 0 {
                kept[i] = false;
                children[node.parent] -= 1;
            }
        }
        let folds = |i: usize| tree.nodes[i].junction && children[i] == 1;
        let mut place = vec![usize::MAX; n];
        let mut nodes = Vec::with_capacity(n);
        for i in (0..n).filter(|&i| kept[i] && !folds(i)) {
            let node = tree.nodes[i];
            place[i] = nodes.len();
            if i == tree.soma {
                let (to_parent, at_parent) = (0.0, 0.0);
                nodes.push(FoldedNode {
                    parent: 0,
                    to_parent,
                    at_parent,
                    area_um2: Some(node.area_um2),
                });
                continue;
            }
            let (mut to_parent, mut at_parent, mut parent) =
                (node.to_parent, node.at_parent, node.parent);
            while folds(parent) {
                // below and above the junction: the junction's share of the current is the same from both sides
                let up = tree.nodes[parent];
                let sum = at_parent + up.to_parent;
                to_parent *= up.to_parent / sum;
                at_parent *= up.at_parent / sum;
                parent = up.parent;
            }
            let area_um2 = (!node.junction).then_some(node.area_um2);
            nodes.push(FoldedNode { parent: place[parent], to_parent, at_parent, area_um2 });
        }
        let segments = tree.segments.iter().map(|&s| place[s]).collect();
        Self { nodes, segments }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{Branch, NeuronParams};

    fn branch(name: &str, parent: &str, parent_x: f64) -> Branch {
        Branch {
            name: name.to_owned(),
            parent: parent.to_owned(),
            parent_x,
            length_um: 100.0,
            diam_um: 2.0,
            num_segments: 3,
            region: Branch::DEND.to_owned(),
        }
    }

    #[test]
    fn only_junctions_that_divide_stay() {
        let cable = FoldedTree::new(&NeuronParams::default().morphology().tree());
        assert_eq!(cable.nodes.len(), 1 + 8);
        assert_eq!(cable.segments, [1, 2, 3, 4, 5, 6, 7, 8]);

        // two branches on the soma's far end, one on its middle, two at the end of "a"
        let branches = vec![
            branch("a", "soma", 1.0),
            branch("b", "soma", 1.0),
            branch("c", "soma", 0.5),
            branch("d", "a", 1.0),
            branch("e", "a", 1.0),
        ];
        let params = NeuronParams { branches: Some(branches), ..NeuronParams::default() };
        let tree = FoldedTree::new(&params.morphology().tree());
        assert_eq!(tree.nodes.len(), 1 + 15 + 2);
        let junctions = tree.nodes.iter().filter(|n| n.area_um2.is_none()).count();
        assert_eq!(junctions, 2);
        assert!(tree.nodes.iter().enumerate().skip(1).all(|(i, n)| n.parent < i));
        assert!(tree.segments.iter().all(|&s| tree.nodes[s].area_um2.is_some()));
    }

    #[test]
    fn resistances_add_up_across_a_junction() {
        let params = NeuronParams::default();
        let tree = FoldedTree::new(&params.morphology().tree());
        let (soma, first) = (tree.nodes[0], tree.nodes[1]);
        // Ω·cm·µm/µm² = 1e4 Ω, so MΩ by 1e-2: half the soma and half the segment
        let half = |length: f64, diam: f64| {
            1e-2 * params.axial_resistivity * 0.5 * length
                / (std::f64::consts::PI * diam * diam / 4.0)
        };
        let resistance = half(25.0, 25.0) + half(2048.0 / 8.0, 1.0);
        for (coupling, node) in [(first.to_parent, first), (first.at_parent, soma)] {
            let expected = 100.0 / resistance / node.area_um2.unwrap(); // nA/mV/µm² -> S/cm²
            assert!((coupling / expected - 1.0).abs() < 1e-12, "{coupling}, not {expected}");
        }
    }
}
