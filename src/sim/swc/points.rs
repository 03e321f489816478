//! The points of a cell, and how they are connected.

use super::note::Note;
use super::parse::Entry;

/// The points of a cell: those kept are one tree, whose root is a soma point, as is every ancestor of a soma point.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Points {
    pub entries: Vec<Entry>,
    /// Whether each point is part of the neuron: it is of a wanted type, or lies on the way to one that is.
    pub kept: Vec<bool>,
    pub root: usize,
    pub notes: Vec<Note>,
}

impl Points {
    /// The kept points, in the file's order.
    pub(super) fn of_neuron(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().zip(&self.kept).filter(|(_, kept)| **kept).map(|(entry, _)| entry)
    }

    /// Whether each point is kept and has `root` for its root.
    pub(super) fn hanging_on(&self, root: usize) -> Vec<bool> {
        let mut root_of: Vec<Option<usize>> = vec![None; self.entries.len()];
        (0..self.entries.len())
            .map(|i| self.kept[i] && top(&self.entries, &mut root_of, i) == root)
            .collect()
    }
}

/// The root above a point that is in no cycle; `root_of` keeps the roots found, by point.
pub(super) fn top(entries: &[Entry], root_of: &mut [Option<usize>], from: usize) -> usize {
    let mut way = vec![from];
    let mut at = from;
    let root = loop {
        match (root_of[at], entries[at].parent) {
            (Some(root), _) => break root,
            (None, None) => break at,
            (None, Some(parent)) => {
                at = parent;
                way.push(at);
            }
        }
    };
    way.into_iter().for_each(|i| root_of[i] = Some(root));
    root
}
