//! The feed-forward half of a transformer's block.

use burn::prelude::*;
use serde::{Deserialize, Serialize};

use super::init::Init;
use super::linear::{Linear, LinearConfig};
use crate::twin::ops::activation::{Activation, Nonlinearity};
use crate::twin::ops::backend::TwinBackend;

/// The kind of the feed-forward half of a transformer block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FfnKind {
    /// w3(silu(w1 x)·w2 x).
    Swiglu,
    /// w2 gelu(w1 x).
    Gelu,
}

impl FfnKind {
    /// The kind's name in configurations.
    pub fn name(self) -> &'static str {
        match self {
            Self::Swiglu => "swiglu",
            Self::Gelu => "gelu",
        }
    }

    /// Number of linear maps in the feed-forward half.
    pub fn maps(self) -> usize {
        match self {
            Self::Swiglu => 3,
            Self::Gelu => 2,
        }
    }
}

/// Configuration of an [`Ffn`].
#[derive(Debug, Clone)]
pub struct FfnConfig {
    /// The kind of the feed-forward half.
    pub kind: FfnKind,
    /// Channels of the input and of the output.
    pub narrow: usize,
    /// Channels of the hidden layer.
    pub wide: usize,
}

/// The feed-forward half: w3(silu(w1 x)·w2 x) (Shazeer 2020, arXiv 2002.05202), or w2 gelu(w1 x).
#[derive(Module, Debug)]
pub struct Ffn<B: Backend> {
    w1: Linear<B>,
    w2: Linear<B>,
    w3: Option<Linear<B>>,
}

impl FfnConfig {
    /// Draws the maps' weights.
    pub fn init<B: Backend>(&self, init: &mut Init<'_, B>) -> Ffn<B> {
        let Self { kind, narrow, wide } = *self;
        let mut map = |features_in, features_out| {
            LinearConfig { features_in, features_out, bias: false }.init(init)
        };
        match kind {
            FfnKind::Swiglu => {
                Ffn { w1: map(narrow, wide), w2: map(narrow, wide), w3: Some(map(wide, narrow)) }
            }
            FfnKind::Gelu => Ffn { w1: map(narrow, wide), w2: map(wide, narrow), w3: None },
        }
    }
}

impl<B: TwinBackend> Ffn<B> {
    /// # Shapes
    /// - x: `[batch, d_model, time]`
    /// - output: `[batch, d_model, time]`
    pub fn forward(&self, x: Tensor<B, 3>) -> Tensor<B, 3> {
        match &self.w3 {
            Some(w3) => {
                let [wide, narrow] = self.w1.weight.dims();
                let row = |map: &Linear<B>| map.weight.val().reshape([wide * narrow]);
                let both = B::join(vec![row(&self.w1), row(&self.w2)]);
                let both = B::map_channels(x, both.reshape([2 * wide, narrow]));
                w3.over_channels(B::silu_gate(both))
            }
            None => {
                let gelu = Activation::new(Nonlinearity::Gelu, 0.0);
                self.w2.over_channels(gelu.forward(self.w1.over_channels(x)))
            }
        }
    }
}
