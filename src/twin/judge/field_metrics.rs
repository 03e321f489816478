//! Metrics of the field besides the original's: functional complexity (Aizenbud et al. 2024, bioRxiv
//! 2024.12.17.628883), and the true-positive rates and areas that Beniaguev et al. 2021 (Neuron 109:2727) report.

use serde::Serialize;

use super::metrics::{Roc, roc};
use super::predict::Judged;

/// False-positive rates at which true-positive rates are given, besides the original's 0.002.
pub const OTHER_FPRS: [f64; 2] = [0.0025, 0.01];

/// Time after which a simulation no longer depends on its initial state, ms.
pub const SETTLED_MS: usize = 500;

/// The most groups of simulations by their number of spikes.
const GROUPS: usize = 4;

/// Metrics that other works report.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(non_snake_case)] // names of the field
pub struct FieldMetrics {
    /// Functional complexity index of the neuron by this twin, log₁₀(1000·(1-AUC)) / log₁₀(100); NaN where the AUC is 1
    /// or not defined. The harder the neuron's spikes are to predict, the higher the index.
    pub FCI: f64,
    /// True-positive rates at [`OTHER_FPRS`].
    pub true_positive_at_other_FP: Vec<RateAt>,
    /// Area under the spikes' ROC curve, of each simulation from [`SETTLED_MS`] on.
    pub AUC_after_500_ms: f64,
    /// Area under the spikes' ROC curve by the number of spikes in the simulation, in quarters of the set.
    pub AUC_by_num_spikes: Vec<Group>,
}

/// The rates at one point of a ROC curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RateAt {
    /// The false-positive rate that was asked for.
    pub wanted_false_positive_rate: f64,
    /// The curve's nearest false-positive rate.
    pub false_positive_rate: f64,
    /// The true-positive rate there: the share of spikes found.
    pub true_positive_rate: f64,
}

/// A group of simulations with about the same number of spikes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[allow(non_snake_case)] // names of the field
pub struct Group {
    /// Fewest spikes of a simulation.
    pub fewest_spikes: usize,
    /// Most spikes of a simulation.
    pub most_spikes: usize,
    /// Number of simulations in the group.
    pub num_simulations: usize,
    /// Area under the group's ROC curve of spikes; NaN without a spike.
    pub AUC: f64,
}

/// Functional complexity index of an area under a ROC curve; NaN for an area of 1, whose index would be -∞, and for
/// NaN.
pub fn complexity(auc: f64) -> f64 {
    // written so that NaN takes the second branch too
    if auc < 1.0 { libm::log10(1000.0 * (1.0 - auc)) / libm::log10(100.0) } else { f64::NAN }
}

impl FieldMetrics {
    /// The metrics of simulations whose spikes' ROC curve is `curve`.
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

/// Area under the ROC curve of all simulations, each from the ms of its window that `from` gives.
fn auc<'a>(judged: impl IntoIterator<Item = &'a Judged>, from: impl Fn(&Judged) -> usize) -> f64 {
    let (mut spikes, mut scores) = (Vec::new(), Vec::new());
    for j in judged {
        spikes.extend_from_slice(&j.spikes[from(j)..]);
        scores.extend_from_slice(&j.spikes_predicted[from(j)..]);
    }
    // without any ms the area would be 0, which is the worst score
    if spikes.is_empty() { f64::NAN } else { roc(&spikes, &scores).auc }
}

/// Groups that are quarters by the number of spikes; simulations with the same number stay together.
fn groups(judged: &[Judged]) -> Vec<Group> {
    let mut sorted: Vec<(usize, &Judged)> = judged.iter().map(|j| (j.num_spikes(), j)).collect();
    sorted.sort_by_key(|(spikes, _)| *spikes);
    // a simulation's quarter is that of the first simulation with as many spikes
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
        // one pair of ten in the wrong order, of a hundred, of a thousand, of two
        for (auc, index) in [(0.9, 1.0), (0.99, 0.5), (0.999, 0.0), (0.5, 1.349_485)] {
            assert!((complexity(auc) - index).abs() < 1e-6, "{auc}: {}", complexity(auc));
        }
        assert!(complexity(1.0).is_nan() && complexity(f64::NAN).is_nan());
    }

    /// A simulation with `spikes` spikes from ms 500 on, all predicted; before ms 500 there are only false alarms.
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
        // ms 500 of the simulation is ms 400 of its window
        assert_eq!(m.AUC_after_500_ms, 1.0);
        let spikes: Vec<_> = m
            .AUC_by_num_spikes
            .iter()
            .map(|g| (g.fewest_spikes, g.most_spikes, g.num_simulations))
            .collect();
        // quarters by rank: 0 and 1; 2 to 5, all with two spikes; 6 and 7
        assert_eq!(spikes, [(0, 1, 2), (2, 2, 4), (3, 4, 2)]);
        // one spike, and 800 of 1,999 silent ms with a higher score
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
