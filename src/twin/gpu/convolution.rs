//! The causal convolution and its gradients as implicit matrix products: no operand is copied into a padded or an
//! unfolded matrix, the kernels compute the places of its elements instead.
//!
//! A cube computes a tile of 8·rows channels by 128 columns. Its units hold 8 × 4 sums each, in registers; the operands
//! of 16 summands at a time pass through shared memory. Where the tiles are too few to fill a device, the sum is cut
//! into parts, which a second kernel adds.

use burn_cubecl::cubecl;
use burn_cubecl::tensor::CubeTensor;
use burn_cubecl::{CubeRuntime, kernel::into_contiguous};
use cubecl::prelude::*;

use super::launch::{cubes, empty};

/// Sums of four channels.
type Four = Vector<f32, Const<4>>;

/// Units of a cube along its columns; the units of one row read the same weights.
const COLUMNS: usize = 32;

/// Columns of a cube's tile: four of each unit.
const WIDE: usize = 4 * COLUMNS;

/// Summands whose operands are in shared memory at once.
const DEPTH: usize = 16;

/// Cubes that fill a large device: four on each of 132 multiprocessors.
const FULL: usize = 528;

/// The sizes of a convolution; the kernels are not compiled for them.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Sizes {
    batch: usize,
    /// Channels that are summed over.
    channels: usize,
    /// Channels of the result.
    outs: usize,
    taps: usize,
    dilation: usize,
    time: usize,
    /// Summands of each part of the sum.
    each: usize,
}

/// The places of a unit's eight channels: the first of four, and whether it exists.
#[cube]
fn write_sums(y: &mut Array<f32>, sums: Four, first: usize, outs: usize, at: usize, stride: usize) {
    #[unroll]
    for i in 0..4usize {
        if first + i < outs {
            y[at + i * stride] = sums[i];
        }
    }
}

/// Adds the bias to the sums of four channels.
#[cube]
fn biased(sums: Four, bias: &Array<f32>, first: usize, outs: usize) -> Four {
    let mut out = sums;
    #[unroll]
    for i in 0..4usize {
        if first + i < outs {
            out[i] = sums[i] + bias[first + i];
        }
    }
    out
}

