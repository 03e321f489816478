//! The evaluation of a twin against the truth, over the simulations of a test set.

use serde::Serialize;

use super::field_metrics::FieldMetrics;
use super::interval::intervals;
pub use super::metrics::WANTED_FPR;
use super::metrics::{
    CALIBRATION_BINS, Calibration, PrecisionRecall, Regression, Roc, calibration,
    precision_recall_of, regression, roc_of,
};
pub use super::predict::{Judged, RawOutputs, TEST_WINDOW_MS, judge, predict, probability};
use super::sample_metrics::SampleMetrics;
use super::thresholds::{OperatingPoint, Thresholds};

/// Metrics of one simulation that has spikes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[allow(non_snake_case)] // serialised keys are the original's
pub struct PerSimulation {
    /// Number of the simulation in the set.
    pub simulation: usize,
    /// Number of the neuron's spikes.
    pub total_num_spikes: usize,
    /// Area under the spikes' ROC curve.
    pub spikes_AUC: f64,
    /// Area under the near spikes' ROC curve.
    pub near_spikes_AUC: f64,
    /// Explained variance of the soma voltage, 0-1.
    pub soma_R2: f64,
    /// Explained variance of the dendritic voltages, 0-1.
    pub dend_v_R2: f64,
    /// Explained variance of the instantaneous rate, 0-1.
    pub inst_rate_R2: f64,
}

/// All metrics, under the original's keys.
#[derive(Debug, Clone, Serialize)]
#[allow(non_snake_case)] // serialised keys are the original's
pub struct Evaluation {
    /// Number of simulations judged.
    pub num_simulations: usize,
    /// Area under the spikes' ROC curve.
    pub AUC_score: f64,
    /// The false-positive rate nearest to 0.002.
    pub requested_false_positive_rate: f64,
    /// True-positive rate of spikes at that false-positive rate.
    pub true_positive_at_FP: f64,
    /// 95% interval of that true-positive rate, by resampling whole simulations.
    pub true_positive_at_FP_interval: (f64, f64),
    /// 95% interval of the spikes' AUC, by resampling whole simulations.
    pub AUC_interval: (f64, f64),
    /// The operating point at that false-positive rate: its threshold and counts; `None` where no point exists.
    pub at_FP: Option<OperatingPoint>,
    /// Average precision of spikes.
    pub average_precision: f64,
    /// Area under the near spikes' ROC curve.
    pub near_spike_AUC_score: f64,
    /// The false-positive rate nearest to 0.002.
    pub near_spike_requested_false_positive_rate: f64,
    /// True-positive rate of near spikes at that false-positive rate.
    pub near_spike_true_positive_at_FP: f64,
    /// Explained variance of the soma voltage, percent.
    pub soma_explained_variance_percent: f64,
    /// Root mean squared error of the soma voltage, mV.
    pub soma_RMSE: f64,
    /// Mean absolute error of the soma voltage, mV.
    pub soma_MAE: f64,
    /// Explained variance of the instantaneous rate, percent.
    pub inst_rate_explained_variance_percent: f64,
    /// Root mean squared error of the instantaneous rate, spikes/ms.
    pub inst_rate_RMSE: f64,
    /// Mean absolute error of the instantaneous rate, spikes/ms.
    pub inst_rate_MAE: f64,
    /// Explained variance of the dendritic voltages, percent.
    pub dend_v_explained_variance_percent: f64,
    /// Root mean squared error of the dendritic voltages, mV.
    pub dend_v_RMSE: f64,
    /// Mean absolute error of the dendritic voltages, mV.
    pub dend_v_MAE: f64,
    /// Pearson's correlation of mean predicted and mean actual rate over the bins of calibration.
    pub calibration_correlation: f64,
    /// Variance of the actual rates in these bins that the predicted ones explain, percent.
    pub calibration_explained_variance_percent: f64,
    /// Number of these bins in a simulation.
    pub calibration_bins: usize,
    /// Further metrics of the field.
    #[serde(flatten)]
    pub field: FieldMetrics,
    /// The metrics that are not defined on this set, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_defined: Vec<String>,
    /// Metrics of each simulation that has spikes and finite metrics.
    pub per_simulation: Vec<PerSimulation>,
    /// Metrics of every simulation, each head by itself.
    pub per_sample: Vec<SampleMetrics>,
    /// The spikes' ROC curve.
    #[serde(skip)]
    pub roc: Roc,
    /// The near spikes' ROC curve.
    #[serde(skip)]
    pub near_spike_roc: Roc,
    /// The spikes' precision-recall curve.
    #[serde(skip)]
    pub precision_recall: PrecisionRecall,
    /// The bins of calibration.
    #[serde(skip)]
    pub calibration: Calibration,
}

