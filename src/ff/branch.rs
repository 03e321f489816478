//! The function by which a branch's synaptic sum becomes its voltage.

use super::nonlinearity::BranchNonlinearity;
use super::params::FfParams;
use crate::sim::math::{exp, ln};

/// A branch's nonlinearity with its parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BranchFunction {
    /// The identity; [`BranchNonlinearity::Linear`].
    Linear,
    /// Saturation; [`BranchNonlinearity::AmpaLike`].
    AmpaLike(Reversals),
    /// A step before saturation; [`BranchNonlinearity::NmdaLike`].
    NmdaLike {
        /// The levels at which it saturates.
        reversals: Reversals,
        /// θ: the sum at which the step is half way, mV above rest.
        threshold: f64,
        /// k: the step's width, mV.
        width: f64,
        /// A: the step's height, mV.
        amplitude: f64,
    },
    /// Slope 1 between two edges; [`BranchNonlinearity::TwoSidedSaturation`].
    TwoSidedSaturation {
        /// The lower edge, mV above rest (negative).
        low: f64,
        /// The upper edge, mV above rest.
        high: f64,
        /// k: the edges' softness, mV.
        width: f64,
        /// ε: the slope beyond the edges.
        edge_slope: f64,
    },
}

/// Distances from rest, mV, both positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reversals {
    /// Distance up to the excitatory reversal, mV.
    pub up: f64,
    /// Distance down to the inhibitory reversal, mV.
    pub down: f64,
}

impl Reversals {
    fn saturate(self, u: f64) -> f64 {
        if u >= 0.0 { u / (1.0 + u / self.up) } else { u / (1.0 - u / self.down) }
    }
}

impl BranchFunction {
    /// The function of the branches of a neuron with these parameters.
    #[must_use]
    pub fn of(params: &FfParams) -> Self {
        let reversals = Reversals {
            up: params.e_exc_mv - params.e_pas_mv,
            down: params.e_pas_mv - params.e_inh_mv,
        };
        match params.nonlinearity {
            BranchNonlinearity::Linear => Self::Linear,
            BranchNonlinearity::AmpaLike => Self::AmpaLike(reversals),
            BranchNonlinearity::NmdaLike => Self::NmdaLike {
                reversals,
                threshold: params.nmda_threshold_mv,
                width: params.nmda_width_mv,
                amplitude: params.nmda_amplitude_mv,
            },
            BranchNonlinearity::TwoSidedSaturation => Self::TwoSidedSaturation {
                low: params.saturation_low_mv,
                high: params.saturation_high_mv,
                width: params.saturation_width_mv,
                edge_slope: params.saturation_edge_slope,
            },
        }
    }

    /// f(u), mV above rest, of a sum u in mV above rest.
    #[must_use]
    pub fn apply(&self, u: f64) -> f64 {
        match *self {
            Self::Linear => u,
            Self::AmpaLike(reversals) => reversals.saturate(u),
            Self::NmdaLike { reversals, threshold, width, amplitude } => {
                let step = |u: f64| 1.0 / (1.0 + exp((threshold - u) / width));
                reversals.saturate(u + amplitude * (step(u) - step(0.0)))
            }
            Self::TwoSidedSaturation { low, high, width, edge_slope } => {
                let edge = |u: f64, at: f64| width * softplus((u - at) / width);
                let clipped = |u: f64| edge(u, low) - edge(u, high);
                edge_slope * u + (1.0 - edge_slope) * (clipped(u) - clipped(0.0))
            }
        }
    }
}

