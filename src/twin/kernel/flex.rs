//! The kernels as operations of Burn's CPU backend, with their gradients.

use std::borrow::Cow;

use burn::backend::Autodiff;
use burn::backend::Flex;
use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::prelude::*;
use burn::tensor::{Shape, TensorMetadata, TensorPrimitive};
use burn_flex::FlexTensor;

use std::sync::Arc;

use super::adamw::{self, Coefficients};
use super::attention::{self, Turns};
use super::convolution::{self, Way};
use super::recurrence::{self, Recurrence, Run};
use super::{elementwise, layer, loss, normalise};
use crate::simd::Isa;
use crate::twin::activation::Activation;
use crate::twin::backend::TwinBackend;

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
            return crate::twin::norm::composed(x, axis, weight, bias, eps);
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

/// (batch, time, memory) and back: the recurrence has a step's values side by side.
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

type Track<C> = Autodiff<Flex, C>;

#[derive(Debug)]
struct ActivationOp;

impl Backward<Flex, 1> for ActivationOp {
    type State = (FlexTensor, Activation);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [node] = ops.parents;
        let grad = grads.consume::<Flex>(&ops.node);
        let (x, activation) = ops.state;
        if let Some(node) = node {
            let out = elementwise::backward(Isa::best(), &values(&x), &values(&grad), &activation);
            grads.register::<Flex>(node.id, tensor(out, x.shape()));
        }
    }
}

#[derive(Debug)]
struct ConvOp;

impl Backward<Flex, 3> for ConvOp {
    type State = (FlexTensor, FlexTensor, usize);

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [of_x, of_weight, of_bias] = ops.parents;
        let grad = grads.consume::<Flex>(&ops.node);
        let (x, weight, dilation) = ops.state;
        let s = conv_shape(&x, &weight, dilation);
        let grad = values(&grad);
        let isa = Isa::best();
        if of_x.is_some() || of_weight.is_some() {
            let way = Way::of(isa, &s);
            let (input, weights) = (values(&x), values(&weight));
            let both =
                convolution::backward(isa, &way, &input, &grad, &weights, &s, of_x.is_some());
            if let (Some(node), Some(out)) = (of_x, both.of_x) {
                grads.register::<Flex>(node.id, tensor(out, x.shape()));
            }
            if let Some(node) = of_weight {
                grads.register::<Flex>(node.id, tensor(both.of_weight, weight.shape()));
            }
        }
        if let Some(node) = of_bias {
            let out = convolution::grad_bias(isa, &grad, &s);
            grads.register::<Flex>(node.id, tensor(out, [s.channels_out]));
        }
    }
}

/// What the gradient of a norm needs: input, scale, shift, axis, eps.
type NormState = (FlexTensor, FlexTensor, Option<FlexTensor>, usize, f32);

fn norm_gradients(state: &NormState, grad: &FlexTensor) -> [FlexTensor; 3] {
    let (x, weight, bias, axis, eps) = state;
    let bias = bias.as_ref().map(values);
    let weight = values(weight);
    let p = normalise::Params { weight: &weight, bias: bias.as_deref(), eps: *eps };
    let shape = norm_shape(x, *axis);
    let (out, mut affine) = normalise::backward(Isa::best(), &values(x), &values(grad), shape, p);
    let of_bias = affine.split_off(shape.channels);
    let channels = [shape.channels];
    [tensor(out, x.shape()), tensor(affine, channels), tensor(of_bias, channels)]
}

#[derive(Debug)]
struct NormOp;

impl Backward<Flex, 2> for NormOp {
    type State = NormState;

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<Flex>(&ops.node);
        register(
            ops.parents.map(|node| node.map(|node| node.id)),
            norm_gradients(&ops.state, &grad),
            grads,
        );
    }
}

