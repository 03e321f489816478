//! A neuron's gates side by side, in an order in which the channels' conductances are products of whole vectors.
//!
//! Channels stand in columns, so that the conductances of channels with two gates and with one add up column by column,
//! and every column is of one ion. Of today's channels:
//!
//! | | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 |
//! |---|---|---|---|---|---|---|---|---|
//! | m, h | NaTa | NaTs2 | Nap | Ca_HVA | K_Pst | K_Tst | | Ca_LVA |
//! | m alone | | | | | Im | SKv3_1 | Ih | |

#![allow(clippy::needless_range_loop)] // the index is a column, the same one in many arrays

use super::real::Real;
use crate::sim::channel::{CHANNELS, Channel, Gating, Ion, VOLTAGE_GATES};

/// Columns of channels.
pub(super) const WIDTH: usize = 8;
/// Columns of the channels with a single gate: the last four.
const HALF: usize = WIDTH / 2;

/// The ions, in the order in which their channels take columns.
const IONS: [Ion; 4] = [Ion::Sodium, Ion::Potassium, Ion::Calcium, Ion::Cations];

/// The column of each channel with gates that follow the voltage, and the ion of each column.
struct Columns {
    of: [Option<usize>; CHANNELS],
    ion: [Option<Ion>; WIDTH],
}

const COLUMNS: Columns = columns();

/// Ion after ion: the channels with one gate take the last columns, then those with two take columns of their ion, and
/// where none is free the first that no other ion has. A list of channels for which there are too few columns does not
/// compile.
const fn columns() -> Columns {
    let mut columns = Columns { of: [None; CHANNELS], ion: [None; WIDTH] };
    let mut taken = [false; WIDTH]; // by a channel with two gates
    let mut lone = HALF;
    let mut pass = 0;
    while pass < 2 * IONS.len() {
        let (inactivates, ion) = (pass >= IONS.len(), IONS[pass % IONS.len()]);
        let mut i = 0;
        while i < CHANNELS {
            let about = Channel::ALL[i].about();
            let voltage = matches!(about.gating, Gating::Voltage { .. });
            if voltage && about.gating.inactivates() == inactivates && about.ion as u8 == ion as u8
            {
                let power = about.gating.power();
                // what `Conductors` computes
                assert!(if inactivates { 2 <= power && power <= 4 } else { power == 1 });
                let column =
                    if inactivates { free_column(&taken, &columns.ion, ion) } else { lone };
                if inactivates {
                    taken[column] = true;
                } else {
                    lone += 1;
                }
                columns.of[i] = Some(column);
                columns.ion[column] = Some(ion);
            }
            i += 1;
        }
        pass += 1;
    }
    columns
}

/// The first free column of an ion, else the first that no ion has.
const fn free_column(taken: &[bool; WIDTH], ions: &[Option<Ion>; WIDTH], ion: Ion) -> usize {
    let mut nobodys = WIDTH;
    let mut c = WIDTH;
    while c > 0 {
        c -= 1;
        if ions[c].is_none() {
            nobodys = c;
        }
    }
    let mut c = 0;
    while c < WIDTH {
        if let Some(its) = ions[c]
            && its as u8 == ion as u8
            && !taken[c]
        {
            return c;
        }
        c += 1;
    }
    nobodys
}

/// The channels that have a column, and which.
fn with_columns() -> impl Iterator<Item = (Channel, usize)> {
    Channel::ALL.into_iter().zip(COLUMNS.of).filter_map(|(channel, at)| Some((channel, at?)))
}

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
        for (channel, column) in with_columns() {
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
        for (channel, column) in with_columns() {
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

/// Open conductances of each of [`BY_ION`] (SK_E2 aside), S/cm², each a sum of columns.
#[inline(always)]
pub(super) fn by_ion<T: Real>(column: impl Fn(usize) -> T) -> [T; 4] {
    let mut sums = [None; 4];
    for (sum, ion) in sums.iter_mut().zip(BY_ION) {
        for c in 0..WIDTH {
            if COLUMNS.ion[c] == Some(ion) {
                *sum = Some(match *sum {
                    None => column(c),
                    Some(sum) => sum + column(c),
                });
            }
        }
    }
    sums.map(|sum| sum.unwrap_or(T::ZERO))
}

/// The ions in the order of [`by_ion`].
pub(super) const BY_ION: [Ion; 4] = [Ion::Calcium, Ion::Sodium, Ion::Potassium, Ion::Cations];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::channel::GATES;

    /// The sums of conductances have the bits that they always had only where the channels stand where they always stood.
    #[test]
    fn channels_stand_in_their_columns() {
        use Channel::{CaHva, CaLvast, Ih, Im, KPst, KTst, NaTa, NaTs2, NapEt2, Skv31};
        let expected = [
            (CaHva, 3),
            (CaLvast, 7),
            (Ih, 6),
            (Im, 4),
            (KPst, 4),
            (KTst, 5),
            (NaTa, 0),
            (NaTs2, 1),
            (NapEt2, 2),
            (Skv31, 5),
        ];
        assert!(with_columns().eq(expected));
    }

    #[test]
    fn conductances_are_those_of_the_channels() {
        let g_bar: [f64; CHANNELS] = std::array::from_fn(|i| 0.1 + 0.07 * i as f64);
        let state: [f64; GATES] = std::array::from_fn(|i| 0.3 + 0.03 * i as f64);
        let gates = Gates::new(&std::array::from_fn(|i| state[i]));
        let open = Conductors::<f64>::new(&g_bar).open(&gates);
        let found = by_ion(|c| open[c]);
        for (found, ion) in found.into_iter().zip(BY_ION) {
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
