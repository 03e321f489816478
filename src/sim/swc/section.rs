//! From points to branches.

use std::collections::BTreeMap;
use std::f64::consts::PI;

use super::cell::Cell;
use super::error::SwcError;
use super::options::{Options, Preserve};
use super::parse::Entry;
use super::point::{APICAL, AXON, BASAL, Point, SOMA};
use super::points::Points;
use super::tree::{by_type, wanted};
use crate::sim::morphology::Branch;

/// A stretch of points without a forking.
#[derive(Clone)]
struct Section {
    /// The stretch's points, preceded by the parent's last point where the stretch continues from it.
    path: Vec<Point>,
    kind: i64,
    parent: String,
    last: usize,
}

pub(super) fn build(points: Points, options: &Options) -> Result<Cell, SwcError> {
    let soma_um = soma_um(&points)?;
    let Points { entries, kept, notes, .. } = points;
    let entries = &entries;
    let those = |holds: &dyn Fn(bool, i64) -> bool| {
        let all = entries.iter().zip(&kept);
        by_type(all.filter(|(e, kept)| holds(**kept, e.kind)).map(|(e, _)| e))
    };
    let other = |kind| !(SOMA..=APICAL).contains(&kind);
    let mut cell = Cell {
        soma_um,
        soma: entries.iter().filter(|e| e.kind == SOMA).map(|e| e.point).collect(),
        branches: Vec::new(),
        paths: Vec::new(),
        left_out: those(&|kept, _| !kept),
        taken_for_dendrite: those(&|kept, kind| kept && other(kind) && wanted(kind, options)),
        on_the_way: those(&|kept, kind| kept && !wanted(kind, options)),
        notes,
        rule: options.segments,
    };
    let children = |i: usize| entries[i].children.iter().copied().filter(|&c| kept[c]);
    // the last of `todo` comes next: since they are pushed in reverse, children come in the file's order
    let mut todo: Vec<Section> = Vec::new();
    for (soma, stem) in entries
        .iter()
        .enumerate()
        .filter(|(_, e)| e.kind == SOMA)
        .flat_map(|(i, _)| children(i).map(move |c| (i, c)))
        .filter(|&(_, c)| entries[c].kind != SOMA)
    {
        let mut section = run(entries, &kept, stem, Vec::new(), Branch::SOMA.to_owned());
        if let [only] = section.path[..] {
            section.path = vec![Point { at: entries[soma].point.at, radius: only.radius }, only];
        }
        todo.push(section);
    }
    todo.reverse();
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    while let Some(Section { path, kind, parent, last }) = todo.pop() {
        let (length_um, diam_um) = cylinder(&path, options.preserve);
        let mut name = parent;
        if length_um > 0.0 {
            let region = region(kind);
            let number = numbers.entry(region).or_default();
            let parent = std::mem::replace(&mut name, format!("{region}_{number}"));
            *number += 1;
            cell.branches.push(Branch {
                name: name.clone(),
                parent,
                parent_x: 1.0,
                length_um,
                diam_um,
                num_segments: 1,
                region: Branch::DEND.to_owned(),
            });
            cell.paths.push(path);
        }
        let from = entries[last].point;
        let on_it: Vec<Section> =
            children(last).map(|c| run(entries, &kept, c, vec![from], name.clone())).collect();
        todo.extend(on_it.into_iter().rev());
    }
    if cell.branches.is_empty() {
        return Err(SwcError::NoDendrite { left_out: cell.left_out });
    }
    Ok(cell)
}

/// The stretch from the point `first` to the next forking, end or change of type.
fn run(
    entries: &[Entry],
    kept: &[bool],
    first: usize,
    path: Vec<Point>,
    parent: String,
) -> Section {
    let kind = entries[first].kind;
    let mut section = Section { path, kind, parent, last: first };
    section.path.push(entries[first].point);
    loop {
        let mut next = entries[section.last].children.iter().copied().filter(|&c| kept[c]);
        match (next.next(), next.next()) {
            (Some(only), None) if entries[only].kind == kind => {
                section.path.push(entries[only].point);
                section.last = only;
            }
            _ => return section,
        }
    }
}

fn region(kind: i64) -> &'static str {
    match kind {
        AXON => "axon",
        BASAL => "basal",
        APICAL => "apical",
        _ => "dend",
    }
}

/// Length, and also diameter, of the cylinder that stands for the soma, µm.
fn soma_um(points: &Points) -> Result<f64, SwcError> {
    let soma = || points.entries.iter().filter(|e| e.kind == SOMA);
    let root = &points.entries[points.root];
    if soma().count() == 1 {
        return Ok(2.0 * root.point.radius);
    }
    let area: f64 = soma()
        .filter_map(|e| Some(Frustum::between(&points.entries[e.parent?].point, &e.point)))
        .filter(|f| f.length > 0.0)
        .map(|f| f.area())
        .sum();
    if area > 0.0 { Ok((area / PI).sqrt()) } else { Err(SwcError::FlatSoma { line: root.line }) }
}

/// Length and diameter of the cylinder that stands for a path, µm; both are 0 where all its points are in one place.
fn cylinder(path: &[Point], preserve: Preserve) -> (f64, f64) {
    let frusta = || path.windows(2).map(|w| Frustum::between(&w[0], &w[1]));
    let length: f64 = frusta().map(|f| f.length).sum();
    if length == 0.0 {
        return (0.0, 0.0);
    }
    let diam = match preserve {
        Preserve::Area => frusta().map(|f| f.area()).sum::<f64>() / (PI * length),
        Preserve::AxialResistance => {
            2.0 * (length / frusta().map(|f| f.length / (f.from * f.to)).sum::<f64>()).sqrt()
        }
    };
    (length, diam)
}

/// A truncated cone: its length and its radii at both ends, µm.
struct Frustum {
    length: f64,
    from: f64,
    to: f64,
}

impl Frustum {
    fn between(a: &Point, b: &Point) -> Self {
        let square: f64 = a.at.iter().zip(b.at).map(|(a, b)| (a - b) * (a - b)).sum();
        Self { length: square.sqrt(), from: a.radius, to: b.radius }
    }

    /// Lateral area of the frustum, µm².
    fn area(&self) -> f64 {
        let taper = self.from - self.to;
        PI * (self.from + self.to) * (self.length * self.length + taper * taper).sqrt()
    }
}
