//! From points to unbranched sections.

use std::f64::consts::PI;

use super::branches::{Frustum, Section, branches};
use super::cell::Cell;
use super::error::SwcError;
use super::options::Options;
use super::parse::Entry;
use super::point::{APICAL, Point, SOMA, distance};
use super::points::Points;
use super::tree::{by_type, wanted};

/// A section, and the last of its points.
struct Stretch {
    section: Section,
    last: usize,
}

pub(super) fn build(points: Points, options: &Options) -> Result<Cell, SwcError> {
    let [soma_length_um, soma_diam_um] = soma_um(&points)?;
    let sections = sections(&points);
    let Points { entries, kept, notes, .. } = points;
    let entries = &entries;
    let those = |holds: &dyn Fn(bool, i64) -> bool| {
        let all = entries.iter().zip(&kept);
        by_type(all.filter(|(e, kept)| holds(**kept, e.kind)).map(|(e, _)| e))
    };
    let other = |kind| !(SOMA..=APICAL).contains(&kind);
    let mut cell = Cell {
        soma_length_um,
        soma_diam_um,
        soma: entries.iter().filter(|e| e.kind == SOMA).map(|e| e.point).collect(),
        branches: Vec::new(),
        paths: Vec::new(),
        left_out: those(&|kept, _| !kept),
        taken_for_dendrite: those(&|kept, kind| kept && other(kind) && wanted(kind, options)),
        on_the_way: those(&|kept, kind| kept && !wanted(kind, options)),
        notes,
        rule: options.segments,
    };
    (cell.branches, cell.paths) = branches(sections, options.preserve);
    if cell.branches.is_empty() {
        return Err(SwcError::NoDendrite { left_out: cell.left_out });
    }
    Ok(cell)
}

/// The sections of the tree, a parent before its children, each followed by its whole subtree.
fn sections(points: &Points) -> Vec<Section> {
    let Points { entries, kept, .. } = points;
    let children = |i: usize| entries[i].children.iter().copied().filter(|&c| kept[c]);
    let joints = Joints::new(points);
    // the last of `todo` comes next: since they are pushed in reverse, children come in the file's order
    let mut todo: Vec<Stretch> = Vec::new();
    for (soma, stem) in entries
        .iter()
        .enumerate()
        .filter(|(_, e)| e.kind == SOMA)
        .flat_map(|(i, _)| children(i).map(move |c| (i, c)))
        .filter(|&(_, c)| entries[c].kind != SOMA)
    {
        let Joint { parent_x, wire } = joints.at(soma);
        let kind = entries[stem].kind;
        let same = |&c: &usize| entries[c].kind == kind;
        let forks = children(stem).count() > 1 && !joints.is_second(stem);
        // a fork at a stem's first point joins the soma as the stem does
        let on = children(stem).find(|&c| joints.follows(stem, c) && same(&c));
        let on = on.or_else(|| children(stem).find(same)).filter(|_| forks);
        let mut stretch = match on {
            Some(on) => run(entries, kept, on, vec![entries[stem].point], None),
            None => run(entries, kept, stem, Vec::new(), None),
        };
        let path = &mut stretch.section.path;
        if !wire || path.len() == 1 {
            let from = Point { at: entries[soma].point.at, radius: entries[stem].point.radius };
            path.insert(0, from);
        }
        stretch.section.parent_x = parent_x;
        todo.push(stretch);
        for other in children(stem).filter(|&c| on.is_some_and(|on| on != c)) {
            let mut stretch = run(entries, kept, other, vec![entries[stem].point], None);
            stretch.section.parent_x = parent_x;
            todo.push(stretch);
        }
    }
    todo.reverse();
    let mut sections = Vec::new();
    while let Some(Stretch { section, last }) = todo.pop() {
        let at = sections.len();
        sections.push(section);
        let from = entries[last].point;
        let on_it: Vec<Stretch> =
            children(last).map(|c| run(entries, kept, c, vec![from], Some(at))).collect();
        todo.extend(on_it.into_iter().rev());
    }
    sections
}

/// The stretch from the point `first` to the next forking, end or change of type.
fn run(
    entries: &[Entry],
    kept: &[bool],
    first: usize,
    path: Vec<Point>,
    parent: Option<usize>,
) -> Stretch {
    let kind = entries[first].kind;
    let section = Section { path, kind, parent, parent_x: 1.0 };
    let mut stretch = Stretch { section, last: first };
    stretch.section.path.push(entries[first].point);
    loop {
        let mut next = entries[stretch.last].children.iter().copied().filter(|&c| kept[c]);
        match (next.next(), next.next()) {
            (Some(only), None) if entries[only].kind == kind => {
                stretch.section.path.push(entries[only].point);
                stretch.last = only;
            }
            _ => return stretch,
        }
    }
}

