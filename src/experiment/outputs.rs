//! The five targets of a stretch of time, of a neuron or as a twin predicts them.

use super::samples::Samples;
use crate::data::Targets;
use ndarray::Array1;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A neuron's targets or a twin's outputs, in the units of the targets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outputs {
    /// Probability of a spike in each ms; of a neuron 0 or 1.
    pub spikes: Samples,
    /// Capped soma voltage, mV.
    pub soma_mv: Samples,
    /// Probability of a near spike in each ms; of a neuron 0 or 1.
    pub near: Samples,
    /// Instantaneous rate, Hz.
    pub rate_hz: Samples,
    /// Capped dendritic voltages, mV, a row a segment.
    pub dend_mv: Samples,
    /// The twin's computing time, ms; 0 for a neuron.
    pub took_ms: f64,
}

impl Outputs {
    /// A neuron's targets within the range `ms`.
    ///
    /// # Panics
    /// Where `ms` goes beyond the targets' end.
    pub fn of(targets: &Targets, ms: Range<usize>) -> Self {
        let events = |of: &Array1<bool>| ms.clone().map(|t| f64::from(u8::from(of[t]))).collect();
        let row = |s: usize| ms.clone().map(move |t| f64::from(targets.dend_v[(s, t)]));
        Self {
            spikes: events(&targets.spikes),
            soma_mv: ms.clone().map(|t| f64::from(targets.soma_v[t])).collect(),
            near: events(&targets.near_spike),
            rate_hz: ms.clone().map(|t| 1000.0 * f64::from(targets.inst_rate[t])).collect(),
            dend_mv: (0..targets.dend_v.nrows()).flat_map(row).collect(),
            took_ms: 0.0,
        }
    }
}
