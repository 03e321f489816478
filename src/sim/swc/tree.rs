//! From the lines of a file to one tree that begins in the soma, repaired where the options ask for it.

use super::error::SwcError;
use super::join::join;
use super::note::Note;
use super::options::Options;
use super::parse::{Entry, entries};
use super::point::{APICAL, AXON, BASAL, SOMA};
use super::points::{Points, top};
use super::suspicion::suspicions;

impl Points {
    /// Reads the points of a text, connects them, and makes the repairs that the options ask for.
    ///
    /// # Errors
    /// [`SwcError`] names the fault of a kept point, or of the whole cell, and its line.
    pub(super) fn read(text: &str, options: &Options) -> Result<Self, SwcError> {
        let (mut entries, known) = entries(text)?;
        let mut notes = Vec::new();
        for entry in &mut entries {
            let Entry { id, named, .. } = *entry;
            entry.parent = known.get(&named).copied().filter(|_| named >= 0 && named != id);
            entry.orphan = entry.parent.is_none() && named > 0 && named != id;
        }
        let soma = match entries.iter().position(|e| e.kind == SOMA) {
            Some(first) => top_of_soma(&entries, first)?,
            None if options.soma_at_root && !entries.is_empty() => {
                let root = largest_root(&entries, options)?;
                entries[root].kind = SOMA;
                let Entry { line, id, .. } = entries[root];
                notes.push(Note::SomaAtRoot { line, id });
                root
            }
            None => return Err(SwcError::NoSoma { points: entries.len() }),
        };
        turn_round(&mut entries, soma, &mut notes)?;
        let mut points = Self { kept: kept(&entries, options), entries, root: soma, notes };
        points.check(options)?;
        points.odd_root();
        points.loose(options)?;
        for i in 0..points.entries.len() {
            if let Some(parent) = points.entries[i].parent {
                points.entries[parent].children.push(i);
            }
        }
        points.radii(options)?;
        suspicions(&mut points);
        Ok(points)
    }

    /// Checks that every kept line is without fault, every kept point has a root, and all soma points are connected.
    fn check(&self, options: &Options) -> Result<(), SwcError> {
        if let Some(fault) = self.of_neuron().find_map(|e| e.fault.clone()) {
            return Err(fault);
        }
        no_cycles(&self.entries, &self.kept)?;
        for entry in self.of_neuron() {
            let &Entry { line, id, named, kind, orphan, parent, .. } = entry;
            if orphan && !options.join {
                return Err(SwcError::MissingParent { line, id, parent: named });
            }
            if kind == SOMA && parent.is_some_and(|p| self.entries[p].kind != SOMA) {
                return Err(SwcError::SomaInPieces { line, id });
            }
        }
        Ok(())
    }

    /// Adds a note where the root's parent is another number than -1.
    fn odd_root(&mut self) {
        let Entry { line, id, named, .. } = self.entries[self.root];
        let turned = self.notes.iter().any(|n| matches!(n, Note::Turned { .. }));
        if named >= 0 && !turned {
            self.notes.push(Note::RootParent { line, id, parent: named });
        }
    }

    /// Joins the pieces that are not connected to the soma, or refuses them.
    fn loose(&mut self, options: &Options) -> Result<(), SwcError> {
        let roots = |p: &Self| -> Vec<usize> {
            let all = 0..p.entries.len();
            all.filter(|&i| i != p.root && p.kept[i] && p.entries[i].parent.is_none()).collect()
        };
        let loose = roots(self);
        if options.join {
            join(self, &loose);
            return Ok(());
        }
        let Some(&first) = loose.first() else { return Ok(()) };
        let Entry { line, id, named: parent, .. } = self.entries[first];
        let points = self.hanging_on(first).iter().filter(|on| **on).count();
        let first = self.entries[self.root].line;
        Err(SwcError::SecondRoot { line, id, parent, points, first })
    }

    /// Raises radii below the least one to it; with no least radius, refuses radii that are not above 0.
    fn radii(&mut self, options: &Options) -> Result<(), SwcError> {
        let least = options.min_radius_um;
        let bad = |radius: f64| least.map_or(radius <= 0.0, |least| radius < least);
        let all: Vec<usize> = (0..self.entries.len())
            .filter(|&i| self.kept[i] && bad(self.entries[i].point.radius))
            .collect();
        let (Some(&first), points) = (all.first(), all.len()) else { return Ok(()) };
        let Entry { line, id, point, .. } = self.entries[first];
        let Some(least_um) = least else {
            return Err(SwcError::Radius { line, id, radius: point.radius, points });
        };
        all.iter().for_each(|&i| self.entries[i].point.radius = least_um);
        self.notes.push(Note::Raised { points, least_um, line, id });
        Ok(())
    }
}

