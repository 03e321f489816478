//! Causal convolution through spectra of overlapping blocks (overlap-save): for many taps a tenth of the arithmetic.
//!
//! A block of N samples gives N - K + 1 outputs. Spectra lie as `[chunk of frequencies][block][channel]`, where a chunk
//! is one vector of real and one of imaginary parts. Mixing channels is therefore a complex matrix product for each
//! chunk, with the frequencies in the lanes: no shuffle, no broadcast. In the backward pass the spectrum of a block of
//! the gradient serves both gradients.

mod layout;
mod products;
mod weights;

use std::ops::Range;

use super::fft::{self, Plan, Scratch};
use super::par;
use super::room::Room;
use super::shape::{Gradients, Shape};
use crate::simd::Isa;
use layout::{Blocks, Layout, even, odd};
use products::{correlate, mix, mix_conjugate, tile_at};
use weights::Weights;

/// The division of a convolution into blocks.
#[derive(Debug, Clone)]
pub(crate) struct Cut {
    plan: Plan,
    /// Number of blocks whose spectra are held at a time.
    group: usize,
}

/// Size of a group's spectra, bytes, of which half are used at a time and stay in the second-level cache.
const CACHE: usize = 768 << 10;

impl Cut {
    /// The division into blocks of `n` samples: 64, 128 or 256.
    pub(crate) fn new(n: usize, s: &Shape) -> Self {
        let block = 4 * n * (s.channels_in + s.channels_out);
        Self { plan: Plan::new(n), group: even((CACHE / block).clamp(6, 16)) }
    }

    /// The fastest division by an estimate of cycles; `None` where the direct convolution is faster.
    pub(crate) fn best(isa: Isa, s: &Shape) -> Option<Self> {
        let pairs = (s.channels_in * s.channels_out) as f64;
        let lanes = isa.lanes() as f64;
        // forward and backward: each sum of products takes a register of lanes
        let direct = 3.0 * (s.batch * s.time * s.taps) as f64 * pairs / lanes;
        let sizes = [64, 128, 256].into_iter().filter(|&n| 3 * s.taps <= 2 * n);
        let cuts = sizes.map(|n| {
            let cut = Self::new(n, s);
            let blocks = Blocks::new(n, s).total();
            let size = n as f64;
            let transform = 1.33 * size * size.log2() / lanes.min(8.0);
            let transforms = (blocks * (3 * s.channels_in + 2 * s.channels_out)) as f64;
            let products = 4.0 * size * pairs / lanes * blocks as f64;
            let traffic = size * pairs * blocks.div_ceil(cut.group) as f64;
            (transform * (transforms + 3.0 * pairs) + products + traffic, cut)
        });
        let best = cuts.min_by(|(a, _), (b, _)| a.total_cmp(b));
        best.filter(|(cost, _)| *cost < direct).map(|(_, cut)| cut)
    }
}

/// The signal of a block's spectrum.
#[derive(Clone, Copy, PartialEq)]
enum Of {
    Samples,
    Outputs,
}

/// The spectra of some blocks, `[chunk][block][channel]`.
#[allow(clippy::too_many_arguments)] // a kernel takes its shapes and its arrays
fn spectra(
    isa: Isa,
    plan: &Plan,
    scratch: &mut Scratch,
    blocks: &Blocks,
    x: &[f32],
    channels: usize,
    group: Range<usize>,
    of: Of,
    out: &mut [f32],
    layout: Layout,
) {
    let [mut room_a, mut room_b] = [[0f32; 256]; 2];
    for c in (0..channels).step_by(2) {
        let d = (c + 1).min(channels - 1);
        for (g, block) in group.clone().enumerate() {
            let (item, from) = blocks.place(block);
            let signal = |c: usize| &x[(item * channels + c) * blocks.time..][..blocks.time];
            let both = match of {
                Of::Outputs => [
                    blocks.outputs(signal(c), from, &mut room_a),
                    blocks.outputs(signal(d), from, &mut room_b),
                ],
                Of::Samples => [
                    blocks.samples(signal(c), from, &mut room_a),
                    blocks.samples(signal(d), from, &mut room_b),
                ],
            };
            let row = g * odd(channels);
            let at = [layout.at(row + c), layout.at(row + d)];
            fft::forward(isa, plan, scratch, both, out, at, layout.stride);
        }
    }
}

