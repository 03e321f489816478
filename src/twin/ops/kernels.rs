//! What a backend with kernels of its own provides: the heavy operations of twins, and their gradients, on tensors
//! without gradients. `tracked` makes operations with gradients of them.

use std::fmt::Debug;

use burn::prelude::*;
use burn::tensor::TensorPrimitive;
use burn::tensor::ops::FloatTensor;

use super::activation::Activation;
use super::attention::Attention;
use super::recurrence::Recurrence;

/// A tensor of its backend's kind.
pub(crate) fn outer<B: Backend, const D: usize>(x: FloatTensor<B>) -> Tensor<B, D> {
    Tensor::from_primitive(TensorPrimitive::Float(x))
}

/// The backend's tensor.
pub(crate) fn inner<B: Backend, const D: usize>(x: Tensor<B, D>) -> FloatTensor<B> {
    x.into_primitive().tensor()
}

/// The input of a norm with the nonlinearity behind it.
#[derive(Debug, Clone)]
pub struct NormInput<T> {
    /// Values, of any shape.
    pub x: T,
    /// The axis of the channels.
    pub axis: usize,
    /// The scale, `[channels]`.
    pub scale: T,
    /// The shift, `[channels]`: a norm with one (LayerNorm) subtracts the mean, one without (RMSNorm) does not.
    pub shift: Option<T>,
    /// Added to the variance.
    pub eps: f32,
    /// The nonlinearity.
    pub activation: Activation,
}

/// A backend with kernels for the heavy operations of twins. All tensors are of single precision.
pub trait Kernels: Backend {
    /// What the forward pass of an ELM's recurrence keeps for the backward pass.
    type Trace: Debug + Clone + Send + 'static;
    /// What the forward pass of attention keeps for the backward pass.
    type Seen: Debug + Clone + Send + 'static;

    /// A nonlinearity of all values.
    fn nonlinearity(x: FloatTensor<Self>, activation: &Activation) -> FloatTensor<Self>;

    /// The gradient of a nonlinearity's input.
    fn nonlinearity_gradient(
        x: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        activation: &Activation,
    ) -> FloatTensor<Self>;

    /// See [`causal_conv`](super::super::layer::causal_conv::causal_conv); without a `bias` it is 0.
    fn convolution(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: Option<FloatTensor<Self>>,
        dilation: usize,
    ) -> FloatTensor<Self>;

    /// The gradients of a convolution's input, weight and bias, of those that are `wanted`.
    fn convolution_gradients(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        dilation: usize,
        wanted: [bool; 3],
    ) -> [Option<FloatTensor<Self>>; 3];

    /// The nonlinearity of a norm over channels.
    fn norm(input: NormInput<FloatTensor<Self>>) -> FloatTensor<Self>;

    /// The gradients of a norm's input, scale and shift.
    fn norm_gradients(
        input: NormInput<FloatTensor<Self>>,
        grad: FloatTensor<Self>,
    ) -> [FloatTensor<Self>; 3];

    /// See [`silu_gate`](super::backend::TwinBackend::silu_gate).
    fn gate(x: FloatTensor<Self>) -> FloatTensor<Self>;

