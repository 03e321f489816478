//! Causal attention within a window.

use burn::prelude::*;
use burn::tensor::activation::softmax;

use super::dropout::dropout;
use super::init::Init;
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
    /// `[1, time, 1, d_head / 2]`.
    cos: Tensor<B, 4>,
    /// `[1, time, 1, d_head / 2]`.
    sin: Tensor<B, 4>,
    /// Added to the scores, -∞ where a query must not look: `[1, blocks, block, 2 · block]`.
    mask: Tensor<B, 4>,
    block: usize,
    blocks: usize,
}

/// Cosines and sines of the angles t·θ_i by which pair i of `pairs` is turned at position t, `[time, pairs]` each;
/// θ_i = 10000^(-i/pairs) in single precision, as the original's tables.
pub(super) fn turns(time: usize, pairs: usize) -> (Vec<f32>, Vec<f32>) {
    let freq: Vec<f32> = (0..pairs)
        .map(|i| 1.0 / libm::powf(10_000.0, (2 * i) as f32 / (2 * pairs) as f32))
        .collect();
    let angle = |n: usize| f64::from((n / pairs) as f32 * freq[n % pairs]);
    let table = |f: fn(f64) -> f64| (0..time * pairs).map(|n| f(angle(n)) as f32).collect();
    (table(libm::cos), table(libm::sin))
}

impl<B: Backend> Positions<B> {
    /// For `time` positions. Queries are handled in blocks as long as the window, each with the
    /// keys of its own block and the one before: all that it can see.
    pub fn new(time: usize, d_head: usize, window: usize, device: &B::Device) -> Self {
        let pairs = d_head / 2;
        let (cos, sin) = turns(time, pairs);
        let table = |values: Vec<f32>| {
            Tensor::from_data(TensorData::new(values, [1, time, 1, pairs]), device)
        };
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
        Self {
            cos: table(cos),
            sin: table(sin),
            mask: Tensor::from_data(mask, device),
            block,
            blocks,
        }
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

impl<B: Backend> WindowAttention<B> {
    /// # Shapes
    /// - x: `[batch, time, d_model]`
    /// - output: `[batch, time, d_model]`
    pub fn forward(&self, x: Tensor<B, 3>, positions: &Positions<B>) -> Tensor<B, 3> {
        let [batch, time, d_model] = x.dims();
        let (heads, d_head) = (self.n_heads, d_model / self.n_heads);
        let project = |w: &Linear<B>| w.forward(x.clone()).reshape([batch, time, heads, d_head]);
        let q = positions.split(positions.turn(project(&self.wq)));
        let k = positions.with_previous(positions.split(positions.turn(project(&self.wk))));
        let v = positions.with_previous(positions.split(project(&self.wv)));
        let scores = q.matmul(k.swap_dims(2, 3)) / (d_head as f64).sqrt();
        let weights = dropout(softmax(scores + positions.mask.clone(), 3), self.dropout);
        let y = weights.matmul(v);
        let padded = positions.blocks * positions.block;
        let y = y.reshape([batch, heads, padded, d_head]).narrow(2, 0, time);
        self.wo.forward(y.swap_dims(1, 2).reshape([batch, time, d_model]))
    }

    /// Positions that a query sees.
    pub fn window(&self) -> usize {
        self.window
    }
}
