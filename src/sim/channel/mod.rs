//! The soma's ion channels (Hay et al. 2011, *PLoS Comput Biol* 7:e1002107, somatic and axonal sets).
//!
//! Each gate relaxes to `inf(v)` with time constant `tau(v)`; a channel's current density is
//! `g_bar · m^p · h^q · (v - e_rev)`. The rates are the published ones, their 0/0 singularities removed with
//! [`exprelr`](super::math::exprelr). Their arithmetic keeps the order in which the field's NMODL files write it, so
//! that a rate has the same last digit here as in NEURON.

pub mod calcium;
pub mod cation;
mod kinetics;
pub mod potassium;
pub mod sodium;

use serde::{Deserialize, Serialize};

pub use kinetics::Kinetics;

use super::math::{Collect, Exponentials, OneByOne, Replay, exp_each, fourth_power};

/// The eleven channels, in the order in which NEURON sums their currents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Channel {
    /// High-voltage-activated calcium.
    #[serde(rename = "Ca_HVA")]
    CaHva,
    /// Low-voltage-activated calcium.
    #[serde(rename = "Ca_LVAst")]
    CaLvast,
    /// Hyperpolarisation-activated cations.
    Ih,
    /// Muscarinic (slow, non-inactivating) potassium.
    Im,
    /// Persistent potassium.
    #[serde(rename = "K_Pst")]
    KPst,
    /// Transient potassium.
    #[serde(rename = "K_Tst")]
    KTst,
    /// Transient sodium of the axon.
    #[serde(rename = "NaTa_t")]
    NaTa,
    /// Transient sodium of the soma.
    #[serde(rename = "NaTs2_t")]
    NaTs2,
    /// Persistent sodium.
    #[serde(rename = "Nap_Et2")]
    NapEt2,
    /// Small-conductance calcium-activated potassium.
    #[serde(rename = "SK_E2")]
    SkE2,
    /// Fast, non-inactivating Kv3.1 potassium.
    #[serde(rename = "SKv3_1")]
    Skv31,
}

/// A gating variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)] // each is its channel's m, h or z
pub enum Gate {
    CaHvaM,
    CaHvaH,
    CaLvastM,
    CaLvastH,
    IhM,
    ImM,
    KPstM,
    KPstH,
    KTstM,
    KTstH,
    NaTaM,
    NaTaH,
    NaTs2M,
    NaTs2H,
    NapEt2M,
    NapEt2H,
    Skv31M,
    SkE2Z,
}

/// The number of gates that follow the voltage; the last of [`Gate`], SK_E2's z, follows calcium.
pub const VOLTAGE_GATES: usize = 17;
/// The number of gates.
pub const GATES: usize = VOLTAGE_GATES + 1;

/// The state of every gate (0..1), indexed by [`Gate`].
pub type GateState = [f64; GATES];

/// The kinetics of the gates that follow the voltage at `v` mV, indexed by [`Gate`].
#[must_use]
pub fn voltage_kinetics(v: f64) -> [Kinetics; VOLTAGE_GATES] {
    kinetics(v, &mut OneByOne)
}

/// [`voltage_kinetics`] with all of its exponentials taken at once, with the same bits.
#[inline(always)]
pub(crate) fn voltage_kinetics_at_once(v: f64) -> [Kinetics; VOLTAGE_GATES] {
    let mut exponents = [0.0; EXPONENTIALS];
    // the kinetics computed beside the exponents are not used, and the compiler drops them
    let _ = kinetics(v, &mut Collect { exponents: &mut exponents, next: 0 });
    exp_each(&mut exponents);
    kinetics(v, &mut Replay { values: &exponents, next: 0 })
}

/// The number of exponentials in the rates of all gates, rounded up to whole vectors.
const EXPONENTIALS: usize = 40;

#[inline(always)]
fn kinetics(v: f64, e: &mut impl Exponentials) -> [Kinetics; VOLTAGE_GATES] {
    [
        calcium::ca_hva_m(v, e),
        calcium::ca_hva_h(v, e),
        calcium::ca_lvast_m(v, e),
        calcium::ca_lvast_h(v, e),
        cation::ih_m(v, e),
        potassium::im_m(v, e),
        potassium::k_pst_m(v, e),
        potassium::k_pst_h(v, e),
        potassium::k_tst_m(v, e),
        potassium::k_tst_h(v, e),
        sodium::na_ta_m(v, e),
        sodium::na_ta_h(v, e),
        sodium::na_ts2_m(v, e),
        sodium::na_ts2_h(v, e),
        sodium::nap_et2_m(v, e),
        sodium::nap_et2_h(v, e),
        potassium::skv3_1_m(v, e),
    ]
}

