//! Causal attention within a window.

use std::cell::OnceCell;
use std::sync::Arc;

use burn::prelude::*;
use burn::tensor::activation::softmax;

use super::backend::TwinBackend;
use super::dropout::dropout;
use super::init::Init;
use super::kernel::attention::Turns;
use super::linear::{Linear, LinearConfig};

/// Configuration of a [`WindowAttention`].
#[derive(Debug, Clone)]
pub struct WindowAttentionConfig {
    /// Channels.
    pub d_model: usize,
    /// Heads.
    pub n_heads: usize,
    /// Positions that a query sees, itself included.
    pub window: usize,
    /// On the attention's weights.
    pub dropout: f64,
}

/// Multi-head attention in which a query sees itself and `window - 1` positions before, its pairs
/// of channels turned by their position (Su et al. 2021, arXiv 2104.09864).
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
    /// Draws the four maps.
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

/// What attention needs to know of positions, the same for all layers.
#[derive(Debug, Clone)]
pub struct Positions<B: Backend> {
    turns: Arc<Turns>,
    time: usize,
    d_head: usize,
    window: usize,
    /// Where attention is made of Burn's own operations.
    composed: OnceCell<Composed<B>>,
}

impl<B: Backend> Positions<B> {
    /// For `time` positions.
    pub fn new(time: usize, d_head: usize, window: usize) -> Self {
        let turns = Arc::new(Turns::new(d_head, time));
        Self { turns, time, d_head, window, composed: OnceCell::new() }
    }

    fn composed(&self, device: &B::Device) -> &Composed<B> {
        self.composed.get_or_init(|| Composed::new(self, device))
    }
}

/// Tables and mask of attention out of Burn's own operations.
#[derive(Debug, Clone)]
struct Composed<B: Backend> {
    /// `[1, time, 1, d_head / 2]`.
    cos: Tensor<B, 4>,
    /// `[1, time, 1, d_head / 2]`.
    sin: Tensor<B, 4>,
    /// Added to the scores, -∞ where a query must not look: `[1, blocks, block, 2 · block]`.
    mask: Tensor<B, 4>,
    block: usize,
    blocks: usize,
}

/// Cosines and sines of the angles t·θ_i by which pair i of `pairs` is turned at position t, `[time, pairs]` each, as
/// the original's tables lie.
pub(super) fn turns(time: usize, pairs: usize) -> (Vec<f32>, Vec<f32>) {
    let turns = Turns::new(2 * pairs, time);
    let [cos, sin] = turns
        .tables()
        .map(|table| (0..time).flat_map(|t| table.iter().skip(t).step_by(time)).copied().collect());
    (cos, sin)
}

impl<B: Backend> Composed<B> {
    /// Queries are handled in blocks as long as the window, each with the keys of its own block and the one
    /// before: all that it can see.
    fn new(positions: &Positions<B>, device: &B::Device) -> Self {
        let Positions { time, window, .. } = *positions;
        let pairs = positions.d_head / 2;
        let [cos, sin] = positions.turns.tables().map(|table| {
            let table = TensorData::new(table.to_vec(), [1, pairs, 1, time]);
            Tensor::<B, 4>::from_data(table, device).swap_dims(1, 3)
        });
        let block = window.min(time);
        let blocks = time.div_ceil(block);
        let mut mask = vec![f32::NEG_INFINITY; blocks * block * 2 * block];
        for n in 0..blocks {
            for i in 0..block {
                for j in 0..2 * block {
                    // key j of the pair of blocks is position (n - 1)·block + j
                    let (query, key) = ((n + 1) * block + i, n * block + j);
                    if key <= query && query < key + window && key >= block {
                        mask[(n * block + i) * 2 * block + j] = 0.0;
                    }
                }
            }
        }
        let mask = TensorData::new(mask, [1, blocks, block, 2 * block]);
        Self { cos, sin, mask: Tensor::from_data(mask, device), block, blocks }
    }

    /// Turns each adjacent pair of channels by its position.
    ///
    /// # Shapes
    /// - x: `[batch, time, heads, d_head]`
    /// - output: as `x`
    fn turn(&self, x: Tensor<B, 4>) -> Tensor<B, 4> {
        let [batch, time, heads, d_head] = x.dims();
        let pairs = x.reshape([batch, time, heads, d_head / 2, 2]);
        let part = |i| pairs.clone().narrow(4, i, 1).reshape([batch, time, heads, d_head / 2]);
        let (a, b) = (part(0), part(1));
        let first = a.clone() * self.cos.clone() - b.clone() * self.sin.clone();
        let second = a * self.sin.clone() + b * self.cos.clone();
        Tensor::stack::<5>(vec![first, second], 4).reshape([batch, time, heads, d_head])
    }

    /// `[batch, time, heads, d_head]` in blocks, `[batch · heads, blocks, block, d_head]`, filled
    /// up with zeros.
    fn split(&self, x: Tensor<B, 4>) -> Tensor<B, 4> {
        let [batch, time, heads, d_head] = x.dims();
        let x = x.swap_dims(1, 2);
        let fill = self.blocks * self.block - time;
        let x = if fill > 0 {
            let zeros = Tensor::zeros([batch, heads, fill, d_head], &x.device());
            Tensor::cat(vec![x, zeros], 2)
        } else {
            x
        };
        x.reshape([batch * heads, self.blocks, self.block, d_head])
    }

    /// Each block with the one before it, `[batch · heads, blocks, 2 · block, d_head]`.
    fn with_previous(&self, x: Tensor<B, 4>) -> Tensor<B, 4> {
        let [n, blocks, block, d_head] = x.dims();
        let zeros = Tensor::zeros([n, 1, block, d_head], &x.device());
        let previous = match blocks {
            1 => zeros,
            _ => Tensor::cat(vec![zeros, x.clone().narrow(1, 0, blocks - 1)], 1),
        };
        Tensor::cat(vec![previous, x], 2)
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
        let y = whole.unwrap_or_else(|| self.composed(q, k, v, positions));
        self.wo.over_channels(y)
    }

    /// Out of Burn's own operations.
    fn composed(
        &self,
        q: Tensor<B, 3>,
        k: Tensor<B, 3>,
        v: Tensor<B, 3>,
        positions: &Positions<B>,
    ) -> Tensor<B, 3> {
        let [batch, d_model, time] = q.dims();
        let (heads, d_head) = (self.n_heads, d_model / self.n_heads);
        let c = positions.composed(&q.device());
        // [batch, time, heads, d_head]
        let apart = |x: Tensor<B, 3>| x.reshape([batch, heads, d_head, time]).permute([0, 3, 1, 2]);
        let q = c.split(c.turn(apart(q)));
        let k = c.with_previous(c.split(c.turn(apart(k))));
        let v = c.with_previous(c.split(apart(v)));
        let scores = q.matmul(k.swap_dims(2, 3)) / (d_head as f64).sqrt();
        let weights = dropout(softmax(scores + c.mask.clone(), 3), self.dropout);
        let y = weights.matmul(v);
        let y = y.reshape([batch, heads, c.blocks * c.block, d_head]).narrow(2, 0, time);
        y.swap_dims(2, 3).reshape([batch, d_model, time])
    }
}

impl<B: Backend> WindowAttention<B> {
    /// Positions that a query sees.
    pub fn window(&self) -> usize {
        self.window
    }
}
