//! From the outlines of a cell body to its cylinder, as NEURON's importer does it (`contour2centroid` and
//! `contourstack2centroid`).

use std::f64::consts::PI;

use super::eigen::eigen;
use super::error::AscError;
use super::parse::Contour;
use crate::sim::swc::Point;
use crate::sim::swc::branches::Frustum;

/// A cylinder.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cylinder {
    pub length_um: f64,
    pub diam_um: f64,
}

/// The cylinder with the length and the area of a cell body.
///
/// # Errors
/// No contour, one of less than three points or without extent, or contours apart from each other.
pub(super) fn soma(contours: &[Contour]) -> Result<Cylinder, AscError> {
    let Some(first) = contours.first() else { return Err(AscError::NoSoma) };
    for Contour { line, points } in contours {
        if points.len() < 3 {
            return Err(AscError::ShortContour { line: *line, points: points.len() });
        }
    }
    for pair in contours.windows(2) {
        if !overlap(&pair[0].points, &pair[1].points) {
            return Err(AscError::SecondSoma { line: pair[1].line, first: first.line });
        }
    }
    let path = match contours {
        [only] => centroid(&only.points),
        stack => Some(stack.iter().map(|contour| circle(&contour.points)).collect()),
    };
    let frusta = path.iter().flat_map(|p: &Vec<Point>| p.windows(2));
    let frusta: Vec<Frustum> = frusta.map(|w| Frustum::between(&w[0], &w[1])).collect();
    let length_um: f64 = frusta.iter().map(|f| f.length).sum();
    let area: f64 = frusta.iter().filter(|f| f.length > 0.0).map(Frustum::area).sum();
    // false for what is no number
    if length_um > 0.0 && area > 0.0 {
        Ok(Cylinder { length_um, diam_um: area / (PI * length_um) })
    } else {
        Err(AscError::FlatSoma { line: first.line })
    }
}

/// The box around points, seen from the front: the least and the greatest x, then y.
pub(super) fn bounds<'a>(points: impl Iterator<Item = &'a Point> + Clone) -> [[f64; 2]; 2] {
    [0, 1].map(|axis| {
        let x = points.clone().map(|p| p.at[axis]);
        [x.clone().fold(f64::MAX, f64::min), x.fold(f64::MIN, f64::max)]
    })
}

/// Whether the boxes around two contours meet.
fn overlap(a: &[Point], b: &[Point]) -> bool {
    bounds(a.iter()).iter().zip(bounds(b.iter())).all(|(a, b)| a[0] <= b[1] && b[0] <= a[1])
}

/// 101 points at equal distances, seen from the front, from a contour's first point to its last, and their mean.
fn evenly(contour: &[Point]) -> (Vec<[f64; 3]>, [f64; 3]) {
    let mut along = vec![0.0];
    for pair in contour.windows(2) {
        let [a, b] = [pair[0].at, pair[1].at];
        along.push(along[along.len() - 1] + ((b[0] - a[0]).powi(2) + (b[1] - a[1]).powi(2)).sqrt());
    }
    let step = along[along.len() - 1] / 100.0;
    let places: Vec<f64> = (0..=100).map(|i| f64::from(i) * step).collect();
    let axes = [0, 1, 2].map(|axis| {
        let values: Vec<f64> = contour.iter().map(|p| p.at[axis]).collect();
        interpolate(&places, &along, &values)
    });
    let points: Vec<[f64; 3]> = (0..=100).map(|i| [axes[0][i], axes[1][i], axes[2][i]]).collect();
    let mean = [0, 1, 2].map(|axis| axes[axis].iter().sum::<f64>() / 101.0);
    (points, mean)
}

