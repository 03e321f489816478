//! `dataset.json`: everything that a data set was made from, and the checksums of its files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::config::GeneratorConfig;
use super::generate::generate;
use super::layout::{Part, Split, sim_index, sim_name};
use super::model::Model;
use super::perturb::{PairKey, PerturbError, PerturbParams, perturb};
use crate::settings::SettingError;
use crate::sim::Inputs;
use crate::sim::batch::Method;
use crate::text;

/// The name of the manifest's file, beside the folders of the splits.
pub const FILE_NAME: &str = "dataset.json";

/// The format's name and version.
pub const FORMAT: &str = "ballstick data set 1";

/// The number of simulations of each split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Simulations for training.
    pub train: u64,
    /// Simulations for validation.
    pub valid: u64,
    /// Simulations for the test.
    pub test: u64,
}

impl Counts {
    /// The number of simulations of one split.
    #[must_use]
    pub fn of(self, split: Split) -> u64 {
        [self.train, self.valid, self.test][split as usize]
    }

    /// The number of simulations of all splits.
    #[must_use]
    pub fn total(self) -> u64 {
        self.train.saturating_add(self.valid).saturating_add(self.test)
    }
}

/// CRC-32 of the six files of each simulation: eight hexadecimal digits each, in the order of [`Part::ALL`].
pub type Checksums = BTreeMap<Split, BTreeMap<String, String>>;

/// The difference between a set of partners and the data set that it belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Partners {
    /// Number of the partner, 0..K.
    pub k: u64,
    /// The settings of the inputs' perturbation.
    pub params: PerturbParams,
}

/// The folder of a data set's partners number `k`, beside the folders of the splits. It is a data set by itself; each
/// of its simulations has the name of the one that it was perturbed from.
#[must_use]
pub fn partners_folder(k: u64) -> String {
    format!("perturbed_{k}")
}

/// Everything that a data set is made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The format's name and version, [`FORMAT`].
    pub format: String,
    /// The version of ballstick that made the data set.
    pub ballstick_version: String,
    /// The neuron's short name, which is also the folder's.
    pub neuron_short_name: String,
    /// The neuron and its parameters.
    pub neuron: Model,
    /// The settings from which the inputs were drawn.
    pub generator: GeneratorConfig,
    /// Seed of the random streams.
    pub seed: u64,
    /// The method of the simulations.
    pub method: Method,
    /// Duration of every simulation, ms.
    pub sim_duration_ms: usize,
    /// The number of simulations of each split.
    pub num_simulations: Counts,
    /// The perturbation of the inputs in a set of partners; `None` in a data set proper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partners: Option<Partners>,
    /// The checksums of the simulations' files; empty in a plan.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub checksums: Checksums,
}

impl Manifest {
    /// The manifest of a data set that this version is to make, without checksums.
    #[must_use]
    pub fn plan(
        neuron: &Model,
        generator: &GeneratorConfig,
        seed: u64,
        method: Method,
        sim_duration_ms: usize,
        num_simulations: Counts,
    ) -> Self {
        Self {
            format: FORMAT.to_owned(),
            ballstick_version: env!("CARGO_PKG_VERSION").to_owned(),
            neuron_short_name: neuron.short_name(),
            neuron: neuron.clone(),
            generator: generator.clone(),
            seed,
            method,
            sim_duration_ms,
            num_simulations,
            partners: None,
            checksums: Checksums::new(),
        }
    }

    /// The plan of this data set's partners number `k`.
    #[must_use]
    pub fn perturbed(&self, k: u64, params: &PerturbParams) -> Self {
        Self { partners: Some(Partners { k, params: params.clone() }), ..self.clone() }
    }

    /// The inputs of a simulation.
    ///
    /// # Errors
    /// [`PerturbError`] where the settings of a perturbation are out of bounds.
    pub fn inputs(&self, split: Split, index: u64) -> Result<Inputs, PerturbError> {
        let Self { generator, seed, neuron, sim_duration_ms, .. } = self;
        let drawn = generate(generator, *seed, split, index, neuron.num_rows(), *sim_duration_ms);
        match &self.partners {
            None => Ok(drawn.inputs),
            Some(Partners { k, params }) => {
                let key = PairKey { seed: *seed, split, index, k: *k };
                Ok(perturb(&drawn.inputs, params, key)?.0)
            }
        }
    }

