//! The submembrane calcium pool, CaDynamics_E2, and the Nernst potential that follows it.

use crate::sim::math::{exp, ln};
use crate::units::FARADAY;

/// Share of the calcium influx that stays free, in the built-in soma.
pub const GAMMA: f64 = 0.000_509;
/// Time constant of removal in the built-in soma, ms.
pub const DECAY: f64 = 294.679_571;
/// Depth of the shell, µm.
pub const DEPTH: f64 = 0.1;
/// Resting concentration, to which removal leads, mM.
pub const MIN_CAI: f64 = 1e-4;
/// Concentration at the start (NEURON's default), mM.
pub const INITIAL_CAI: f64 = 5e-5;
/// Concentration outside (NEURON's default), mM.
pub const CAO: f64 = 2.0;

/// Calcium's reversal potential where nothing makes NEURON compute it, mV: its default.
pub const DEFAULT_E_CA: f64 = 132.457_934_163_700_9;

/// A pool (Destexhe et al. 1994, eq. for the shell): `d[Ca]/dt = -1e4·γ·i_ca/(2·F·depth) - ([Ca] - [Ca]_min)/τ`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pool {
    /// Share of the influx that stays free, γ.
    pub gamma: f64,
    /// Time constant of removal τ, ms.
    pub decay_ms: f64,
}

impl Pool {
    /// The built-in soma's.
    pub const SOMA: Self = Self { gamma: GAMMA, decay_ms: DECAY };

    /// The pool's steady-state concentration under a calcium current of `i_ca` mA/cm², mM.
    #[inline(always)]
    #[must_use]
    pub fn cai_inf(self, i_ca: f64) -> f64 {
        let influx = -10_000.0 * (i_ca * self.gamma / (2.0 * FARADAY * DEPTH));
        -(influx - -MIN_CAI / self.decay_ms) / (-1.0 / self.decay_ms)
    }

    /// The share of the way there that a step of `dt_ms` takes.
    #[must_use]
    pub fn step(self, dt_ms: f64) -> f64 {
        1.0 - exp(dt_ms * (-1.0 / self.decay_ms))
    }
}

/// The Nernst potential of calcium (mV) at `cai` mM inside and a thermal voltage RT/F in mV.
#[inline]
#[must_use]
pub fn nernst_mv(cai: f64, thermal_voltage: f64) -> f64 {
    thermal_voltage / 2.0 * ln(CAO / cai)
}
