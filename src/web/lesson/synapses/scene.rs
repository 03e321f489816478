//! A neuron as the picture shows it, and its place on the canvas.

use super::trees::Placed;
use crate::plot::neuron::Shape;
use std::rc::Rc;

/// The free space around a neuron, CSS pixels.
const MARGIN: f64 = 26.0;

/// A neuron as it is drawn: its segments' voltages and the synapses on it.
#[derive(Clone, Debug, Default)]
pub(super) struct Scene {
    pub(super) shape: Rc<Shape>,
    /// The soma's voltage, mV; `None` where nothing is simulated yet, and the segments' `voltages` (mV) are empty.
    pub(super) soma_mv: Option<f64>,
    pub(super) voltages: Vec<f64>,
    pub(super) placed: Placed,
    /// Whether the inputs are active at the time that is shown.
    pub(super) active: bool,
    pub(super) chosen: Option<usize>,
    /// Segments whose traces are drawn, each with its colour's custom property.
    pub(super) watched: Vec<(usize, &'static str)>,
}

/// The map from µm to CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fit {
    pub(super) scale: f64,
    left: f64,
    top: f64,
}

impl Fit {
    /// Shows `bounds` (left, bottom, right, top; µm) centred in a box of CSS pixels, with one scale for both
    /// directions.
    pub(super) fn new(bounds: [f64; 4], width: f64, height: f64) -> Self {
        let [l, b, r, t] = bounds;
        let room = |all: f64| (all - 2.0 * MARGIN).max(1.0);
        let scale = (room(width) / (r - l).max(1.0)).min(room(height) / (t - b).max(1.0));
        let left = 0.5 * width - 0.5 * (l + r) * scale;
        let top = 0.5 * height + 0.5 * (b + t) * scale;
        Self { scale, left, top }
    }

    pub(super) fn px(&self, um: [f64; 2]) -> (f64, f64) {
        (self.left + um[0] * self.scale, self.top - um[1] * self.scale)
    }

    pub(super) fn um(&self, px: f64, py: f64) -> [f64; 2] {
        [(px - self.left) / self.scale, (self.top - py) / self.scale]
    }
}

/// The height that suits a shape in a canvas of this width, CSS pixels.
pub(super) fn height(bounds: [f64; 4], width: f64) -> f64 {
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
