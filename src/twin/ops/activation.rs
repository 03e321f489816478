//! Pointwise nonlinearities, including the original's leaky variants.

use burn::prelude::*;
use burn::tensor::activation::{gelu, leaky_relu, relu, sigmoid, silu, tanh};
use serde::{Deserialize, Serialize};

/// A pointwise nonlinearity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Nonlinearity {
    /// x.
    Identity,
    /// max(x, 0).
    Relu,
    /// x above 0, leak·x below.
    LeakyRelu,
    /// x·Φ(x).
    Gelu,
    /// Mean of gelu and a leaky relu of twice the leak.
    LeakyGelu,
    /// x·σ(x).
    Silu,
    /// Mean of silu and a leaky relu of twice the leak.
    LeakySilu,
    /// tanh x.
    Tanh,
    /// leak·x + (1-leak)·tanh x.
    LeakyTanh,
    /// σ(x).
    Sigmoid,
    /// leak·x + (1-leak)·(2σ(x)-1).
    LeakySigmoid,
    /// Slope 1 in the middle and slope `leak` beyond both edges.
    TwoSidedLeakyRelu,
    /// As [`Nonlinearity::TwoSidedLeakyRelu`], with gelu's bends at the edges.
    TwoSidedLeakyGelu,
    /// As [`Nonlinearity::TwoSidedLeakyRelu`], with silu's bends at the edges.
    TwoSidedLeakySilu,
}

impl Nonlinearity {
    /// Every nonlinearity.
    pub const ALL: [Self; 14] = [
        Self::Identity,
        Self::Relu,
        Self::LeakyRelu,
        Self::Gelu,
        Self::LeakyGelu,
        Self::Silu,
        Self::LeakySilu,
        Self::Tanh,
        Self::LeakyTanh,
        Self::Sigmoid,
        Self::LeakySigmoid,
        Self::TwoSidedLeakyRelu,
        Self::TwoSidedLeakyGelu,
        Self::TwoSidedLeakySilu,
    ];

    /// The nonlinearity's name in configurations.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Relu => "relu",
            Self::LeakyRelu => "leaky_relu",
            Self::Gelu => "gelu",
            Self::LeakyGelu => "leaky_gelu",
            Self::Silu => "silu",
            Self::LeakySilu => "leaky_silu",
            Self::Tanh => "tanh",
            Self::LeakyTanh => "leaky_tanh",
            Self::Sigmoid => "sigmoid",
            Self::LeakySigmoid => "leaky_sigmoid",
            Self::TwoSidedLeakyRelu => "two_sided_leaky_relu",
            Self::TwoSidedLeakyGelu => "two_sided_leaky_gelu",
            Self::TwoSidedLeakySilu => "two_sided_leaky_silu",
        }
    }

    /// The one-sided variant that a two-sided nonlinearity is built of; any other is returned itself.
    pub(crate) fn one_sided(self) -> Self {
        match self {
            Self::TwoSidedLeakyRelu => Self::LeakyRelu,
            Self::TwoSidedLeakyGelu => Self::LeakyGelu,
            Self::TwoSidedLeakySilu => Self::LeakySilu,
            other => other,
        }
    }
}

/// The error of a name that no nonlinearity has.
#[derive(Debug, thiserror::Error)]
#[error(
    "there is no nonlinearity {0:?}; there are relu, gelu, silu, tanh, sigmoid, leaky_relu, \
     leaky_gelu, leaky_silu, leaky_tanh, leaky_sigmoid, two_sided_leaky_relu, \
     two_sided_leaky_gelu, two_sided_leaky_silu and identity"
)]
pub struct UnknownNonlinearity(String);

impl TryFrom<String> for Nonlinearity {
    type Error = UnknownNonlinearity;

    /// Reads a name, in any case, or one of the original's abbreviations, such as `lgelu` and `2s_lsilu`.
    fn try_from(s: String) -> Result<Self, UnknownNonlinearity> {
        let key = s.to_lowercase().replace(' ', "_");
        let key = match key.as_str() {
            "none" | "linear" | "lin" => "identity",
            "swish" => "silu",
            "lrelu" => "leaky_relu",
            "lgelu" => "leaky_gelu",
            "lsilu" => "leaky_silu",
            "ltanh" => "leaky_tanh",
            "lsigmoid" => "leaky_sigmoid",
            "lrelu_2s" | "2s_lrelu" | "two_sided_lrelu" => "two_sided_leaky_relu",
            "lgelu_2s" | "2s_lgelu" | "two_sided_lgelu" => "two_sided_leaky_gelu",
            "lsilu_2s" | "2s_lsilu" | "two_sided_lsilu" => "two_sided_leaky_silu",
            other => other,
        };
        Self::ALL.into_iter().find(|n| n.name() == key).ok_or(UnknownNonlinearity(s))
    }
}

impl From<Nonlinearity> for &'static str {
    fn from(n: Nonlinearity) -> Self {
        n.name()
    }
}

/// A nonlinearity and its leak.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Activation {
    /// The nonlinearity.
    pub kind: Nonlinearity,
    /// Slope of the leaky variants.
    pub leak: f64,
    /// Input at which the two-sided gelu and silu change branch.
    pub(crate) bend: f32,
}

