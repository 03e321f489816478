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
use crate::sim::channel::{CHANNELS, Channel, VOLTAGE_GATES};

/// Columns of channels.
pub(super) const WIDTH: usize = 8;
/// Columns of the channels with a single gate: the last four.
const HALF: usize = WIDTH / 2;

/// The column of each channel with gates that follow the voltage.
const COLUMNS: [(Channel, usize); 10] = [
    (Channel::NaTa, 0),
    (Channel::NaTs2, 1),
    (Channel::NapEt2, 2),
    (Channel::CaHva, 3),
    (Channel::KPst, 4),
    (Channel::KTst, 5),
    (Channel::CaLvast, 7),
    (Channel::Im, 4),
    (Channel::Skv31, 5),
    (Channel::Ih, 6),
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
        for (channel, column) in COLUMNS {
            let (m, h) = channel.gates();
            match h {
                Some(h) => {
                    all.m[column] = values[m.index()];
                    all.h[column] = values[h.index()];
                }
                None => all.alone[column - HALF] = values[m.index()],
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
    pub(super) fn new(g_bar: &[f64; CHANNELS]) -> Self {
        let zero = [T::ZERO; WIDTH];
        let mut all = Self { g_bar: zero, power: [zero; 3], g_bar_alone: [T::ZERO; HALF] };
        for (channel, column) in COLUMNS {
            let (g, gating) = (T::of(g_bar[channel as usize]), channel.about().gating);
            if gating.inactivates() {
                all.g_bar[column] = g;
                all.power[gating.power() as usize - 2][column] = T::ONE;
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
    use crate::sim::channel::{GATES, Gating, Ion};

    #[test]
    fn conductances_are_those_of_the_channels() {
        let g_bar: [f64; CHANNELS] = std::array::from_fn(|i| 0.1 + 0.07 * i as f64);
        let state: [f64; GATES] = std::array::from_fn(|i| 0.3 + 0.03 * i as f64);
        let gates = Gates::new(&std::array::from_fn(|i| state[i]));
        let open = Conductors::<f64>::new(&g_bar).open(&gates);
        let found = by_ion(|c| open[c]);
        let ions = [Ion::Calcium, Ion::Sodium, Ion::Potassium, Ion::Cations];
        for (found, ion) in found.into_iter().zip(ions) {
            let of_ion = |c: &Channel| c.about().ion == ion && c.about().gating != Gating::Calcium;
            let expected: f64 = Channel::ALL
                .into_iter()
                .filter(of_ion)
                .map(|c| c.conductance(g_bar[c as usize], &state))
                .sum();
            // both sums differ by a handful of roundings
            assert!((found / expected - 1.0).abs() < 1e-14, "{ion:?}: {found}, not {expected}");
        }
    }
}
