//! Ih, the hyperpolarisation-activated cation channel.

use super::about::{About, Gating, Ion, Model};
use super::kinetics::Kinetics;
use crate::sim::math::{Exponentials, SINGULAR, exprelr};

/// Ih (Kole, Hallermann & Stuart 2006); no temperature factor.
#[derive(Debug)]
pub struct Ih;

impl Model for Ih {
    const ABOUT: About = About {
        name: "Ih",
        ion: Ion::Cations,
        gating: Gating::Voltage { m: 1, h: false },
        exponentials: 2,
        g_bar: 7.5e-5,
        source: "Kole, Hallermann & Stuart 2006",
    };

    #[inline(always)]
    fn by_voltage(v: f64, e: &mut impl Exponentials, gate: &mut impl FnMut(Kinetics)) {
        gate(m(v, e));
    }
}

/// Activation.
#[inline(always)]
#[must_use]
pub fn m(v: f64, e: &mut impl Exponentials) -> Kinetics {
    let (u, x) = (v + 154.9, (v + 154.9) / 11.9);
    let k = 0.001 * 6.43;
    let quotient = k * u / (e.exp(x) - 1.0);
    let alpha = if x.abs() < SINGULAR { k * 11.9 * exprelr(x) } else { quotient };
    let beta = 0.001 * 193.0 * e.exp(v / 33.1);
    Kinetics::from_rates(alpha, beta, 1.0)
}
