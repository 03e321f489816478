//! What a twin has to beat, on the simulations that it is judged on.

use anyhow::Result;
use ballstick::data::{Source, Split};
use ballstick::twin::baseline::{Baseline, Kind, Learner, judge, learns_from};
use ballstick::twin::evaluate::Judged;

use crate::files::usage;
use crate::store::{DataSet, SplitSource};
use crate::twins::summary::metric;

/// Both baselines on the simulations of `test`, and why there is no regression, where there is none: a data set
/// without train simulations or without spikes in them.
///
/// # Errors
/// A usage error for a simulation that cannot be read.
pub fn of(data: &DataSet, test: &SplitSource) -> Result<(Vec<Baseline>, Option<String>)> {
    let segments = super::data::segments(test)?;
    let train = data.split(Split::Train);
    let mut learner = Learner::new(segments);
    for index in learns_from(train.len()) {
        let sample = train.load(index).map_err(|e| usage(e.what, e.problem))?;
        learner.add(&sample, index).map_err(|e| usage(e.what, e.problem))?;
    }
    let fitted = if train.is_empty() {
        Err("the data set has no train simulations".to_owned())
    } else {
        learner.fit()
    };
    let mut judged: Vec<Vec<Judged>> = vec![Vec::new(); 2];
    for index in 0..test.len() {
        let sample = test.load(index).map_err(|e| usage(e.what, e.problem))?;
        let both = judge(&sample, index, fitted.as_ref().ok());
        for (all, one) in judged.iter_mut().zip(both.map_err(|e| usage(e.what, e.problem))?) {
            all.push(one);
        }
    }
    let learnt = fitted.as_ref().map_or(0, |fitted| fitted.simulations);
    let kinds = Kind::ALL.into_iter().zip(&judged).filter(|(_, judged)| !judged.is_empty());
    let all = kinds.map(|(kind, judged)| Baseline::new(kind, segments, learnt, judged));
    Ok((all.collect(), fitted.err()))
}

/// A baseline in a line, as `evaluate` prints it.
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
    format!("{}: AUC {auc} ({low}-{high}){found}", baseline.kind.words())
}
