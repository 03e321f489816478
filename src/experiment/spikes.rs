//! The spikes of an experiment.
//!
//! The rule of the data sets and of the command line is that every local maximum of the soma's voltage at or above a
//! threshold is a spike ([`peaks_at_least`]). With channels switched off that rule also counts the end of a passive
//! charging, so that here a peak must have an upstroke and a way back too. For a cell with its channels both rules
//! agree.

use crate::data::target::peaks_at_least;
use ndarray::ArrayView1;

/// The least slope of an upstroke, mV/ms. The largest current of the page, 0.6 nA, charges the soma by 27 mV/ms where no
/// channel helps; spikes of a cell with either fast sodium channel rise by more than 900.
const UPSTROKE_MV_MS: f64 = 100.0;
/// The time before its peak within which a spike has its upstroke, ms.
const WITHIN_MS: f64 = 2.0;
/// The least fall after a spike's peak, mV ...
const BACK_MV: f64 = 10.0;
/// ... and the time within which the voltage falls so far, ms.
const BACK_MS: f64 = 5.0;

/// The steps at which spikes peak, of a soma voltage (mV) at every step of `dt_ms` ms, with a threshold in mV.
pub fn spikes(soma_mv: &[f64], dt_ms: f64, threshold_mv: f64) -> Vec<usize> {
    let steps = |ms: f64| (ms / dt_ms).round() as usize;
    let is_spike = |&peak: &usize| {
        let before = &soma_mv[peak.saturating_sub(steps(WITHIN_MS))..=peak];
        let after = &soma_mv[peak..soma_mv.len().min(peak + steps(BACK_MS) + 1)];
        let rises = before.windows(2).any(|w| w[1] - w[0] >= UPSTROKE_MV_MS * dt_ms);
        let falls = after.iter().any(|v| soma_mv[peak] - v >= BACK_MV);
        // the fall may lie beyond the end of the trace
        let cut_off = peak + steps(BACK_MS) >= soma_mv.len();
        rises && (falls || cut_off)
    };
    peaks_at_least(ArrayView1::from(soma_mv), threshold_mv).into_iter().filter(is_spike).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A trace at 0.1 ms through points (ms, mV), with straight lines between them.
    fn trace(points: &[(f64, f64)]) -> Vec<f64> {
        let end = points.last().unwrap().0;
        let at = |t: f64| {
            let w = points.windows(2).find(|w| t <= w[1].0 + 1e-9).unwrap();
            w[0].1 + (w[1].1 - w[0].1) * (t - w[0].0) / (w[1].0 - w[0].0)
        };
        (0..=(10.0 * end) as usize).map(|k| at(0.1 * k as f64)).collect()
    }

    #[test]
    fn a_spike_rises_fast_and_comes_back() {
        let spike =
            trace(&[(0.0, -70.0), (10.0, -60.0), (10.5, 40.0), (12.0, -75.0), (20.0, -70.0)]);
        assert_eq!(spikes(&spike, 0.1, 0.0), [105]);
        // the end of a current step into a membrane without channels
        let passive = trace(&[(0.0, -85.0), (10.0, 60.0), (20.0, 100.0), (40.0, -60.0)]);
        assert_eq!(spikes(&passive, 0.1, 0.0), [0; 0]);
        // the voltage rises and stays high
        let stuck = trace(&[(0.0, -70.0), (1.0, 40.0), (1.2, 38.0), (20.0, 36.0)]);
        assert_eq!(spikes(&stuck, 0.1, 0.0), [0; 0]);
        // a peak below the threshold
        let low = trace(&[(0.0, -70.0), (1.0, -5.0), (2.0, -70.0), (20.0, -70.0)]);
        assert_eq!(spikes(&low, 0.1, 0.0), [0; 0]);
        // the trace ends before the voltage can fall
        let last = trace(&[(0.0, -70.0), (1.0, 40.0), (1.2, 38.0)]);
        assert_eq!(spikes(&last, 0.1, 0.0), [10]);
    }
}
