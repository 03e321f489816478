//! The generator's settings: every range and probability, under the original's names.

use serde::{Deserialize, Serialize};

use super::layout::Split;
use crate::settings::{self, HasSettings, Setting, SettingError, require};

/// The ranges [a, b] and [c, d] from which a range's lower and upper end are drawn, once a chunk.
pub type EndRanges = [[f64; 2]; 2];

/// Ranges and probabilities of random inputs; the defaults are the original's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GeneratorConfig {
    /// Training simulations of a chunk. A chunk's simulations share their ranges.
    #[serde(rename = "num_simulations_train_per_repeat")]
    pub train_per_chunk: u64,
    /// Validation simulations of a chunk.
    #[serde(rename = "num_simulations_valid_per_repeat")]
    pub valid_per_chunk: u64,
    /// Test simulations of a chunk.
    #[serde(rename = "num_simulations_test_per_repeat")]
    pub test_per_chunk: u64,
    /// Largest weight of a simulation's excitatory events.
    #[serde(rename = "exc_max_magnitude_factor_range")]
    pub exc_magnitude: EndRanges,
    /// Largest weight of a simulation's inhibitory events.
    #[serde(rename = "inh_max_magnitude_factor_range")]
    pub inh_magnitude: EndRanges,
    /// Probability that an excitatory bin is empty.
    #[serde(rename = "exc_sparsity_level_range")]
    pub exc_sparsity: EndRanges,
    /// Probability that an inhibitory bin is empty.
    #[serde(rename = "inh_sparsity_level_range")]
    pub inh_sparsity: EndRanges,
    /// Probability that a simulation has modulated intervals at all.
    pub modulation_probability: f64,
    /// Least and largest number of intervals.
    #[serde(rename = "num_intervals_range")]
    pub num_intervals: [usize; 2],
    /// Least and greatest length of an interval, ms.
    #[serde(rename = "interval_duration_ms_range")]
    pub interval_ms: [usize; 2],
    /// The factors by which an interval may multiply its segments' weights.
    #[serde(rename = "mult_factors")]
    pub factors: Vec<f64>,
    /// The probability of each factor.
    #[serde(rename = "mult_factor_probabilities")]
    pub factor_probabilities: Vec<f64>,
}

impl Default for GeneratorConfig {
    fn default() -> Self {
        Self {
            train_per_chunk: 24,
            valid_per_chunk: 2,
            test_per_chunk: 2,
            exc_magnitude: [[2.0, 4.5], [5.0, 7.0]],
            inh_magnitude: [[2.0, 3.5], [4.0, 7.0]],
            exc_sparsity: [[0.92, 0.95], [0.97, 0.98]],
            inh_sparsity: [[0.93, 0.96], [0.97, 0.99]],
            modulation_probability: 0.4,
            num_intervals: [6, 23],
            interval_ms: [16, 255],
            factors: vec![0.0, 0.3, 0.5, 2.0, 3.0, 4.0, 5.0],
            factor_probabilities: vec![0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1],
        }
    }
}

impl GeneratorConfig {
    /// Reads and validates a configuration. Every key is optional.
    ///
    /// # Errors
    /// [`SettingError`]: an unknown key (with the nearest known one), a value of the wrong type or out of its bounds.
    pub fn from_json(text: &str) -> Result<Self, SettingError> {
        settings::read(text)
    }

    /// Checks every value against its bounds.
    ///
    /// # Errors
    /// [`SettingError`] names the first key that is out of its bounds, and the bounds.
    pub fn validate(&self) -> Result<(), SettingError> {
        settings::check(self)
    }

    /// The number of simulations of a split in each chunk.
    #[must_use]
    pub fn per_chunk(&self, split: Split) -> u64 {
        match split {
            Split::Train => self.train_per_chunk,
            Split::Valid => self.valid_per_chunk,
            Split::Test => self.test_per_chunk,
        }
    }
}

