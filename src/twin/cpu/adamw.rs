//! AdamW's step in one pass over values, gradients and moments.

use super::par;
use crate::simd::{Isa, dispatch};
use crate::twin::ops::adamw::Coefficients;

/// Number of values that one task handles.
const CHUNK: usize = 16_384;

/// Computes new values and moments from old ones: `[values, first moment, second moment]`.
#[inline(always)]
fn step_body<const FUSED: bool>(
    old: [&[f32]; 3],
    gradients: &[f32],
    new: [&mut [f32]; 3],
    c: Coefficients,
) {
    let n = gradients.len();
    let [x, m, v] = old.map(|old| &old[..n]);
    let [new_x, new_m, new_v] = new.map(|new| &mut new[..n]);
    let [b1, b2] = c.beta.map(|beta| beta as f32);
    let [r1, r2] = c.beta.map(|beta| (1.0 - beta) as f32);
    let (keep, size, bias, eps) = (c.keep as f32, c.size as f32, c.bias as f32, c.eps as f32);
    for i in 0..n {
        let g = gradients[i];
        new_m[i] = m[i] * b1 + g * r1;
        new_v[i] = v[i] * b2 + g * g * r2;
        new_x[i] = x[i] * keep - new_m[i] / (new_v[i].sqrt() / bias + eps) * size;
    }
}

dispatch! {
    loops fn step_part(
        old: [&[f32]; 3],
        gradients: &[f32],
        new: [&mut [f32]; 3],
        c: Coefficients,
    ) = step_body
}

/// AdamW's step: new values and moments from old ones, `[values, first moment, second moment]`, `[n]` each.
pub(crate) fn step(
    isa: Isa,
    old: [&[f32]; 3],
    gradients: &[f32],
    c: Coefficients,
) -> [Vec<f32>; 3] {
    let mut new = [(); 3].map(|()| vec![0.0; gradients.len()]);
    let [x, m, v] = new.each_mut().map(|all| all.chunks_mut(CHUNK));
    par::each(x.zip(m).zip(v).collect(), |i, ((x, m), v)| {
        let part = i * CHUNK..i * CHUNK + x.len();
        let old = old.map(|old| &old[part.clone()]);
        step_part(isa, old, &gradients[part], [x, m, v], c);
    });
    new
}
