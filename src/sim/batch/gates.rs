//! A neuron's gates side by side, in an order in which the channels' conductances are products of whole vectors.
//!
//! Channels stand in columns, so that the conductances of channels with two gates and with one add up column by column:
//!
//! | | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 |
//! |---|---|---|---|---|---|---|---|---|
//! | m, h | NaTa | NaTs2 | Nap | Ca_HVA | K_Pst | K_Tst | | Ca_LVA |
//! | m alone | | | | | Im | SKv3_1 | Ih | |

#![allow(clippy::needless_range_loop)] // the index is a column, the same one in many arrays

use super::real::Real;
use crate::sim::channel::{Channel, Gate, VOLTAGE_GATES};

/// Columns of channels.
pub(super) const WIDTH: usize = 8;
/// Columns of the channels with a single gate: the last four.
const HALF: usize = WIDTH / 2;

/// Each channel with voltage gates: the channel, its column, its activation and inactivation gates, and the power of m.
const CHANNELS: [(Channel, usize, Gate, Option<Gate>, usize); 10] = [
    (Channel::NaTa, 0, Gate::NaTaM, Some(Gate::NaTaH), 3),
    (Channel::NaTs2, 1, Gate::NaTs2M, Some(Gate::NaTs2H), 3),
    (Channel::NapEt2, 2, Gate::NapEt2M, Some(Gate::NapEt2H), 3),
    (Channel::CaHva, 3, Gate::CaHvaM, Some(Gate::CaHvaH), 2),
    (Channel::KPst, 4, Gate::KPstM, Some(Gate::KPstH), 2),
    (Channel::KTst, 5, Gate::KTstM, Some(Gate::KTstH), 4),
    (Channel::CaLvast, 7, Gate::CaLvastM, Some(Gate::CaLvastH), 2),
    (Channel::Im, 4, Gate::ImM, None, 1),
    (Channel::Skv31, 5, Gate::Skv31M, None, 1),
    (Channel::Ih, 6, Gate::IhM, None, 1),
];

/// One value per gate, in three vectors.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, align(64))]
pub(super) struct Gates<T> {
    /// Activation of the channels that have an inactivation too.
    pub(super) m: [T; WIDTH],
    /// Inactivation of these channels.
    pub(super) h: [T; WIDTH],
    /// Activation of the channels without inactivation, from column [`HALF`] on.
    pub(super) alone: [T; HALF],
}

impl<T: Real> Gates<T> {
    pub(super) const ZERO: Self =
        Self { m: [T::ZERO; WIDTH], h: [T::ZERO; WIDTH], alone: [T::ZERO; HALF] };

    /// The three vectors of values that are indexed by [`Gate`].
    pub(super) fn new(values: &[T; VOLTAGE_GATES]) -> Self {
        let mut all = Self::ZERO;
        for (_, column, m, h, _) in CHANNELS {
            match h {
                Some(h) => {
                    all.m[column] = values[m as usize];
                    all.h[column] = values[h as usize];
                }
                None => all.alone[column - HALF] = values[m as usize],
            }
        }
        all
    }
}

/// The constants by which gates become conductances.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Conductors<T> {
    /// Conductance of the channels with two gates, S/cm².
    g_bar: [T; WIDTH],
    /// Weights of the factors 1, m and m² of m²: for each channel one weight is 1 and the others are 0.
    power: [[T; WIDTH]; 3],
    /// Conductance of the channels with one gate, S/cm².
    g_bar_alone: [T; HALF],
}

impl<T: Real> Conductors<T> {
    /// The constants of maximal conductances (S/cm²) that are indexed by [`Channel`].
    pub(super) fn new(g_bar: &[f64; 11]) -> Self {
        let zero = [T::ZERO; WIDTH];
        let mut all = Self { g_bar: zero, power: [zero; 3], g_bar_alone: [T::ZERO; HALF] };
        for (channel, column, _, h, power) in CHANNELS {
            let g = T::of(g_bar[channel as usize]);
            if h.is_some() {
                all.g_bar[column] = g;
                all.power[power - 2][column] = T::ONE;
            } else {
                all.g_bar_alone[column - HALF] = g;
            }
        }
        all
    }

    /// The open conductances of a neuron's gates, one a column, S/cm².
    #[inline(always)]
    pub(super) fn open(&self, gates: &Gates<T>) -> [T; WIDTH] {
        let mut open = [T::ZERO; WIDTH];
        for c in 0..WIDTH {
            let (m, h) = (gates.m[c], gates.h[c]);
            let square = m * m;
            let rest = self.power[0][c] + self.power[1][c] * m + self.power[2][c] * square;
            open[c] = self.g_bar[c] * square * (rest * h);
        }
        for c in 0..HALF {
            open[HALF + c] += self.g_bar_alone[c] * gates.alone[c];
        }
        open
    }
}

/// Open conductances by ion, S/cm²: calcium, sodium, potassium (SK_E2 aside) and Ih, each a sum of columns.
#[inline(always)]
pub(super) fn by_ion<T: Real>(column: impl Fn(usize) -> T) -> [T; 4] {
    let ca = column(3) + column(7);
    let na = column(0) + column(1) + column(2);
    let k = column(4) + column(5);
    [ca, na, k, column(6)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conductances_are_those_of_the_channels() {
        let g_bar: [f64; 11] = std::array::from_fn(|i| 0.1 + 0.07 * i as f64);
        let gate = |gate: Gate| 0.3 + 0.03 * gate as usize as f64;
        let gates = Gates::new(&std::array::from_fn(|i| 0.3 + 0.03 * i as f64));
        let open = Conductors::<f64>::new(&g_bar).open(&gates);
        let [ca, na, k, h] = by_ion(|c| open[c]);
        let g = |channel: Channel| g_bar[channel as usize];
        let expected = [
            g(Channel::CaHva) * gate(Gate::CaHvaM).powi(2) * gate(Gate::CaHvaH)
                + g(Channel::CaLvast) * gate(Gate::CaLvastM).powi(2) * gate(Gate::CaLvastH),
            g(Channel::NaTa) * gate(Gate::NaTaM).powi(3) * gate(Gate::NaTaH)
                + g(Channel::NaTs2) * gate(Gate::NaTs2M).powi(3) * gate(Gate::NaTs2H)
                + g(Channel::NapEt2) * gate(Gate::NapEt2M).powi(3) * gate(Gate::NapEt2H),
            g(Channel::Im) * gate(Gate::ImM)
                + g(Channel::KPst) * gate(Gate::KPstM).powi(2) * gate(Gate::KPstH)
                + g(Channel::KTst) * gate(Gate::KTstM).powi(4) * gate(Gate::KTstH)
                + g(Channel::Skv31) * gate(Gate::Skv31M),
            g(Channel::Ih) * gate(Gate::IhM),
        ];
        for (found, expected) in [ca, na, k, h].into_iter().zip(expected) {
            // both sums differ by a handful of roundings
            assert!((found / expected - 1.0).abs() < 1e-14, "{found}, not {expected}");
        }
    }
}
