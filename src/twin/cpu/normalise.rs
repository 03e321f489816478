//! RMSNorm and LayerNorm, forwards and backwards, over channels that are apart in memory or contiguous.

use super::par;
use crate::simd::{Isa, dispatch, fma};

/// Sizes of values `[outer, channels, inner]` that are normalised over the middle axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Shape {
    pub outer: usize,
    pub channels: usize,
    pub inner: usize,
}

/// Number of positions that are handled together.
pub(super) const WIDE: usize = 64;

/// Scale, shift (`None` for RMSNorm), and ε, which is added to the variance.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Params<'a> {
    pub weight: &'a [f32],
    pub bias: Option<&'a [f32]>,
    pub eps: f32,
}

/// Mean (0 for RMSNorm) and reciprocal standard deviation of up to [`WIDE`] positions.
#[inline(always)]
pub(super) fn statistics<const FUSED: bool>(
    x: &[f32],
    s: &Shape,
    from: usize,
    len: usize,
    centre: bool,
    eps: f32,
) -> ([f32; WIDE], [f32; WIDE]) {
    let n = s.channels as f32;
    let (mut mean, mut square) = ([0f32; WIDE], [0f32; WIDE]);
    if centre {
        for c in 0..s.channels {
            let row = &x[c * s.inner + from..][..len];
            for (m, &x) in mean.iter_mut().zip(row) {
                *m += x;
            }
        }
        for m in &mut mean {
            *m /= n;
        }
    }
    for c in 0..s.channels {
        let row = &x[c * s.inner + from..][..len];
        for ((q, &m), &x) in square.iter_mut().zip(&mean).zip(row) {
            let d = x - m;
            *q = fma::<FUSED>(d, d, *q);
        }
    }
    for q in &mut square {
        *q = 1.0 / (*q / n + eps).sqrt();
    }
    (mean, square)
}

#[inline(always)]
fn forward_body<const FUSED: bool>(x: &[f32], out: &mut [f32], s: Shape, p: Params<'_>) {
    for from in (0..s.inner).step_by(WIDE) {
        let len = WIDE.min(s.inner - from);
        let (mean, inverse) = statistics::<FUSED>(x, &s, from, len, p.bias.is_some(), p.eps);
        for c in 0..s.channels {
            let at = c * s.inner + from;
            let (w, b) = (p.weight[c], p.bias.map_or(0.0, |b| b[c]));
            let (x, out) = (&x[at..][..len], &mut out[at..][..len]);
            for (((out, &x), &m), &i) in out.iter_mut().zip(x).zip(&mean).zip(&inverse) {
                *out = fma::<FUSED>((x - m) * i, w, b);
            }
        }
    }
}

/// Computes the gradient of the input, and adds those of scale and shift, (2, channels), to `affine`.
#[inline(always)]
fn backward_body<const FUSED: bool>(
    x: &[f32],
    grad: &[f32],
    out: &mut [f32],
    affine: &mut [f32],
    s: Shape,
    p: Params<'_>,
) {
    let n = s.channels as f32;
    let centre = p.bias.is_some();
    let (grad_weight, grad_bias) = affine.split_at_mut(s.channels);
    for from in (0..s.inner).step_by(WIDE) {
        let len = WIDE.min(s.inner - from);
        let (mean, inverse) = statistics::<FUSED>(x, &s, from, len, centre, p.eps);
        // means over channels of g·w and of g·w·x̂
        let (mut a, mut b) = ([0f32; WIDE], [0f32; WIDE]);
        for c in 0..s.channels {
            let at = c * s.inner + from;
            let (x, g, w) = (&x[at..][..len], &grad[at..][..len], p.weight[c]);
            let (mut sum_w, mut sum_b) = (0f32, 0f32);
            let mut hats = [0f32; WIDE];
            for l in 0..len {
                hats[l] = (x[l] - mean[l]) * inverse[l];
            }
            for l in 0..len {
                let gw = g[l] * w;
                a[l] += gw;
                b[l] = fma::<FUSED>(gw, hats[l], b[l]);
            }
            for (hat, g) in hats[..len].iter().zip(g) {
                sum_w += hat * g;
                sum_b += g;
            }
            grad_weight[c] += sum_w;
            grad_bias[c] += sum_b;
        }
        for l in 0..WIDE {
            a[l] = if centre { a[l] / n } else { 0.0 };
            b[l] /= n;
        }
        for c in 0..s.channels {
            let at = c * s.inner + from;
            let (x, g, w) = (&x[at..][..len], &grad[at..][..len], p.weight[c]);
            let out = &mut out[at..][..len];
            for l in 0..len {
                let hat = (x[l] - mean[l]) * inverse[l];
                out[l] = inverse[l] * (g[l] * w - a[l] - hat * b[l]);
            }
        }
    }
}