/// The rows of a group's part of the output: for each item and channel, the group's time.
fn rows_of<'a>(
    out: &'a mut [f32],
    blocks: &Blocks,
    channels: usize,
    group: usize,
) -> Vec<Vec<&'a mut [f32]>> {
    let count = blocks.total().div_ceil(group);
    let mut parts: Vec<Vec<&mut [f32]>> = (0..count).map(|_| Vec::new()).collect();
    for (i, row) in out.chunks_mut(blocks.time).enumerate() {
        let first = i / channels * blocks.count;
        let mut rest = row;
        let mut from = 0;
        let mut block = first;
        while block < first + blocks.count {
            let end = ((block / group + 1) * group).min(first + blocks.count);
            let until = blocks.time.min((end - first) * blocks.step);
            let (part, after) = rest.split_at_mut(until - from);
            parts[block / group].push(part);
            (rest, from, block) = (after, until, end);
        }
    }
    parts
}

/// See [`super::convolution::forward`].
pub(crate) fn forward(
    isa: Isa,
    cut: &Cut,
    x: &[f32],
    weight: &[f32],
    bias: &[f32],
    s: &Shape,
) -> Vec<f32> {
    let mut out = vec![0.0; s.batch * s.channels_out * s.time];
    let (plan, n) = (&cut.plan, cut.plan.n);
    let blocks = Blocks::new(n, s);
    let weights = Weights::new(isa, plan, weight, s, false);
    let (ci, co) = (s.channels_in, s.channels_out);
    let group = even(cut.group);
    let [of_x, of_y] = [ci, co].map(|channels| Layout::new(isa, n, group * odd(channels)));
    let parts = rows_of(&mut out, &blocks, co, group);
    par::each(parts, |i, mut rows| {
        let (mut xs, mut ys) = (Room::any(of_x.len()), Room::any(of_y.len()));
        let mut scratch = Scratch::default();
        let mut room = [0f32; 512];
        let here = i * group..blocks.total().min((i + 1) * group);
        let samples = Of::Samples;
        spectra(isa, plan, &mut scratch, &blocks, x, ci, here.clone(), samples, &mut xs, of_x);
        for chunk in 0..of_x.chunks {
            let (x, y) = (&xs[chunk * of_x.stride..], &mut ys[chunk * of_y.stride..]);
            for (first, count, w) in weights.strips(chunk) {
                let rows = first..first + count;
                mix(isa, y, odd(co), w, rows, x, odd(ci), weights.columns, even(here.len()));
            }
        }
        let item_of = |block: usize| blocks.place(block).0 - blocks.place(here.start).0;
        let mut start = blocks.place(here.start).1;
        let mut item = 0;
        for (g, block) in here.clone().enumerate() {
            let (_, from) = blocks.place(block);
            if item_of(block) != item {
                (item, start) = (item_of(block), 0);
            }
            let time = blocks.outputs_at(from);
            for c in (0..co).step_by(2) {
                let row = g * odd(co) + c;
                let at = [of_y.at(row), of_y.at(row + 1)];
                let room = &mut room[..2 * n];
                fft::inverse(isa, plan, &mut scratch, &ys, at, of_y.stride, room);
                for c in c..co.min(c + 2) {
                    let y = &mut rows[item * co + c][time.start - start..time.end - start];
                    let from = &room[c % 2 * n + blocks.past..];
                    for (y, v) in y.iter_mut().zip(from) {
                        *y = v + bias[c];
                    }
                }
            }
        }
    });
    out
}

/// Number of parts of the batch whose weight gradients are summed separately and then added in order. It is the same on
/// every machine, so that the sum's bits do not depend on the number of threads.
const PARTS: usize = 4;

