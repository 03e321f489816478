//! The recurrence's two kernels as operations of a graphics backend.

use burn::prelude::*;
use burn::tensor::ops::FloatTensor;
use burn::tensor::{DType, Shape as Dims, TensorMetadata};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use burn_cubecl::{BoolElement, CubeBackend, CubeRuntime, FloatElement, IntElement, cubecl};
use cubecl::prelude::{CubeCount, CubeDim};

use super::backward::backward;
use super::forward::{ConstantsLaunch, Sizes, forward};
use super::pointwise::ShapeLaunch;
use crate::twin::ops::activation::Activation;
use crate::twin::ops::recurrence::Recurrence;

/// The sizes and constants of a recurrence that the kernels can run.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(super) sizes: Sizes,
    eps: f32,
    lambda: f32,
    between: Activation,
    post: Activation,
}

/// Shared memory that every device has for a cube, in numbers of 4 bytes: WebGPU guarantees 16 KiB.
const SHARED: usize = 4096;

/// The most units in a cube, by WebGPU's guarantee.
const UNITS: usize = 256;

impl Plan {
    /// The plan of a recurrence; `None` where it is too wide for the shared memory.
    pub(super) fn new(r: &Recurrence) -> Option<Self> {
        let maps = r.widths.len();
        let sizes = Sizes {
            rows: r.rows,
            memory: r.memory,
            hidden: if maps > 1 { r.widths[0] } else { 0 },
            maps,
            norm: r.norm,
            between: r.hidden.kind,
            post: r.post.kind,
        };
        // the backward pass needs the more memory: see its kernel
        let shared = 5 * sizes.input() + 2 * sizes.widest() + sizes.memory;
        (shared <= SHARED && r.widths[..maps - 1].iter().all(|&w| w == sizes.hidden)).then_some(
            Self { sizes, eps: r.eps, lambda: r.lambda, between: r.hidden, post: r.post },
        )
    }

    fn constants<R: CubeRuntime>(&self) -> ConstantsLaunch<R> {
        let shape = |a: &Activation| ShapeLaunch::new(a.leak as f32, a.bend);
        ConstantsLaunch::new(self.eps, self.lambda, shape(&self.between), shape(&self.post))
    }

    /// Units of a cube: one for each channel of the widest layer, in whole groups of 32.
    fn units(&self) -> CubeDim {
        CubeDim::new_1d(self.sizes.widest().next_multiple_of(32).min(UNITS) as u32)
    }
}

/// A backend that can run the recurrence's kernels.
pub trait RecurrenceKernels: Backend {
    /// # Shapes
    /// - x: `[batch, rows, time]`
    /// - row: parameters, the weights `[in, out]`, and κ_s
    /// - outputs: memory `[batch, memory, time]`; trace `[batch, time, span]`
    fn recurrence_forward(
        x: FloatTensor<Self>,
        row: FloatTensor<Self>,
        plan: &Plan,
    ) -> [FloatTensor<Self>; 2];

    /// # Shapes
    /// - row: parameters, the weights `[out, in]`, and κ_s
    /// - trace: `[batch, time, span]`
    /// - grad: `[batch, memory, time]`
    /// - outputs: gradients of w_s·x `[batch, rows, time]`, of the maps' outputs
    ///   `[batch, time, outputs]`, and of κ_m, scale and shift `[batch, sums]`
    fn recurrence_backward(
        row: FloatTensor<Self>,
        trace: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        plan: &Plan,
    ) -> [FloatTensor<Self>; 3];
}

/// An uninitialised tensor on the device of another.
fn empty<R: CubeRuntime>(like: &CubeTensor<R>, dims: impl Into<Dims>) -> CubeTensor<R> {
    let (client, device) = (like.client.clone(), like.device.clone());
    empty_device_contiguous_dtype(client, device, dims.into(), DType::F32)
}

impl<R, F, I, T> RecurrenceKernels for CubeBackend<R, F, I, T>
where
    R: CubeRuntime,
    F: FloatElement,
    I: IntElement,
    T: BoolElement,
    Self: Backend<FloatTensorPrimitive = CubeTensor<R>>,
{
    fn recurrence_forward(x: CubeTensor<R>, row: CubeTensor<R>, plan: &Plan) -> [CubeTensor<R>; 2] {
        let (x, row) = (into_contiguous(x), into_contiguous(row));
        let [batch, _, time] = x.shape().dims();
        let memory = empty(&x, [batch, plan.sizes.memory, time]);
        let trace = empty(&x, [batch, time, plan.sizes.span()]);
        forward::launch::<R>(
            &x.client.clone(),
            CubeCount::Static(batch as u32, 1, 1),
            plan.units(),
            x.into_array_arg(),
            row.into_array_arg(),
            memory.clone().into_array_arg(),
            trace.clone().into_array_arg(),
            time,
            plan.constants(),
            plan.sizes,
        );
        [memory, trace]
    }

    fn recurrence_backward(
        row: CubeTensor<R>,
        trace: CubeTensor<R>,
        grad: CubeTensor<R>,
        plan: &Plan,
    ) -> [CubeTensor<R>; 3] {
        let [row, trace, grad] = [row, trace, grad].map(into_contiguous);
        let [batch, _, time] = grad.shape().dims();
        let of_traces = empty(&grad, [batch, plan.sizes.rows, time]);
        let deltas = empty(&grad, [batch, time, plan.sizes.outputs()]);
        let sums = empty(&grad, [batch, plan.sizes.sums()]);
        backward::launch::<R>(
            &grad.client.clone(),
            CubeCount::Static(batch as u32, 1, 1),
            plan.units(),
            row.into_array_arg(),
            trace.into_array_arg(),
            grad.into_array_arg(),
            of_traces.clone().into_array_arg(),
            deltas.clone().into_array_arg(),
            sums.clone().into_array_arg(),
            time,
            plan.constants(),
            plan.sizes,
        );
        [of_traces, deltas, sums]
    }
}
