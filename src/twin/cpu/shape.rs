//! Sizes of a causal convolution, and its gradients.

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
    /// Length of the past that an output depends on, ms.
    pub(crate) fn past(&self) -> usize {
        (self.taps - 1) * self.dilation
    }

    /// The same convolution of the signal's phases, in which taps are contiguous: the batch is `dilation` times as
    /// large, and its signals are shorter by that factor.
    pub(crate) fn phases(&self) -> Self {
        Self {
            batch: self.batch * self.dilation,
            time: self.time.div_ceil(self.dilation),
            dilation: 1,
            ..*self
        }
    }
}

/// The gradients of a convolution.
#[derive(Debug)]
pub(crate) struct Gradients {
    /// Gradient of the input, `[batch, in, time]`; `None` where it was not requested.
    pub of_x: Option<Vec<f32>>,
    /// Gradient of the weight, `[out, in, taps]`.
    pub of_weight: Vec<f32>,
}
