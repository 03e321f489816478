//! A contact: where and by which filter an axon reaches the neuron.

use serde::{Deserialize, Serialize};

use crate::settings::SettingError;
use crate::sim::math::exp;
use crate::sim::synapse::DoubleExponential;

/// One of the two axons of an input row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Axon {
    /// Excitatory: its contacts depolarise.
    #[serde(rename = "exc")]
    Excitatory,
    /// Inhibitory: its contacts hyperpolarise.
    #[serde(rename = "inh")]
    Inhibitory,
}

/// The placement of contacts that are drawn, not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    /// An axon's first contact on the branch of its row, the others on any branch.
    #[default]
    Spread,
    /// All of an axon's contacts on the branch of its row.
    Clustered,
}

/// One synapse: an axon, a branch, and the filter between them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// The axon of the row.
    pub axon: Axon,
    /// The axon's row of the inputs.
    pub input: usize,
    /// Index of the branch.
    pub branch: usize,
    /// Peak of the response to an input of weight 1, mV; positive for either kind of axon.
    #[serde(rename = "weight_mV")]
    pub weight_mv: f64,
    /// Time constant of the rise, ms.
    pub tau_rise_ms: f64,
    /// Time constant of the decay, ms.
    pub tau_decay_ms: f64,
    /// Time from the input to the start of the response, ms.
    #[serde(default)]
    pub delay_ms: f64,
}

impl Contact {
    /// The filter's time course, without its amplitude.
    #[must_use]
    pub fn shape(&self) -> DoubleExponential {
        DoubleExponential { tau_rise: self.tau_rise_ms, tau_decay: self.tau_decay_ms }
    }

    /// Peak response with its sign, mV.
    #[must_use]
    pub fn amplitude_mv(&self) -> f64 {
        match self.axon {
            Axon::Excitatory => self.weight_mv,
            Axon::Inhibitory => -self.weight_mv,
        }
    }

    /// The response of the branch's sum to an input of weight 1, mV, `t_ms` ms after the input.
    #[must_use]
    pub fn kernel(&self, t_ms: f64) -> f64 {
        let t = t_ms - self.delay_ms;
        if t <= 0.0 {
            return 0.0;
        }
        let course = exp(-t / self.tau_decay_ms) - exp(-t / self.tau_rise_ms);
        self.amplitude_mv() * self.shape().factor() * course
    }

    /// Checks the contact number `index` of a neuron with `branches` branches.
    ///
    /// # Errors
    /// [`SettingError::Range`] names the contact by its index, and the value that is out of bounds.
    pub(super) fn validate(&self, index: usize, branches: usize) -> Result<(), SettingError> {
        let fault = |name: &str, value: &dyn ToString, must: String| {
            Err(SettingError::range(format!("contacts[{index}].{name}"), value.to_string(), must))
        };
        for (name, row) in [("input", self.input), ("branch", self.branch)] {
            if row >= branches {
                let most = branches - 1;
                let must = format!("must be a whole number in 0..{most} (num_branches - 1)");
                return fault(name, &row, must);
            }
        }
        // with time constants nearer together the two exponentials cancel
        let least = 1.01 * self.tau_rise_ms;
        for (name, value, [least, most], unit) in [
            ("weight_mV", self.weight_mv, [0.0, 1e3], "mV"),
            ("tau_rise_ms", self.tau_rise_ms, [1e-3, 1e4], "ms"),
            ("tau_decay_ms", self.tau_decay_ms, [least, 1e5], "ms, at least 1% above tau_rise_ms"),
            ("delay_ms", self.delay_ms, [0.0, 1e3], "ms"),
        ] {
            if !(least..=most).contains(&value) {
                return fault(name, &value, format!("must lie in {least}..{most} {unit}"));
            }
        }
        Ok(())
    }
}
