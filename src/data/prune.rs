//! The original's filter: simulations outside its ranges are dropped, by a list that can be undone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::layout::{Split, sim_index};
use super::stats::{SampleStats, Statistic};
use super::stream::{Purpose, RandomStream};
use crate::settings::{self, HasSettings, Setting, SettingError};

/// The name of the list's file, beside the folders of the splits.
pub const FILE_NAME: &str = "dropped.json";

/// Ranges that a simulation's statistics should lie in, ends included, and the probabilities of dropping one outside.
///
/// The keys are the original's names; the defaults are those of the original's data sets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Criteria {
    /// Firing rate, Hz.
    pub firing_rate_hz_range: [f64; 2],
    /// Fraction of the time near a spike.
    pub avg_near_spike_prob_range: [f64; 2],
    /// Mean soma voltage, mV.
    #[serde(rename = "soma_v_mV_mean_range")]
    pub soma_v_mean_range: [f64; 2],
    /// Standard deviation of the soma voltage, mV.
    #[serde(rename = "soma_v_mV_std_range")]
    pub soma_v_std_range: [f64; 2],
    /// Mean instantaneous rate, Hz.
    pub inst_rate_hz_mean_range: [f64; 2],
    /// Standard deviation of the instantaneous rate, Hz.
    pub inst_rate_hz_std_range: [f64; 2],
    /// Mean dendritic voltage, mV.
    #[serde(rename = "branch_v_mV_mean_range")]
    pub branch_v_mean_range: [f64; 2],
    /// Standard deviation of the dendritic voltage, mV.
    #[serde(rename = "branch_v_mV_std_range")]
    pub branch_v_std_range: [f64; 2],
    /// Mean weight of the excitatory bins; `None`: no criterion, as for the original's data sets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_exc_mean_range: Option<[f64; 2]>,
    /// Standard deviation of the excitatory weights; `None`: no criterion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_exc_std_range: Option<[f64; 2]>,
    /// Mean weight of the inhibitory bins; `None`: no criterion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_inh_mean_range: Option<[f64; 2]>,
    /// Standard deviation of the inhibitory weights; `None`: no criterion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_inh_std_range: Option<[f64; 2]>,
    /// Probability of dropping a simulation for its firing rate.
    pub drop_prob_for_firing_rate: f64,
    /// Probability of dropping a simulation for its near-spike fraction.
    pub drop_prob_for_near_spike_prob: f64,
    /// Probability of dropping a simulation for its soma voltage, for mean and deviation each.
    pub drop_prob_for_soma_v: f64,
    /// Probability of dropping a simulation for its instantaneous rate, for mean and deviation each.
    pub drop_prob_for_inst_rate: f64,
    /// Probability of dropping a simulation for its dendritic voltage, for mean and deviation each.
    pub drop_prob_for_branch_v: f64,
    /// Probability of dropping a simulation for its inputs, for each of the four numbers.
    #[serde(skip_serializing_if = "is_certain")]
    pub drop_prob_for_inputs: f64,
}

fn is_certain(p: &f64) -> bool {
    *p == 1.0
}

impl Default for Criteria {
    fn default() -> Self {
        Self {
            firing_rate_hz_range: [0.4, 20.0],
            avg_near_spike_prob_range: [0.0, 0.75],
            soma_v_mean_range: [-85.0, -70.0],
            soma_v_std_range: [1.0, 12.0],
            inst_rate_hz_mean_range: [0.0, 20.0],
            inst_rate_hz_std_range: [1.0, 30.0],
            branch_v_mean_range: [-85.0, -5.0],
            branch_v_std_range: [1.0, 30.0],
            input_exc_mean_range: None,
            input_exc_std_range: None,
            input_inh_mean_range: None,
            input_inh_std_range: None,
            drop_prob_for_firing_rate: 1.0,
            drop_prob_for_near_spike_prob: 1.0,
            drop_prob_for_soma_v: 1.0,
            drop_prob_for_inst_rate: 1.0,
            drop_prob_for_branch_v: 1.0,
            drop_prob_for_inputs: 1.0,
        }
    }
}

