//! The ELM's recurrence forwards: one cube for each simulation, whose units are those of the memory and of the hidden
//! layers. The state is in shared memory, and the loop over time is inside the kernel.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::pointwise::{Shape, value};
use crate::twin::ops::activation::Nonlinearity;

/// The sizes that a kernel is compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Sizes {
    /// Number of synapses.
    pub(super) rows: usize,
    /// Number of memory units.
    pub(super) memory: usize,
    /// Outputs of each linear map but the last, whose outputs are the memory.
    pub(super) hidden: usize,
    /// Number of linear maps.
    pub(super) maps: usize,
    /// Whether the norm of the maps' input subtracts the mean; `None` without a norm.
    pub(super) norm: Option<bool>,
    /// The nonlinearity after each map but the last.
    pub(super) between: Nonlinearity,
    /// The nonlinearity after the last map.
    pub(super) post: Nonlinearity,
}

impl Sizes {
    /// Number of inputs of the first map.
    pub(super) fn input(&self) -> usize {
        self.rows + self.memory
    }

    /// Number of inputs of a map.
    pub(super) fn width(&self, map: usize) -> usize {
        if map == 0 { self.input() } else { self.hidden }
    }

    /// Number of outputs of a map.
    pub(super) fn out(&self, map: usize) -> usize {
        if map + 1 == self.maps { self.memory } else { self.hidden }
    }

    /// Number of outputs of all maps.
    pub(super) fn outputs(&self) -> usize {
        (self.maps - 1) * self.hidden + self.memory
    }

    /// The largest of all widths.
    pub(super) fn widest(&self) -> usize {
        if self.maps > 1 { self.input().max(self.hidden) } else { self.input() }
    }

    /// Index of the norm's scale in the row of parameters, after w_s and κ_m.
    pub(super) fn norm_at(&self) -> usize {
        self.rows + self.memory
    }

    /// Number of the norm's values in the row of parameters.
    pub(super) fn norm_len(&self) -> usize {
        self.norm.map_or(0, |centred| self.input() * (1 + usize::from(centred)))
    }

    /// Index of a map's weight in the row of parameters; its bias follows.
    pub(super) fn map_at(&self, map: usize) -> usize {
        let before = (0..map).map(|m| self.out(m) * (self.width(m) + 1)).sum::<usize>();
        self.norm_at() + self.norm_len() + before
    }

    /// Index of κ_s, after all parameters.
    pub(super) fn kappa_s_at(&self) -> usize {
        self.map_at(self.maps)
    }

    /// Number of values that a step keeps for the backward pass: traces, memory before the step, normalised input,
    /// every map's output, and the nonlinearity of each output.
    pub(super) fn span(&self) -> usize {
        2 * self.input() + 2 * self.outputs()
    }

    /// Index of a map's output in a step's values.
    pub(super) fn pre_at(&self, map: usize) -> usize {
        2 * self.input() + map * self.hidden
    }

    /// Index of the nonlinearity of a map's output in a step's values.
    pub(super) fn post_at(&self, map: usize) -> usize {
        self.pre_at(map) + self.outputs()
    }

    fn centred(&self) -> bool {
        self.norm == Some(true)
    }
}

/// The constants of a recurrence that are arguments of the kernels, which are not compiled for them.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
pub(super) struct Constants {
    /// ε, added to the variance.
    pub(super) eps: f32,
    /// λ, the strength of the memory's drive.
    pub(super) lambda: f32,
    /// Leak and bend of the nonlinearity after each map but the last.
    pub(super) between: Shape,
    /// Leak and bend of the nonlinearity after the last map.
    pub(super) post: Shape,
}

/// Mean (or 0) and reciprocal standard deviation of the maps' input. Every unit computes them for itself, since reading
/// the shared values costs less than waiting for each other.
#[cube]
pub(super) fn statistics(raw: &SharedMemory<f32>, eps: f32, #[comptime] z: Sizes) -> (f32, f32) {
    let input = comptime!(z.input());
    let count = comptime!(z.input() as f32);
    let mut mean = 0.0f32;
    if comptime!(z.centred()) {
        for i in 0..input {
            mean += raw[i];
        }
        mean /= count;
    }
    let mut square = 0.0f32;
    for i in 0..input {
        let centred = raw[i] - mean;
        square += centred * centred;
    }
    (mean, 1.0f32 / (square / count + eps).sqrt())
}

