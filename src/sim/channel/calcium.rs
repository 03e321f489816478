//! Calcium: two channels, the submembrane pool, and the Nernst potential that follows it.

use super::kinetics::{Kinetics, QT};
use crate::sim::math::{Exponentials, SINGULAR, exprelr, ln};

/// Ca_HVA (Reuveni et al. 1993), activation; no temperature factor.
#[inline(always)]
#[must_use]
pub fn ca_hva_m(v: f64, e: &mut impl Exponentials) -> Kinetics {
    let (u, x) = (-27.0 - v, (-27.0 - v) / 3.8);
    let quotient = 0.055 * u / (e.exp(x) - 1.0);
    let alpha = if x.abs() < SINGULAR { 0.055 * 3.8 * exprelr(x) } else { quotient };
    let beta = 0.94 * e.exp((-75.0 - v) / 17.0);
    Kinetics::from_rates(alpha, beta, 1.0)
}

/// Ca_HVA (Reuveni et al. 1993), inactivation; no temperature factor.
#[inline(always)]
#[must_use]
pub fn ca_hva_h(v: f64, e: &mut impl Exponentials) -> Kinetics {
    let alpha = 0.000_457 * e.exp((-13.0 - v) / 50.0);
    let beta = 0.0065 / (e.exp((-v - 15.0) / 28.0) + 1.0);
    Kinetics::from_rates(alpha, beta, 1.0)
}

/// Ca_LVAst (Avery & Johnston 1996; Randall & Tsien 1997), activation, shifted by 10 mV.
#[inline(always)]
#[must_use]
pub fn ca_lvast_m(v: f64, e: &mut impl Exponentials) -> Kinetics {
    let u = v + 10.0;
    Kinetics {
        inf: e.boltzmann((u + 30.0) / -6.0),
        tau: (5.0 + 20.0 / (1.0 + e.exp((u + 25.0) / 5.0))) / QT,
    }
}

/// Ca_LVAst (Avery & Johnston 1996; Randall & Tsien 1997), inactivation, shifted by 10 mV.
#[inline(always)]
#[must_use]
pub fn ca_lvast_h(v: f64, e: &mut impl Exponentials) -> Kinetics {
    let u = v + 10.0;
    Kinetics {
        inf: e.boltzmann((u + 80.0) / 6.4),
        tau: (20.0 + 50.0 / (1.0 + e.exp((u + 40.0) / 7.0))) / QT,
    }
}

/// The submembrane calcium pool, CaDynamics_E2 (Destexhe et al. 1994, eq. for the shell):
/// `d[Ca]/dt = -1e4·γ·i_ca/(2·F·depth) - ([Ca] - [Ca]_min)/τ`.
pub mod pool {
    use crate::units::FARADAY;

    /// Share of the calcium influx that stays free.
    pub const GAMMA: f64 = 0.000_509;
    /// Time constant of removal, ms.
    pub const DECAY: f64 = 294.679_571;
    /// Depth of the shell, µm.
    pub const DEPTH: f64 = 0.1;
    /// Resting concentration, to which removal leads, mM.
    pub const MIN_CAI: f64 = 1e-4;
    /// Concentration at the start (NEURON's default), mM.
    pub const INITIAL_CAI: f64 = 5e-5;
    /// Concentration outside (NEURON's default), mM.
    pub const CAO: f64 = 2.0;

    /// The pool's steady-state concentration under a calcium current of `i_ca` mA/cm², mM.
    #[inline]
    #[must_use]
    pub fn cai_inf(i_ca: f64) -> f64 {
        let influx = -10_000.0 * (i_ca * GAMMA / (2.0 * FARADAY * DEPTH));
        -(influx - -MIN_CAI / DECAY) / (-1.0 / DECAY)
    }
}

/// The Nernst potential of calcium (mV) at `cai` mM inside and a thermal voltage RT/F in mV.
#[inline]
#[must_use]
pub fn nernst_mv(cai: f64, thermal_voltage: f64) -> f64 {
    thermal_voltage / 2.0 * ln(pool::CAO / cai)
}
