//! The original's statistics of a data set, simulation by simulation.

use serde::{Deserialize, Serialize};

use super::sample::Sample;

/// Statistics of one simulation; standard deviations are of the population.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleStats {
    /// The twelve numbers, in the order of [`Statistic::ALL`].
    pub values: [f64; 12],
    /// Intervals between successive spikes, ms.
    pub isis: Vec<u32>,
}

/// A statistic of a simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Statistic {
    /// Mean weight of the excitatory bins.
    ExcMean,
    /// Standard deviation of the excitatory weights.
    ExcStd,
    /// Mean weight of the inhibitory bins.
    InhMean,
    /// Standard deviation of the inhibitory weights.
    InhStd,
    /// Firing rate, Hz.
    FiringRate,
    /// Mean soma voltage, mV.
    SomaMean,
    /// Standard deviation of the soma voltage, mV.
    SomaStd,
    /// Fraction of the time near a spike.
    NearSpike,
    /// Mean instantaneous rate, Hz.
    RateMean,
    /// Standard deviation of the instantaneous rate, Hz.
    RateStd,
    /// Mean dendritic voltage, mV.
    BranchMean,
    /// Standard deviation of the dendritic voltage, mV.
    BranchStd,
}

impl Statistic {
    /// All twelve statistics.
    pub const ALL: [Self; 12] = [
        Self::ExcMean,
        Self::ExcStd,
        Self::InhMean,
        Self::InhStd,
        Self::FiringRate,
        Self::SomaMean,
        Self::SomaStd,
        Self::NearSpike,
        Self::RateMean,
        Self::RateStd,
        Self::BranchMean,
        Self::BranchStd,
    ];

    /// The statistic's key in the original's JSON.
    #[must_use]
    pub fn key(self) -> &'static str {
        [
            "input_exc_mean",
            "input_exc_std",
            "input_inh_mean",
            "input_inh_std",
            "output_firing_rates",
            "output_soma_v_means",
            "output_soma_v_stds",
            "output_near_spike_means",
            "output_inst_rate_means",
            "output_inst_rate_stds",
            "branch_voltage_means",
            "branch_voltage_stds",
        ][self as usize]
    }

    /// The statistic's name in words.
    #[must_use]
    pub fn title(self) -> &'static str {
        [
            "excitatory input, mean",
            "excitatory input, std",
            "inhibitory input, mean",
            "inhibitory input, std",
            "firing rate",
            "soma voltage, mean",
            "soma voltage, std",
            "near spike, fraction of time",
            "instantaneous rate, mean",
            "instantaneous rate, std",
            "dendritic voltage, mean",
            "dendritic voltage, std",
        ][self as usize]
    }

    /// The statistic's unit; empty for a fraction.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::ExcMean | Self::ExcStd | Self::InhMean | Self::InhStd => "weight/ms",
            Self::FiringRate | Self::RateMean | Self::RateStd => "Hz",
            Self::NearSpike => "",
            Self::SomaMean | Self::SomaStd | Self::BranchMean | Self::BranchStd => "mV",
        }
    }
}

impl SampleStats {
    /// The statistics of a simulation.
    #[must_use]
    pub fn of(sample: &Sample) -> Self {
        let kind = |k: usize| {
            let of_kind = sample.inputs.index_axis(ndarray::Axis(2), k);
            mean_std(of_kind.iter().map(|w| f64::from(*w)))
        };
        let targets = &sample.targets;
        let share = |bins: &ndarray::Array1<bool>| {
            bins.iter().filter(|b| **b).count() as f64 / bins.len().max(1) as f64
        };
        let (exc, inh) = (kind(0), kind(1));
        let soma = mean_std(targets.soma_v.iter().map(|v| f64::from(*v)));
        let rate = mean_std(targets.inst_rate.iter().map(|r| 1000.0 * f64::from(*r)));
        let branch = mean_std(targets.dend_v.iter().map(|v| f64::from(*v)));
        let spikes: Vec<usize> =
            targets.spikes.iter().enumerate().filter(|(_, s)| **s).map(|(t, _)| t).collect();
        Self {
            values: [
                exc.0,
                exc.1,
                inh.0,
                inh.1,
                1000.0 * share(&targets.spikes),
                soma.0,
                soma.1,
                share(&targets.near_spike),
                rate.0,
                rate.1,
                branch.0,
                branch.1,
            ],
            isis: spikes.windows(2).map(|w| (w[1] - w[0]) as u32).collect(),
        }
    }