/// Values at `places` on the line through (`xs`, `ys`), `xs` rising; beyond its ends those of the ends.
fn interpolate(places: &[f64], xs: &[f64], ys: &[f64]) -> Vec<f64> {
    let last = xs.len() - 1;
    places
        .iter()
        .map(|&place| {
            let right = xs.partition_point(|&x| x < place);
            match right {
                0 => ys[0],
                right if right > last => ys[last],
                right => {
                    let share = (place - xs[right - 1]) / (xs[right] - xs[right - 1]);
                    (1.0 - share) * ys[right - 1] + share * ys[right]
                }
            }
        })
        .collect()
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// 21 points along the longest axis of a contour, each as wide as the contour is there across that axis, seen from the
/// front; none for a contour without an axis.
fn centroid(contour: &[Point]) -> Option<Vec<Point>> {
    let (points, mean) = evenly(contour);
    let points: Vec<[f64; 3]> =
        points.iter().map(|p| [0, 1, 2].map(|axis| p[axis] - mean[axis])).collect();
    let sums = [0, 1, 2].map(|i| [0, 1, 2].map(|j| points.iter().map(|p| p[i] * p[j]).sum()));
    let (values, vectors) = eigen(sums);
    let most = (0..3).max_by(|&a, &b| values[a].total_cmp(&values[b]))?;
    let least = (0..3).min_by(|&a, &b| values[a].total_cmp(&values[b]))?;
    if most == least {
        return None;
    }
    let major = vectors[most];
    let [x, y, _] = vectors[3 - most - least];
    let size = (x * x + y * y).sqrt();
    if size < 1e-6 {
        return None;
    }
    let minor = [x / size, y / size, 0.0];
    // places along the axis and across it, from the one farthest along
    let mut sides: Vec<(f64, f64)> =
        points.iter().map(|&p| (dot(p, major), dot(p, minor))).collect();
    let first = |better: fn(f64, f64) -> bool, all: &[(f64, f64)]| {
        (0..all.len()).fold(0, |best, i| if better(all[i].0, all[best].0) { i } else { best })
    };
    let start = first(|a, b| a > b, &sides);
    sides.rotate_left(start);
    let end = first(|a, b| a < b, &sides);
    let mut there: Vec<(f64, f64)> = sides[..end].iter().rev().copied().collect();
    let mut back = sides[end..].to_vec();
    convex(&mut there);
    convex(&mut back);
    let mut places: Vec<f64> = there.iter().chain(&back).map(|side| side.0).collect();
    places.sort_by(f64::total_cmp);
    if there.is_empty() || places.len() < 4 {
        return None;
    }
    let (from, to) = (places[1], places[places.len() - 2]);
    let places: Vec<f64> = (0..=20).map(|i| from + f64::from(i) * ((to - from) / 20.0)).collect();
    let across = |side: &[(f64, f64)]| {
        let (xs, ys): (Vec<f64>, Vec<f64>) = side.iter().copied().unzip();
        interpolate(&places, &xs, &ys)
    };
    let (one, other) = (across(&there), across(&back));
    let mut widths: Vec<f64> = one.iter().zip(&other).map(|(a, b)| (a - b).abs()).collect();
    // no end of width 0
    widths[0] = (widths[0] + widths[1]) / 2.0;
    widths[20] = (widths[20] + widths[19]) / 2.0;
    let at = |place: f64| [0, 1, 2].map(|axis| major[axis] * place + mean[axis]);
    let path =
        places.iter().zip(widths).map(|(&d, width)| Point { at: at(d), radius: width / 2.0 });
    Some(path.collect())
}

/// Takes out what does not rise, from the end.
fn convex(side: &mut Vec<(f64, f64)>) {
    let mut j = side.len().saturating_sub(1);
    while j > 0 {
        if side[j].0 <= side[j - 1].0 {
            side.remove(j);
            if j < side.len() {
                continue;
            }
        }
        j -= 1;
    }
}

/// The circle that stands for one of several contours: its centre, and as diameter the mean distance from it and the
/// mean radius by the perimeter.
fn circle(contour: &[Point]) -> Point {
    let (points, centre) = evenly(contour);
    let from = |p: [f64; 3]| {
        dot([0, 1, 2].map(|i| p[i] - centre[i]), [0, 1, 2].map(|i| p[i] - centre[i])).sqrt()
    };
    let mean = points.iter().map(|&p| from(p)).sum::<f64>() / 101.0;
    let next = contour.iter().cycle().skip(1);
    let perimeter: f64 = contour.iter().zip(next).map(|(a, b)| Frustum::between(a, b).length).sum();
    Point { at: centre, radius: (mean + perimeter / (2.0 * PI)) / 2.0 }
}
