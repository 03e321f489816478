//! Im, muscarinic (slow, non-inactivating) potassium.

use super::about::{About, Gating, Ion, Model};
use super::kinetics::{Kinetics, QT};
use crate::sim::math::Exponentials;

/// Im (Adams et al. 1982).
#[derive(Debug)]
pub struct Im;

impl Model for Im {
    const ABOUT: About = About {
        name: "Im",
        ion: Ion::Potassium,
        gating: Gating::Voltage { m: 1, h: false },
        exponentials: 2,
        g_bar: 8e-6,
        source: "Adams et al. 1982",
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
    let u = 2.5 * 0.04 * (v + 35.0);
    Kinetics::from_rates(3.3e-3 * e.exp(u), 3.3e-3 * e.exp(-u), QT)
}
