//! The operations of a backend's [`Kernels`] with gradients, for Burn's automatic differentiation.

use burn::backend::Autodiff;
use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::prelude::*;
use burn::tensor::TensorMetadata;
use burn::tensor::ops::FloatTensor;

use super::activation::{Activation, Nonlinearity};
use super::attention::Attention;
use super::backend::TwinBackend;
use super::kernels::{Kernels, NormInput, inner, outer};
use super::recurrence::Recurrence;

/// Enters an operation into the graph: its state is kept only where a gradient will be asked for.
macro_rules! enter {
    ($B:ty, $C:ty, $op:expr, $nodes:expr, $state:expr, $output:expr) => {
        match Backward::<$B, _>::prepare::<$C>($op, $nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish($state, $output),
            OpsKind::UnTracked(prep) => prep.finish($output),
        }
    };
}

/// Passes gradients to those parents that take part in the differentiation.
fn register<B: Backend, const N: usize>(
    parents: [Option<NodeId>; N],
    all: [Option<FloatTensor<B>>; N],
    grads: &mut Gradients,
) {
    for (node, out) in parents.into_iter().zip(all) {
        if let (Some(node), Some(out)) = (node, out) {
            grads.register::<B>(node, out);
        }
    }
}

/// The parents of an operation that take part in the differentiation.
fn parents<S, const N: usize>(ops: &Ops<S, N>) -> [Option<NodeId>; N] {
    ops.parents.each_ref().map(|node| node.as_ref().map(|node| node.id))
}

#[derive(Debug)]
struct NonlinearityOp;

impl<B: Kernels> Backward<B, 1> for NonlinearityOp {
    type State = (FloatTensor<B>, Activation);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let parents = parents(&ops);
        let (x, activation) = ops.state;
        let of_x = B::nonlinearity_gradient(x, grad, &activation);
        register::<B, 1>(parents, [Some(of_x)], grads);
    }
}

#[derive(Debug)]
struct ConvolutionOp;

/// The state that a convolution's backward pass needs: input, weight, dilation.
type ConvolutionState<B> = (FloatTensor<B>, FloatTensor<B>, usize);

impl<B: Kernels> Backward<B, 3> for ConvolutionOp {
    type State = ConvolutionState<B>;

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let parents = parents(&ops);
        let (x, weight, dilation) = ops.state;
        let wanted = parents.map(|node| node.is_some());
        let all = B::convolution_gradients(x, weight, grad, dilation, wanted);
        register::<B, 3>(parents, all, grads);
    }
}

impl<B: Kernels> Backward<B, 2> for ConvolutionOp {
    type State = ConvolutionState<B>;

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let [of_x, of_weight] = parents(&ops);
        let (x, weight, dilation) = ops.state;
        let wanted = [of_x.is_some(), of_weight.is_some(), false];
        let all = B::convolution_gradients(x, weight, grad, dilation, wanted);
        register::<B, 3>([of_x, of_weight, None], all, grads);
    }
}

#[derive(Debug)]
struct NormOp;

fn norm_gradients<B: Kernels>(
    parents: [Option<NodeId>; 3],
    input: NormInput<FloatTensor<B>>,
    grad: FloatTensor<B>,
    grads: &mut Gradients,
) {
    register::<B, 3>(parents, B::norm_gradients(input, grad).map(Some), grads);
}

impl<B: Kernels> Backward<B, 3> for NormOp {
    type State = NormInput<FloatTensor<B>>;

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        norm_gradients::<B>(parents(&ops), ops.state, grad, grads);
    }
}

impl<B: Kernels> Backward<B, 2> for NormOp {
    type State = NormInput<FloatTensor<B>>;

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let [of_x, of_scale] = parents(&ops);
        norm_gradients::<B>([of_x, of_scale, None], ops.state, grad, grads);
    }
}

#[derive(Debug)]
struct GateOp;

impl<B: Kernels> Backward<B, 1> for GateOp {
    type State = FloatTensor<B>;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let parents = parents(&ops);
        register::<B, 1>(parents, [Some(B::gate_gradient(ops.state, grad))], grads);
    }
}

#[derive(Debug)]
struct AttentionOp;

impl<B: Kernels> Backward<B, 1> for AttentionOp {
    type State = (FloatTensor<B>, B::Seen, Attention);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let parents = parents(&ops);
        let (qkv, seen, of) = ops.state;
        register::<B, 1>(parents, [Some(B::attend_gradient(qkv, seen, grad, &of))], grads);
    }
}

#[derive(Debug)]
struct LossOp;

