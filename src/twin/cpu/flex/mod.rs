//! The kernels as operations of Burn's CPU backend.

mod gradients;

use std::borrow::Cow;
use std::sync::Arc;

use burn::backend::Flex;
use burn::prelude::*;
use burn::tensor::{Shape, TensorMetadata, TensorPrimitive};
use burn_flex::FlexTensor;

use super::adamw;
use super::attention;
use super::convolution::{self, Way};
use super::recurrence::{self, Run};
use super::{elementwise, layer, loss, normalise};
use crate::simd::Isa;
use crate::twin::ops::activation::Activation;
use crate::twin::ops::adamw::Coefficients;
use crate::twin::ops::attention::Turns;
use crate::twin::ops::backend::TwinBackend;
use crate::twin::ops::recurrence::Recurrence;

/// A tensor's values in row-major order; copied only if it is a view.
fn values(tensor: &FlexTensor) -> Cow<'_, [f32]> {
    match tensor.as_slice::<f32>() {
        Some(values) => Cow::Borrowed(values),
        None => {
            let whole = tensor.to_contiguous();
            Cow::Owned(whole.as_slice::<f32>().map(<[f32]>::to_vec).unwrap_or_default())
        }
    }
}

fn tensor(values: Vec<f32>, shape: impl Into<Shape>) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}

fn inner<const D: usize>(x: Tensor<Flex, D>) -> FlexTensor {
    x.into_primitive().tensor()
}

fn outer<const D: usize>(x: FlexTensor) -> Tensor<Flex, D> {
    Tensor::from_primitive(TensorPrimitive::Float(x))
}

fn conv_shape(x: &FlexTensor, weight: &FlexTensor, dilation: usize) -> convolution::Shape {
    let (x, w) = (x.shape(), weight.shape());
    convolution::Shape {
        batch: x[0],
        channels_in: x[1],
        channels_out: w[0],
        taps: w[2],
        dilation,
        time: x[2],
    }
}

fn norm_shape(x: &FlexTensor, axis: usize) -> normalise::Shape {
    let dims = x.shape();
    let product = |range: std::ops::Range<usize>| range.map(|d| dims[d]).product();
    normalise::Shape {
        outer: product(0..axis),
        channels: dims[axis],
        inner: product(axis + 1..dims.num_dims()),
    }
}

fn conv(x: &FlexTensor, weight: &FlexTensor, bias: &FlexTensor, dilation: usize) -> FlexTensor {
    let s = conv_shape(x, weight, dilation);
    let isa = Isa::best();
    let way = Way::of(isa, &s);
    let y = convolution::forward(isa, &way, &values(x), &values(weight), &values(bias), &s);
    tensor(y, [s.batch, s.channels_out, s.time])
}

fn norm(
    x: &FlexTensor,
    axis: usize,
    weight: &FlexTensor,
    bias: Option<&FlexTensor>,
    eps: f32,
) -> FlexTensor {
    let bias = bias.map(values);
    let weight = values(weight);
    let p = normalise::Params { weight: &weight, bias: bias.as_deref(), eps };
    tensor(normalise::forward(Isa::best(), &values(x), norm_shape(x, axis), p), x.shape())
}

impl TwinBackend for Flex {
    fn activation<const D: usize>(x: Tensor<Self, D>, activation: &Activation) -> Tensor<Self, D> {
        let x = inner(x);
        outer(tensor(elementwise::forward(Isa::best(), &values(&x), activation), x.shape()))
    }

    fn causal_conv(
        x: Tensor<Self, 3>,
        weight: Tensor<Self, 3>,
        bias: Tensor<Self, 1>,
        dilation: usize,
    ) -> Tensor<Self, 3> {
        outer(conv(&inner(x), &inner(weight), &inner(bias), dilation))
    }

    fn channel_norm<const D: usize>(
        x: Tensor<Self, D>,
        axis: usize,
        weight: Option<Tensor<Self, 1>>,
        bias: Option<Tensor<Self, 1>>,
        eps: f64,
    ) -> Tensor<Self, D> {
        let Some(weight) = weight else {
            return crate::twin::ops::norm::composed(x, axis, weight, bias, eps);
        };
        let bias = bias.map(inner);
        outer(norm(&inner(x), axis, &inner(weight), bias.as_ref(), eps as f32))
    }

    fn norm_activation(
        x: Tensor<Self, 3>,
        weight: Tensor<Self, 1>,
        bias: Option<Tensor<Self, 1>>,
        eps: f64,
        activation: &Activation,
    ) -> Tensor<Self, 3> {
        let state = (inner(x), inner(weight), bias.map(inner), eps as f32, *activation);
        outer(norm_activation(&state))
    }

