//! The parameters of a filter-and-fire neuron: units, bounds, JSON keys.

use serde::{Deserialize, Serialize};

use super::contact::{Contact, Placement};
use super::nonlinearity::BranchNonlinearity;
use crate::settings::{self, HasSettings, Setting, SettingError};
use crate::sim::NeuronParams;
use crate::sim::readout::{HasTargets, Readout, TargetParams, target_settings};

/// The most contacts that a neuron can have.
const MOST_CONTACTS: usize = 1_000_000;

/// The parameters of a filter-and-fire neuron. A key that a JSON leaves out keeps its default.
///
/// Rest, caps and windows are the ball-and-stick's, so that targets are derived and scaled alike; the threshold is the
/// soma's cap, so that the cap removes nothing below the threshold. Five contacts an axon and the after-spike current
/// are of the paper's order. Its rise of 1-16 ms and decay of 8-30 ms are halved here, because the inputs of the
/// original's data sets, denser than the paper's and never negative, would otherwise add up to a nearly constant drive.
/// Weights are chosen for those inputs: of random ones, more than 3 in 4 pass the data sets' filter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)] // `flatten` forbids `deny_unknown_fields`; `settings::read` knows the keys
pub struct FfParams {
    /// Branches, and as many rows of inputs, each with an excitatory and an inhibitory axon.
    pub num_branches: usize,
    /// The nonlinearity of the branches.
    pub nonlinearity: BranchNonlinearity,
    /// Excitatory reversal, where `ampa_like` and `nmda_like` saturate, mV.
    #[serde(rename = "e_exc_mV")]
    pub e_exc_mv: f64,
    /// Inhibitory reversal, where `ampa_like` and `nmda_like` saturate below rest, mV.
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
    /// Placement of drawn contacts on the branches.
    pub placement: Placement,
    /// Seed by which contacts are drawn.
    pub wiring_seed: u64,
    /// Least and greatest time constant of a drawn contact's rise, ms.
    pub tau_rise_range_ms: [f64; 2],
    /// Least and greatest time constant of a drawn contact's decay, ms.
    pub tau_decay_range_ms: [f64; 2],
    /// Least and greatest delay of a drawn contact, ms.
    pub delay_range_ms: [f64; 2],
    /// Least and greatest peak response to a weight of 1 on an excitatory axon, mV.
    #[serde(rename = "weight_exc_range_mV")]
    pub weight_exc_range_mv: [f64; 2],
    /// Least and greatest peak response to a weight of 1 on an inhibitory axon, mV (its size).
    #[serde(rename = "weight_inh_range_mV")]
    pub weight_inh_range_mv: [f64; 2],
    /// Contacts one by one; `None`: they are drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<Vec<Contact>>,
    /// Resting and initial voltage of soma and branches, mV (under the original's key).
    #[serde(rename = "epas_mV")]
    pub e_pas_mv: f64,
    /// Membrane time constant of the soma, ms.
    pub soma_tau_ms: f64,
    /// Gain of the soma: the factor of the branches' mean response.
    pub soma_gain: f64,
    /// Firing threshold, mV.
    #[serde(rename = "threshold_mV")]
    pub threshold_mv: f64,
    /// Voltage after a spike, mV.
    #[serde(rename = "reset_mV")]
    pub reset_mv: f64,
    /// How long the soma is held at the reset voltage, ms; at least 1, so that a bin holds one spike at most.
    pub refractory_ms: f64,
    /// Amplitude of the after-spike current, times the soma's resistance, mV.
    #[serde(rename = "after_spike_mV")]
    pub after_spike_mv: f64,
    /// Time constant of the after-spike current, ms.
    pub after_spike_tau_ms: f64,
    /// Voltage shown in a spike's sample, mV.
    #[serde(rename = "spike_peak_mV")]
    pub spike_peak_mv: f64,
    /// Steps a millisecond; dt = 1/`samples_per_ms` ms.
    #[serde(rename = "num_samples_per_ms")]
    pub samples_per_ms: usize,
    /// The parameters of the targets.
    #[serde(flatten)]
    pub targets: TargetParams,
    /// Duration of a simulation that is given no other, ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sim_duration_ms: Option<usize>,
}

impl Default for FfParams {
    fn default() -> Self {
        let like = NeuronParams::default();
        Self {
            num_branches: 8,
            nonlinearity: BranchNonlinearity::Linear,
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
            threshold_mv: like.targets.soma_cap_mv,
            reset_mv: -80.0,
            refractory_ms: 2.0,
            after_spike_mv: 40.0,
            after_spike_tau_ms: 20.0,
            spike_peak_mv: 30.0,
            samples_per_ms: 1,
            targets: like.targets,
            sim_duration_ms: None,
        }
    }
}

