//! Causal attention within a window, forwards and backwards each in one pass, with a task for each head of each
//! simulation.
//!
//! Rows are channels and lanes are positions. The score of the query at t with the key at t - o is Σ_d q\[d, t\]·k\[d,
//! t-o\]: products of rows shifted against each other, without a shuffle. The matrix of all pairs is never stored, only
//! the window's part.

use std::ops::Range;

use super::math::exp;
use super::par;
use super::room::Room;
use crate::simd::{Isa, Vector, dispatch};
use crate::twin::ops::attention::Turns;

/// Sizes of an attention over `[batch, heads · d_head, time]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Shape {
    pub batch: usize,
    pub heads: usize,
    pub d_head: usize,
    /// Positions that a query sees, its own included.
    pub window: usize,
    pub time: usize,
}

/// A score whose weight in a softmax is 0.
const NEVER: f32 = -1e30;
/// Offsets whose scores are computed together: as many sums as hide each other's latency.
const OFFSETS: usize = 8;
/// The most numbers in a vector.
const WIDEST: usize = 16;

impl Shape {
    /// Zeros before the first position: the reach of the first query's window, in whole blocks of offsets.
    fn before(&self) -> usize {
        self.offsets()
    }

    /// Length of the window in whole blocks of offsets.
    fn offsets(&self) -> usize {
        self.window.next_multiple_of(OFFSETS)
    }

    /// Length of a padded row: the positions, and zeros on both sides.
    fn row(&self) -> usize {
        2 * self.before() + self.time.next_multiple_of(WIDEST)
    }

    /// Number of values of one head.
    fn head(&self) -> usize {
        self.d_head * self.time
    }
}

/// A head's rows, padded with zeros on both sides.
fn padded(x: &[f32], s: &Shape) -> Room {
    let mut out = Room::zeros(s.d_head * s.row());
    for (row, x) in out.chunks_mut(s.row()).zip(x.chunks(s.time)) {
        row[s.before()..][..s.time].copy_from_slice(x);
    }
    out
}

/// The padded rows with each adjacent pair of channels rotated by its position, times `scale`.
fn turned(x: &[f32], s: &Shape, turns: &Turns, scale: f32) -> Room {
    let mut out = Room::zeros(s.d_head * s.row());
    let pairs = out.chunks_mut(2 * s.row()).zip(x.chunks(2 * s.time));
    for (i, (rows, x)) in pairs.enumerate() {
        let (cos, sin) = turns.pair(i, s.time);
        let (a, b) = x.split_at(s.time);
        let (first, second) = rows.split_at_mut(s.row());
        let (first, second) = (&mut first[s.before()..], &mut second[s.before()..]);
        for t in 0..s.time {
            first[t] = scale * (a[t] * cos[t] - b[t] * sin[t]);
            second[t] = scale * (a[t] * sin[t] + b[t] * cos[t]);
        }
    }
    out
}

/// Rotates the gradient of rotated rows back, times `scale`.
fn turned_back(grad: &mut [f32], s: &Shape, turns: &Turns, scale: f32) {
    for (i, rows) in grad.chunks_mut(2 * s.time).enumerate() {
        let (cos, sin) = turns.pair(i, s.time);
        let (first, second) = rows.split_at_mut(s.time);
        for t in 0..s.time {
            let (a, b) = (first[t], second[t]);
            first[t] = scale * (a * cos[t] + b * sin[t]);
            second[t] = scale * (b * cos[t] - a * sin[t]);
        }
    }
}

/// 0 where there is a key, [`NEVER`] before the first key, by padded position.
fn mask(s: &Shape) -> Room {
    let mut mask = Room::zeros(s.row());
    mask[..s.before()].fill(NEVER);
    mask
}

/// The products of V::N queries (or gradients) from position `at` on with the keys (or values) at every offset. They
/// are written to `out[offset][lane]`, added to the values of `first`.
#[inline(always)]
fn products<V: Vector>(
    a: &[f32],
    b: &[f32],
    first: Option<&[f32]>,
    s: &Shape,
    at: usize,
    out: &mut [f32],
) {
    let row = s.row();
    for from in (0..s.offsets()).step_by(OFFSETS) {
        let mut sums = [V::zero(); OFFSETS];
        if let Some(first) = first {
            for (o, sum) in sums.iter_mut().enumerate() {
                *sum = V::load(first, at - from - o);
            }
        }
        for (a, b) in a.chunks_exact(row).zip(b.chunks_exact(row)) {
            let a = V::load(a, at);
            for (o, sum) in sums.iter_mut().enumerate() {
                *sum = a.fma(V::load(b, at - from - o), *sum);
            }
        }
        for (o, sum) in sums.into_iter().enumerate() {
            sum.store(out, (from + o) * V::N);
        }
    }
}

