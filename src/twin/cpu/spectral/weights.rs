//! The spectra of a convolution's weights.

use super::super::fft::{self, Plan, Scratch};
use super::super::par;
use super::super::room::Room;
use super::super::shape::Shape;
use super::layout::{Layout, TILE, even};
use crate::simd::Isa;

/// Number of rows of weights that stay in the first-level cache.
const STRIP: usize = 8;

/// The spectra of all weights, by strips of rows: each strip as `[chunk][pair of rows][column][row of the pair]`.
pub(super) struct Weights {
    values: Room,
    layout: Layout,
    rows: usize,
    pub(super) columns: usize,
}

impl Weights {
    /// The spectra of the weight `[out, in, taps]`, with `transposed` as `[in, out]`.
    pub(super) fn new(isa: Isa, plan: &Plan, weight: &[f32], s: &Shape, transposed: bool) -> Self {
        let (co, ci) = (s.channels_out, s.channels_in);
        let (rows, columns) = if transposed { (ci, co) } else { (co, ci) };
        let layout = Layout::new(isa, plan.n, STRIP.min(even(rows)) * columns);
        // a missing row only fills up a tile, whose sums are dropped
        let mut values = Room::any(rows.div_ceil(STRIP) * layout.len());
        let scale = 2.0 / plan.n as f32;
        par::chunks(&mut values, layout.len(), |strip, out| {
            let mut scratch = Scratch::default();
            let mut room = [[0f32; 256]; 2];
            let rows = strip * STRIP..rows.min((strip + 1) * STRIP);
            let count = rows.len() * columns;
            for pair in (0..count).step_by(2) {
                let mut at = [0; 2];
                for p in 0..2 {
                    let i = (pair + p).min(count - 1);
                    let (row, column) = (i / columns, i % columns);
                    at[p] = layout.at((row / TILE * columns + column) * TILE + row % TILE);
                    let row = rows.start + row;
                    let i = if transposed { column * ci + row } else { row * ci + column };
                    let taps = &weight[i * s.taps..(i + 1) * s.taps];
                    for (to, from) in room[p].iter_mut().zip(taps.iter().rev()) {
                        *to = from * scale;
                    }
                }
                let [a, b] = &room;
                let blocks = [&a[..plan.n], &b[..plan.n]];
                fft::forward(isa, plan, &mut scratch, blocks, out, at, layout.stride);
            }
        });
        Self { values, layout, rows, columns }
    }

    /// The strips of a chunk: each one's first row, number of rows, and spectra.
    pub(super) fn strips(&self, chunk: usize) -> impl Iterator<Item = (usize, usize, &[f32])> {
        self.values.chunks(self.layout.len()).enumerate().map(move |(i, strip)| {
            let first = i * STRIP;
            let rows = even(STRIP.min(self.rows - first));
            (first, rows, &strip[chunk * self.layout.stride..])
        })
    }
}
