//! TCN whose layers come in pairs with a 1×1 shortcut around each pair (He et al. 2016, arXiv 1512.03385).

use burn::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::architecture::{About, Architecture, Features};
use super::blocks::{Blocks, HasBlocks, convolution_settings, norm_leaf};
use super::ports::Ports;
use super::tour::{ConvStop, Tour, conv};
use crate::settings::{HasSettings, Setting};
use crate::twin::layer::causal_conv::{CausalConv, CausalConvConfig};
use crate::twin::layer::init::Init;
use crate::twin::layer::norm::NormKind;
use crate::twin::layer::stage::{Layer, LayerConfig};
use crate::twin::onnx::graph::{Graph, Value};
use crate::twin::ops::activation::{Activation, Nonlinearity};
use crate::twin::ops::backend::TwinBackend;
use crate::twin::weights::host::StateError;

/// The properties that all ResNetTCNs share.
pub const ABOUT: About = About {
    name: "resnet_tcn",
    title: "ResNet-TCN",
    spellings: &["resnettcn", "tcnresnet"],
    key: "num_miniblocks_per_block_list",
    windows_ms: [2048, 4096],
    derived: &[],
};

/// Configuration of a TCN whose layers come in pairs with a shortcut around each pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResNetTcnConfig {
    /// Input and output widths.
    #[serde(flatten)]
    pub ports: Ports,
    /// ms that the first layer sees.
    pub first_layer_temporal_kernel_size: usize,
    /// Pairs of layers in each block.
    pub num_miniblocks_per_block_list: Vec<usize>,
    /// Channels of each block.
    pub num_features_per_block_list: Vec<usize>,
    /// Taps of each block's convolutions.
    pub temporal_kernel_size_per_block_list: Vec<usize>,
    /// Dilation of each block's convolutions: ms between taps.
    pub temporal_dilation_per_block_list: Vec<usize>,
    /// The nonlinearity after each norm.
    pub nonlinearity_str: Nonlinearity,
    /// The nonlinearity's leak.
    pub leaky_slope: f64,
    /// The norm after each convolution.
    pub norm_type: NormKind,
}

impl Default for ResNetTcnConfig {
    fn default() -> Self {
        Self {
            ports: Ports::default(),
            first_layer_temporal_kernel_size: 9,
            num_miniblocks_per_block_list: vec![15],
            num_features_per_block_list: vec![48],
            temporal_kernel_size_per_block_list: vec![9],
            temporal_dilation_per_block_list: vec![1],
            nonlinearity_str: Nonlinearity::LeakyGelu,
            leaky_slope: 0.15,
            norm_type: NormKind::Rms,
        }
    }
}

impl HasBlocks for ResNetTcnConfig {
    fn blocks(&self) -> Blocks<'_> {
        Blocks {
            key: ABOUT.key,
            counts: &self.num_miniblocks_per_block_list,
            layers: 2,
            features: &self.num_features_per_block_list,
            taps: &self.temporal_kernel_size_per_block_list,
            dilations: &self.temporal_dilation_per_block_list,
        }
    }
}

impl HasSettings for ResNetTcnConfig {
    fn settings() -> Vec<Setting<Self>> {
        let taps = |c: &Self| c.first_layer_temporal_kernel_size;
        convolution_settings(ABOUT.key, taps, |c| c.leaky_slope)
    }
}

impl Architecture for ResNetTcnConfig {
    fn ports(&self) -> &Ports {
        &self.ports
    }

    fn ports_mut(&mut self) -> &mut Ports {
        &mut self.ports
    }

    fn channels(&self) -> usize {
        self.blocks().channels()
    }

    fn widest(&self) -> usize {
        self.blocks().widest()
    }

    fn norms(&self) -> Vec<NormKind> {
        vec![self.norm_type]
    }

    fn stops(&self, tour: &mut Tour) {
        let mut layer = ConvStop {
            rows: self.ports.rows(),
            out: self.num_features_per_block_list.first().copied().unwrap_or_default(),
            taps: self.first_layer_temporal_kernel_size,
            dilation: 1,
            norm: self.norm_type,
            nonlinearity: self.nonlinearity_str,
        };
        tour.first(&layer);
        for (i, &count) in self.num_miniblocks_per_block_list.iter().enumerate() {
            let out = self.num_features_per_block_list[i];
            layer.taps = self.temporal_kernel_size_per_block_list[i];
            layer.dilation = self.temporal_dilation_per_block_list[i];
            for j in 0..count {
                let channels = layer.out;
                (layer.rows, layer.out) = (channels, out);
                tour.layer(format!("block {i}, pair {j}, layer 1"), &layer);
                layer.rows = out;
                tour.layer(format!("block {i}, pair {j}, layer 2"), &layer);
                let products = tour.each_ms(&[channels, out]);
                let what = "1×1 convolution of the pair's input, added".to_owned();
                let name = format!("block {i}, pair {j}, shortcut");
                tour.add(name, what, out, conv(channels, out, 1), products);
            }
        }
    }

    fn size(&self) -> String {
        self.blocks().size()
    }

    fn short_name(&self) -> String {
        let name = self.blocks().short_name(self.first_layer_temporal_kernel_size);
        format!("TCN_ResNet_{name}")
    }

