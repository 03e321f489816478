//! Temporal convolutional network (Bai et al. 2018, arXiv 1803.01271; Beniaguev et al. 2021,
//! Neuron 109:2727).

use burn::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::architecture::{About, Architecture, Features};
use super::blocks::{Blocks, HasBlocks, convolution_settings, norm_leaf};
use super::ports::Ports;
use super::tour::{ConvStop, Tour};
use crate::settings::{HasSettings, Setting};
use crate::twin::layer::causal_conv::CausalConvConfig;
use crate::twin::layer::init::Init;
use crate::twin::layer::norm::NormKind;
use crate::twin::layer::stage::{Layer, LayerConfig};
use crate::twin::onnx::graph::{Graph, Value};
use crate::twin::ops::activation::{Activation, Nonlinearity};
use crate::twin::ops::backend::TwinBackend;
use crate::twin::weights::host::StateError;

/// The properties that all TCNs share.
pub const ABOUT: About = About {
    name: "tcn",
    title: "TCN",
    spellings: &["tcn"],
    key: "num_layers_per_block_list",
    windows_ms: [2048, 4096],
    derived: &[],
};

/// Configuration of a temporal convolutional network: blocks of causal convolutions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TcnConfig {
    /// Input and output widths.
    #[serde(flatten)]
    pub ports: Ports,
    /// ms that the first layer sees.
    pub first_layer_temporal_kernel_size: usize,
    /// Layers in each block.
    pub num_layers_per_block_list: Vec<usize>,
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

impl Default for TcnConfig {
    fn default() -> Self {
        Self {
            ports: Ports::default(),
            first_layer_temporal_kernel_size: 51,
            num_layers_per_block_list: vec![4],
            num_features_per_block_list: vec![48],
            temporal_kernel_size_per_block_list: vec![51],
            temporal_dilation_per_block_list: vec![1],
            nonlinearity_str: Nonlinearity::LeakyGelu,
            leaky_slope: 0.15,
            norm_type: NormKind::Rms,
        }
    }
}

impl TcnConfig {
    /// One of the class assignment's five twins, A to E, with one block and dilation 1; `None` for any other letter.
    pub fn assignment(letter: char, segments: usize) -> Option<Self> {
        let (depth, width, taps) = match letter.to_ascii_uppercase() {
            'A' => (1, 8, 91),
            'B' => (2, 16, 61),
            'C' => (4, 32, 41),
            'D' => (7, 64, 31),
            'E' => (7, 64, 11),
            _ => return None,
        };
        Some(Self {
            ports: Ports { in_spatial_dim: segments, ..Ports::default() },
            first_layer_temporal_kernel_size: taps,
            num_layers_per_block_list: vec![depth],
            num_features_per_block_list: vec![width],
            temporal_kernel_size_per_block_list: vec![taps],
            ..Self::default()
        })
    }
}

impl HasBlocks for TcnConfig {
    fn blocks(&self) -> Blocks<'_> {
        Blocks {
            key: ABOUT.key,
            counts: &self.num_layers_per_block_list,
            layers: 1,
            features: &self.num_features_per_block_list,
            taps: &self.temporal_kernel_size_per_block_list,
            dilations: &self.temporal_dilation_per_block_list,
        }
    }
}

impl HasSettings for TcnConfig {
    fn settings() -> Vec<Setting<Self>> {
        let taps = |c: &Self| c.first_layer_temporal_kernel_size;
        convolution_settings(ABOUT.key, taps, |c| c.leaky_slope)
    }
}

impl Architecture for TcnConfig {
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
        for (i, &depth) in self.num_layers_per_block_list.iter().enumerate() {
            for j in 0..depth {
                layer.rows = layer.out;
                layer.out = self.num_features_per_block_list[i];
                layer.taps = self.temporal_kernel_size_per_block_list[i];
                layer.dilation = self.temporal_dilation_per_block_list[i];
                tour.layer(format!("block {i}, layer {j}"), &layer);
            }
        }
    }

    fn size(&self) -> String {
        self.blocks().size()
    }

    fn short_name(&self) -> String {
        let name = self.blocks().short_name(self.first_layer_temporal_kernel_size);
        format!("TCN_{name}")
    }

    fn torch_name(&self, path: &[&str]) -> Option<String> {
        let norm = |leaf: &str| norm_leaf(self.norm_type, leaf);
        Some(match path {
            ["first", "conv", leaf] => format!("first_conv.temporal_conv.{leaf}"),
            ["first", "norm", leaf] => format!("first_norm.{}", norm(leaf)),
            ["blocks", i, "layers", j, "conv", leaf] => {
                format!("block{i}.conv{j}.temporal_conv.{leaf}")
            }
            ["blocks", i, "layers", j, "norm", leaf] => format!("block{i}.norm{j}.{}", norm(leaf)),
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
        for (i, &depth) in self.num_layers_per_block_list.iter().enumerate() {
            let taps = self.temporal_kernel_size_per_block_list[i];
            let shape = [taps, self.temporal_dilation_per_block_list[i]];
            for j in 0..depth {
                let path = format!("backbone.tcn.blocks.{i}.layers.{j}");
                x = g.layer(&x, &path, shape, self.norm_type, &activation)?;
            }
        }
        Ok(x)
    }
}

/// The backbone of a TCN: first layer and blocks.
#[derive(Module, Debug)]
pub struct Tcn<B: Backend> {
    first: Layer<B>,
    blocks: Vec<TcnBlock<B>>,
}

/// A block: layers of one width.
#[derive(Module, Debug)]
pub struct TcnBlock<B: Backend> {
    layers: Vec<Layer<B>>,
}

impl TcnConfig {
    /// Draws the backbone's weights.
    pub fn init<B: Backend>(&self, init: &mut Init<'_, B>) -> Tcn<B> {
        let activation = Activation::new(self.nonlinearity_str, self.leaky_slope);
        let mut channels = self.num_features_per_block_list[0];
        let first = LayerConfig {
            conv: CausalConvConfig {
                in_channels: self.ports.in_channels,
                spatial: self.ports.in_spatial_dim,
                out_channels: channels,
                kernel_size: self.first_layer_temporal_kernel_size,
                dilation: 1,
            },
            norm: self.norm_type,
            activation,
        };
        let first = first.init(init);
        let mut blocks = Vec::new();
        for (i, &depth) in self.num_layers_per_block_list.iter().enumerate() {
            let mut layers = Vec::new();
            for _ in 0..depth {
                let layer = LayerConfig {
                    conv: CausalConvConfig {
                        in_channels: channels,
                        spatial: 1,
                        out_channels: self.num_features_per_block_list[i],
                        kernel_size: self.temporal_kernel_size_per_block_list[i],
                        dilation: self.temporal_dilation_per_block_list[i],
                    },
                    norm: self.norm_type,
                    activation,
                };
                layers.push(layer.init(init));
                channels = self.num_features_per_block_list[i];
            }
            blocks.push(TcnBlock { layers });
        }
        Tcn { first, blocks }
    }
}

impl<B: TwinBackend> Features<B> for Tcn<B> {
    fn forward(&self, x: Tensor<B, 3>) -> Tensor<B, 3> {
        let x = self.first.forward(x);
        self.blocks.iter().flat_map(|block| &block.layers).fold(x, |x, layer| layer.forward(x))
    }

    fn first_weight(&self) -> Option<Tensor<B, 4>> {
        Some(self.first.conv.weight.val())
    }
}
