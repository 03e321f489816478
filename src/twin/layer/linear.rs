//! Linear maps of the last axis, with PyTorch's layout.

use burn::module::Param;
use burn::prelude::*;

use super::init::Init;
use crate::twin::ops::backend::TwinBackend;

/// y = x·weightᵀ + bias.
#[derive(Module, Debug)]
pub struct Linear<B: Backend> {
    /// The weight, `[out, in]`.
    pub weight: Param<Tensor<B, 2>>,
    /// The bias, `[out]`.
    pub bias: Option<Param<Tensor<B, 1>>>,
}

/// Configuration of a [`Linear`].
#[derive(Debug, Clone)]
pub struct LinearConfig {
    /// Number of input features.
    pub features_in: usize,
    /// Number of output features.
    pub features_out: usize,
    /// Whether the map has a bias.
    pub bias: bool,
}

impl LinearConfig {
    /// Draws weights normal with standard deviation 0.02, biases uniform within ±1/√features_in.
    pub fn init<B: Backend>(&self, init: &mut Init<'_, B>) -> Linear<B> {
        let weight = init.normal([self.features_out, self.features_in], 0.02);
        let bound = 1.0 / (self.features_in as f64).sqrt();
        Linear { weight, bias: self.bias.then(|| init.uniform([self.features_out], bound)) }
    }
}

impl<B: TwinBackend> Linear<B> {
    /// The map applied to the channels at each time.
    ///
    /// # Shapes
    /// - x: `[batch, in, time]`
    /// - output: `[batch, out, time]`
    pub fn over_channels(&self, x: Tensor<B, 3>) -> Tensor<B, 3> {
        let y = B::map_channels(x, self.weight.val());
        match &self.bias {
            Some(bias) => y + bias.val().reshape([1, self.weight.dims()[0], 1]),
            None => y,
        }
    }
}

impl<B: Backend> Linear<B> {
    /// # Shapes
    /// - x: `[.., in]`
    /// - output: `[.., out]`
    pub fn forward<const D: usize>(&self, x: Tensor<B, D>) -> Tensor<B, D> {
        let mut dims = x.dims();
        let [features_out, features_in] = self.weight.dims();
        let rows = dims.iter().product::<usize>() / features_in;
        let mut y = x.reshape([rows, features_in]).matmul(self.weight.val().transpose());
        if let Some(bias) = &self.bias {
            y = y + bias.val().reshape([1, features_out]);
        }
        dims[D - 1] = features_out;
        y.reshape(dims)
    }
}