impl<B: Kernels> Backward<B, 1> for LossOp {
    /// The state that the losses' backward pass needs: outputs, targets and weights.
    type State = ([FloatTensor<B>; 2], [f64; 5]);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let parents = parents(&ops);
        let ([outputs, targets], weights) = ops.state;
        let of_outputs = B::five_losses_gradient(outputs, targets, &weights, grad);
        register::<B, 1>(parents, [Some(of_outputs)], grads);
    }
}

#[derive(Debug)]
struct RecurrenceOp;

impl<B: Kernels> Backward<B, 2> for RecurrenceOp {
    /// Input, row of parameters and κ_s, and what the forward pass kept.
    type State = ([FloatTensor<B>; 3], B::Trace, Recurrence);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let parents = parents(&ops);
        let (inputs, trace, of) = ops.state;
        let wanted = parents.map(|node| node.is_some());
        let all = B::recur_gradients(inputs, trace, grad, &of, wanted);
        register::<B, 2>(parents, all, grads);
    }
}

#[derive(Debug)]
struct JoinOp;

impl<B: Kernels, const N: usize> Backward<B, N> for JoinOp {
    /// The lengths of the parts.
    type State = [usize; N];

    fn backward(self, ops: Ops<Self::State, N>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let mut parts = B::part_row(grad, &ops.state).into_iter();
        let all = [(); N].map(|()| parts.next());
        register::<B, N>(parents(&ops), all, grads);
    }
}

/// The most tensors that one operation joins.
const AT_ONCE: usize = 6;

fn join<B: Kernels, C: CheckpointStrategy, const N: usize>(
    parts: &[Tensor<Autodiff<B, C>, 1>],
) -> Tensor<Autodiff<B, C>, 1> {
    let parts: [_; N] = std::array::from_fn(|i| inner(parts[i].clone()));
    let lengths = parts.each_ref().map(|part| part.primitive.shape().num_elements());
    let nodes = parts.each_ref().map(|part| part.node.clone());
    let row = B::join_rows(parts.into_iter().map(|part| part.primitive).collect());
    outer(enter!(B, C, JoinOp, nodes, lengths, row))
}

fn convolution<B: Kernels, C: CheckpointStrategy>(
    x: Tensor<Autodiff<B, C>, 3>,
    weight: Tensor<Autodiff<B, C>, 3>,
    bias: Option<Tensor<Autodiff<B, C>, 1>>,
    dilation: usize,
) -> Tensor<Autodiff<B, C>, 3> {
    let (x, weight, bias) = (inner(x), inner(weight), bias.map(inner));
    let shift = bias.as_ref().map(|bias| bias.primitive.clone());
    let y = B::convolution(x.primitive.clone(), weight.primitive.clone(), shift, dilation);
    let state = (x.primitive, weight.primitive, dilation);
    outer(match bias {
        Some(bias) => {
            enter!(B, C, ConvolutionOp, [x.node, weight.node, bias.node], state, y)
        }
        None => enter!(B, C, ConvolutionOp, [x.node, weight.node], state, y),
    })
}

fn norm<B: Kernels, C: CheckpointStrategy, const D: usize>(
    x: Tensor<Autodiff<B, C>, D>,
    axis: usize,
    [scale, shift]: [Option<Tensor<Autodiff<B, C>, 1>>; 2],
    eps: f64,
    activation: Activation,
) -> Tensor<Autodiff<B, C>, D> {
    let Some(scale) = scale else {
        return super::norm::composed(x, axis, None, shift, eps);
    };
    let (x, scale, shift) = (inner(x), inner(scale), shift.map(inner));
    let input = NormInput {
        x: x.primitive,
        axis,
        scale: scale.primitive,
        shift: shift.as_ref().map(|shift| shift.primitive.clone()),
        eps: eps as f32,
        activation,
    };
    let y = B::norm(input.clone());
    outer(match shift {
        Some(shift) => enter!(B, C, NormOp, [x.node, scale.node, shift.node], input, y),
        None => enter!(B, C, NormOp, [x.node, scale.node], input, y),
    })
}

impl<B: Kernels + TwinBackend, C: CheckpointStrategy> TwinBackend for Autodiff<B, C> {
    fn activation<const D: usize>(x: Tensor<Self, D>, activation: &Activation) -> Tensor<Self, D> {
        let x = inner(x);
        let y = B::nonlinearity(x.primitive.clone(), activation);
        outer(enter!(B, C, NonlinearityOp, [x.node], (x.primitive, *activation), y))
    }

    fn causal_conv(
        x: Tensor<Self, 3>,
        weight: Tensor<Self, 3>,
        bias: Tensor<Self, 1>,
        dilation: usize,
    ) -> Tensor<Self, 3> {
        convolution(x, weight, Some(bias), dilation)
    }

