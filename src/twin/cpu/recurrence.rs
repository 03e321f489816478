//! The ELM's recurrence in one pass forwards and one backwards through time, with a task for each simulation.
//!
//! All parameters lie in one row: w_s, κ_m, scale and shift of the norm, then weight (out × in) and
//! bias of each linear map.

use super::elementwise::{backward_into, forward_into};
use super::normalise::{self, Params};
use super::par;
use crate::simd::{Isa, dispatch, fma};
use crate::twin::ops::recurrence::Recurrence;

/// The parameters, taken apart.
struct Parts<'a> {
    w_s: &'a [f32],
    kappa: &'a [f32],
    weight: &'a [f32],
    bias: &'a [f32],
    /// For each linear map: weight, bias, number of inputs, number of outputs.
    maps: Vec<(&'a [f32], &'a [f32], usize, usize)>,
}

impl Recurrence {
    fn parts<'a>(&self, params: &'a [f32]) -> Parts<'a> {
        let mut rest = params;
        let mut take = |n: usize| {
            let (first, after) = rest.split_at(n);
            rest = after;
            first
        };
        let w_s = take(self.rows);
        let kappa = take(self.memory);
        let width = self.input();
        let weight = take(if self.norm.is_some() { width } else { 0 });
        let bias = take(if self.norm == Some(true) { width } else { 0 });
        let mut maps = Vec::new();
        let mut features = width;
        for &out in &self.widths {
            maps.push((take(out * features), take(out), features, out));
            features = out;
        }
        Parts { w_s, kappa, weight, bias, maps }
    }

    fn norm_params<'a>(&self, parts: &Parts<'a>) -> Option<Params<'a>> {
        let bias = (self.norm == Some(true)).then_some(parts.bias);
        self.norm.map(|_| Params { weight: parts.weight, bias, eps: self.eps })
    }

    /// Number of values that a step keeps for the backward pass: input, normalised input, and each map's output before
    /// and after its nonlinearity.
    fn trace(&self) -> usize {
        2 * self.input() + 2 * self.widths.iter().sum::<usize>()
    }
}

/// Computes y\[o\] = bias\[o\] + Σ_i weight\[o, i\]·x\[i\] with the transposed weight, `[in, out]`.
#[inline(always)]
fn map_body<const FUSED: bool>(x: &[f32], transposed: &[f32], bias: &[f32], y: &mut [f32]) {
    y.copy_from_slice(bias);
    let out = y.len();
    // four inputs at a time, so that y is loaded and stored a quarter as often
    let (fours, rest) = x.as_chunks::<4>();
    for (x, w) in fours.iter().zip(transposed.chunks_exact(4 * out)) {
        let (w0, w) = w.split_at(out);
        let (w1, w) = w.split_at(out);
        let (w2, w3) = w.split_at(out);
        for o in 0..out {
            let sum = fma::<FUSED>(x[0], w0[o], y[o]);
            let sum = fma::<FUSED>(x[1], w1[o], sum);
            let sum = fma::<FUSED>(x[2], w2[o], sum);
            y[o] = fma::<FUSED>(x[3], w3[o], sum);
        }
    }
    let done = fours.len() * 4 * out;
    for (&x, w) in rest.iter().zip(transposed[done..].chunks_exact(out)) {
        for (y, &w) in y.iter_mut().zip(w) {
            *y = fma::<FUSED>(x, w, *y);
        }
    }
}

/// Adds a·bᵀ to an `[a, b]` matrix for every step of a simulation.
#[inline(always)]
#[allow(clippy::too_many_arguments)] // a kernel takes its shapes and its arrays
fn outer_body<const FUSED: bool>(
    sums: &mut [f32],
    a: &[f32],
    a_stride: usize,
    a_len: usize,
    b: &[f32],
    b_stride: usize,
    b_len: usize,
    steps: usize,
) {
    let mut t = 0;
    // four steps at a time, so that sums are loaded and stored a quarter as often
    while t + 4 <= steps {
        let a = |i: usize| &a[(t + i) * a_stride..][..a_len];
        let b = |i: usize| &b[(t + i) * b_stride..][..b_len];
        let (a0, a1, a2, a3) = (a(0), a(1), a(2), a(3));
        let (b0, b1, b2, b3) = (b(0), b(1), b(2), b(3));
        for (i, row) in sums.chunks_exact_mut(b_len).enumerate() {
            for o in 0..b_len {
                let sum = fma::<FUSED>(a0[i], b0[o], row[o]);
                let sum = fma::<FUSED>(a1[i], b1[o], sum);
                let sum = fma::<FUSED>(a2[i], b2[o], sum);
                row[o] = fma::<FUSED>(a3[i], b3[o], sum);
            }
        }
        t += 4;
    }
    while t < steps {
        let (a, b) = (&a[t * a_stride..][..a_len], &b[t * b_stride..][..b_len]);
        for (&a, row) in a.iter().zip(sums.chunks_exact_mut(b_len)) {
            for (sum, &b) in row.iter_mut().zip(b) {
                *sum = fma::<FUSED>(a, b, *sum);
            }
        }
        t += 1;
    }
}

