//! The ELM's recurrence as one operation with its own gradient, on any backend that can run the kernels.

use burn::backend::Autodiff;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::prelude::*;
use burn::tensor::ops::FloatTensor;
use burn::tensor::{DType, TensorPrimitive};

use super::launch::{Plan, RecurrenceKernels};
use crate::twin::ops::recurrence::Recurrence;

fn outer<B: Backend, const D: usize>(x: FloatTensor<B>) -> Tensor<B, D> {
    Tensor::from_primitive(TensorPrimitive::Float(x))
}

fn inner<B: Backend, const D: usize>(x: Tensor<B, D>) -> FloatTensor<B> {
    x.into_primitive().tensor()
}

/// The most numbers in a buffer that every device can bind: WebGPU guarantees 128 MiB.
const BINDING: usize = 1 << 25;

/// The plan for the simulations of `x`, and how many of them one run takes: as many as one buffer can hold the trace
/// of. `None` where the kernels cannot run the recurrence, which is then left to the composed loop.
pub(super) fn planned<B: Backend>(
    x: &Tensor<B, 3>,
    recurrence: impl FnOnce() -> Recurrence,
) -> Option<(Plan, usize)> {
    let plan = Plan::new(&recurrence())?;
    let [batch, _, time] = x.dims();
    let at_once = (BINDING / (time * plan.sizes.span()).max(1)).min(batch);
    (at_once > 0 && time > 0 && x.dtype() == DType::F32).then_some((plan, at_once))
}

/// The memory of all simulations, computed for `at_once` of them at a time.
pub(super) fn grouped<B: Backend>(
    x: Tensor<B, 3>,
    at_once: usize,
    run: impl Fn(Tensor<B, 3>) -> Tensor<B, 3>,
) -> Tensor<B, 3> {
    let batch = x.dims()[0];
    if at_once == batch {
        return run(x);
    }
    let groups = (0..batch).step_by(at_once).map(|from| {
        let count = at_once.min(batch - from);
        run(x.clone().narrow(0, from, count))
    });
    Tensor::cat(groups.collect(), 0)
}

/// The row of parameters with the weights of the maps transposed to `[in, out]`, followed by κ_s.
fn turned<B: Backend>(row: Tensor<B, 1>, kappa_s: Tensor<B, 1>, plan: &Plan) -> Tensor<B, 1> {
    let z = &plan.sizes;
    let mut parts = vec![row.clone().narrow(0, 0, z.map_at(0))];
    for map in 0..z.maps {
        let (width, out, at) = (z.width(map), z.out(map), z.map_at(map));
        let weight = row.clone().narrow(0, at, width * out);
        parts.push(weight.reshape([out, width]).transpose().reshape([width * out]));
        parts.push(row.clone().narrow(0, at + width * out, out));
    }
    parts.push(kappa_s);
    Tensor::cat(parts, 0)
}

/// Runs the forward kernel: memory `[batch, memory, time]` and trace `[batch, time, span]`.
pub(super) fn run<B: RecurrenceKernels>(
    x: Tensor<B, 3>,
    row: Tensor<B, 1>,
    kappa_s: Tensor<B, 1>,
    plan: &Plan,
) -> [Tensor<B, 3>; 2] {
    let row = turned(row, kappa_s, plan);
    B::recurrence_forward(inner(x), inner(row), plan).map(outer)
}

#[derive(Debug)]
struct RecurrenceOp;

/// The state that the backward pass needs.
#[derive(Debug, Clone)]
struct State<B: Backend> {
    plan: Plan,
    x: FloatTensor<B>,
    row: FloatTensor<B>,
    kappa_s: FloatTensor<B>,
    trace: FloatTensor<B>,
}

impl<B: RecurrenceKernels> Backward<B, 2> for RecurrenceOp {
    type State = State<B>;

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [of_x, of_row] = ops.parents;
        let grad = grads.consume::<B>(&ops.node);
        let State { plan, x, row, kappa_s, trace } = ops.state;
        let z = plan.sizes;
        let (x, row): (Tensor<B, 3>, Tensor<B, 1>) = (outer(x), outer(row));
        let with_kappa = Tensor::cat(vec![row.clone(), outer(kappa_s)], 0);
        let [of_traces, deltas, sums] =
            B::recurrence_backward(inner(with_kappa), trace.clone(), grad, &plan);
        let (of_traces, deltas): (Tensor<B, 3>, Tensor<B, 3>) = (outer(of_traces), outer(deltas));
        if let Some(node) = of_row {
            let of_w_s = (of_traces.clone() * x).sum_dim(2).sum_dim(0).reshape([z.rows]);
            let sums: Tensor<B, 1> = outer::<B, 2>(sums).sum_dim(0).reshape([z.sums()]);
            let mut parts = vec![of_w_s, sums.narrow(0, 0, z.memory + z.norm_len())];
            let trace: Tensor<B, 3> = outer(trace);
            for map in 0..z.maps {
                let (width, out) = (z.width(map), z.out(map));
                let from = if map == 0 { z.input() } else { z.post_at(map - 1) };
                let before = trace.clone().narrow(2, from, width);
                let delta = deltas.clone().narrow(2, map * z.hidden, out);
                let of_bias = delta.clone().sum_dim(1).sum_dim(0).reshape([out]);
                // one product for each simulation, since many small products fill a device better
                let of_weight = delta.swap_dims(1, 2).matmul(before).sum_dim(0);
                parts.extend([of_weight.reshape([out * width]), of_bias]);
            }
            grads.register::<B>(node.id, inner(Tensor::cat(parts, 0)));
        }
        if let Some(node) = of_x {
            let w_s = row.narrow(0, 0, z.rows).reshape([1, z.rows, 1]);
            grads.register::<B>(node.id, inner(of_traces * w_s));
        }
    }
}

/// The memory on a backend with gradients.
pub(super) fn tracked<B: RecurrenceKernels, C: CheckpointStrategy>(
    x: Tensor<Autodiff<B, C>, 3>,
    row: Tensor<Autodiff<B, C>, 1>,
    kappa_s: Tensor<Autodiff<B, C>, 1>,
    plan: &Plan,
) -> Tensor<Autodiff<B, C>, 3> {
    let (x, row) = (inner(x), inner(row));
    let kappa_s = inner(kappa_s).primitive;
    let [memory, trace] = run::<B>(
        outer(x.primitive.clone()),
        outer(row.primitive.clone()),
        outer(kappa_s.clone()),
        plan,
    );
    let memory = inner(memory);
    let nodes = [x.node.clone(), row.node.clone()];
    let op = Backward::<B, 2>::prepare::<C>(RecurrenceOp, nodes);
    let memory = match op.compute_bound().stateful() {
        OpsKind::Tracked(prep) => {
            let (x, row, plan) = (x.primitive, row.primitive, plan.clone());
            prep.finish(State { plan, x, row, kappa_s, trace: inner(trace) }, memory)
        }
        OpsKind::UnTracked(prep) => prep.finish(memory),
    };
    outer(memory)
}
