//! From unbranched stretches of points to the branches of a neuron.

use std::collections::BTreeMap;
use std::f64::consts::PI;

use super::options::Preserve;
use super::point::{APICAL, AXON, BASAL, Point};
use crate::sim::morphology::Branch;

/// A stretch of points without a forking.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::sim) struct Section {
    /// The stretch's points, preceded by a point of its parent where it continues from there.
    pub path: Vec<Point>,
    /// The SWC type of the points.
    pub kind: i64,
    /// The section that it joins, by its place in the list, which comes before it; `None` for the soma.
    pub parent: Option<usize>,
    /// Where it joins its parent.
    pub parent_x: f64,
}

/// The branches of these sections, each with its path; their number of segments is 1. A section of no length has no
/// membrane: its children join what it joins.
pub(in crate::sim) fn branches(
    sections: Vec<Section>,
    preserve: Preserve,
) -> (Vec<Branch>, Vec<Vec<Point>>) {
    let (mut branches, mut paths) = (Vec::new(), Vec::new());
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    // what children of each section join, and where if they do not join its far end
    let mut joints: Vec<(String, Option<f64>)> = Vec::with_capacity(sections.len());
    for Section { path, kind, parent, parent_x } in sections {
        let joint = parent.and_then(|p| joints.get(p)).cloned();
        let (parent, at) = joint.unwrap_or_else(|| (Branch::SOMA.to_owned(), None));
        let parent_x = at.unwrap_or(parent_x);
        let (length_um, diam_um) = cylinder(&path, preserve);
        if length_um == 0.0 {
            joints.push((parent, Some(parent_x)));
            continue;
        }
        let region = region(kind);
        let number = numbers.entry(region).or_default();
        let name = format!("{region}_{number}");
        *number += 1;
        joints.push((name.clone(), None));
        let region = region.to_owned();
        branches.push(Branch {
            name,
            parent,
            parent_x,
            length_um,
            diam_um,
            num_segments: 1,
            region,
        });
        paths.push(path);
    }
    (branches, paths)
}

/// The region, and the name before the number, of branches of an SWC type.
fn region(kind: i64) -> &'static str {
    match kind {
        AXON => "axon",
        BASAL => "basal",
        APICAL => "apical",
        _ => Branch::DEND,
    }
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
pub(in crate::sim) struct Frustum {
    /// Its length.
    pub length: f64,
    /// The radius where it begins.
    pub from: f64,
    /// The radius where it ends.
    pub to: f64,
}

impl Frustum {
    /// The frustum from one point to the next.
    pub(in crate::sim) fn between(a: &Point, b: &Point) -> Self {
        let square: f64 = a.at.iter().zip(b.at).map(|(a, b)| (a - b) * (a - b)).sum();
        Self { length: square.sqrt(), from: a.radius, to: b.radius }
    }

    /// Lateral area of the frustum, µm².
    pub(in crate::sim) fn area(&self) -> f64 {
        let taper = self.from - self.to;
        PI * (self.from + self.to) * (self.length * self.length + taper * taper).sqrt()
    }
}
