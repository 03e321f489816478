//! A gate's kinetics: its steady state and its time constant.

use crate::sim::math::{Exponentials, SINGULAR, exprelr};

/// Temperature factor 2.3^((34 - 21)/10) of the channels measured at 21 °C and used at 34 °C.
pub(crate) const QT: f64 = 2.952_882_641_412_121;

/// Liquid-junction shift of the channels of Korngreen & Sakmann (2000), mV.
pub(super) const JUNCTION_SHIFT: f64 = 10.0;

/// The kinetics of a gate at one voltage (or calcium concentration).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kinetics {
    /// Steady state, 0..1.
    pub inf: f64,
    /// Time constant, ms.
    pub tau: f64,
}

impl Kinetics {
    /// Kinetics of opening and closing rates `alpha` and `beta` (1/ms), sped up by the temperature factor `qt`.
    #[inline]
    #[must_use]
    pub fn from_rates(alpha: f64, beta: f64, qt: f64) -> Self {
        let sum = alpha + beta;
        Self { inf: alpha / sum, tau: 1.0 / sum / qt }
    }
}

/// `k·u/(1 - e^(-u/q))` with its limit `k·q` at u = 0.
#[inline(always)]
pub(super) fn linear_rate(k: f64, u: f64, q: f64, e: &mut impl Exponentials) -> f64 {
    let x = -u / q;
    let quotient = k * u / (1.0 - e.exp(x));
    if x.abs() < SINGULAR { k * q * exprelr(x) } else { quotient }
}
