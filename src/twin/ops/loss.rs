//! The five losses out of Burn's own operations.

use burn::prelude::*;
use burn::tensor::activation::log_sigmoid;

use crate::twin::heads::Outputs;

/// [`losses`](super::super::train::loss::losses) out of Burn's own operations.
pub(crate) fn composed<B: Backend>(outputs: &Outputs<B>, targets: &Outputs<B>) -> Tensor<B, 1> {
    let cross_entropy = |i| {
        let (x, y) = (outputs.head(i), targets.head(i));
        // -y·log σ(x) - (1-y)·log(1-σ(x))
        ((-y + 1.0) * x.clone() - log_sigmoid(x)).mean()
    };
    let difference = |i| outputs.head(i) - targets.head(i);
    by_head(cross_entropy, difference)
}

/// The five losses from that of a spike head, and the difference of another head's output from its target.
pub(crate) fn by_head<B: Backend>(
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