    /// The gradient of a gate's input.
    fn gate_gradient(x: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self>;

    /// Whether the kernels of attention can run with heads of `d_head` channels.
    fn attends(d_head: usize) -> bool;

    /// Attention within a window, from queries, keys and values `[batch, 3 · heads · d_head, time]` to means of values
    /// `[batch, heads · d_head, time]`.
    fn attend(qkv: FloatTensor<Self>, of: &Attention) -> (FloatTensor<Self>, Self::Seen);

    /// The gradient of queries, keys and values.
    fn attend_gradient(
        qkv: FloatTensor<Self>,
        seen: Self::Seen,
        grad: FloatTensor<Self>,
        of: &Attention,
    ) -> FloatTensor<Self>;

    /// The five losses and their weighted sum, `[6]`, and the sum again, `[1]`.
    fn five_losses(
        outputs: FloatTensor<Self>,
        targets: FloatTensor<Self>,
        weights: &[f64; 5],
    ) -> [FloatTensor<Self>; 2];

    /// The gradient of the outputs from that of the losses' weighted sum, `[1]`, or from those of the five losses,
    /// `[5]`, each times its weight.
    fn five_losses_gradient(
        outputs: FloatTensor<Self>,
        targets: FloatTensor<Self>,
        weights: &[f64; 5],
        grad: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// An ELM's recurrence, from x `[batch, rows, time]`, all parameters in one row, and κ_s `[rows]` to the memory
    /// `[batch, memory, time]`; `None` where the kernels cannot run it.
    fn recur(
        x: FloatTensor<Self>,
        row: FloatTensor<Self>,
        kappa_s: FloatTensor<Self>,
        of: &Recurrence,
    ) -> Option<(FloatTensor<Self>, Self::Trace)>;

    /// The gradients of a recurrence's input and row of parameters, of those that are `wanted`.
    fn recur_gradients(
        inputs: [FloatTensor<Self>; 3],
        trace: Self::Trace,
        grad: FloatTensor<Self>,
        of: &Recurrence,
        wanted: [bool; 2],
    ) -> [Option<FloatTensor<Self>>; 2];

    /// Tensors `[n]` in one row.
    fn join_rows(parts: Vec<FloatTensor<Self>>) -> FloatTensor<Self> {
        Self::float_cat(parts, 0)
    }

    /// A row as tensors of these lengths.
    fn part_row(row: FloatTensor<Self>, lengths: &[usize]) -> Vec<FloatTensor<Self>> {
        let row = outer::<Self, 1>(row);
        let mut at = 0;
        let part = lengths.iter().map(|&n| {
            at += n;
            inner(row.clone().narrow(0, at - n, n))
        });
        part.collect()
    }
}

/// The operations of a [`TwinBackend`](super::backend::TwinBackend) without gradients, by the backend's [`Kernels`].
macro_rules! untracked {
    () => {
        fn activation<const D: usize>(
            x: Tensor<Self, D>,
            activation: &Activation,
        ) -> Tensor<Self, D> {
            outer(Self::nonlinearity(inner(x), activation))
        }

        fn causal_conv(
            x: Tensor<Self, 3>,
            weight: Tensor<Self, 3>,
            bias: Tensor<Self, 1>,
            dilation: usize,
        ) -> Tensor<Self, 3> {
            outer(Self::convolution(inner(x), inner(weight), Some(inner(bias)), dilation))
        }

        fn map_channels(x: Tensor<Self, 3>, weight: Tensor<Self, 2>) -> Tensor<Self, 3> {
            let [out, of] = weight.dims();
            outer(Self::convolution(inner(x), inner(weight.reshape([out, of, 1])), None, 1))
        }

        fn channel_norm<const D: usize>(
            x: Tensor<Self, D>,
            axis: usize,
            weight: Option<Tensor<Self, 1>>,
            bias: Option<Tensor<Self, 1>>,
            eps: f64,
        ) -> Tensor<Self, D> {
            let Some(scale) = weight else {
                return crate::twin::ops::norm::composed(x, axis, weight, bias, eps);
            };
            let (x, scale, shift) = (inner(x), inner(scale), bias.map(inner));
            let activation = Activation::new(Nonlinearity::Identity, 0.0);
            outer(Self::norm(NormInput { x, axis, scale, shift, eps: eps as f32, activation }))
        }

        fn norm_activation(
            x: Tensor<Self, 3>,
            weight: Tensor<Self, 1>,
            bias: Option<Tensor<Self, 1>>,
            eps: f64,
            activation: &Activation,
        ) -> Tensor<Self, 3> {
            let (x, scale, shift) = (inner(x), inner(weight), bias.map(inner));
            let (eps, activation) = (eps as f32, *activation);
            outer(Self::norm(NormInput { x, axis: 1, scale, shift, eps, activation }))
        }

        fn silu_gate(x: Tensor<Self, 3>) -> Tensor<Self, 3> {
            outer(Self::gate(inner(x)))
        }

        fn window_attention(qkv: Tensor<Self, 3>, of: &Attention) -> Option<Tensor<Self, 3>> {
            if !Self::attends(qkv.dims()[1] / 3 / of.heads) {
                return None;
            }
            let (y, _) = Self::attend(inner(qkv), of);
            Some(outer(y))
        }

        fn losses(outputs: Tensor<Self, 3>, targets: Tensor<Self, 3>) -> Tensor<Self, 1> {
            let [numbers, _] = Self::five_losses(inner(outputs), inner(targets), &[1.0; 5]);
            outer::<Self, 1>(numbers).narrow(0, 0, 5)
        }

        fn join(parts: Vec<Tensor<Self, 1>>) -> Tensor<Self, 1> {
            outer(Self::join_rows(parts.into_iter().map(inner).collect()))
        }

        fn part(row: Tensor<Self, 1>, lengths: &[usize]) -> Vec<Tensor<Self, 1>> {
            let parts = Self::part_row(inner(row), lengths);
            parts.into_iter().map(outer).collect()
        }

        fn recurrence(
            x: Tensor<Self, 3>,
            row: Tensor<Self, 1>,
            kappa_s: Tensor<Self, 1>,
            of: &Recurrence,
        ) -> Option<Tensor<Self, 3>> {
            let (memory, _) = Self::recur(inner(x), inner(row), inner(kappa_s), of)?;
            Some(outer(memory))
        }
    };
}
pub(crate) use untracked;
