//! Metrics of the field beside the original's: functional complexity (Aizenbud et al. 2024, bioRxiv 2024.12.17.628883),
//! and the true-positive rates and areas that Beniaguev et al. 2021 (Neuron 109:2727) tell.

use serde::Serialize;

use super::metrics::{Roc, roc};
use super::predict::Judged;

/// False-positive rates at which hits are counted, beside the original's 0.002.
pub const OTHER_FPRS: [f64; 2] = [0.0025, 0.01];

/// From here on a simulation has forgotten how it began, ms.
pub const SETTLED_MS: usize = 500;

/// Groups of simulations by their number of spikes, at most.
const GROUPS: usize = 4;

/// What others report.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(non_snake_case)] // names of the field
pub struct FieldMetrics {
    /// Functional complexity index of the neuron by this twin, log₁₀(1000·(1-AUC)) / log₁₀(100); NaN where the AUC is 1
    /// or not defined. The harder the neuron is to tell, the higher.
    pub FCI: f64,
    /// True-positive rates at [`OTHER_FPRS`].
    pub true_positive_at_other_FP: Vec<RateAt>,
    /// Area under the spikes' curve from [`SETTLED_MS`] of each simulation on.
    pub AUC_after_500_ms: f64,
    /// The area by the number of spikes in the simulation, quarters of the set.
    pub AUC_by_num_spikes: Vec<Group>,
}

/// Rates at one point of a curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RateAt {
    /// What was asked for.
    pub wanted_false_positive_rate: f64,
    /// The nearest that there is.
    pub false_positive_rate: f64,
    /// The share of spikes found there.
    pub true_positive_rate: f64,
}

/// Simulations with about as many spikes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[allow(non_snake_case)] // names of the field
pub struct Group {
    /// Fewest spikes of a simulation.
    pub fewest_spikes: usize,
    /// Most spikes of a simulation.
    pub most_spikes: usize,
    /// Simulations.
    pub num_simulations: usize,
    /// Area under their spikes' curve; NaN without a spike.
    pub AUC: f64,
}

/// Functional complexity index of an area under a curve; NaN where none is defined: a faultless twin would make it -∞.
pub fn complexity(auc: f64) -> f64 {
    // written so that NaN goes the same way
    if auc < 1.0 { libm::log10(1000.0 * (1.0 - auc)) / libm::log10(100.0) } else { f64::NAN }
}

impl FieldMetrics {
    /// Of simulations whose spikes' curve is `curve`.
    pub fn new(judged: &[Judged], curve: &Roc) -> Self {
        let at = |wanted| {
            let (false_positive_rate, true_positive_rate) = curve.at_fpr(wanted);
            RateAt { wanted_false_positive_rate: wanted, false_positive_rate, true_positive_rate }
        };
        let settled = |j: &Judged| SETTLED_MS.saturating_sub(j.from_ms).min(j.spikes.len());
        Self {
            FCI: complexity(curve.auc),
            true_positive_at_other_FP: OTHER_FPRS.map(at).to_vec(),
            AUC_after_500_ms: auc(judged, settled),
            AUC_by_num_spikes: groups(judged),
        }
    }
}

/// Area under the curve of all simulations, each from some ms of its window on.
fn auc<'a>(judged: impl IntoIterator<Item = &'a Judged>, from: impl Fn(&Judged) -> usize) -> f64 {
    let (mut spikes, mut scores) = (Vec::new(), Vec::new());
    for j in judged {
        spikes.extend_from_slice(&j.spikes[from(j)..]);
        scores.extend_from_slice(&j.spikes_predicted[from(j)..]);
    }
    // of nothing the area is 0, which would be the worst of all
    if spikes.is_empty() { f64::NAN } else { roc(&spikes, &scores).auc }
}

/// Quarters by the number of spikes; simulations with as many stay together.
fn groups(judged: &[Judged]) -> Vec<Group> {
    let mut sorted: Vec<(usize, &Judged)> = judged.iter().map(|j| (j.num_spikes(), j)).collect();
    sorted.sort_by_key(|(spikes, _)| *spikes);
    // a simulation's quarter is that of the first with as many spikes
    let quarter = |spikes: usize| {
        let rank = sorted.partition_point(|(other, _)| *other < spikes);
        rank * GROUPS / sorted.len()
    };
    let of = |some: &[(usize, &Judged)]| Group {
        fewest_spikes: some[0].0,
        most_spikes: some[some.len() - 1].0,
        num_simulations: some.len(),
        AUC: auc(some.iter().map(|(_, j)| *j), |_| 0),
    };
    sorted.chunk_by(|a, b| quarter(a.0) == quarter(b.0)).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complexity_is_none_where_the_twin_makes_no_mistake() {
        // one pair in ten in the wrong order, in a hundred, in a thousand
        for (auc, index) in [(0.9, 1.0), (0.99, 0.5), (0.999, 0.0), (0.5, 1.349_485)] {
            assert!((complexity(auc) - index).abs() < 1e-6, "{auc}: {}", complexity(auc));
        }
        assert!(complexity(1.0).is_nan() && complexity(f64::NAN).is_nan());
    }

    /// So many spikes from ms 500 of a simulation on, all told; before that nothing but false alarms.
    fn judged(spikes: usize) -> Judged {
        let fires = |i: usize| i >= 400 && i < 400 + spikes;
        Judged {
            from_ms: 100,
            spikes: (0..1000).map(fires).collect(),
            spikes_predicted: (0..1000)
                .map(|i| if i < 400 { 0.95 } else { 0.1 + 0.8 * f32::from(u8::from(fires(i))) })
                .collect(),
            ..Judged::default()
        }
    }

    #[test]
    fn the_beginning_and_the_quarters() {
        let all: Vec<Judged> = [1, 2, 2, 2, 2, 3, 4, 0].map(judged).into();
        let labels: Vec<bool> = all.iter().flat_map(|j| j.spikes.clone()).collect();
        let scores: Vec<f32> = all.iter().flat_map(|j| j.spikes_predicted.clone()).collect();
        let m = FieldMetrics::new(&all, &roc(&labels, &scores));
        // ms 500 of the simulation is 400 of its window
        assert_eq!(m.AUC_after_500_ms, 1.0);
        let spikes: Vec<_> = m
            .AUC_by_num_spikes
            .iter()
            .map(|g| (g.fewest_spikes, g.most_spikes, g.num_simulations))
            .collect();
        // by rank 0 and 1; 2 to 5, all with two spikes; 6 and 7
        assert_eq!(spikes, [(0, 1, 2), (2, 2, 4), (3, 4, 2)]);
        // one spike, and of 1,999 silent ms 800 above it
        let first = m.AUC_by_num_spikes[0].AUC;
        assert!((first - (1.0 - 800.0 / 1999.0)).abs() < 1e-12, "{first}");
        assert_eq!(m.true_positive_at_other_FP.len(), 2);
        let silent = FieldMetrics::new(&[judged(0)], &roc(&[false], &[0.1]));
        assert!(silent.AUC_after_500_ms.is_nan() && silent.AUC_by_num_spikes[0].AUC.is_nan());
        let mut short = judged(3);
        (short.from_ms, short.spikes, short.spikes_predicted) = (0, vec![true; 9], vec![0.5; 9]);
        assert!(FieldMetrics::new(&[short], &Roc::default()).AUC_after_500_ms.is_nan());
    }
}
