//! Norm and nonlinearity, forwards and backwards each in one pass. The values between them are computed again in the
//! backward pass, which costs less than writing and reading them.

use super::elementwise::{Pointwise, Work, apply};
use super::normalise::{Params, Shape, WIDE, statistics, task};
use super::par;
use crate::simd::{Isa, dispatch, fma};
use crate::twin::ops::activation::Activation;

/// Computes out = φ(norm(x)) of one item, `[channels, inner]`.
#[inline(always)]
fn forward_body<const FUSED: bool, P: Pointwise>(
    f: P,
    x: &[f32],
    out: &mut [f32],
    s: Shape,
    p: Params<'_>,
) {
    for from in (0..s.inner).step_by(WIDE) {
        let len = WIDE.min(s.inner - from);
        let (mean, inverse) = statistics::<FUSED>(x, &s, from, len, p.bias.is_some(), p.eps);
        for c in 0..s.channels {
            let at = c * s.inner + from;
            let (w, b) = (p.weight[c], p.bias.map_or(0.0, |b| b[c]));
            let (x, out) = (&x[at..][..len], &mut out[at..][..len]);
            for (((out, &x), &m), &i) in out.iter_mut().zip(x).zip(&mean).zip(&inverse) {
                *out = f.value::<FUSED>(fma::<FUSED>((x - m) * i, w, b));
            }
        }
    }
}

/// Computes the gradient of x of one item; the gradients of scale and shift, `[2, channels]`, are added to `affine`.
#[inline(always)]
fn backward_body<const FUSED: bool, P: Pointwise>(
    f: P,
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
        let (mean, inverse) = (&mean[..len], &inverse[..len]);
        // means over channels of g·w and of g·w·x̂
        let (mut a, mut b) = ([0f32; WIDE], [0f32; WIDE]);
        for c in 0..s.channels {
            let at = c * s.inner + from;
            let (x, g, out) = (&x[at..][..len], &grad[at..][..len], &mut out[at..][..len]);
            let (w, shift) = (p.weight[c], p.bias.map_or(0.0, |b| b[c]));
            // eight sums side by side, which vectorise
            let (mut sum_w, mut sum_b) = ([0f32; 16], [0f32; 16]);
            let mut hats = [0f32; WIDE];
            for l in 0..len {
                let hat = (x[l] - mean[l]) * inverse[l];
                hats[l] = hat;
                let g = g[l] * f.slope::<FUSED>(fma::<FUSED>(hat, w, shift));
                // kept in the place of the result
                out[l] = g;
            }
            for l in 0..len {
                let gw = out[l] * w;
                a[l] += gw;
                b[l] = fma::<FUSED>(gw, hats[l], b[l]);
            }
            let eights = out.chunks(16).zip(hats.chunks(16));
            for (g, hat) in eights {
                for l in 0..g.len() {
                    sum_w[l] = fma::<FUSED>(g[l], hat[l], sum_w[l]);
                    sum_b[l] += g[l];
                }
            }
            grad_weight[c] += sum_w.iter().sum::<f32>();
            grad_bias[c] += sum_b.iter().sum::<f32>();
        }
        for l in 0..WIDE {
            a[l] = if centre { a[l] / n } else { 0.0 };
            b[l] /= n;
        }
        for c in 0..s.channels {
            let at = c * s.inner + from;
            let (x, w, out) = (&x[at..][..len], p.weight[c], &mut out[at..][..len]);
            for l in 0..len {
                let hat = (x[l] - mean[l]) * inverse[l];
                out[l] = inverse[l] * (out[l] * w - a[l] - hat * b[l]);
            }
        }
    }
}

dispatch! {
    loops fn forward_item<P: Pointwise>(f: P, x: &[f32], out: &mut [f32], s: Shape, p: Params<'_>) =
        forward_body
}
dispatch! {
    loops fn backward_item<P: Pointwise>(
        f: P,
        x: &[f32],
        grad: &[f32],
        out: &mut [f32],
        affine: &mut [f32],
        s: Shape,
        p: Params<'_>,
    ) = backward_body
}

struct Forward<'a> {
    isa: Isa,
    x: &'a [f32],
    out: &'a mut [f32],
    s: Shape,
    p: Params<'a>,
}