/// Turns the scores of V::N queries into weights: their softmax over the window.
#[inline(always)]
fn softmax<V: Vector>(scores: &mut [f32], s: &Shape) {
    let (seen, unseen) = scores.split_at_mut(s.window * V::N);
    let mut top = [NEVER; WIDEST];
    for row in seen.chunks_exact(V::N) {
        for l in 0..V::N {
            top[l] = if row[l] > top[l] { row[l] } else { top[l] };
        }
    }
    let mut sum = [0f32; WIDEST];
    for row in seen.chunks_exact_mut(V::N) {
        for l in 0..V::N {
            // the branch depends on the kind of vector alone, and is decided at compile time
            row[l] =
                if V::FUSED { exp::<true>(row[l] - top[l]) } else { exp::<false>(row[l] - top[l]) };
            sum[l] += row[l];
        }
    }
    for row in seen.chunks_exact_mut(V::N) {
        for l in 0..V::N {
            row[l] /= sum[l];
        }
    }
    unseen[..(s.offsets() - s.window) * V::N].fill(0.0);
}

/// out\[d, lane\] = Σ_o weights\[o, lane\]·rows\[d, at ∓ o\] for V::N positions: backwards in time, or with `AHEAD`
/// forwards.
#[inline(always)]
fn gather<V: Vector, const AHEAD: bool>(
    weights: &[f32],
    stride: usize,
    rows: &[f32],
    s: &Shape,
    at: usize,
    out: &mut [f32],
    to: usize,
) {
    const ROWS: usize = 8;
    let row = s.row();
    for (rows, out) in rows.chunks(ROWS * row).zip(out.chunks_mut(ROWS * s.time)) {
        let mut sums = [V::zero(); ROWS];
        let count = rows.len() / row;
        for o in 0..s.window {
            // forwards, the weight is that of the query at the later position for this key
            let weight = V::load(weights, o * stride + if AHEAD { o } else { 0 });
            let from = if AHEAD { at + o } else { at - o };
            if count == ROWS {
                for d in 0..ROWS {
                    sums[d] = weight.fma(V::load(rows, d * row + from), sums[d]);
                }
            } else {
                for (d, sum) in sums.iter_mut().enumerate().take(count) {
                    *sum = weight.fma(V::load(rows, d * row + from), *sum);
                }
            }
        }
        let len = V::N.min(s.time - to);
        for (sum, out) in sums.into_iter().zip(out.chunks_mut(s.time)) {
            let mut lanes = [0f32; WIDEST];
            sum.store(&mut lanes, 0);
            out[to..to + len].copy_from_slice(&lanes[..len]);
        }
    }
}

#[inline(always)]
fn forward_body<V: Vector>(
    q: &[f32],
    k: &[f32],
    v: &[f32],
    mask: &[f32],
    s: &Shape,
    out: &mut [f32],
    scores: &mut [f32],
) {
    for t in (0..s.time).step_by(V::N) {
        let at = s.before() + t;
        products::<V>(q, k, Some(mask), s, at, scores);
        softmax::<V>(scores, s);
        gather::<V, false>(scores, V::N, v, s, at, out, t);
    }
}

/// The gradients of one head, which the backward pass writes.
struct HeadGradients<'a> {
    q: &'a mut [f32],
    k: &'a mut [f32],
    v: &'a mut [f32],
}

#[inline(always)]
fn backward_body<V: Vector>(
    [q, k, v, grad]: [&[f32]; 4],
    mask: &[f32],
    s: &Shape,
    out: HeadGradients<'_>,
    // weights and gradients of scores, [offset][position], with zeros after the last position
    [weights, slopes]: [&mut [f32]; 2],
    [scores, of_weights]: [&mut [f32]; 2],
) {
    let stride = s.row();
    for t in (0..s.time).step_by(V::N) {
        let at = s.before() + t;
        products::<V>(q, k, Some(mask), s, at, scores);
        softmax::<V>(scores, s);
        products::<V>(grad, v, None, s, at, of_weights);
        let mut mean = V::zero();
        for o in 0..s.window {
            mean = V::load(scores, o * V::N).fma(V::load(of_weights, o * V::N), mean);
        }
        for o in 0..s.window {
            let weight = V::load(scores, o * V::N);
            let slope = weight.mul(V::load(of_weights, o * V::N).sub(mean));
            weight.store(weights, o * stride + t);
            slope.store(slopes, o * stride + t);
            slope.store(of_weights, o * V::N);
        }
        gather::<V, false>(of_weights, V::N, k, s, at, out.q, t);
    }
    for t in (0..s.time).step_by(V::N) {
        let at = s.before() + t;
        gather::<V, true>(&slopes[t..], stride, q, s, at, out.k, t);
        gather::<V, true>(&weights[t..], stride, grad, s, at, out.v, t);
    }
}

