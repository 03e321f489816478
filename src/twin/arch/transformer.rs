//! Causal transformer with pre-norm blocks (Vaswani et al. 2017, arXiv 1706.03762).

use burn::prelude::*;

use crate::twin::config::{FfnKind, TransformerConfig};
use crate::twin::layer::attention::{WindowAttention, WindowAttentionConfig};
use crate::twin::layer::causal_conv::CausalConvConfig;
use crate::twin::layer::init::Init;
use crate::twin::layer::linear::{Linear, LinearConfig};
use crate::twin::layer::norm::{EPS, F32_EPS, Norm, NormConfig, NormKind};
use crate::twin::layer::stage::{Layer, LayerConfig};
use crate::twin::ops::activation::{Activation, Nonlinearity};
use crate::twin::ops::attention::Positions;
use crate::twin::ops::backend::TwinBackend;
use crate::twin::ops::dropout::dropout;

/// First layer, blocks and the last norm.
#[derive(Module, Debug)]
pub struct Transformer<B: Backend> {
    first: Layer<B>,
    blocks: Vec<TransformerBlock<B>>,
    final_norm: Norm<B>,
    d_head: usize,
    window: usize,
}

/// x + attention(norm(x)), then x + ffn(norm(x)).
#[derive(Module, Debug)]
pub struct TransformerBlock<B: Backend> {
    ln1: Norm<B>,
    attn: WindowAttention<B>,
    ln2: Norm<B>,
    ffn: Ffn<B>,
    dropout: f64,
}

/// The feed-forward half: w3(silu(w1 x)·w2 x) (Shazeer 2020, arXiv 2002.05202), or w2 gelu(w1 x).
#[derive(Module, Debug)]
pub struct Ffn<B: Backend> {
    w1: Linear<B>,
    w2: Linear<B>,
    w3: Option<Linear<B>>,
}

impl TransformerConfig {
    /// Draws the backbone's weights.
    pub fn init<B: Backend>(&self, init: &mut Init<'_, B>) -> Transformer<B> {
        let first = LayerConfig {
            conv: CausalConvConfig {
                in_channels: self.ports.in_channels,
                spatial: self.ports.in_spatial_dim,
                out_channels: self.d_model,
                kernel_size: self.first_layer_temporal_kernel_size,
                dilation: 1,
            },
            norm: self.first_norm_type,
            activation: Activation::new(self.first_nonlinearity_str, self.first_leaky_slope),
        };
        let eps = if self.norm_type == NormKind::Rms { F32_EPS } else { EPS };
        let norm = NormConfig { kind: self.norm_type, channels: self.d_model, eps };
        let attention = WindowAttentionConfig {
            d_model: self.d_model,
            n_heads: self.n_heads,
            window: self.window_size,
            dropout: self.dropout_rate,
        };
        let first = first.init(init);
        let blocks = (0..self.num_layers).map(|_| TransformerBlock {
            ln1: norm.init(init),
            attn: attention.init(init),
            ln2: norm.init(init),
            ffn: self.ffn(init),
            dropout: self.dropout_rate,
        });
        Transformer {
            first,
            blocks: blocks.collect(),
            final_norm: norm.init(init),
            d_head: self.d_model / self.n_heads,
            window: self.window_size,
        }
    }

    fn ffn<B: Backend>(&self, init: &mut Init<'_, B>) -> Ffn<B> {
        let (narrow, wide) = (self.d_model, self.hidden());
        let mut map = |features_in, features_out| {
            LinearConfig { features_in, features_out, bias: false }.init(init)
        };
        match self.ffn_type {
            FfnKind::Swiglu => {
                Ffn { w1: map(narrow, wide), w2: map(narrow, wide), w3: Some(map(wide, narrow)) }
            }
            FfnKind::Gelu => Ffn { w1: map(narrow, wide), w2: map(wide, narrow), w3: None },
        }
    }
}

impl<B: TwinBackend> Transformer<B> {
    /// # Shapes
    /// - x: `[batch, rows, time]`
    /// - output: `[batch, d_model, time]`
    pub fn forward(&self, x: Tensor<B, 3>) -> Tensor<B, 3> {
        let x = self.first.forward(x);
        let positions = Positions::new(x.dims()[2], self.d_head, self.window);
        let x = self.blocks.iter().fold(x, |x, block| block.forward(x, &positions));
        self.final_norm.forward(x, 1)
    }

    /// The first layer's kernels, `[d_model, channels_in, segments, ms]`.
    pub fn first_weight(&self) -> Tensor<B, 4> {
        self.first.conv.weight.val()
    }
}

impl<B: TwinBackend> TransformerBlock<B> {
    /// # Shapes
    /// - x: `[batch, d_model, time]`
    /// - output: `[batch, d_model, time]`
    pub fn forward(&self, x: Tensor<B, 3>, positions: &Positions<B>) -> Tensor<B, 3> {
        let x = x.clone() + self.attn.forward(self.ln1.forward(x, 1), positions);
        x.clone() + dropout(self.ffn.forward(self.ln2.forward(x, 1)), self.dropout)
    }
}

impl<B: TwinBackend> Ffn<B> {
    /// # Shapes
    /// - x: `[batch, d_model, time]`
    /// - output: `[batch, d_model, time]`
    pub fn forward(&self, x: Tensor<B, 3>) -> Tensor<B, 3> {
        match &self.w3 {
            Some(w3) => {
                let silu = Activation::new(Nonlinearity::Silu, 0.0);
                let gate = silu.forward(self.w1.over_channels(x.clone()));
                w3.over_channels(gate * self.w2.over_channels(x))
            }
            None => {
                let gelu = Activation::new(Nonlinearity::Gelu, 0.0);
                self.w2.over_channels(gelu.forward(self.w1.over_channels(x)))
            }
        }
    }
}
