//! Causal attention within a window, a kernel each way, without a matrix of scores (Dao et al. 2022, arXiv 2205.14135):
//! a unit walks over what its position meets, and keeps a running maximum and sum.
//!
//! A cube has 64 positions of one head. What they meet passes through shared memory, rotated by its position as it is
//! read. Queries, keys and values lie in one tensor.

use burn_cubecl::cubecl;
use burn_cubecl::tensor::CubeTensor;
use burn_cubecl::{CubeRuntime, kernel::into_contiguous};
use cubecl::prelude::*;

use super::launch::empty;

/// Positions of a cube.
const PLACES: usize = 64;

/// Positions in shared memory at once.
const CHUNK: usize = 32;

/// The most channels of a head: more do not fit into 16 KiB of shared memory.
pub(super) const WIDEST: usize = 32;

/// Below every score.
const LEAST: f32 = -1e30;

/// The sizes that the kernels are not compiled for.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Sizes {
    time: usize,
    window: usize,
    heads: usize,
    /// 1/√d_head.
    scale: f32,
}

/// Reads a row of one position, rotated by its position.
///
/// # Shapes
/// - from: `[.., time]`, read from `at` on
/// - turns: `[2, pairs, time]`, cos and sin
#[cube]
fn turned(
    from: &Array<f32>,
    turns: &Array<f32>,
    row: &mut Array<f32>,
    at: usize,
    t: usize,
    time: usize,
    #[comptime] d: usize,
) {
    #[unroll]
    for pair in 0..d / 2 {
        let a = from[at + 2 * pair * time];
        let b = from[at + (2 * pair + 1) * time];
        let cos = turns[pair * time + t];
        let sin = turns[(d / 2 + pair) * time + t];
        row[2 * pair] = a * cos - b * sin;
        row[2 * pair + 1] = a * sin + b * cos;
    }
}

/// Writes the gradient of a row, rotated back.
#[cube]
fn write_turned_back(
    to: &mut Array<f32>,
    turns: &Array<f32>,
    row: &Array<f32>,
    at: usize,
    t: usize,
    time: usize,
    #[comptime] d: usize,
) {
    #[unroll]
    for pair in 0..d / 2 {
        let a = row[2 * pair];
        let b = row[2 * pair + 1];
        let cos = turns[pair * time + t];
        let sin = turns[(d / 2 + pair) * time + t];
        to[at + 2 * pair * time] = a * cos + b * sin;
        to[at + (2 * pair + 1) * time] = b * cos - a * sin;
    }
}

/// Puts `CHUNK` positions from `start` on into shared memory, zeros beyond the end: the rows of `a`, rotated, and the
/// rows of `b`.
#[cube]
fn load(
    a: &Array<f32>,
    b: &Array<f32>,
    turns: &Array<f32>,
    of_a: &mut SharedMemory<f32>,
    of_b: &mut SharedMemory<f32>,
    a_at: usize,
    b_at: usize,
    start: usize,
    time: usize,
    #[comptime] d: usize,
) {
    let pairs = comptime!(d / 2);
    let mut i = UNIT_POS_X as usize;
    while i < pairs * CHUNK {
        let pair = i / CHUNK;
        let j = i % CHUNK;
        let t = start + j;
        let mut first = 0.0f32;
        let mut second = 0.0f32;
        let mut third = 0.0f32;
        let mut fourth = 0.0f32;
        if t < time {
            let x = a[a_at + 2 * pair * time + t];
            let y = a[a_at + (2 * pair + 1) * time + t];
            let cos = turns[pair * time + t];
            let sin = turns[(pairs + pair) * time + t];
            first = x * cos - y * sin;
            second = x * sin + y * cos;
            third = b[b_at + 2 * pair * time + t];
            fourth = b[b_at + (2 * pair + 1) * time + t];
        }
        of_a[j * d + 2 * pair] = first;
        of_a[j * d + 2 * pair + 1] = second;
        of_b[j * d + 2 * pair] = third;
        of_b[j * d + 2 * pair + 1] = fourth;
        i += PLACES;
    }
}

/// The product of a row in registers and a row in shared memory.
#[cube]
fn product(row: &Array<f32>, shared: &SharedMemory<f32>, at: usize, #[comptime] d: usize) -> f32 {
    let mut sum = 0.0f32;
    #[unroll]
    for i in 0..d {
        sum += row[i] * shared[at + i];
    }
    sum
}