dispatch! {
    vectors fn head_forward(
        q: &[f32],
        k: &[f32],
        v: &[f32],
        mask: &[f32],
        s: &Shape,
        out: &mut [f32],
        scores: &mut [f32],
    ) = forward_body
}
dispatch! {
    vectors fn head_backward(
        rows: [&[f32]; 4],
        mask: &[f32],
        s: &Shape,
        out: HeadGradients<'_>,
        kept: [&mut [f32]; 2],
        room: [&mut [f32]; 2],
    ) = backward_body
}

/// 1/√d_head, the factor of scores.
fn scale(s: &Shape) -> f32 {
    (1.0 / (s.d_head as f64).sqrt()) as f32
}

/// The rows of a head's queries, keys and values in `[batch, 3, heads · d_head, time]`.
fn places(i: usize, s: &Shape) -> [Range<usize>; 3] {
    let (item, head) = (i / s.heads, i % s.heads);
    [0, 1, 2].map(|kind| {
        let at = ((3 * item + kind) * s.heads + head) * s.head();
        at..at + s.head()
    })
}

/// Attention: Σ_o softmax_o(q\[t\]·k\[t-o\]/√d)·v\[t-o\] for every head, with queries and keys rotated by their
/// positions.
///
/// # Shapes
/// - qkv: queries, keys and values, `[batch, 3 · heads · d_head, time]`
/// - output: `[batch, heads · d_head, time]`
pub(crate) fn forward(isa: Isa, qkv: &[f32], turns: &Turns, s: &Shape) -> Vec<f32> {
    let mut out = vec![0.0; qkv.len() / 3];
    let mask = mask(s);
    par::chunks(&mut out, s.head(), |i, out| {
        let [q, k, v] = places(i, s).map(|place| &qkv[place]);
        let q = turned(q, s, turns, scale(s));
        let k = turned(k, s, turns, 1.0);
        let v = padded(v, s);
        let mut scores = Room::any(s.offsets() * WIDEST);
        head_forward(isa, &q, &k, &v, &mask, s, out, &mut scores);
    });
    out
}

