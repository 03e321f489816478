//! Input through exponential filters: the untrained baseline, and the inputs of the regression.

use super::kind::TAU_MS;
use crate::data::sample::{Sample, SourceError};
use crate::text::count;

/// Checks that a sample has the right number of segments; `index` names the simulation in messages.
pub(super) fn fits(sample: &Sample, index: usize, segments: usize) -> Result<(), SourceError> {
    if sample.segments() == segments {
        return Ok(());
    }
    Err(SourceError {
        what: format!("simulation {index}"),
        problem: format!("has {}, the others {segments}", count(sample.segments(), "segment")),
    })
}

/// Runs exponential filters with these time constants over a stretch of input, from rest, and passes the number of each
/// ms and the states after it to `at`: for each time constant the rows of excitation, then of inhibition.
pub(super) fn filtered(
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

/// The score of the untrained filter in each ms.
pub(super) fn filter_scores(sample: &Sample, from: usize, length: usize) -> Vec<f32> {
    let segments = sample.segments();
    let mut scores = Vec::with_capacity(length);
    filtered(sample, from, length, &[TAU_MS], |_, states| {
        let (exc, inh) = states.split_at(segments);
        scores.push((exc.iter().sum::<f64>() - inh.iter().sum::<f64>()) as f32);
    });
    scores
}
