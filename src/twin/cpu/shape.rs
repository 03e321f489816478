//! Sizes of a causal convolution, and what its way back gives.

/// Sizes of a convolution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Shape {
    pub batch: usize,
    pub channels_in: usize,
    pub channels_out: usize,
    pub taps: usize,
    pub dilation: usize,
    pub time: usize,
}

impl Shape {
    /// ms of past that an output sees.
    pub(crate) fn past(&self) -> usize {
        (self.taps - 1) * self.dilation
    }

    /// The same convolution of the signal's phases, each with its taps side by side: a batch `dilation` times as
    /// large, of signals as much shorter.
    pub(crate) fn phases(&self) -> Self {
        Self {
            batch: self.batch * self.dilation,
            time: self.time.div_ceil(self.dilation),
            dilation: 1,
            ..*self
        }
    }
}

/// What the way back through a convolution gives.
#[derive(Debug)]
pub(crate) struct Gradients {
    /// `[batch, in, time]`, where it was asked for.
    pub of_x: Option<Vec<f32>>,
    /// `[out, in, taps]`.
    pub of_weight: Vec<f32>,
}
