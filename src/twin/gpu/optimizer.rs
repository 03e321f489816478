//! The clipping of a gradient and AdamW's step, in three kernels over one row of all values.

use burn_cubecl::cubecl;
use burn_cubecl::tensor::CubeTensor;
use burn_cubecl::{CubeRuntime, kernel::into_contiguous};
use cubecl::prelude::*;

use super::launch::{cubes, empty};
use crate::twin::ops::adamw::Coefficients;

/// Units of a cube.
const UNITS: usize = 256;

/// The most cubes that sum squares.
const MOST: usize = 256;

/// # Shapes
/// - values: `[n]`
/// - sums: `[cubes]`, written: each cube's sum of squares
#[cube(launch)]
fn sum_squares(values: &Array<f32>, sums: &mut Array<f32>) {
    let mut shared = SharedMemory::<f32>::new(UNITS);
    let unit = UNIT_POS_X as usize;
    let mut sum = 0.0f32;
    let mut at = ABSOLUTE_POS;
    while at < values.len() {
        let v = values[at];
        sum += v * v;
        at += CUBE_COUNT_X as usize * CUBE_DIM_X as usize;
    }
    shared[unit] = sum;
    add_halves(&mut shared);
    if unit == 0 {
        sums[CUBE_POS_X as usize] = shared[0];
    }
}

/// Adds all values of a cube into the first: halves are added until one is left.
#[cube]
fn add_halves(shared: &mut SharedMemory<f32>) {
    let unit = UNIT_POS_X as usize;
    sync_cube();
    #[unroll]
    for halving in 0..8usize {
        let half = comptime!(UNITS >> (halving + 1));
        if unit < half {
            shared[unit] += shared[unit + half];
        }
        sync_cube();
    }
}

/// β₁, β₂ and what each leaves to 1, rounded once.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Betas {
    beta_1: f32,
    beta_2: f32,
    rest_1: f32,
    rest_2: f32,
}

/// Clips the gradients to a global norm of at most `most`, and moves both moments.
///
/// # Shapes
/// - gradients, m, v, new_m, new_v: `[n]`; the last two are written
/// - sums: `[cubes]`, the sums of the gradients' squares
/// - norm: `[1]`, written: the norm before clipping
#[cube(launch)]
fn move_moments(
    gradients: &Array<f32>,
    sums: &Array<f32>,
    m: &Array<f32>,
    v: &Array<f32>,
    new_m: &mut Array<f32>,
    new_v: &mut Array<f32>,
    norm: &mut Array<f32>,
    betas: Betas,
    most: f32,
    cubes: usize,
) {
    let mut shared = SharedMemory::<f32>::new(UNITS);
    let unit = UNIT_POS_X as usize;
    let mut sum = 0.0f32;
    if unit < cubes {
        sum = sums[unit];
    }
    shared[unit] = sum;
    add_halves(&mut shared);
    let length = shared[0].sqrt();
    if unit == 0 && CUBE_POS_X == 0 {
        norm[0] = length;
    }
    let scale = clamp_max(most / (length + 0.000_001f32), 1.0f32);
    let mut at = ABSOLUTE_POS;
    while at < new_m.len() {
        let g = gradients[at] * scale;
        new_m[at] = m[at] * betas.beta_1 + g * betas.rest_1;
        new_v[at] = v[at] * betas.beta_2 + g * g * betas.rest_2;
        at += CUBE_COUNT_X as usize * CUBE_DIM_X as usize;
    }
}

/// Moves the values along the moments.
///
/// # Shapes
/// - values, m, v, new: `[n]`; new is written
#[cube(launch)]
fn move_values(
    values: &Array<f32>,
    m: &Array<f32>,
    v: &Array<f32>,
    new: &mut Array<f32>,
    keep: f32,
    size: f32,
    bias: f32,
    eps: f32,
) {
    let mut at = ABSOLUTE_POS;
    while at < new.len() {
        let deviation = v[at].sqrt() / bias + eps;
        new[at] = values[at] * keep - m[at] / deviation * size;
        at += CUBE_COUNT_X as usize * CUBE_DIM_X as usize;
    }
}

/// The step of AdamW along the clipped gradients: values and both moments, and the gradients' norm, `[1]`.
pub(super) fn step<R: CubeRuntime>(
    old: [CubeTensor<R>; 3],
    gradients: CubeTensor<R>,
    most: f64,
    c: Coefficients,
) -> ([CubeTensor<R>; 3], CubeTensor<R>) {
    let [values, m, v] = old.map(into_contiguous);
    let gradients = into_contiguous(gradients);
    let n = gradients.meta.num_elements();
    let client = gradients.client.clone();
    let count = n.div_ceil(4 * UNITS).clamp(1, MOST);
    let sums = empty(&gradients, [count]);
    let norm = empty(&gradients, [1]);
    let [new, new_m, new_v] = [(); 3].map(|()| empty(&gradients, [n]));
    sum_squares::launch::<R>(
        &client,
        CubeCount::Static(count as u32, 1, 1),
        CubeDim::new_1d(UNITS as u32),
        gradients.clone().into_array_arg(),
        sums.clone().into_array_arg(),
    );
    let [beta_1, beta_2] = c.beta.map(|beta| beta as f32);
    let [rest_1, rest_2] = c.beta.map(|beta| (1.0 - beta) as f32);
    let (cubes, dim) = cubes(n);
    move_moments::launch::<R>(
        &client,
        cubes.clone(),
        dim,
        gradients.into_array_arg(),
        sums.into_array_arg(),
        m.into_array_arg(),
        v.into_array_arg(),
        new_m.clone().into_array_arg(),
        new_v.clone().into_array_arg(),
        norm.clone().into_array_arg(),
        BetasLaunch::new(beta_1, beta_2, rest_1, rest_2),
        most as f32,
        count,
    );
    move_values::launch::<R>(
        &client,
        cubes,
        dim,
        values.into_array_arg(),
        new_m.clone().into_array_arg(),
        new_v.clone().into_array_arg(),
        new.clone().into_array_arg(),
        c.keep as f32,
        c.size as f32,
        c.bias as f32,
        c.eps as f32,
    );
    ([new, new_m, new_v], norm)
}
