//! What a twin needs of a backend beyond Burn's own operations.

use burn::prelude::*;

use super::activation::Activation;
use super::kernel::recurrence::Recurrence;

/// A Burn backend with the twins' heavy operations. Each has a default made of Burn's own.
pub trait TwinBackend: Backend {
    /// See [`Activation::forward`].
    fn activation<const D: usize>(x: Tensor<Self, D>, activation: &Activation) -> Tensor<Self, D> {
        activation.composed(x)
    }

    /// See [`causal_conv`](super::causal_conv::causal_conv).
    fn causal_conv(
        x: Tensor<Self, 3>,
        weight: Tensor<Self, 3>,
        bias: Tensor<Self, 1>,
        dilation: usize,
    ) -> Tensor<Self, 3> {
        super::causal_conv::composed(x, weight, bias, dilation)
    }

    /// RMSNorm without a `bias`, LayerNorm with one, over the channels along `axis`.
    fn channel_norm<const D: usize>(
        x: Tensor<Self, D>,
        axis: usize,
        weight: Option<Tensor<Self, 1>>,
        bias: Option<Tensor<Self, 1>>,
        eps: f64,
    ) -> Tensor<Self, D> {
        super::norm::composed(x, axis, weight, bias, eps)
    }

    /// The ELM's recurrence as one operation with its own gradient, where the backend has one: from
    /// x `[batch, rows, time]` and all parameters in a row to the memory `[batch, memory, time]`.
    fn recurrence(
        _x: Tensor<Self, 3>,
        _params: impl FnOnce() -> Tensor<Self, 1>,
        _kappa_s: Tensor<Self, 1>,
        _recurrence: impl FnOnce() -> Recurrence,
    ) -> Option<Tensor<Self, 3>> {
        None
    }
}