/// A range that every number lies in.
const ANY: [f64; 2] = [f64::NEG_INFINITY, f64::INFINITY];

/// A criterion: its key, its statistic, the range, and the probability of dropping a simulation outside.
pub type Criterion = (&'static str, Statistic, [f64; 2], f64);

/// A criterion's key, its statistic, and the fields of its range and of its drop probability.
type Row = (&'static str, Statistic, fn(&Criteria) -> [f64; 2], fn(&Criteria) -> f64);

/// The twelve criteria, in the order in which their random numbers are drawn.
const CRITERIA: [Row; 12] = [
    (
        "firing_rate_hz_range",
        Statistic::FiringRate,
        |c| c.firing_rate_hz_range,
        |c| c.drop_prob_for_firing_rate,
    ),
    (
        "avg_near_spike_prob_range",
        Statistic::NearSpike,
        |c| c.avg_near_spike_prob_range,
        |c| c.drop_prob_for_near_spike_prob,
    ),
    (
        "soma_v_mV_mean_range",
        Statistic::SomaMean,
        |c| c.soma_v_mean_range,
        |c| c.drop_prob_for_soma_v,
    ),
    ("soma_v_mV_std_range", Statistic::SomaStd, |c| c.soma_v_std_range, |c| c.drop_prob_for_soma_v),
    (
        "inst_rate_hz_mean_range",
        Statistic::RateMean,
        |c| c.inst_rate_hz_mean_range,
        |c| c.drop_prob_for_inst_rate,
    ),
    (
        "inst_rate_hz_std_range",
        Statistic::RateStd,
        |c| c.inst_rate_hz_std_range,
        |c| c.drop_prob_for_inst_rate,
    ),
    (
        "branch_v_mV_mean_range",
        Statistic::BranchMean,
        |c| c.branch_v_mean_range,
        |c| c.drop_prob_for_branch_v,
    ),
    (
        "branch_v_mV_std_range",
        Statistic::BranchStd,
        |c| c.branch_v_std_range,
        |c| c.drop_prob_for_branch_v,
    ),
    (
        "input_exc_mean_range",
        Statistic::ExcMean,
        |c| c.input_exc_mean_range.unwrap_or(ANY),
        |c| c.drop_prob_for_inputs,
    ),
    (
        "input_exc_std_range",
        Statistic::ExcStd,
        |c| c.input_exc_std_range.unwrap_or(ANY),
        |c| c.drop_prob_for_inputs,
    ),
    (
        "input_inh_mean_range",
        Statistic::InhMean,
        |c| c.input_inh_mean_range.unwrap_or(ANY),
        |c| c.drop_prob_for_inputs,
    ),
    (
        "input_inh_std_range",
        Statistic::InhStd,
        |c| c.input_inh_std_range.unwrap_or(ANY),
        |c| c.drop_prob_for_inputs,
    ),
];

impl HasSettings for Criteria {
    fn settings() -> Vec<Setting<Self>> {
        let ranges = CRITERIA.map(|(key, _, range, _)| Setting::ordered(key, range));
        let chances: [Setting<Self>; 6] = [
            Setting::probability("drop_prob_for_firing_rate", |c| c.drop_prob_for_firing_rate),
            Setting::probability("drop_prob_for_near_spike_prob", |c| {
                c.drop_prob_for_near_spike_prob
            }),
            Setting::probability("drop_prob_for_soma_v", |c| c.drop_prob_for_soma_v),
            Setting::probability("drop_prob_for_inst_rate", |c| c.drop_prob_for_inst_rate),
            Setting::probability("drop_prob_for_branch_v", |c| c.drop_prob_for_branch_v),
            Setting::probability("drop_prob_for_inputs", |c| c.drop_prob_for_inputs),
        ];
        ranges.into_iter().chain(chances).collect()
    }
}

impl Criteria {
    /// Reads and validates criteria. Every key is optional.
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

    /// The eight criteria on the targets, and those on the inputs that are set.
    #[must_use]
    pub fn list(&self) -> Vec<Criterion> {
        self.all().filter(|(_, _, range, _)| *range != ANY).collect()
    }

    /// All twelve criteria; an unset one on the inputs drops no simulation.
    fn all(&self) -> impl Iterator<Item = Criterion> {
        CRITERIA.into_iter().map(|(key, quantity, range, p)| (key, quantity, range(self), p(self)))
    }

    /// The criteria that a simulation misses and is dropped for, each with the simulation's value; empty for a
    /// simulation to be kept.
    ///
    /// Where a drop probability lies between 0 and 1, the simulation's own random stream decides.
    #[must_use]
    pub fn judge(&self, seed: u64, split: Split, name: &str, stats: &SampleStats) -> Vec<Reason> {
        let index = sim_index(name).unwrap_or(u64::MAX);
        let mut stream = RandomStream::new(seed, Purpose::Filter(split, index));
        let judged = self.all().filter_map(|(key, quantity, [least, most], p)| {
            // drawn for every criterion, so that the range of one criterion does not move the random number of another
            let drop = stream.chance(p);
            let value = stats.get(quantity);
            let outside = value < least || value > most;
            let reason = || Reason { criterion: key.to_owned(), value: Some(value) };
            (outside && drop).then(reason)
        });
        judged.collect()
    }
}

/// A criterion that a simulation misses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The criterion's key; `damaged` for a simulation that cannot be read.
    pub criterion: String,
    /// The simulation's value of the statistic; `None` for a damaged simulation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
}

/// A filter's result: the dropped simulations, and the reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DropList {
    /// The filter's criteria.
    pub criteria: Criteria,
    /// Seed of the random numbers that decide where a drop probability lies between 0 and 1.
    pub seed: u64,
    /// The reasons for each dropped simulation, by split and name.
    pub dropped: BTreeMap<Split, BTreeMap<String, Vec<Reason>>>,
}

