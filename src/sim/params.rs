//! The parameters of a neuron: each with its unit, its bounds and its JSON key.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::channel::Channel;
use super::clamp::{Clamp, read_clamps, validate_clamps};
use super::hay2011;
use super::morphology::{Branch, Morphology, read_branches};
use super::readout::{HasTargets, Readout, TargetParams, target_settings};
use super::region::{self, Regions, read_regions};
use crate::settings::{self, HasSettings, Setting, SettingError};

/// The biophysical neuron: a soma with Hay et al.'s (2011) channels, and branches with synapses, passive or with
/// channels of their own.
///
/// Serialised under the keys of the original's JSON; what a JSON leaves out keeps its default. The defaults are the
/// long thin cable with human NMDA synapses, as the original's data sets have it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)] // `flatten` forbids `deny_unknown_fields`; `settings::read` knows the keys
pub struct NeuronParams {
    /// Compartments of the dendrite (≥ 1); not used where `branches` are given.
    pub num_segments: usize,
    /// Length of the soma, µm.
    #[serde(rename = "soma_L_um")]
    pub soma_length_um: f64,
    /// Diameter of the soma, µm.
    pub soma_diam_um: f64,
    /// Length of the dendrite, µm; not used where `branches` are given.
    #[serde(rename = "dend_L_um")]
    pub dend_length_um: f64,
    /// Diameter of the dendrite, µm; not used where `branches` are given.
    pub dend_diam_um: f64,
    /// Axial resistivity, Ω·cm.
    #[serde(rename = "Ra_ohm_cm")]
    pub axial_resistivity: f64,
    /// Specific membrane capacitance, µF/cm².
    #[serde(rename = "cm_uF_cm2")]
    pub capacitance: f64,
    /// Specific membrane resistance of the dendrite, Ω·cm²; its g_pas is 1/Rm. The soma's is 3e-5 S/cm² always.
    #[serde(rename = "Rm_ohm_cm2")]
    pub membrane_resistance: f64,
    /// Reversal of the leak and initial voltage, mV.
    #[serde(rename = "epas_mV")]
    pub e_pas_mv: f64,
    /// Peak AMPA conductance of a synapse of weight 1, µS.
    #[serde(rename = "g_max_AMPA_uS")]
    pub g_max_ampa: f64,
    /// Peak NMDA conductance of a synapse of weight 1, unblocked, µS.
    #[serde(rename = "g_max_NMDA_uS")]
    pub g_max_nmda: f64,
    /// Steepness of the magnesium block, 1/mV.
    #[serde(rename = "gamma_NMDA")]
    pub gamma_nmda: f64,
    /// Peak GABA_A conductance of a synapse of weight 1, µS.
    #[serde(rename = "g_max_GABA_A_uS")]
    pub g_max_gaba_a: f64,
    /// Scales every active conductance of the built-in soma.
    #[serde(rename = "multiplicative_rho_factor")]
    pub rho_factor: f64,
    /// Scales SK_E2 besides rho; 0 in all of the original's data sets.
    #[serde(rename = "multiplicative_SKE2_factor")]
    pub sk_e2_factor: f64,
    /// Steps a millisecond; dt = 1/`samples_per_ms` ms.
    #[serde(rename = "num_samples_per_ms")]
    pub samples_per_ms: usize,
    /// Spike threshold, mV: a local maximum of the soma's voltage at or above it is a spike.
    #[serde(rename = "spike_detection_threshold_mV")]
    pub spike_threshold_mv: f64,
    /// The parameters of the targets.
    #[serde(flatten)]
    pub targets: TargetParams,
    /// A tree of branches in place of the one dendrite; `None`: the dendrite of `num_segments`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "read_branches")]
    pub branches: Option<Vec<Branch>>,
    /// The membrane of regions, by name. A region that is not among them has the passive membrane of the parameters
    /// above, and the soma the built-in one.
    #[serde(skip_serializing_if = "Regions::is_empty", deserialize_with = "read_regions")]
    pub regions: Regions,
    /// Currents that are injected into the soma or into branches.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "read_clamps")]
    pub clamps: Vec<Clamp>,
    /// A factor on single channels' conductances in the built-in soma (1 where not named): 0 switches a channel off.
    /// The original has no such key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub channel_factors: BTreeMap<Channel, f64>,
    /// Duration of a simulation that is given no other, ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sim_duration_ms: Option<usize>,
    /// Temperature of the Nernst potential of calcium, °C (NEURON's default).
    pub celsius: f64,
    /// NEURON's version, which the original writes among the parameters; not used.
    #[serde(skip_serializing)]
    pub neuron_version: Option<String>,
}

