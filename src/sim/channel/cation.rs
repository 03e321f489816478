//! Ih, the hyperpolarisation-activated cation channel (Kole, Hallermann & Stuart 2006).

use super::kinetics::Kinetics;
use crate::sim::math::{Exponentials, SINGULAR, exprelr};

/// Reversal potential of Ih, mV.
pub const E_H: f64 = -45.0;

/// Ih, activation; no temperature factor.
#[inline(always)]
#[must_use]
pub fn ih_m(v: f64, e: &mut impl Exponentials) -> Kinetics {
    let (u, x) = (v + 154.9, (v + 154.9) / 11.9);
    let k = 0.001 * 6.43;
    let quotient = k * u / (e.exp(x) - 1.0);
    let alpha = if x.abs() < SINGULAR { k * 11.9 * exprelr(x) } else { quotient };
    let beta = 0.001 * 193.0 * e.exp(v / 33.1);
    Kinetics::from_rates(alpha, beta, 1.0)
}