dispatch! {
    loops fn map(x: &[f32], transposed: &[f32], bias: &[f32], y: &mut [f32]) = map_body
}
dispatch! {
    loops fn outer(
        sums: &mut [f32],
        a: &[f32],
        a_stride: usize,
        a_len: usize,
        b: &[f32],
        b_stride: usize,
        b_len: usize,
        steps: usize,
    ) = outer_body
}

fn transpose(matrix: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    let mut out = vec![0.0; matrix.len()];
    for r in 0..rows {
        for c in 0..columns {
            out[c * rows + r] = matrix[r * columns + c];
        }
    }
    out
}

/// The memory at every ms, and the values for the backward pass.
#[derive(Debug)]
pub struct Run {
    /// The memory, (batch, time, memory).
    pub(crate) memory: Vec<f32>,
    /// The values that each step keeps, (batch, time, trace).
    trace: Vec<f32>,
}

/// Runs the recurrence over x, (batch, rows, time).
#[allow(clippy::too_many_arguments)]
pub(crate) fn forward(
    isa: Isa,
    r: &Recurrence,
    x: &[f32],
    params: &[f32],
    kappa_s: &[f32],
    batch: usize,
    time: usize,
) -> Run {
    let parts = r.parts(params);
    let transposed: Vec<Vec<f32>> =
        parts.maps.iter().map(|(w, _, width, out)| transpose(w, *out, *width)).collect();
    let (input, span) = (r.input(), r.trace());
    let mut run =
        Run { memory: vec![0.0; batch * time * r.memory], trace: vec![0.0; batch * time * span] };
    let lens = (time * r.memory, time * span);
    par::chunks2(&mut run.memory, lens.0, &mut run.trace, lens.1, |item, memory, trace| {
        let x = &x[item * r.rows * time..][..r.rows * time];
        let mut s = vec![0.0; r.rows];
        let mut m = vec![0.0; r.memory];
        for t in 0..time {
            let step = &mut trace[t * span..][..span];
            let (raw, step) = step.split_at_mut(input);
            let (normal, mut step) = step.split_at_mut(input);
            for i in 0..r.rows {
                s[i] = kappa_s[i] * s[i] + parts.w_s[i] * x[i * time + t];
            }
            raw[..r.rows].copy_from_slice(&s);
            for (kept, (m, k)) in raw[r.rows..].iter_mut().zip(m.iter().zip(parts.kappa)) {
                *kept = m * k;
            }
            match r.norm_params(&parts) {
                Some(p) => normalise::side_by_side(raw, normal, input, p),
                None => normal.copy_from_slice(raw),
            }
            let mut before: &[f32] = normal;
            for (i, (_, bias, _, out)) in parts.maps.iter().enumerate() {
                let (pre, rest) = step.split_at_mut(*out);
                let (post, rest) = rest.split_at_mut(*out);
                map(isa, before, &transposed[i], bias, pre);
                let last = i + 1 == parts.maps.len();
                forward_into(isa, pre, post, if last { &r.post } else { &r.hidden });
                before = post;
                step = rest;
            }
            for i in 0..r.memory {
                let drive = r.lambda * (1.0 - parts.kappa[i]);
                m[i] = raw[r.rows + i] + drive * before[i];
            }
            memory[t * r.memory..][..r.memory].copy_from_slice(&m);
        }
    });
    run
}

