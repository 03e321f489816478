//! The ELM's recurrence: its two kernels, and what is computed around them.

use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;
use burn_cubecl::{CubeRuntime, cubecl};
use cubecl::prelude::*;

use super::backward::backward;
use super::convolution::map_gradients;
use super::forward::{ConstantsLaunch, Sizes, forward as forward_kernel};
use super::launch::{cubes, empty};
use super::normalisation::constants;
use super::rows::joined;
use crate::twin::ops::activation::Activation;
use crate::twin::ops::kernels::{inner, outer};
use crate::twin::ops::recurrence::Recurrence;

/// The sizes and constants of a recurrence that the kernels can run.
#[derive(Debug, Clone)]
struct Plan {
    sizes: Sizes,
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
    fn new(r: &Recurrence) -> Option<Self> {
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
        let [between, post] = [constants(&self.between), constants(&self.post)];
        ConstantsLaunch::new(self.eps, self.lambda, between, post)
    }

    /// Units of a cube: one for each channel of the widest layer, in whole groups of 32.
    fn units(&self) -> CubeDim {
        CubeDim::new_1d(self.sizes.widest().next_multiple_of(32).min(UNITS) as u32)
    }
}

/// What a forward pass keeps: the plan, and the trace `[simulations, time, span]` of each group of simulations.
#[derive(Debug, Clone)]
pub struct Trace<R: CubeRuntime> {
    plan: Plan,
    groups: Vec<CubeTensor<R>>,
}

/// The most numbers in a buffer that every device can bind: WebGPU guarantees 128 MiB.
const BINDING: usize = 1 << 25;

/// Writes the row of parameters with the weights of the maps transposed to `[in, out]`, followed by κ_s.
///
/// # Shapes
/// - row: `[parameters]`; kappa_s: `[rows]`
/// - to: `[parameters + rows]`, written
#[cube(launch)]
fn turn(row: &Array<f32>, kappa_s: &Array<f32>, to: &mut Array<f32>, #[comptime] z: Sizes) {
    let mut at = ABSOLUTE_POS;
    while at < to.len() {
        let mut from = at;
        #[unroll]
        for map in 0..comptime!(z.maps) {
            let start = comptime!(z.map_at(map));
            let out = comptime!(z.out(map));
            let width = comptime!(z.width(map));
            if at >= start && at < start + out * width {
                let inside = at - start;
                from = start + inside % out * width + inside / out;
            }
        }
        if from < row.len() {
            to[at] = row[from];
        } else {
            to[at] = kappa_s[at - row.len()];
        }
        at += CUBE_COUNT_X as usize * CUBE_DIM_X as usize;
    }
}

/// Units of a cube that sums one value.
const SUMMING: usize = 256;

/// Sums over simulations and time, a cube for each value: of w_s·x's gradient times x, the gradient of w_s; behind
/// these, over simulations alone, the sums that the backward kernel leaves.
///
/// # Shapes
/// - of_traces, x: `[batch, rows, time]`
/// - sums: `[batch, stride]`
/// - to: `[rows + ..]`, written
#[cube(launch)]
fn sum(
    of_traces: &Array<f32>,
    x: &Array<f32>,
    sums: &Array<f32>,
    to: &mut Array<f32>,
    batch: usize,
    rows: usize,
    time: usize,
    stride: usize,
) {
    let mut shared = SharedMemory::<f32>::new(SUMMING);
    let unit = UNIT_POS_X as usize;
    let value = CUBE_POS_X as usize;
    let mut mine = 0.0f32;
    if value < rows {
        for item in 0..batch {
            let row = (item * rows + value) * time;
            let mut t = unit;
            while t < time {
                mine += of_traces[row + t] * x[row + t];
                t += SUMMING;
            }
        }
    } else {
        let mut item = unit;
        while item < batch {
            mine += sums[item * stride + value - rows];
            item += SUMMING;
        }
    }
    shared[unit] = mine;
    sync_cube();
    #[unroll]
    for halving in 0..8usize {
        let half = comptime!(SUMMING >> (halving + 1));
        if unit < half {
            shared[unit] += shared[unit + half];
        }
        sync_cube();
    }
    if unit == 0 {
        to[value] = shared[0];
    }
}

/// The row of parameters as the forward kernel reads it.
fn turned<R: CubeRuntime>(row: CubeTensor<R>, kappa_s: CubeTensor<R>, z: Sizes) -> CubeTensor<R> {
    let (row, kappa_s) = (into_contiguous(row), into_contiguous(kappa_s));
    let n = row.meta.num_elements() + z.rows;
    let to = empty(&row, [n]);
    let (count, dim) = cubes(n);
    let client = row.client.clone();
    let (row, kappa_s) = (row.into_array_arg(), kappa_s.into_array_arg());
    turn::launch::<R>(&client, count, dim, row, kappa_s, to.clone().into_array_arg(), z);
    to
}

