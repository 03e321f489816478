//! The ONNX nodes of windowed attention, for sequences of any length. Queries are handled in blocks as long as the
//! window, each with the keys of its own block and the one before, so that memory grows with time and not with its
//! square.

use super::graph::Attribute::{Int, Ints};
use super::graph::{Graph, Value};
use crate::twin::ops::attention::frequency;
use crate::twin::weights::host::StateError;

/// Added to the score of a key that a query must not see.
const NEVER: f64 = -1e30;

/// The values that all blocks of a transformer share.
pub struct Positions {
    heads: i64,
    d_head: i64,
    /// cos of each pair and position, `[d_head / 2, 1, time]`.
    cos: Value,
    /// sin of each pair and position, `[d_head / 2, 1, time]`.
    sin: Value,
    /// Added to the scores, 0 or [`NEVER`]: `[blocks, block, 2 · block]`.
    mask: Value,
    /// Number of positions in a block, `[1]`.
    block: Value,
    /// The widths by which `Pad` fills up the last block of `[batch, heads, d_head, time]` with zeros.
    fill: Value,
    /// Number of positions, `[1]`.
    time: Value,
}

/// ONNX's number of the type float.
const TO_FLOAT: i64 = 1;

impl Positions {
    /// The shared values for features `[batch, heads · d_head, time]`, of which a query sees `window` ms.
    pub fn nodes(g: &mut Graph<'_>, [heads, d_head, window]: [usize; 3], x: &Value) -> Self {
        let time = g.length(x, 2);
        // the positions 0, 1, .. n - 1, from n as `[1]`
        let count = |g: &mut Graph<'_>, n: &Value| {
            let (axis, zero, one) = (g.ints(&[0]), g.int(0), g.int(1));
            let n = g.both("Squeeze", n, &axis);
            g.op("Range", [&zero, &n, &one], &[])
        };
        let turns: Vec<f32> = (0..d_head / 2).map(|i| frequency(i, d_head)).collect();
        let turns = g.floats("rope_frequencies", &[d_head / 2, 1, 1], &turns);
        let t = count(g, &time);
        let t = g.op("Cast", [&t], &[Int("to", TO_FLOAT)]);
        let angle = g.both("Mul", &turns, &t);
        let (cos, sin) = (g.map("Cos", &angle), g.map("Sin", &angle));

        let window = g.ints(&[window as i64]);
        let one = g.ints(&[1]);
        let block = g.both("Min", &window, &time);
        // rounded up: (time + block - 1) / block
        let last = g.both("Sub", &block, &one);
        let sum = g.both("Add", &time, &last);
        let blocks = g.both("Div", &sum, &block);
        let whole = g.both("Mul", &blocks, &block);
        let missing = g.both("Sub", &whole, &time);
        let none = g.ints(&[0; 7]);
        let fill = g.op("Concat", [&none, &missing], &[Int("axis", 0)]);

