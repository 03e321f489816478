//! Sodium: two transient channels and a persistent one.

use super::kinetics::{Kinetics, QT};
use crate::sim::math::{Exponentials, SINGULAR, exprelr};

/// Reversal potential of sodium, mV.
pub const E_NA: f64 = 50.0;

/// `k·u/(1 - e^(-u/q))` with its limit `k·q` at u = 0.
#[inline(always)]
fn rate(k: f64, u: f64, q: f64, e: &mut impl Exponentials) -> f64 {
    let x = -u / q;
    let quotient = k * u / (1.0 - e.exp(x));
    if x.abs() < SINGULAR { k * q * exprelr(x) } else { quotient }
}

/// Activation of a transient sodium channel with half-activation near `v_half` mV (Colbert & Pan 2002).
#[inline(always)]
fn transient_m(v: f64, v_half: f64, e: &mut impl Exponentials) -> Kinetics {
    let u = v - v_half;
    Kinetics::from_rates(rate(0.182, u, 6.0, e), rate(0.124, -u, 6.0, e), QT)
}

/// Inactivation of a transient sodium channel with half-inactivation near `v_half` mV (Colbert & Pan 2002).
#[inline(always)]
fn transient_h(v: f64, v_half: f64, e: &mut impl Exponentials) -> Kinetics {
    let u = v - v_half;
    Kinetics::from_rates(rate(0.015, -u, 6.0, e), rate(0.015, u, 6.0, e), QT)
}

/// NaTa_t (axon), activation.
#[inline(always)]
#[must_use]
pub fn na_ta_m(v: f64, e: &mut impl Exponentials) -> Kinetics {
    transient_m(v, -38.0, e)
}

/// NaTa_t (axon), inactivation.
#[inline(always)]
#[must_use]
pub fn na_ta_h(v: f64, e: &mut impl Exponentials) -> Kinetics {
    transient_h(v, -66.0, e)
}

/// NaTs2_t (soma), activation: NaTa_t shifted by 6 mV.
#[inline(always)]
#[must_use]
pub fn na_ts2_m(v: f64, e: &mut impl Exponentials) -> Kinetics {
    transient_m(v, -32.0, e)
}

/// NaTs2_t (soma), inactivation.
#[inline(always)]
#[must_use]
pub fn na_ts2_h(v: f64, e: &mut impl Exponentials) -> Kinetics {
    transient_h(v, -60.0, e)
}

/// Nap_Et2 (Magistretti & Alonso 1999), activation; its time constant is six times NaTa_t's.
#[inline(always)]
#[must_use]
pub fn nap_et2_m(v: f64, e: &mut impl Exponentials) -> Kinetics {
    let u = v + 38.0;
    let (alpha, beta) = (rate(0.182, u, 6.0, e), rate(0.124, -u, 6.0, e));
    Kinetics { inf: e.boltzmann((v + 52.6) / -4.6), tau: 6.0 * (1.0 / (alpha + beta)) / QT }
}

/// Nap_Et2 (Magistretti & Alonso 1999), inactivation.
#[inline(always)]
#[must_use]
pub fn nap_et2_h(v: f64, e: &mut impl Exponentials) -> Kinetics {
    let alpha = rate(2.88e-6, -(v + 17.0), 4.63, e);
    let beta = rate(6.94e-6, v + 64.4, 2.63, e);
    Kinetics { inf: e.boltzmann((v + 48.8) / 10.0), tau: 1.0 / (alpha + beta) / QT }
}