    /// The value of one statistic, in its [`unit`](Statistic::unit).
    #[must_use]
    pub fn get(&self, quantity: Statistic) -> f64 {
        self.values[quantity as usize]
    }
}

fn mean_std(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let (n, sum) = values.clone().fold((0_u64, 0.0), |(n, sum), x| (n + 1, sum + x));
    let mean = sum / n.max(1) as f64;
    let square: f64 = values.map(|x| (x - mean).powi(2)).sum();
    (mean, (square / n.max(1) as f64).sqrt())
}

/// Five numbers that describe a distribution, in the values' unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The mean.
    pub mean: f64,
    /// The standard deviation of the population.
    pub std: f64,
    /// The smallest value.
    pub min: f64,
    /// The median: the middle value, or the mean of the middle two.
    pub median: f64,
    /// The largest value.
    pub max: f64,
}

impl Summary {
    /// The summary of `values`; `None` where there are no values.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let (mean, std) = mean_std(values.iter().copied());
        let n = sorted.len();
        let median = 0.5 * (sorted[(n - 1) / 2] + sorted[n / 2]);
        Some(Self { mean, std, min, median, max })
    }
}

/// Statistics of a split, with the name of each simulation.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SplitStats {
    /// Each simulation's name and statistics, in the order of the simulations.
    pub samples: Vec<(String, SampleStats)>,
}

impl SplitStats {
    /// One statistic of every simulation.
    #[must_use]
    pub fn column(&self, quantity: Statistic) -> Vec<f64> {
        self.samples.iter().map(|(_, s)| s.get(quantity)).collect()
    }

    /// The intervals between successive spikes of all simulations, ms.
    #[must_use]
    pub fn isis(&self) -> Vec<f64> {
        self.samples.iter().flat_map(|(_, s)| s.isis.iter().map(|i| f64::from(*i))).collect()
    }

    /// An object of columns, one a statistic, under the original's keys.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let names: Vec<&str> = self.samples.iter().map(|(name, _)| name.as_str()).collect();
        let mut columns = serde_json::Map::new();
        columns.insert("sample_names".to_owned(), names.into());
        for quantity in Statistic::ALL {
            columns.insert(quantity.key().to_owned(), self.column(quantity).into());
        }
        let isis: Vec<u32> = self.samples.iter().flat_map(|(_, s)| s.isis.clone()).collect();
        columns.insert("output_spike_ISIs".to_owned(), isis.into());
        columns.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Targets;
    use crate::sim::Inputs;
    use half::f16;
    use ndarray::array;

    #[test]
    fn the_numbers_are_numpys() {
        // expected: numpy's mean and std (population) of these very arrays
        let inputs = Inputs {
            num_segments: 1,
            duration_ms: 4,
            exc: vec![0.0, 2.0, 0.0, 4.0],
            inh: vec![1.0, 0.0, 0.0, 0.0],
        };
        let targets = Targets {
            spikes: array![true, false, false, true],
            soma_v: array![-80.0, -70.0, -75.0, -62.0],
            near_spike: array![true, true, false, true],
            inst_rate: array![0.02, 0.02, 0.0, 0.04],
            dend_v: array![[-85.0, -60.0, 0.0, -40.0]].mapv(f16::from_f64),
        };
        let stats = SampleStats::of(&Sample::new(&inputs, targets));
        let expected = [
            1.5,
            1.658_312_395_177_7,
            0.25,
            0.433_012_701_892_219_3,
            500.0,
            -71.75,
            6.647_367_900_154_166,
            0.75,
            20.0,
            14.142_135_623_730_951,
            -46.25,
            31.099_638_261_561_82,
        ];
        for (quantity, expected) in Statistic::ALL.into_iter().zip(expected) {
            let found = stats.get(quantity);
            // rates are stored as f32, with 24 significant bits
            assert!((found - expected).abs() < 1e-6 * expected.abs(), "{quantity:?}: {found}");
        }
        assert_eq!(stats.isis, [3]);
    }

    #[test]
    fn a_summary_has_the_median_of_an_even_number() {
        let summary = Summary::of(&[4.0, 1.0, 2.0, 3.0]).unwrap();
        assert_eq!((summary.min, summary.median, summary.max, summary.mean), (1.0, 2.5, 4.0, 2.5));
        assert_eq!(Summary::of(&[]), None);
    }

    #[test]
    fn json_has_the_seeds_keys() {
        let value = SplitStats::default().to_json();
        for key in
            ["sample_names", "output_firing_rates", "output_spike_ISIs", "branch_voltage_stds"]
        {
            assert!(value[key].is_array(), "{key}");
        }
    }
}
