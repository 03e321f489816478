//! Potassium: muscarinic, persistent, transient, Kv3.1 and calcium-activated.

use super::kinetics::{Kinetics, QT};
use crate::sim::math::{Exponentials, pow};

/// Reversal potential of potassium, mV.
pub const E_K: f64 = -85.0;

/// Liquid-junction shift of the channels of Korngreen & Sakmann (2000), mV.
const JUNCTION_SHIFT: f64 = 10.0;

/// Im (Adams et al. 1982), activation.
#[inline(always)]
#[must_use]
pub fn im_m(v: f64, e: &mut impl Exponentials) -> Kinetics {
    let u = 2.5 * 0.04 * (v + 35.0);
    Kinetics::from_rates(3.3e-3 * e.exp(u), 3.3e-3 * e.exp(-u), QT)
}

/// K_Pst (Korngreen & Sakmann 2000), activation. Its time constant has a corner at -60 mV (-50 mV before the shift).
#[inline(always)]
#[must_use]
pub fn k_pst_m(v: f64, e: &mut impl Exponentials) -> Kinetics {
    let u = v + JUNCTION_SHIFT;
    let low = u < -50.0;
    let slow = e.exp(if low { u * 0.026 } else { -u * 0.026 });
    let tau = 1.25 + if low { 175.03 } else { 13.0 } * slow;
    Kinetics { inf: e.boltzmann(-(u + 1.0) / 12.0), tau: tau / QT }
}

/// K_Pst (Korngreen & Sakmann 2000), inactivation.
#[inline(always)]
#[must_use]
pub fn k_pst_h(v: f64, e: &mut impl Exponentials) -> Kinetics {
    let u = v + JUNCTION_SHIFT;
    let w = (u + 75.0) / 48.0;
    let tau = 360.0 + (1010.0 + 24.0 * (u + 55.0)) * e.exp(-(w * w));
    Kinetics { inf: e.boltzmann(-(u + 54.0) / -11.0), tau: tau / QT }
}

/// K_Tst (Korngreen & Sakmann 2000), activation.
#[inline(always)]
#[must_use]
pub fn k_tst_m(v: f64, e: &mut impl Exponentials) -> Kinetics {
    let u = v + JUNCTION_SHIFT;
    let w = (u + 71.0) / 59.0;
    Kinetics { inf: e.boltzmann(-u / 19.0), tau: (0.34 + 0.92 * e.exp(-(w * w))) / QT }
}

/// K_Tst (Korngreen & Sakmann 2000), inactivation.
#[inline(always)]
#[must_use]
pub fn k_tst_h(v: f64, e: &mut impl Exponentials) -> Kinetics {
    let u = v + JUNCTION_SHIFT;
    let w = (u + 73.0) / 23.0;
    Kinetics { inf: e.boltzmann(-(u + 66.0) / -10.0), tau: (8.0 + 49.0 * e.exp(-(w * w))) / QT }
}

/// SKv3_1 (Rettig et al. 1992), activation; no temperature factor.
#[inline(always)]
#[must_use]
pub fn skv3_1_m(v: f64, e: &mut impl Exponentials) -> Kinetics {
    Kinetics {
        inf: e.boltzmann((v - 18.7) / -9.7),
        tau: 0.2 * 20.0 / (1.0 + e.exp((v + 46.56) / -44.14)),
    }
}

/// Calcium concentration at which half of SK_E2 is open, mM.
pub const SK_E2_HALF_MM: f64 = 0.000_43;
/// Hill coefficient of SK_E2.
pub const SK_E2_HILL: f64 = 4.8;

/// SK_E2 (Köhler et al. 1996), activation by calcium (mM).
#[inline]
#[must_use]
pub fn sk_e2_z(cai: f64) -> Kinetics {
    let ca = if cai < 1e-7 { cai + 1e-7 } else { cai };
    Kinetics { inf: 1.0 / (1.0 + pow(SK_E2_HALF_MM / ca, SK_E2_HILL)), tau: 1.0 }
}