/// ln(1 + e^x), without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + ln(1.0 + exp(-x.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(nonlinearity: BranchNonlinearity) -> BranchFunction {
        BranchFunction::of(&FfParams { nonlinearity, ..FfParams::default() })
    }

    fn slope(f: &BranchFunction, u: f64) -> f64 {
        // the central difference is off by h²·f'''/6 < 1e-7 here, and by rounding of about 1e-11
        let h = 1e-4;
        (f.apply(u + h) - f.apply(u - h)) / (2.0 * h)
    }

    #[test]
    fn all_are_zero_at_rest_and_never_fall() {
        for kind in BranchNonlinearity::ALL {
            let f = function(kind);
            assert_eq!(f.apply(0.0), 0.0, "{kind:?}");
            let values: Vec<f64> = (-4000..4000).map(|i| f.apply(f64::from(i) * 0.05)).collect();
            assert!(values.windows(2).all(|w| w[0] < w[1]), "{kind:?}");
            assert!([-1e9, 1e9].iter().all(|&u| f.apply(u).is_finite()), "{kind:?}");
            let written = serde_json::to_value(kind).unwrap();
            assert_eq!(written, kind.name());
        }
    }

    #[test]
    fn linear_is_linear() {
        let f = function(BranchNonlinearity::Linear);
        assert!([-300.0, -1.0, 0.5, 1e6].iter().all(|&u| f.apply(u) == u));
    }

    #[test]
    fn ampa_like_has_slope_1_is_concave_and_ends_at_the_reversals() {
        let f = function(BranchNonlinearity::AmpaLike);
        let params = FfParams::default();
        let (up, down) = (params.e_exc_mv - params.e_pas_mv, params.e_pas_mv - params.e_inh_mv);
        // one-sided, for the curvature jumps at rest: f(h)/h = 1/(1 + h/R)
        assert!((f.apply(1e-6) / 1e-6 - 1.0).abs() < 1e-7);
        assert!((f.apply(-1e-6) / -1e-6 - 1.0).abs() < 2e-7);
        assert!((f.apply(up) - up / 2.0).abs() < 1e-12, "half way at u = R");
        // R·u/(u + R) = R - R²/(u + R)
        assert!(f.apply(1e6) < up && up - f.apply(1e6) < up * up / 1e6);
        assert!(f.apply(-1e6) > -down && down + f.apply(-1e6) < down * down / 1e6);
        let slopes: Vec<f64> = (1..200).map(|u| slope(&f, f64::from(u))).collect();
        assert!(slopes.windows(2).all(|w| w[0] > w[1]), "concave above rest");
        for u in [5.0, 50.0] {
            let exact = 1.0 / (1.0 + u / up).powi(2);
            assert!((slope(&f, u) - exact).abs() < 1e-7);
        }
    }

    #[test]
    fn nmda_like_is_supralinear_at_its_threshold_and_then_saturates() {
        let f = function(BranchNonlinearity::NmdaLike);
        let FfParams { nmda_threshold_mv: threshold, e_exc_mv, e_pas_mv, .. } = FfParams::default();
        let at_threshold = slope(&f, threshold);
        assert!(at_threshold > 1.5, "{at_threshold}");
        assert!(slope(&f, 1.0) < 1.1, "nearly linear at rest");
        assert!(f.apply(threshold + 5.0) > 2.0 * f.apply((threshold + 5.0) / 2.0), "supralinear");
        assert!(slope(&f, 3.0 * threshold) < 0.6, "saturating");
        let up = e_exc_mv - e_pas_mv;
        assert!(f.apply(1e6) < up && up - f.apply(1e6) < up * up / 1e6);
        // without its step the function is the AMPA-like one
        let plain = FfParams {
            nonlinearity: BranchNonlinearity::NmdaLike,
            nmda_amplitude_mv: 0.0,
            ..FfParams::default()
        };
        let ampa = function(BranchNonlinearity::AmpaLike);
        assert_eq!(BranchFunction::of(&plain).apply(33.0), ampa.apply(33.0));
    }

    #[test]
    fn two_sided_saturation_has_slope_1_in_the_middle_and_little_at_the_edges() {
        let p = FfParams::default();
        let f = function(BranchNonlinearity::TwoSidedSaturation);
        let middle = (p.saturation_low_mv + p.saturation_high_mv) / 2.0;
        let far = 20.0 * p.saturation_width_mv;
        // 1 - slope in the middle is 2(1-ε)/(1 + e^(half/k)); at the edges the slope is half way between
        let half = (p.saturation_high_mv - middle) / p.saturation_width_mv;
        let exact = 1.0 - (1.0 - p.saturation_edge_slope) * 2.0 / (1.0 + exp(half));
        assert!((slope(&f, middle) - exact).abs() < 1e-7);
        assert!(slope(&f, middle) > 0.99);
        for edge in [p.saturation_low_mv, p.saturation_high_mv] {
            let half_way = (1.0 + p.saturation_edge_slope) / 2.0;
            assert!((slope(&f, edge) - half_way).abs() < 1e-3, "{edge}");
        }
        for beyond in [p.saturation_low_mv - far, p.saturation_high_mv + far] {
            assert!((slope(&f, beyond) - p.saturation_edge_slope).abs() < 1e-6, "{beyond}");
        }
    }
}
