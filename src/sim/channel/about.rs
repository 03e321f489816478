//! What there is to say of a channel beside its kinetics.

use super::kinetics::Kinetics;
use crate::sim::math::{Exponentials, fourth_power};

/// Reversal potential of sodium, mV.
pub const E_NA: f64 = 50.0;
/// Reversal potential of potassium, mV.
pub const E_K: f64 = -85.0;
/// Reversal potential of Ih, mV.
pub const E_H: f64 = -45.0;

/// What a channel lets through, which decides its reversal potential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ion {
    /// Sodium.
    Sodium,
    /// Potassium.
    Potassium,
    /// Calcium, whose reversal potential depends on its concentration inside.
    Calcium,
    /// Sodium and potassium, in the proportion of Ih.
    Cations,
}

impl Ion {
    /// The reversal potential, mV; calcium's is `e_ca`.
    #[inline(always)]
    #[must_use]
    pub const fn e_rev(self, e_ca: f64) -> f64 {
        match self {
            Self::Sodium => E_NA,
            Self::Potassium => E_K,
            Self::Calcium => e_ca,
            Self::Cations => E_H,
        }
    }
}

/// A channel's gates, by what they follow: its conductance is `g_bar · m^power`, times h where there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Gating {
    /// m follows the voltage.
    Voltage {
        /// The power of m.
        m: u32,
        /// Whether there is an inactivation h.
        h: bool,
    },
    /// A single gate z follows calcium.
    Calcium,
}

impl Gating {
    /// The power of the activation.
    #[must_use]
    pub const fn power(self) -> u32 {
        match self {
            Self::Voltage { m, .. } => m,
            Self::Calcium => 1,
        }
    }

    /// Whether there is an inactivation.
    #[must_use]
    pub const fn inactivates(self) -> bool {
        matches!(self, Self::Voltage { h: true, .. })
    }

    /// How many gates follow the voltage.
    #[must_use]
    pub const fn by_voltage(self) -> usize {
        match self {
            Self::Voltage { h, .. } => 1 + h as usize,
            Self::Calcium => 0,
        }
    }
}

/// A channel's description.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct About {
    /// Its name in the field, which is also its JSON key and that of NEURON's mechanism.
    pub name: &'static str,
    /// What it lets through.
    pub ion: Ion,
    /// Its gates.
    pub gating: Gating,
    /// How many exponentials the kinetics of its gates take.
    pub exponentials: usize,
    /// Maximal conductance density in the built-in soma, S/cm² (Hay et al. 2011).
    pub g_bar: f64,
    /// Where its kinetics were published.
    pub source: &'static str,
}

/// A channel: its description and the kinetics of its gates.
pub trait Model {
    /// Its description.
    const ABOUT: About;

    /// Hands on the kinetics of the gates that follow the voltage `v` (mV): of m, then of h.
    fn by_voltage(v: f64, e: &mut impl Exponentials, gate: &mut impl FnMut(Kinetics));

    /// The kinetics of the gate that follows the calcium inside (mM), where there is one.
    #[must_use]
    fn by_calcium(_cai: f64) -> Option<Kinetics> {
        None
    }

    /// The conductance density (S/cm²) at maximal conductance `g_bar` with these gates; `h` is not used where the
    /// channel does not inactivate.
    #[inline(always)]
    #[must_use]
    fn conductance(g_bar: f64, m: f64, h: f64) -> f64 {
        // NMODL writes m^4 as pow and the lower powers as products
        let open = match Self::ABOUT.gating.power() {
            1 => g_bar * m,
            2 => g_bar * m * m,
            3 => g_bar * m * m * m,
            _ => g_bar * fourth_power(m),
        };
        if Self::ABOUT.gating.inactivates() { open * h } else { open }
    }
}
