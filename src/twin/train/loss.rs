//! The five losses and their weights.

use burn::prelude::*;

use crate::twin::heads::Outputs;
use crate::twin::ops::backend::TwinBackend;

/// Weights of the five losses, in the order of [`HEADS`](crate::twin::heads::HEADS).
pub type LossWeights = [f64; 5];

/// Loss weights at the start of a training.
pub const INITIAL_WEIGHTS: LossWeights = [2.0, 0.7, 1.8, 3.0, 6.0];

/// Loss weights at the end of a training.
pub const FINAL_WEIGHTS: LossWeights = [24.0, 0.15, 0.25, 3.0, 0.6];

/// Loss weights at the end of a training with a weight decay of 0.1 or more.
pub const DECAYED_FINAL_WEIGHTS: LossWeights = [24.0, 0.165, 0.3, 3.5, 0.8];

/// Binary cross-entropy of the logits of both spike heads, mean absolute error of both voltages, mean squared error of
/// the rate.
///
/// # Shapes
/// - targets: `[batch, 4 + dend_channels, time]`, scaled, in the order of the heads
/// - output: `[5]`
pub fn losses<B: TwinBackend>(outputs: &Outputs<B>, targets: &Outputs<B>) -> Tensor<B, 1> {
    B::losses(outputs.all.clone(), targets.all.clone())
}

/// The weighted sum of the five losses.
///
/// # Shapes
/// - losses: `[5]`
/// - output: `[1]`
pub fn total<B: Backend>(losses: Tensor<B, 1>, weights: &LossWeights) -> Tensor<B, 1> {
    crate::twin::ops::loss::total(losses, weights)
}
