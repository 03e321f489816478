//! The kernels as operations of Burn's CPU backend.

use std::borrow::Cow;
use std::sync::Arc;

use burn::backend::Flex;
use burn::prelude::*;
use burn::tensor::{Shape, TensorMetadata};
use burn_flex::FlexTensor;

use super::adamw;
use super::attention;
use super::convolution::{self, Way};
use super::recurrence::{self, Run};
use super::{elementwise, layer, loss, normalise};
use crate::simd::Isa;
use crate::twin::ops::activation::{Activation, Nonlinearity};
use crate::twin::ops::adamw::{Coefficients, clip};
use crate::twin::ops::attention::Attention;
use crate::twin::ops::backend::TwinBackend;
use crate::twin::ops::kernels::{Kernels, NormInput, inner, outer, untracked};
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

fn attention_shape(qkv: &FlexTensor, of: &Attention) -> attention::Shape {
    let dims = qkv.shape();
    attention::Shape {
        batch: dims[0],
        heads: of.heads,
        d_head: dims[1] / 3 / of.heads,
        window: of.window,
        time: dims[2],
    }
}

fn loss_shape(outputs: &FlexTensor) -> loss::Shape {
    let dims = outputs.shape();
    loss::Shape { batch: dims[0], channels: dims[1], time: dims[2] }
}

fn silu() -> Activation {
    Activation::new(Nonlinearity::Silu, 0.0)
}

/// The shape of a gate's output, and the number of its values for each simulation, at least 1.
fn halves(x: &FlexTensor) -> ([usize; 3], usize) {
    let dims = x.shape();
    let dims = [dims[0], dims[1] / 2, dims[2]];
    (dims, (dims[1] * dims[2]).max(1))
}

/// Whether a norm has a nonlinearity behind it.
fn has_nonlinearity(input: &NormInput<FlexTensor>) -> bool {
    input.activation.kind != Nonlinearity::Identity
}

impl Kernels for Flex {
    type Trace = Arc<Run>;
    type Seen = ();

    fn nonlinearity(x: FlexTensor, activation: &Activation) -> FlexTensor {
        tensor(elementwise::forward(Isa::best(), &values(&x), activation), x.shape())
    }

    fn nonlinearity_gradient(
        x: FlexTensor,
        grad: FlexTensor,
        activation: &Activation,
    ) -> FlexTensor {
        let out = elementwise::backward(Isa::best(), &values(&x), &values(&grad), activation);
        tensor(out, x.shape())
    }

    fn convolution(
        x: FlexTensor,
        weight: FlexTensor,
        bias: Option<FlexTensor>,
        dilation: usize,
    ) -> FlexTensor {
        let s = conv_shape(&x, &weight, dilation);
        let isa = Isa::best();
        let way = Way::of(isa, &s);
        let bias = match &bias {
            Some(bias) => values(bias),
            None => Cow::Owned(vec![0.0; s.channels_out]),
        };
        let y = convolution::forward(isa, &way, &values(&x), &values(&weight), &bias, &s);
        tensor(y, [s.batch, s.channels_out, s.time])
    }

    fn convolution_gradients(
        x: FlexTensor,
        weight: FlexTensor,
        grad: FlexTensor,
        dilation: usize,
        [of_x, of_weight, of_bias]: [bool; 3],
    ) -> [Option<FlexTensor>; 3] {
        let s = conv_shape(&x, &weight, dilation);
        let isa = Isa::best();
        let grad = values(&grad);
        let mut all = [None, None, None];
        if of_x || of_weight {
            let way = Way::of(isa, &s);
            let (input, weights) = (values(&x), values(&weight));
            let both = convolution::backward(isa, &way, &input, &grad, &weights, &s, of_x);
            all[0] = both.of_x.map(|out| tensor(out, x.shape()));
            all[1] = of_weight.then(|| tensor(both.of_weight, weight.shape()));
        }
        if of_bias {
            all[2] = Some(tensor(convolution::grad_bias(isa, &grad, &s), [s.channels_out]));
        }
        all
    }

    fn norm(input: NormInput<FlexTensor>) -> FlexTensor {
        let shape = norm_shape(&input.x, input.axis);
        let shift = input.shift.as_ref().map(values);
        let weight = values(&input.scale);
        let p = normalise::Params { weight: &weight, bias: shift.as_deref(), eps: input.eps };
        let x = values(&input.x);
        let y = if has_nonlinearity(&input) {
            layer::forward(Isa::best(), &x, shape, p, &input.activation)
        } else {
            normalise::forward(Isa::best(), &x, shape, p)
        };
        tensor(y, input.x.shape())
    }

    fn norm_gradients(input: NormInput<FlexTensor>, grad: FlexTensor) -> [FlexTensor; 3] {
        let shape = norm_shape(&input.x, input.axis);
        let shift = input.shift.as_ref().map(values);
        let weight = values(&input.scale);
        let p = normalise::Params { weight: &weight, bias: shift.as_deref(), eps: input.eps };
        let (x, grad) = (values(&input.x), values(&grad));
        let (out, mut affine) = if has_nonlinearity(&input) {
            layer::backward(Isa::best(), &x, &grad, shape, p, &input.activation)
        } else {
            normalise::backward(Isa::best(), &x, &grad, shape, p)
        };
        let of_shift = affine.split_off(shape.channels);
        let channels = [shape.channels];
        [tensor(out, input.x.shape()), tensor(affine, channels), tensor(of_shift, channels)]
    }

