//! What the generator draws from: every range and probability, under the seed's names.

use serde::{Deserialize, Serialize};

use super::keys::{self, ConfigError};
use super::layout::Split;

/// From where to where a range's two ends are drawn, once a chunk.
pub type EndRanges = [[f64; 2]; 2];

/// Ranges and probabilities of random inputs; the defaults are the seed's.
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
    /// What an interval multiplies its segments' weights by: one of these.
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

const KEYS: &[&str] = &[
    "num_simulations_train_per_repeat",
    "num_simulations_valid_per_repeat",
    "num_simulations_test_per_repeat",
    "exc_max_magnitude_factor_range",
    "inh_max_magnitude_factor_range",
    "exc_sparsity_level_range",
    "inh_sparsity_level_range",
    "modulation_probability",
    "num_intervals_range",
    "interval_duration_ms_range",
    "mult_factors",
    "mult_factor_probabilities",
];

impl GeneratorConfig {
    /// Reads and validates a configuration. Every key is optional.
    ///
    /// # Errors
    /// An unknown key (with the nearest known one), a value of the wrong type or out of its bounds.
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        let config: Self = keys::from_json(text, KEYS)?;
        config.validate()?;
        Ok(config)
    }

    /// Checks every value against its bounds.
    ///
    /// # Errors
    /// Names the first key that is out of bounds, and the bounds.
    pub fn validate(&self) -> Result<(), ConfigError> {
        for (key, count) in
            KEYS.iter().zip([self.train_per_chunk, self.valid_per_chunk, self.test_per_chunk])
        {
            if !(1..=1_000_000).contains(&count) {
                return Err(ConfigError::range(key, count, "must lie in 1..1000000 simulations"));
            }
        }
        let ends = [
            (KEYS[3], self.exc_magnitude, 1000.0),
            (KEYS[4], self.inh_magnitude, 1000.0),
            (KEYS[5], self.exc_sparsity, 1.0),
            (KEYS[6], self.inh_sparsity, 1.0),
        ];
        for (key, ranges, most) in ends {
            let fits = |[a, b]: [f64; 2]| a >= 0.0 && a <= b && b <= most;
            if !ranges.into_iter().all(fits) {
                let must = format!(
                    "must be [[a, b], [c, d]]: the lower end is drawn from a..b, the upper from c..d, all in 0..{most}"
                );
                return Err(ConfigError::range(key, ranges, must));
            }
        }
        if !(0.0..=1.0).contains(&self.modulation_probability) {
            return Err(ConfigError::range(
                KEYS[7],
                self.modulation_probability,
                "must lie in 0..1",
            ));
        }
        let whole = [(KEYS[8], self.num_intervals, 0), (KEYS[9], self.interval_ms, 1)];
        for (key, [a, b], least) in whole {
            if !(least <= a && a <= b && b <= 1_000_000) {
                let must = format!("must be [a, b] with {least} ≤ a ≤ b ≤ 1000000");
                return Err(ConfigError::range(key, [a, b], must));
            }
        }
        if self.factors.is_empty() || !self.factors.iter().all(|f| (0.0..=1000.0).contains(f)) {
            let must = "must be at least one factor, each in 0..1000";
            return Err(ConfigError::range(KEYS[10], &self.factors, must));
        }
        let p = &self.factor_probabilities;
        let sum: f64 = p.iter().sum();
        let one = p.iter().all(|p| (0.0..=1.0).contains(p)) && (sum - 1.0).abs() < 1e-9;
        if p.len() != self.factors.len() || !one {
            let must = format!(
                "must be one probability for each of the {} mult_factors, with sum 1",
                self.factors.len()
            );
            return Err(ConfigError::range(KEYS[11], p, must));
        }
        Ok(())
    }

    /// Simulations of a split in each chunk.
    #[must_use]
    pub fn per_chunk(&self, split: Split) -> u64 {
        match split {
            Split::Train => self.train_per_chunk,
            Split::Valid => self.valid_per_chunk,
            Split::Test => self.test_per_chunk,
        }
    }
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
        let mut known = KEYS.to_vec();
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
