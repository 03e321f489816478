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
        let [q, k, v] = [&self.wq, &self.wk, &self.wv].map(|map| map.over_channels(x.clone()));
        let dropped = self.dropout > 0.0 && B::ad_enabled(&x.device());
        let whole = if dropped {
            None
        } else {
            let all = [q.clone(), k.clone(), v.clone()];
            B::window_attention(all, &positions.turns, self.n_heads, self.window)
        };
        let y = whole.unwrap_or_else(|| composed([q, k, v], positions, self.n_heads, self.dropout));
        self.wo.over_channels(y)
    }
}

impl<B: Backend> WindowAttention<B> {
    /// Number of positions that a query sees.
    pub fn window(&self) -> usize {
        self.window
    }
}