/// The convolution, or, against the time, the gradient of its input.
///
/// # Shapes
/// - x: `[batch, channels, time]`
/// - weight: `[outs, channels, taps]`; against the time `[channels, outs, taps]`
/// - bias: `[outs]`, read where the kernel is compiled to add it
/// - y: `[parts, batch, outs, time]`, written
#[cube(launch_unchecked)]
fn convolve(
    x: &Array<f32>,
    weight: &Array<f32>,
    bias: &Array<f32>,
    y: &mut Array<f32>,
    s: Sizes,
    #[comptime] rows: usize,
    #[comptime] against: bool,
    #[comptime] with_bias: bool,
) {
    let fours = comptime!(2 * rows);
    let mut weights = SharedMemory::<Four>::new(comptime!(DEPTH * fours));
    let mut inputs = SharedMemory::<f32>::new(comptime!(DEPTH * WIDE));
    let unit = UNIT_POS_X as usize;
    let column = unit % COLUMNS;
    let row = unit / COLUMNS;
    let item = CUBE_POS_Z as usize % s.batch;
    let part = CUBE_POS_Z as usize / s.batch;
    let first_time = CUBE_POS_X as usize * WIDE + column;
    let first_out = CUBE_POS_Y as usize * comptime!(8 * rows);
    let end = s.channels * s.taps;
    let from = part * s.each;
    let to = clamp_max(from + s.each, end);

    // the summand of the unit's row of inputs, as channel and tap
    let mut at = from + row;
    let mut channel = at / s.taps;
    let mut tap = at % s.taps;
    // the unit's vector of weights
    let deep = unit % DEPTH;
    let four = unit / DEPTH;
    let weight_out = first_out + 4 * four;

    let mut low_0 = Four::new(0.0f32);
    let mut low_1 = Four::new(0.0f32);
    let mut low_2 = Four::new(0.0f32);
    let mut low_3 = Four::new(0.0f32);
    let mut high_0 = Four::new(0.0f32);
    let mut high_1 = Four::new(0.0f32);
    let mut high_2 = Four::new(0.0f32);
    let mut high_3 = Four::new(0.0f32);

    let stages = (to - from).div_ceil(DEPTH);
    for stage in 0..stages {
        let mut deeper = row;
        while deeper < DEPTH {
            let shift = (s.taps - 1 - tap) * s.dilation;
            let base = (item * s.channels + channel) * s.time;
            #[unroll]
            for j in 0..4usize {
                let t = first_time + j * COLUMNS;
                let mut value = 0.0f32;
                if against {
                    if t + shift < s.time && at < to {
                        value = x[base + t + shift];
                    }
                } else {
                    if t >= shift && t < s.time && at < to {
                        value = x[base + t - shift];
                    }
                }
                inputs[deeper * WIDE + column + j * COLUMNS] = value;
            }
            deeper += rows;
            at += rows;
            tap += rows;
            if tap >= s.taps {
                channel += tap / s.taps;
                tap %= s.taps;
            }
        }
        let summand = from + stage * DEPTH + deep;
        let mut of_summand = Four::new(0.0f32);
        if summand < to {
            #[unroll]
            for i in 0..4usize {
                let out = weight_out + i;
                if out < s.outs {
                    if against {
                        let of = summand / s.taps;
                        let k = summand % s.taps;
                        of_summand[i] = weight[(of * s.outs + out) * s.taps + k];
                    } else {
                        of_summand[i] = weight[out * end + summand];
                    }
                }
            }
        }
        weights[deep * fours + four] = of_summand;
        sync_cube();
        for d in 0..DEPTH {
            let low = weights[d * fours + 2 * row];
            let high = weights[d * fours + 2 * row + 1];
            let b_0 = Four::new(inputs[d * WIDE + column]);
            let b_1 = Four::new(inputs[d * WIDE + column + COLUMNS]);
            let b_2 = Four::new(inputs[d * WIDE + column + 2 * COLUMNS]);
            let b_3 = Four::new(inputs[d * WIDE + column + 3 * COLUMNS]);
            low_0 += low * b_0;
            low_1 += low * b_1;
            low_2 += low * b_2;
            low_3 += low * b_3;
            high_0 += high * b_0;
            high_1 += high * b_1;
            high_2 += high * b_2;
            high_3 += high * b_3;
        }
        sync_cube();
    }

    let out = first_out + 8 * row;
    if with_bias {
        low_0 = biased(low_0, bias, out, s.outs);
        low_1 = biased(low_1, bias, out, s.outs);
        low_2 = biased(low_2, bias, out, s.outs);
        low_3 = biased(low_3, bias, out, s.outs);
        high_0 = biased(high_0, bias, out + 4, s.outs);
        high_1 = biased(high_1, bias, out + 4, s.outs);
        high_2 = biased(high_2, bias, out + 4, s.outs);
        high_3 = biased(high_3, bias, out + 4, s.outs);
    }
    let base = ((part * s.batch + item) * s.outs + out) * s.time;
    let next = base + 4 * s.time;
    let t = first_time;
    if t < s.time {
        write_sums(y, low_0, out, s.outs, base + t, s.time);
        write_sums(y, high_0, out + 4, s.outs, next + t, s.time);
    }
    let t = first_time + COLUMNS;
    if t < s.time {
        write_sums(y, low_1, out, s.outs, base + t, s.time);
        write_sums(y, high_1, out + 4, s.outs, next + t, s.time);
    }
    let t = first_time + 2 * COLUMNS;
    if t < s.time {
        write_sums(y, low_2, out, s.outs, base + t, s.time);
        write_sums(y, high_2, out + 4, s.outs, next + t, s.time);
    }
    let t = first_time + 3 * COLUMNS;
    if t < s.time {
        write_sums(y, low_3, out, s.outs, base + t, s.time);
        write_sums(y, high_3, out + 4, s.outs, next + t, s.time);
    }
}

/// Where a linear map's inputs and gradients lie in rows of other numbers, a row for each time of each simulation.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Rows {
    /// Length of an input's row, and the first input in it.
    stride: usize,
    first: usize,
    /// Length of a gradient's row, and the first gradient in it.
    grad_stride: usize,
    grad_first: usize,
}

