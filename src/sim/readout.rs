//! The parameters by which the five targets are read from a neuron's traces.

use serde::{Deserialize, Serialize};

use crate::settings::Setting;

/// The parameters of the targets, held by every kind of neuron under the original's keys.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TargetParams {
    /// The soma's voltage is capped at this in the targets, mV.
    #[serde(rename = "soma_voltage_cap_mV")]
    pub soma_cap_mv: f64,
    /// The dendrite's voltages are capped at this in the targets, mV.
    #[serde(rename = "dend_voltage_cap_mV")]
    pub dend_cap_mv: f64,
    /// How far below the soma's cap a voltage counts as near a spike, mV.
    #[serde(rename = "near_spike_V_diff")]
    pub near_spike_diff_mv: f64,
    /// How long after a spike a bin counts as near it, ms.
    #[serde(rename = "near_spike_t_diff")]
    pub near_spike_window_ms: usize,
    /// Width of the causal box of the instantaneous rate, ms.
    #[serde(rename = "inst_rate_t_diff")]
    pub rate_window_ms: usize,
    /// Standard deviation of the Gaussian that smooths the instantaneous rate, ms.
    #[serde(rename = "inst_rate_smoothing_tau")]
    pub rate_smoothing_ms: f64,
}

impl Default for TargetParams {
    fn default() -> Self {
        Self {
            soma_cap_mv: -62.0,
            dend_cap_mv: 0.0,
            near_spike_diff_mv: 5.0,
            near_spike_window_ms: 10,
            rate_window_ms: 50,
            rate_smoothing_ms: 2.5,
        }
    }
}

/// Parameters of a neuron that hold those of its targets.
pub(crate) trait HasTargets {
    /// The parameters of the neuron's targets.
    fn targets(&self) -> &TargetParams;
}

/// The settings of a neuron's targets. `smoothing` is that of `inst_rate_smoothing_tau`, whose least value depends on the
/// kind of neuron.
pub(crate) fn target_settings<T: HasTargets>(smoothing: Setting<T>) -> Vec<Setting<T>> {
    vec![
        Setting::number("soma_voltage_cap_mV", |n| n.targets().soma_cap_mv, [-200.0, 200.0], "mV"),
        Setting::number("dend_voltage_cap_mV", |n| n.targets().dend_cap_mv, [-200.0, 200.0], "mV"),
        Setting::number(
            "near_spike_V_diff",
            |n| n.targets().near_spike_diff_mv,
            [0.0, 400.0],
            "mV",
        ),
        Setting::count(
            "near_spike_t_diff",
            |n| n.targets().near_spike_window_ms,
            [0, 1_000_000],
            "ms",
        ),
        Setting::count("inst_rate_t_diff", |n| n.targets().rate_window_ms, [1, 1_000_000], "ms"),
        smoothing,
    ]
}

/// The parameters by which targets are derived from a neuron's traces and scaled, for every kind of neuron.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Readout {
    /// Rows of the dendritic target: segments of a biophysical neuron, branches of a filter-and-fire one.
    pub num_rows: usize,
    /// Steps a millisecond of the soma's trace.
    pub samples_per_ms: usize,
    /// Resting voltage, mV.
    pub e_pas_mv: f64,
    /// Spike threshold, mV: a local maximum of the soma's voltage at or above it is a spike.
    pub spike_threshold_mv: f64,
    /// The parameters of the targets.
    pub targets: TargetParams,
}
