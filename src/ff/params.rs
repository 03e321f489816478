//! The parameters of a filter-and-fire neuron: units, bounds, JSON keys.

use serde::{Deserialize, Serialize};

use super::contact::{Contact, Placement};
use super::nonlinearity::Nonlinearity;
use crate::sim::params::in_range;
use crate::sim::{NeuronParams, ParamError, json};

/// The most contacts that a neuron can have.
const MOST_CONTACTS: usize = 1_000_000;

/// A filter-and-fire neuron. What a JSON leaves out keeps its default.
///
/// Rest, caps and windows are the ball-and-stick's, so that targets are read and scaled alike; the threshold is the
/// soma's cap, so that the targets lose nothing below it. Five contacts an axon and the after-spike current are of the
/// paper's order; its rise of 1-16 and decay of 8-30 ms are halved here, because the inputs of the seed's data sets,
/// denser than the paper's and never negative, would otherwise add up to a nearly constant drive. Weights are chosen
/// for those inputs: of random ones, more than 3 in 4 pass the data sets' filter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FfParams {
    /// Branches, and as many rows of inputs, each with an excitatory and an inhibitory axon.
    pub num_branches: usize,
    /// What a branch makes of its sum.
    pub nonlinearity: Nonlinearity,
    /// Excitatory reversal, where `ampa_like` and `nmda_like` saturate, mV.
    #[serde(rename = "e_exc_mV")]
    pub e_exc_mv: f64,
    /// Inhibitory reversal, where they saturate below rest, mV.
    #[serde(rename = "e_inh_mV")]
    pub e_inh_mv: f64,
    /// θ of `nmda_like`: the sum at which its step is half way, mV above rest.
    #[serde(rename = "nmda_threshold_mV")]
    pub nmda_threshold_mv: f64,
    /// k of `nmda_like`: the width of its step, mV.
    #[serde(rename = "nmda_width_mV")]
    pub nmda_width_mv: f64,
    /// A of `nmda_like`: the height of its step before saturation, mV.
    #[serde(rename = "nmda_amplitude_mV")]
    pub nmda_amplitude_mv: f64,
    /// Lower edge of `two_sided_saturation`, mV above rest (below 0).
    #[serde(rename = "saturation_low_mV")]
    pub saturation_low_mv: f64,
    /// Upper edge of `two_sided_saturation`, mV above rest.
    #[serde(rename = "saturation_high_mV")]
    pub saturation_high_mv: f64,
    /// k of `two_sided_saturation`: how soft its edges are, mV.
    #[serde(rename = "saturation_width_mV")]
    pub saturation_width_mv: f64,
    /// ε of `two_sided_saturation`: the slope beyond its edges.
    pub saturation_edge_slope: f64,
    /// Contacts of each axon, where they are drawn and not listed.
    pub contacts_per_axon: usize,
    /// Where they go.
    pub placement: Placement,
    /// The seed that draws them.
    pub wiring_seed: u64,
    /// Least and greatest time constant of the rise, ms.
    pub tau_rise_range_ms: [f64; 2],
    /// Least and greatest time constant of the decay, ms.
    pub tau_decay_range_ms: [f64; 2],
    /// Least and greatest delay, ms.
    pub delay_range_ms: [f64; 2],
    /// Least and greatest peak response to a weight of 1 on an excitatory axon, mV.
    #[serde(rename = "weight_exc_range_mV")]
    pub weight_exc_range_mv: [f64; 2],
    /// The same on an inhibitory axon, mV.
    #[serde(rename = "weight_inh_range_mV")]
    pub weight_inh_range_mv: [f64; 2],
    /// Contacts one by one; they are drawn where this list is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<Vec<Contact>>,
    /// Resting and initial voltage of soma and branches, mV (the seed's key).
    #[serde(rename = "epas_mV")]
    pub e_pas_mv: f64,
    /// Membrane time constant of the soma, ms.
    pub soma_tau_ms: f64,
    /// What the soma takes of the branches' mean response.
    pub soma_gain: f64,
    /// Firing threshold, mV.
    #[serde(rename = "threshold_mV")]
    pub threshold_mv: f64,
    /// Voltage after a spike, mV.
    #[serde(rename = "reset_mV")]
    pub reset_mv: f64,
    /// How long it is held there, ms; at least 1, so that a bin holds one spike at most.
    pub refractory_ms: f64,
    /// What a spike adds to the after-spike current, times the soma's resistance, mV.
    #[serde(rename = "after_spike_mV")]
    pub after_spike_mv: f64,
    /// Time constant of the after-spike current, ms.
    pub after_spike_tau_ms: f64,
    /// Voltage shown in a spike's sample, mV.
    #[serde(rename = "spike_peak_mV")]
    pub spike_peak_mv: f64,
    /// Steps a millisecond; dt = 1/this.
    #[serde(rename = "num_samples_per_ms")]
    pub samples_per_ms: usize,
    /// As the ball-and-stick's, mV.
    #[serde(rename = "soma_voltage_cap_mV")]
    pub soma_cap_mv: f64,
    /// As the ball-and-stick's, for the branches, mV.
    #[serde(rename = "dend_voltage_cap_mV")]
    pub dend_cap_mv: f64,
    /// As the ball-and-stick's, mV.
    #[serde(rename = "near_spike_V_diff")]
    pub near_spike_diff_mv: f64,
    /// As the ball-and-stick's, ms.
    #[serde(rename = "near_spike_t_diff")]
    pub near_spike_window_ms: usize,
    /// As the ball-and-stick's, ms.
    #[serde(rename = "inst_rate_t_diff")]
    pub rate_window_ms: usize,
    /// As the ball-and-stick's, ms.
    #[serde(rename = "inst_rate_smoothing_tau")]
    pub rate_smoothing_ms: f64,
    /// How long to simulate where nothing else says so, ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sim_duration_ms: Option<usize>,
}