/// The gradients of the input, (batch, rows, time), and of the parameters, from the gradient of the memory, (batch,
/// time, memory).
#[allow(clippy::too_many_arguments)]
pub(crate) fn backward(
    isa: Isa,
    r: &Recurrence,
    x: &[f32],
    params: &[f32],
    kappa_s: &[f32],
    run: &Run,
    grad: &[f32],
    batch: usize,
    time: usize,
) -> (Vec<f32>, Vec<f32>) {
    let parts = r.parts(params);
    let (input, span, count) = (r.input(), r.trace(), params.len());
    let hidden: usize = r.widths.iter().sum();
    let mut grad_x = vec![0.0; x.len()];
    let mut sums = vec![0.0; batch * count];
    par::chunks2(&mut grad_x, r.rows * time, &mut sums, count, |item, grad_x, sums| {
        let x = &x[item * r.rows * time..][..r.rows * time];
        let grad = &grad[item * time * r.memory..][..time * r.memory];
        let memory = &run.memory[item * time * r.memory..][..time * r.memory];
        let trace = &run.trace[item * time * span..][..time * span];
        // gradients of each map's output, kept for the weights' gradients at the end
        let mut deltas = vec![0.0; time * hidden];
        let (mut of_s, mut of_m) = (vec![0.0; r.rows], vec![0.0; r.memory]);
        let (mut of_normal, mut of_raw) = (vec![0.0; input], vec![0.0; input]);
        let mut of_post = vec![0.0; r.widths.iter().copied().max().unwrap_or(0)];
        let mut affine = vec![0.0; 2 * input];
        let zeros = vec![0.0; r.memory.max(input).max(of_post.len())];
        let (head, tail) = sums.split_at_mut(r.rows + r.memory);
        let (of_w_s, of_kappa) = head.split_at_mut(r.rows);
        for t in (0..time).rev() {
            let step = &trace[t * span..][..span];
            let (raw, layers) = (&step[..input], &step[2 * input..]);
            let delta = &mut deltas[t * hidden..][..hidden];
            for (m, g) in of_m.iter_mut().zip(&grad[t * r.memory..]) {
                *m += g;
            }
            // m = κ·m' + λ(1-κ)·y
            let last = &layers[layers.len() - r.memory..];
            for i in 0..r.memory {
                of_post[i] = of_m[i] * r.lambda * (1.0 - parts.kappa[i]);
                of_kappa[i] -= of_m[i] * r.lambda * last[i];
            }
            let (mut at, mut delta_at) = (layers.len(), hidden);
            for (i, (weight, _, width, out)) in parts.maps.iter().enumerate().rev() {
                at -= 2 * out;
                delta_at -= out;
                let pre = &layers[at..][..*out];
                let of_pre = &mut delta[delta_at..][..*out];
                let last = i + 1 == parts.maps.len();
                let nonlinearity = if last { &r.post } else { &r.hidden };
                backward_into(isa, pre, &of_post[..*out], of_pre, nonlinearity);
                // back through the map: its weight is `[out, in]`, the layout that `map` takes for the transposed map
                let of_before = if i == 0 { &mut of_normal[..] } else { &mut of_post[..*width] };
                map(isa, of_pre, weight, &zeros[..*width], of_before);
            }
            match r.norm_params(&parts) {
                Some(p) => normalise::side_by_side_back(
                    raw,
                    &of_normal,
                    &mut of_raw,
                    &mut affine,
                    input,
                    p,
                ),
                None => of_raw.copy_from_slice(&of_normal),
            }
            for i in 0..r.rows {
                of_s[i] += of_raw[i];
                of_w_s[i] += of_s[i] * x[i * time + t];
                grad_x[i * time + t] = of_s[i] * parts.w_s[i];
                of_s[i] *= kappa_s[i];
            }
            for i in 0..r.memory {
                let kept = of_m[i] + of_raw[r.rows + i];
                let before = if t > 0 { memory[(t - 1) * r.memory + i] } else { 0.0 };
                of_kappa[i] += kept * before;
                of_m[i] = kept * parts.kappa[i];
            }
        }
        let norm = r.norm.map_or(0, |centre| input * (1 + usize::from(centre)));
        tail[..norm].copy_from_slice(&affine[..norm]);
        let (mut to, mut delta_at, mut from) = (norm, 0, input);
        for (_, _, width, out) in &parts.maps {
            let of_weight = &mut tail[to..][..out * width];
            outer(
                isa,
                of_weight,
                &deltas[delta_at..],
                hidden,
                *out,
                &trace[from..],
                span,
                *width,
                time,
            );
            let of_bias = &mut tail[to + out * width..][..*out];
            for step in deltas.chunks_exact(hidden) {
                for (sum, d) in of_bias.iter_mut().zip(&step[delta_at..]) {
                    *sum += d;
                }
            }
            // the next map's input is the output of this one's nonlinearity
            from = if from == input { 2 * input + out } else { from + width + out };
            delta_at += out;
            to += out * (width + 1);
        }
    });
    let mut total = vec![0.0; count];
    for part in sums.chunks(count) {
        for (sum, value) in total.iter_mut().zip(part) {
            *sum += value;
        }
    }
    (grad_x, total)
}
