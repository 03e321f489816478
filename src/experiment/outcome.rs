//! The outcome of an experiment.

use serde::{Deserialize, Serialize};

use super::samples::Samples;

/// The outcome of an experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Length of a step, ms.
    pub dt_ms: f64,
    /// Soma voltage at every step, the initial value first, mV.
    pub soma_mv: Samples,
    /// Dendritic voltages at 0, 1, 2 ... ms, row after row from the soma outwards, mV.
    pub dend_mv: Samples,
    /// The highest voltage of each segment at any step from the first event, or the neuron's first electrode, on (of all
    /// steps where there is neither), mV.
    pub dend_peaks_mv: Samples,
    /// Segments that were watched, each with its voltage at every step, mV.
    pub watched_mv: Vec<(usize, Samples)>,
    /// Times of the spikes' peaks, ms.
    pub spikes_ms: Vec<f64>,
    /// The currents and gates of every channel within the close-up's window; `None` without a close-up.
    pub close_up: Option<Opened>,
    /// Whether the outcome is a [draft](super::Experiment::draft), good enough for a figure but not for numbers.
    pub draft: bool,
}

/// Currents and gates of every channel over a short window, at every step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// Time of the first sample, ms.
    pub start_ms: f64,
    /// Calcium under the membrane, mM.
    pub cai_mm: Samples,
    /// The leak's current density, mA/cm², outward positive.
    pub leak: Samples,
    /// The channels, in the order of [`Channel::ALL`](crate::sim::Channel::ALL).
    pub channels: Vec<OpenedChannel>,
}

/// Current and gates of one channel over the window.
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
    /// The voltage of a watched segment at every step, mV; empty where the segment was not watched.
    pub fn watched(&self, segment: usize) -> &[f64] {
        self.watched_mv.iter().find(|(row, _)| *row == segment).map_or(&[], |(_, mv)| mv)
    }
}
