//! Norms over channels with the nonlinearity behind them, and both gradients.
//!
//! A cube has 32 places, next to each other, and 8 rows of units, which share the channels of each place.

use burn_cubecl::cubecl;
use burn_cubecl::tensor::CubeTensor;
use burn_cubecl::{CubeRuntime, kernel::into_contiguous};
use cubecl::prelude::*;

use super::launch::{cubes, empty};
use super::pointwise::{Shape, ShapeLaunch, slope, value};
use crate::twin::ops::activation::{Activation, Nonlinearity};
use crate::twin::ops::kernels::NormInput;

/// Places of a cube.
const PLACES: usize = 32;

/// Rows of units.
const ROWS: usize = 8;

/// The most cubes of the backward kernel, each of which leaves sums of the gradients of scale and shift.
const MOST: usize = 512;

/// The sum of a number over the rows of a cube's units, at each place.
#[cube]
fn over_rows(shared: &mut SharedMemory<f32>, mine: f32) -> f32 {
    let place = UNIT_POS_X as usize;
    shared[UNIT_POS_Y as usize * PLACES + place] = mine;
    sync_cube();
    let mut sum = 0.0f32;
    #[unroll]
    for row in 0..ROWS {
        sum += shared[row * PLACES + place];
    }
    sync_cube();
    sum
}

/// Mean (0 where the norm does not centre) and reciprocal standard deviation at a unit's place.
#[cube]
fn statistics(
    x: &Array<f32>,
    shared: &mut SharedMemory<f32>,
    at: usize,
    inside: bool,
    channels: usize,
    stride: usize,
    eps: f32,
    #[comptime] centred: bool,
) -> (f32, f32) {
    let count = f32::cast_from(channels);
    let mut mean = 0.0f32;
    if centred {
        let mut sum = 0.0f32;
        if inside {
            let mut c = UNIT_POS_Y as usize;
            while c < channels {
                sum += x[at + c * stride];
                c += ROWS;
            }
        }
        mean = over_rows(shared, sum) / count;
    }
    let mut square = 0.0f32;
    if inside {
        let mut c = UNIT_POS_Y as usize;
        while c < channels {
            let from_mean = x[at + c * stride] - mean;
            square += from_mean * from_mean;
            c += ROWS;
        }
    }
    (mean, 1.0f32 / (over_rows(shared, square) / count + eps).sqrt())
}

/// # Shapes
/// - x, y: `[outer, channels, inner]`; y is written
/// - scale, shift: `[channels]`; shift is read where the norm centres
#[cube(launch)]
fn forward(
    x: &Array<f32>,
    scale: &Array<f32>,
    shift: &Array<f32>,
    y: &mut Array<f32>,
    places: usize,
    channels: usize,
    inner: usize,
    eps: f32,
    shape: Shape,
    #[comptime] centred: bool,
    #[comptime] kind: Nonlinearity,
) {
    let mut shared = SharedMemory::<f32>::new(comptime!(PLACES * ROWS));
    let place = CUBE_POS_X as usize * PLACES + UNIT_POS_X as usize;
    let inside = place < places;
    let at = place / inner * channels * inner + place % inner;
    let (mean, inverse) = statistics(x, &mut shared, at, inside, channels, inner, eps, centred);
    if inside {
        let mut c = UNIT_POS_Y as usize;
        while c < channels {
            let here = at + c * inner;
            let mut v = (x[here] - mean) * inverse * scale[c];
            if centred {
                v += shift[c];
            }
            y[here] = value(v, &shape, kind);
            c += ROWS;
        }
    }
}