/// The gradients of weight and bias: sums over batch and time of a gradient times the input that met it. A last column,
/// whose input is 1, is the bias.
///
/// # Shapes
/// - x: `[batch, channels, time]`; by rows `[batch · time, stride]`
/// - grad: `[batch, outs, time]`; by rows `[batch · time, grad_stride]`
/// - sums: `[parts, outs, channels · taps + 1]`, written
#[cube(launch_unchecked)]
fn correlate(
    x: &Array<f32>,
    grad: &Array<f32>,
    sums: &mut Array<f32>,
    s: Sizes,
    r: Rows,
    #[comptime] rows: usize,
    #[comptime] by_rows: bool,
) {
    let fours = comptime!(2 * rows);
    let mut grads = SharedMemory::<Four>::new(comptime!(DEPTH * fours));
    let mut inputs = SharedMemory::<f32>::new(comptime!(DEPTH * WIDE));
    let unit = UNIT_POS_X as usize;
    let column = unit % COLUMNS;
    let row = unit / COLUMNS;
    let part = CUBE_POS_Z as usize;
    let first_column = CUBE_POS_X as usize * WIDE + column;
    let first_out = CUBE_POS_Y as usize * comptime!(8 * rows);
    let weights = s.channels * s.taps;
    let end = s.batch * s.time;
    let from = part * s.each;
    let to = clamp_max(from + s.each, end);

    // the input that each of the unit's four columns meets: its channel's first place and how long ago it was
    let mut base = Array::<usize>::new(4usize);
    let mut shift = Array::<usize>::new(4usize);
    #[unroll]
    for j in 0..4usize {
        let at = first_column + j * COLUMNS;
        base[j] = at / s.taps * s.time;
        shift[j] = (s.taps - 1 - at % s.taps) * s.dilation;
    }
    let mut at = from + row;
    let mut item = at / s.time;
    let mut t = at % s.time;
    let deep = unit % DEPTH;
    let four = unit / DEPTH;
    let grad_out = first_out + 4 * four;

    let mut low_0 = Four::new(0.0f32);
    let mut low_1 = Four::new(0.0f32);
    let mut low_2 = Four::new(0.0f32);
    let mut low_3 = Four::new(0.0f32);
    let mut high_0 = Four::new(0.0f32);
    let mut high_1 = Four::new(0.0f32);
    let mut high_2 = Four::new(0.0f32);
    let mut high_3 = Four::new(0.0f32);

    let stages = (to - from).div_ceil(DEPTH);
    for stage in 0..stages {
        let mut deeper = row;
        while deeper < DEPTH {
            let of_item = item * s.channels * s.time + t;
            #[unroll]
            for j in 0..4usize {
                let of_column = first_column + j * COLUMNS;
                let mut value = 0.0f32;
                if at < to {
                    if by_rows {
                        if of_column < weights {
                            value = x[at * r.stride + r.first + of_column];
                        }
                    } else {
                        if of_column < weights && t >= shift[j] {
                            value = x[of_item + base[j] - shift[j]];
                        }
                    }
                    if of_column == weights {
                        value = 1.0f32;
                    }
                }
                inputs[deeper * WIDE + column + j * COLUMNS] = value;
            }
            deeper += rows;
            at += rows;
            t += rows;
            if t >= s.time {
                item += t / s.time;
                t %= s.time;
            }
        }
        let summand = from + stage * DEPTH + deep;
        let mut of_summand = Four::new(0.0f32);
        if summand < to {
            let of = summand / s.time * s.outs;
            let when = summand % s.time;
            #[unroll]
            for i in 0..4usize {
                let out = grad_out + i;
                if out < s.outs {
                    if by_rows {
                        of_summand[i] = grad[summand * r.grad_stride + r.grad_first + out];
                    } else {
                        of_summand[i] = grad[(of + out) * s.time + when];
                    }
                }
            }
        }
        grads[deep * fours + four] = of_summand;
        sync_cube();
        for d in 0..DEPTH {
            let low = grads[d * fours + 2 * row];
            let high = grads[d * fours + 2 * row + 1];
            let b_0 = Four::new(inputs[d * WIDE + column]);
            let b_1 = Four::new(inputs[d * WIDE + column + COLUMNS]);
            let b_2 = Four::new(inputs[d * WIDE + column + 2 * COLUMNS]);
            let b_3 = Four::new(inputs[d * WIDE + column + 3 * COLUMNS]);
            low_0 += low * b_0;
            low_1 += low * b_1;
            low_2 += low * b_2;
            low_3 += low * b_3;
            high_0 += high * b_0;
            high_1 += high * b_1;
            high_2 += high * b_2;
            high_3 += high * b_3;
        }
        sync_cube();
    }

    let out = first_out + 8 * row;
    let stride = weights + 1;
    let base = (part * s.outs + out) * stride;
    let next = base + 4 * stride;
    let at = first_column;
    if at < stride {
        write_sums(sums, low_0, out, s.outs, base + at, stride);
        write_sums(sums, high_0, out + 4, s.outs, next + at, stride);
    }
    let at = first_column + COLUMNS;
    if at < stride {
        write_sums(sums, low_1, out, s.outs, base + at, stride);
        write_sums(sums, high_1, out + 4, s.outs, next + at, stride);
    }
    let at = first_column + 2 * COLUMNS;
    if at < stride {
        write_sums(sums, low_2, out, s.outs, base + at, stride);
        write_sums(sums, high_2, out + 4, s.outs, next + at, stride);
    }
    let at = first_column + 3 * COLUMNS;
    if at < stride {
        write_sums(sums, low_3, out, s.outs, base + at, stride);
        write_sums(sums, high_3, out + 4, s.outs, next + at, stride);
    }
}

