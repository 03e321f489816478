//! Nonlinearities and their derivatives.

use super::math::{exp, normal_cdf, sigmoid, tanh};
use super::par;
use crate::simd::{Isa, dispatch};
use crate::twin::ops::activation::{Activation, Nonlinearity};

/// Number of values that one task handles.
const CHUNK: usize = 8192;

/// A nonlinearity: its value and its derivative.
pub(super) trait Pointwise: Copy + Send + Sync {
    fn value<const FUSED: bool>(self, x: f32) -> f32;
    fn slope<const FUSED: bool>(self, x: f32) -> f32;
}

#[inline(always)]
fn value_body<const FUSED: bool, P: Pointwise>(p: P, x: &[f32], out: &mut [f32]) {
    for (out, &x) in out.iter_mut().zip(x) {
        *out = p.value::<FUSED>(x);
    }
}

/// Computes `grad` times the slope at `x`.
#[inline(always)]
fn slope_body<const FUSED: bool, P: Pointwise>(p: P, x: &[f32], grad: &[f32], out: &mut [f32]) {
    for ((out, &x), &g) in out.iter_mut().zip(x).zip(grad) {
        *out = g * p.slope::<FUSED>(x);
    }
}

dispatch! { loops fn value<P: Pointwise>(p: P, x: &[f32], out: &mut [f32]) = value_body }
dispatch! {
    loops fn slope<P: Pointwise>(p: P, x: &[f32], grad: &[f32], out: &mut [f32]) = slope_body
}

/// The nonlinearity of each value of `x`.
pub(crate) fn forward(isa: Isa, x: &[f32], activation: &Activation) -> Vec<f32> {
    let mut out = vec![0.0; x.len()];
    apply(activation, Forward { isa, x, out: &mut out });
    out
}

/// The gradient of the nonlinearity's input.
pub(crate) fn backward(isa: Isa, x: &[f32], grad: &[f32], activation: &Activation) -> Vec<f32> {
    let mut out = vec![0.0; x.len()];
    apply(activation, Backward { isa, x, grad, out: &mut out });
    out
}

/// Computes the nonlinearity of a few values, in this thread.
pub(crate) fn forward_into(isa: Isa, x: &[f32], out: &mut [f32], activation: &Activation) {
    apply(activation, Small { isa, x, grad: None, out });
}

/// Computes the gradient of a few values, in this thread.
pub(crate) fn backward_into(
    isa: Isa,
    x: &[f32],
    grad: &[f32],
    out: &mut [f32],
    activation: &Activation,
) {
    apply(activation, Small { isa, x, grad: Some(grad), out });
}

/// Work that is compiled for each of the nonlinearities.
pub(super) trait Work {
    fn with(self, p: impl Pointwise);
}

struct Forward<'a> {
    isa: Isa,
    x: &'a [f32],
    out: &'a mut [f32],
}

impl Work for Forward<'_> {
    fn with(self, p: impl Pointwise) {
        let (isa, x) = (self.isa, self.x);
        par::chunks(self.out, CHUNK, |i, out| value(isa, p, &x[i * CHUNK..][..out.len()], out));
    }
}

struct Backward<'a> {
    isa: Isa,
    x: &'a [f32],
    grad: &'a [f32],
    out: &'a mut [f32],
}

impl Work for Backward<'_> {
    fn with(self, p: impl Pointwise) {
        let (isa, x, grad) = (self.isa, self.x, self.grad);
        par::chunks(self.out, CHUNK, |i, out| {
            let part = i * CHUNK..i * CHUNK + out.len();
            slope(isa, p, &x[part.clone()], &grad[part], out);
        });
    }
}

struct Small<'a> {
    isa: Isa,
    x: &'a [f32],
    grad: Option<&'a [f32]>,
    out: &'a mut [f32],
}

impl Work for Small<'_> {
    fn with(self, p: impl Pointwise) {
        match self.grad {
            Some(grad) => slope(self.isa, p, self.x, grad, self.out),
            None => value(self.isa, p, self.x, self.out),
        }
    }
}

/// Does the work with the activation's nonlinearity, which is chosen once for all values.
pub(super) fn apply(a: &Activation, work: impl Work) {
    let leak = a.leak as f32;
    let twice = 2.0 * leak;
    match a.kind {
        Nonlinearity::Identity => work.with(Leaky(1.0)),
        Nonlinearity::Relu => work.with(Leaky(0.0)),
        Nonlinearity::LeakyRelu => work.with(Leaky(leak)),
        Nonlinearity::Gelu => work.with(Gelu),
        Nonlinearity::LeakyGelu => work.with(Mean(Gelu, Leaky(twice))),
        Nonlinearity::Silu => work.with(Silu),
        Nonlinearity::LeakySilu => work.with(Mean(Silu, Leaky(twice))),
        Nonlinearity::Tanh => work.with(Tanh { leak: 0.0 }),
        Nonlinearity::LeakyTanh => work.with(Tanh { leak }),
        Nonlinearity::Sigmoid => work.with(Sigmoid),
        Nonlinearity::LeakySigmoid => work.with(LeakySigmoid { leak }),
        Nonlinearity::TwoSidedLeakyRelu => work.with(TwoSided(Leaky(leak), a.bend)),
        Nonlinearity::TwoSidedLeakyGelu => work.with(TwoSided(Mean(Gelu, Leaky(twice)), a.bend)),
        Nonlinearity::TwoSidedLeakySilu => work.with(TwoSided(Mean(Silu, Leaky(twice)), a.bend)),
    }
}

#[derive(Clone, Copy)]
struct Leaky(f32);

