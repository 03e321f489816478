//! Metrics of a twin on one simulation, each head by itself.

use serde::Serialize;

use super::metrics::{Regression, regression, roc};
use super::predict::Judged;
use super::thresholds::Thresholds;

/// The probability from which on a twin predicts a spike.
pub const CALLED: f64 = 0.5;

/// Metrics of one simulation, or of a window of it. Undefined ones are NaN: precision where no event is predicted,
/// recall and AUC without a spike, R² of a constant quantity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[allow(non_snake_case)] // as the original's keys
pub struct SampleMetrics {
    /// Number of the simulation in the set.
    pub simulation: usize,
    /// Number of the neuron's spikes.
    pub total_num_spikes: usize,
    /// The neuron's spikes per second, Hz.
    pub firing_rate_hz: f64,
    /// Metrics of the spikes.
    pub spikes: EventMetrics,
    /// Metrics of the near spikes.
    pub near_spike: EventMetrics,
    /// Metrics of the soma voltage, mV.
    pub soma: ValueMetrics,
    /// Metrics of the instantaneous rate, spikes/ms.
    pub inst_rate: ValueMetrics,
    /// Metrics of the dendritic voltages, mV.
    pub dend_v: ValueMetrics,
}

/// The accuracy of predicted events.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[allow(non_snake_case)] // as the original's keys
pub struct EventMetrics {
    /// Share of actual events among those predicted with a probability of at least [`CALLED`].
    pub precision: f64,
    /// Share of the actual events that is predicted.
    pub recall: f64,
    /// Area under the ROC curve.
    pub AUC: f64,
    /// Root mean squared error of the probability.
    pub RMSE: f64,
    /// Mean absolute error of the probability.
    pub MAE: f64,
}

/// The accuracy of a predicted quantity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[allow(non_snake_case)] // as the original's keys
pub struct ValueMetrics {
    /// Root mean squared error, in the quantity's unit.
    pub RMSE: f64,
    /// Mean absolute error, in the quantity's unit.
    pub MAE: f64,
    /// R² = 1 - Σ error² / Σ (truth - mean)², as in the original's sample figures. Unlike explained variance, it counts
    /// an offset.
    pub R2: f64,
}

impl SampleMetrics {
    /// The metrics of simulation number `simulation`.
    pub fn new(simulation: usize, j: &Judged) -> Self {
        let total_num_spikes = j.num_spikes();
        Self {
            simulation,
            total_num_spikes,
            firing_rate_hz: 1000.0 * total_num_spikes as f64 / j.spikes.len() as f64,
            spikes: EventMetrics::new(&j.spikes, &j.spikes_predicted),
            near_spike: EventMetrics::new(&j.near_spike, &j.near_spike_predicted),
            soma: ValueMetrics::from(regression(&j.soma, &j.soma_predicted)),
            inst_rate: ValueMetrics::from(regression(&j.rate, &j.rate_predicted)),
            dend_v: ValueMetrics::from(regression(&j.dend, &j.dend_predicted)),
        }
    }
}

impl EventMetrics {
    fn new(events: &[bool], probability: &[f32]) -> Self {
        let called = Thresholds::new(events, probability).at(CALLED);
        let truth: Vec<f32> = events.iter().map(|&event| f32::from(u8::from(event))).collect();
        let error = regression(&truth, probability);
        Self {
            precision: called.precision(),
            recall: called.tpr(),
            AUC: roc(events, probability).auc,
            RMSE: error.rmse,
            MAE: error.mae,
        }
    }
}

impl From<Regression> for ValueMetrics {
    fn from(r: Regression) -> Self {
        Self { RMSE: r.rmse, MAE: r.mae, R2: r.r2 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_simulations_worked_by_hand() {
        let judged = Judged {
            spikes: vec![true, false, true, false],
            spikes_predicted: vec![0.9, 0.5, 0.2, 0.1],
            near_spike: vec![false; 4],
            near_spike_predicted: vec![0.25; 4],
            soma: vec![-80.0, -78.0, -76.0, -74.0],
            // 1 mV too high throughout: all variance is explained, but the voltages are wrong
            soma_predicted: vec![-79.0, -77.0, -75.0, -73.0],
            rate: vec![0.0; 4],
            rate_predicted: vec![0.5, 0.0, 0.0, 0.0],
            dend: vec![-80.0, -60.0, -80.0, -60.0],
            dend_predicted: vec![-70.0; 4],
            ..Judged::default()
        };
        let m = SampleMetrics::new(7, &judged);
        assert_eq!((m.simulation, m.total_num_spikes, m.firing_rate_hz), (7, 2, 500.0));
        // 0.9 and 0.5 are predicted, one of them a spike; of four pairs of spike and silence, three are in order
        assert_eq!((m.spikes.precision, m.spikes.recall, m.spikes.AUC), (0.5, 0.5, 0.75));
        assert!((m.spikes.MAE - (0.1 + 0.5 + 0.8 + 0.1) / 4.0).abs() < 1e-7, "{}", m.spikes.MAE);
        assert!(m.near_spike.precision.is_nan() && m.near_spike.recall.is_nan());
        assert_eq!((m.near_spike.RMSE, m.near_spike.MAE), (0.25, 0.25));
        // the squared errors add up to 4, the squared deviations to 9 + 1 + 1 + 9
        assert_eq!((m.soma.RMSE, m.soma.MAE, m.soma.R2), (1.0, 1.0, 0.8));
        assert_eq!((m.inst_rate.RMSE, m.inst_rate.MAE), (0.25, 0.125));
        assert!(m.inst_rate.R2.is_nan());
        assert_eq!((m.dend_v.RMSE, m.dend_v.MAE, m.dend_v.R2), (10.0, 10.0, 0.0));
    }
}