    fn torch_name(&self, path: &[&str]) -> Option<String> {
        let norm = |leaf: &str| norm_leaf(self.norm_type, leaf);
        Some(match path {
            ["first", "conv", leaf] => format!("first_conv.temporal_conv.{leaf}"),
            ["first", "norm", leaf] => format!("first_norm.{}", norm(leaf)),
            ["blocks", i, "miniblocks", j, "shortcut", leaf] => {
                format!("block{i}.block{j}.shortcut_conv.{leaf}")
            }
            ["blocks", i, "miniblocks", j, layer, "conv", leaf] => {
                let layer = layer.strip_prefix("layer")?;
                format!("block{i}.block{j}.conv{layer}.temporal_conv.{leaf}")
            }
            ["blocks", i, "miniblocks", j, layer, "norm", leaf] => {
                let layer = layer.strip_prefix("layer")?;
                format!("block{i}.block{j}.norm{layer}.{}", norm(leaf))
            }
            _ => return None,
        })
    }

    fn torch_arguments(&self, json: &mut Json) {
        json["bottleneck_dim_per_block_list"] = Json::Null;
    }

    fn nodes(
        &self,
        g: &mut Graph<'_>,
        _derived: &[Vec<f32>],
        x: &Value,
    ) -> Result<Value, StateError> {
        let activation = Activation::new(self.nonlinearity_str, self.leaky_slope);
        let first = [self.first_layer_temporal_kernel_size, 1];
        let mut x = g.layer(x, "backbone.tcn.first", first, self.norm_type, &activation)?;
        for (i, &count) in self.num_miniblocks_per_block_list.iter().enumerate() {
            let taps = self.temporal_kernel_size_per_block_list[i];
            let shape = [taps, self.temporal_dilation_per_block_list[i]];
            for j in 0..count {
                let path = format!("backbone.tcn.blocks.{i}.miniblocks.{j}");
                let y =
                    g.layer(&x, &format!("{path}.layer1"), shape, self.norm_type, &activation)?;
                let y =
                    g.layer(&y, &format!("{path}.layer2"), shape, self.norm_type, &activation)?;
                let shortcut = g.conv(&x, &format!("{path}.shortcut"), 1, 1)?;
                x = g.both("Add", &shortcut, &y);
            }
        }
        Ok(x)
    }
}

/// The backbone of a ResNetTCN: first layer and blocks.
#[derive(Module, Debug)]
pub struct ResNetTcn<B: Backend> {
    first: Layer<B>,
    blocks: Vec<ResNetBlock<B>>,
}

/// A block: miniblocks of one width.
#[derive(Module, Debug)]
pub struct ResNetBlock<B: Backend> {
    miniblocks: Vec<Miniblock<B>>,
}

/// Two layers and their shortcut, which is added after the second nonlinearity.
#[derive(Module, Debug)]
pub struct Miniblock<B: Backend> {
    layer1: Layer<B>,
    layer2: Layer<B>,
    shortcut: CausalConv<B>,
}

impl ResNetTcnConfig {
    /// Draws the backbone's weights.
    pub fn init<B: Backend>(&self, init: &mut Init<'_, B>) -> ResNetTcn<B> {
        let activation = Activation::new(self.nonlinearity_str, self.leaky_slope);
        let layer = |conv| LayerConfig { conv, norm: self.norm_type, activation };
        let mut channels = self.num_features_per_block_list[0];
        let first = layer(CausalConvConfig {
            in_channels: self.ports.in_channels,
            spatial: self.ports.in_spatial_dim,
            out_channels: channels,
            kernel_size: self.first_layer_temporal_kernel_size,
            dilation: 1,
        })
        .init(init);
        let mut blocks = Vec::new();
        for (i, &count) in self.num_miniblocks_per_block_list.iter().enumerate() {
            let width = self.num_features_per_block_list[i];
            let conv = |in_channels, kernel_size, dilation| CausalConvConfig {
                in_channels,
                spatial: 1,
                out_channels: width,
                kernel_size,
                dilation,
            };
            let taps = self.temporal_kernel_size_per_block_list[i];
            let dilation = self.temporal_dilation_per_block_list[i];
            let mut miniblocks = Vec::new();
            for _ in 0..count {
                miniblocks.push(Miniblock {
                    layer1: layer(conv(channels, taps, dilation)).init(init),
                    layer2: layer(conv(width, taps, dilation)).init(init),
                    shortcut: conv(channels, 1, 1).init(init),
                });
                channels = width;
            }
            blocks.push(ResNetBlock { miniblocks });
        }
        ResNetTcn { first, blocks }
    }
}

impl<B: TwinBackend> Features<B> for ResNetTcn<B> {
    fn forward(&self, x: Tensor<B, 3>) -> Tensor<B, 3> {
        let x = self.first.forward(x);
        self.blocks.iter().flat_map(|block| &block.miniblocks).fold(x, |x, m| m.forward(x))
    }

    fn first_weight(&self) -> Option<Tensor<B, 4>> {
        Some(self.first.conv.weight.val())
    }
}

impl<B: TwinBackend> Miniblock<B> {
    /// # Shapes
    /// - x: `[batch, channels_in, time]`
    /// - output: `[batch, channels_out, time]`
    pub fn forward(&self, x: Tensor<B, 3>) -> Tensor<B, 3> {
        let residual = self.layer2.forward(self.layer1.forward(x.clone()));
        self.shortcut.forward(x) + residual
    }
}
