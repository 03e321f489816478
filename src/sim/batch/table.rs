//! Gates' propagators as functions of the voltage, or of calcium: tables.

use super::gates::Gates;
use super::real::Real;
use crate::sim::channel::{
    CALCIUM_GATES, Channel, Gating, Kinetics, VOLTAGE_GATES, calcium_kinetics, voltage_kinetics,
};
use crate::sim::math::exp;
use crate::simd::Pair;

/// The gates on one interval of the voltage: two numbers, each given by its value at the interval's start and its rise
/// along the interval. Where equations are solved for the new voltage, they are `drive` and `keep` of a step
/// `x ← drive + keep·x`, keep = e^(-dt/τ) and drive = (1 - keep)·x∞; in single precision, where keep would be too
/// coarse, they are x∞ and 1 - keep.
pub(super) type Row<T> = [Gates<T>; 4];

/// The intervals of a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid<T> {
    start: T,
    per_unit: T,
    last: T,
}

/// Width of an interval, mV.
pub(super) const INTERVAL_MV: f64 = 0.125;

/// Width of an interval of the channels outside the built-in soma, mV: half the memory, and an error four times as large,
/// of which voltages show nothing.
const CHANNEL_INTERVAL_MV: f64 = 0.25;

/// Voltages (mV) that a table covers, besides the resting one ± 10 mV. The reversal potentials are -85..50 mV, and only
/// calcium, with a hundredth of the conductance, drives the soma beyond them. Outside, the gates behave as at the
/// nearer end.
const COVERED_MV: (f64, f64) = (-110.0, 90.0);

/// Width of an interval of the logarithm of calcium (mM). SK_E2's gate is within 2e-5 of its formula by it.
const INTERVAL_LN: f64 = 1.0 / 128.0;

/// Logarithms of calcium (mM) that a table covers: from 1e-8 mM, which is less than what any pool rests at, to 1 mM, at
/// which SK_E2 is open but for 1e-16.
const COVERED_LN: (f64, f64) = (-18.5, 0.0);

/// The first interval of a table over these numbers, and how many there are.
fn intervals((from, to): (f64, f64), interval: f64) -> (f64, usize) {
    let (first, end) = ((from / interval).floor(), (to / interval).ceil());
    (first, (end - first) as usize)
}

/// The voltages that a table covers.
fn covered(e_pas_mv: f64) -> (f64, f64) {
    (COVERED_MV.0.min(e_pas_mv - 10.0), COVERED_MV.1.max(e_pas_mv + 10.0))
}

impl<T: Real> Grid<T> {
    fn new(first: f64, n: usize, interval: f64) -> Self {
        Self {
            start: T::of(first * interval),
            per_unit: T::of(1.0 / interval),
            last: T::of(n as f64 - 0.501),
        }
    }

    /// The interval in which `x` lies, and the share of the interval below `x`.
    #[inline(always)]
    pub(super) fn locate(&self, x: T) -> (u32, T) {
        let half = T::of(0.5);
        let x = (x - self.start) * self.per_unit - half;
        // NaN becomes -1/2 too, and so the first interval
        let x = if x > -half { x } else { -half };
        let x = if x < self.last - half { x } else { self.last - half };
        let (i, n) = x.nearest();
        (i, x + half - n)
    }
}

/// The two numbers by which a gate moves in a step.
fn propagator<T: Real>(k: Kinetics, dt_ms: f64) -> [f64; 2] {
    let keep = exp(-dt_ms / k.tau);
    if T::BY_CHANGE { [k.inf, 1.0 - keep] } else { [(1.0 - keep) * k.inf, keep] }
}

/// The lines of N gates on the interval from `from` to `from + 1` intervals, each by steps of its own.
///
/// A line has the mean of the function itself over the interval (by Simpson's rule). A chord would lie to one side of
/// the curve, and its error would add up from interval to interval as the voltage passes; this line's error cancels.
/// Knots lie at multiples of the interval's width, so that the corner of K_Pst's time constant (-60 mV) is on one.
fn lines<T: Real, const N: usize>(
    kinetics: impl Fn(f64) -> [Kinetics; N],
    (from, interval): (f64, f64),
    dt_ms: &[f64; N],
) -> [[T; N]; 4] {
    let at = |x: f64| {
        let kinetics = kinetics(x);
        std::array::from_fn::<_, N, _>(|gate| propagator::<T>(kinetics[gate], dt_ms[gate]))
    };
    let [from, middle, to] = [0.0, 0.5, 1.0].map(|f| (from + f) * interval);
    // at a corner the right end takes this interval's branch
    let (left, middle, right) = (at(from), at(middle), at(to.next_down()));
    let mut row = [[T::ZERO; N]; 4];
    for gate in 0..N {
        for what in 0..2 {
            let (a, m, b) = (left[gate][what], middle[gate][what], right[gate][what]);
            // the chord's mean minus the function's: ½(a + b) - (a + 4m + b)/6
            let above = (a + b - 2.0 * m) / 3.0;
            row[2 * what][gate] = T::of(a - above);
            row[2 * what + 1][gate] = T::of(b - a);
        }
    }
    row
}

