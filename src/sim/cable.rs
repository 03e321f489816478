//! The cable equation on a tree: one linear system a step, solved in linear time.

use super::morphology::Tree;

/// The voltage step over which a current's slope is taken, mV (NEURON's).
pub(super) const SLOPE_STEP: f64 = 0.001;

/// The system `D·Δv - (couplings) = rhs` of an implicit Euler step (Hines 1984, *Int J Biomed Comput* 15:69).
///
/// Every node couples to its parent only, and parents come before children, so that elimination from the last
/// node to the first and substitution back solve it exactly.
#[derive(Debug, Clone, PartialEq)]
pub struct Cable {
    tree: Tree,
    c_over_dt: Vec<f64>, // S/cm², by node
    diagonal: Vec<f64>,
    rhs: Vec<f64>,
}

impl Cable {
    /// A cable on `tree`, with the capacitance over the step of each node (`c_over_dt` in S/cm²; a junction's is not
    /// used) and every other coefficient 0.
    #[must_use]
    pub fn new(tree: Tree, c_over_dt: Vec<f64>) -> Self {
        let n = tree.nodes.len();
        Self { tree, c_over_dt, diagonal: vec![0.0; n], rhs: vec![0.0; n] }
    }

    /// The tree on which the cable is solved.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Sets a node's membrane: the inward current density (mA/cm²), and the slope of the outward one over the voltage
    /// (S/cm²).
    #[inline(always)]
    pub(super) fn set(&mut self, node: usize, inward: f64, slope: f64) {
        self.rhs[node] = inward;
        self.diagonal[node] = slope;
    }

    /// What flows at a node beside what was [set](Self::set).
    #[inline(always)]
    pub(super) fn add(&mut self, node: usize, inward: f64, slope: f64) {
        self.rhs[node] += inward;
        self.diagonal[node] += slope;
    }

    /// Adds the axial currents and the capacitive one, solves the system for the voltage changes, and adds them to `v`
    /// (mV, a value a node).
    #[inline(always)]
    pub(super) fn solve(&mut self, v: &mut [f64]) {
        let (nodes, d, rhs) = (&self.tree.nodes[..], &mut self.diagonal[..], &mut self.rhs[..]);
        for (i, (node, c_over_dt)) in nodes.iter().zip(&self.c_over_dt).enumerate() {
            if node.junction {
                // a junction has neither membrane nor capacitance
                (rhs[i], d[i]) = (0.0, 0.0);
            } else {
                d[i] += c_over_dt;
            }
        }
        for (i, node) in nodes.iter().enumerate().skip(1) {
            let p = node.parent;
            let dv = v[p] - v[i];
            rhs[i] += node.to_parent * dv;
            rhs[p] -= node.at_parent * dv;
            d[i] += node.to_parent;
            d[p] += node.at_parent;
        }
        // The next node's pivot stays in a register where that node is the parent, as it most often is.
        let (mut pivot, mut right) = (d[nodes.len() - 1], rhs[nodes.len() - 1]);
        for (i, node) in nodes.iter().enumerate().skip(1).rev() {
            let p = node.parent;
            (d[i], rhs[i]) = (pivot, right);
            let share = node.at_parent / pivot;
            if p + 1 == i {
                pivot = d[p] - share * node.to_parent;
                right = rhs[p] + share * right;
            } else {
                d[p] -= share * node.to_parent;
                rhs[p] += share * right;
                (pivot, right) = (d[i - 1], rhs[i - 1]);
            }
        }
        let mut last = right / pivot;
        rhs[0] = last;
        v[0] += last;
        for (i, node) in nodes.iter().enumerate().skip(1) {
            let above = if node.parent + 1 == i { last } else { rhs[node.parent] };
            last = (rhs[i] + node.to_parent * above) / d[i];
            rhs[i] = last;
            v[i] += last;
        }
    }
}
