//! The ELM's recurrence backwards through time: one cube for each simulation, as in the forward pass.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::forward::{Constants, Sizes, statistics};
use super::pointwise::slope;

impl Sizes {
    /// Number of values that the backward pass of a simulation sums over time: gradients of κ_m, scale and shift.
    pub(super) fn sums(&self) -> usize {
        self.memory + 2 * self.input()
    }
}

/// The backward pass of a map's nonlinearity, of the map, and of those before it: `through` holds the gradient of the
/// nonlinearity's output, and gets that of the map's input.
#[cube]
fn maps(
    through: &mut SharedMemory<f32>,
    row: &Array<f32>,
    trace: &Array<f32>,
    deltas: &mut Array<f32>,
    step: usize,
    delta: usize,
    constants: &Constants,
    #[comptime] map: usize,
    #[comptime] z: Sizes,
) {
    let width = comptime!(z.width(map));
    let out = comptime!(z.out(map));
    let at = comptime!(z.map_at(map));
    // the last map finds its gradient in the first half of `through`, and the maps alternate between the halves
    let from = comptime!(((z.maps - 1 - map) % 2) * z.widest());
    let to = comptime!((1 - (z.maps - 1 - map) % 2) * z.widest());
    let pre = comptime!(z.pre_at(map));
    let first = comptime!(map * z.hidden);
    let mut o = UNIT_POS_X as usize;
    while o < out {
        let x = trace[step + pre + o];
        let mut d = through[from + o];
        if comptime!(map + 1 == z.maps) {
            d *= slope(x, &constants.post, z.post);
        } else {
            d *= slope(x, &constants.between, z.between);
        }
        through[from + o] = d;
        deltas[delta + first + o] = d;
        o += CUBE_DIM_X as usize;
    }
    sync_cube();
    let mut i = UNIT_POS_X as usize;
    while i < width {
        let mut sum = 0.0f32;
        for o in 0..out {
            sum += through[from + o] * row[at + o * width + i];
        }
        through[to + i] = sum;
        i += CUBE_DIM_X as usize;
    }
    if comptime!(map > 0) {
        let before = comptime!(map - 1);
        maps(through, row, trace, deltas, step, delta, constants, before, z);
    }
}

/// The gradient of one of the maps' inputs before the norm, from the sums over all inputs.
#[cube]
#[allow(clippy::too_many_arguments)] // a kernel takes its arrays and its places
fn through_norm(
    raw: &SharedMemory<f32>,
    scaled: &SharedMemory<f32>,
    mean: f32,
    inverse: f32,
    mean_scaled: f32,
    along: f32,
    i: usize,
    #[comptime] z: Sizes,
) -> f32 {
    if comptime!(z.norm.is_some()) {
        let hat = (raw[i] - mean) * inverse;
        inverse * (scaled[i] - mean_scaled - hat * along)
    } else {
        scaled[i]
    }
}