/// The built-in soma's gates as straight lines on short intervals of the voltage.
#[derive(Debug, Clone)]
pub(super) struct GateTable<T> {
    rows: Vec<Row<T>>,
    grid: Grid<T>,
}

impl<T: Real> GateTable<T> {
    pub(super) fn new(dt_ms: f64, e_pas_mv: f64, interval_mv: f64) -> Self {
        let (first, n) = intervals(covered(e_pas_mv), interval_mv);
        let dt_ms = [dt_ms; VOLTAGE_GATES];
        let row = |i| lines(voltage_kinetics, (first + i as f64, interval_mv), &dt_ms);
        let rows = (0..n).map(|i| row(i).each_ref().map(Gates::new)).collect();
        Self { rows, grid: Grid::new(first, n, interval_mv) }
    }

    /// The interval in which `v` (mV) lies, and the share of the interval below `v`.
    #[inline(always)]
    pub(super) fn locate(&self, v: T) -> (u32, T) {
        self.grid.locate(v)
    }

    #[inline(always)]
    pub(super) fn rows(&self) -> &[Row<T>] {
        &self.rows
    }
}

/// How often slow gates and calcium's reversal potential move, ms, or at every step where that is longer. At four times as
/// much a cell that amplifies what is small was off by millivolts.
const SLOW_MS: f64 = 0.025;

/// A gate is slow whose time constant is longer than this many of its slow steps at every voltage of [`SLOW_RANGE`].
const SLOW: f64 = 1000.0;

/// Voltages at which a gate must be slow, mV.
const SLOW_RANGE: (f64, f64) = (-110.0, 50.0);

/// The gates of every channel, each channel's in a table of its own.
#[derive(Debug, Clone)]
pub(super) struct ChannelTables<T> {
    by_channel: Vec<ChannelTable<T>>,
    /// Intervals of the voltage, mV.
    pub(super) voltage: Grid<T>,
    /// Intervals of the logarithm of calcium, in mM.
    pub(super) ln_cai: Grid<T>,
    /// Steps of which slow gates take one.
    pub(super) every: usize,
}

/// A channel's gates.
#[derive(Debug, Clone)]
pub(super) struct ChannelTable<T> {
    /// The lines of m and h on every interval, as a [`Row`] has them; of a channel without h the second is not used.
    pub(super) rows: Vec<Pair<T>>,
    /// Whether m and h are slow.
    pub(super) slow: [bool; 2],
}

impl<T: Real> ChannelTables<T> {
    pub(super) fn new(samples_per_ms: usize, e_pas_mv: f64) -> Self {
        let dt_ms = 1.0 / samples_per_ms as f64;
        let every = ((SLOW_MS * samples_per_ms as f64) as usize).max(1);
        let slow_ms = every as f64 * dt_ms;
        let slow = slow_gates(slow_ms);
        let (first, n) = intervals(covered(e_pas_mv), CHANNEL_INTERVAL_MV);
        let (first_ln, n_ln) = intervals(COVERED_LN, INTERVAL_LN);
        let dt_ms = slow.map(|slow| if slow { slow_ms } else { dt_ms });
        let by_voltage: Vec<[[T; VOLTAGE_GATES]; 4]> = (0..n)
            .map(|i| lines(voltage_kinetics, (first + i as f64, CHANNEL_INTERVAL_MV), &dt_ms))
            .collect();
        let at = |ln_cai: f64| calcium_kinetics(exp(ln_cai));
        let by_calcium: Vec<[[T; CALCIUM_GATES]; 4]> = (0..n_ln)
            .map(|i| lines(at, (first_ln + i as f64, INTERVAL_LN), &[slow_ms; CALCIUM_GATES]))
            .collect();
        let table = |channel: Channel| {
            let (m, h) = channel.gates();
            let gates = [m, h.unwrap_or(m)].map(|gate| gate.index());
            match channel.about().gating {
                Gating::Voltage { .. } => ChannelTable {
                    rows: columns(&by_voltage, gates),
                    slow: gates.map(|gate| slow[gate]),
                },
                Gating::Calcium => ChannelTable {
                    rows: columns(&by_calcium, gates.map(|gate| gate - VOLTAGE_GATES)),
                    slow: [true; 2],
                },
            }
        };
        Self {
            by_channel: Channel::ALL.map(table).into(),
            voltage: Grid::new(first, n, CHANNEL_INTERVAL_MV),
            ln_cai: Grid::new(first_ln, n_ln, INTERVAL_LN),
            every,
        }
    }

