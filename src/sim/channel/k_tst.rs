//! K_Tst, transient potassium.

use super::about::{About, Gating, Ion, Model};
use super::kinetics::{JUNCTION_SHIFT, Kinetics, QT};
use crate::sim::math::Exponentials;

/// K_Tst (Korngreen & Sakmann 2000).
#[derive(Debug)]
pub struct KTst;

impl Model for KTst {
    const ABOUT: About = About {
        name: "K_Tst",
        ion: Ion::Potassium,
        gating: Gating::Voltage { m: 4, h: true },
        exponentials: 4,
        g_bar: 0.077_274,
        source: "Korngreen & Sakmann 2000",
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
    let u = v + JUNCTION_SHIFT;
    let w = (u + 71.0) / 59.0;
    Kinetics { inf: e.boltzmann(-u / 19.0), tau: (0.34 + 0.92 * e.exp(-(w * w))) / QT }
}

/// Inactivation.
#[inline(always)]
#[must_use]
pub fn h(v: f64, e: &mut impl Exponentials) -> Kinetics {
    let u = v + JUNCTION_SHIFT;
    let w = (u + 73.0) / 23.0;
    Kinetics { inf: e.boltzmann(-(u + 66.0) / -10.0), tau: (8.0 + 49.0 * e.exp(-(w * w))) / QT }
}
