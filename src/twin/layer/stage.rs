//! The layer of convolutional twins: causal convolution, norm, nonlinearity.

use burn::prelude::*;

use super::causal_conv::{CausalConv, CausalConvConfig};
use super::init::Init;
use super::norm::{EPS, Norm, NormConfig, NormKind};
use crate::twin::ops::activation::Activation;
use crate::twin::ops::backend::TwinBackend;

/// Configuration of a [`Layer`].
#[derive(Debug, Clone)]
pub struct LayerConfig {
    /// The convolution.
    pub conv: CausalConvConfig,
    /// The norm after the convolution.
    pub norm: NormKind,
    /// The nonlinearity after the norm.
    pub activation: Activation,
}

/// A causal convolution, a norm and a nonlinearity.
#[derive(Module, Debug)]
pub struct Layer<B: Backend> {
    /// The convolution.
    pub conv: CausalConv<B>,
    norm: Norm<B>,
    #[module(skip)]
    activation: Activation,
}

impl LayerConfig {
    /// Draws the layer's weights.
    pub fn init<B: Backend>(&self, init: &mut Init<'_, B>) -> Layer<B> {
        let norm = NormConfig { kind: self.norm, channels: self.conv.out_channels, eps: EPS };
        Layer { conv: self.conv.init(init), norm: norm.init(init), activation: self.activation }
    }
}

impl<B: TwinBackend> Layer<B> {
    /// # Shapes
    /// - x: `[batch, channels_in · rows, time]`
    /// - output: `[batch, channels_out, time]`
    pub fn forward(&self, x: Tensor<B, 3>) -> Tensor<B, 3> {
        let x = self.conv.forward(x);
        match self.norm.affine() {
            [Some(weight), bias] if self.norm.is_over_channels() => {
                B::norm_activation(x, weight, bias, self.norm.eps(), &self.activation)
            }
            _ => self.activation.forward(self.norm.forward(x, 1)),
        }
    }
}