/// How a stem joins the soma.
struct Joint {
    /// Where on the soma.
    parent_x: f64,
    /// Whether the way from the soma's point to the stem's first one is no part of the stem.
    wire: bool,
}

/// How stems join the soma, as NEURON's importer (`Import3d_SWC_read`) decides it by the soma's points and the order of
/// their ids.
struct Joints<'a> {
    points: &'a Points,
    /// The point with the next larger id.
    next: Vec<Option<usize>>,
    second: Option<usize>,
    sphere: bool,
}

impl<'a> Joints<'a> {
    fn new(points: &'a Points) -> Self {
        let entries = &points.entries;
        let mut by_id: Vec<usize> = (0..entries.len()).collect();
        by_id.sort_by_key(|&i| entries[i].id);
        let mut next = vec![None; entries.len()];
        by_id.windows(2).for_each(|pair| next[pair[0]] = Some(pair[1]));
        let second = by_id.get(1).copied();
        Self { points, next, second, sphere: is_sphere(points) }
    }

    /// Whether `child` continues from `parent` with the next id.
    fn follows(&self, parent: usize, child: usize) -> bool {
        self.next[parent] == Some(child)
    }

    /// Whether a point is the file's second one, which NEURON's importer takes for a section of its own where it forks.
    fn is_second(&self, point: usize) -> bool {
        self.second == Some(point)
    }

    fn soma_children(&self, soma: usize) -> impl Iterator<Item = usize> {
        let entries = &self.points.entries;
        entries[soma].children.iter().copied().filter(|&c| entries[c].kind == SOMA)
    }

    /// How stems join this point of the soma.
    fn at(&self, soma: usize) -> Joint {
        let forks = self.soma_children(soma).count() > 1;
        let is_root = soma == self.points.root;
        // NEURON's sections of the soma go on where the next id does, but for a fork elsewhere than at the root
        let goes_on =
            (is_root || !forks) && self.soma_children(soma).any(|child| self.follows(soma, child));
        match (is_root, goes_on) {
            _ if self.sphere => Joint { parent_x: 0.5, wire: true },
            (true, true) => Joint { parent_x: 0.0, wire: forks },
            (true, false) | (false, true) => Joint { parent_x: 0.5, wire: true },
            (false, false) => Joint { parent_x: 1.0, wire: forks },
        }
    }
}

/// Whether the soma is one point, or the usual three that stand for a sphere: the root and two children of the same
/// radius r, each r away.
fn is_sphere(points: &Points) -> bool {
    let soma: Vec<&Entry> = points.entries.iter().filter(|e| e.kind == SOMA).collect();
    let root = &points.entries[points.root];
    let child = |e: &&&Entry| e.parent == Some(points.root);
    let [a, b] = soma.iter().filter(child).collect::<Vec<_>>()[..] else {
        return soma.len() == 1;
    };
    let radius = root.point.radius;
    let ends = [a, b].iter().all(|e| e.children.is_empty() && e.point.radius == radius);
    let away = distance(a.point.at, root.point.at) + distance(b.point.at, root.point.at);
    // NEURON's bound
    soma.len() == 3 && ends && (away / (2.0 * radius) - 1.0).abs() < 0.01
}

/// Length and diameter of the cylinder that stands for the soma, µm: it has the soma's length and area.
fn soma_um(points: &Points) -> Result<[f64; 2], SwcError> {
    let root = &points.entries[points.root];
    if is_sphere(points) {
        return Ok([2.0 * root.point.radius; 2]);
    }
    let soma = points.entries.iter().filter(|e| e.kind == SOMA);
    let frusta: Vec<Frustum> = soma
        .filter_map(|e| Some(Frustum::between(&points.entries[e.parent?].point, &e.point)))
        .filter(|f| f.length > 0.0)
        .collect();
    let length: f64 = frusta.iter().map(|f| f.length).sum();
    let area: f64 = frusta.iter().map(Frustum::area).sum();
    if area > 0.0 {
        Ok([length, area / (PI * length)])
    } else {
        Err(SwcError::FlatSoma { line: root.line })
    }
}