impl HasSettings for GeneratorConfig {
    fn settings() -> Vec<Setting<Self>> {
        vec![
            Setting::other("num_simulations_train_per_repeat", |c: &Self| chunk(c.train_per_chunk)),
            Setting::other("num_simulations_valid_per_repeat", |c| chunk(c.valid_per_chunk)),
            Setting::other("num_simulations_test_per_repeat", |c| chunk(c.test_per_chunk)),
            Setting::other("exc_max_magnitude_factor_range", |c| ends(c.exc_magnitude, 1000.0)),
            Setting::other("inh_max_magnitude_factor_range", |c| ends(c.inh_magnitude, 1000.0)),
            Setting::other("exc_sparsity_level_range", |c| ends(c.exc_sparsity, 1.0)),
            Setting::other("inh_sparsity_level_range", |c| ends(c.inh_sparsity, 1.0)),
            Setting::probability("modulation_probability", |c| c.modulation_probability),
            Setting::other("num_intervals_range", |c| whole(c.num_intervals, 0)),
            Setting::other("interval_duration_ms_range", |c| whole(c.interval_ms, 1)),
            Setting::other("mult_factors", |c| {
                let fits = !c.factors.is_empty()
                    && c.factors.iter().all(|factor| (0.0..=1000.0).contains(factor));
                require(fits, &c.factors, "must be at least one factor, each in 0..1000")
            }),
            Setting::other("mult_factor_probabilities", |c| {
                let p = &c.factor_probabilities;
                let sum: f64 = p.iter().sum();
                let one = p.iter().all(|p| (0.0..=1.0).contains(p)) && (sum - 1.0).abs() < 1e-9;
                let factors = c.factors.len();
                let must = format!(
                    "must be one probability for each of the {factors} mult_factors, with sum 1"
                );
                require(p.len() == factors && one, p, must)
            }),
        ]
    }
}

/// Checks a number of simulations in a chunk.
fn chunk(count: u64) -> Result<(), (String, String)> {
    require((1..=1_000_000).contains(&count), count, "must lie in 1..1000000 simulations")
}

/// Checks the ranges of a range's two ends, all in 0..`most`.
fn ends(ranges: EndRanges, most: f64) -> Result<(), (String, String)> {
    let fits = |[a, b]: [f64; 2]| a >= 0.0 && a <= b && b <= most;
    let must = format!(
        "must be [[a, b], [c, d]]: the lower end is drawn from a..b, the upper from c..d, all in 0..{most}"
    );
    require(ranges.into_iter().all(fits), ranges, must)
}

/// Checks a pair [a, b] of integers, with `least` ≤ a ≤ b.
fn whole([a, b]: [usize; 2], least: usize) -> Result<(), (String, String)> {
    let fits = least <= a && a <= b && b <= 1_000_000;
    require(fits, [a, b], format!("must be [a, b] with {least} ≤ a ≤ b ≤ 1000000"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_survives_json_and_every_key_is_known() {
        let config = GeneratorConfig { modulation_probability: 0.25, ..Default::default() };
        let text = serde_json::to_string(&config).unwrap();
        assert_eq!(GeneratorConfig::from_json(&text).unwrap(), config);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
        let mut known = settings::keys::<GeneratorConfig>();
        keys.sort_unstable();
        known.sort_unstable();
        assert_eq!(keys, known);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = |text| GeneratorConfig::from_json(text).unwrap_err().to_string();
        assert!(error("{\"exc_sparsity_range\": 1}").contains("exc_sparsity_level_range"));
        assert!(error("{\"num_intervals_range\": [1.5, 2]}").contains("num_intervals_range"));
        assert!(error("{\"num_intervals_range\": [5, 2]}").contains("[5, 2]"));
        assert!(error("{\"exc_sparsity_level_range\": [[0.9, 1.1], [1, 1]]}").contains("0..1"));
        assert!(error("{\"mult_factors\": [1]}").contains("sum 1"));
        assert!(error("{\"modulation_probability\": -1}").contains("0..1"));
        assert!(error("[]").contains("JSON object"));
    }
}
