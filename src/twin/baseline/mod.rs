//! What a twin has to beat: two models of spikes that are no networks, judged on the same ms of the same simulations
//! from the same input as a twin.
//!
//! - [`Kind::Filter`]: excitation minus inhibition of all segments through one exponential filter of [`TAU_MS`]. It
//!   learns nothing.
//! - [`Kind::Logistic`]: logistic regression on the input of each segment and kind through exponential filters of
//!   [`TAUS_MS`], 64 filtered inputs for eight segments. It is the same for the same simulations.

mod logistic;
mod result;

pub use logistic::{Learner, Logistic};
pub use result::Baseline;

use serde::{Deserialize, Serialize};

use super::batch::Window;
use super::evaluate::{Judged, TEST_WINDOW_MS};
use crate::data::sample::{Sample, SourceError};
use crate::text::count;

/// Time constant of the untrained filter, ms: between the membrane's 20 and the NMDA current's 70.
pub const TAU_MS: f64 = 50.0;

/// Time constants of the regression's filters, ms: about those of AMPA (3), GABA_A and the membrane (10 and 20), and
/// NMDA (70), as far apart as their logarithms allow.
pub const TAUS_MS: [f64; 4] = [3.0, 10.0, 30.0, 100.0];

/// Train simulations that the regression takes, at most, spread over all.
pub const LEARNS_FROM: usize = 200;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The untrained filter.
    Filter,
    /// The regression.
    Logistic,
}

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Filter, Self::Logistic];

    /// Its name in tables of results, in the column of the configurations.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Filter => "filter",
            Self::Logistic => "logistic",
        }
    }

    /// For people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Filter => "exponential filter, untrained",
            Self::Logistic => "logistic regression",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// Numbers that were learnt.
    #[must_use]
    pub fn parameters(self, segments: usize) -> usize {
        match self {
            Self::Filter => 0,
            Self::Logistic => 2 * segments * TAUS_MS.len() + 1,
        }
    }

    /// ms of input that matter: until an input has faded to a hundredth.
    #[must_use]
    pub fn reach_ms(self) -> f64 {
        let slowest = match self {
            Self::Filter => TAU_MS,
            Self::Logistic => TAUS_MS[TAUS_MS.len() - 1],
        };
        slowest * 100f64.ln()
    }
}

/// Indices of the train simulations that the regression learns from, evenly spread.
pub fn learns_from(simulations: usize) -> impl Iterator<Item = usize> {
    let taken = simulations.min(LEARNS_FROM);
    (0..taken).map(move |i| i * simulations / taken)
}

/// Whether a sample has as many segments as it should.
fn fits(sample: &Sample, index: usize, segments: usize) -> Result<(), SourceError> {
    if sample.segments() == segments {
        return Ok(());
    }
    Err(SourceError {
        what: format!("simulation {index}"),
        problem: format!("has {}, the others {segments}", count(sample.segments(), "segment")),
    })
}

/// Runs exponential filters of these time constants over a stretch of input, from rest, and hands over their states
/// after each ms: for each time constant the rows of excitation, then of inhibition.
fn filtered(
    sample: &Sample,
    from: usize,
    length: usize,
    taus_ms: &[f64],
    mut at: impl FnMut(usize, &[f64]),
) {
    let segments = sample.segments();
    let keep: Vec<f64> = taus_ms.iter().map(|tau| libm::exp(-1.0 / tau)).collect();
    let rows = 2 * segments;
    let mut states = vec![0.0; taus_ms.len() * rows];
    for ms in 0..length {
        for (states, keep) in states.chunks_exact_mut(rows).zip(&keep) {
            for (row, state) in states.iter_mut().enumerate() {
                let weight = sample.inputs[(row % segments, from + ms, row / segments)].to_f64();
                *state = *state * keep + weight;
            }
        }
        at(ms, &states);
    }
}

/// Scores of the untrained filter.
fn filter_scores(sample: &Sample, from: usize, length: usize) -> Vec<f32> {
    let segments = sample.segments();
    let mut scores = Vec::with_capacity(length);
    filtered(sample, from, length, &[TAU_MS], |_, states| {
        let (exc, inh) = states.split_at(segments);
        scores.push((exc.iter().sum::<f64>() - inh.iter().sum::<f64>()) as f32);
    });
    scores
}

/// Judges one test simulation: both baselines where the regression has learnt, else the filter alone. What comes back
/// of each holds the spikes and a score for each ms, which for the filter is no probability.
///
/// # Errors
/// If the simulation has another number of segments than those that the regression learnt from.
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
