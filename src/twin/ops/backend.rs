//! The operations of twins that a backend may implement itself.

use std::sync::Arc;

use burn::prelude::*;
use burn::tensor::backend::AutodiffBackend;

use super::activation::Activation;
use super::adamw::Coefficients;
use super::attention::Turns;
use super::recurrence::Recurrence;
use crate::twin::heads::Outputs;

/// A Burn backend with the twins' heavy operations. Each operation has a default composed of Burn's own.
pub trait TwinBackend: Backend {
    /// See [`Activation::forward`].
    fn activation<const D: usize>(x: Tensor<Self, D>, activation: &Activation) -> Tensor<Self, D> {
        activation.composed(x)
    }

    /// See [`causal_conv`](super::super::layer::causal_conv::causal_conv).
    fn causal_conv(
        x: Tensor<Self, 3>,
        weight: Tensor<Self, 3>,
        bias: Tensor<Self, 1>,
        dilation: usize,
    ) -> Tensor<Self, 3> {
        super::conv::composed(x, weight, bias, dilation)
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

    /// The nonlinearity of [`channel_norm`](Self::channel_norm) over the channels of `[batch, channels, time]`.
    fn norm_activation(
        x: Tensor<Self, 3>,
        weight: Tensor<Self, 1>,
        bias: Option<Tensor<Self, 1>>,
        eps: f64,
        activation: &Activation,
    ) -> Tensor<Self, 3> {
        Self::activation(Self::channel_norm(x, 1, Some(weight), bias, eps), activation)
    }

    /// The linear map weight · x at each time.
    ///
    /// # Shapes
    /// - x: `[batch, in, time]`
    /// - weight: `[out, in]`
    /// - output: `[batch, out, time]`
    fn map_channels(x: Tensor<Self, 3>, weight: Tensor<Self, 2>) -> Tensor<Self, 3> {
        weight.unsqueeze::<3>().matmul(x)
    }

    /// Attention within a window as one operation, with rotated queries and keys, from queries, keys and values
    /// `[batch, heads · d_head, time]` to means of values of the same shape; `None` where the backend has no such
    /// operation.
    fn window_attention(
        _qkv: [Tensor<Self, 3>; 3],
        _turns: &Arc<Turns>,
        _heads: usize,
        _window: usize,
    ) -> Option<Tensor<Self, 3>> {
        None
    }

    /// See [`losses`](super::super::train::loss::losses).
    fn losses(outputs: Tensor<Self, 3>, targets: Tensor<Self, 3>) -> Tensor<Self, 1> {
        super::loss::composed(&Outputs { all: outputs }, &Outputs { all: targets })
    }

    /// AdamW's step: new values and moments from old ones, `[values, first moment, second moment]`.
    fn adamw(
        old: [Tensor<Self, 1>; 3],
        gradients: Tensor<Self, 1>,
        c: Coefficients,
    ) -> [Tensor<Self, 1>; 3] {
        super::adamw::composed(old, gradients, c)
    }

    /// The ELM's recurrence as one operation with its own gradient, from x `[batch, rows, time]` and all parameters in
    /// one row to the memory `[batch, memory, time]`; `None` where the backend has no such operation.
    fn recurrence(
        _x: Tensor<Self, 3>,
        _params: impl FnOnce() -> Tensor<Self, 1>,
        _kappa_s: Tensor<Self, 1>,
        _recurrence: impl FnOnce() -> Recurrence,
    ) -> Option<Tensor<Self, 3>> {
        None
    }
}

/// A backend with gradients, for training; its inner backend runs twins without gradients.
pub trait TrainBackend: TwinBackend + AutodiffBackend<InnerBackend: TwinBackend> {}

impl<B: TwinBackend + AutodiffBackend<InnerBackend: TwinBackend>> TrainBackend for B {}

impl Activation {
    /// # Shapes
    /// - x: any
    /// - output: as `x`
    pub fn forward<B: TwinBackend, const D: usize>(&self, x: Tensor<B, D>) -> Tensor<B, D> {
        B::activation(x, self)
    }
}
