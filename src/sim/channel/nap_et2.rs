//! Nap_Et2, persistent sodium.

use super::about::{About, Gating, Ion, Model};
use super::kinetics::{Kinetics, QT, linear_rate};
use crate::sim::math::Exponentials;

/// Nap_Et2 (Magistretti & Alonso 1999).
#[derive(Debug)]
pub struct NapEt2;

impl Model for NapEt2 {
    const ABOUT: About = About {
        name: "Nap_Et2",
        ion: Ion::Sodium,
        gating: Gating::Voltage { m: 3, h: true },
        exponentials: 6,
        g_bar: 0.005_834,
        source: "Magistretti & Alonso 1999",
    };

    #[inline(always)]
    fn by_voltage(v: f64, e: &mut impl Exponentials, gate: &mut impl FnMut(Kinetics)) {
        gate(m(v, e));
        gate(h(v, e));
    }
}

/// Activation; its time constant is six times NaTa_t's.
#[inline(always)]
#[must_use]
pub fn m(v: f64, e: &mut impl Exponentials) -> Kinetics {
    let u = v + 38.0;
    let (alpha, beta) = (linear_rate(0.182, u, 6.0, e), linear_rate(0.124, -u, 6.0, e));
    Kinetics { inf: e.boltzmann((v + 52.6) / -4.6), tau: 6.0 * (1.0 / (alpha + beta)) / QT }
}

/// Inactivation.
#[inline(always)]
#[must_use]
pub fn h(v: f64, e: &mut impl Exponentials) -> Kinetics {
    let alpha = linear_rate(2.88e-6, -(v + 17.0), 4.63, e);
    let beta = linear_rate(6.94e-6, v + 64.4, 2.63, e);
    Kinetics { inf: e.boltzmann((v + 48.8) / 10.0), tau: 1.0 / (alpha + beta) / QT }
}
