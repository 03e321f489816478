//! A twin judged against its neuron on any inputs in memory.

use super::predict::{Judged, judged, predict};
use crate::data::Targets;
use crate::data::sample::SourceError;
use crate::twin::model::Twin;
use crate::twin::ops::backend::TwinBackend;
use crate::twin::scaling::Scaling;
use crate::twin::train::TrainError;

/// Predicts a whole simulation; its weights need not be half-precision numbers, as those of a data set are.
///
/// # Shapes
/// - weights: excitation and inhibition, (S, T) each
///
/// # Errors
/// [`TrainError`]: the inputs do not fit the twin, or the device fails.
pub async fn judge_inputs<B: TwinBackend>(
    twin: &Twin<B>,
    weights: [&[f64]; 2],
    targets: &Targets,
    segments: usize,
    scaling: &Scaling,
    device: &B::Device,
) -> Result<Judged, TrainError> {
    let duration = targets.spikes.len();
    let given = targets.dend_v.nrows();
    if given != segments || weights.iter().any(|w| w.len() != segments * duration) {
        let problem = format!("are of {given} segments, but the twin is for {segments}");
        return Err(SourceError { what: "the inputs".to_owned(), problem }.into());
    }
    let scale = scaling.X_scale as f32;
    let x = weights.into_iter().flatten().map(|w| *w as f32 / scale).collect();
    let raw = predict(twin, x, [1, 2, segments, duration], device).await?;
    Ok(judged(&raw, targets, 0, scaling))
}
