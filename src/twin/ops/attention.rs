//! Causal attention within a window composed of Burn's own operations, and its rotary positions.

#[cfg(any(feature = "wgpu", feature = "cuda"))]
use std::any::Any;
use std::cell::OnceCell;
#[cfg(any(feature = "wgpu", feature = "cuda"))]
use std::sync::OnceLock;
use std::sync::{Arc, Mutex, PoisonError};

use burn::prelude::*;
use burn::tensor::activation::softmax;

use super::dropout::dropout;

/// cos and sin of each pair of channels at each position, `[d_head / 2, time]`.
#[derive(Debug)]
pub struct Turns {
    d_head: usize,
    time: usize,
    cos: Vec<f32>,
    sin: Vec<f32>,
    /// The tables on the device that used them first.
    #[cfg(any(feature = "wgpu", feature = "cuda"))]
    uploaded: OnceLock<Box<dyn Any + Send + Sync>>,
}

/// The tables that were used last: all steps of a training use the same.
static LAST: Mutex<Option<Arc<Turns>>> = Mutex::new(None);

/// θ_i = 10000^(-2i/d), rad per position of pair i (Su et al. 2021, arXiv 2104.09864).
pub(crate) fn frequency(pair: usize, d_head: usize) -> f32 {
    1.0 / libm::powf(10_000.0, (2 * pair) as f32 / d_head as f32)
}

impl Turns {
    /// The tables for `time` positions, by the original's computation in single precision.
    pub fn new(d_head: usize, time: usize) -> Self {
        let (mut cos, mut sin) = (Vec::new(), Vec::new());
        for i in 0..d_head / 2 {
            let freq = frequency(i, d_head);
            for t in 0..time {
                let angle = f64::from(t as f32 * freq);
                cos.push(libm::cos(angle) as f32);
                sin.push(libm::sin(angle) as f32);
            }
        }
        Self {
            d_head,
            time,
            cos,
            sin,
            #[cfg(any(feature = "wgpu", feature = "cuda"))]
            uploaded: OnceLock::new(),
        }
    }

    /// The tables of [`Turns::new`], which are computed again only where the last ones were others.
    fn shared(d_head: usize, time: usize) -> Arc<Self> {
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some(turns) if turns.d_head == d_head && turns.time == time => turns.clone(),
            _ => last.insert(Arc::new(Self::new(d_head, time))).clone(),
        }
    }

    /// The tables on a device: those that were uploaded first, where `fits` accepts them, or new ones.
    #[cfg(any(feature = "wgpu", feature = "cuda"))]
    pub(crate) fn on_device<T: Clone + Send + Sync + 'static>(
        &self,
        fits: impl FnOnce(&T) -> bool,
        upload: impl Fn(&Self) -> T,
    ) -> T {
        let first = self.uploaded.get_or_init(|| Box::new(upload(self)));
        match first.downcast_ref::<T>() {
            Some(first) if fits(first) => first.clone(),
            _ => upload(self),
        }
    }

    /// cos and sin, a row of positions for each pair of channels.
    pub(crate) fn tables(&self) -> [&[f32]; 2] {
        [&self.cos, &self.sin]
    }

    /// cos and sin of pair `i`, `[time]`.
    pub(crate) fn pair(&self, i: usize, time: usize) -> (&[f32], &[f32]) {
        (&self.cos[i * time..][..time], &self.sin[i * time..][..time])
    }
}

/// The fixed parts of an attention within a window.
#[derive(Debug, Clone)]
pub struct Attention {
    /// cos and sin of each pair of channels at each position.
    pub turns: Arc<Turns>,
    /// Number of heads.
    pub heads: usize,
    /// Positions that a query sees, its own included.
    pub window: usize,
}

/// The rotary positions and the window of attention, shared by all layers.
#[derive(Debug, Clone)]
pub struct Positions<B: Backend> {
    /// cos and sin of each pair at each position.
    pub(crate) turns: Arc<Turns>,
    time: usize,
    d_head: usize,
    window: usize,
    /// The tables and mask of the composed attention, made where they are first needed.
    composed: OnceCell<Composed<B>>,
}

impl<B: Backend> Positions<B> {
    /// The positions of `time` ms, for heads of `d_head` channels and a window of `window` positions.
    pub fn new(time: usize, d_head: usize, window: usize) -> Self {
        let turns = Turns::shared(d_head, time);
        Self { turns, time, d_head, window, composed: OnceCell::new() }
    }

    /// The fixed parts of an attention of this many heads.
    pub(crate) fn attention(&self, heads: usize) -> Attention {
        Attention { turns: self.turns.clone(), heads, window: self.window }
    }

    fn composed(&self, device: &B::Device) -> &Composed<B> {
        self.composed.get_or_init(|| Composed::new(self, device))
    }
}

/// Tables and mask of the attention composed of Burn's own operations.
#[derive(Debug, Clone)]
struct Composed<B: Backend> {
    /// cos of each position and pair, `[1, time, 1, d_head / 2]`.
    cos: Tensor<B, 4>,
    /// sin of each position and pair, `[1, time, 1, d_head / 2]`.
    sin: Tensor<B, 4>,
    /// Added to the scores, -∞ where a query must not see a key: `[1, blocks, block, 2 · block]`.
    mask: Tensor<B, 4>,
    block: usize,
    blocks: usize,
}

impl<B: Backend> Composed<B> {
    /// Tables and mask on `device`. Queries are handled in blocks as long as the window, each with the keys of its own
    /// block and the one before, which are all that its queries can see.
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

    /// Rotates each adjacent pair of channels by its position.
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

    /// Splits `[batch, time, heads, d_head]` into blocks, `[batch · heads, blocks, block, d_head]`, padded with zeros.
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

    /// Each block behind the one before it, `[batch · heads, blocks, 2 · block, d_head]`.
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

/// Attention within a window, with rotated queries and keys, composed of Burn's own operations.
///
/// # Shapes
/// - queries, keys, values: `[batch, heads · d_head, time]`
/// - output: `[batch, heads · d_head, time]`
pub(crate) fn composed<B: Backend>(
    [q, k, v]: [Tensor<B, 3>; 3],
    positions: &Positions<B>,
    heads: usize,
    rate: f64,
) -> Tensor<B, 3> {
    let [batch, d_model, time] = q.dims();
    let d_head = d_model / heads;
    let c = positions.composed(&q.device());
    // [batch, time, heads, d_head]
    let apart = |x: Tensor<B, 3>| x.reshape([batch, heads, d_head, time]).permute([0, 3, 1, 2]);
    let q = c.split(c.turn(apart(q)));
    let k = c.with_previous(c.split(c.turn(apart(k))));
    let v = c.with_previous(c.split(apart(v)));
    let scores = q.matmul(k.swap_dims(2, 3)) / (d_head as f64).sqrt();
    let weights = dropout(softmax(scores + c.mask.clone(), 3), rate);
    let y = weights.matmul(v);
    let y = y.reshape([batch, heads, c.blocks * c.block, d_head]).narrow(2, 0, time);
    y.swap_dims(2, 3).reshape([batch, d_model, time])
}