impl Backward<Flex, 3> for NormOp {
    type State = NormState;

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<Flex>(&ops.node);
        register(
            ops.parents.map(|node| node.map(|node| node.id)),
            norm_gradients(&ops.state, &grad),
            grads,
        );
    }
}

/// Input, scale, shift, eps and nonlinearity.
type LayerState = (FlexTensor, FlexTensor, Option<FlexTensor>, f32, Activation);

fn norm_activation((x, weight, bias, eps, activation): &LayerState) -> FlexTensor {
    let bias = bias.as_ref().map(values);
    let weight = values(weight);
    let p = normalise::Params { weight: &weight, bias: bias.as_deref(), eps: *eps };
    tensor(layer::forward(Isa::best(), &values(x), norm_shape(x, 1), p, activation), x.shape())
}

fn norm_activation_gradients(state: &LayerState, grad: &FlexTensor) -> [FlexTensor; 3] {
    let (x, weight, bias, eps, activation) = state;
    let bias = bias.as_ref().map(values);
    let weight = values(weight);
    let p = normalise::Params { weight: &weight, bias: bias.as_deref(), eps: *eps };
    let shape = norm_shape(x, 1);
    let (out, mut affine) =
        layer::backward(Isa::best(), &values(x), &values(grad), shape, p, activation);
    let of_bias = affine.split_off(shape.channels);
    let channels = [shape.channels];
    [tensor(out, x.shape()), tensor(affine, channels), tensor(of_bias, channels)]
}

#[derive(Debug)]
struct LayerOp;

impl Backward<Flex, 2> for LayerOp {
    type State = LayerState;

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<Flex>(&ops.node);
        register(
            ops.parents.map(|node| node.map(|node| node.id)),
            norm_activation_gradients(&ops.state, &grad),
            grads,
        );
    }
}

impl Backward<Flex, 3> for LayerOp {
    type State = LayerState;

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<Flex>(&ops.node);
        register(
            ops.parents.map(|node| node.map(|node| node.id)),
            norm_activation_gradients(&ops.state, &grad),
            grads,
        );
    }
}

/// Hands gradients to those of the parents that want one.
fn register<const N: usize>(
    parents: [Option<NodeId>; N],
    all: [FlexTensor; 3],
    grads: &mut Gradients,
) {
    for (node, out) in parents.into_iter().zip(all) {
        if let Some(node) = node {
            grads.register::<Flex>(node, out);
        }
    }
}

/// A convolution with one tap.
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

#[derive(Debug)]
struct AttentionOp;

impl Backward<Flex, 3> for AttentionOp {
    type State = ([FlexTensor; 3], Arc<Turns>, attention::Shape);

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<Flex>(&ops.node);
        let (qkv, turns, shape) = ops.state;
        let [q, k, v] = qkv.each_ref().map(values);
        let all = [&*q, &*k, &*v];
        let out = attention::backward(Isa::best(), all, &values(&grad), &turns, &shape);
        let out = out.map(|values| tensor(values, qkv[0].shape()));
        register(ops.parents.map(|node| node.map(|node| node.id)), out, grads);
    }
}

fn loss_shape(outputs: &FlexTensor) -> loss::Shape {
    let dims = outputs.shape();
    loss::Shape { batch: dims[0], channels: dims[1], time: dims[2] }
}

fn losses(outputs: &FlexTensor, targets: &FlexTensor) -> FlexTensor {
    let all = loss::forward(&values(outputs), &values(targets), &loss_shape(outputs));
    tensor(all.to_vec(), [all.len()])
}

#[derive(Debug)]
struct LossOp;

impl Backward<Flex, 1> for LossOp {
    /// Outputs and targets.
    type State = [FlexTensor; 2];

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [node] = ops.parents;
        let grad = grads.consume::<Flex>(&ops.node);
        let [outputs, targets] = ops.state;
        if let Some(node) = node {
            let shape = loss_shape(&outputs);
            let out = loss::backward(&values(&outputs), &values(&targets), &shape, &values(&grad));
            grads.register::<Flex>(node.id, tensor(out, outputs.shape()));
        }
    }
}

