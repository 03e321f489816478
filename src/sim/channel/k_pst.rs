//! K_Pst, persistent potassium.

use super::about::{About, Gating, Ion, Model};
use super::kinetics::{JUNCTION_SHIFT, Kinetics, QT};
use crate::sim::math::Exponentials;

/// K_Pst (Korngreen & Sakmann 2000).
#[derive(Debug)]
pub struct KPst;

impl Model for KPst {
    const ABOUT: About = About {
        name: "K_Pst",
        ion: Ion::Potassium,
        gating: Gating::Voltage { m: 2, h: true },
        exponentials: 4,
        g_bar: 0.188_851,
        source: "Korngreen & Sakmann 2000",
    };

    #[inline(always)]
    fn by_voltage(v: f64, e: &mut impl Exponentials, gate: &mut impl FnMut(Kinetics)) {
        gate(m(v, e));
        gate(h(v, e));
    }
}

/// Activation. Its time constant has a corner at -60 mV (-50 mV before the shift).
#[inline(always)]
#[must_use]
pub fn m(v: f64, e: &mut impl Exponentials) -> Kinetics {
    let u = v + JUNCTION_SHIFT;
    let low = u < -50.0;
    let slow = e.exp(if low { u * 0.026 } else { -u * 0.026 });
    let tau = 1.25 + if low { 175.03 } else { 13.0 } * slow;
    Kinetics { inf: e.boltzmann(-(u + 1.0) / 12.0), tau: tau / QT }
}

/// Inactivation.
#[inline(always)]
#[must_use]
pub fn h(v: f64, e: &mut impl Exponentials) -> Kinetics {
    let u = v + JUNCTION_SHIFT;
    let w = (u + 75.0) / 48.0;
    let tau = 360.0 + (1010.0 + 24.0 * (u + 55.0)) * e.exp(-(w * w));
    Kinetics { inf: e.boltzmann(-(u + 54.0) / -11.0), tau: tau / QT }
}
