//! The operations of twins that a backend may implement itself.

use burn::prelude::*;
use burn::tensor::backend::AutodiffBackend;

use super::activation::Activation;
use super::adamw::Coefficients;
use super::attention::Attention;
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

    /// silu of the first half of the channels times the second half (Shazeer 2020, arXiv 2002.05202).
    ///
    /// # Shapes
    /// - x: `[batch, 2 · channels, time]`
    /// - output: `[batch, channels, time]`
    fn silu_gate(x: Tensor<Self, 3>) -> Tensor<Self, 3> {
        let channels = x.dims()[1] / 2;
        let half = |i: usize| x.clone().narrow(1, i * channels, channels);
        burn::tensor::activation::silu(half(0)) * half(1)
    }

    /// Attention within a window as one operation, with rotated queries and keys, from queries, keys and values
    /// `[batch, 3 · heads · d_head, time]` to means of values `[batch, heads · d_head, time]`; `None` where the backend
    /// has no such operation.
    fn window_attention(_qkv: Tensor<Self, 3>, _of: &Attention) -> Option<Tensor<Self, 3>> {
        None
    }

    /// See [`losses`](super::super::train::loss::losses).
    fn losses(outputs: Tensor<Self, 3>, targets: Tensor<Self, 3>) -> Tensor<Self, 1> {
        super::loss::composed(&Outputs { all: outputs }, &Outputs { all: targets })
    }

    /// The five losses and their weighted sum, `[6]`, without gradients, and the sum again, `[1]`, with them.
    fn objective(
        outputs: Tensor<Self, 3>,
        targets: Tensor<Self, 3>,
        weights: &[f64; 5],
    ) -> [Tensor<Self, 1>; 2] {
        let losses = Self::losses(outputs, targets);
        let total = super::loss::total(losses.clone(), weights);
        [Tensor::cat(vec![losses.detach(), total.clone().detach()], 0), total]
    }

    /// AdamW's step along gradients that are clipped to a global norm of at most `most`: new values and moments from
    /// old ones, `[values, first moment, second moment]`, and the norm before clipping, `[1]`.
    fn clipped_adamw(
        old: [Tensor<Self, 1>; 3],
        gradients: Tensor<Self, 1>,
        most: f64,
        c: Coefficients,
    ) -> ([Tensor<Self, 1>; 3], Tensor<Self, 1>) {
        super::adamw::clipped(old, gradients, most, c)
    }

    /// Tensors `[n]`, at least one, in one row.
    fn join(parts: Vec<Tensor<Self, 1>>) -> Tensor<Self, 1> {
        Tensor::cat(parts, 0)
    }

    /// A row as tensors of these lengths.
    fn part(row: Tensor<Self, 1>, lengths: &[usize]) -> Vec<Tensor<Self, 1>> {
        super::rows::narrowed(row, lengths)
    }

    /// Uploads rows of numbers to a device, a tensor for each.
    fn upload(rows: Vec<Vec<f32>>, device: &Self::Device) -> Vec<Tensor<Self, 1>> {
        super::rows::uploaded(rows, device)
    }

    /// The ELM's recurrence as one operation with its own gradient, from x `[batch, rows, time]` and all parameters in
    /// one row to the memory `[batch, memory, time]`; `None` where the backend has no such operation.
    fn recurrence(
        _x: Tensor<Self, 3>,
        _row: Tensor<Self, 1>,
        _kappa_s: Tensor<Self, 1>,
        _of: &Recurrence,
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
