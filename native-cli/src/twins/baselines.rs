//! The baselines of a twin, on the simulations that it is judged on.

use anyhow::Result;
use ballstick::data::{Source, SourceError, Split};
use ballstick::twin::baseline::{self, Baseline};
use pollster::block_on;

use crate::files::usage;
use crate::store::{DataSet, SplitSource};
use crate::twins::summary::metric;

/// Both baselines on the simulations of `test`. Where there is no regression, the text says why: the data set has no
/// train simulations, or no spikes in them.
///
/// # Errors
/// A usage error for a simulation that cannot be read.
pub fn of(data: &DataSet, test: &SplitSource) -> Result<(Vec<Baseline>, Option<String>)> {
    let segments = super::data::segments(test)?;
    let train = data.split(Split::Train);
    let fetch = async |learns: bool, index| {
        let source = if learns { &train } else { test };
        source.load(index)
    };
    let found = block_on(baseline::on(segments, [train.len(), test.len()], fetch));
    found.map_err(|e: SourceError| usage(e.what, e.problem))
}

/// The result of a baseline in one line, as `evaluate` prints it.
pub fn line(baseline: &Baseline) -> String {
    let (low, high) = baseline.auc_interval;
    let found = baseline.at_fpr.map_or_else(String::new, |p| {
        format!(
            ", {} found ({} of {}) at a false-positive rate of {}",
            metric(p.tpr(), 3, ""),
            p.hits,
            p.positives,
            metric(p.fpr(), 4, "")
        )
    });
    let [auc, low, high] = [baseline.auc, low, high].map(|value| metric(value, 4, ""));
    format!("{}: AUC {auc} ({low}-{high}){found}", baseline.kind.title())
}
