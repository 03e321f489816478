//! How well a twin does on one simulation, as the original's sample figures say it.

use serde::Serialize;

use super::evaluate::Judged;
use super::metrics::{regression, roc};
use super::thresholds::Thresholds;

/// Above this probability the twin is said to spike.
pub const SPIKES_AT: f64 = 0.5;

/// How near a prediction of a trace comes, in the trace's unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Fit {
    /// Root mean squared error.
    pub rmse: f64,
    /// Mean absolute error.
    pub mae: f64,
    /// 1 - Σ(truth - prediction)² / Σ(truth - mean)², the coefficient of determination: unlike the explained variance
    /// it also counts a prediction that is too high or too low throughout. NaN for a constant truth.
    pub r2: f64,
}

impl Fit {
    fn of(truth: &[f32], prediction: &[f32]) -> Self {
        let error = regression(truth, prediction);
        let n = truth.len() as f64;
        let mean = truth.iter().map(|&t| f64::from(t)).sum::<f64>() / n;
        let variance = truth.iter().map(|&t| (f64::from(t) - mean).powi(2)).sum::<f64>() / n;
        let r2 = if variance > 0.0 { 1.0 - error.rmse.powi(2) / variance } else { f64::NAN };
        Self { rmse: error.rmse, mae: error.mae, r2 }
    }
}

/// A twin's answers to one simulation, judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct SampleMetrics {
    /// The neuron's spikes.
    pub spikes: u64,
    /// The same a second.
    pub firing_rate_hz: f64,
    /// Of the ms with a probability of at least [`SPIKES_AT`], the part that has a spike; NaN where there are none.
    pub precision: f64,
    /// Of the spikes, the part that has such a probability; NaN without spikes.
    pub recall: f64,
    /// Area under the spikes' ROC curve; NaN without spikes.
    pub auc: f64,
    /// Area under the near spikes' ROC curve.
    pub near_spike_auc: f64,
    /// Soma voltage, mV.
    pub soma: Fit,
    /// Instantaneous rate, spikes/ms.
    pub inst_rate: Fit,
    /// Voltages of all segments, mV.
    pub dend_v: Fit,
}

impl SampleMetrics {
    /// Of one simulation.
    #[must_use]
    pub fn of(j: &Judged) -> Self {
        let at = Thresholds::new(&j.spikes, &j.spikes_predicted).at(SPIKES_AT);
        Self {
            spikes: at.positives,
            firing_rate_hz: 1000.0 * at.positives as f64 / j.spikes.len() as f64,
            precision: at.precision(),
            recall: at.tpr(),
            auc: roc(&j.spikes, &j.spikes_predicted).auc,
            near_spike_auc: roc(&j.near_spike, &j.near_spike_predicted).auc,
            soma: Fit::of(&j.soma, &j.soma_predicted),
            inst_rate: Fit::of(&j.rate, &j.rate_predicted),
            dend_v: Fit::of(&j.dend, &j.dend_predicted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_judged_at_one_half() {
        let j = Judged {
            spikes: vec![true, true, false, false, true],
            spikes_predicted: vec![0.9, 0.4, 0.6, 0.1, 0.5],
            near_spike: vec![true, true, false, false, true],
            near_spike_predicted: vec![0.9, 0.8, 0.2, 0.1, 0.7],
            soma: vec![-80.0, -70.0, -75.0, -75.0, -75.0],
            // 1 mV too high throughout: all variance is explained, and yet R² is not 1
            soma_predicted: vec![-79.0, -69.0, -74.0, -74.0, -74.0],
            rate: vec![0.0; 5],
            rate_predicted: vec![0.01; 5],
            dend: vec![-60.0; 10],
            dend_predicted: vec![-60.0; 10],
            ..Judged::default()
        };
        let m = SampleMetrics::of(&j);
        assert_eq!((m.spikes, m.firing_rate_hz), (3, 600.0));
        assert_eq!((m.precision, m.recall), (2.0 / 3.0, 2.0 / 3.0));
        // of the six pairs of a spike and a silent ms two are in the wrong order: 0.4 and 0.5 below 0.6
        assert!((m.auc - 4.0 / 6.0).abs() < 1e-12, "{}", m.auc);
        assert_eq!(m.near_spike_auc, 1.0);
        // the variance is 10 mV², the squared error 1 mV²
        assert!((m.soma.r2 - 0.9).abs() < 1e-6 && (m.soma.rmse - 1.0).abs() < 1e-6);
        assert!(m.inst_rate.r2.is_nan() && (m.inst_rate.mae - 0.01).abs() < 1e-8);
        assert_eq!((m.dend_v.rmse, m.dend_v.mae), (0.0, 0.0));
    }
}