/// # Shapes
/// - x, grad, of_x: `[outer, channels, inner]`; of_x is written
/// - scale, shift: `[channels]`
/// - sums: `[cubes, 2, channels]`, written: each cube's sums of the gradients of scale and shift
#[cube(launch)]
fn backward(
    x: &Array<f32>,
    scale: &Array<f32>,
    shift: &Array<f32>,
    grad: &Array<f32>,
    of_x: &mut Array<f32>,
    sums: &mut Array<f32>,
    places: usize,
    channels: usize,
    inner: usize,
    eps: f32,
    shape: Shape,
    #[comptime] centred: bool,
    #[comptime] kind: Nonlinearity,
) {
    let mut shared = SharedMemory::<f32>::new(comptime!(PLACES * ROWS));
    let mut of_scale = SharedMemory::<f32>::new(comptime!(PLACES * ROWS));
    let mut of_shift = SharedMemory::<f32>::new(comptime!(PLACES * ROWS));
    let row = UNIT_POS_Y as usize;
    let lane = UNIT_POS_X as usize;
    let count = f32::cast_from(channels);
    let tiles = places.div_ceil(PLACES);
    let to = CUBE_POS_X as usize * 2 * channels;
    let mut tile = CUBE_POS_X as usize;
    let mut first = true;
    while tile < tiles {
        let place = tile * PLACES + lane;
        let inside = place < places;
        let at = place / inner * channels * inner + place % inner;
        let (mean, inverse) = statistics(x, &mut shared, at, inside, channels, inner, eps, centred);
        let mut along = 0.0f32;
        let mut whole = 0.0f32;
        if inside {
            let mut c = row;
            while c < channels {
                let here = at + c * inner;
                let hat = (x[here] - mean) * inverse;
                let mut v = hat * scale[c];
                if centred {
                    v += shift[c];
                }
                let g = grad[here] * slope(v, &shape, kind) * scale[c];
                along += g * hat;
                whole += g;
                c += ROWS;
            }
        }
        along = over_rows(&mut shared, along) / count;
        if centred {
            whole = over_rows(&mut shared, whole) / count;
        } else {
            whole = 0.0f32;
        }
        // all rows take as many rounds, since each round waits for all units
        let rounds = channels.div_ceil(ROWS);
        for round in 0..rounds {
            let c = round * ROWS + row;
            let mut before = 0.0f32;
            let mut hat = 0.0f32;
            if inside && c < channels {
                let here = at + c * inner;
                hat = (x[here] - mean) * inverse;
                let mut v = hat * scale[c];
                if centred {
                    v += shift[c];
                }
                before = grad[here] * slope(v, &shape, kind);
                of_x[here] = inverse * (before * scale[c] - whole - hat * along);
            }
            of_scale[row * PLACES + lane] = before * hat;
            of_shift[row * PLACES + lane] = before;
            sync_cube();
            if c < channels {
                if lane == 0 {
                    let mut sum = 0.0f32;
                    for i in 0..PLACES {
                        sum += of_scale[row * PLACES + i];
                    }
                    if first {
                        sums[to + c] = sum;
                    } else {
                        sums[to + c] += sum;
                    }
                }
                if lane == 1 {
                    let mut sum = 0.0f32;
                    for i in 0..PLACES {
                        sum += of_shift[row * PLACES + i];
                    }
                    if first {
                        sums[to + channels + c] = sum;
                    } else {
                        sums[to + channels + c] += sum;
                    }
                }
            }
            sync_cube();
        }
        first = false;
        tile += CUBE_COUNT_X as usize;
    }
}

/// Adds the sums of all cubes: a cube for each value.
///
/// # Shapes
/// - sums: `[cubes, 2, channels]`
/// - of_scale, of_shift: `[channels]`, written
#[cube(launch)]
fn add_cubes(
    sums: &Array<f32>,
    of_scale: &mut Array<f32>,
    of_shift: &mut Array<f32>,
    cubes: usize,
    #[comptime] units: usize,
) {
    let mut shared = SharedMemory::<f32>::new(units);
    let channels = of_scale.len();
    let at = CUBE_POS_X as usize;
    let unit = UNIT_POS_X as usize;
    let mut sum = 0.0f32;
    let mut cube = unit;
    while cube < cubes {
        sum += sums[cube * 2 * channels + at];
        cube += units;
    }
    shared[unit] = sum;
    sync_cube();
    if unit == 0 {
        let mut all = 0.0f32;
        for i in 0..units {
            all += shared[i];
        }
        if at < channels {
            of_scale[at] = all;
        } else {
            of_shift[at - channels] = all;
        }
    }
}