/// # Shapes
/// - row: all parameters as [`Sizes`] lays them out, the weights `[out, in]`
/// - trace: `[batch, time, span]`, the values kept by the forward pass
/// - grad: `[batch, memory, time]`
/// - of_traces: `[batch, rows, time]`, written: the gradient of w_s·x
/// - deltas: `[batch, time, outputs]`, written: the gradients of the maps' outputs
/// - sums: `[batch, sums]`, written: the gradients of κ_m, scale and shift
#[cube(launch)]
#[allow(clippy::too_many_arguments)] // a kernel takes its arrays
pub(super) fn backward(
    row: &Array<f32>,
    trace: &Array<f32>,
    grad: &Array<f32>,
    of_traces: &mut Array<f32>,
    deltas: &mut Array<f32>,
    sums: &mut Array<f32>,
    time: usize,
    constants: Constants,
    #[comptime] z: Sizes,
) {
    let item = CUBE_POS_X as usize;
    let units = CUBE_DIM_X as usize;
    let rows = comptime!(z.rows);
    let cells = comptime!(z.memory);
    let input = comptime!(z.input());
    let count = comptime!(z.input() as f32);
    let kappa_s = comptime!(z.kappa_s_at());
    let scale = comptime!(z.norm_at());
    let span = comptime!(z.span());
    let outputs = comptime!(z.outputs());
    let last = comptime!(z.post_at(z.maps - 1));
    let end = comptime!((z.maps % 2) * z.widest());

    let mut raw = SharedMemory::<f32>::new(input);
    let mut scaled = SharedMemory::<f32>::new(input);
    let mut through = SharedMemory::<f32>::new(comptime!(2 * z.widest()));
    // gradients of traces and memory, and those summed over time
    let mut of_s = SharedMemory::<f32>::new(rows);
    let mut of_m = SharedMemory::<f32>::new(cells);
    let mut of_kappa = SharedMemory::<f32>::new(cells);
    let mut of_scale = SharedMemory::<f32>::new(input);
    let mut of_shift = SharedMemory::<f32>::new(input);
    let mut i = UNIT_POS_X as usize;
    while i < rows {
        of_s[i] = 0.0f32;
        i += units;
    }
    let mut i = UNIT_POS_X as usize;
    while i < cells {
        of_m[i] = 0.0f32;
        of_kappa[i] = 0.0f32;
        i += units;
    }
    let mut i = UNIT_POS_X as usize;
    while i < input {
        of_scale[i] = 0.0f32;
        of_shift[i] = 0.0f32;
        i += units;
    }
    sync_cube();

    for back in 0..time {
        let t = time - 1 - back;
        let step = (item * time + t) * span;
        // m = κ·m' + λ(1-κ)·y
        let mut i = UNIT_POS_X as usize;
        while i < cells {
            let g = of_m[i] + grad[(item * cells + i) * time + t];
            of_m[i] = g;
            let driven = g * constants.lambda;
            through[i] = driven * (1.0f32 - row[rows + i]);
            of_kappa[i] -= driven * trace[step + last + i];
            i += units;
        }
        let delta = (item * time + t) * outputs;
        let map = comptime!(z.maps - 1);
        maps(&mut through, row, trace, deltas, step, delta, &constants, map, z);

        // each unit finds its own values in `through`; values that all units need are first put into shared memory
        let mut i = UNIT_POS_X as usize;
        while i < input {
            let mut v = trace[step + i];
            if i >= rows {
                v *= row[i];
            }
            raw[i] = v;
            let mut g = through[end + i];
            if comptime!(z.norm.is_some()) {
                g *= row[scale + i];
            }
            scaled[i] = g;
            i += units;
        }
        sync_cube();
        let mut mean = 0.0f32;
        let mut inverse = 1.0f32;
        let mut mean_scaled = 0.0f32;
        let mut along = 0.0f32;
        if comptime!(z.norm.is_some()) {
            let (of_raw, over_deviation) = statistics(&raw, constants.eps, z);
            mean = of_raw;
            inverse = over_deviation;
            for i in 0..input {
                along += scaled[i] * (raw[i] - mean) * inverse;
            }
            along /= count;
            if comptime!(z.norm == Some(true)) {
                for i in 0..input {
                    mean_scaled += scaled[i];
                }
                mean_scaled /= count;
            }
            let mut i = UNIT_POS_X as usize;
            while i < input {
                let g = through[end + i];
                of_scale[i] += g * (raw[i] - mean) * inverse;
                of_shift[i] += g;
                i += units;
            }
        }
        let mut i = UNIT_POS_X as usize;
        while i < rows {
            let g = through_norm(&raw, &scaled, mean, inverse, mean_scaled, along, i, z);
            let s = of_s[i] + g;
            of_traces[(item * rows + i) * time + t] = s;
            of_s[i] = s * row[kappa_s + i];
            i += units;
        }
        let mut i = UNIT_POS_X as usize;
        while i < cells {
            let at = rows + i;
            let g = through_norm(&raw, &scaled, mean, inverse, mean_scaled, along, at, z);
            let kept = of_m[i] + g;
            of_kappa[i] += kept * trace[step + at];
            of_m[i] = kept * row[at];
            i += units;
        }
        sync_cube();
    }

    let to = comptime!(z.sums()) * item;
    let mut i = UNIT_POS_X as usize;
    while i < cells {
        sums[to + i] = of_kappa[i];
        i += units;
    }
    let mut i = UNIT_POS_X as usize;
    while i < input {
        sums[to + cells + i] = of_scale[i];
        sums[to + cells + input + i] = of_shift[i];
        i += units;
    }
}