/// The gradients of queries, keys and values, as they lie in `qkv`.
///
/// # Shapes
/// As in [`forward`]; grad: as its output.
pub(crate) fn backward(isa: Isa, qkv: &[f32], grad: &[f32], turns: &Turns, s: &Shape) -> Vec<f32> {
    let mut all = vec![0.0; qkv.len()];
    let mask = mask(s);
    let mut rows: Vec<_> = all.chunks_mut(s.head().max(1)).map(Some).collect();
    let heads = (0..s.batch * s.heads)
        .map(|i| places(i, s).map(|place| rows[place.start / s.head()].take().unwrap_or_default()));
    par::each(heads.collect(), |i, [of_q, of_k, of_v]| {
        let [q, k, v] = places(i, s).map(|place| &qkv[place]);
        let q = turned(q, s, turns, scale(s));
        let k = turned(k, s, turns, 1.0);
        let (v, grad) = (padded(v, s), padded(&grad[i * s.head()..][..s.head()], s));
        let mut weights = Room::zeros(s.window * s.row());
        let mut slopes = Room::zeros(s.window * s.row());
        let mut scores = Room::any(s.offsets() * WIDEST);
        let mut of_weights = Room::any(s.offsets() * WIDEST);
        head_backward(
            isa,
            [&q, &k, &v, &grad],
            &mask,
            s,
            HeadGradients { q: &mut *of_q, k: &mut *of_k, v: of_v },
            [&mut weights, &mut slopes],
            [&mut scores, &mut of_weights],
        );
        turned_back(of_q, s, turns, scale(s));
        turned_back(of_k, s, turns, 1.0);
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(n: usize, step: f64) -> Vec<f32> {
        (0..n).map(|i| (i as f64 * step).sin() as f32).collect()
    }

    /// The attention by its equation, in double precision.
    fn as_written([q, k, v]: [&[f64]; 3], s: &Shape) -> Vec<f64> {
        let mut out = vec![0.0; q.len()];
        let turn = |x: &[f64], head: usize, d: usize, t: usize| {
            let (a, b) =
                (x[(head + d / 2 * 2) * s.time + t], x[(head + d / 2 * 2 + 1) * s.time + t]);
            let freq = 1.0 / 10_000f32.powf((d / 2 * 2) as f32 / s.d_head as f32);
            let angle = f64::from(t as f32 * freq);
            if d.is_multiple_of(2) {
                a * angle.cos() - b * angle.sin()
            } else {
                a * angle.sin() + b * angle.cos()
            }
        };
        for head in (0..s.batch * s.heads).map(|h| h * s.d_head) {
            for t in 0..s.time {
                let first = (t + 1).saturating_sub(s.window);
                let score = |j: usize| {
                    let products = (0..s.d_head).map(|d| turn(q, head, d, t) * turn(k, head, d, j));
                    (products.sum::<f64>() / (s.d_head as f64).sqrt()).exp()
                };
                let scores: Vec<f64> = (first..=t).map(score).collect();
                let total: f64 = scores.iter().sum();
                for d in 0..s.d_head {
                    let at = (head + d) * s.time;
                    let sum = scores.iter().zip(first..).map(|(w, j)| w / total * v[at + j]);
                    out[at + t] = sum.sum();
                }
            }
        }
        out
    }

    /// Queries, keys and values in one array, item by item.
    fn packed(all: [&[f32]; 3], s: &Shape) -> Vec<f32> {
        let item = s.heads * s.head();
        let items = (0..s.batch).flat_map(|b| all.map(|x| &x[b * item..(b + 1) * item]));
        items.flatten().copied().collect()
    }

    /// The queries', keys' or values' part of such an array.
    fn unpacked(all: &[f32], kind: usize, s: &Shape) -> Vec<f32> {
        let item = s.heads * s.head();
        let items = (0..s.batch).map(|b| &all[(3 * b + kind) * item..][..item]);
        items.flatten().copied().collect()
    }

    const SHAPES: [Shape; 4] = [
        Shape { batch: 2, heads: 3, d_head: 8, window: 12, time: 45 },
        Shape { batch: 1, heads: 1, d_head: 2, window: 48, time: 21 },
        Shape { batch: 1, heads: 2, d_head: 12, window: 1, time: 33 },
        Shape { batch: 1, heads: 2, d_head: 16, window: 8, time: 16 },
    ];

    #[test]
    fn every_instruction_set_computes_it_as_written() {
        for s in SHAPES {
            let n = s.batch * s.heads * s.d_head * s.time;
            let all = [wave(n, 0.7), wave(n, 1.3), wave(n, 0.31)];
            let wide = all.each_ref().map(|x| x.iter().map(|&x| f64::from(x)).collect::<Vec<_>>());
            let want = as_written(wide.each_ref().map(Vec::as_slice), &s);
            let turns = Turns::new(s.d_head, s.time);
            let qkv = packed(all.each_ref().map(Vec::as_slice), &s);
            for isa in Isa::available() {
                let y = forward(isa, &qkv, &turns, &s);
                for (y, want) in y.iter().zip(&want) {
                    // outputs are means of values up to 1, with weights from exponentials within 2e-7
                    assert!((f64::from(*y) - want).abs() < 2e-6, "{s:?} {} {y} {want}", isa.name());
                }
            }
        }
    }

    #[test]
    fn gradients_are_those_of_the_sums() {
        for s in SHAPES {
            let n = s.batch * s.heads * s.d_head * s.time;
            let all = [wave(n, 0.7), wave(n, 1.3), wave(n, 0.31)];
            let grad = wave(n, 2.1);
            let turns = Turns::new(s.d_head, s.time);
            let wide = all.each_ref().map(|x| x.iter().map(|&x| f64::from(x)).collect::<Vec<_>>());
            let total = |wide: &[Vec<f64>; 3]| -> f64 {
                let y = as_written(wide.each_ref().map(Vec::as_slice), &s);
                y.iter().zip(&grad).map(|(y, g)| y * f64::from(*g)).sum()
            };
            let qkv = packed(all.each_ref().map(Vec::as_slice), &s);
            for isa in Isa::available() {
                let found = backward(isa, &qkv, &grad, &turns, &s);
                for which in 0..3 {
                    let of = unpacked(&found, which, &s);
                    for i in (0..n).step_by(n / 13 + 1) {
                        let moved = |by: f64| {
                            let mut wide = wide.clone();
                            wide[which][i] += by;
                            total(&wide)
                        };
                        let want = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                        // single precision, over up to 48 products of numbers below 1
                        assert!(
                            (f64::from(of[i]) - want).abs() < 2e-5,
                            "{s:?} {} {which} {i}: {} {want}",
                            isa.name(),
                            of[i]
                        );
                    }
                }
            }
        }
    }
}