impl Evaluation {
    /// The JSON that `ballstick evaluate --json` prints, for a twin of this name with this prediction time; metrics
    /// that are not defined are null.
    ///
    /// # Errors
    /// `serde_json::Error` where a metric has no JSON form; numbers and texts always have one.
    pub fn json(
        &self,
        short_name: &str,
        seconds_per_simulation: f64,
    ) -> Result<serde_json::Value, serde_json::Error> {
        let mut value = serde_json::to_value(self)?;
        value["short_name"] = short_name.into();
        value["seconds_per_simulation"] = seconds_per_simulation.into();
        Ok(value)
    }

    /// Computes all metrics, with the published number of calibration bins.
    pub fn new(judged: &[Judged]) -> Self {
        Self::with_bins(judged, CALIBRATION_BINS)
    }

    /// Computes all metrics, with `calibration_bins` bins a simulation.
    pub fn with_bins(judged: &[Judged], calibration_bins: usize) -> Self {
        let thresholds = spike_thresholds(judged);
        let spikes_roc = roc_of(&thresholds);
        let precision_recall = precision_recall_of(&thresholds);
        let intervals = intervals(judged);
        let near = roc_of(&near_spike_thresholds(judged));
        let fit = |truth: fn(&Judged) -> &Vec<f32>, prediction: fn(&Judged) -> &Vec<f32>| {
            regression(&all(judged, truth), &all(judged, prediction))
        };
        let soma: Regression = fit(|j| &j.soma, |j| &j.soma_predicted);
        let rate = fit(|j| &j.rate, |j| &j.rate_predicted);
        let dend = fit(|j| &j.dend, |j| &j.dend_predicted);
        let calibration = calibration(
            judged.iter().map(|j| (j.spikes.as_slice(), j.spikes_predicted.as_slice())),
            calibration_bins,
        );
        let mut not_defined = not_defined(judged, calibration.explained_variance_percent);
        let field = FieldMetrics::new(judged, &spikes_roc);
        if field.FCI.is_nan() && spikes_roc.auc.is_finite() {
            not_defined.push("the AUC is 1: the functional complexity index is not defined".into());
        }
        let per_sample: Vec<SampleMetrics> =
            judged.iter().enumerate().map(|(i, j)| SampleMetrics::new(i, j)).collect();
        let (fpr, tpr) = spikes_roc.at_fpr(WANTED_FPR);
        let (near_fpr, near_tpr) = near.at_fpr(WANTED_FPR);
        Self {
            num_simulations: judged.len(),
            AUC_score: spikes_roc.auc,
            requested_false_positive_rate: fpr,
            true_positive_at_FP: tpr,
            true_positive_at_FP_interval: intervals.tpr,
            AUC_interval: intervals.auc,
            at_FP: spikes_roc.point_at_fpr(WANTED_FPR),
            average_precision: precision_recall.average_precision,
            near_spike_AUC_score: near.auc,
            near_spike_requested_false_positive_rate: near_fpr,
            near_spike_true_positive_at_FP: near_tpr,
            soma_explained_variance_percent: soma.explained_variance_percent,
            soma_RMSE: soma.rmse,
            soma_MAE: soma.mae,
            inst_rate_explained_variance_percent: rate.explained_variance_percent,
            inst_rate_RMSE: rate.rmse,
            inst_rate_MAE: rate.mae,
            dend_v_explained_variance_percent: dend.explained_variance_percent,
            dend_v_RMSE: dend.rmse,
            dend_v_MAE: dend.mae,
            calibration_correlation: calibration.correlation,
            calibration_explained_variance_percent: calibration.explained_variance_percent,
            calibration_bins,
            field,
            not_defined,
            per_simulation: per_sample.iter().zip(judged).filter_map(per_simulation).collect(),
            per_sample,
            roc: spikes_roc,
            near_spike_roc: near,
            precision_recall,
            calibration,
        }
    }
}

/// The counts of all simulations' spikes at every threshold of their probability.
pub fn spike_thresholds(judged: &[Judged]) -> Thresholds {
    Thresholds::new(&all(judged, |j| &j.spikes), &all(judged, |j| &j.spikes_predicted))
}

/// The counts of all simulations' near spikes at every threshold of their probability.
pub fn near_spike_thresholds(judged: &[Judged]) -> Thresholds {
    Thresholds::new(&all(judged, |j| &j.near_spike), &all(judged, |j| &j.near_spike_predicted))
}

fn all<T: Copy>(judged: &[Judged], part: impl Fn(&Judged) -> &Vec<T>) -> Vec<T> {
    judged.iter().flat_map(|j| part(j).iter().copied()).collect()
}

