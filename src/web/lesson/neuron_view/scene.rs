//! A neuron as the picture shows it, and its place on the canvas.

use crate::experiment::Outcome;
use crate::plot::neuron::Shape;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Synapses by segment: how many each has.
pub(in crate::web::lesson) type Placed = BTreeMap<usize, u32>;

/// The free space around a neuron, CSS pixels.
const MARGIN: f64 = 26.0;

/// A neuron as it is drawn: its segments' voltages and the synapses on it.
#[derive(Clone, Debug, Default)]
pub(in crate::web::lesson) struct Scene {
    pub(in crate::web::lesson) shape: Rc<Shape>,
    /// The soma's voltage, mV; `None` where nothing is simulated yet, and the segments' `voltages` (mV) are empty.
    pub(in crate::web::lesson) soma_mv: Option<f64>,
    pub(in crate::web::lesson) voltages: Vec<f64>,
    pub(in crate::web::lesson) placed: Placed,
    /// Whether the inputs are active at the time that is shown.
    pub(in crate::web::lesson) active: bool,
    pub(in crate::web::lesson) chosen: Option<usize>,
    /// Segments whose traces are drawn, each with its colour's custom property.
    pub(in crate::web::lesson) watched: Vec<(usize, &'static str)>,
}

/// The soma's voltage at a time, mV; `None` of an outcome without samples.
pub(in crate::web::lesson) fn soma_mv(outcome: &Outcome, time_ms: f64) -> Option<f64> {
    let at = (time_ms / outcome.dt_ms).round() as usize;
    outcome.soma_mv.get(at).or(outcome.soma_mv.last()).copied()
}

/// A segment's voltage at a time, to the nearest ms, mV; `None` where the outcome has no such segment.
pub(in crate::web::lesson) fn segment_mv(
    outcome: &Outcome,
    row: usize,
    time_ms: f64,
) -> Option<f64> {
    let columns = outcome.dend_mv.len() / outcome.dend_peaks_mv.len().max(1);
    let at = (time_ms.round() as usize).min(columns.saturating_sub(1));
    outcome.dend_mv.get(row * columns + at).copied()
}

/// The voltages of the first `rows` segments at a time, mV; NaN where the outcome has no such segment.
pub(in crate::web::lesson) fn segments_mv(
    outcome: &Outcome,
    rows: usize,
    time_ms: f64,
) -> Vec<f64> {
    (0..rows).map(|row| segment_mv(outcome, row, time_ms).unwrap_or(f64::NAN)).collect()
}

/// The map from µm to CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::web::lesson) struct Fit {
    pub(in crate::web::lesson) scale: f64,
    left: f64,
    top: f64,
}

impl Fit {
    /// Shows `bounds` (left, bottom, right, top; µm) centred in a box of CSS pixels, with one scale for both
    /// directions.
    pub(in crate::web::lesson) fn new(bounds: [f64; 4], width: f64, height: f64) -> Self {
        let [l, b, r, t] = bounds;
        let room = |all: f64| (all - 2.0 * MARGIN).max(1.0);
        let scale = (room(width) / (r - l).max(1.0)).min(room(height) / (t - b).max(1.0));
        let left = 0.5 * width - 0.5 * (l + r) * scale;
        let top = 0.5 * height + 0.5 * (b + t) * scale;
        Self { scale, left, top }
    }

    pub(in crate::web::lesson) fn px(&self, um: [f64; 2]) -> (f64, f64) {
        (self.left + um[0] * self.scale, self.top - um[1] * self.scale)
    }

    pub(in crate::web::lesson) fn um(&self, px: f64, py: f64) -> [f64; 2] {
        [(px - self.left) / self.scale, (self.top - py) / self.scale]
    }
}

/// The height that suits a shape in a canvas of this width, CSS pixels.
pub(in crate::web::lesson) fn height(bounds: [f64; 4], width: f64) -> f64 {
    let [l, b, r, t] = bounds;
    let wanted = (width - 2.0 * MARGIN) * (t - b) / (r - l).max(1.0) + 2.0 * MARGIN;
    wanted.clamp(150.0, (0.85 * width).clamp(260.0, 460.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_fits_and_comes_back() {
        let bounds = [-20.0, -300.0, 1000.0, 500.0];
        let fit = Fit::new(bounds, 600.0, 400.0);
        for corner in [[-20.0, -300.0], [1000.0, 500.0]] {
            let (x, y) = fit.px(corner);
            assert!((0.0..=600.0).contains(&x) && (0.0..=400.0).contains(&y), "{x} {y}");
            let back = fit.um(x, y);
            // a division and a product: far below a thousandth of a micrometre
            assert!((back[0] - corner[0]).abs() + (back[1] - corner[1]).abs() < 1e-9);
        }
        let up = fit.px([0.0, 100.0]).1 < fit.px([0.0, 0.0]).1;
        assert!(up, "y goes up");
        let none = Fit::new([0.0, 0.0, 0.0, 0.0], 0.0, 0.0);
        assert!(none.scale.is_finite() && none.um(1.0, 1.0)[0].is_finite());
    }

    #[test]
    fn a_flat_and_a_tall_cell_both_find_room() {
        assert_eq!(height([0.0, -12.0, 2060.0, 12.0], 600.0), 150.0);
        assert_eq!(height([-100.0, -100.0, 100.0, 600.0], 600.0), 460.0);
        assert_eq!(height([-100.0, -100.0, 100.0, 600.0], 340.0), 289.0);
    }
}
