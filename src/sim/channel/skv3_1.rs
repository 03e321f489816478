//! SKv3_1, fast, non-inactivating Kv3.1 potassium.

use super::about::{About, Gating, Ion, Model};
use super::kinetics::Kinetics;
use crate::sim::math::Exponentials;

/// SKv3_1 (Rettig et al. 1992); no temperature factor.
#[derive(Debug)]
pub struct Skv31;

impl Model for Skv31 {
    const ABOUT: About = About {
        name: "SKv3_1",
        ion: Ion::Potassium,
        gating: Gating::Voltage { m: 1, h: false },
        exponentials: 2,
        g_bar: 0.338_029,
        source: "Rettig et al. 1992",
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
    Kinetics {
        inf: e.boltzmann((v - 18.7) / -9.7),
        tau: 0.2 * 20.0 / (1.0 + e.exp((v + 46.56) / -44.14)),
    }
}
