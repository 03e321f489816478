//! Norms over channels composed of Burn's own operations.

use burn::prelude::*;

/// RMSNorm without a `bias`, LayerNorm with one, composed of Burn's own operations.
pub(crate) fn composed<B: Backend, const D: usize>(
    x: Tensor<B, D>,
    axis: usize,
    weight: Option<Tensor<B, 1>>,
    bias: Option<Tensor<B, 1>>,
    eps: f64,
) -> Tensor<B, D> {
    let centred = match bias {
        Some(_) => x.clone() - x.mean_dim(axis),
        None => x,
    };
    let deviation = (centred.clone().square().mean_dim(axis) + eps).sqrt();
    affine(centred / deviation, axis, weight, bias)
}

/// x times `weight` plus `bias`, each with one value per channel along `axis`; a missing one is left out.
pub(crate) fn affine<B: Backend, const D: usize>(
    x: Tensor<B, D>,
    axis: usize,
    weight: Option<Tensor<B, 1>>,
    bias: Option<Tensor<B, 1>>,
) -> Tensor<B, D> {
    let x = match weight {
        Some(weight) => x * along(weight, axis),
        None => x,
    };
    match bias {
        Some(bias) => x + along(bias, axis),
        None => x,
    }
}

/// Values per channel along `axis`, reshaped to broadcast over the other axes.
pub(crate) fn along<B: Backend, const D: usize>(values: Tensor<B, 1>, axis: usize) -> Tensor<B, D> {
    let mut shape = [1; D];
    shape[axis] = values.dims()[0];
    values.reshape(shape)
}
