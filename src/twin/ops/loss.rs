//! The five losses composed of Burn's own operations.

use burn::prelude::*;
use burn::tensor::activation::log_sigmoid;

use crate::twin::heads::{Head, Outputs};

/// [`losses`](super::super::train::loss::losses) composed of Burn's own operations.
pub(crate) fn composed<B: Backend>(outputs: &Outputs<B>, targets: &Outputs<B>) -> Tensor<B, 1> {
    let cross_entropy = |head| {
        let (x, y) = (outputs.head(head), targets.head(head));
        // -y·log σ(x) - (1-y)·log(1-σ(x))
        ((-y + 1.0) * x.clone() - log_sigmoid(x)).mean()
    };
    let difference = |head| outputs.head(head) - targets.head(head);
    by_head(cross_entropy, difference)
}

/// The five losses, `[5]`, from functions that give a spike head's loss, and the difference of another head's output
/// and target.
pub(crate) fn by_head<B: Backend>(
    spikes: impl Fn(Head) -> Tensor<B, 1>,
    difference: impl Fn(Head) -> Tensor<B, 3>,
) -> Tensor<B, 1> {
    let all = vec![
        spikes(Head::Spikes),
        difference(Head::Soma).abs().mean(),
        spikes(Head::NearSpike),
        difference(Head::InstRate).square().mean(),
        difference(Head::DendV).abs().mean(),
    ];
    Tensor::cat(all, 0)
}

/// The weighted sum of the five losses, `[1]`.
pub(crate) fn total<B: Backend>(losses: Tensor<B, 1>, weights: &[f64; 5]) -> Tensor<B, 1> {
    let device = losses.device();
    (losses * Tensor::from_floats(weights.map(|w| w as f32), &device)).sum()
}
