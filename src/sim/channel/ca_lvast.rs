//! Ca_LVAst, low-voltage-activated calcium.

use super::about::{About, Gating, Ion, Model};
use super::kinetics::{Kinetics, QT};
use crate::sim::math::Exponentials;

/// Ca_LVAst (Avery & Johnston 1996; Randall & Tsien 1997), shifted by 10 mV.
#[derive(Debug)]
pub struct CaLvast;

impl Model for CaLvast {
    const ABOUT: About = About {
        name: "Ca_LVAst",
        ion: Ion::Calcium,
        gating: Gating::Voltage { m: 2, h: true },
        exponentials: 4,
        g_bar: 5.57e-4,
        source: "Avery & Johnston 1996; Randall & Tsien 1997",
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
    let u = v + 10.0;
    Kinetics {
        inf: e.boltzmann((u + 30.0) / -6.0),
        tau: (5.0 + 20.0 / (1.0 + e.exp((u + 25.0) / 5.0))) / QT,
    }
}

/// Inactivation.
#[inline(always)]
#[must_use]
pub fn h(v: f64, e: &mut impl Exponentials) -> Kinetics {
    let u = v + 10.0;
    Kinetics {
        inf: e.boltzmann((u + 80.0) / 6.4),
        tau: (20.0 + 50.0 / (1.0 + e.exp((u + 40.0) / 7.0))) / QT,
    }
}