#[derive(Debug)]
struct RecurrenceOp;

/// What the way back through a recurrence needs.
#[derive(Debug, Clone)]
struct RecurrenceState {
    recurrence: Arc<Recurrence>,
    x: FlexTensor,
    row: FlexTensor,
    kappa_s: FlexTensor,
    run: Arc<Run>,
}

impl Backward<Flex, 2> for RecurrenceOp {
    type State = RecurrenceState;

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [of_x, of_row] = ops.parents;
        let grad = grads.consume::<Flex>(&ops.node);
        let s = ops.state;
        let dims = s.x.shape();
        let (batch, time) = (dims[0], dims[2]);
        let grad = swapped(&values(&grad), batch, s.recurrence.memory, time);
        let (x, row, kappa_s) = (values(&s.x), values(&s.row), values(&s.kappa_s));
        let (grad_x, grad_row) = recurrence::backward(
            Isa::best(),
            &s.recurrence,
            &x,
            &row,
            &kappa_s,
            &s.run,
            &grad,
            batch,
            time,
        );
        if let Some(node) = of_x {
            grads.register::<Flex>(node.id, tensor(grad_x, s.x.shape()));
        }
        if let Some(node) = of_row {
            grads.register::<Flex>(node.id, tensor(grad_row, s.row.shape()));
        }
    }
}