/// # Shapes
/// - qkv: `[batch, 3, heads · d, time]`
/// - turns: `[2, d / 2, time]`
/// - y: `[batch, heads · d, time]`, written
/// - totals: `[batch, heads, time]`, written: the logarithm of each query's sum of exponentials
#[cube(launch)]
fn forward(
    qkv: &Array<f32>,
    turns: &Array<f32>,
    y: &mut Array<f32>,
    totals: &mut Array<f32>,
    s: Sizes,
    #[comptime] d: usize,
) {
    let mut keys = SharedMemory::<f32>::new(comptime!(CHUNK * d));
    let mut values = SharedMemory::<f32>::new(comptime!(CHUNK * d));
    let time = s.time;
    let first = CUBE_POS_X as usize * PLACES;
    let t = first + UNIT_POS_X as usize;
    let head = CUBE_POS_Y as usize;
    let item = CUBE_POS_Z as usize;
    let whole = s.heads * d * time;
    let q_at = 3 * item * whole + head * d * time;
    let mut q = Array::<f32>::new(d);
    let mut sums = Array::<f32>::new(d);
    #[unroll]
    for i in 0..d {
        q[i] = 0.0f32;
        sums[i] = 0.0f32;
    }
    if t < time {
        turned(qkv, turns, &mut q, q_at + t, t, time, d);
    }
    let mut most = f32::cast_from(LEAST);
    let mut total = 0.0f32;
    let mut start =
        select(first + 1 > s.window, first + 1 - clamp_max(s.window, first + 1), 0usize);
    let end = clamp_max(first + PLACES, time);
    while start < end {
        load(
            qkv,
            qkv,
            turns,
            &mut keys,
            &mut values,
            q_at + whole,
            q_at + 2 * whole,
            start,
            time,
            d,
        );
        sync_cube();
        for j in 0..CHUNK {
            let key = start + j;
            if key <= t && t < key + s.window {
                let score = product(&q, &keys, j * d, d) * s.scale;
                if score > most {
                    let shrink = (most - score).exp();
                    total *= shrink;
                    #[unroll]
                    for i in 0..d {
                        sums[i] *= shrink;
                    }
                    most = score;
                }
                let weight = (score - most).exp();
                total += weight;
                #[unroll]
                for i in 0..d {
                    sums[i] += weight * values[j * d + i];
                }
            }
        }
        sync_cube();
        start += CHUNK;
    }
    if t < time {
        let at = item * whole + head * d * time + t;
        #[unroll]
        for i in 0..d {
            y[at + i * time] = sums[i] / total;
        }
        totals[(item * s.heads + head) * time + t] = most + total.ln();
    }
}

/// The gradient of queries (even layers of cubes) and of keys and values (odd ones).
///
/// # Shapes
/// - qkv, of_qkv: `[batch, 3, heads · d, time]`; of_qkv is written
/// - turns: `[2, d / 2, time]`
/// - y, grad: `[batch, heads · d, time]`
/// - totals: `[batch, heads, time]`
#[cube(launch)]
fn backward(
    qkv: &Array<f32>,
    turns: &Array<f32>,
    y: &Array<f32>,
    totals: &Array<f32>,
    grad: &Array<f32>,
    of_qkv: &mut Array<f32>,
    s: Sizes,
    #[comptime] d: usize,
) {
    let mut met = SharedMemory::<f32>::new(comptime!(CHUNK * d));
    let mut with = SharedMemory::<f32>::new(comptime!(CHUNK * d));
    let mut sizes = SharedMemory::<f32>::new(comptime!(2 * CHUNK));
    let time = s.time;
    let first = CUBE_POS_X as usize * PLACES;
    let unit = UNIT_POS_X as usize;
    let t = first + unit;
    let head = CUBE_POS_Y as usize;
    let item = CUBE_POS_Z as usize / 2;
    let whole = s.heads * d * time;
    let of_head = head * d * time;
    let q_at = 3 * item * whole + of_head;
    let y_at = item * whole + of_head;
    let total_at = (item * s.heads + head) * time;
    let mut mine = Array::<f32>::new(d);
    let mut other = Array::<f32>::new(d);
    let mut of_mine = Array::<f32>::new(d);
    let mut of_other = Array::<f32>::new(d);
    #[unroll]
    for i in 0..d {
        mine[i] = 0.0f32;
        other[i] = 0.0f32;
        of_mine[i] = 0.0f32;
        of_other[i] = 0.0f32;
    }
    let side = CUBE_POS_Z % 2;
    if side == 0 {
        // a query, with the gradient of its output, meets keys with their values
        let mut along = 0.0f32;
        let mut total = 0.0f32;
        if t < time {
            turned(qkv, turns, &mut mine, q_at + t, t, time, d);
            #[unroll]
            for i in 0..d {
                let g = grad[y_at + i * time + t];
                other[i] = g;
                along += g * y[y_at + i * time + t];
            }
            total = totals[total_at + t];
        }
        let mut start =
            select(first + 1 > s.window, first + 1 - clamp_max(s.window, first + 1), 0usize);
        let end = clamp_max(first + PLACES, time);
        while start < end {
            let (k, v) = (q_at + whole, q_at + 2 * whole);
            load(qkv, qkv, turns, &mut met, &mut with, k, v, start, time, d);
            sync_cube();
            for j in 0..CHUNK {
                let key = start + j;
                if key <= t && t < key + s.window {
                    let weight = (product(&mine, &met, j * d, d) * s.scale - total).exp();
                    let of_weight = product(&other, &with, j * d, d);
                    let of_score = weight * (of_weight - along) * s.scale;
                    #[unroll]
                    for i in 0..d {
                        of_mine[i] += of_score * met[j * d + i];
                    }
                }
            }
            sync_cube();
            start += CHUNK;
        }
        if t < time {
            write_turned_back(of_qkv, turns, &of_mine, q_at + t, t, time, d);
        }
    } else {
        // a key, with its value, meets queries with the gradients of their outputs
        if t < time {
            turned(qkv, turns, &mut mine, q_at + whole + t, t, time, d);
            #[unroll]
            for i in 0..d {
                other[i] = qkv[q_at + 2 * whole + i * time + t];
            }
        }
        let mut start = first;
        let end = clamp_max(first + PLACES - 1 + s.window, time);
        while start < end {
            load(qkv, grad, turns, &mut met, &mut with, q_at, y_at, start, time, d);
            if unit < CHUNK {
                let query = start + unit;
                let mut along = 0.0f32;
                let mut total = 0.0f32;
                if query < time {
                    #[unroll]
                    for i in 0..d {
                        let at = y_at + i * time + query;
                        along += grad[at] * y[at];
                    }
                    total = totals[total_at + query];
                }
                sizes[unit] = along;
                sizes[CHUNK + unit] = total;
            }
            sync_cube();
            for j in 0..CHUNK {
                let query = start + j;
                if t <= query && query < t + s.window && query < time && t < time {
                    let score = product(&mine, &met, j * d, d) * s.scale;
                    let weight = (score - sizes[CHUNK + j]).exp();
                    let of_weight = product(&other, &with, j * d, d);
                    let of_score = weight * (of_weight - sizes[j]) * s.scale;
                    #[unroll]
                    for i in 0..d {
                        of_mine[i] += of_score * met[j * d + i];
                        of_other[i] += weight * with[j * d + i];
                    }
                }
            }
            sync_cube();
            start += CHUNK;
        }
        if t < time {
            write_turned_back(of_qkv, turns, &of_mine, q_at + whole + t, t, time, d);
            #[unroll]
            for i in 0..d {
                of_qkv[q_at + 2 * whole + i * time + t] = of_other[i];
            }
        }
    }
}

