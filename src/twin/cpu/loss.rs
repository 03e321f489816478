//! The five losses and their gradient, forwards and backwards each in one pass.

use super::par;
use crate::twin::heads::Head;

/// Sizes of outputs and targets, `[batch, 4 + dend_channels, time]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Shape {
    pub batch: usize,
    pub channels: usize,
    pub time: usize,
}

impl Shape {
    /// Number of values that a head's loss is the mean of.
    fn count(&self, head: Head) -> f64 {
        (self.batch * self.time * head.channels(self.channels)) as f64
    }
}

/// A value's contribution to its head's loss: the binary cross-entropy of a logit (both spike heads), the absolute
/// difference (both voltages), or the squared difference (rate).
fn loss(head: Head, x: f32, y: f32) -> f32 {
    match head {
        // -y·log σ(x) - (1-y)·log(1-σ(x)), without overflow
        Head::Spikes | Head::NearSpike => x.max(0.0) - x * y + libm::log1pf(libm::expf(-x.abs())),
        Head::InstRate => (x - y) * (x - y),
        Head::Soma | Head::DendV => (x - y).abs(),
    }
}

/// The derivative of [`loss`] by `x`.
fn slope(head: Head, x: f32, y: f32) -> f32 {
    match head {
        Head::Spikes | Head::NearSpike => 1.0 / (1.0 + libm::expf(-x)) - y,
        Head::InstRate => 2.0 * (x - y),
        // the slope of |x - y| is 0 where they are equal, as in Burn and PyTorch
        _ if x > y => 1.0,
        _ if x < y => -1.0,
        _ => 0.0,
    }
}

/// The five losses: means over batch, channels of the head and time.
pub(crate) fn forward(outputs: &[f32], targets: &[f32], s: &Shape) -> [f32; 5] {
    let mut rows = vec![0.0; s.batch * s.channels];
    par::chunks(&mut rows, 1, |i, out| {
        let row = i * s.time..(i + 1) * s.time;
        let head = Head::of_channel(i % s.channels);
        let pairs = outputs[row.clone()].iter().zip(&targets[row]);
        // summed in double precision, so that a mean of thousands keeps its last digits
        let sum: f64 = pairs.map(|(&x, &y)| f64::from(loss(head, x, y))).sum();
        out[0] = (sum / s.count(head)) as f32;
    });
    let mut losses = [0f64; 5];
    for (i, value) in rows.into_iter().enumerate() {
        losses[Head::of_channel(i % s.channels).at()] += f64::from(value);
    }
    losses.map(|loss| loss as f32)
}

/// The gradient of the outputs, from the gradient `grad` of the five losses.
pub(crate) fn backward(outputs: &[f32], targets: &[f32], s: &Shape, grad: &[f32]) -> Vec<f32> {
    let mut out = vec![0.0; outputs.len()];
    par::chunks(&mut out, s.time, |i, out| {
        let row = i * s.time..(i + 1) * s.time;
        let head = Head::of_channel(i % s.channels);
        let scale = (f64::from(grad[head.at()]) / s.count(head)) as f32;
        let pairs = outputs[row.clone()].iter().zip(&targets[row]);
        for (out, (&x, &y)) in out.iter_mut().zip(pairs) {
            *out = scale * slope(head, x, y);
        }
    });
    out
}