impl<C: CheckpointStrategy> TwinBackend for Track<C> {
    fn recurrence(
        x: Tensor<Self, 3>,
        row: impl FnOnce() -> Tensor<Self, 1>,
        kappa_s: Tensor<Self, 1>,
        recurrence: impl FnOnce() -> Recurrence,
    ) -> Option<Tensor<Self, 3>> {
        let recurrence = Arc::new(recurrence());
        let x = x.into_primitive().tensor();
        let row = row().into_primitive().tensor();
        let kappa_s = kappa_s.into_primitive().tensor().primitive;
        let (run, memory) = run(&recurrence, &x.primitive, &row.primitive, &kappa_s);
        let nodes = [x.node.clone(), row.node.clone()];
        let memory = match RecurrenceOp.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let (x, row, run) = (x.primitive, row.primitive, Arc::new(run));
                prep.finish(RecurrenceState { recurrence, x, row, kappa_s, run }, memory)
            }
            OpsKind::UnTracked(prep) => prep.finish(memory),
        };
        Some(Tensor::from_primitive(TensorPrimitive::Float(memory)))
    }

    fn activation<const D: usize>(x: Tensor<Self, D>, activation: &Activation) -> Tensor<Self, D> {
        let x = x.into_primitive().tensor();
        let y = elementwise::forward(Isa::best(), &values(&x.primitive), activation);
        let y = tensor(y, x.primitive.shape());
        let nodes = [x.node.clone()];
        let y = match ActivationOp.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((x.primitive, *activation), y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        };
        Tensor::from_primitive(TensorPrimitive::Float(y))
    }

    fn causal_conv(
        x: Tensor<Self, 3>,
        weight: Tensor<Self, 3>,
        bias: Tensor<Self, 1>,
        dilation: usize,
    ) -> Tensor<Self, 3> {
        let x = x.into_primitive().tensor();
        let weight = weight.into_primitive().tensor();
        let bias = bias.into_primitive().tensor();
        let y = conv(&x.primitive, &weight.primitive, &bias.primitive, dilation);
        let nodes = [x.node.clone(), weight.node.clone(), bias.node.clone()];
        let y = match ConvOp.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((x.primitive, weight.primitive, dilation), y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        };
        Tensor::from_primitive(TensorPrimitive::Float(y))
    }

    fn channel_norm<const D: usize>(
        x: Tensor<Self, D>,
        axis: usize,
        weight: Option<Tensor<Self, 1>>,
        bias: Option<Tensor<Self, 1>>,
        eps: f64,
    ) -> Tensor<Self, D> {
        let Some(weight) = weight else {
            return crate::twin::norm::composed(x, axis, weight, bias, eps);
        };
        let eps = eps as f32;
        let x = x.into_primitive().tensor();
        let weight = weight.into_primitive().tensor();
        let bias = bias.map(|bias| bias.into_primitive().tensor());
        let shift = bias.as_ref().map(|bias| bias.primitive.clone());
        let y = norm(&x.primitive, axis, &weight.primitive, shift.as_ref(), eps);
        let state = (x.primitive, weight.primitive, shift, axis, eps);
        let y = match bias {
            Some(bias) => {
                let nodes = [x.node, weight.node, bias.node];
                let op = Backward::<Flex, 3>::prepare::<C>(NormOp, nodes);
                match op.compute_bound().stateful() {
                    OpsKind::Tracked(prep) => prep.finish(state, y),
                    OpsKind::UnTracked(prep) => prep.finish(y),
                }
            }
            None => {
                let op = Backward::<Flex, 2>::prepare::<C>(NormOp, [x.node, weight.node]);
                match op.compute_bound().stateful() {
                    OpsKind::Tracked(prep) => prep.finish(state, y),
                    OpsKind::UnTracked(prep) => prep.finish(y),
                }
            }
        };
        Tensor::from_primitive(TensorPrimitive::Float(y))
    }

    fn norm_activation(
        x: Tensor<Self, 3>,
        weight: Tensor<Self, 1>,
        bias: Option<Tensor<Self, 1>>,
        eps: f64,
        activation: &Activation,
    ) -> Tensor<Self, 3> {
        let x = x.into_primitive().tensor();
        let weight = weight.into_primitive().tensor();
        let bias = bias.map(|bias| bias.into_primitive().tensor());
        let shift = bias.as_ref().map(|bias| bias.primitive.clone());
        let state = (x.primitive, weight.primitive, shift, eps as f32, *activation);
        let y = norm_activation(&state);
        let y = match bias {
            Some(bias) => {
                let nodes = [x.node, weight.node, bias.node];
                let op = Backward::<Flex, 3>::prepare::<C>(LayerOp, nodes);
                match op.compute_bound().stateful() {
                    OpsKind::Tracked(prep) => prep.finish(state, y),
                    OpsKind::UnTracked(prep) => prep.finish(y),
                }
            }
            None => {
                let op = Backward::<Flex, 2>::prepare::<C>(LayerOp, [x.node, weight.node]);
                match op.compute_bound().stateful() {
                    OpsKind::Tracked(prep) => prep.finish(state, y),
                    OpsKind::UnTracked(prep) => prep.finish(y),
                }
            }
        };
        Tensor::from_primitive(TensorPrimitive::Float(y))
    }

    fn losses(outputs: Tensor<Self, 3>, targets: Tensor<Self, 3>) -> Tensor<Self, 1> {
        let outputs = outputs.into_primitive().tensor();
        let targets = targets.into_primitive().tensor().primitive;
        let all = losses(&outputs.primitive, &targets);
        let all = match LossOp.prepare::<C>([outputs.node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish([outputs.primitive, targets], all),
            OpsKind::UnTracked(prep) => prep.finish(all),
        };
        Tensor::from_primitive(TensorPrimitive::Float(all))
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
        let qkv = qkv.map(|x| x.into_primitive().tensor());
        let nodes = qkv.each_ref().map(|x| x.node.clone());
        let qkv = qkv.map(|x| x.primitive);
        let shape = attention_shape(&qkv[0], heads, window);
        let y = attend(&qkv, turns, &shape);
        let y = match AttentionOp.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((qkv, turns.clone(), shape), y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        };
        Some(Tensor::from_primitive(TensorPrimitive::Float(y)))
    }
}