/// See [`super::convolution::backward`].
pub(crate) fn backward(
    isa: Isa,
    cut: &Cut,
    x: &[f32],
    grad: &[f32],
    weight: &[f32],
    s: &Shape,
    of_x: bool,
) -> Gradients {
    let (plan, n) = (&cut.plan, cut.plan.n);
    let (ci, co) = (s.channels_in, s.channels_out);
    let weights = of_x.then(|| Weights::new(isa, plan, weight, s, true));
    let items = s.batch.div_ceil(PARTS);
    let parts = s.batch.div_ceil(items);
    let of_weight = Layout::new(isa, n, even(ci) * even(co));
    let mut sums = Room::any(parts * of_weight.len());
    // where the input's gradient is not requested, its part of each task is empty
    let signal = if of_x { ci * s.time } else { 0 };
    let mut grad_x = vec![0.0; s.batch * signal];
    let tasks = sums.chunks_mut(of_weight.len()).enumerate();
    let mut rest = grad_x.as_mut_slice();
    let mut list = Vec::with_capacity(parts);
    for (i, sums) in tasks {
        let first = i * items;
        let count = items.min(s.batch - first);
        let (grad_x, after) = rest.split_at_mut(count * signal);
        rest = after;
        list.push((first, count, sums, grad_x));
    }
    let blocks = Blocks::new(n, s);
    par::each(list, |_, (first, count, sums, grad_x)| {
        let range =
            |channels: usize| first * channels * s.time..(first + count) * channels * s.time;
        let (x, grad) = (&x[range(ci)], &grad[range(co)]);
        let blocks = Blocks { batch: count, ..blocks };
        part_back(isa, cut, &blocks, [ci, co], x, grad, weights.as_ref(), sums, of_weight, grad_x);
    });
    let (whole, others) = sums.split_at_mut(of_weight.len());
    par::chunks(whole, of_weight.stride, |chunk, out| {
        for part in others.chunks(of_weight.len()) {
            let part = &part[chunk * of_weight.stride..][..out.len()];
            for (sum, value) in out.iter_mut().zip(part) {
                *sum += value;
            }
        }
    });
    let whole = &*whole;
    let scale = 2.0 / n as f32;
    let mut grad_w = vec![0.0; co * ci * s.taps];
    par::chunks(&mut grad_w, ci * s.taps, |o, out| {
        let mut scratch = Scratch::default();
        let mut room = [0f32; 512];
        for c in (0..ci).step_by(2) {
            let tile = tile_at(o, c, even(co), even(ci));
            let at = [of_weight.at(tile), of_weight.at(tile + 1)];
            let room = &mut room[..2 * n];
            fft::inverse(isa, plan, &mut scratch, whole, at, of_weight.stride, room);
            for c in c..ci.min(c + 2) {
                let out = &mut out[c * s.taps..][..s.taps];
                for (y, v) in out.iter_mut().rev().zip(&room[c % 2 * n..]) {
                    *y = v * scale;
                }
            }
        }
    });
    Gradients { of_x: of_x.then_some(grad_x), of_weight: grad_w }
}

/// The backward pass of some items: adds up the weight's gradient in spectra, and computes the input's gradient where
/// weights are given.
#[allow(clippy::too_many_arguments)] // a kernel takes its shapes and its arrays
fn part_back(
    isa: Isa,
    cut: &Cut,
    blocks: &Blocks,
    [ci, co]: [usize; 2],
    x: &[f32],
    grad: &[f32],
    weights: Option<&Weights>,
    sums: &mut [f32],
    of_weight: Layout,
    grad_x: &mut [f32],
) {
    let (plan, n) = (&cut.plan, cut.plan.n);
    let group = even(cut.group);
    let [of_x, of_g] = [ci, co].map(|channels| Layout::new(isa, n, group * odd(channels)));
    let (mut xs, mut gs) = (Room::any(of_x.len()), Room::any(of_g.len()));
    let mut scratch = Scratch::default();
    let mut room = [0f32; 512];
    for start in (0..blocks.total()).step_by(group) {
        let here = start..blocks.total().min(start + group);
        let (samples, outputs) = (Of::Samples, Of::Outputs);
        spectra(isa, plan, &mut scratch, blocks, x, ci, here.clone(), samples, &mut xs, of_x);
        spectra(isa, plan, &mut scratch, blocks, grad, co, here.clone(), outputs, &mut gs, of_g);
        for chunk in 0..of_x.chunks {
            let x = &mut xs[chunk * of_x.stride..];
            let g = &gs[chunk * of_g.stride..];
            let sums = &mut sums[chunk * of_weight.stride..];
            correlate(isa, sums, g, even(co), x, even(ci), here.len(), start == 0);
            // x's spectrum is no longer needed: its gradient takes its place
            for (first, count, w) in weights.iter().flat_map(|weights| weights.strips(chunk)) {
                let rows = first..first + count;
                mix_conjugate(isa, x, odd(ci), w, rows, g, odd(co), co, even(here.len()));
            }
        }
        if weights.is_none() {
            continue;
        }
        for c in (0..ci).step_by(2) {
            for (g, block) in here.clone().enumerate() {
                let (item, start) = blocks.place(block);
                let skip = blocks.past.saturating_sub(start);
                let first = start + skip - blocks.past;
                let len = (n - skip).min(blocks.time - first);
                let row = g * odd(ci) + c;
                let at = [of_x.at(row), of_x.at(row + 1)];
                let room = &mut room[..2 * n];
                fft::inverse(isa, plan, &mut scratch, &xs, at, of_x.stride, room);
                for c in c..ci.min(c + 2) {
                    let y = &mut grad_x[(item * ci + c) * blocks.time + first..][..len];
                    let from = &room[c % 2 * n + skip..][..len];
                    for (y, v) in y.iter_mut().zip(from) {
                        *y += v;
                    }
                }
            }
        }
    }
}
