//! The gradients of the kernels' operations, for the CPU backend with Burn's automatic differentiation.

use std::sync::Arc;

use burn::backend::Autodiff;
use burn::backend::Flex;
use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::prelude::*;
use burn::tensor::{TensorMetadata, TensorPrimitive};
use burn_flex::FlexTensor;

use super::super::attention;
use super::super::convolution::{self, Way};
use super::super::recurrence::{self, Run};
use super::super::{elementwise, layer, loss, normalise};
use super::{
    LayerState, attend, attention_shape, conv, conv_shape, loss_shape, losses, map_channels, norm,
    norm_activation, norm_shape, run, swapped, tensor, values,
};
use crate::simd::Isa;
use crate::twin::ops::activation::Activation;
use crate::twin::ops::attention::Turns;
use crate::twin::ops::backend::TwinBackend;
use crate::twin::ops::recurrence::Recurrence;

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

/// The state that a norm's backward pass needs: input, scale, shift, axis, eps.
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

/// Passes gradients to those parents that take part in the differentiation.
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

#[derive(Debug)]
struct LossOp;

impl Backward<Flex, 1> for LossOp {
    /// The state that the losses' backward pass needs: outputs and targets.
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

/// The state that a recurrence's backward pass needs.
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
            return crate::twin::ops::norm::composed(x, axis, weight, bias, eps);
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