/// Adds the parts of a convolution's sums, and the bias.
///
/// # Shapes
/// - sums: `[parts, batch, outs, time]`
/// - y: `[batch, outs, time]`, written
#[cube(launch)]
fn add_parts(
    sums: &Array<f32>,
    bias: &Array<f32>,
    y: &mut Array<f32>,
    parts: usize,
    outs: usize,
    time: usize,
    #[comptime] with_bias: bool,
) {
    let count = y.len();
    let mut at = ABSOLUTE_POS;
    let stride = CUBE_COUNT_X as usize * CUBE_DIM_X as usize;
    while at < count {
        let mut sum = 0.0f32;
        for part in 0..parts {
            sum += sums[part * count + at];
        }
        if with_bias {
            sum += bias[at / time % outs];
        }
        y[at] = sum;
        at += stride;
    }
}

/// Adds the parts of the gradients of weight and bias, and parts the two.
///
/// # Shapes
/// - sums: `[parts, outs, weights + 1]`
/// - of_weight: `[outs, weights]`, written
/// - of_bias: `[outs]`, written
#[cube(launch)]
fn add_gradients(
    sums: &Array<f32>,
    of_weight: &mut Array<f32>,
    of_bias: &mut Array<f32>,
    parts: usize,
    weights: usize,
) {
    let outs = of_bias.len();
    let count = outs * (weights + 1);
    let mut at = ABSOLUTE_POS;
    let stride = CUBE_COUNT_X as usize * CUBE_DIM_X as usize;
    while at < count {
        let mut sum = 0.0f32;
        for part in 0..parts {
            sum += sums[part * count + at];
        }
        let out = at / (weights + 1);
        let column = at % (weights + 1);
        if column < weights {
            of_weight[out * weights + column] = sum;
        } else {
            of_bias[out] = sum;
        }
        at += stride;
    }
}

/// Rows of units for a number of channels: 8 channels each, at most 8 rows.
fn rows(outs: usize) -> usize {
    outs.div_ceil(8).next_power_of_two().min(8)
}

/// Parts of a sum of `summands`, for `tiles` cubes, and the summands of each, in whole stages.
fn parted(summands: usize, tiles: usize) -> [usize; 2] {
    let most = summands.div_ceil(32 * DEPTH);
    let parts = (FULL / tiles.max(1)).clamp(1, most.max(1));
    let each = summands.div_ceil(parts).next_multiple_of(DEPTH);
    [summands.div_ceil(each).max(1), each]
}

/// [`causal_conv`](crate::twin::layer::causal_conv::causal_conv), or, `against` the time, the gradient of its input
/// from that of its output.
pub(super) fn convolution<R: CubeRuntime>(
    x: CubeTensor<R>,
    weight: CubeTensor<R>,
    bias: Option<CubeTensor<R>>,
    dilation: usize,
    against: bool,
) -> CubeTensor<R> {
    let (x, weight, bias) =
        (into_contiguous(x), into_contiguous(weight), bias.map(into_contiguous));
    let [batch, channels, time] = x.meta.shape().dims();
    let [first, second, taps] = weight.meta.shape().dims();
    let outs = if against { second } else { first };
    let rows = rows(outs);
    let [wide, tall] = [time.div_ceil(WIDE), outs.div_ceil(8 * rows)];
    let [parts, each] = parted(channels * taps, wide * tall * batch);
    let client = x.client.clone();
    let y = empty(&x, [batch, outs, time]);
    let sums = if parts > 1 { empty(&x, [parts * batch, outs, time]) } else { y.clone() };
    // an array that the kernel does not read, where there is no bias
    let unread = bias.clone().unwrap_or_else(|| weight.clone());
    // every place is compared with the sizes before it is read or written; with the checks of CubeCL besides, config D
    // trains a tenth slower on an H200
    #[allow(unsafe_code)]
    unsafe {
        convolve::launch_unchecked::<R>(
            &client,
            CubeCount::Static(wide as u32, tall as u32, (parts * batch) as u32),
            CubeDim::new_1d((COLUMNS * rows) as u32),
            x.into_array_arg(),
            weight.into_array_arg(),
            unread.clone().into_array_arg(),
            sums.clone().into_array_arg(),
            SizesLaunch::new(batch, channels, outs, taps, dilation, time, each),
            rows,
            against,
            bias.is_some() && parts == 1,
        );
    }
    if parts > 1 {
        let (count, dim) = cubes(batch * outs * time);
        let with_bias = bias.is_some();
        let (sums, bias, to) =
            (sums.into_array_arg(), unread.into_array_arg(), y.clone().into_array_arg());
        add_parts::launch::<R>(&client, count, dim, sums, bias, to, parts, outs, time, with_bias);
    }
    y
}

