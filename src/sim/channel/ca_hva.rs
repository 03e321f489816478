//! Ca_HVA, high-voltage-activated calcium.

use super::about::{About, Gating, Ion, Model};
use super::kinetics::Kinetics;
use crate::sim::math::{Exponentials, SINGULAR, exprelr};

/// Ca_HVA (Reuveni et al. 1993); no temperature factor.
#[derive(Debug)]
pub struct CaHva;

impl Model for CaHva {
    const ABOUT: About = About {
        name: "Ca_HVA",
        ion: Ion::Calcium,
        gating: Gating::Voltage { m: 2, h: true },
        exponentials: 4,
        g_bar: 6.44e-4,
        source: "Reuveni et al. 1993",
    };

    #[inline(always)]
    fn by_voltage(v: f64, e: &mut impl Exponentials, gate: &mut impl FnMut(Kinetics)) {
        gate(m(v, e));
        gate(h(v, e));
    }
}

/// Activation.
#[inline(always)]
#[must_use]
pub fn m(v: f64, e: &mut impl Exponentials) -> Kinetics {
    let (u, x) = (-27.0 - v, (-27.0 - v) / 3.8);
    let quotient = 0.055 * u / (e.exp(x) - 1.0);
    let alpha = if x.abs() < SINGULAR { 0.055 * 3.8 * exprelr(x) } else { quotient };
    let beta = 0.94 * e.exp((-75.0 - v) / 17.0);
    Kinetics::from_rates(alpha, beta, 1.0)
}

/// Inactivation.
#[inline(always)]
#[must_use]
pub fn h(v: f64, e: &mut impl Exponentials) -> Kinetics {
    let alpha = 0.000_457 * e.exp((-13.0 - v) / 50.0);
    let beta = 0.0065 / (e.exp((-v - 15.0) / 28.0) + 1.0);
    Kinetics::from_rates(alpha, beta, 1.0)
}
