//! NaTa_t, transient sodium of the axon.

use super::about::{About, Gating, Ion, Model};
use super::kinetics::{Kinetics, QT, linear_rate};
use crate::sim::math::Exponentials;

/// NaTa_t (Colbert & Pan 2002).
#[derive(Debug)]
pub struct NaTa;

impl Model for NaTa {
    const ABOUT: About = About {
        name: "NaTa_t",
        ion: Ion::Sodium,
        gating: Gating::Voltage { m: 3, h: true },
        exponentials: 4,
        g_bar: 3.896_18,
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
    activation(v, -38.0, e)
}

/// Inactivation.
#[inline(always)]
#[must_use]
pub fn h(v: f64, e: &mut impl Exponentials) -> Kinetics {
    inactivation(v, -66.0, e)
}

/// Activation of a transient sodium channel with half-activation near `v_half` mV (Colbert & Pan 2002).
#[inline(always)]
pub(super) fn activation(v: f64, v_half: f64, e: &mut impl Exponentials) -> Kinetics {
    let u = v - v_half;
    Kinetics::from_rates(linear_rate(0.182, u, 6.0, e), linear_rate(0.124, -u, 6.0, e), QT)
}

/// Inactivation of a transient sodium channel with half-inactivation near `v_half` mV (Colbert & Pan 2002).
#[inline(always)]
pub(super) fn inactivation(v: f64, v_half: f64, e: &mut impl Exponentials) -> Kinetics {
    let u = v - v_half;
    Kinetics::from_rates(linear_rate(0.015, -u, 6.0, e), linear_rate(0.015, u, 6.0, e), QT)
}
