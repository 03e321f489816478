//! NaTs2_t, transient sodium of the soma: NaTa_t shifted by 6 mV.

use super::about::{About, Gating, Ion, Model};
use super::kinetics::Kinetics;
use super::na_ta::{activation, inactivation};
use crate::sim::math::Exponentials;

/// NaTs2_t (Colbert & Pan 2002).
#[derive(Debug)]
pub struct NaTs2;

impl Model for NaTs2 {
    const ABOUT: About = About {
        name: "NaTs2_t",
        ion: Ion::Sodium,
        gating: Gating::Voltage { m: 3, h: true },
        exponentials: 4,
        g_bar: 0.998_912,
        source: "Colbert & Pan 2002",
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
    activation(v, -32.0, e)
}

/// Inactivation.
#[inline(always)]
#[must_use]
pub fn h(v: f64, e: &mut impl Exponentials) -> Kinetics {
    inactivation(v, -60.0, e)
}