/// When a parameter has an effect.
#[derive(Clone, Copy)]
enum Matters {
    /// In every neuron.
    Always,
    /// Where contacts are drawn, not listed.
    Wiring,
    /// With the nonlinearity `nmda_like`.
    NmdaLike,
    /// With the nonlinearity `two_sided_saturation`.
    TwoSided,
}

impl Default for FfParams {
    fn default() -> Self {
        let like = NeuronParams::default();
        Self {
            num_branches: 8,
            nonlinearity: Nonlinearity::Linear,
            e_exc_mv: 0.0,
            e_inh_mv: -95.0,
            nmda_threshold_mv: 20.0,
            nmda_width_mv: 3.0,
            nmda_amplitude_mv: 40.0,
            saturation_low_mv: -10.0,
            saturation_high_mv: 30.0,
            saturation_width_mv: 2.0,
            saturation_edge_slope: 0.1,
            contacts_per_axon: 5,
            placement: Placement::Spread,
            wiring_seed: 0,
            tau_rise_range_ms: [1.0, 8.0],
            tau_decay_range_ms: [5.0, 20.0],
            delay_range_ms: [0.0, 5.0],
            weight_exc_range_mv: [0.8, 3.2],
            weight_inh_range_mv: [0.5, 1.7],
            contacts: None,
            e_pas_mv: like.e_pas_mv,
            soma_tau_ms: 5.0,
            soma_gain: 1.0,
            threshold_mv: like.soma_cap_mv,
            reset_mv: -80.0,
            refractory_ms: 2.0,
            after_spike_mv: 40.0,
            after_spike_tau_ms: 20.0,
            spike_peak_mv: 30.0,
            samples_per_ms: 1,
            soma_cap_mv: like.soma_cap_mv,
            dend_cap_mv: like.dend_cap_mv,
            near_spike_diff_mv: like.near_spike_diff_mv,
            near_spike_window_ms: like.near_spike_window_ms,
            rate_window_ms: like.rate_window_ms,
            rate_smoothing_ms: like.rate_smoothing_ms,
            sim_duration_ms: None,
        }
    }
}

impl FfParams {
    /// The names of the presets, one a nonlinearity.
    pub const PRESETS: [&str; 4] = ["ff-linear", "ff-ampa", "ff-nmda", "ff-two-sided"];

    /// A preset by its name: `ff-linear`, `ff-ampa`, `ff-nmda` or `ff-two-sided`. They have the same contacts and
    /// differ in their nonlinearity, and in the soma's gain, which makes up for what saturation takes away.
    ///
    /// # Errors
    /// [`ParamError::UnknownPreset`] for any other name.
    pub fn preset(name: &str) -> Result<Self, ParamError> {
        match Self::PRESETS.iter().zip(Nonlinearity::ALL).find(|(known, _)| **known == name) {
            Some((_, nonlinearity)) => {
                let soma_gain = match nonlinearity {
                    Nonlinearity::Linear | Nonlinearity::NmdaLike => 1.0,
                    Nonlinearity::AmpaLike => 1.4,
                    Nonlinearity::TwoSidedSaturation => 1.2,
                };
                Ok(Self { nonlinearity, soma_gain, ..Self::default() })
            }
            None => Err(ParamError::UnknownPreset {
                name: name.to_owned(),
                known: Self::PRESETS.join(", "),
            }),
        }
    }

    /// Reads and validates a neuron's JSON. Every key is optional.
    ///
    /// # Errors
    /// Text that is no JSON object, an unknown key (with the nearest known one), a value of the wrong type or out
    /// of its bounds (with its unit).
    pub fn from_json(text: &str) -> Result<Self, ParamError> {
        let params: Self = json::read(text, &Self::keys())?;
        params.validate()?;
        Ok(params)
    }