impl Default for NeuronParams {
    fn default() -> Self {
        Self {
            num_segments: 8,
            soma_length_um: 25.0,
            soma_diam_um: 25.0,
            dend_length_um: 2048.0,
            dend_diam_um: 1.0,
            axial_resistivity: 150.0,
            capacitance: 1.0,
            membrane_resistance: 20_000.0,
            e_pas_mv: -85.0,
            g_max_ampa: 0.0004,
            g_max_nmda: 0.0008,
            gamma_nmda: 0.08,
            g_max_gaba_a: 0.001,
            rho_factor: 1.0,
            sk_e2_factor: 0.0,
            samples_per_ms: 40,
            spike_threshold_mv: 0.0,
            targets: TargetParams::default(),
            branches: None,
            regions: Regions::new(),
            clamps: Vec::new(),
            channel_factors: BTreeMap::new(),
            sim_duration_ms: None,
            celsius: 6.3,
            neuron_version: None,
        }
    }
}

impl NeuronParams {
    /// The name of the preset of Hay et al.'s (2011) pyramidal cell, with channels on all its parts
    /// ([`pyramidal`](Self::pyramidal)).
    pub const PYRAMIDAL: &str = "hay2011";

    /// The names of the presets that are balls and sticks.
    pub const PRESETS: [&str; 3] = ["ampa-point", "nmda-cable", "nmda-cable-rodent"];

    /// A preset by its name: `ampa-point` (short thick dendrite, AMPA only), `nmda-cable` (long thin dendrite,
    /// human NMDA) or `nmda-cable-rodent`. SK_E2 is off; set `multiplicative_SKE2_factor` to switch it on.
    ///
    /// # Errors
    /// [`SettingError::UnknownPreset`] for any other name.
    pub fn preset(name: &str) -> Result<Self, SettingError> {
        let cable = Self::default();
        match name {
            "nmda-cable" => Ok(cable),
            "nmda-cable-rodent" => Ok(Self { g_max_nmda: 0.0004, gamma_nmda: 0.062, ..cable }),
            "ampa-point" => Ok(Self {
                dend_length_um: 128.0,
                dend_diam_um: 4.0,
                g_max_nmda: 0.0,
                gamma_nmda: 0.062,
                ..cable
            }),
            _ => Err(SettingError::UnknownPreset {
                name: name.to_owned(),
                known: Self::PRESETS.join(", "),
            }),
        }
    }

    /// The preset [`PYRAMIDAL`](Self::PYRAMIDAL): Hay et al.'s (2011) membrane on the cell that is drawn for it
    /// ([`hay2011::drawn`]), with the synapses of `nmda-cable`.
    #[must_use]
    pub fn pyramidal() -> Self {
        let ([soma_length_um, soma_diam_um], branches) = hay2011::drawn();
        let regions = hay2011::regions(&branches, soma_length_um);
        let (e_pas_mv, branches) = (hay2011::START_MV, Some(branches));
        Self { soma_length_um, soma_diam_um, e_pas_mv, branches, regions, ..Self::default() }
    }

    /// Reads and validates a neuron's JSON. Every key is optional.
    ///
    /// # Errors
    /// [`SettingError`] where the text is no JSON object, a key is unknown (with the nearest known one), or a value is
    /// of the wrong type or out of its bounds (with its unit).
    pub fn from_json(text: &str) -> Result<Self, SettingError> {
        settings::read(text)
    }

