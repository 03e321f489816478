//! The five losses with their weighted sum in one pass over the outputs, and their gradient in another.

use burn_cubecl::cubecl;
use burn_cubecl::tensor::CubeTensor;
use burn_cubecl::{CubeRuntime, kernel::into_contiguous};
use cubecl::prelude::*;

use super::launch::empty;
use crate::twin::heads::Head;

/// Units of a cube.
const UNITS: usize = 256;

/// The most cubes, each of which leaves five sums.
const MOST: usize = 256;

/// The weights of the five losses, as arguments of a kernel.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Weights {
    spikes: f32,
    soma: f32,
    near_spike: f32,
    rate: f32,
    dend: f32,
}

/// ln(1 + exp(-|x|)); the exponent is bounded, since WGSL does not define infinities.
#[cube]
fn softplus_of_less(x: f32) -> f32 {
    (1.0f32 + (-clamp(x.abs(), 0.0f32, 80.0f32)).exp()).ln()
}

/// The derivative of |x|, 0 at 0.
#[cube]
fn sign(x: f32) -> f32 {
    select(x > 0.0f32, 1.0f32, select(x < 0.0f32, -1.0f32, 0.0f32))
}

/// # Shapes
/// - outputs, targets: `[batch, channels, time]`, the heads in their order
/// - sums: `[cubes, 5]`, written
#[cube(launch)]
fn sum_losses(
    outputs: &Array<f32>,
    targets: &Array<f32>,
    sums: &mut Array<f32>,
    channels: usize,
    time: usize,
) {
    let mut shared = SharedMemory::<f32>::new(comptime!(5 * UNITS));
    let unit = UNIT_POS_X as usize;
    let mut spikes = 0.0f32;
    let mut soma = 0.0f32;
    let mut near_spike = 0.0f32;
    let mut rate = 0.0f32;
    let mut dend = 0.0f32;
    let mut at = ABSOLUTE_POS;
    while at < outputs.len() {
        let channel = at / time % channels;
        let x = outputs[at];
        let y = targets[at];
        if channel == 0 || channel == 2 {
            let loss = clamp_min(x, 0.0f32) - x * y + softplus_of_less(x);
            if channel == 0 {
                spikes += loss;
            } else {
                near_spike += loss;
            }
        } else if channel == 1 {
            soma += (x - y).abs();
        } else if channel == 3 {
            rate += (x - y) * (x - y);
        } else {
            dend += (x - y).abs();
        }
        at += CUBE_COUNT_X as usize * CUBE_DIM_X as usize;
    }
    shared[unit] = spikes;
    shared[UNITS + unit] = soma;
    shared[2 * UNITS + unit] = near_spike;
    shared[3 * UNITS + unit] = rate;
    shared[4 * UNITS + unit] = dend;
    sync_cube();
    // halves are added until one value of each head is left
    #[unroll]
    for halving in 0..8usize {
        let half = comptime!(UNITS >> (halving + 1));
        if unit < half {
            #[unroll]
            for head in 0..5usize {
                shared[head * UNITS + unit] += shared[head * UNITS + unit + half];
            }
        }
        sync_cube();
    }
    if unit < 5 {
        sums[CUBE_POS_X as usize * 5 + unit] = shared[unit * UNITS];
    }
}

/// # Shapes
/// - sums: `[cubes, 5]`
/// - numbers: `[6]`, written: the five losses and their weighted sum
/// - total: `[1]`, written
#[cube(launch)]
fn finish_losses(
    sums: &Array<f32>,
    numbers: &mut Array<f32>,
    total: &mut Array<f32>,
    weights: Weights,
    cubes: usize,
    each: usize,
    channels: usize,
) {
    let mut means = SharedMemory::<f32>::new(5usize);
    let head = UNIT_POS_X as usize;
    if head < 5 {
        let mut sum = 0.0f32;
        for cube in 0..cubes {
            sum += sums[cube * 5 + head];
        }
        let mut count = f32::cast_from(each);
        if head == 4 {
            count *= f32::cast_from(channels - 4);
        }
        means[head] = sum / count;
        numbers[head] = means[head];
    }
    sync_cube();
    if head == 0 {
        let mut all = means[0] * weights.spikes;
        all += means[1] * weights.soma;
        all += means[2] * weights.near_spike;
        all += means[3] * weights.rate;
        all += means[4] * weights.dend;
        numbers[5] = all;
        total[0] = all;
    }
}

