//! Baselines for a twin: two models of spikes that are no networks, judged on the same ms of the same simulations and
//! from the same input as a twin.
//!
//! - [`Kind::Filter`]: excitation minus inhibition of all segments through one exponential filter of [`TAU_MS`]. It
//!   learns nothing.
//! - [`Kind::Logistic`]: logistic regression on the input of each segment and kind through exponential filters of
//!   [`TAUS_MS`], 64 filtered inputs for eight segments. It is the same for the same simulations.

mod filter;
mod kind;
mod logistic;
mod result;

pub use kind::{Kind, TAU_MS, TAUS_MS};
pub use logistic::{Learner, Logistic};
pub use result::Baseline;

use filter::filter_scores;
use std::borrow::Borrow;

use crate::data::sample::{Sample, SourceError};
use crate::twin::judge::predict::{Judged, TEST_WINDOW_MS};
use crate::twin::train::batch::Window;

/// The most train simulations that the regression learns from, spread over all.
pub const LEARNS_FROM: usize = 200;

/// Indices of the train simulations that the regression learns from, evenly spread.
pub fn learns_from(simulations: usize) -> impl Iterator<Item = usize> {
    let taken = simulations.min(LEARNS_FROM);
    (0..taken).map(move |i| i * simulations / taken)
}

/// Both baselines on `test` simulations; the regression learns from up to [`LEARNS_FROM`] of `train` simulations. Where
/// there is no regression, the text says why: no train simulations, or no spikes in them. `fetch` gets the number of a
/// simulation, and whether it is a train (`true`) or a test simulation.
///
/// # Errors
/// A simulation that cannot be fetched, or has another number of segments.
pub async fn on<S: Borrow<Sample>, E: From<SourceError>>(
    segments: usize,
    [train, test]: [usize; 2],
    mut fetch: impl AsyncFnMut(bool, usize) -> Result<S, E>,
) -> Result<(Vec<Baseline>, Option<String>), E> {
    let mut learner = Learner::new(segments);
    for index in learns_from(train) {
        learner.add(fetch(true, index).await?.borrow(), index)?;
    }
    let fitted = match train {
        0 => Err("the data set has no train simulations".to_owned()),
        _ => learner.fit(),
    };
    let mut judged: [Vec<Judged>; 2] = Default::default();
    for index in 0..test {
        let both = judge(fetch(false, index).await?.borrow(), index, fitted.as_ref().ok())?;
        for (all, one) in judged.iter_mut().zip(both) {
            all.push(one);
        }
    }
    let learnt = fitted.as_ref().map_or(0, |fitted| fitted.simulations);
    let kinds = Kind::ALL.into_iter().zip(&judged).filter(|(_, judged)| !judged.is_empty());
    let all = kinds.map(|(kind, judged)| Baseline::new(kind, segments, learnt, judged));
    Ok((all.collect(), fitted.err()))
}

/// Judges one test simulation: by both baselines where the regression has learnt, otherwise by the filter alone. Each
/// result holds the spikes and a score for each ms; the filter's score is no probability.
///
/// # Errors
/// [`SourceError`] where the simulation has another number of segments than those that the regression learnt from.
pub fn judge(
    sample: &Sample,
    index: usize,
    logistic: Option<&Logistic>,
) -> Result<Vec<Judged>, SourceError> {
    let (from, length) = Window::centred(index, TEST_WINDOW_MS).place(sample.duration_ms());
    let spikes: Vec<bool> = sample.targets.spikes.iter().skip(from).take(length).copied().collect();
    let judged = |scores| Judged {
        from_ms: from,
        spikes: spikes.clone(),
        spikes_predicted: scores,
        ..Judged::default()
    };
    let mut both = vec![judged(filter_scores(sample, from, length))];
    if let Some(logistic) = logistic {
        both.push(judged(logistic.probabilities(sample, index, from, length)?));
    }
    Ok(both)
}

#[cfg(test)]
mod tests;