    /// Every key that a neuron's JSON may have.
    #[must_use]
    pub fn keys() -> Vec<&'static str> {
        settings::keys::<Self>()
    }

    /// Checks every parameter against its bounds.
    ///
    /// # Errors
    /// [`SettingError::Range`] names the first key that is out of bounds, and the bounds with their unit.
    pub fn validate(&self) -> Result<(), SettingError> {
        settings::check(self)
    }

    /// The parameters with which targets are derived from this neuron's traces.
    #[must_use]
    pub fn readout(&self) -> Readout {
        Readout {
            num_rows: self.num_rows(),
            samples_per_ms: self.samples_per_ms,
            e_pas_mv: self.e_pas_mv,
            spike_threshold_mv: self.spike_threshold_mv,
            targets: self.targets,
        }
    }

    /// Maximal conductance density of a channel of the built-in soma with all its factors, S/cm².
    #[must_use]
    pub fn conductance(&self, channel: Channel) -> f64 {
        let sk = if channel == Channel::SkE2 { self.sk_e2_factor } else { 1.0 };
        let own = self.channel_factors.get(&channel).unwrap_or(&1.0);
        channel.g_bar() * self.rho_factor * sk * own
    }

    /// The branches: those given, or the one dendrite.
    #[must_use]
    pub fn branches(&self) -> Vec<Branch> {
        self.branches.clone().unwrap_or_else(|| {
            vec![Branch {
                name: "dend".to_owned(),
                parent: Branch::SOMA.to_owned(),
                parent_x: 1.0,
                length_um: self.dend_length_um,
                diam_um: self.dend_diam_um,
                num_segments: self.num_segments,
                region: Branch::DEND.to_owned(),
            }]
        })
    }

    /// Segments of all branches: the number of rows of the inputs and of the dendritic voltages.
    #[must_use]
    pub fn num_rows(&self) -> usize {
        match &self.branches {
            Some(branches) => branches.iter().map(|b| b.num_segments).sum(),
            None => self.num_segments,
        }
    }

    /// The length constant λ = 100·sqrt(d·Rm/(4·Ra)) of a branch of diameter `diam_um`, in µm (Rall 1959).
    #[must_use]
    pub fn length_constant_um(&self, diam_um: f64) -> f64 {
        100.0 * (diam_um * self.membrane_resistance / (4.0 * self.axial_resistivity)).sqrt()
    }

    /// The original's short name of the neuron, which also names a data set's folder.
    #[must_use]
    pub fn short_name(&self) -> String {
        let name = match &self.branches {
            Some(branches) => {
                let (branches, segments) = (branches.len(), self.num_rows());
                format!("TreeNeuron_Soma_Hay2011_{branches}branches_{segments}segs")
            }
            None => format!(
                "BallAndStickNeuron_Soma_Hay2011_Dend_Lxd_{}um_x_{:.1}um_{}segs",
                self.dend_length_um, self.dend_diam_um, self.num_segments
            )
            .replace('.', "_"),
        };
        match self.regions.len() {
            0 => name,
            1 => format!("{name}_1region"),
            n => format!("{name}_{n}regions"),
        }
    }

    /// Whether a [short name](Self::short_name), or a title that holds one, is that of a neuron with regions.
    #[must_use]
    pub fn names_regions(short_name: &str) -> bool {
        short_name.contains("region")
    }

    /// Whether a segment has a calcium pool.
    #[must_use]
    pub fn has_dendritic_pools(&self) -> bool {
        let has_pool = |branch: &Branch| {
            self.regions.get(&branch.region).is_some_and(|region| region.calcium.is_some())
        };
        !self.regions.is_empty() && self.branches().iter().any(has_pool)
    }

    /// Whether all that it has is the built-in soma with passive branches, and no electrode: what the original's class
    /// can simulate.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.regions.is_empty() && self.clamps.is_empty()
    }
}

