//! A twin of any of the four kinds.

use burn::module::{Module, ModuleVisitor, Param};
use burn::prelude::*;

use super::arch::elm::Elm;
use super::arch::resnet_tcn::ResNetTcn;
use super::arch::tcn::Tcn;
use super::arch::transformer::Transformer;
use super::config::{AttentionKind, TwinConfig};
use super::heads::Outputs;
use super::layer::heads::{Heads, HeadsConfig};
use super::layer::init::Init;
use super::ops::backend::TwinBackend;

/// What turns the input into features.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // one lives in a twin, never in a list
pub enum Backbone<B: Backend> {
    /// Temporal convolutional network.
    Tcn(Tcn<B>),
    /// With shortcuts.
    ResNetTcn(ResNetTcn<B>),
    /// Expressive leaky memory neuron.
    Elm(Elm<B>),
    /// Causal sliding-window transformer.
    Transformer(Transformer<B>),
}

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
        let (backbone, in_channels) = match self {
            Self::Tcn(c) => {
                let width = c.num_features_per_block_list.last().copied().unwrap_or_default();
                (Backbone::Tcn(c.init(init)), width)
            }
            Self::ResNetTcn(c) => {
                let width = c.num_features_per_block_list.last().copied().unwrap_or_default();
                (Backbone::ResNetTcn(c.init(init)), width)
            }
            Self::Elm(c) => (Backbone::Elm(c.init(init)), c.memory_dim),
            Self::Transformer(c) => (Backbone::Transformer(c.init(init)), c.d_model),
        };
        let heads = HeadsConfig { in_channels, out_channels: self.ports().heads() };
        Twin { backbone, heads: heads.init(init) }
    }

    /// ms of input that one output can depend on; none where it is unbounded (an ELM remembers).
    pub fn receptive_field(&self) -> Option<usize> {
        let convs = |first: usize, per_block: &mut dyn Iterator<Item = (usize, usize, usize)>| {
            let past: usize =
                per_block.map(|(layers, taps, dilation)| layers * (taps - 1) * dilation).sum();
            Some(first + past)
        };
        match self {
            Self::Tcn(c) => convs(
                c.first_layer_temporal_kernel_size,
                &mut (0..c.num_layers_per_block_list.len()).map(|i| {
                    let taps = c.temporal_kernel_size_per_block_list[i];
                    let dilation = c.temporal_dilation_per_block_list[i];
                    (c.num_layers_per_block_list[i], taps, dilation)
                }),
            ),
            Self::ResNetTcn(c) => convs(
                c.first_layer_temporal_kernel_size,
                &mut (0..c.num_miniblocks_per_block_list.len()).map(|i| {
                    let taps = c.temporal_kernel_size_per_block_list[i];
                    let dilation = c.temporal_dilation_per_block_list[i];
                    (2 * c.num_miniblocks_per_block_list[i], taps, dilation)
                }),
            ),
            Self::Elm(_) => None,
            Self::Transformer(c) => {
                Some(c.first_layer_temporal_kernel_size + c.num_layers * (c.window_size - 1))
            }
        }
    }

    /// The original's name for a twin of this many parameters, such as
    /// `TCN_D_5_W_32_T_201_params_190K`.
    pub fn short_name(&self, num_params: usize) -> String {
        let params = if num_params < 10_000_000 {
            format!("params_{:.0}K", num_params as f64 / 1e3)
        } else {
            format!("params_{:.0}M", num_params as f64 / 1e6)
        };
        // the original's own sum, which for dilations above 1 is not the receptive field
        let span = |layers: usize, taps: usize, dilation: usize, shrink: usize| {
            if dilation == 1 {
                (taps - 1) * layers
            } else {
                let reach = dilation.saturating_pow(layers as u32 - 1).saturating_mul(taps);
                reach.saturating_sub(shrink).saturating_sub(1)
            }
        };
        let mean = |widths: &[usize], times: usize| {
            let sum: usize = widths[0] + times * widths.iter().sum::<usize>();
            sum as f64 / (1 + times * widths.len()) as f64
        };
        match self {
            Self::Tcn(c) => {
                let depth: usize = c.num_layers_per_block_list.iter().sum::<usize>() + 1;
                let width = mean(&c.num_features_per_block_list, 1);
                let past = (0..c.num_layers_per_block_list.len()).map(|i| {
                    let layers = c.num_layers_per_block_list[i];
                    let taps = c.temporal_kernel_size_per_block_list[i];
                    span(layers, taps, c.temporal_dilation_per_block_list[i], layers - 1)
                });
                let total = past.fold(c.first_layer_temporal_kernel_size, usize::saturating_add);
                format!("TCN_D_{depth}_W_{width:.0}_T_{total}_{params}")
            }
            Self::ResNetTcn(c) => {
                let depth: usize = 2 * c.num_miniblocks_per_block_list.iter().sum::<usize>() + 1;
                let width = mean(&c.num_features_per_block_list, 2);
                let past = (0..c.num_miniblocks_per_block_list.len()).map(|i| {
                    let pairs = c.num_miniblocks_per_block_list[i];
                    let taps = c.temporal_kernel_size_per_block_list[i];
                    span(2 * pairs, taps, c.temporal_dilation_per_block_list[i], pairs - 1)
                });
                let total = past.fold(c.first_layer_temporal_kernel_size, usize::saturating_add);
                format!("TCN_ResNet_D_{depth}_W_{width:.0}_T_{total}_{params}")
            }
            Self::Elm(c) => {
                format!("ELM_D_{}_M_{}_{params}", c.mlp_num_hidden_layers, c.memory_dim)
            }
            Self::Transformer(c) => {
                let past = match c.swa_type {
                    AttentionKind::Full => c.max_seq_len,
                    AttentionKind::Blocked => {
                        c.first_layer_temporal_kernel_size - 1 + c.num_layers * (c.window_size - 1)
                    }
                };
                let (depth, width, heads) = (c.num_layers, c.d_model, c.n_heads);
                format!("Transformer_D_{depth}_W_{width}_H_{heads}_T_{past}_{params}")
            }
        }
    }
}

impl<B: TwinBackend> Twin<B> {
    /// # Shapes
    /// - x: `[batch, channels_in, segments, time]`, divided by the input's scale
    /// - output: `[batch, 4 + dend_channels, time]`
    pub fn forward(&self, x: Tensor<B, 4>) -> Outputs<B> {
        let [batch, channels, segments, time] = x.dims();
        let x = x.reshape([batch, channels * segments, time]);
        let features = match &self.backbone {
            Backbone::Tcn(tcn) => tcn.forward(x),
            Backbone::ResNetTcn(tcn) => tcn.forward(x),
            Backbone::Elm(elm) => elm.forward(x),
            Backbone::Transformer(transformer) => transformer.forward(x),
        };
        self.heads.forward(features)
    }

    /// What turns the input into features.
    pub fn backbone(&self) -> &Backbone<B> {
        &self.backbone
    }

    /// The first layer's kernels, `[width, channels_in, segments, ms]`; an ELM has none.
    pub fn first_weight(&self) -> Option<Tensor<B, 4>> {
        match &self.backbone {
            Backbone::Tcn(tcn) => Some(tcn.first_weight()),
            Backbone::ResNetTcn(tcn) => Some(tcn.first_weight()),
            Backbone::Elm(_) => None,
            Backbone::Transformer(transformer) => Some(transformer.first_weight()),
        }
    }

    /// Parameters as the original counts them: all but running statistics.
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

    /// Values that training moves, of which the optimizer keeps moments; on a backend without
    /// gradients there are none.
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