/// The memory of all simulations, `[batch, memory, time]`; as many simulations at a time as one buffer can hold the
/// trace of. `None` where the kernels cannot run the recurrence.
pub(super) fn forward<B, R>(
    x: CubeTensor<R>,
    row: CubeTensor<R>,
    kappa_s: CubeTensor<R>,
    of: &Recurrence,
) -> Option<(CubeTensor<R>, Trace<R>)>
where
    R: CubeRuntime,
    B: Backend<FloatTensorPrimitive = CubeTensor<R>>,
{
    let plan = Plan::new(of)?;
    let z = plan.sizes;
    let x: Tensor<B, 3> = outer(x);
    let [batch, _, time] = x.dims();
    let at_once = (BINDING / (time * z.span()).max(1)).min(batch);
    if at_once == 0 || time == 0 {
        return None;
    }
    let row = turned(row, kappa_s, z);
    let mut groups = Vec::new();
    let mut memories: Vec<Tensor<B, 3>> = Vec::new();
    for from in (0..batch).step_by(at_once) {
        let count = at_once.min(batch - from);
        let x = into_contiguous(inner(x.clone().narrow(0, from, count)));
        let memory = empty(&x, [count, z.memory, time]);
        let trace = empty(&x, [count, time, z.span()]);
        forward_kernel::launch::<R>(
            &x.client.clone(),
            CubeCount::Static(count as u32, 1, 1),
            plan.units(),
            x.into_array_arg(),
            row.clone().into_array_arg(),
            memory.clone().into_array_arg(),
            trace.clone().into_array_arg(),
            time,
            plan.constants(),
            z,
        );
        memories.push(outer(memory));
        groups.push(trace);
    }
    let memory = match memories.pop() {
        Some(only) if memories.is_empty() => only,
        last => Tensor::cat(memories.into_iter().chain(last).collect(), 0),
    };
    Some((inner(memory), Trace { plan, groups }))
}

/// The gradients of the input and of the row of parameters, of those that are wanted.
pub(super) fn gradients<B, R>(
    [x, row, kappa_s]: [CubeTensor<R>; 3],
    Trace { plan, groups }: Trace<R>,
    grad: CubeTensor<R>,
    [wants_x, wants_row]: [bool; 2],
) -> [Option<CubeTensor<R>>; 2]
where
    R: CubeRuntime,
    B: Backend<FloatTensorPrimitive = CubeTensor<R>>,
{
    let z = plan.sizes;
    let with_kappa = joined(vec![row.clone(), kappa_s]);
    let (x, row, grad): (Tensor<B, 3>, Tensor<B, 1>, Tensor<B, 3>) =
        (outer(x), outer(row), outer(grad));
    let mut of_rows: Option<Tensor<B, 1>> = None;
    let mut of_xs = Vec::new();
    let mut from = 0;
    for trace in groups {
        let [count, time, _] = trace.meta.shape().dims();
        let (x, grad) = (x.clone().narrow(0, from, count), grad.clone().narrow(0, from, count));
        from += count;
        let grad = into_contiguous(inner(grad));
        let of_traces = empty(&grad, [count, z.rows, time]);
        let deltas = empty(&grad, [count, time, z.outputs()]);
        let sums = empty(&grad, [count, z.sums()]);
        backward::launch::<R>(
            &grad.client.clone(),
            CubeCount::Static(count as u32, 1, 1),
            plan.units(),
            with_kappa.clone().into_array_arg(),
            trace.clone().into_array_arg(),
            grad.into_array_arg(),
            of_traces.clone().into_array_arg(),
            deltas.clone().into_array_arg(),
            sums.clone().into_array_arg(),
            time,
            plan.constants(),
            z,
        );
        if wants_row {
            let x = into_contiguous(inner(x));
            let first = z.rows + z.memory + z.norm_len();
            let before = empty(&x, [first]);
            sum::launch::<R>(
                &x.client.clone(),
                CubeCount::Static(first as u32, 1, 1),
                CubeDim::new_1d(SUMMING as u32),
                of_traces.clone().into_array_arg(),
                x.into_array_arg(),
                sums.into_array_arg(),
                before.clone().into_array_arg(),
                count,
                z.rows,
                time,
                z.sums(),
            );
            let mut parts = vec![before];
            for map in 0..z.maps {
                let from = if map == 0 { z.input() } else { z.post_at(map - 1) };
                let inputs = (trace.clone(), from, z.width(map));
                let outputs = (deltas.clone(), map * z.hidden, z.out(map));
                parts.extend(map_gradients(inputs, outputs));
            }
            let of_row = outer(joined(parts));
            of_rows = Some(match of_rows {
                Some(sum) => sum + of_row,
                None => of_row,
            });
        }
        if wants_x {
            let w_s = row.clone().narrow(0, 0, z.rows).reshape([1, z.rows, 1]);
            of_xs.push(outer::<B, 3>(of_traces) * w_s);
        }
    }
    let of_x = wants_x.then(|| inner(Tensor::cat(of_xs, 0)));
    [of_x, of_rows.map(inner)]
}
