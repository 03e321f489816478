//! The result of a baseline.

use serde::{Deserialize, Serialize};

use super::kind::Kind;
use crate::twin::judge::evaluate::{Judged, WANTED_FPR, spike_thresholds};
use crate::twin::judge::interval::intervals;
use crate::twin::judge::metrics::roc_of;
use crate::twin::judge::results::{Row, defined};
use crate::twin::judge::thresholds::OperatingPoint;

/// Number of points of the ROC curve that are kept for drawing.
const CURVE: usize = 200;

/// The result of a baseline on a test set. Undefined numbers are NaN, null in JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// The kind of baseline.
    pub kind: Kind,
    /// Number of learnt parameters.
    pub parameters: usize,
    /// Number of train simulations that the baseline learnt from.
    pub train_simulations: usize,
    /// Area under the spikes' ROC curve.
    pub auc: f64,
    /// 95% interval of the area, by resampling whole simulations.
    pub auc_interval: (f64, f64),
    /// Threshold and counts at the false-positive rate nearest to 0.002; `None` where no point exists.
    pub at_fpr: Option<OperatingPoint>,
    /// 95% interval of the true-positive rate at that false-positive rate.
    pub tpr_interval: (f64, f64),
    /// Points of the ROC curve for drawing: false-positive rate and true-positive rate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub curve: Vec<(f64, f64)>,
}

impl Baseline {
    /// The result on the simulations of a test set.
    #[must_use]
    pub fn new(kind: Kind, segments: usize, train_simulations: usize, judged: &[Judged]) -> Self {
        let thresholds = spike_thresholds(judged);
        let curve = roc_of(&thresholds);
        let intervals = intervals(judged);
        Self {
            kind,
            parameters: kind.parameters(segments),
            train_simulations: if kind == Kind::Filter { 0 } else { train_simulations },
            auc: curve.auc,
            auc_interval: intervals.auc,
            at_fpr: curve.point_at_fpr(WANTED_FPR),
            tpr_interval: intervals.tpr,
            curve: thresholds.thinned(CURVE).iter().map(|p| (p.fpr(), p.tpr())).collect(),
        }
    }

    /// True-positive rate at the false-positive rate nearest 0.002.
    #[must_use]
    pub fn tpr(&self) -> f64 {
        self.at_fpr.map_or(f64::NAN, |point| point.tpr())
    }

    /// The baseline's row in a table of results on the neuron named.
    #[must_use]
    pub fn row(&self, neuron: &str) -> Row {
        Row {
            neuron: neuron.to_owned(),
            config: self.kind.key().to_owned(),
            short_name: self.kind.title().replace(',', ""),
            parameters: Some(self.parameters as u64),
            receptive_field_ms: Some(self.kind.reach_ms().round() as u64),
            auc: defined(self.auc),
            auc_low: defined(self.auc_interval.0),
            auc_high: defined(self.auc_interval.1),
            tpr: defined(self.tpr()),
            train_simulations: Some(self.train_simulations as u64),
            weights_kib: Some(self.parameters as f64 * 4.0 / 1024.0),
            ..Row::default()
        }
    }
}
