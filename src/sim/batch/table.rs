//! Every gate's propagator as a function of the voltage, in one table.

use super::gates::Gates;
use super::real::Real;
use crate::sim::channel::{VOLTAGE_GATES, voltage_kinetics};
use crate::sim::math::exp;

/// The gates on one interval of the voltage: two numbers, each given by its value at the interval's start and its rise
/// along the interval. Where equations are solved for the new voltage, they are `drive` and `keep` of a step
/// `x ← drive + keep·x`, keep = e^(-dt/τ) and drive = (1 - keep)·x∞; in single precision, where keep would be too
/// coarse, they are x∞ and 1 - keep.
pub(super) type Row<T> = [Gates<T>; 4];

/// The gates' propagators as straight lines on short intervals of the voltage.
///
/// Each interval's line has the mean of the function itself over it (by Simpson's rule). A chord would lie to one side
/// of the curve, and its error would add up from interval to interval as the voltage passes; this line's error cancels.
/// Knots lie at multiples of the interval's width, so that the corner of K_Pst's time constant (-60 mV) is on one.
#[derive(Debug, Clone)]
pub(super) struct GateTable<T> {
    rows: Vec<Row<T>>,
    first_mv: T,
    per_mv: T,
    last: T,
}

/// Width of an interval, mV.
pub(super) const INTERVAL_MV: f64 = 0.125;

/// Voltages (mV) that a table covers, besides the resting one ± 10 mV. The reversal potentials are -85..50 mV, and only
/// calcium, with a hundredth of the conductance, drives the soma beyond them. Outside, the gates behave as at the
/// nearer end.
const COVERED_MV: (f64, f64) = (-110.0, 90.0);

impl<T: Real> GateTable<T> {
    pub(super) fn new(dt_ms: f64, e_pas_mv: f64, interval_mv: f64) -> Self {
        let first = (COVERED_MV.0.min(e_pas_mv - 10.0) / interval_mv).floor();
        let end = (COVERED_MV.1.max(e_pas_mv + 10.0) / interval_mv).ceil();
        let n = (end - first) as usize;
        let at = |v: f64| {
            voltage_kinetics(v).map(|k| {
                let keep = exp(-dt_ms / k.tau);
                if T::BY_CHANGE { [k.inf, 1.0 - keep] } else { [(1.0 - keep) * k.inf, keep] }
            })
        };
        let rows = (0..n)
            .map(|i| {
                let [from, middle, to] =
                    [0.0, 0.5, 1.0].map(|f| (first + i as f64 + f) * interval_mv);
                // at a corner the right end takes this interval's branch
                let (left, middle, right) = (at(from), at(middle), at(to.next_down()));
                let mut row = [[T::ZERO; VOLTAGE_GATES]; 4];
                for gate in 0..VOLTAGE_GATES {
                    for what in 0..2 {
                        let (a, m, b) = (left[gate][what], middle[gate][what], right[gate][what]);
                        // the chord's mean minus the function's: ½(a + b) - (a + 4m + b)/6
                        let above = (a + b - 2.0 * m) / 3.0;
                        row[2 * what][gate] = T::of(a - above);
                        row[2 * what + 1][gate] = T::of(b - a);
                    }
                }
                row.each_ref().map(Gates::new)
            })
            .collect();
        Self {
            rows,
            first_mv: T::of(first * interval_mv),
            per_mv: T::of(1.0 / interval_mv),
            last: T::of(n as f64 - 0.501),
        }
    }

    /// The interval in which `v` (mV) lies, and the share of the interval below `v`.
    #[inline(always)]
    pub(super) fn locate(&self, v: T) -> (u32, T) {
        let half = T::of(0.5);
        let x = (v - self.first_mv) * self.per_mv - half;
        // NaN becomes -1/2 too, and so the first interval
        let x = if x > -half { x } else { -half };
        let x = if x < self.last - half { x } else { self.last - half };
        let (i, n) = x.nearest();
        (i, x + half - n)
    }

    #[inline(always)]
    pub(super) fn rows(&self) -> &[Row<T>] {
        &self.rows
    }
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