    /// Every key that a neuron's JSON may have, and when it matters.
    const KEYS: [(&'static str, Matters); 37] = [
        ("num_branches", Matters::Always),
        ("nonlinearity", Matters::Always),
        ("e_exc_mV", Matters::Always),
        ("e_inh_mV", Matters::Always),
        ("nmda_threshold_mV", Matters::NmdaLike),
        ("nmda_width_mV", Matters::NmdaLike),
        ("nmda_amplitude_mV", Matters::NmdaLike),
        ("saturation_low_mV", Matters::TwoSided),
        ("saturation_high_mV", Matters::TwoSided),
        ("saturation_width_mV", Matters::TwoSided),
        ("saturation_edge_slope", Matters::TwoSided),
        ("contacts_per_axon", Matters::Wiring),
        ("placement", Matters::Wiring),
        ("wiring_seed", Matters::Wiring),
        ("tau_rise_range_ms", Matters::Wiring),
        ("tau_decay_range_ms", Matters::Wiring),
        ("delay_range_ms", Matters::Wiring),
        ("weight_exc_range_mV", Matters::Wiring),
        ("weight_inh_range_mV", Matters::Wiring),
        ("contacts", Matters::Always),
        ("epas_mV", Matters::Always),
        ("soma_tau_ms", Matters::Always),
        ("soma_gain", Matters::Always),
        ("threshold_mV", Matters::Always),
        ("reset_mV", Matters::Always),
        ("refractory_ms", Matters::Always),
        ("after_spike_mV", Matters::Always),
        ("after_spike_tau_ms", Matters::Always),
        ("spike_peak_mV", Matters::Always),
        ("num_samples_per_ms", Matters::Always),
        ("soma_voltage_cap_mV", Matters::Always),
        ("dend_voltage_cap_mV", Matters::Always),
        ("near_spike_V_diff", Matters::Always),
        ("near_spike_t_diff", Matters::Always),
        ("inst_rate_t_diff", Matters::Always),
        ("inst_rate_smoothing_tau", Matters::Always),
        ("sim_duration_ms", Matters::Always),
    ];

    /// Every key that a neuron's JSON may have.
    #[must_use]
    pub fn keys() -> Vec<&'static str> {
        Self::KEYS.iter().map(|(key, _)| *key).collect()
    }

    /// The keys without an effect on this neuron, each with the key that decides in its place.
    #[must_use]
    pub fn without_effect(&self) -> Vec<(&'static str, &'static str)> {
        let decided_by = |matters: Matters| match matters {
            Matters::Wiring => self.contacts.is_some().then_some("contacts"),
            Matters::NmdaLike => {
                (self.nonlinearity != Nonlinearity::NmdaLike).then_some("nonlinearity")
            }
            Matters::TwoSided => {
                (self.nonlinearity != Nonlinearity::TwoSidedSaturation).then_some("nonlinearity")
            }
            Matters::Always => None,
        };
        Self::KEYS.iter().filter_map(|(key, matters)| Some((*key, decided_by(*matters)?))).collect()
    }

