//! What a baseline reaches.

use serde::{Deserialize, Serialize};

use super::kind::Kind;
use crate::twin::judge::evaluate::{Judged, WANTED_FPR, spike_thresholds};
use crate::twin::judge::interval::intervals;
use crate::twin::judge::metrics::roc_of;
use crate::twin::judge::results::{Row, defined};
use crate::twin::judge::thresholds::OperatingPoint;

/// Points of the curve that is kept for drawing.
const CURVE: usize = 200;

/// A baseline on a test set. Numbers that are not defined are NaN, and null in JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// Which.
    pub kind: Kind,
    /// Numbers that were learnt.
    pub parameters: usize,
    /// Train simulations that it learnt from.
    pub train_simulations: usize,
    /// Area under the spikes' curve.
    pub auc: f64,
    /// Its 95% interval by resampling whole simulations.
    pub auc_interval: (f64, f64),
    /// What the threshold finds that is nearest to a false-positive rate of 0.002.
    pub at_fpr: Option<OperatingPoint>,
    /// 95% interval of the true-positive rate there.
    pub tpr_interval: (f64, f64),
    /// False-positive rate and true-positive rate, for drawing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub curve: Vec<(f64, f64)>,
}

impl Baseline {
    /// Of the simulations of a test set, in their order.
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

    /// Its row in a table of results on this neuron.
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