impl Pointwise for Leaky {
    #[inline(always)]
    fn value<const FUSED: bool>(self, x: f32) -> f32 {
        if x > 0.0 { x } else { self.0 * x }
    }
    #[inline(always)]
    fn slope<const FUSED: bool>(self, x: f32) -> f32 {
        if x > 0.0 { 1.0 } else { self.0 }
    }
}

#[derive(Clone, Copy)]
struct Gelu;

impl Pointwise for Gelu {
    #[inline(always)]
    fn value<const FUSED: bool>(self, x: f32) -> f32 {
        x * normal_cdf::<FUSED>(x)
    }
    #[inline(always)]
    fn slope<const FUSED: bool>(self, x: f32) -> f32 {
        const DENSITY: f32 = 0.398_942_3; // 1/√(2π)
        normal_cdf::<FUSED>(x) + x * DENSITY * exp::<FUSED>(-0.5 * x * x)
    }
}

#[derive(Clone, Copy)]
struct Silu;

impl Pointwise for Silu {
    #[inline(always)]
    fn value<const FUSED: bool>(self, x: f32) -> f32 {
        x * sigmoid::<FUSED>(x)
    }
    #[inline(always)]
    fn slope<const FUSED: bool>(self, x: f32) -> f32 {
        let s = sigmoid::<FUSED>(x);
        s + x * s * (1.0 - s)
    }
}

#[derive(Clone, Copy)]
struct Mean<A, B>(A, B);

impl<A: Pointwise, B: Pointwise> Pointwise for Mean<A, B> {
    #[inline(always)]
    fn value<const FUSED: bool>(self, x: f32) -> f32 {
        0.5 * self.0.value::<FUSED>(x) + 0.5 * self.1.value::<FUSED>(x)
    }
    #[inline(always)]
    fn slope<const FUSED: bool>(self, x: f32) -> f32 {
        0.5 * self.0.slope::<FUSED>(x) + 0.5 * self.1.slope::<FUSED>(x)
    }
}

#[derive(Clone, Copy)]
struct Tanh {
    leak: f32,
}

impl Pointwise for Tanh {
    #[inline(always)]
    fn value<const FUSED: bool>(self, x: f32) -> f32 {
        self.leak * x + (1.0 - self.leak) * tanh::<FUSED>(x)
    }
    #[inline(always)]
    fn slope<const FUSED: bool>(self, x: f32) -> f32 {
        let t = tanh::<FUSED>(x);
        self.leak + (1.0 - self.leak) * (1.0 - t * t)
    }
}

#[derive(Clone, Copy)]
struct Sigmoid;

impl Pointwise for Sigmoid {
    #[inline(always)]
    fn value<const FUSED: bool>(self, x: f32) -> f32 {
        sigmoid::<FUSED>(x)
    }
    #[inline(always)]
    fn slope<const FUSED: bool>(self, x: f32) -> f32 {
        let s = sigmoid::<FUSED>(x);
        s * (1.0 - s)
    }
}

#[derive(Clone, Copy)]
struct LeakySigmoid {
    leak: f32,
}

impl Pointwise for LeakySigmoid {
    #[inline(always)]
    fn value<const FUSED: bool>(self, x: f32) -> f32 {
        self.leak * x + (1.0 - self.leak) * (2.0 * sigmoid::<FUSED>(x) - 1.0)
    }
    #[inline(always)]
    fn slope<const FUSED: bool>(self, x: f32) -> f32 {
        let s = sigmoid::<FUSED>(x);
        self.leak + (1.0 - self.leak) * 2.0 * s * (1.0 - s)
    }
}

/// A two-sided nonlinearity: its one-sided variant, and the input at which its branches meet.
#[derive(Clone, Copy)]
struct TwoSided<A>(A, f32);

impl<A: Pointwise> Pointwise for TwoSided<A> {
    #[inline(always)]
    fn value<const FUSED: bool>(self, x: f32) -> f32 {
        let left = self.0.value::<FUSED>(x + 1.0) - 1.0;
        let right = -self.0.value::<FUSED>(-(x - 1.0)) + 1.0;
        self.choose(x, left, right)
    }
    #[inline(always)]
    fn slope<const FUSED: bool>(self, x: f32) -> f32 {
        let left = self.0.slope::<FUSED>(x + 1.0);
        let right = self.0.slope::<FUSED>(-(x - 1.0));
        self.choose(x, left, right)
    }
}

impl<A> TwoSided<A> {
    #[inline(always)]
    fn choose(&self, x: f32, left: f32, right: f32) -> f32 {
        let inner = if x < -self.1 { (left + right) / 2.0 } else { right };
        if x < self.1 { left } else { inner }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_slopes() {
        let x: Vec<f32> = (-600..600).map(|i| i as f32 * 0.01 + 0.003).collect();
        let ones = vec![1.0; x.len()];
        let isas = Isa::available();
        for (kind, isa) in Nonlinearity::ALL.iter().flat_map(|k| isas.iter().map(move |i| (*k, *i)))
        {
            let a = Activation::new(kind, 0.15);
            let y = forward(isa, &x, &a);
            let slope = backward(isa, &x, &ones, &a);
            for i in 0..x.len() {
                assert!((y[i] - a.at(x[i])).abs() < 2e-6, "{kind:?} at {}", x[i]);
                // central difference of the reference, in its own precision
                let h = 2f32.powi(-7);
                let difference = (a.at(x[i] + h) - a.at(x[i] - h)) / (2.0 * h);
                let near_kink =
                    [0.0, -1.0, 1.0, a.bend, -a.bend].iter().any(|k| (x[i] - k).abs() < 2.0 * h);
                assert!(near_kink || (slope[i] - difference).abs() < 2e-3, "{kind:?} {}", x[i]);
            }
        }
    }
}
