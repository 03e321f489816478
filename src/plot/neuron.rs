//! The drawing of a neuron's segments, in µm and with true lengths, the y axis upwards. Branches of a tree get their
//! directions here; a reconstructed cell brings its own.

use crate::sim::morphology::Branch;
use crate::sim::swc::Cell;
use std::collections::BTreeMap;

/// A drawing of a neuron.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shape {
    /// Centre and radius of the soma, µm.
    pub soma: ([f64; 2], f64),
    /// The segments, in the order of the input rows.
    pub segments: Vec<Segment>,
}

/// The drawing of one segment.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// The segment's line: at least two points, from the soma's side outwards, µm.
    pub path: Vec<[f64; 2]>,
    /// Diameter, µm.
    pub diam_um: f64,
    /// Index of the segment's branch, and the segment's number on it, from 0.
    pub place: (usize, usize),
    /// Distance from the soma to the segment's middle along the dendrite, µm.
    pub distance_um: f64,
    /// Index of the next segment towards the soma; `None` where that is the soma itself.
    pub parent: Option<usize>,
}

/// The direction of an arrow key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Towards the soma.
    Inwards,
    /// Away from the soma.
    Outwards,
    /// To the next branch.
    NextBranch,
    /// To the previous branch.
    BranchBefore,
}

impl Shape {
    /// The drawing of a tree with straight branches: siblings share their parent's sector in proportion to the tips
    /// that they lead to.
    pub fn of_tree(branches: &[Branch], soma_um: f64) -> Self {
        let mut drawer = Drawer { branches, lines: BTreeMap::new() };
        let primary: Vec<usize> = drawer.children(Branch::SOMA).collect();
        let half = if primary.len() <= 3 { 45.0 } else { 150.0 };
        let half = if primary.len() == 1 { 80.0 } else { half };
        drawer.fan(&primary, [0.0, 0.0], soma_um / 2.0, (-half, half));
        let paths = drawer.lines.into_values().map(|(from, to)| vec![from, to]).collect::<Vec<_>>();
        Self::of_paths(branches, &paths, ([0.0, 0.0], soma_um / 2.0))
    }

    /// The drawing of a reconstructed cell, seen from the front; `branches` are the cell's, with their numbers of
    /// segments.
    pub fn of_cell(cell: &Cell, branches: &[Branch]) -> Self {
        let count = cell.soma.len().max(1) as f64;
        let mean = |axis: usize| cell.soma.iter().map(|p| p.at[axis]).sum::<f64>() / count;
        let soma = ([mean(0), mean(1)], cell.soma_um() / 2.0);
        let paths: Vec<Vec<[f64; 2]>> = cell
            .paths
            .iter()
            .map(|path| path.iter().map(|p| [p.at[0], p.at[1]]).collect())
            .collect();
        Self::of_paths(branches, &paths, soma)
    }

    /// The drawing of branches along these lines, from the soma's side outwards, µm; `soma` is its centre and its radius.
    /// Branches beyond the last line are not drawn.
    pub fn of_paths(branches: &[Branch], paths: &[Vec<[f64; 2]>], soma: ([f64; 2], f64)) -> Self {
        let mut segments: Vec<Segment> = Vec::new();
        // index of the first segment and distance of the start, by branch
        let mut placed: BTreeMap<&str, (usize, &Branch, f64)> = BTreeMap::new();
        for (at, (branch, path)) in branches.iter().zip(paths).enumerate() {
            let (joins, start_um) = match placed.get(branch.parent.as_str()) {
                Some((first, parent, start)) => {
                    let n = parent.num_segments.max(1);
                    let number = ((branch.parent_x * n as f64) as usize).min(n - 1);
                    let far = branch.parent_x >= 1.0;
                    let share = if far { 1.0 } else { (number as f64 + 0.5) / n as f64 };
                    (Some(first + number), start + share * parent.length_um)
                }
                None => (None, 0.0),
            };
            placed.insert(&branch.name, (segments.len(), branch, start_um));
            let n = branch.num_segments.max(1);
            for (number, path) in cut(path, n).into_iter().enumerate() {
                let parent = if number == 0 { joins } else { Some(segments.len() - 1) };
                let distance_um = start_um + (number as f64 + 0.5) / n as f64 * branch.length_um;
                let place = (at, number);
                let diam_um = branch.diam_um;
                segments.push(Segment { path, diam_um, place, distance_um, parent });
            }
        }
        Self { soma, segments }
    }

    /// Left, bottom, right and top edge of the drawing, µm.
    pub fn bounds(&self) -> [f64; 4] {
        let ([x, y], r) = self.soma;
        let start = [x - r, y - r, x + r, y + r];
        self.segments
            .iter()
            .flat_map(|s| &s.path)
            .fold(start, |b, p| [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])])
    }

    /// Index of the segment nearest to a point, at most `within` µm away.
    pub fn nearest(&self, at: [f64; 2], within: f64) -> Option<usize> {
        let distance = |segment: &Segment| {
            let parts = segment.path.windows(2).map(|w| to_line(at, w[0], w[1]));
            parts.fold(f64::INFINITY, f64::min)
        };
        let all = self.segments.iter().enumerate().map(|(row, s)| (row, distance(s)));
        all.min_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, d)| *d <= within).map(|(row, _)| row)
    }

    /// The segment to which an arrow key leads from `from`; `from` itself where no segment lies that way.
    pub fn step(&self, from: usize, step: Step) -> usize {
        let Some(here) = self.segments.get(from) else { return 0 };
        let of_branch = |branch: usize| {
            let rows = self.segments.iter().enumerate().filter(|(_, s)| s.place.0 == branch);
            rows.map(|(row, _)| row).collect::<Vec<_>>()
        };
        let beside = |branch: Option<usize>| {
            let rows = branch.map(of_branch).unwrap_or_default();
            rows.get(here.place.1).or(rows.last()).copied().unwrap_or(from)
        };
        match step {
            Step::Inwards => here.parent.unwrap_or(from),
            Step::Outwards => {
                self.segments.iter().position(|s| s.parent == Some(from)).unwrap_or(from)
            }
            Step::NextBranch => beside(Some(here.place.0 + 1)),
            Step::BranchBefore => beside(here.place.0.checked_sub(1)),
        }
    }
}

