//! The causal convolution, whose output depends on the present and past alone.

use burn::module::Param;
use burn::prelude::*;

use super::init::Init;
use crate::twin::ops::backend::TwinBackend;

/// y\[o, t\] = bias\[o\] + Σ_{c,k} weight\[o, c, k\] · x\[c, t - (K-1-k)·dilation\], with x = 0
/// before its start.
///
/// # Shapes
/// - x: `[batch, channels_in, time]`
/// - weight: `[channels_out, channels_in, kernel_size]`
/// - bias: `[channels_out]`
/// - output: `[batch, channels_out, time]`
pub fn causal_conv<B: TwinBackend>(
    x: Tensor<B, 3>,
    weight: Tensor<B, 3>,
    bias: Tensor<B, 1>,
    dilation: usize,
) -> Tensor<B, 3> {
    B::causal_conv(x, weight, bias, dilation)
}

/// Configuration of a [`CausalConv`].
#[derive(Debug, Clone)]
pub struct CausalConvConfig {
    /// Channels of the input.
    pub in_channels: usize,
    /// Rows of the input; a kernel covers all of them.
    pub spatial: usize,
    /// Channels of the output.
    pub out_channels: usize,
    /// Number of taps.
    pub kernel_size: usize,
    /// ms between taps.
    pub dilation: usize,
}

/// A causal convolution over all rows and `kernel_size` taps.
#[derive(Module, Debug)]
pub struct CausalConv<B: Backend> {
    /// The kernels, `[channels_out, channels_in, rows, kernel_size]`.
    pub weight: Param<Tensor<B, 4>>,
    /// The biases, `[channels_out]`.
    pub bias: Param<Tensor<B, 1>>,
    dilation: usize,
}

impl CausalConvConfig {
    /// Draws weights and biases uniform within ±1/√fan_in, by PyTorch's rule.
    pub fn init<B: Backend>(&self, init: &mut Init<'_, B>) -> CausalConv<B> {
        let shape = [self.out_channels, self.in_channels, self.spatial, self.kernel_size];
        let bound = 1.0 / ((self.in_channels * self.spatial * self.kernel_size) as f64).sqrt();
        CausalConv {
            weight: init.uniform(shape, bound),
            bias: init.uniform([self.out_channels], bound),
            dilation: self.dilation,
        }
    }
}

impl<B: TwinBackend> CausalConv<B> {
    /// # Shapes
    /// - x: `[batch, channels_in · rows, time]`
    /// - output: `[batch, channels_out, time]`
    pub fn forward(&self, x: Tensor<B, 3>) -> Tensor<B, 3> {
        let [out, channels, rows, taps] = self.weight.dims();
        let weight = self.weight.val().reshape([out, channels * rows, taps]);
        causal_conv(x, weight, self.bias.val(), self.dilation)
    }
}