/// A linear map with its nonlinearity, and the maps after it.
#[cube]
#[allow(clippy::too_many_arguments)] // a kernel takes its arrays and its places
fn maps(
    raw: &SharedMemory<f32>,
    m: &mut SharedMemory<f32>,
    through: &mut SharedMemory<f32>,
    row: &Array<f32>,
    memory: &mut Array<f32>,
    trace: &mut Array<f32>,
    step: usize,
    t: usize,
    time: usize,
    constants: &Constants,
    #[comptime] map: usize,
    #[comptime] z: Sizes,
) {
    let rows = comptime!(z.rows);
    let width = comptime!(z.width(map));
    let out = comptime!(z.out(map));
    let at = comptime!(z.map_at(map));
    let bias = comptime!(z.map_at(map) + z.out(map) * z.width(map));
    let from = comptime!((map % 2) * z.widest());
    let to = comptime!((1 - map % 2) * z.widest());
    let pre = comptime!(z.pre_at(map));
    let post = comptime!(z.post_at(map));
    let last = comptime!(map + 1 == z.maps);
    let mut o = UNIT_POS_X as usize;
    while o < out {
        let mut sum = row[bias + o];
        for i in 0..width {
            sum += through[from + i] * row[at + i * out + o];
        }
        trace[step + pre + o] = sum;
        if last {
            let y = value(sum, &constants.post, z.post);
            trace[step + post + o] = y;
            let drive = constants.lambda * (1.0f32 - row[rows + o]);
            let next = raw[rows + o] + drive * y;
            m[o] = next;
            memory[(CUBE_POS_X as usize * out + o) * time + t] = next;
        } else {
            let y = value(sum, &constants.between, z.between);
            trace[step + post + o] = y;
            through[to + o] = y;
        }
        o += CUBE_DIM_X as usize;
    }
    sync_cube();
    if comptime!(map + 1 < z.maps) {
        let next = comptime!(map + 1);
        maps(raw, m, through, row, memory, trace, step, t, time, constants, next, z);
    }
}

/// # Shapes
/// - x: `[batch, rows, time]`
/// - row: all parameters as [`Sizes`] lays them out, the weights `[in, out]` so that neighbouring
///   units read neighbouring values
/// - memory: `[batch, memory, time]`, written
/// - trace: `[batch, time, span]`, written
#[cube(launch)]
pub(super) fn forward(
    x: &Array<f32>,
    row: &Array<f32>,
    memory: &mut Array<f32>,
    trace: &mut Array<f32>,
    time: usize,
    constants: Constants,
    #[comptime] z: Sizes,
) {
    let item = CUBE_POS_X as usize;
    let units = CUBE_DIM_X as usize;
    let rows = comptime!(z.rows);
    let cells = comptime!(z.memory);
    let input = comptime!(z.input());
    let span = comptime!(z.span());
    let kappa_s = comptime!(z.kappa_s_at());
    let scale = comptime!(z.norm_at());

    // traces and decayed memory, the memory, and two halves for the values between maps
    let mut raw = SharedMemory::<f32>::new(input);
    let mut m = SharedMemory::<f32>::new(cells);
    let mut through = SharedMemory::<f32>::new(comptime!(2 * z.widest()));
    let mut i = UNIT_POS_X as usize;
    while i < input {
        raw[i] = 0.0f32;
        i += units;
    }
    let mut i = UNIT_POS_X as usize;
    while i < cells {
        m[i] = 0.0f32;
        i += units;
    }
    sync_cube();

    for t in 0..time {
        let step = (item * time + t) * span;
        let mut i = UNIT_POS_X as usize;
        while i < rows {
            let s = row[kappa_s + i] * raw[i] + row[i] * x[(item * rows + i) * time + t];
            raw[i] = s;
            trace[step + i] = s;
            i += units;
        }
        let mut i = UNIT_POS_X as usize;
        while i < cells {
            let before = m[i];
            trace[step + rows + i] = before;
            raw[rows + i] = before * row[rows + i];
            i += units;
        }
        sync_cube();
        if comptime!(z.norm.is_some()) {
            let (mean, inverse) = statistics(&raw, constants.eps, z);
            let mut i = UNIT_POS_X as usize;
            while i < input {
                let mut v = (raw[i] - mean) * inverse * row[scale + i];
                if comptime!(z.centred()) {
                    v += row[scale + input + i];
                }
                through[i] = v;
                trace[step + input + i] = v;
                i += units;
            }
        } else {
            let mut i = UNIT_POS_X as usize;
            while i < input {
                through[i] = raw[i];
                trace[step + input + i] = raw[i];
                i += units;
            }
        }
        sync_cube();
        maps(&raw, &mut m, &mut through, row, memory, trace, step, t, time, &constants, 0usize, z);
    }
}