/// Index of the branch that the segment `row` is on, and the segment's number on it, from 0.
pub fn place_of(branches: &[Branch], row: usize) -> Option<(usize, usize)> {
    let mut left = row;
    for (at, branch) in branches.iter().enumerate() {
        if left < branch.num_segments {
            return Some((at, left));
        }
        left -= branch.num_segments;
    }
    None
}

/// The name of a segment for readers, such as "left, segment 3 of 6".
pub fn name_of(branches: &[Branch], row: usize) -> String {
    match place_of(branches, row) {
        Some((at, number)) => {
            let Branch { name, num_segments, .. } = &branches[at];
            format!("{name}, segment {} of {num_segments}", number + 1)
        }
        None => format!("segment {row}"),
    }
}

struct Drawer<'a> {
    branches: &'a [Branch],
    lines: BTreeMap<usize, ([f64; 2], [f64; 2])>,
}

impl<'a> Drawer<'a> {
    fn children(&self, name: &str) -> impl Iterator<Item = usize> + use<'a, '_> {
        let name = name.to_owned();
        let branches = self.branches;
        (0..branches.len()).filter(move |&i| branches[i].parent == name)
    }

    /// The number of tips that a branch leads to; it ends, because a branch stands on earlier ones only.
    fn tips(&self, at: usize) -> f64 {
        let on_it = self.children(&self.branches[at].name).filter(|&c| c > at);
        on_it.map(|c| self.tips(c)).sum::<f64>().max(1.0)
    }

    /// Draws a group of branches that begin `out` µm away from a point, within a sector (degrees).
    fn fan(&mut self, group: &[usize], centre: [f64; 2], out: f64, sector: (f64, f64)) {
        let all: f64 = group.iter().map(|&i| self.tips(i)).sum();
        let mut from = sector.0;
        for &at in group {
            let part = (sector.1 - sector.0) * self.tips(at) / all;
            self.draw(at, centre, out, (from, from + part));
            from += part;
        }
    }

    fn draw(&mut self, at: usize, centre: [f64; 2], out: f64, sector: (f64, f64)) {
        let branch = &self.branches[at];
        // the first branch is drawn at the top, y going up
        let degrees = -0.5 * (sector.0 + sector.1);
        let (sin, cos) = degrees.to_radians().sin_cos();
        let along = |um: f64| [centre[0] + um * cos, centre[1] + um * sin];
        self.lines.insert(at, (along(out), along(out + branch.length_um)));
        let on_it: Vec<usize> = self.children(&branch.name).filter(|&c| c > at).collect();
        let (ends, sides): (Vec<usize>, Vec<usize>) =
            on_it.into_iter().partition(|&c| self.branches[c].parent_x >= 1.0);
        self.fan(&ends, along(out + branch.length_um), 0.0, sector);
        for (k, side) in sides.into_iter().enumerate() {
            let n = branch.num_segments.max(1) as f64;
            let share = ((self.branches[side].parent_x * n).floor().min(n - 1.0) + 0.5) / n;
            let aside = if k % 2 == 0 { 55.0 } else { -55.0 };
            let middle = -degrees + aside;
            self.draw(
                side,
                along(out + share * branch.length_um),
                0.0,
                (middle - 20.0, middle + 20.0),
            );
        }
    }
}

/// A path cut into pieces of equal length.
fn cut(path: &[[f64; 2]], pieces: usize) -> Vec<Vec<[f64; 2]>> {
    let length = |a: [f64; 2], b: [f64; 2]| (b[0] - a[0]).hypot(b[1] - a[1]);
    let total: f64 = path.windows(2).map(|w| length(w[0], w[1])).sum();
    let (Some(&first), Some(&last)) = (path.first(), path.last()) else {
        return vec![Vec::new(); pieces];
    };
    let mut out = Vec::with_capacity(pieces);
    let mut piece = vec![first];
    let mut gone = 0.0;
    for w in path.windows(2) {
        let step = length(w[0], w[1]);
        while out.len() + 1 < pieces {
            let end = total * (out.len() + 1) as f64 / pieces as f64;
            if end > gone + step {
                break;
            }
            let share = if step > 0.0 { (end - gone) / step } else { 1.0 };
            let at = [0, 1].map(|k| w[0][k] + share * (w[1][k] - w[0][k]));
            piece.push(at);
            out.push(std::mem::replace(&mut piece, vec![at]));
        }
        gone += step;
        piece.push(w[1]);
    }
    out.push(piece);
    // rounding may leave the last pieces without points
    while out.len() < pieces {
        out.push(vec![last, last]);
    }
    out
}

/// Distance of a point p to the segment of a line from a to b.
fn to_line(p: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let square = dx * dx + dy * dy;
    let along = if square > 0.0 { ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / square } else { 0.0 };
    let along = along.clamp(0.0, 1.0);
    (p[0] - a[0] - along * dx).hypot(p[1] - a[1] - along * dy)
}

#[cfg(test)]
mod tests;
