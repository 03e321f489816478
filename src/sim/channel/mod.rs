//! The ion channels of Hay et al. (2011, *PLoS Comput Biol* 7:e1002107), each described in a file of its own.
//!
//! Each gate relaxes to `inf(v)` with time constant `tau(v)`; a channel's current density is
//! `g_bar · m^p · h^q · (v - e_rev)`. The rates are the published ones, their 0/0 singularities removed with
//! [`exprelr`](super::math::exprelr). Their arithmetic keeps the order in which the field's NMODL files write it, so
//! that a rate has the same last digit here as in NEURON.
//!
//! A file says of its channel what [`About`] holds, and the kinetics of its gates; its line in the list below
//! registers it. Orders, counts, names and loops follow from that list.

mod about;
pub mod ca_hva;
pub mod ca_lvast;
pub mod ih;
pub mod im;
pub mod k_pst;
pub mod k_tst;
mod kinetics;
pub mod na_ta;
pub mod na_ts2;
pub mod name;
pub mod nap_et2;
pub mod pool;
mod registry;
pub mod sk_e2;
pub mod skv3_1;

pub use about::{About, E_H, E_K, E_NA, Gating, Ion, Model};
pub use kinetics::Kinetics;
pub(crate) use registry::Visit;

use super::math::{Collect, Exponentials, OneByOne, Replay, exp_each};

registry::channels! {
    /// High-voltage-activated calcium.
    CaHva = ca_hva,
    /// Low-voltage-activated calcium.
    CaLvast = ca_lvast,
    /// Hyperpolarisation-activated cations.
    Ih = ih,
    /// Muscarinic (slow, non-inactivating) potassium.
    Im = im,
    /// Persistent potassium.
    KPst = k_pst,
    /// Transient potassium.
    KTst = k_tst,
    /// Transient sodium of the axon.
    NaTa = na_ta,
    /// Transient sodium of the soma.
    NaTs2 = na_ts2,
    /// Persistent sodium.
    NapEt2 = nap_et2,
    /// Small-conductance calcium-activated potassium.
    SkE2 = sk_e2,
    /// Fast, non-inactivating Kv3.1 potassium.
    Skv31 = skv3_1,
}

/// The number of channels.
pub const CHANNELS: usize = Channel::ALL.len();
/// The number of gates that follow the voltage; they come first, channel after channel, each one's m before its h.
pub const VOLTAGE_GATES: usize = registry::count_by_voltage(ABOUT, CHANNELS);
/// The number of gates; those that follow calcium come last.
pub const GATES: usize = VOLTAGE_GATES + CALCIUM_GATES;
/// The number of gates that follow calcium.
pub const CALCIUM_GATES: usize = registry::count_by_calcium(ABOUT, CHANNELS);
/// The number of exponentials in the rates of all gates, rounded up to whole vectors.
const EXPONENTIALS: usize = registry::count_exponentials(ABOUT).next_multiple_of(8);
/// The most exponentials that the rates of one channel take.
pub(crate) const MOST_EXPONENTIALS: usize = registry::most_exponentials(ABOUT);

/// A gating variable: its place in a [`GateState`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gate(usize);

impl Gate {
    /// Its place among all gates.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0
    }

    /// Its place among the gates that follow calcium.
    pub(crate) const fn after_voltage(self) -> usize {
        self.0 - VOLTAGE_GATES
    }
}

/// The state of every gate (0..1), indexed by [`Gate`].
pub type GateState = [f64; GATES];

/// The gates of each channel.
const PLACES: [(Gate, Option<Gate>); CHANNELS] = {
    let (mut places, mut i) = ([(Gate(0), None); CHANNELS], 0);
    while i < CHANNELS {
        let gating = ABOUT[i].gating;
        let first = match gating {
            Gating::Voltage { .. } => registry::count_by_voltage(ABOUT, i),
            Gating::Calcium => VOLTAGE_GATES + registry::count_by_calcium(ABOUT, i),
        };
        let second = if gating.inactivates() { Some(Gate(first + 1)) } else { None };
        places[i] = (Gate(first), second);
        i += 1;
    }
    places
};