    fn map_channels(x: Tensor<Self, 3>, weight: Tensor<Self, 2>) -> Tensor<Self, 3> {
        map_channels(x, weight)
    }

    fn window_attention(
        qkv: [Tensor<Self, 3>; 3],
        turns: &Arc<Turns>,
        heads: usize,
        window: usize,
    ) -> Option<Tensor<Self, 3>> {
        let qkv = qkv.map(inner);
        let shape = attention_shape(&qkv[0], heads, window);
        Some(outer(attend(&qkv, turns, &shape)))
    }

    fn losses(outputs: Tensor<Self, 3>, targets: Tensor<Self, 3>) -> Tensor<Self, 1> {
        outer(losses(&inner(outputs), &inner(targets)))
    }

    fn adamw(
        old: [Tensor<Self, 1>; 3],
        gradients: Tensor<Self, 1>,
        c: Coefficients,
    ) -> [Tensor<Self, 1>; 3] {
        let (old, gradients) = (old.map(inner), inner(gradients));
        let [x, m, v] = old.each_ref().map(values);
        let new = adamw::step(Isa::best(), [&x, &m, &v], &values(&gradients), c);
        new.map(|values| {
            let len = values.len();
            outer(tensor(values, [len]))
        })
    }

    fn recurrence(
        x: Tensor<Self, 3>,
        row: impl FnOnce() -> Tensor<Self, 1>,
        kappa_s: Tensor<Self, 1>,
        recurrence: impl FnOnce() -> Recurrence,
    ) -> Option<Tensor<Self, 3>> {
        let (_, memory) = run(&recurrence(), &inner(x), &inner(row()), &inner(kappa_s));
        Some(outer(memory))
    }
}

/// Transposes (batch, time, memory) to (batch, memory, time) and back, since the recurrence keeps a step's values side
/// by side.
fn swapped(values: &[f32], batch: usize, rows: usize, columns: usize) -> Vec<f32> {
    let mut out = vec![0.0; values.len()];
    for item in 0..batch {
        let part = item * rows * columns..(item + 1) * rows * columns;
        let (from, to) = (&values[part.clone()], &mut out[part]);
        for r in 0..rows {
            for c in 0..columns {
                to[c * rows + r] = from[r * columns + c];
            }
        }
    }
    out
}

fn run(
    r: &Recurrence,
    x: &FlexTensor,
    row: &FlexTensor,
    kappa_s: &FlexTensor,
) -> (Run, FlexTensor) {
    let dims = x.shape();
    let (batch, time) = (dims[0], dims[2]);
    let run = recurrence::forward(
        Isa::best(),
        r,
        &values(x),
        &values(row),
        &values(kappa_s),
        batch,
        time,
    );
    let memory = swapped(&run.memory, batch, time, r.memory);
    let memory = tensor(memory, [batch, r.memory, time]);
    (run, memory)
}

/// The state that a layer's backward pass needs: input, scale, shift, eps and nonlinearity.
type LayerState = (FlexTensor, FlexTensor, Option<FlexTensor>, f32, Activation);

fn norm_activation((x, weight, bias, eps, activation): &LayerState) -> FlexTensor {
    let bias = bias.as_ref().map(values);
    let weight = values(weight);
    let p = normalise::Params { weight: &weight, bias: bias.as_deref(), eps: *eps };
    tensor(layer::forward(Isa::best(), &values(x), norm_shape(x, 1), p, activation), x.shape())
}

/// A linear map of the channels, as a convolution with one tap.
fn map_channels<B: TwinBackend>(x: Tensor<B, 3>, weight: Tensor<B, 2>) -> Tensor<B, 3> {
    let [features_out, features_in] = weight.dims();
    let bias = Tensor::zeros([features_out], &x.device());
    B::causal_conv(x, weight.reshape([features_out, features_in, 1]), bias, 1)
}

fn attention_shape(x: &FlexTensor, heads: usize, window: usize) -> attention::Shape {
    let dims = x.shape();
    attention::Shape { batch: dims[0], heads, d_head: dims[1] / heads, window, time: dims[2] }
}

fn attend(qkv: &[FlexTensor; 3], turns: &Turns, shape: &attention::Shape) -> FlexTensor {
    let [q, k, v] = qkv.each_ref().map(values);
    tensor(attention::forward(Isa::best(), [&q, &k, &v], turns, shape), qkv[0].shape())
}

fn loss_shape(outputs: &FlexTensor) -> loss::Shape {
    let dims = outputs.shape();
    loss::Shape { batch: dims[0], channels: dims[1], time: dims[2] }
}

fn losses(outputs: &FlexTensor, targets: &FlexTensor) -> FlexTensor {
    let all = loss::forward(&values(outputs), &values(targets), &loss_shape(outputs));
    tensor(all.to_vec(), [all.len()])
}
