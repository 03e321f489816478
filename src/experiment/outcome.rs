//! What a simulation showed.

use serde::{Deserialize, Serialize};

use super::samples::Samples;

/// What a simulation showed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Length of a step, ms.
    pub dt_ms: f64,
    /// Soma voltage at every step, the initial value first, mV.
    pub soma_mv: Samples,
    /// Dendritic voltages at 0, 1, 2 ... ms, row after row from the soma outwards, mV.
    pub dend_mv: Samples,
    /// The highest voltage of each segment at any step from the first event on (of all steps where there is no
    /// event), mV.
    pub dend_peaks_mv: Samples,
    /// Segments that were watched, each with its voltage at every step, mV.
    pub watched_mv: Vec<(usize, Samples)>,
    /// Times of the spikes' peaks, ms.
    pub spikes_ms: Vec<f64>,
    /// The window with every channel open.
    pub close_up: Option<Opened>,
    /// Whether it is a [draft](super::Experiment::draft), to be looked at but not to be told in numbers.
    pub draft: bool,
}

/// Every channel over a short window, at every step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// Time of the first sample, ms.
    pub start_ms: f64,
    /// Calcium under the membrane, mM.
    pub cai_mm: Samples,
    /// The leak's current density, mA/cm², outward positive.
    pub leak: Samples,
    /// In the order of [`Channel::ALL`](crate::sim::Channel::ALL).
    pub channels: Vec<OpenedChannel>,
}

/// One channel over the window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenedChannel {
    /// Current density, mA/cm², outward positive.
    pub current: Samples,
    /// Activation gate (SK_E2's z).
    pub activation: Samples,
    /// Inactivation gate; empty for a channel without one.
    pub inactivation: Samples,
}

impl Outcome {
    /// The voltage of a segment that was watched, at every step, mV; empty where it was not.
    pub fn watched(&self, segment: usize) -> &[f64] {
        self.watched_mv.iter().find(|(row, _)| *row == segment).map_or(&[], |(_, mv)| mv)
    }
}
