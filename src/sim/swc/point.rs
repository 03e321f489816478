//! A point of a reconstructed cell, and the types of points.

/// The type of the soma's points.
pub(super) const SOMA: i64 = 1;
/// The type of the axon's points.
pub(super) const AXON: i64 = 2;
/// The type of basal dendrites' points.
pub(super) const BASAL: i64 = 3;
/// The type of apical dendrites' points.
pub(super) const APICAL: i64 = 4;

/// A point of a reconstruction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// x, y and z, µm.
    pub at: [f64; 3],
    /// Radius, µm.
    pub radius: f64,
}

/// The distance between two places, in their unit.
pub(super) fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    let square: f64 = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
    square.sqrt()
}
