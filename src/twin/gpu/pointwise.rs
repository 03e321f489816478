//! Nonlinearities and their slopes inside a kernel. A kernel is compiled for the kind of nonlinearity; leak and bend
//! are its arguments.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use crate::twin::ops::activation::Nonlinearity;

/// The constants of a nonlinearity.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
pub(super) struct Shape {
    /// Slope of the leaky variants.
    pub(super) leak: f32,
    /// Input at which the two-sided activations change branch.
    pub(super) bend: f32,
}

/// A leaky relu: x above 0, slope·x below.
#[cube]
fn leaky(x: f32, slope: f32) -> f32 {
    select(x > 0.0f32, x, slope * x)
}

#[cube]
fn leaky_slope(x: f32, slope: f32) -> f32 {
    select(x > 0.0f32, 1.0f32, slope)
}

/// Φ(x), the cumulative normal distribution.
#[cube]
fn normal_cdf(x: f32) -> f32 {
    0.5f32 + 0.5f32 * Erf::erf(x * 0.707_106_77f32)
}

/// σ(x); the exponent is bounded, since WGSL does not define infinities.
#[cube]
fn logistic(x: f32) -> f32 {
    1.0f32 / (1.0f32 + (-clamp(x, -80.0f32, 80.0f32)).exp())
}

#[cube]
fn gelu_slope(x: f32) -> f32 {
    let density = 0.398_942_3f32 * (-0.5f32 * clamp(x * x, 0.0f32, 160.0f32)).exp(); // φ(x)
    normal_cdf(x) + x * density
}

#[cube]
fn silu_slope(x: f32) -> f32 {
    let s = logistic(x);
    s + x * s * (1.0f32 - s)
}

/// The value of a nonlinearity that is not two-sided.
#[cube]
fn plain(x: f32, leak: f32, #[comptime] kind: Nonlinearity) -> f32 {
    match kind {
        Nonlinearity::Relu => leaky(x, 0.0f32),
        Nonlinearity::LeakyRelu => leaky(x, leak),
        Nonlinearity::Gelu => x * normal_cdf(x),
        Nonlinearity::LeakyGelu => 0.5f32 * (x * normal_cdf(x)) + 0.5f32 * leaky(x, 2.0f32 * leak),
        Nonlinearity::Silu => x * logistic(x),
        Nonlinearity::LeakySilu => 0.5f32 * (x * logistic(x)) + 0.5f32 * leaky(x, 2.0f32 * leak),
        Nonlinearity::Tanh => x.tanh(),
        Nonlinearity::LeakyTanh => leak * x + (1.0f32 - leak) * x.tanh(),
        Nonlinearity::Sigmoid => logistic(x),
        Nonlinearity::LeakySigmoid => leak * x + (1.0f32 - leak) * (2.0f32 * logistic(x) - 1.0f32),
        _ => x,
    }
}

#[cube]
fn plain_slope(x: f32, leak: f32, #[comptime] kind: Nonlinearity) -> f32 {
    match kind {
        Nonlinearity::Relu => leaky_slope(x, 0.0f32),
        Nonlinearity::LeakyRelu => leaky_slope(x, leak),
        Nonlinearity::Gelu => gelu_slope(x),
        Nonlinearity::LeakyGelu => 0.5f32 * gelu_slope(x) + 0.5f32 * leaky_slope(x, 2.0f32 * leak),
        Nonlinearity::Silu => silu_slope(x),
        Nonlinearity::LeakySilu => 0.5f32 * silu_slope(x) + 0.5f32 * leaky_slope(x, 2.0f32 * leak),
        Nonlinearity::Tanh => {
            let y = x.tanh();
            1.0f32 - y * y
        }
        Nonlinearity::LeakyTanh => {
            let y = x.tanh();
            leak + (1.0f32 - leak) * (1.0f32 - y * y)
        }
        Nonlinearity::Sigmoid => {
            let s = logistic(x);
            s * (1.0f32 - s)
        }
        Nonlinearity::LeakySigmoid => {
            let s = logistic(x);
            leak + (1.0f32 - leak) * 2.0f32 * s * (1.0f32 - s)
        }
        _ => 1.0f32,
    }
}

/// The nonlinearity of one number.
#[cube]
pub(super) fn value(x: f32, shape: &Shape, #[comptime] kind: Nonlinearity) -> f32 {
    let one = comptime!(kind.one_sided());
    if comptime!(one == kind) {
        plain(x, shape.leak, kind)
    } else {
        let left = plain(x + 1.0f32, shape.leak, one) - 1.0f32;
        let right = 1.0f32 - plain(1.0f32 - x, shape.leak, one);
        let outer = select(x < -shape.bend, 0.5f32 * (left + right), right);
        select(x < shape.bend, left, outer)
    }
}

/// The derivative of a nonlinearity.
#[cube]
pub(super) fn slope(x: f32, shape: &Shape, #[comptime] kind: Nonlinearity) -> f32 {
    let one = comptime!(kind.one_sided());
    if comptime!(one == kind) {
        plain_slope(x, shape.leak, kind)
    } else {
        let left = plain_slope(x + 1.0f32, shape.leak, one);
        let right = plain_slope(1.0f32 - x, shape.leak, one);
        let outer = select(x < -shape.bend, 0.5f32 * (left + right), right);
        select(x < shape.bend, left, outer)
    }
}