    fn map_channels(x: Tensor<Self, 3>, weight: Tensor<Self, 2>) -> Tensor<Self, 3> {
        let [out, of] = weight.dims();
        convolution(x, weight.reshape([out, of, 1]), None, 1)
    }

    fn channel_norm<const D: usize>(
        x: Tensor<Self, D>,
        axis: usize,
        weight: Option<Tensor<Self, 1>>,
        bias: Option<Tensor<Self, 1>>,
        eps: f64,
    ) -> Tensor<Self, D> {
        norm(x, axis, [weight, bias], eps, Activation::new(Nonlinearity::Identity, 0.0))
    }

    fn norm_activation(
        x: Tensor<Self, 3>,
        weight: Tensor<Self, 1>,
        bias: Option<Tensor<Self, 1>>,
        eps: f64,
        activation: &Activation,
    ) -> Tensor<Self, 3> {
        norm(x, 1, [Some(weight), bias], eps, *activation)
    }

    fn silu_gate(x: Tensor<Self, 3>) -> Tensor<Self, 3> {
        let x = inner(x);
        let y = B::gate(x.primitive.clone());
        outer(enter!(B, C, GateOp, [x.node], x.primitive, y))
    }

    fn window_attention(qkv: Tensor<Self, 3>, of: &Attention) -> Option<Tensor<Self, 3>> {
        if !B::attends(qkv.dims()[1] / 3 / of.heads) {
            return None;
        }
        let qkv = inner(qkv);
        let (y, seen) = B::attend(qkv.primitive.clone(), of);
        let state = (qkv.primitive, seen, of.clone());
        Some(outer(enter!(B, C, AttentionOp, [qkv.node], state, y)))
    }

    fn losses(outputs: Tensor<Self, 3>, targets: Tensor<Self, 3>) -> Tensor<Self, 1> {
        let (outputs, targets) = (inner(outputs), inner(targets).primitive);
        let weights = [1.0; 5];
        let [numbers, _] = B::five_losses(outputs.primitive.clone(), targets.clone(), &weights);
        let five = inner(outer::<B, 1>(numbers).narrow(0, 0, 5));
        let state = ([outputs.primitive, targets], weights);
        outer(enter!(B, C, LossOp, [outputs.node], state, five))
    }

    fn objective(
        outputs: Tensor<Self, 3>,
        targets: Tensor<Self, 3>,
        weights: &[f64; 5],
    ) -> [Tensor<Self, 1>; 2] {
        let (outputs, targets) = (inner(outputs), inner(targets).primitive);
        let [numbers, total] = B::five_losses(outputs.primitive.clone(), targets.clone(), weights);
        let state = ([outputs.primitive, targets], *weights);
        let total = enter!(B, C, LossOp, [outputs.node], state, total);
        [Tensor::from_inner(outer(numbers)), outer(total)]
    }

    fn join(parts: Vec<Tensor<Self, 1>>) -> Tensor<Self, 1> {
        let some = |some: &[Tensor<Self, 1>]| match some.len() {
            1 => some[0].clone(),
            2 => join::<B, C, 2>(some),
            3 => join::<B, C, 3>(some),
            4 => join::<B, C, 4>(some),
            5 => join::<B, C, 5>(some),
            6 => join::<B, C, AT_ONCE>(some),
            _ => Tensor::cat(some.to_vec(), 0),
        };
        if parts.len() <= AT_ONCE {
            return some(&parts);
        }
        Self::join(parts.chunks(AT_ONCE).map(some).collect())
    }

    fn upload(rows: Vec<Vec<f32>>, device: &Self::Device) -> Vec<Tensor<Self, 1>> {
        let rows = <B as TwinBackend>::upload(rows, device);
        rows.into_iter().map(Tensor::from_inner).collect()
    }

    fn recurrence(
        x: Tensor<Self, 3>,
        row: Tensor<Self, 1>,
        kappa_s: Tensor<Self, 1>,
        of: &Recurrence,
    ) -> Option<Tensor<Self, 3>> {
        let (x, row, kappa_s) = (inner(x), inner(row), inner(kappa_s).primitive);
        let inputs = [x.primitive, row.primitive, kappa_s];
        let [of_x, of_row, of_kappa] = inputs.clone();
        let (memory, trace) = B::recur(of_x, of_row, of_kappa, of)?;
        let state = (inputs, trace, of.clone());
        Some(outer(enter!(B, C, RecurrenceOp, [x.node, row.node], state, memory)))
    }
}
