//! The five targets that a twin learns, derived from the high-resolution trace by the original's rules.

use std::cmp::Ordering;

use ::half::f16;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

use super::half::to_f16;
use crate::sim::math::exp;
use crate::sim::{Readout, TargetParams};

/// Targets of one simulation of T ms, at 1 ms.
#[derive(Debug, Clone, PartialEq)]
pub struct Targets {
    /// Whether a spike peaks in the bin; (T).
    pub spikes: Array1<bool>,
    /// Soma voltage at the start of each ms, capped, mV; (T).
    pub soma_v: Array1<f32>,
    /// A spike within the last `near_spike_t_diff` ms, or a soma voltage near the cap; (T).
    pub near_spike: Array1<bool>,
    /// Smoothed causal firing rate, spikes/ms; (T).
    pub inst_rate: Array1<f32>,
    /// Voltage of each segment at the start of each ms, capped, mV; (S, T).
    pub dend_v: Array2<f16>,
}

impl Targets {
    /// Derives the targets from the soma voltage at every step (initial value first, mV) and the dendritic voltages at
    /// the start of each ms ((S, T), mV).
    ///
    /// The soma trace's last value, past the last bin, is not part of any bin.
    #[must_use]
    pub fn derive(
        readout: &Readout,
        v_soma_hr: ArrayView1<'_, f64>,
        v_dend: ArrayView2<'_, f64>,
    ) -> Self {
        let mut builder = TargetBuilder::new(readout, v_dend.ncols());
        let v_soma_hr = v_soma_hr.to_vec();
        let mut steps = v_soma_hr.chunks(readout.samples_per_ms);
        for (steps, v_dend) in steps.by_ref().zip(v_dend.columns()) {
            builder.push(steps, &v_dend.to_vec());
        }
        if let Some(last) = steps.next() {
            builder.push(last, &[]);
        }
        builder.finish()
    }
}

/// Derives the targets of one simulation of T ms while it runs, without its high-resolution trace.
#[derive(Debug, Clone)]
pub struct TargetBuilder {
    samples_per_ms: usize,
    params: TargetParams,
    peaks: Peaks,
    spikes: Array1<bool>,
    soma: Vec<f64>,
    dend: Array2<f16>,
}

impl TargetBuilder {
    /// A builder for `duration_ms` ms, before the first.
    #[must_use]
    pub fn new(readout: &Readout, duration_ms: usize) -> Self {
        Self {
            samples_per_ms: readout.samples_per_ms,
            params: readout.targets,
            peaks: Peaks::new(readout.spike_threshold_mv),
            spikes: Array1::from_elem(duration_ms, false),
            soma: Vec::with_capacity(duration_ms),
            dend: Array2::from_elem((readout.num_rows, duration_ms), f16::ZERO),
        }
    }

    /// Adds a millisecond: the soma's voltage at each of its steps and every segment's at its start, mV; after the last
    /// millisecond, the final voltage of the soma alone.
    pub fn push(&mut self, v_soma: &[f64], v_dend: &[f64]) {
        let (spikes, per_ms) = (&mut self.spikes, self.samples_per_ms);
        self.peaks.extend(v_soma, |peak| {
            if let Some(bin) = spikes.get_mut(peak / per_ms) {
                *bin = true;
            }
        });
        let t = self.soma.len();
        if t < self.spikes.len() && !v_soma.is_empty() {
            self.soma.push(v_soma[0].min(self.params.soma_cap_mv));
            for (to, &v) in self.dend.column_mut(t).iter_mut().zip(v_dend) {
                // a large negative current can leave the range of f16, and readers refuse infinity
                *to = to_f16(v.min(self.params.dend_cap_mv).max(-65_504.0));
            }
        }
    }

    /// The targets of the milliseconds pushed.
    #[must_use]
    pub fn finish(self) -> Targets {
        let Self { params, spikes, soma, dend, .. } = self;
        let near_threshold = params.soma_cap_mv - params.near_spike_diff_mv;
        let mut since_spike = usize::MAX;
        let near_spike = spikes
            .iter()
            .zip(&soma)
            .map(|(&spike, &v)| {
                since_spike = if spike { 0 } else { since_spike.saturating_add(1) };
                since_spike < params.near_spike_window_ms.max(1) || v > near_threshold
            })
            .collect();
        Targets {
            inst_rate: instantaneous_rate(&params, &spikes),
            soma_v: soma.iter().map(|&v| v as f32).collect(),
            near_spike,
            dend_v: dend,
            spikes,
        }
    }
}