    /// Reads a manifest from the text of its file.
    ///
    /// # Errors
    /// A message in words: the text is no `dataset.json`, has another format version, or settings out of their bounds.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let value: serde_json::Value = text::from_json(text)?;
        match value["format"].as_str() {
            Some(FORMAT) => {
                let manifest: Self = text::from_value(value)?;
                let within = |e: SettingError| e.to_string();
                manifest.generator.validate().map_err(within)?;
                let partners = manifest.partners.as_ref();
                partners.map_or(Ok(()), |p| p.params.validate()).map_err(within)?;
                Ok(manifest)
            }
            Some(other) => {
                Err(format!("its format is \"{other}\"; this version reads \"{FORMAT}\""))
            }
            None => Err("it has no key \"format\"".to_owned()),
        }
    }

    /// The text of the manifest's file, the same for the same data set.
    ///
    /// # Panics
    /// Never: every value has a JSON form.
    #[must_use]
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self);
        text.map(|t| t + "\n").unwrap_or_default()
    }

    /// The first key in which two plans differ, apart from their counts, and its value in each.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<(String, String, String)> {
        let value = |manifest: &Self| {
            let mut plan = manifest.clone();
            plan.checksums.clear();
            plan.num_simulations = Counts { train: 0, valid: 0, test: 0 };
            serde_json::to_value(plan).unwrap_or_default()
        };
        difference("", &value(self), &value(other))
    }

    /// The CRC-32 of a file; `None` where the manifest has no checksum of it.
    #[must_use]
    pub fn checksum(&self, split: Split, name: &str, part: Part) -> Option<u32> {
        let all = self.checksums.get(&split)?.get(name)?;
        let from = 8 * part as usize;
        u32::from_str_radix(all.get(from..from + 8)?, 16).ok()
    }

    /// The number of the chunk that a simulation belongs to.
    #[must_use]
    pub fn chunk(&self, split: Split, index: u64) -> u64 {
        index / self.generator.per_chunk(split).max(1)
    }

    /// The simulations of shard `i` of `n` (from 0), chunk by chunk: whole chunks, dealt out in turn.
    pub fn simulations(&self, i: u64, n: u64) -> impl Iterator<Item = (Split, u64)> + '_ {
        let of = |split| self.num_simulations.of(split).div_ceil(self.generator.per_chunk(split));
        let chunks = Split::ALL.into_iter().map(of).max().unwrap_or(0);
        (i..chunks).step_by(usize::try_from(n.max(1)).unwrap_or(usize::MAX)).flat_map(
            move |chunk| {
                Split::ALL.into_iter().flat_map(move |split| {
                    let per_chunk = self.generator.per_chunk(split);
                    let end =
                        (chunk + 1).saturating_mul(per_chunk).min(self.num_simulations.of(split));
                    (chunk * per_chunk..end).map(move |index| (split, index))
                })
            },
        )
    }

    /// Whether `name` is the name of a simulation of this plan.
    #[must_use]
    pub fn holds(&self, split: Split, name: &str) -> bool {
        sim_index(name).is_some_and(|i| i < self.num_simulations.of(split) && sim_name(i) == name)
    }
}

/// The first key at or below `at` in which two JSON values differ, and its value in each.
#[must_use]
pub fn difference(
    at: &str,
    a: &serde_json::Value,
    b: &serde_json::Value,
) -> Option<(String, String, String)> {
    match (a, b) {
        (serde_json::Value::Object(x), serde_json::Value::Object(y)) => {
            let keys: std::collections::BTreeSet<&String> = x.keys().chain(y.keys()).collect();
            keys.into_iter().find_map(|key| {
                let path = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
                difference(&path, &a[key.as_str()], &b[key.as_str()])
            })
        }
        _ if a == b => None,
        _ => Some((at.to_owned(), a.to_string(), b.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::NeuronParams;

    fn plan(train: u64, valid: u64, test: u64) -> Manifest {
        let neuron = NeuronParams::default().into();
        let counts = Counts { train, valid, test };
        Manifest::plan(&neuron, &GeneratorConfig::default(), 7, Method::Exact, 100, counts)
    }

    #[test]
    fn it_survives_json() {
        let mut manifest = plan(3, 0, 0);
        let sums = "0000000100000002000000030000000400000005000000ff".to_owned();
        manifest.checksums.entry(Split::Train).or_default().insert(sim_name(0), sums);
        let again = Manifest::from_json(&manifest.to_json()).unwrap();
        assert_eq!(again, manifest);
        assert_eq!(again.checksum(Split::Train, "sim_0000000", Part::Spikes), Some(2));
        assert_eq!(again.checksum(Split::Train, "sim_0000000", Part::BranchV), Some(255));
        assert_eq!(again.checksum(Split::Valid, "sim_0000000", Part::BranchV), None);
        assert!(Manifest::from_json("{}").unwrap_err().contains("format"));
        assert!(Manifest::from_json("{\"format\": \"x\"}").unwrap_err().contains("\"x\""));
    }

    #[test]
    fn settings_out_of_bounds_are_refused() {
        let mut manifest = plan(3, 0, 0);
        manifest.generator.train_per_chunk = 0;
        let message = Manifest::from_json(&manifest.to_json()).unwrap_err();
        assert!(message.contains("num_simulations_train_per_repeat = 0"), "{message}");
        let params = PerturbParams { window_ms: 0, ..PerturbParams::default() };
        let message =
            Manifest::from_json(&plan(3, 0, 0).perturbed(0, &params).to_json()).unwrap_err();
        assert!(message.contains("window_ms = 0"), "{message}");
        let many = plan(u64::MAX, 0, 0);
        assert_eq!(many.simulations(u64::MAX / 24, 1).count(), 15, "the last chunk");
    }

    #[test]
    fn shards_share_the_simulations_out() {
        let plan = plan(50, 7, 3);
        let all: Vec<_> = plan.simulations(0, 1).collect();
        assert_eq!(all.len(), 60);
        assert_eq!(all[24], (Split::Valid, 0));
        for n in [2, 3, 8] {
            let mut shared: Vec<_> = (0..n).flat_map(|i| plan.simulations(i, n)).collect();
            shared.sort_unstable();
            let mut sorted = all.clone();
            sorted.sort_unstable();
            assert_eq!(shared, sorted);
        }
        assert!(
            plan.holds(Split::Valid, "sim_0000006") && !plan.holds(Split::Valid, "sim_0000007")
        );
    }

    #[test]
    fn a_difference_is_named() {
        let one = plan(1, 1, 1);
        let mut other = plan(9, 9, 9);
        assert_eq!(one.difference(&other), None);
        other.neuron = NeuronParams { gamma_nmda: 0.062, ..NeuronParams::default() }.into();
        let (key, a, b) = one.difference(&other).unwrap();
        assert_eq!((key.as_str(), a.as_str(), b.as_str()), ("neuron.gamma_NMDA", "0.08", "0.062"));
    }
}
