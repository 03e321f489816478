//! Products of spectra, with the frequencies of a chunk in the lanes.

use std::ops::Range;

use super::layout::{TILE, odd};
use crate::simd::{Vector, dispatch};

/// Number of columns of a correlation that stay in the first-level cache.
const PANEL: usize = 16;

/// Computes out\[block, first + row\] = Σ_column weight\[row, column\]·x\[block, column\] of one chunk; with `CONJ` the
/// weight is conjugate.
#[inline(always)]
fn mix_body<V: Vector, const CONJ: bool>(
    out: &mut [f32],
    out_row: usize,
    weight: &[f32],
    rows: Range<usize>,
    x: &[f32],
    x_row: usize,
    columns: usize,
    blocks: usize,
) {
    let w2 = 2 * V::N;
    let (x_row, out_row) = (x_row * w2, out_row * w2);
    for b in (0..blocks).step_by(TILE) {
        let x0 = &x[b * x_row..][..columns * w2];
        let x1 = &x[(b + 1) * x_row..][..columns * w2];
        for r in (0..rows.len()).step_by(TILE) {
            let weight = &weight[r * columns * w2..(r + TILE) * columns * w2];
            let xs = x0.chunks_exact(w2).zip(x1.chunks_exact(w2));
            let mut sums = [[[V::zero(); 2]; TILE]; TILE];
            for (w, (x0, x1)) in weight.chunks_exact(TILE * w2).zip(xs) {
                let x = [[V::load(x0, 0), V::load(x0, V::N)], [V::load(x1, 0), V::load(x1, V::N)]];
                for m in 0..TILE {
                    let (re, im) = (V::load(w, m * w2), V::load(w, m * w2 + V::N));
                    for p in 0..TILE {
                        let [xr, xi] = x[p];
                        let [sr, si] = sums[m][p];
                        let (sr, si) = (re.fma(xr, sr), re.fma(xi, si));
                        sums[m][p] = if CONJ {
                            [im.fma(xi, sr), im.fnma(xr, si)]
                        } else {
                            [im.fnma(xi, sr), im.fma(xr, si)]
                        };
                    }
                }
            }
            for m in 0..TILE {
                for p in 0..TILE {
                    let at = (b + p) * out_row + (rows.start + r + m) * w2;
                    sums[m][p][0].store(out, at);
                    sums[m][p][1].store(out, at + V::N);
                }
            }
        }
    }
}

#[inline(always)]
fn mix_plain<V: Vector>(
    out: &mut [f32],
    out_row: usize,
    weight: &[f32],
    rows: Range<usize>,
    x: &[f32],
    x_row: usize,
    columns: usize,
    blocks: usize,
) {
    mix_body::<V, false>(out, out_row, weight, rows, x, x_row, columns, blocks);
}

#[inline(always)]
fn mix_mirrored<V: Vector>(
    out: &mut [f32],
    out_row: usize,
    weight: &[f32],
    rows: Range<usize>,
    x: &[f32],
    x_row: usize,
    columns: usize,
    blocks: usize,
) {
    mix_body::<V, true>(out, out_row, weight, rows, x, x_row, columns, blocks);
}

dispatch! {
    vectors pub(super) fn mix(
        out: &mut [f32],
        out_row: usize,
        weight: &[f32],
        rows: Range<usize>,
        x: &[f32],
        x_row: usize,
        columns: usize,
        blocks: usize,
    ) = mix_plain
}
dispatch! {
    vectors pub(super) fn mix_conjugate(
        out: &mut [f32],
        out_row: usize,
        weight: &[f32],
        rows: Range<usize>,
        x: &[f32],
        x_row: usize,
        columns: usize,
        blocks: usize,
    ) = mix_mirrored
}

/// The place of the product of a row and a column, counted in spectra: tiles in the order of their use.
pub(super) fn tile_at(row: usize, column: usize, rows: usize, columns: usize) -> usize {
    let panel = column / PANEL * PANEL;
    let width = PANEL.min(columns - panel);
    let tile = row / TILE * (width / TILE) + (column - panel) / TILE;
    panel * rows + (tile * TILE + row % TILE) * TILE + column % TILE
}

/// Computes out\[row, column\] += Σ_block g\[block, row\]·conj x\[block, column\] of one chunk; with `fresh` it
/// overwrites `out` instead of adding.
#[inline(always)]
fn correlate_body<V: Vector>(
    out: &mut [f32],
    g: &[f32],
    rows: usize,
    x: &[f32],
    columns: usize,
    blocks: usize,
    fresh: bool,
) {
    let w2 = 2 * V::N;
    let (g_row, x_row) = (odd(rows) * w2, odd(columns) * w2);
    let mut tiles = out.chunks_exact_mut(TILE * TILE * w2);
    for panel in (0..columns).step_by(PANEL) {
        for r in (0..rows).step_by(TILE) {
            let g = &g[r * w2..][..(blocks - 1) * g_row + TILE * w2];
            for c in (panel..columns.min(panel + PANEL)).step_by(TILE) {
                let x = &x[c * w2..][..(blocks - 1) * x_row + TILE * w2];
                let Some(out) = tiles.next() else { return };
                let mut sums = [[[V::zero(); 2]; TILE]; TILE];
                if !fresh {
                    for m in 0..TILE {
                        for p in 0..TILE {
                            let at = (m * TILE + p) * w2;
                            sums[m][p] = [V::load(out, at), V::load(out, at + V::N)];
                        }
                    }
                }
                for b in 0..blocks {
                    let (g, x) = (&g[b * g_row..][..TILE * w2], &x[b * x_row..][..TILE * w2]);
                    let x = [
                        [V::load(x, 0), V::load(x, V::N)],
                        [V::load(x, w2), V::load(x, w2 + V::N)],
                    ];
                    for m in 0..TILE {
                        let (re, im) = (V::load(g, m * w2), V::load(g, m * w2 + V::N));
                        for p in 0..TILE {
                            let [xr, xi] = x[p];
                            let [sr, si] = sums[m][p];
                            let (sr, si) = (re.fma(xr, sr), im.fma(xr, si));
                            sums[m][p] = [im.fma(xi, sr), re.fnma(xi, si)];
                        }
                    }
                }
                for m in 0..TILE {
                    for p in 0..TILE {
                        let at = (m * TILE + p) * w2;
                        sums[m][p][0].store(out, at);
                        sums[m][p][1].store(out, at + V::N);
                    }
                }
            }
        }
    }
}

dispatch! {
    vectors pub(super) fn correlate(
        out: &mut [f32],
        g: &[f32],
        rows: usize,
        x: &[f32],
        columns: usize,
        blocks: usize,
        fresh: bool,
    ) = correlate_body
}