impl Channel {
    /// The channel's name in the field, which is also its JSON key.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.about().name
    }

    /// The channel's maximal conductance density in the built-in soma, S/cm².
    #[must_use]
    pub const fn g_bar(self) -> f64 {
        self.about().g_bar
    }

    /// The channel's activation gate, and its inactivation gate where it has one.
    #[must_use]
    pub const fn gates(self) -> (Gate, Option<Gate>) {
        PLACES[self as usize]
    }

    /// The channel's reversal potential, mV; calcium's is the Nernst potential `e_ca`.
    #[inline]
    #[must_use]
    pub const fn e_rev(self, e_ca: f64) -> f64 {
        self.about().ion.e_rev(e_ca)
    }

    /// The channel's conductance density (S/cm²) at the maximal conductance `g_bar` (S/cm²) and the state of its gates.
    #[inline]
    #[must_use]
    pub fn conductance(self, g_bar: f64, gates: &GateState) -> f64 {
        let (m, h) = self.gates();
        let h = h.map_or(1.0, |h| gates[h.index()]);
        self.conductance_of(g_bar, gates[m.index()], h)
    }

    /// The channel's conductance density (S/cm²) with these gates; `h` is not used where it does not inactivate.
    #[inline]
    pub(crate) fn conductance_of(self, g_bar: f64, m: f64, h: f64) -> f64 {
        self.visit(Conductance { g_bar, m, h })
    }
}

/// The conductance of whichever channel is visited.
struct Conductance {
    g_bar: f64,
    m: f64,
    h: f64,
}

impl Visit for Conductance {
    type Found = f64;

    #[inline(always)]
    fn visit<M: Model>(self) -> f64 {
        M::conductance(self.g_bar, self.m, self.h)
    }
}

/// The kinetics of the gates that follow the voltage at `v` mV, indexed by [`Gate`].
#[must_use]
pub fn voltage_kinetics(v: f64) -> [Kinetics; VOLTAGE_GATES] {
    kinetics(v, &mut OneByOne)
}

/// The kinetics of the gates that follow calcium at `cai` mM inside, in the order of their [`Gate`]s.
#[must_use]
pub fn calcium_kinetics(cai: f64) -> [Kinetics; CALCIUM_GATES] {
    let mut all = [Kinetics { inf: 0.0, tau: 0.0 }; CALCIUM_GATES];
    let mut next = 0;
    each_by_calcium(cai, &mut |kinetics| {
        all[next] = kinetics;
        next += 1;
    });
    all
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

#[inline(always)]
fn kinetics(v: f64, e: &mut impl Exponentials) -> [Kinetics; VOLTAGE_GATES] {
    let mut all = [Kinetics { inf: 0.0, tau: 0.0 }; VOLTAGE_GATES];
    let mut next = 0;
    each_by_voltage(v, e, &mut |kinetics| {
        all[next] = kinetics;
        next += 1;
    });
    all
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

    /// NEURON adds currents in the order in which mechanisms were compiled: by name.
    #[test]
    fn channels_stand_in_the_order_of_their_names() {
        assert!(Channel::ALL.map(Channel::name).is_sorted());
        for (i, channel) in Channel::ALL.into_iter().enumerate() {
            assert_eq!(channel as usize, i);
            assert_eq!(channel.name().parse(), Ok(channel));
        }
    }

    #[test]
    fn every_gate_has_a_place_of_its_own() {
        let gates = |c: Channel| [Some(c.gates().0), c.gates().1];
        let mut places: Vec<_> =
            Channel::ALL.into_iter().flat_map(gates).flatten().map(Gate::index).collect();
        places.sort_unstable();
        assert!(places.into_iter().eq(0..GATES));
    }

    struct Described;

    impl Visit for Described {
        type Found = ();

        fn visit<M: Model>(self) {
            let mut exponents = [0.0; 2 * MOST_EXPONENTIALS];
            let mut collect = Collect { exponents: &mut exponents, next: 0 };
            let mut gates = 0;
            M::by_voltage(-60.0, &mut collect, &mut |_| gates += 1);
            assert_eq!(collect.next, M::ABOUT.exponentials, "{}", M::ABOUT.name);
            assert_eq!(gates, M::ABOUT.gating.by_voltage(), "{}", M::ABOUT.name);
            let by_calcium = matches!(M::ABOUT.gating, Gating::Calcium);
            assert_eq!(M::by_calcium(1e-4).is_some(), by_calcium, "{}", M::ABOUT.name);
        }
    }

    #[test]
    fn channels_are_as_they_are_described() {
        Channel::ALL.into_iter().for_each(|channel| channel.visit(Described));
    }
}