    fn gate(x: FlexTensor) -> FlexTensor {
        let (dims, half) = halves(&x);
        let x = values(&x);
        let mut y = Vec::with_capacity(x.len() / 2);
        for item in x.chunks(2 * half) {
            let (a, b) = item.split_at(half);
            let a = elementwise::forward(Isa::best(), a, &silu());
            y.extend(a.into_iter().zip(b).map(|(a, b)| a * b));
        }
        tensor(y, dims)
    }

    fn gate_gradient(x: FlexTensor, grad: FlexTensor) -> FlexTensor {
        let (_, half) = halves(&x);
        let shape = x.shape();
        let (x, grad) = (values(&x), values(&grad));
        let mut out = Vec::with_capacity(x.len());
        for (item, grad) in x.chunks(2 * half).zip(grad.chunks(half)) {
            let (a, b) = item.split_at(half);
            let of_silu: Vec<f32> = grad.iter().zip(b).map(|(g, b)| g * b).collect();
            out.extend(elementwise::backward(Isa::best(), a, &of_silu, &silu()));
            let a = elementwise::forward(Isa::best(), a, &silu());
            out.extend(a.into_iter().zip(grad).map(|(a, g)| a * g));
        }
        tensor(out, shape)
    }

    fn attends(_d_head: usize) -> bool {
        true
    }

    fn attend(qkv: FlexTensor, of: &Attention) -> (FlexTensor, ()) {
        let s = attention_shape(&qkv, of);
        let y = attention::forward(Isa::best(), &values(&qkv), &of.turns, &s);
        (tensor(y, [s.batch, s.heads * s.d_head, s.time]), ())
    }

    fn attend_gradient(qkv: FlexTensor, (): (), grad: FlexTensor, of: &Attention) -> FlexTensor {
        let s = attention_shape(&qkv, of);
        let (all, grad) = (values(&qkv), values(&grad));
        tensor(attention::backward(Isa::best(), &all, &grad, &of.turns, &s), qkv.shape())
    }

    fn five_losses(
        outputs: FlexTensor,
        targets: FlexTensor,
        weights: &[f64; 5],
    ) -> [FlexTensor; 2] {
        let losses = loss::forward(&values(&outputs), &values(&targets), &loss_shape(&outputs));
        let weighted = losses.iter().zip(weights).map(|(loss, weight)| loss * *weight as f32);
        let total = weighted.sum::<f32>();
        let [a, b, c, d, e] = losses;
        [tensor(vec![a, b, c, d, e, total], [6]), tensor(vec![total], [1])]
    }

    fn five_losses_gradient(
        outputs: FlexTensor,
        targets: FlexTensor,
        weights: &[f64; 5],
        grad: FlexTensor,
    ) -> FlexTensor {
        let grad = values(&grad);
        let each = |head: usize| grad[if grad.len() == 1 { 0 } else { head }];
        let grads: [f32; 5] = std::array::from_fn(|head| each(head) * weights[head] as f32);
        let s = loss_shape(&outputs);
        let out = loss::backward(&values(&outputs), &values(&targets), &s, &grads);
        tensor(out, outputs.shape())
    }

    fn recur(
        x: FlexTensor,
        row: FlexTensor,
        kappa_s: FlexTensor,
        of: &Recurrence,
    ) -> Option<(FlexTensor, Arc<Run>)> {
        let dims = x.shape();
        let (batch, time) = (dims[0], dims[2]);
        let (x, row, kappa_s) = (values(&x), values(&row), values(&kappa_s));
        let run = recurrence::forward(Isa::best(), of, &x, &row, &kappa_s, batch, time);
        let memory = swapped(&run.memory, batch, time, of.memory);
        Some((tensor(memory, [batch, of.memory, time]), Arc::new(run)))
    }

    fn recur_gradients(
        [x, row, kappa_s]: [FlexTensor; 3],
        run: Arc<Run>,
        grad: FlexTensor,
        of: &Recurrence,
        [of_x, of_row]: [bool; 2],
    ) -> [Option<FlexTensor>; 2] {
        let dims = x.shape();
        let (batch, time) = (dims[0], dims[2]);
        let grad = swapped(&values(&grad), batch, of.memory, time);
        let (grad_x, grad_row) = recurrence::backward(
            Isa::best(),
            of,
            &values(&x),
            &values(&row),
            &values(&kappa_s),
            &run,
            &grad,
            batch,
            time,
        );
        [of_x.then(|| tensor(grad_x, x.shape())), of_row.then(|| tensor(grad_row, row.shape()))]
    }
}

impl TwinBackend for Flex {
    untracked!();

    fn clipped_adamw(
        old: [Tensor<Self, 1>; 3],
        gradients: Tensor<Self, 1>,
        most: f64,
        c: Coefficients,
    ) -> ([Tensor<Self, 1>; 3], Tensor<Self, 1>) {
        let (norm, gradients) = clip(gradients, most);
        let (old, gradients) = (old.map(inner), inner(gradients));
        let [x, m, v] = old.each_ref().map(values);
        let new = adamw::step(Isa::best(), [&x, &m, &v], &values(&gradients), c);
        let new = new.map(|values| {
            let len = values.len();
            outer(tensor(values, [len]))
        });
        (new, norm)
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