/// The metrics that are not defined on a test set, and what the set lacks.
fn not_defined(judged: &[Judged], calibration_percent: f64) -> Vec<String> {
    let mut reasons = Vec::new();
    let mut lacks = |lack: bool, what: &str, metrics: &str| {
        if lack {
            reasons.push(format!("{what}: {metrics} not defined"));
        }
    };
    let (spikes, near) = (all(judged, |j| &j.spikes), all(judged, |j| &j.near_spike));
    let of_curve = "AUC, found share and average precision are";
    lacks(!spikes.contains(&true), "no spike in the test set", of_curve);
    lacks(!spikes.contains(&false), "a spike in every ms of the test set", of_curve);
    lacks(!near.contains(&true), "no near spike in the test set", "its AUC and found share are");
    lacks(!near.contains(&false), "a near spike in every ms", "its AUC and found share are");
    let constant = |values: Vec<f32>| values.iter().all(|v| *v == values[0]);
    let explained = "its explained variance is";
    lacks(constant(all(judged, |j| &j.soma)), "the soma's voltage never changes", explained);
    lacks(constant(all(judged, |j| &j.rate)), "the rate never changes", explained);
    lacks(constant(all(judged, |j| &j.dend)), "the dendrite's voltage never changes", explained);
    let even = calibration_percent.is_nan();
    lacks(even, "every bin has as many spikes as the others", "calibration is");
    reasons
}

fn per_simulation((sample, j): (&SampleMetrics, &Judged)) -> Option<PerSimulation> {
    if sample.total_num_spikes == 0 {
        return None;
    }
    let explained =
        |truth: &[f32], p: &[f32]| regression(truth, p).explained_variance_percent / 100.0;
    let row = PerSimulation {
        simulation: sample.simulation,
        total_num_spikes: sample.total_num_spikes,
        spikes_AUC: sample.spikes.AUC,
        near_spikes_AUC: sample.near_spike.AUC,
        soma_R2: explained(&j.soma, &j.soma_predicted),
        dend_v_R2: explained(&j.dend, &j.dend_predicted),
        inst_rate_R2: explained(&j.rate, &j.rate_predicted),
    };
    let values =
        [row.spikes_AUC, row.near_spikes_AUC, row.soma_R2, row.dend_v_R2, row.inst_rate_R2];
    values.iter().all(|v| v.is_finite()).then_some(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A simulation of 64 ms with a spike in each ms for which `spikes` returns true.
    fn judged(spikes: impl Fn(usize) -> bool) -> Judged {
        let values = |f: &dyn Fn(usize) -> f32| (0..64).map(f).collect::<Vec<f32>>();
        Judged {
            from_ms: 0,
            spikes: (0..64).map(&spikes).collect(),
            spikes_predicted: values(&|i| 0.001 * i as f32),
            near_spike: (0..64).map(|i| spikes(i) || i == 40).collect(),
            near_spike_predicted: values(&|i| 0.01 * i as f32),
            soma: values(&|i| -80.0 + i as f32),
            soma_predicted: values(&|_| -70.0),
            rate: values(&|i| if spikes(i) { 0.02 } else { 0.0 }),
            rate_predicted: values(&|_| 0.01),
            dend: values(&|i| -80.0 + 0.5 * i as f32),
            dend_predicted: values(&|_| -60.0),
        }
    }

    #[test]
    fn a_set_without_spikes_says_what_that_takes_away() {
        let silent = Evaluation::new(&[judged(|_| false)]);
        let reasons = silent.not_defined.join("\n");
        for words in ["no spike in the test set: AUC", "the rate never changes", "calibration is"] {
            assert!(reasons.contains(words), "{reasons}");
        }
        assert_eq!(silent.not_defined.len(), 3);
        // an undefined metric is NaN, which is null in JSON, and never infinite
        let percent = [
            silent.calibration_explained_variance_percent,
            silent.inst_rate_explained_variance_percent,
            silent.AUC_score,
            silent.average_precision,
        ];
        assert!(percent.iter().all(|p| p.is_nan()), "{percent:?}");
        let json = silent.json("x", 0.1).unwrap();
        assert!(json["AUC_score"].is_null() && json["not_defined"].as_array().is_some());
        let usual = Evaluation::new(&[judged(|i| i == 10 || i == 30)]);
        assert!(usual.not_defined.is_empty(), "{:?}", usual.not_defined);
        assert!(usual.json("x", 0.1).unwrap().get("not_defined").is_none());
        assert!(usual.AUC_score.is_finite() && usual.calibration_correlation.is_finite());
    }
}