impl DropList {
    /// A list that drops no simulation yet.
    #[must_use]
    pub fn new(criteria: Criteria, seed: u64) -> Self {
        Self { criteria, seed, dropped: BTreeMap::new() }
    }

    /// Reads a list from the text of its file.
    ///
    /// # Errors
    /// A message in words: the text is no list of dropped simulations.
    pub fn from_json(text: &str) -> Result<Self, String> {
        crate::text::from_json(text)
    }

    /// The text of the list's file.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).map(|t| t + "\n").unwrap_or_default()
    }

    /// Judges a simulation by its statistics, and lists it if it is to be dropped.
    pub fn add(&mut self, split: Split, name: &str, stats: &SampleStats) {
        let reasons = self.criteria.judge(self.seed, split, name, stats);
        let names = self.dropped.entry(split).or_default();
        if !reasons.is_empty() {
            names.insert(name.to_owned(), reasons);
        }
    }

    /// Lists a simulation that cannot be read.
    pub fn add_damaged(&mut self, split: Split, name: &str) {
        let reason = Reason { criterion: "damaged".to_owned(), value: None };
        self.dropped.entry(split).or_default().insert(name.to_owned(), vec![reason]);
    }

    /// Whether a simulation is dropped.
    #[must_use]
    pub fn holds(&self, split: Split, name: &str) -> bool {
        self.dropped.get(&split).is_some_and(|names| names.contains_key(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(firing_rate: f64, soma_mean: f64) -> SampleStats {
        let mut values = [0.1; 12];
        for (quantity, value) in [
            (Statistic::FiringRate, firing_rate),
            (Statistic::SomaMean, soma_mean),
            (Statistic::SomaStd, 5.0),
            (Statistic::RateMean, 5.0),
            (Statistic::RateStd, 5.0),
            (Statistic::BranchMean, -60.0),
            (Statistic::BranchStd, 5.0),
        ] {
            values[quantity as usize] = value;
        }
        SampleStats { values, isis: Vec::new() }
    }

    #[test]
    fn the_ends_of_a_range_belong_to_it() {
        let mut list = DropList::new(Criteria::default(), 0);
        let cases = [(0.4, -85.0), (20.0, -70.0), (0.39, -80.0), (20.01, -60.0)];
        for (i, (rate, soma)) in cases.into_iter().enumerate() {
            list.add(Split::Train, &format!("sim_{i:07}"), &stats(rate, soma));
        }
        let dropped = &list.dropped[&Split::Train];
        assert_eq!(dropped.keys().collect::<Vec<_>>(), ["sim_0000002", "sim_0000003"]);
        let reasons = &dropped["sim_0000003"];
        assert_eq!(reasons[0].criterion, "firing_rate_hz_range");
        assert_eq!(reasons[1].criterion, "soma_v_mV_mean_range");
        assert_eq!(reasons[1].value, Some(-60.0));
        assert!(list.holds(Split::Train, "sim_0000002") && !list.holds(Split::Test, "sim_0000002"));
        assert_eq!(DropList::from_json(&list.to_json()).unwrap(), list);
    }

    #[test]
    fn a_drop_probability_drops_that_share() {
        let criteria = Criteria { drop_prob_for_firing_rate: 0.3, ..Criteria::default() };
        let mut list = DropList::new(criteria, 4);
        for i in 0..2000 {
            list.add(Split::Valid, &format!("sim_{i:07}"), &stats(30.0, -80.0));
        }
        // the number dropped is binomial: mean 600, deviation 20, of which five are allowed
        let dropped = list.dropped[&Split::Valid].len();
        assert!(dropped.abs_diff(600) < 100, "{dropped}");
    }

    #[test]
    fn keys_and_ranges_are_checked() {
        let error = |text| Criteria::from_json(text).unwrap_err().to_string();
        assert!(error("{\"firing_rate_range\": [1, 2]}").contains("firing_rate_hz_range"));
        assert!(error("{\"firing_rate_hz_range\": [3, 2]}").contains("a ≤ b"));
        assert!(error("{\"drop_prob_for_soma_v\": 2}").contains("soma_v = 2: must lie in 0..1"));
        let text = serde_json::to_string(&Criteria::default()).unwrap();
        assert_eq!(Criteria::from_json(&text).unwrap(), Criteria::default());
        let list = Criteria::default().list();
        assert_eq!((list.len(), list[3].0, list[3].2), (8, "soma_v_mV_std_range", [1.0, 12.0]));
    }

    #[test]
    fn inputs_are_criteria_where_they_are_asked_for() {
        let text = "{\"input_exc_mean_range\": [0.2, 0.4], \"input_inh_std_range\": [0, 0.05]}";
        let criteria = Criteria::from_json(text).unwrap();
        assert_eq!(criteria.list().len(), 10);
        // all four statistics of the inputs are 0.1
        let reasons = criteria.judge(0, Split::Train, "sim_0000000", &stats(5.0, -80.0));
        let keys: Vec<&str> = reasons.iter().map(|r| r.criterion.as_str()).collect();
        assert_eq!(keys, ["input_exc_mean_range", "input_inh_std_range"]);
        assert_eq!(
            Criteria::from_json(&serde_json::to_string(&criteria).unwrap()).unwrap(),
            criteria
        );
        let error = |text| Criteria::from_json(text).unwrap_err().to_string();
        assert!(error("{\"input_exc_mean_range\": [3, 2]}").contains("a ≤ b"));
        assert!(error("{\"drop_prob_for_inputs\": -1}").contains("must lie in 0..1"));
        // the lists of earlier filters keep their text, and their random numbers
        let half = Criteria { drop_prob_for_firing_rate: 0.5, ..Criteria::default() };
        let asked = Criteria { input_exc_mean_range: Some([0.0, 1.0]), ..half.clone() };
        for i in 0..50 {
            let name = format!("sim_{i:07}");
            let of = |c: &Criteria| c.judge(3, Split::Train, &name, &stats(30.0, -80.0));
            assert_eq!(of(&half), of(&asked));
        }
        assert!(!serde_json::to_string(&half).unwrap().contains("input"));
    }
}