impl Work for Forward<'_> {
    fn with(self, f: impl Pointwise) {
        let Self { isa, x, out, s, p } = self;
        let (item, many) = (s.channels * s.inner, task(&s));
        par::chunks(out, item * many, |i, out| {
            let x = &x[i * item * many..][..out.len()];
            for (x, out) in x.chunks(item).zip(out.chunks_mut(item)) {
                forward_item(isa, f, x, out, s, p);
            }
        });
    }
}

struct Backward<'a> {
    isa: Isa,
    x: &'a [f32],
    grad: &'a [f32],
    out: &'a mut [f32],
    parts: &'a mut [f32],
    s: Shape,
    p: Params<'a>,
}

impl Work for Backward<'_> {
    fn with(self, f: impl Pointwise) {
        let Self { isa, x, grad, out, parts, s, p } = self;
        let (item, many) = (s.channels * s.inner, task(&s));
        par::chunks2(out, item * many, parts, 2 * s.channels, |i, out, affine| {
            let part = i * item * many..i * item * many + out.len();
            let (x, grad) = (&x[part.clone()], &grad[part]);
            let items = x.chunks(item).zip(grad.chunks(item)).zip(out.chunks_mut(item));
            for ((x, grad), out) in items {
                backward_item(isa, f, x, grad, out, affine, s, p);
            }
        });
    }
}

/// The nonlinearity of the normalised, scaled and shifted values.
pub(crate) fn forward(isa: Isa, x: &[f32], s: Shape, p: Params<'_>, f: &Activation) -> Vec<f32> {
    let mut out = vec![0.0; x.len()];
    apply(f, Forward { isa, x, out: &mut out, s, p });
    out
}

/// The gradient of the input, and those of scale and shift, `[2, channels]`.
pub(crate) fn backward(
    isa: Isa,
    x: &[f32],
    grad: &[f32],
    s: Shape,
    p: Params<'_>,
    f: &Activation,
) -> (Vec<f32>, Vec<f32>) {
    let mut out = vec![0.0; x.len()];
    let tasks = s.outer.div_ceil(task(&s));
    let mut parts = vec![0.0; tasks * 2 * s.channels];
    apply(f, Backward { isa, x, grad, out: &mut out, parts: &mut parts, s, p });
    let mut affine = vec![0.0; 2 * s.channels];
    for part in parts.chunks(2 * s.channels) {
        for (sum, value) in affine.iter_mut().zip(part) {
            *sum += value;
        }
    }
    (out, affine)
}

#[cfg(test)]
mod tests {
    use super::super::{elementwise, normalise};
    use super::*;
    use crate::twin::ops::activation::Nonlinearity;

    /// Compared with the two operations one after the other, whose values and slopes have tests of their own.
    #[test]
    fn as_the_norm_and_then_the_nonlinearity() {
        let s = Shape { outer: 3, channels: 5, inner: 150 };
        let wave = |n: usize, step: f32| -> Vec<f32> {
            (0..n).map(|i| (i as f32 * step).sin() * 2.0 + 0.3).collect()
        };
        let x = wave(s.outer * s.channels * s.inner, 0.7);
        let g = wave(x.len(), 0.31);
        let (weight, bias) = (wave(s.channels, 1.1), wave(s.channels, 0.4));
        for (isa, kind) in
            Isa::available().iter().flat_map(|i| Nonlinearity::ALL.iter().map(move |k| (*i, *k)))
        {
            let f = Activation::new(kind, 0.2);
            for bias in [None, Some(bias.as_slice())] {
                let p = Params { weight: &weight, bias, eps: 1e-5 };
                let between = normalise::forward(isa, &x, s, p);
                // both have the same operations with sums in another order: a few roundings of values up to 5
                let near = |a: &[f32], b: &[f32], what: &str| {
                    assert_eq!(a.len(), b.len());
                    for (a, b) in a.iter().zip(b) {
                        assert!(
                            (a - b).abs() <= 2e-5 * b.abs().max(1.0),
                            "{what} {kind:?} {a} {b}"
                        );
                    }
                };
                let want = elementwise::forward(isa, &between, &f);
                near(&forward(isa, &x, s, p, &f), &want, "y");
                let of_between = elementwise::backward(isa, &between, &g, &f);
                let (want_x, want_affine) = normalise::backward(isa, &x, &of_between, s, p);
                let (of_x, affine) = backward(isa, &x, &g, s, p, &f);
                near(&of_x, &want_x, "x");
                near(&affine, &want_affine, "affine");
            }
        }
    }
}