/// Outer, channels and inner sizes of a tensor around an axis.
fn around<R: CubeRuntime>(x: &CubeTensor<R>, axis: usize) -> [usize; 3] {
    let dims: Vec<usize> = (0..x.meta.num_dims()).map(|d| x.meta.shape()[d]).collect();
    [dims[..axis].iter().product(), dims[axis], dims[axis + 1..].iter().product()]
}

/// An activation's constants as a kernel's argument.
pub(super) fn constants<R: CubeRuntime>(activation: &Activation) -> ShapeLaunch<R> {
    ShapeLaunch::new(activation.leak as f32, activation.bend)
}

/// The nonlinearity of the norm over the channels along an axis.
pub(super) fn norm<R: CubeRuntime>(input: NormInput<CubeTensor<R>>) -> CubeTensor<R> {
    let x = into_contiguous(input.x);
    let [outer, channels, inner] = around(&x, input.axis);
    let y = empty(&x, x.meta.shape().clone());
    let scale = into_contiguous(input.scale);
    let shift = input.shift.map(into_contiguous);
    let centred = shift.is_some();
    let places = outer * inner;
    forward::launch::<R>(
        &x.client.clone(),
        CubeCount::Static(places.div_ceil(PLACES) as u32, 1, 1),
        CubeDim::new_2d(PLACES as u32, ROWS as u32),
        x.into_array_arg(),
        scale.clone().into_array_arg(),
        shift.unwrap_or(scale).into_array_arg(),
        y.clone().into_array_arg(),
        places,
        channels,
        inner,
        input.eps,
        constants(&input.activation),
        centred,
        input.activation.kind,
    );
    y
}

/// The gradients of [`norm`]'s input, scale and shift from that of its output.
pub(super) fn norm_gradients<R: CubeRuntime>(
    input: NormInput<CubeTensor<R>>,
    grad: CubeTensor<R>,
) -> [CubeTensor<R>; 3] {
    let (x, grad) = (into_contiguous(input.x), into_contiguous(grad));
    let [outer, channels, inner] = around(&x, input.axis);
    let client = x.client.clone();
    let of_x = empty(&x, x.meta.shape().clone());
    let [of_scale, of_shift] = [empty(&x, [channels]), empty(&x, [channels])];
    let scale = into_contiguous(input.scale);
    let shift = input.shift.map(into_contiguous);
    let centred = shift.is_some();
    let places = outer * inner;
    let count = places.div_ceil(PLACES).min(MOST);
    let sums = empty(&x, [count, 2, channels]);
    backward::launch::<R>(
        &client,
        CubeCount::Static(count as u32, 1, 1),
        CubeDim::new_2d(PLACES as u32, ROWS as u32),
        x.into_array_arg(),
        scale.clone().into_array_arg(),
        shift.unwrap_or(scale).into_array_arg(),
        grad.into_array_arg(),
        of_x.clone().into_array_arg(),
        sums.clone().into_array_arg(),
        places,
        channels,
        inner,
        input.eps,
        constants(&input.activation),
        centred,
        input.activation.kind,
    );
    let units = 64;
    add_cubes::launch::<R>(
        &client,
        CubeCount::Static(2 * channels as u32, 1, 1),
        CubeDim::new_1d(units as u32),
        sums.into_array_arg(),
        of_scale.clone().into_array_arg(),
        of_shift.clone().into_array_arg(),
        count,
        units,
    );
    [of_x, of_scale, of_shift]
}

/// # Shapes
/// - x, y: `[count]`; y is written
#[cube(launch)]
fn nonlinear(x: &Array<f32>, y: &mut Array<f32>, shape: Shape, #[comptime] kind: Nonlinearity) {
    let mut at = ABSOLUTE_POS;
    while at < y.len() {
        y[at] = value(x[at], &shape, kind);
        at += CUBE_COUNT_X as usize * CUBE_DIM_X as usize;
    }
}

/// # Shapes
/// - x, grad, of_x: `[count]`; of_x is written
#[cube(launch)]
fn nonlinear_gradient(
    x: &Array<f32>,
    grad: &Array<f32>,
    of_x: &mut Array<f32>,
    shape: Shape,
    #[comptime] kind: Nonlinearity,
) {
    let mut at = ABSOLUTE_POS;
    while at < of_x.len() {
        of_x[at] = grad[at] * slope(x[at], &shape, kind);
        at += CUBE_COUNT_X as usize * CUBE_DIM_X as usize;
    }
}