/// The gradients of a convolution's weight and bias from that of its output.
pub(super) fn gradients<R: CubeRuntime>(
    x: CubeTensor<R>,
    grad: CubeTensor<R>,
    taps: usize,
    dilation: usize,
) -> [CubeTensor<R>; 2] {
    let (x, grad) = (into_contiguous(x), into_contiguous(grad));
    let [batch, channels, time] = x.meta.shape().dims();
    let [_, outs, _] = grad.meta.shape().dims::<3>();
    let of = Correlated { batch, channels, outs, taps, dilation, time };
    of.gradients(x, grad, None)
}

/// The gradients of a linear map's weight `[outs, channels, 1]` and bias from rows `[batch, time, stride]` with its
/// inputs from `first` on, and rows `[batch, time, grad_stride]` with the gradients of its outputs from `grad_first` on.
pub(super) fn map_gradients<R: CubeRuntime>(
    (x, first, channels): (CubeTensor<R>, usize, usize),
    (grad, grad_first, outs): (CubeTensor<R>, usize, usize),
) -> [CubeTensor<R>; 2] {
    let [batch, time, stride] = x.meta.shape().dims();
    let [_, _, grad_stride] = grad.meta.shape().dims::<3>();
    let of = Correlated { batch, channels, outs, taps: 1, dilation: 1, time };
    of.gradients(x, grad, Some([stride, first, grad_stride, grad_first]))
}

/// The sizes of the gradients of weight and bias.
struct Correlated {
    batch: usize,
    channels: usize,
    outs: usize,
    taps: usize,
    dilation: usize,
    time: usize,
}

impl Correlated {
    fn gradients<R: CubeRuntime>(
        &self,
        x: CubeTensor<R>,
        grad: CubeTensor<R>,
        by_rows: Option<[usize; 4]>,
    ) -> [CubeTensor<R>; 2] {
        let Self { batch, channels, outs, taps, dilation, time } = *self;
        let rows = rows(outs);
        let weights = channels * taps;
        let [wide, tall] = [(weights + 1).div_ceil(WIDE), outs.div_ceil(8 * rows)];
        let [parts, each] = parted(batch * time, wide * tall);
        let client = x.client.clone();
        let sums = empty(&x, [parts, outs, weights + 1]);
        let [of_weight, of_bias] = [empty(&x, [outs, channels, taps]), empty(&x, [outs])];
        let [stride, first, grad_stride, grad_first] = by_rows.unwrap_or_default();
        // every place is compared with the sizes before it is read or written; with the checks of CubeCL besides, config D
        // trains a tenth slower on an H200
        #[allow(unsafe_code)]
        unsafe {
            correlate::launch_unchecked::<R>(
                &client,
                CubeCount::Static(wide as u32, tall as u32, parts as u32),
                CubeDim::new_1d((COLUMNS * rows) as u32),
                x.into_array_arg(),
                grad.into_array_arg(),
                sums.clone().into_array_arg(),
                SizesLaunch::new(batch, channels, outs, taps, dilation, time, each),
                RowsLaunch::new(stride, first, grad_stride, grad_first),
                rows,
                by_rows.is_some(),
            );
        }
        let (count, dim) = cubes(outs * (weights + 1));
        add_gradients::launch::<R>(
            &client,
            count,
            dim,
            sums.into_array_arg(),
            of_weight.clone().into_array_arg(),
            of_bias.clone().into_array_arg(),
            parts,
            weights,
        );
        [of_weight, of_bias]
    }
}