    /// A channel's table.
    #[inline(always)]
    pub(super) fn of(&self, channel: Channel) -> &ChannelTable<T> {
        &self.by_channel[channel as usize]
    }
}

/// Which gates that follow the voltage are slow.
fn slow_gates(slow_ms: f64) -> [bool; VOLTAGE_GATES] {
    let mut slow = [true; VOLTAGE_GATES];
    let (mut v, end) = SLOW_RANGE;
    while v <= end {
        for (slow, Kinetics { tau, .. }) in slow.iter_mut().zip(voltage_kinetics(v)) {
            *slow &= tau >= SLOW * slow_ms;
        }
        v += 1.0;
    }
    slow
}

/// Two gates' columns of a table.
fn columns<T: Real, const N: usize>(rows: &[[[T; N]; 4]], gates: [usize; 2]) -> Vec<Pair<T>> {
    rows.iter().map(|row| gates.map(|gate| row.each_ref().map(|part| part[gate]))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::difference::max_abs_difference;

    /// The largest error of x∞ and of 1 - e^(-dt/τ) over -100..60 mV, the latter relative.
    fn errors(interval_mv: f64) -> [f64; 2] {
        let dt = 0.025;
        let table = GateTable::<f64>::new(dt, -85.0, interval_mv);
        let (mut found, mut wanted) = ([vec![], vec![]], [vec![], vec![]]);
        for k in 0..16_000 {
            let v = -100.0 + 0.01 * f64::from(k) + 0.001;
            let (i, f) = table.locate(v);
            let row = &table.rows()[i as usize];
            let kinetics = voltage_kinetics(v);
            let inf = Gates::new(&kinetics.map(|k| k.inf));
            let step = Gates::new(&kinetics.map(|k| 1.0 - exp(-dt / k.tau)));
            type Part = fn(&Gates<f64>) -> &[f64];
            let parts: [Part; 3] = [|g| &g.m, |g| &g.h, |g| &g.alone];
            for part in parts {
                let at = |k: usize, g: usize| part(&row[k])[g] + f * part(&row[k + 1])[g];
                for (g, (inf, step)) in part(&inf).iter().zip(part(&step)).enumerate() {
                    // columns without a gate have neither value
                    if *step > 0.0 {
                        let read = 1.0 - at(2, g);
                        found[0].push(at(0, g) / read);
                        wanted[0].push(*inf);
                        found[1].push(read / step);
                        wanted[1].push(1.0);
                    }
                }
            }
        }
        [0, 1].map(|what| max_abs_difference(&found[what], &wanted[what]))
    }

    #[test]
    fn a_table_of_half_the_interval_errs_by_a_quarter() {
        let mut coarser = errors(4.0 * INTERVAL_MV);
        for halvings in [2.0, 1.0] {
            let finer = errors(halvings * INTERVAL_MV);
            for what in 0..2 {
                // the second derivative varies within an interval, so that the order is only about 2
                let order = (coarser[what] / finer[what]).log2();
                assert!((1.7..2.3).contains(&order), "order {order} at {halvings} of an interval");
            }
            coarser = finer;
        }
    }

    #[test]
    fn the_table_is_as_near_as_its_documentation_says() {
        let [inf, step] = errors(INTERVAL_MV);
        assert!(inf < 2e-5 && step < 2e-4, "{inf:e}, {step:e}");
    }

    #[test]
    fn voltages_outside_are_brought_to_the_nearer_end() {
        let table = GateTable::<f32>::new(0.025, -85.0, INTERVAL_MV);
        let last = table.rows().len() as u32 - 1;
        for (v, row) in
            [(-1e6, 0), (f32::NAN, 0), (-110.0, 0), (89.9, last), (90.0, last), (1e6, last)]
        {
            let (i, f) = table.locate(v);
            assert_eq!(i, row, "{v} mV");
            assert!((0.0..=1.0).contains(&f), "{v} mV: {f}");
        }
    }
}