/// Finds local maxima of at least `height` in a trace that comes piece by piece, by the rules of SciPy's
/// `find_peaks(height=)`: the first and the last value are no maxima, and of a plateau the middle one (rounded down)
/// is.
#[derive(Debug, Clone)]
struct Peaks {
    height: f64,
    seen: usize,
    last: f64,
    /// First index of the present level, if the trace rose to it; `None` if it fell.
    top_from: Option<usize>,
}

impl Peaks {
    fn new(height: f64) -> Self {
        // no value is above infinity, so that the first value is no rise
        Self { height, seen: 0, last: f64::INFINITY, top_from: None }
    }

    fn push(&mut self, x: f64, found: &mut impl FnMut(usize)) {
        match x.partial_cmp(&self.last) {
            Some(Ordering::Greater) => self.top_from = Some(self.seen),
            Some(Ordering::Less) => {
                if let Some(from) = self.top_from.take().filter(|_| self.last >= self.height) {
                    found((from + self.seen - 1) / 2);
                }
            }
            Some(Ordering::Equal) => {}
            None => self.top_from = None,
        }
        self.last = x;
        self.seen += 1;
    }

    fn extend(&mut self, xs: &[f64], mut found: impl FnMut(usize)) {
        let (Some(&first), Some(&last)) = (xs.first(), xs.last()) else { return };
        if xs.iter().all(|x| *x < self.height) {
            // the first value may end a peak that began before; no peak begins in this piece
            self.push(first, &mut found);
            self.top_from = None;
            self.last = last;
            self.seen += xs.len() - 1;
        } else {
            xs.iter().for_each(|x| self.push(*x, &mut found));
        }
    }
}

/// Indices of the local maxima of at least `height`, by the rules of SciPy's `find_peaks(height=)`: the first and the
/// last value are no maxima, and of a plateau the middle one (rounded down) is.
#[must_use]
pub fn peaks_at_least(x: ArrayView1<'_, f64>, height: f64) -> Vec<usize> {
    let mut finder = Peaks::new(height);
    let mut peaks = Vec::new();
    x.iter().for_each(|x| finder.push(*x, &mut |peak| peaks.push(peak)));
    peaks
}

/// The spike train filtered by a causal box of height 1/width, then by a centred Gaussian of unit sum; zero outside.
fn instantaneous_rate(params: &TargetParams, spikes: &Array1<bool>) -> Array1<f32> {
    let n = spikes.len();
    let width = params.rate_window_ms;
    let mut boxed = vec![0.0_f64; n];
    for (t, _) in spikes.iter().enumerate().filter(|(_, s)| **s) {
        for value in &mut boxed[t..(t + width).min(n)] {
            *value += 1.0 / width as f64;
        }
    }
    let kernel = gaussian(params.rate_smoothing_ms);
    let half = kernel.len() / 2;
    (0..n)
        .map(|t| {
            let from = t.saturating_sub(half);
            let to = (t + half + 1).min(n);
            let rate: f64 = (from..to).map(|s| boxed[s] * kernel[t + half - s]).sum();
            rate as f32
        })
        .collect()
}

/// A Gaussian of standard deviation `tau` ms at 1 + 2·int(4·tau) points, of unit sum.
fn gaussian(tau: f64) -> Vec<f64> {
    let half = (4.0 * tau) as i64;
    let mut kernel: Vec<f64> =
        (-half..=half).map(|x| exp(-0.5 * (x as f64 / tau).powi(2))).collect();
    let sum: f64 = kernel.iter().sum();
    kernel.iter_mut().for_each(|k| *k /= sum);
    kernel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_are_those_of_find_peaks() {
        // scipy.signal.find_peaks(x, height=0)[0]
        let x = [5.0, 1.0, 2.0, 2.0, 2.0, 2.0, 0.0, 0.0, 1.0, 1.0, 3.0, -1.0, -0.5, -2.0, 4.0, 4.0];
        assert_eq!(peaks_at_least(ArrayView1::from(&x), 0.0), [3, 10]);
        assert_eq!(peaks_at_least(ArrayView1::from(&x), -1.0), [3, 10, 12]);
    }

    #[test]
    fn pieces_make_no_difference_to_peaks() {
        // a walk on few levels, so that plateaus are common
        let mut level = 0_i64;
        let x: Vec<f64> = (0..5000_u64)
            .map(|i| {
                level += (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as i64 % 3 - 1;
                level = level.clamp(-4, 4);
                level as f64
            })
            .collect();
        let whole = peaks_at_least(ArrayView1::from(&x), 1.0);
        assert!(whole.len() > 50, "{}", whole.len());
        for piece in [1, 2, 3, 7, 40] {
            let mut finder = Peaks::new(1.0);
            let mut peaks = Vec::new();
            x.chunks(piece).for_each(|xs| finder.extend(xs, |peak| peaks.push(peak)));
            assert_eq!(peaks, whole, "pieces of {piece}");
        }
    }
}
