//! The five targets of a stretch, as a neuron has them and as a twin foretells them.

use super::samples::Samples;
use crate::data::Targets;
use ndarray::Array1;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A neuron's targets or a twin's outputs, in the units of the targets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outputs {
    /// Probability of a spike in each ms; 0 or 1 of a neuron.
    pub spikes: Samples,
    /// Soma voltage, mV.
    pub soma_mv: Samples,
    /// Probability of a near spike; 0 or 1 of a neuron.
    pub near: Samples,
    /// Rate, Hz.
    pub rate_hz: Samples,
    /// Dendritic voltages, mV, a row a segment.
    pub dend_mv: Samples,
    /// How long the twin took, ms; 0 of a neuron.
    pub took_ms: f64,
}

impl Outputs {
    /// A neuron's targets in some of their ms.
    ///
    /// # Panics
    /// Ms beyond the targets' end.
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