/// # Shapes
/// - outputs, targets, of_outputs: `[batch, channels, time]`; of_outputs is written
/// - grad: `[1]`, of the weighted sum, or `[5]`, of each loss
#[cube(launch)]
fn losses_gradient(
    outputs: &Array<f32>,
    targets: &Array<f32>,
    grad: &Array<f32>,
    of_outputs: &mut Array<f32>,
    weights: Weights,
    each: usize,
    channels: usize,
    time: usize,
    #[comptime] apart: bool,
) {
    let count = f32::cast_from(each);
    let mut at = ABSOLUTE_POS;
    while at < of_outputs.len() {
        let channel = at / time % channels;
        let x = outputs[at];
        let y = targets[at];
        let mut head = channel;
        let mut weight = weights.dend;
        let mut slope = sign(x - y);
        if channel == 0 || channel == 2 {
            weight = select(channel == 0, weights.spikes, weights.near_spike);
            slope = 1.0f32 / (1.0f32 + (-clamp(x, -80.0f32, 80.0f32)).exp()) - y;
        } else if channel == 1 {
            weight = weights.soma;
        } else if channel == 3 {
            weight = weights.rate;
            slope = 2.0f32 * (x - y);
        } else {
            head = 4usize;
            slope /= f32::cast_from(channels - 4);
        }
        let mut of = grad[0];
        if apart {
            of = grad[head];
        }
        of_outputs[at] = of * weight * slope / count;
        at += CUBE_COUNT_X as usize * CUBE_DIM_X as usize;
    }
}

/// A launch's weights, in the order of the heads.
fn arguments<R: CubeRuntime>(weights: &[f64; 5]) -> WeightsLaunch<R> {
    const { assert!(Head::ALL.len() == 5 && matches!(Head::ALL[4], Head::DendV)) }
    let [a, b, c, d, e] = weights.map(|w| w as f32);
    WeightsLaunch::new(a, b, c, d, e)
}

/// Cubes for a pass over `count` values.
fn passes(count: usize) -> u32 {
    count.div_ceil(4 * UNITS).clamp(1, MOST) as u32
}

/// The five losses and their weighted sum, `[6]`, and the sum again, `[1]`.
pub(super) fn objective<R: CubeRuntime>(
    outputs: CubeTensor<R>,
    targets: CubeTensor<R>,
    weights: &[f64; 5],
) -> [CubeTensor<R>; 2] {
    let (outputs, targets) = (into_contiguous(outputs), into_contiguous(targets));
    let [batch, channels, time] = outputs.meta.shape().dims();
    let client = outputs.client.clone();
    let count = passes(batch * channels * time);
    let sums = empty(&outputs, [count as usize, 5]);
    let [numbers, total] = [empty(&outputs, [6]), empty(&outputs, [1])];
    sum_losses::launch::<R>(
        &client,
        CubeCount::Static(count, 1, 1),
        CubeDim::new_1d(UNITS as u32),
        outputs.into_array_arg(),
        targets.into_array_arg(),
        sums.clone().into_array_arg(),
        channels,
        time,
    );
    finish_losses::launch::<R>(
        &client,
        CubeCount::Static(1, 1, 1),
        CubeDim::new_1d(32),
        sums.into_array_arg(),
        numbers.clone().into_array_arg(),
        total.clone().into_array_arg(),
        arguments(weights),
        count as usize,
        batch * time,
        channels,
    );
    [numbers, total]
}

/// The gradient of the outputs from that of the weighted sum, `[1]`, or from those of the five losses, `[5]`.
pub(super) fn gradient<R: CubeRuntime>(
    outputs: CubeTensor<R>,
    targets: CubeTensor<R>,
    weights: &[f64; 5],
    grad: CubeTensor<R>,
) -> CubeTensor<R> {
    let [outputs, targets, grad] = [outputs, targets, grad].map(into_contiguous);
    let [batch, channels, time] = outputs.meta.shape().dims();
    let of_outputs = empty(&outputs, [batch, channels, time]);
    let apart = grad.meta.num_elements() == 5;
    let client = outputs.client.clone();
    losses_gradient::launch::<R>(
        &client,
        CubeCount::Static(passes(batch * channels * time), 1, 1),
        CubeDim::new_1d(UNITS as u32),
        outputs.into_array_arg(),
        targets.into_array_arg(),
        grad.into_array_arg(),
        of_outputs.clone().into_array_arg(),
        arguments(weights),
        batch * time,
        channels,
        time,
        apart,
    );
    of_outputs
}