impl FfParams {
    /// The names of the presets, one for each nonlinearity.
    pub const PRESETS: [&str; 4] = ["ff-linear", "ff-ampa", "ff-nmda", "ff-two-sided"];

    /// A preset by its name: `ff-linear`, `ff-ampa`, `ff-nmda` or `ff-two-sided`. Presets have the same contacts and
    /// differ in their nonlinearity, and in the soma's gain, which makes up for the saturation.
    ///
    /// # Errors
    /// [`SettingError::UnknownPreset`] for any other name.
    pub fn preset(name: &str) -> Result<Self, SettingError> {
        match Self::PRESETS.iter().zip(BranchNonlinearity::ALL).find(|(known, _)| **known == name) {
            Some((_, nonlinearity)) => {
                let soma_gain = match nonlinearity {
                    BranchNonlinearity::Linear | BranchNonlinearity::NmdaLike => 1.0,
                    BranchNonlinearity::AmpaLike => 1.4,
                    BranchNonlinearity::TwoSidedSaturation => 1.2,
                };
                Ok(Self { nonlinearity, soma_gain, ..Self::default() })
            }
            None => Err(SettingError::UnknownPreset {
                name: name.to_owned(),
                known: Self::PRESETS.join(", "),
            }),
        }
    }

    /// Reads and validates a neuron's JSON. Every key is optional.
    ///
    /// # Errors
    /// [`SettingError`]: the text is no JSON object, a key is unknown (with the nearest known one), or a value is of
    /// the wrong type or out of its bounds (with its unit).
    pub fn from_json(text: &str) -> Result<Self, SettingError> {
        settings::read(text)
    }

    /// Every key that a neuron's JSON may have.
    #[must_use]
    pub fn keys() -> Vec<&'static str> {
        settings::keys::<Self>()
    }

    /// The keys without an effect on this neuron, each with the key that decides in its place.
    #[must_use]
    pub fn without_effect(&self) -> Vec<(&'static str, &'static str)> {
        let mut idle = Vec::new();
        let mut add = |settings: Vec<Setting<Self>>, decided_by: &'static str| {
            idle.extend(settings.iter().map(|setting| (setting.key(), decided_by)));
        };
        if self.nonlinearity != BranchNonlinearity::NmdaLike {
            add(nmda_like_settings(), "nonlinearity");
        }
        if self.nonlinearity != BranchNonlinearity::TwoSidedSaturation {
            add(two_sided_settings(), "nonlinearity");
        }
        if self.contacts.is_some() {
            add(wiring_settings(), "contacts");
        }
        idle
    }

    /// Checks every parameter against its bounds and against the others.
    ///
    /// # Errors
    /// [`SettingError::Range`] names the first key that is out of bounds, and the bounds with their unit.
    pub fn validate(&self) -> Result<(), SettingError> {
        settings::check(self)
    }

    /// The neuron's short name, which also names a data set's folder.
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

    /// The parameters by which targets are derived from this neuron's traces; the spike threshold is the neuron's own.
    #[must_use]
    pub fn readout(&self) -> Readout {
        Readout {
            num_rows: self.num_branches,
            samples_per_ms: self.samples_per_ms,
            e_pas_mv: self.e_pas_mv,
            spike_threshold_mv: self.threshold_mv,
            targets: self.targets,
        }
    }
}

impl HasTargets for FfParams {
    fn targets(&self) -> &TargetParams {
        &self.targets
    }
}

/// The settings that matter only where contacts are drawn, not listed.
fn wiring_settings() -> Vec<Setting<FfParams>> {
    vec![
        Setting::count(
            "contacts_per_axon",
            |p: &FfParams| p.contacts_per_axon,
            [0, 1_000],
            "contacts",
        ),
        Setting::free("placement"),
        Setting::free("wiring_seed"),
        Setting::range("tau_rise_range_ms", |p| p.tau_rise_range_ms, [1e-3, 1e4], "ms"),
        Setting::range("tau_decay_range_ms", |p| p.tau_decay_range_ms, [1e-3, 1e4], "ms"),
        Setting::range("delay_range_ms", |p| p.delay_range_ms, [0.0, 1e3], "ms"),
        Setting::range("weight_exc_range_mV", |p| p.weight_exc_range_mv, [0.0, 1e3], "mV"),
        Setting::range("weight_inh_range_mV", |p| p.weight_inh_range_mv, [0.0, 1e3], "mV"),
    ]
}