impl Channel {
    /// All channels, in NEURON's order.
    pub const ALL: [Self; 11] = [
        Self::CaHva,
        Self::CaLvast,
        Self::Ih,
        Self::Im,
        Self::KPst,
        Self::KTst,
        Self::NaTa,
        Self::NaTs2,
        Self::NapEt2,
        Self::SkE2,
        Self::Skv31,
    ];

    /// The channel's name in the field, which is also its JSON key.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CaHva => "Ca_HVA",
            Self::CaLvast => "Ca_LVAst",
            Self::Ih => "Ih",
            Self::Im => "Im",
            Self::KPst => "K_Pst",
            Self::KTst => "K_Tst",
            Self::NaTa => "NaTa_t",
            Self::NaTs2 => "NaTs2_t",
            Self::NapEt2 => "Nap_Et2",
            Self::SkE2 => "SK_E2",
            Self::Skv31 => "SKv3_1",
        }
    }

    /// The channel's maximal conductance density, S/cm².
    #[must_use]
    pub const fn g_bar(self) -> f64 {
        match self {
            Self::CaHva => 6.44e-4,
            Self::CaLvast => 5.57e-4,
            Self::Ih => 7.5e-5,
            Self::Im => 8e-6,
            Self::KPst => 0.188_851,
            Self::KTst => 0.077_274,
            Self::NaTa => 3.896_18,
            Self::NaTs2 => 0.998_912,
            Self::NapEt2 => 0.005_834,
            Self::SkE2 => 0.099_65,
            Self::Skv31 => 0.338_029,
        }
    }

    /// The channel's activation gate, and its inactivation gate where it has one.
    #[must_use]
    pub const fn gates(self) -> (Gate, Option<Gate>) {
        match self {
            Self::CaHva => (Gate::CaHvaM, Some(Gate::CaHvaH)),
            Self::CaLvast => (Gate::CaLvastM, Some(Gate::CaLvastH)),
            Self::Ih => (Gate::IhM, None),
            Self::Im => (Gate::ImM, None),
            Self::KPst => (Gate::KPstM, Some(Gate::KPstH)),
            Self::KTst => (Gate::KTstM, Some(Gate::KTstH)),
            Self::NaTa => (Gate::NaTaM, Some(Gate::NaTaH)),
            Self::NaTs2 => (Gate::NaTs2M, Some(Gate::NaTs2H)),
            Self::NapEt2 => (Gate::NapEt2M, Some(Gate::NapEt2H)),
            Self::SkE2 => (Gate::SkE2Z, None),
            Self::Skv31 => (Gate::Skv31M, None),
        }
    }

    /// The channel's conductance density (S/cm²) at the maximal conductance `g_bar` (S/cm²) and the state of its gates.
    #[inline]
    #[must_use]
    pub fn conductance(self, g_bar: f64, gates: &GateState) -> f64 {
        let (m, h) = self.gates();
        let m = gates[m as usize];
        let h = h.map_or(1.0, |h| gates[h as usize]);
        match self {
            Self::Ih | Self::Im | Self::SkE2 | Self::Skv31 => g_bar * m,
            Self::CaHva | Self::CaLvast | Self::KPst => g_bar * m * m * h,
            Self::NaTa | Self::NaTs2 | Self::NapEt2 => g_bar * m * m * m * h,
            Self::KTst => g_bar * fourth_power(m) * h,
        }
    }

    /// The channel's reversal potential, mV; calcium's is the Nernst potential `e_ca`.
    #[inline]
    #[must_use]
    pub const fn e_rev(self, e_ca: f64) -> f64 {
        match self {
            Self::CaHva | Self::CaLvast => e_ca,
            Self::Ih => cation::E_H,
            Self::Im | Self::KPst | Self::KTst | Self::SkE2 | Self::Skv31 => potassium::E_K,
            Self::NaTa | Self::NaTs2 | Self::NapEt2 => sodium::E_NA,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_once_has_the_bits_of_one_by_one() {
        for i in -12_000..8_000 {
            let v = f64::from(i) * 0.01;
            assert_eq!(voltage_kinetics_at_once(v), voltage_kinetics(v), "{v} mV");
        }
    }
}
