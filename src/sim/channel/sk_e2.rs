//! SK_E2, small-conductance potassium that calcium activates.

use super::about::{About, Gating, Ion, Model};
use super::kinetics::Kinetics;
use crate::sim::math::{Exponentials, pow};

/// Calcium concentration at which half of SK_E2 is open, mM.
pub const HALF_MM: f64 = 0.000_43;
/// Hill coefficient of SK_E2.
pub const HILL: f64 = 4.8;

/// SK_E2 (Köhler et al. 1996); no temperature factor.
#[derive(Debug)]
pub struct SkE2;

impl Model for SkE2 {
    const ABOUT: About = About {
        name: "SK_E2",
        ion: Ion::Potassium,
        gating: Gating::Calcium,
        exponentials: 0,
        g_bar: 0.099_65,
        source: "Köhler et al. 1996",
    };

    #[inline(always)]
    fn by_voltage(_: f64, _: &mut impl Exponentials, _: &mut impl FnMut(Kinetics)) {}

    #[inline(always)]
    fn by_calcium(cai: f64) -> Option<Kinetics> {
        Some(z(cai))
    }
}

/// Activation by calcium (mM).
#[inline]
#[must_use]
pub fn z(cai: f64) -> Kinetics {
    let ca = if cai < 1e-7 { cai + 1e-7 } else { cai };
    Kinetics { inf: 1.0 / (1.0 + pow(HALF_MM / ca, HILL)), tau: 1.0 }
}
