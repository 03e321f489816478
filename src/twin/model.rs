//! A twin of any architecture.

use burn::module::{Module, ModuleVisitor, Param};
use burn::prelude::*;

pub use super::arch::{Backbone, Features};
use super::config::TwinConfig;
use super::heads::Outputs;
use super::layer::heads::{Heads, HeadsConfig};
use super::layer::init::Init;
use super::ops::backend::TwinBackend;

/// A DNN twin of a neuron: a backbone and the five heads.
#[derive(Module, Debug)]
pub struct Twin<B: Backend> {
    backbone: Backbone<B>,
    heads: Heads<B>,
}

impl TwinConfig {
    /// Draws a twin's weights from `seed`: the same on every device.
    pub fn init<B: Backend>(&self, seed: u64, device: &B::Device) -> Twin<B> {
        let init = &mut Init::new(seed, device);
        let backbone = self.backbone(init);
        let in_channels = self.architecture().channels();
        let heads = HeadsConfig { in_channels, out_channels: self.ports().heads() };
        Twin { backbone, heads: heads.init(init) }
    }
}

impl<B: TwinBackend> Twin<B> {
    /// # Shapes
    /// - x: `[batch, channels_in, segments, time]`, divided by the input's scale
    /// - output: `[batch, 4 + dend_channels, time]`
    pub fn forward(&self, x: Tensor<B, 4>) -> Outputs<B> {
        let [batch, channels, segments, time] = x.dims();
        let x = x.reshape([batch, channels * segments, time]);
        let features = self.backbone.features().forward(x);
        self.heads.forward(features)
    }

    /// The twin's backbone, which computes features from the input.
    pub fn backbone(&self) -> &Backbone<B> {
        &self.backbone
    }

    /// The first layer's kernels, `[width, channels_in, segments, ms]`; `None` for an ELM, which has none.
    pub fn first_weight(&self) -> Option<Tensor<B, 4>> {
        self.backbone.features().first_weight()
    }

    /// Number of parameters as the original counts them: all but running statistics.
    pub fn count_params(&self) -> usize {
        struct Count(usize, bool);
        impl<B: Backend> ModuleVisitor<B> for Count {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
                if !self.1 {
                    self.0 += param.val().shape().num_elements();
                }
            }
            fn enter_module(&mut self, name: &str, _container: &str) {
                self.1 = name.starts_with("running_");
            }
            fn exit_module(&mut self, _name: &str, _container: &str) {
                self.1 = false;
            }
        }
        let mut count = Count(0, false);
        self.visit(&mut count);
        count.0
    }

    /// Number of values that training changes and for which the optimizer keeps moments; 0 on a backend without
    /// gradients.
    pub fn count_trained(&self) -> usize {
        struct Count(usize);
        impl<B: Backend> ModuleVisitor<B> for Count {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
                let value = param.val();
                if value.is_require_grad() {
                    self.0 += value.shape().num_elements();
                }
            }
        }
        let mut count = Count(0);
        self.visit(&mut count);
        count.0
    }
}
