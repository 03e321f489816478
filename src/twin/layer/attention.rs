//! Causal attention within a window.

use burn::prelude::*;

use super::init::Init;
use super::linear::{Linear, LinearConfig};
use crate::twin::ops::attention::{Positions, composed};
use crate::twin::ops::backend::TwinBackend;

/// Configuration of a [`WindowAttention`].
#[derive(Debug, Clone)]
pub struct WindowAttentionConfig {
    /// Number of channels.
    pub d_model: usize,
    /// Number of heads.
    pub n_heads: usize,
    /// Positions that a query sees, itself included.
    pub window: usize,
    /// Share of the attention's weights that is dropped in training.
    pub dropout: f64,
}

/// Multi-head attention in which a query sees its own position and the `window - 1` before; pairs of channels are
/// rotated by their position (Su et al. 2021, arXiv 2104.09864).
#[derive(Module, Debug)]
pub struct WindowAttention<B: Backend> {
    wq: Linear<B>,
    wk: Linear<B>,
    wv: Linear<B>,
    wo: Linear<B>,
    dropout: f64,
    n_heads: usize,
    window: usize,
}

impl WindowAttentionConfig {
    /// Draws the weights of the four linear maps.
    pub fn init<B: Backend>(&self, init: &mut Init<'_, B>) -> WindowAttention<B> {
        let (features_in, features_out) = (self.d_model, self.d_model);
        let config = LinearConfig { features_in, features_out, bias: false };
        WindowAttention {
            wq: config.init(init),
            wk: config.init(init),
            wv: config.init(init),
            wo: config.init(init),
            dropout: self.dropout,
            n_heads: self.n_heads,
            window: self.window,
        }
    }
}

impl<B: TwinBackend> WindowAttention<B> {
    /// # Shapes
    /// - x: `[batch, d_model, time]`
    /// - output: `[batch, d_model, time]`
    pub fn forward(&self, x: Tensor<B, 3>, positions: &Positions<B>) -> Tensor<B, 3> {
        let [_, d_model, _] = x.dims();
        let maps = [&self.wq, &self.wk, &self.wv].map(|map| {
            let weight = map.weight.val();
            let len = weight.shape().num_elements();
            weight.reshape([len])
        });
        let weight = B::join(maps.into()).reshape([3 * d_model, d_model]);
        let dropped = self.dropout > 0.0 && B::ad_enabled(&x.device());
        let qkv = B::map_channels(x, weight);
        let of = positions.attention(self.n_heads);
        let whole = if dropped { None } else { B::window_attention(qkv.clone(), &of) };
        let y = whole.unwrap_or_else(|| {
            let part = |i| qkv.clone().narrow(1, i * d_model, d_model);
            composed([part(0), part(1), part(2)], positions, self.n_heads, self.dropout)
        });
        self.wo.over_channels(y)
    }
}

impl<B: Backend> WindowAttention<B> {
    /// Number of positions that a query sees.
    pub fn window(&self) -> usize {
        self.window
    }
}
