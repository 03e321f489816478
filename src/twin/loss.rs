//! The five losses.

use burn::prelude::*;
use burn::tensor::activation::log_sigmoid;

use super::backend::TwinBackend;
use super::heads::Outputs;

/// Weights of the five losses, in the order of [`HEADS`](super::heads::HEADS).
pub type LossWeights = [f64; 5];

/// Where training starts.
pub const INITIAL_WEIGHTS: LossWeights = [2.0, 0.7, 1.8, 3.0, 6.0];

/// Where training ends.
pub const FINAL_WEIGHTS: LossWeights = [24.0, 0.15, 0.25, 3.0, 0.6];

/// Where training ends with a weight decay of 0.1 or more.
pub const DECAYED_FINAL_WEIGHTS: LossWeights = [24.0, 0.165, 0.3, 3.5, 0.8];

/// Binary cross-entropy of both spike heads' logits, mean absolute error of both voltages, mean
/// squared error of the rate.
///
/// # Shapes
/// - targets: `[batch, 4 + dend_channels, time]`, scaled, in the order of the heads
/// - output: `[5]`
pub fn losses<B: TwinBackend>(outputs: &Outputs<B>, targets: &Outputs<B>) -> Tensor<B, 1> {
    B::losses(outputs.all.clone(), targets.all.clone())
}

/// The same out of Burn's own operations.
pub(super) fn composed<B: Backend>(outputs: &Outputs<B>, targets: &Outputs<B>) -> Tensor<B, 1> {
    let cross_entropy = |i| {
        let (x, y) = (outputs.head(i), targets.head(i));
        // -y·log σ(x) - (1-y)·log(1-σ(x))
        ((-y + 1.0) * x.clone() - log_sigmoid(x)).mean()
    };
    let difference = |i| outputs.head(i) - targets.head(i);
    by_head(cross_entropy, difference)
}

/// The five losses from that of a spike head, and the difference of another head's output from its target.
pub(super) fn by_head<B: Backend>(
    spikes: impl Fn(usize) -> Tensor<B, 1>,
    difference: impl Fn(usize) -> Tensor<B, 3>,
) -> Tensor<B, 1> {
    let all = vec![
        spikes(0),
        difference(1).abs().mean(),
        spikes(2),
        difference(3).square().mean(),
        difference(4).abs().mean(),
    ];
    Tensor::cat(all, 0)
}

/// The weighted sum of the five.
///
/// # Shapes
/// - losses: `[5]`
/// - output: `[1]`
pub fn total<B: Backend>(losses: Tensor<B, 1>, weights: &LossWeights) -> Tensor<B, 1> {
    let device = losses.device();
    (losses * Tensor::from_floats(weights.map(|w| w as f32), &device)).sum()
}