dispatch! {
    loops fn forward_item(x: &[f32], out: &mut [f32], s: Shape, p: Params<'_>) = forward_body
}
dispatch! {
    loops fn backward_item(
        x: &[f32],
        grad: &[f32],
        out: &mut [f32],
        affine: &mut [f32],
        s: Shape,
        p: Params<'_>,
    ) = backward_body
}

/// Number of outer positions that one task handles.
pub(super) fn task(s: &Shape) -> usize {
    (16_384 / (s.channels * s.inner).max(1)).max(1)
}

/// The normalised, scaled and shifted values.
pub(crate) fn forward(isa: Isa, x: &[f32], s: Shape, p: Params<'_>) -> Vec<f32> {
    let mut out = vec![0.0; x.len()];
    let (item, many) = (s.channels * s.inner, task(&s));
    par::chunks(&mut out, item * many, |i, out| {
        let x = &x[i * item * many..][..out.len()];
        if s.inner == 1 {
            return side_by_side(x, out, s.channels, p);
        }
        for (x, out) in x.chunks(item).zip(out.chunks_mut(item)) {
            forward_item(isa, x, out, s, p);
        }
    });
    out
}

/// The gradient of the input, and those of scale and shift, (2, channels).
pub(crate) fn backward(
    isa: Isa,
    x: &[f32],
    grad: &[f32],
    s: Shape,
    p: Params<'_>,
) -> (Vec<f32>, Vec<f32>) {
    let mut out = vec![0.0; x.len()];
    let (item, many) = (s.channels * s.inner, task(&s));
    let tasks = s.outer.div_ceil(many);
    let mut parts = vec![0.0; tasks * 2 * s.channels];
    par::chunks2(&mut out, item * many, &mut parts, 2 * s.channels, |i, out, affine| {
        let part = i * item * many..i * item * many + out.len();
        let (x, grad) = (&x[part.clone()], &grad[part]);
        if s.inner == 1 {
            return side_by_side_back(x, grad, out, affine, s.channels, p);
        }
        let items = x.chunks(item).zip(grad.chunks(item)).zip(out.chunks_mut(item));
        for ((x, grad), out) in items {
            backward_item(isa, x, grad, out, affine, s, p);
        }
    });
    let mut affine = vec![0.0; 2 * s.channels];
    for part in parts.chunks(2 * s.channels) {
        for (sum, value) in affine.iter_mut().zip(part) {
            *sum += value;
        }
    }
    (out, affine)
}

/// Mean (0 for RMSNorm) and reciprocal standard deviation of one row.
#[inline(always)]
fn row_statistics(x: &[f32], centre: bool, eps: f32) -> (f32, f32) {
    let n = x.len() as f32;
    let mean = if centre { sum(x.iter().copied()) / n } else { 0.0 };
    let square = sum(x.iter().map(|x| (x - mean) * (x - mean)));
    (mean, 1.0 / (square / n + eps).sqrt())
}

/// The sum in eight interleaved parts, which vectorise.
#[inline(always)]
fn sum(values: impl Iterator<Item = f32>) -> f32 {
    let mut sums = [0f32; 8];
    for (i, v) in values.enumerate() {
        sums[i % 8] += v;
    }
    sums.iter().sum()
}

/// Normalises, scales and shifts rows of contiguous channels.
pub(crate) fn side_by_side(x: &[f32], out: &mut [f32], channels: usize, p: Params<'_>) {
    for (x, out) in x.chunks(channels).zip(out.chunks_mut(channels)) {
        let (mean, inverse) = row_statistics(x, p.bias.is_some(), p.eps);
        for c in 0..channels {
            out[c] = (x[c] - mean) * inverse * p.weight[c] + p.bias.map_or(0.0, |b| b[c]);
        }
    }
}

/// Computes the gradient of rows of contiguous channels; those of scale and shift are added to `affine`.
pub(crate) fn side_by_side_back(
    x: &[f32],
    grad: &[f32],
    out: &mut [f32],
    affine: &mut [f32],
    channels: usize,
    p: Params<'_>,
) {
    let n = channels as f32;
    let centre = p.bias.is_some();
    let (grad_weight, grad_bias) = affine.split_at_mut(channels);
    let rows = x.chunks(channels).zip(grad.chunks(channels)).zip(out.chunks_mut(channels));
    for ((x, g), out) in rows {
        let (mean, inverse) = row_statistics(x, centre, p.eps);
        let (mut a, mut b) = (0f32, 0f32);
        for c in 0..channels {
            let (hat, gw) = ((x[c] - mean) * inverse, g[c] * p.weight[c]);
            a += gw;
            b += gw * hat;
            grad_weight[c] += g[c] * hat;
            grad_bias[c] += g[c];
        }
        let a = if centre { a / n } else { 0.0 };
        for c in 0..channels {
            let hat = (x[c] - mean) * inverse;
            out[c] = inverse * (g[c] * p.weight[c] - a - hat * (b / n));
        }
    }
}