    /// Checks every parameter against its bounds and against the others.
    ///
    /// # Errors
    /// [`ParamError::Range`] names the first key that is out of bounds, and the bounds with their unit.
    pub fn validate(&self) -> Result<(), ParamError> {
        let bounded = [
            ("epas_mV", self.e_pas_mv, -200.0, 100.0, "mV"),
            ("e_exc_mV", self.e_exc_mv, self.e_pas_mv + 1.0, 400.0, "mV, above rest"),
            ("e_inh_mV", self.e_inh_mv, -400.0, self.e_pas_mv - 1.0, "mV, below rest"),
            ("nmda_threshold_mV", self.nmda_threshold_mv, 0.0, 1e3, "mV"),
            ("nmda_width_mV", self.nmda_width_mv, 0.01, 1e3, "mV"),
            ("nmda_amplitude_mV", self.nmda_amplitude_mv, 0.0, 1e3, "mV"),
            ("saturation_low_mV", self.saturation_low_mv, -1e3, 0.0, "mV"),
            ("saturation_high_mV", self.saturation_high_mv, 0.0, 1e3, "mV"),
            ("saturation_width_mV", self.saturation_width_mv, 0.01, 1e3, "mV"),
            ("saturation_edge_slope", self.saturation_edge_slope, 0.0, 1.0, "(a slope)"),
            ("soma_tau_ms", self.soma_tau_ms, 0.01, 1e4, "ms"),
            ("soma_gain", self.soma_gain, 0.0, 1e3, "(a factor)"),
            ("threshold_mV", self.threshold_mv, self.e_pas_mv + 0.1, 200.0, "mV, above rest"),
            ("reset_mV", self.reset_mv, -400.0, self.threshold_mv - 0.1, "mV, below the threshold"),
            (
                "spike_peak_mV",
                self.spike_peak_mv,
                self.threshold_mv,
                400.0,
                "mV, from the threshold",
            ),
            ("refractory_ms", self.refractory_ms, 1.0, 1e4, "ms"),
            ("after_spike_mV", self.after_spike_mv, 0.0, 1e3, "mV"),
            ("after_spike_tau_ms", self.after_spike_tau_ms, 0.01, 1e4, "ms"),
            ("soma_voltage_cap_mV", self.soma_cap_mv, -200.0, 200.0, "mV"),
            ("dend_voltage_cap_mV", self.dend_cap_mv, -200.0, 200.0, "mV"),
            ("near_spike_V_diff", self.near_spike_diff_mv, 0.0, 400.0, "mV"),
            ("inst_rate_smoothing_tau", self.rate_smoothing_ms, 1e-3, 1e4, "ms"),
        ];
        for (key, value, least, most, unit) in bounded {
            in_range(key, value, least..=most, || format!("must lie in {least}..{most} {unit}"))?;
        }
        let ranges = [
            ("tau_rise_range_ms", self.tau_rise_range_ms, 1e-3, 1e4, "ms"),
            ("tau_decay_range_ms", self.tau_decay_range_ms, 1e-3, 1e4, "ms"),
            ("delay_range_ms", self.delay_range_ms, 0.0, 1e3, "ms"),
            ("weight_exc_range_mV", self.weight_exc_range_mv, 0.0, 1e3, "mV"),
            ("weight_inh_range_mV", self.weight_inh_range_mv, 0.0, 1e3, "mV"),
        ];
        for (key, [from, to], least, most, unit) in ranges {
            if !(least <= from && from <= to && to <= most) {
                return Err(ParamError::Range {
                    key: key.to_owned(),
                    value: format!("[{from}, {to}]"),
                    must: format!("must be [least, greatest], both in {least}..{most} {unit}"),
                });
            }
        }
        let counts = [
            ("num_branches", self.num_branches, 1, 100_000, "branches"),
            ("contacts_per_axon", self.contacts_per_axon, 0, 1_000, "contacts"),
            ("num_samples_per_ms", self.samples_per_ms, 1, 10_000, "steps a ms"),
            ("near_spike_t_diff", self.near_spike_window_ms, 0, 1_000_000, "ms"),
            ("inst_rate_t_diff", self.rate_window_ms, 1, 1_000_000, "ms"),
            ("sim_duration_ms", self.sim_duration_ms.unwrap_or(1), 1, 100_000_000, "ms"),
        ];
        for (key, value, least, most, unit) in counts {
            in_range(key, value, least..=most, || {
                format!("must be a whole number in {least}..{most} {unit}")
            })?;
        }
        let listed = self.contacts.as_deref();
        let number = listed.map_or(2 * self.num_branches * self.contacts_per_axon, <[_]>::len);
        let key = if listed.is_some() { "contacts" } else { "contacts_per_axon" };
        in_range(key, number, 0..=MOST_CONTACTS, || {
            format!("a neuron can have {MOST_CONTACTS} contacts at most")
        })?;
        let mut contacts = listed.unwrap_or_default().iter().enumerate();
        contacts.try_for_each(|(i, contact)| contact.validate(i, self.num_branches))
    }

    /// The short name, which also names a data set's folder.
    #[must_use]
    pub fn short_name(&self) -> String {
        let wiring = match &self.contacts {
            Some(contacts) => format!("{}contacts", contacts.len()),
            None => format!("{}contacts_per_axon", self.contacts_per_axon),
        };
        let placement = match self.placement {
            Placement::Clustered if self.contacts.is_none() => "_clustered",
            _ => "",
        };
        format!(
            "FilterAndFireNeuron_{}_{}branches_{wiring}{placement}",
            self.nonlinearity.name(),
            self.num_branches
        )
    }

    /// A neuron from whose traces targets are read as from this one's: its rest, threshold, caps, windows, rows and
    /// steps. Whatever derives or scales targets takes it; nothing simulates it.
    #[must_use]
    pub fn readout(&self) -> NeuronParams {
        NeuronParams {
            num_segments: self.num_branches,
            e_pas_mv: self.e_pas_mv,
            samples_per_ms: self.samples_per_ms,
            spike_threshold_mv: self.threshold_mv,
            soma_cap_mv: self.soma_cap_mv,
            dend_cap_mv: self.dend_cap_mv,
            near_spike_diff_mv: self.near_spike_diff_mv,
            near_spike_window_ms: self.near_spike_window_ms,
            rate_window_ms: self.rate_window_ms,
            rate_smoothing_ms: self.rate_smoothing_ms,
            sim_duration_ms: self.sim_duration_ms,
            ..NeuronParams::default()
        }
    }
}

#[cfg(test)]
mod tests;