/// The soma point above `from` whose own parent is not soma.
fn top_of_soma(entries: &[Entry], from: usize) -> Result<usize, SwcError> {
    let mut at = from;
    // only in a cycle does the way up take more steps than there are points
    for _ in 0..entries.len() {
        match entries[at].parent {
            Some(parent) if entries[parent].kind == SOMA => at = parent,
            _ => return Ok(at),
        }
    }
    Err(cycle(entries, at))
}

/// The root of the tree that has the most points of wanted types.
fn largest_root(entries: &[Entry], options: &Options) -> Result<usize, SwcError> {
    let all = kept(entries, options);
    no_cycles(entries, &all)?;
    let mut root_of = vec![None; entries.len()];
    let mut counts = vec![0_usize; entries.len()];
    for i in (0..entries.len()).filter(|&i| all[i]) {
        counts[top(entries, &mut root_of, i)] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    match counts.iter().position(|&count| count == most) {
        Some(root) if most > 0 => Ok(root),
        _ => Err(SwcError::NoDendrite { left_out: by_type(entries.iter()) }),
    }
}

/// The number of entries of each SWC type.
pub(super) fn by_type<'a>(
    entries: impl Iterator<Item = &'a Entry>,
) -> std::collections::BTreeMap<i64, usize> {
    let mut counts = std::collections::BTreeMap::new();
    entries.for_each(|e| *counts.entry(e.kind).or_default() += 1);
    counts
}

/// Makes `root` the root of its tree: the points on the way up become its descendants.
fn turn_round(entries: &mut [Entry], root: usize, notes: &mut Vec<Note>) -> Result<(), SwcError> {
    let mut way = vec![root];
    while let Some(parent) = entries[way[way.len() - 1]].parent {
        if way.len() > entries.len() {
            return Err(cycle(entries, root));
        }
        way.push(parent);
    }
    let old = way[way.len() - 1];
    if old == root {
        return Ok(());
    }
    for pair in way.windows(2) {
        entries[pair[1]].parent = Some(pair[0]);
    }
    entries[root].parent = None;
    let Entry { line, id, kind, .. } = entries[old];
    notes.push(Note::Turned { line, id, kind });
    Ok(())
}

/// Whether the options want points of the SWC type `kind`.
pub(super) fn wanted(kind: i64, options: &Options) -> bool {
    match kind {
        SOMA | BASAL | APICAL => true,
        AXON => options.keep_axon,
        _ => options.keep_other,
    }
}

/// Whether each point is part of the neuron: it is of a wanted type, or lies on the way to one that is.
fn kept(entries: &[Entry], options: &Options) -> Vec<bool> {
    let mut kept = vec![false; entries.len()];
    for i in 0..entries.len() {
        let mut at = Some(i).filter(|&i| wanted(entries[i].kind, options));
        while let Some(i) = at.filter(|&i| !kept[i]) {
            kept[i] = true;
            at = entries[i].parent;
        }
    }
    kept
}

/// Refuses cycles among the kept points: follows each to its root, every stretch once.
fn no_cycles(entries: &[Entry], kept: &[bool]) -> Result<(), SwcError> {
    let mut seen_from: Vec<Option<usize>> = vec![None; entries.len()];
    for start in (0..entries.len()).filter(|&i| kept[i]) {
        let mut at = Some(start);
        while let Some(i) = at.filter(|&i| seen_from[i].is_none()) {
            seen_from[i] = Some(start);
            at = entries[i].parent;
        }
        if let Some(i) = at.filter(|&i| seen_from[i] == Some(start)) {
            // this walk has returned to a point of its own
            return Err(cycle(entries, i));
        }
    }
    Ok(())
}

/// The error of the cycle that is found by going up from `from`.
fn cycle(entries: &[Entry], from: usize) -> SwcError {
    let up = |i: usize| entries[i].parent.unwrap_or(i);
    // after as many steps as there are points, the walk is within the cycle
    let within = (0..entries.len()).fold(from, |at, _| up(at));
    let mut points = vec![within];
    while up(points[points.len() - 1]) != within {
        points.push(up(points[points.len() - 1]));
    }
    let first = points.iter().copied().min().unwrap_or(within);
    let Entry { line, id, .. } = entries[first];
    SwcError::Cycle { line, id, length: points.len() }
}