impl Activation {
    /// A nonlinearity with its leak.
    pub fn new(kind: Nonlinearity, leak: f64) -> Self {
        let mut new = Self { kind, leak, bend: 0.0 };
        new.bend = new.find_bend();
        new
    }

    /// [`Self::forward`] out of Burn's own operations, without the backend's.
    pub(crate) fn composed<B: Backend, const D: usize>(&self, x: Tensor<B, D>) -> Tensor<B, D> {
        let leak = self.leak;
        match self.kind {
            Nonlinearity::Identity => x,
            Nonlinearity::Relu => relu(x),
            Nonlinearity::LeakyRelu => leaky_relu(x, leak),
            Nonlinearity::Gelu => gelu(x),
            Nonlinearity::LeakyGelu => leaky_mean(gelu(x.clone()), x, leak),
            Nonlinearity::Silu => silu(x),
            Nonlinearity::LeakySilu => leaky_mean(silu(x.clone()), x, leak),
            Nonlinearity::Tanh => tanh(x),
            Nonlinearity::LeakyTanh => x.clone() * leak + tanh(x) * (1.0 - leak),
            Nonlinearity::Sigmoid => sigmoid(x),
            Nonlinearity::LeakySigmoid => {
                x.clone() * leak + (sigmoid(x) * 2.0 - 1.0) * (1.0 - leak)
            }
            Nonlinearity::TwoSidedLeakyRelu
            | Nonlinearity::TwoSidedLeakyGelu
            | Nonlinearity::TwoSidedLeakySilu => {
                let one_sided = self.one_sided();
                let left = one_sided.composed(x.clone() + 1.0) - 1.0;
                let right = -one_sided.composed(-(x.clone() - 1.0)) + 1.0;
                let middle = (left.clone() + right.clone()) / 2.0;
                let from_bend = x.clone().lower_elem(-self.bend);
                let outer = right.mask_where(from_bend, middle);
                outer.mask_where(x.lower_elem(self.bend), left)
            }
        }
    }

    /// The one-sided variant that a two-sided activation is built of.
    fn one_sided(&self) -> Self {
        Self { kind: self.kind.one_sided(), leak: self.leak, bend: 0.0 }
    }

    /// The input at which the left bend and the mirrored right one differ least, found by the original's method: on
    /// 1,000 points from -4.5 to 4.5 in single precision, the first of equals.
    fn find_bend(&self) -> f32 {
        let one_sided = self.one_sided();
        if one_sided.kind == self.kind {
            return 0.0;
        }
        let step = 9.0f32 / 999.0;
        let point = |i: usize| {
            if i < 500 { -4.5 + step * i as f32 } else { 4.5 - step * (999 - i) as f32 }
        };
        let gap = |x: f32| {
            let left = one_sided.at(x + 1.0) - 1.0;
            let right = -one_sided.at(-(x - 1.0)) + 1.0;
            (left - right).abs()
        };
        let mut best = (f32::INFINITY, 0.0);
        for i in 0..1000 {
            let x = point(i);
            if gap(x) < best.0 {
                best = (gap(x), x);
            }
        }
        best.1
    }

    /// The activation of one number, in single precision.
    pub fn at(&self, x: f32) -> f32 {
        let leak = self.leak as f32;
        let sigmoid = |x: f32| 1.0 / (1.0 + libm::expf(-x));
        let gelu = |x: f32| 0.5 * x * (1.0 + libm::erff(x * std::f32::consts::FRAC_1_SQRT_2));
        let leaky = |slope: f32| if x >= 0.0 { x } else { slope * x };
        match self.kind {
            Nonlinearity::Identity => x,
            Nonlinearity::Relu => x.max(0.0),
            Nonlinearity::LeakyRelu => leaky(leak),
            Nonlinearity::Gelu => gelu(x),
            Nonlinearity::LeakyGelu => 0.5 * gelu(x) + 0.5 * leaky(2.0 * leak),
            Nonlinearity::Silu => x * sigmoid(x),
            Nonlinearity::LeakySilu => 0.5 * (x * sigmoid(x)) + 0.5 * leaky(2.0 * leak),
            Nonlinearity::Tanh => libm::tanhf(x),
            Nonlinearity::LeakyTanh => leak * x + (1.0 - leak) * libm::tanhf(x),
            Nonlinearity::Sigmoid => sigmoid(x),
            Nonlinearity::LeakySigmoid => leak * x + (1.0 - leak) * (2.0 * sigmoid(x) - 1.0),
            Nonlinearity::TwoSidedLeakyRelu
            | Nonlinearity::TwoSidedLeakyGelu
            | Nonlinearity::TwoSidedLeakySilu => {
                let one_sided = self.one_sided();
                let left = one_sided.at(x + 1.0) - 1.0;
                let right = -one_sided.at(-(x - 1.0)) + 1.0;
                if x < self.bend {
                    left
                } else if x < -self.bend {
                    (left + right) / 2.0
                } else {
                    right
                }
            }
        }
    }
}

/// (`smooth` + leaky relu of slope 2·leak) / 2.
fn leaky_mean<B: Backend, const D: usize>(
    smooth: Tensor<B, D>,
    x: Tensor<B, D>,
    leak: f64,
) -> Tensor<B, D> {
    smooth * 0.5 + leaky_relu(x, 2.0 * leak) * 0.5
}