        // in the pair of blocks n - 1 and n query i is at position block + i, key j at position j
        let i = count(g, &block);
        let column = g.ints(&[-1, 1]);
        let i = g.both("Reshape", &i, &column);
        let query = g.both("Add", &i, &block);
        let double = g.both("Add", &block, &block);
        let key = count(g, &double);
        let after = g.both("Less", &query, &key);
        let reach = g.both("Add", &key, &window);
        let within = g.both("Less", &query, &reach);
        let beyond = g.map("Not", &within);
        let n = count(g, &blocks);
        let deep = g.ints(&[-1, 1, 1]);
        let n = g.both("Reshape", &n, &deep);
        let from = g.both("Mul", &n, &block);
        let position = g.both("Add", &from, &key);
        let before_all = g.both("Less", &position, &block);
        let unseen = g.both("Or", &after, &beyond);
        let unseen = g.both("Or", &unseen, &before_all);
        let (never, seen) = (g.scalar(NEVER), g.scalar(0.0));
        let mask = g.op("Where", [&unseen, &never, &seen], &[]);
        let (heads, d_head) = (heads as i64, d_head as i64);
        Self { heads, d_head, cos, sin, mask, block, fill, time }
    }

    /// The nodes of [`WindowAttention::forward`](crate::twin::layer::attention::WindowAttention::forward), with the
    /// parameters under `path`.
    ///
    /// # Errors
    /// [`StateError`] where a parameter is missing.
    pub fn attention(&self, g: &mut Graph<'_>, x: &Value, path: &str) -> Result<Value, StateError> {
        let [q, k, v] = ["wq", "wk", "wv"].map(|name| g.linear(x, &format!("{path}.{name}")));
        let q = self.turn(g, &q?);
        let k = self.turn(g, &k?);
        let shape = g.ints(&[0, self.heads, self.d_head, -1]);
        let v = g.both("Reshape", &v?, &shape);
        // each is now [batch, heads, d_head, blocks, block]
        let [q, k, v] = [&q, &k, &v].map(|x| self.split(g, x));
        let (k, v) = (self.with_previous(g, &k), self.with_previous(g, &v));
        // [batch, heads, blocks, block, d_head] and [batch, heads, blocks, d_head, 2 · block]
        let q = g.op("Transpose", [&q], &[Ints("perm", vec![0, 1, 3, 4, 2])]);
        let k = g.op("Transpose", [&k], &[Ints("perm", vec![0, 1, 3, 2, 4])]);
        let v = g.op("Transpose", [&v], &[Ints("perm", vec![0, 1, 3, 4, 2])]);
        let q = g.with("Mul", &q, 1.0 / (self.d_head as f64).sqrt());
        let scores = g.both("MatMul", &q, &k);
        let scores = g.both("Add", &scores, &self.mask);
        let weights = g.op("Softmax", [&scores], &[Int("axis", -1)]);
        let y = g.both("MatMul", &weights, &v);
        let y = g.op("Transpose", [&y], &[Ints("perm", vec![0, 1, 4, 2, 3])]);
        let shape = g.ints(&[0, self.heads * self.d_head, -1]);
        let y = g.both("Reshape", &y, &shape);
        let (start, axis) = (g.ints(&[0]), g.ints(&[2]));
        let y = g.op("Slice", [&y, &start, &self.time, &axis], &[]);
        g.linear(&y, &format!("{path}.wo"))
    }

    /// Rotates each adjacent pair of channels of `[batch, d_model, time]` by its position; gives `[batch, heads,
    /// d_head, time]`.
    fn turn(&self, g: &mut Graph<'_>, x: &Value) -> Value {
        let pairs = g.ints(&[0, self.heads, self.d_head / 2, 2, -1]);
        let x = g.both("Reshape", x, &pairs);
        let part = |g: &mut Graph<'_>, from: i64| {
            let [from, to, axis] = [from, from + 1, 3].map(|n| g.ints(&[n]));
            g.op("Slice", [&x, &from, &to, &axis], &[])
        };
        let (a, b) = (part(g, 0), part(g, 1));
        let product = |g: &mut Graph<'_>, x: &Value, y: &Value| g.both("Mul", x, y);
        let (a_cos, b_sin) = (product(g, &a, &self.cos), product(g, &b, &self.sin));
        let (a_sin, b_cos) = (product(g, &a, &self.sin), product(g, &b, &self.cos));
        let (first, second) = (g.both("Sub", &a_cos, &b_sin), g.both("Add", &a_sin, &b_cos));
        let x = g.op("Concat", [&first, &second], &[Int("axis", 3)]);
        let shape = g.ints(&[0, self.heads, self.d_head, -1]);
        g.both("Reshape", &x, &shape)
    }

    /// Splits `[batch, heads, d_head, time]` into blocks, `[batch, heads, d_head, blocks, block]`, padded with zeros.
    fn split(&self, g: &mut Graph<'_>, x: &Value) -> Value {
        let x = g.both("Pad", x, &self.fill);
        let kept = g.ints(&[0, 0, 0, -1]);
        let shape = g.op("Concat", [&kept, &self.block], &[Int("axis", 0)]);
        g.both("Reshape", &x, &shape)
    }

    /// Each block behind the one before it: `[batch, heads, d_head, blocks, 2 · block]`.
    fn with_previous(&self, g: &mut Graph<'_>, x: &Value) -> Value {
        let pads = g.ints(&[0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        let later = g.both("Pad", x, &pads);
        let [from, to, axis] = [0, -1, 3].map(|n| g.ints(&[n]));
        let previous = g.op("Slice", [&later, &from, &to, &axis], &[]);
        g.op("Concat", [&previous, x], &[Int("axis", 4)])
    }
}