impl NeuronParams {
    /// The morphology that these parameters describe.
    #[must_use]
    pub fn morphology(&self) -> Morphology {
        let soma = [self.soma_length_um, self.soma_diam_um];
        let resistivity = |region: &str| {
            self.regions.get(region).map_or(self.axial_resistivity, |r| r.axial_resistivity)
        };
        Morphology::new(soma, resistivity, self.branches())
    }
}

impl HasTargets for NeuronParams {
    fn targets(&self) -> &TargetParams {
        &self.targets
    }
}

impl HasSettings for NeuronParams {
    fn settings() -> Vec<Setting<Self>> {
        let mut all = vec![
            Setting::count("num_segments", |p: &Self| p.num_segments, [1, 100_000], "segments"),
            Setting::positive("soma_L_um", |p| p.soma_length_um, 1e4, "µm"),
            Setting::positive("soma_diam_um", |p| p.soma_diam_um, 1e4, "µm"),
            Setting::positive("dend_L_um", |p| p.dend_length_um, 1e5, "µm"),
            Setting::positive("dend_diam_um", |p| p.dend_diam_um, 1e3, "µm"),
            Setting::positive("Ra_ohm_cm", |p| p.axial_resistivity, 1e6, "Ω·cm"),
            Setting::positive("cm_uF_cm2", |p| p.capacitance, 1e3, "µF/cm²"),
            Setting::positive("Rm_ohm_cm2", |p| p.membrane_resistance, 1e9, "Ω·cm²"),
            Setting::number("epas_mV", |p| p.e_pas_mv, [-200.0, 100.0], "mV"),
            Setting::number("g_max_AMPA_uS", |p| p.g_max_ampa, [0.0, 10.0], "µS"),
            Setting::number("g_max_NMDA_uS", |p| p.g_max_nmda, [0.0, 10.0], "µS"),
            Setting::number("gamma_NMDA", |p| p.gamma_nmda, [0.0, 1.0], "1/mV"),
            Setting::number("g_max_GABA_A_uS", |p| p.g_max_gaba_a, [0.0, 10.0], "µS"),
            Setting::number("multiplicative_rho_factor", |p| p.rho_factor, FACTOR, A_FACTOR),
            Setting::number("multiplicative_SKE2_factor", |p| p.sk_e2_factor, FACTOR, A_FACTOR),
            Setting::count("num_samples_per_ms", |p| p.samples_per_ms, [1, 10_000], "steps a ms"),
            Setting::number(
                "spike_detection_threshold_mV",
                |p| p.spike_threshold_mv,
                [-200.0, 200.0],
                "mV",
            ),
        ];
        all.extend(target_settings(Setting::positive(
            "inst_rate_smoothing_tau",
            |p: &Self| p.targets.rate_smoothing_ms,
            1e4,
            "ms",
        )));
        all.extend([
            // these are checked with the parameters that depend on them
            Setting::free("branches"),
            Setting::free("regions"),
            Setting::free("clamps"),
            Setting::free("channel_factors"),
            Setting::count(
                "sim_duration_ms",
                |p: &Self| p.sim_duration_ms.unwrap_or(1),
                [1, 100_000_000],
                "ms",
            ),
            Setting::number("celsius", |p| p.celsius, [-20.0, 60.0], "°C"),
            Setting::free("neuron_version"),
        ]);
        all
    }

    fn together(&self) -> Result<(), SettingError> {
        for (channel, factor) in &self.channel_factors {
            if !(FACTOR[0]..=FACTOR[1]).contains(factor) {
                let key = format!("channel_factors.{}", channel.name());
                let must = "must lie in 0..100 (a factor)";
                return Err(SettingError::range(key, factor.to_string(), must));
            }
        }
        let morphology = self.morphology();
        morphology.validate()?;
        region::validate(&self.regions, &morphology)?;
        validate_clamps(&self.clamps, &self.branches())
    }
}

/// Bounds of a factor on a conductance.
const FACTOR: [f64; 2] = [0.0, 100.0];

const A_FACTOR: &str = "(a factor)";