/// The sizes of attention.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) heads: usize,
    pub(super) window: usize,
}

impl Plan {
    /// Batch, channels of a head, and time of `[batch, 3 · heads · d, time]`.
    fn dims<R: CubeRuntime>(&self, qkv: &CubeTensor<R>) -> [usize; 3] {
        let [batch, channels, time] = qkv.meta.shape().dims();
        [batch, channels / 3 / self.heads, time]
    }

    fn sizes<R: CubeRuntime>(&self, d: usize, time: usize) -> SizesLaunch<R> {
        SizesLaunch::new(time, self.window, self.heads, 1.0 / (d as f32).sqrt())
    }
}

/// Attention: means of values `[batch, heads · d, time]`, and the logarithms of the sums of exponentials.
pub(super) fn attention<R: CubeRuntime>(
    qkv: CubeTensor<R>,
    turns: CubeTensor<R>,
    plan: Plan,
) -> [CubeTensor<R>; 2] {
    let (qkv, turns) = (into_contiguous(qkv), into_contiguous(turns));
    let [batch, d, time] = plan.dims(&qkv);
    let y = empty(&qkv, [batch, plan.heads * d, time]);
    let totals = empty(&qkv, [batch, plan.heads, time]);
    forward::launch::<R>(
        &qkv.client.clone(),
        CubeCount::Static(time.div_ceil(PLACES) as u32, plan.heads as u32, batch as u32),
        CubeDim::new_1d(PLACES as u32),
        qkv.into_array_arg(),
        turns.into_array_arg(),
        y.clone().into_array_arg(),
        totals.clone().into_array_arg(),
        plan.sizes(d, time),
        d,
    );
    [y, totals]
}

/// The gradient of queries, keys and values, in one tensor as they are, from that of the output.
pub(super) fn gradient<R: CubeRuntime>(
    qkv: CubeTensor<R>,
    turns: CubeTensor<R>,
    [y, totals]: [CubeTensor<R>; 2],
    grad: CubeTensor<R>,
    plan: Plan,
) -> CubeTensor<R> {
    let [qkv, turns, grad] = [qkv, turns, grad].map(into_contiguous);
    let [batch, d, time] = plan.dims(&qkv);
    let of_qkv = empty(&qkv, qkv.meta.shape().clone());
    backward::launch::<R>(
        &qkv.client.clone(),
        CubeCount::Static(time.div_ceil(PLACES) as u32, plan.heads as u32, 2 * batch as u32),
        CubeDim::new_1d(PLACES as u32),
        qkv.into_array_arg(),
        turns.into_array_arg(),
        y.into_array_arg(),
        totals.into_array_arg(),
        grad.into_array_arg(),
        of_qkv.clone().into_array_arg(),
        plan.sizes(d, time),
        d,
    );
    of_qkv
}