/// The settings that matter only for the nonlinearity `nmda_like`.
fn nmda_like_settings() -> Vec<Setting<FfParams>> {
    vec![
        Setting::number("nmda_threshold_mV", |p: &FfParams| p.nmda_threshold_mv, [0.0, 1e3], "mV"),
        Setting::number("nmda_width_mV", |p| p.nmda_width_mv, [0.01, 1e3], "mV"),
        Setting::number("nmda_amplitude_mV", |p| p.nmda_amplitude_mv, [0.0, 1e3], "mV"),
    ]
}

/// The settings that matter only for the nonlinearity `two_sided_saturation`.
fn two_sided_settings() -> Vec<Setting<FfParams>> {
    vec![
        Setting::number("saturation_low_mV", |p: &FfParams| p.saturation_low_mv, [-1e3, 0.0], "mV"),
        Setting::number("saturation_high_mV", |p| p.saturation_high_mv, [0.0, 1e3], "mV"),
        Setting::number("saturation_width_mV", |p| p.saturation_width_mv, [0.01, 1e3], "mV"),
        Setting::number(
            "saturation_edge_slope",
            |p| p.saturation_edge_slope,
            [0.0, 1.0],
            "(a slope)",
        ),
    ]
}

impl HasSettings for FfParams {
    fn settings() -> Vec<Setting<Self>> {
        let mut all = vec![
            Setting::count("num_branches", |p: &Self| p.num_branches, [1, 100_000], "branches"),
            Setting::free("nonlinearity"),
            Setting::number("epas_mV", |p| p.e_pas_mv, [-200.0, 100.0], "mV"),
            Setting::number_within(
                "e_exc_mV",
                |p| p.e_exc_mv,
                |p| [p.e_pas_mv + 1.0, 400.0],
                "mV, above rest",
            ),
            Setting::number_within(
                "e_inh_mV",
                |p| p.e_inh_mv,
                |p| [-400.0, p.e_pas_mv - 1.0],
                "mV, below rest",
            ),
        ];
        all.extend(nmda_like_settings());
        all.extend(two_sided_settings());
        all.extend(wiring_settings());
        all.extend([
            Setting::free("contacts"), // checked with the branches that they reach
            Setting::number("soma_tau_ms", |p: &Self| p.soma_tau_ms, [0.01, 1e4], "ms"),
            Setting::number("soma_gain", |p| p.soma_gain, [0.0, 1e3], "(a factor)"),
            Setting::number_within(
                "threshold_mV",
                |p| p.threshold_mv,
                |p| [p.e_pas_mv + 0.1, 200.0],
                "mV, above rest",
            ),
            Setting::number_within(
                "reset_mV",
                |p| p.reset_mv,
                |p| [-400.0, p.threshold_mv - 0.1],
                "mV, below the threshold",
            ),
            Setting::number_within(
                "spike_peak_mV",
                |p| p.spike_peak_mv,
                |p| [p.threshold_mv, 400.0],
                "mV, from the threshold",
            ),
            Setting::number("refractory_ms", |p| p.refractory_ms, [1.0, 1e4], "ms"),
            Setting::number("after_spike_mV", |p| p.after_spike_mv, [0.0, 1e3], "mV"),
            Setting::number("after_spike_tau_ms", |p| p.after_spike_tau_ms, [0.01, 1e4], "ms"),
            Setting::count("num_samples_per_ms", |p| p.samples_per_ms, [1, 10_000], "steps a ms"),
        ]);
        all.extend(target_settings(Setting::number(
            "inst_rate_smoothing_tau",
            |p: &Self| p.targets.rate_smoothing_ms,
            [1e-3, 1e4],
            "ms",
        )));
        all.push(Setting::count(
            "sim_duration_ms",
            |p| p.sim_duration_ms.unwrap_or(1),
            [1, 100_000_000],
            "ms",
        ));
        all
    }

    fn together(&self) -> Result<(), SettingError> {
        let listed = self.contacts.as_deref();
        let number = listed.map_or(2 * self.num_branches * self.contacts_per_axon, <[_]>::len);
        if number > MOST_CONTACTS {
            let key = if listed.is_some() { "contacts" } else { "contacts_per_axon" };
            let must = format!("a neuron can have {MOST_CONTACTS} contacts at most");
            return Err(SettingError::range(key, number.to_string(), must));
        }
        let mut contacts = listed.unwrap_or_default().iter().enumerate();
        contacts.try_for_each(|(i, contact)| contact.validate(i, self.num_branches))
    }
}

#[cfg(test)]
mod tests;