/// A nonlinearity of all values.
pub(super) fn activation<R: CubeRuntime>(x: CubeTensor<R>, of: &Activation) -> CubeTensor<R> {
    let x = into_contiguous(x);
    let y = empty(&x, x.meta.shape().clone());
    let (count, dim) = cubes(x.meta.num_elements());
    let client = x.client.clone();
    let (from, to) = (x.into_array_arg(), y.clone().into_array_arg());
    nonlinear::launch::<R>(&client, count, dim, from, to, constants(of), of.kind);
    y
}

/// The gradient of a nonlinearity's input from that of its output.
pub(super) fn activation_gradient<R: CubeRuntime>(
    x: CubeTensor<R>,
    grad: CubeTensor<R>,
    of: &Activation,
) -> CubeTensor<R> {
    let (x, grad) = (into_contiguous(x), into_contiguous(grad));
    let of_x = empty(&x, x.meta.shape().clone());
    let (count, dim) = cubes(x.meta.num_elements());
    let client = x.client.clone();
    let to = of_x.clone().into_array_arg();
    let (x, grad) = (x.into_array_arg(), grad.into_array_arg());
    nonlinear_gradient::launch::<R>(&client, count, dim, x, grad, to, constants(of), of.kind);
    of_x
}

/// # Shapes
/// - x: `[batch, 2, half]`
/// - y: `[batch, half]`, written
#[cube(launch)]
fn gated(x: &Array<f32>, y: &mut Array<f32>, half: usize, shape: Shape) {
    let mut at = ABSOLUTE_POS;
    while at < y.len() {
        let from = at / half * 2 * half + at % half;
        y[at] = value(x[from], &shape, Nonlinearity::Silu) * x[from + half];
        at += CUBE_COUNT_X as usize * CUBE_DIM_X as usize;
    }
}

/// # Shapes
/// - x, of_x: `[batch, 2, half]`; of_x is written
/// - grad: `[batch, half]`
#[cube(launch)]
fn gated_gradient(
    x: &Array<f32>,
    grad: &Array<f32>,
    of_x: &mut Array<f32>,
    half: usize,
    shape: Shape,
) {
    let mut at = ABSOLUTE_POS;
    while at < grad.len() {
        let from = at / half * 2 * half + at % half;
        let (a, b, g) = (x[from], x[from + half], grad[at]);
        of_x[from] = g * b * slope(a, &shape, Nonlinearity::Silu);
        of_x[from + half] = g * value(a, &shape, Nonlinearity::Silu);
        at += CUBE_COUNT_X as usize * CUBE_DIM_X as usize;
    }
}

/// silu of the first half of the channels times the second half.
pub(super) fn gate<R: CubeRuntime>(x: CubeTensor<R>) -> CubeTensor<R> {
    let x = into_contiguous(x);
    let [batch, channels, time] = x.meta.shape().dims();
    let y = empty(&x, [batch, channels / 2, time]);
    let (count, dim) = cubes(y.meta.num_elements());
    let client = x.client.clone();
    let (from, to) = (x.into_array_arg(), y.clone().into_array_arg());
    gated::launch::<R>(
        &client,
        count,
        dim,
        from,
        to,
        channels / 2 * time,
        ShapeLaunch::new(0.0, 0.0),
    );
    y
}

/// The gradient of a gate's input from that of its output.
pub(super) fn gate_gradient<R: CubeRuntime>(
    x: CubeTensor<R>,
    grad: CubeTensor<R>,
) -> CubeTensor<R> {
    let (x, grad) = (into_contiguous(x), into_contiguous(grad));
    let [batch, channels, time] = x.meta.shape().dims();
    let of_x = empty(&x, [batch, channels, time]);
    let (count, dim) = cubes(grad.meta.num_elements());
    let client = x.client.clone();
    let to = of_x.clone().into_array_arg();
    let half = channels / 2 * time;
    let (x, grad) = (x.into_array_arg(), grad.into_array_arg());
    gated_gradient::launch::<R>(&client, count, dim, x, grad, to, half, ShapeLaunch::new(0.0, 0.0));
    of_x
}
