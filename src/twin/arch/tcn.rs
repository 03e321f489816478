//! Temporal convolutional network (Bai et al. 2018, arXiv 1803.01271; Beniaguev et al. 2021,
//! Neuron 109:2727).

use burn::prelude::*;

use crate::twin::config::TcnConfig;
use crate::twin::layer::causal_conv::CausalConvConfig;
use crate::twin::layer::init::Init;
use crate::twin::layer::stage::{Layer, LayerConfig};
use crate::twin::ops::activation::Activation;
use crate::twin::ops::backend::TwinBackend;

/// First layer and blocks of a TCN.
#[derive(Module, Debug)]
pub struct Tcn<B: Backend> {
    first: Layer<B>,
    blocks: Vec<TcnBlock<B>>,
}

/// Layers of one width.
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

impl<B: TwinBackend> Tcn<B> {
    /// # Shapes
    /// - x: `[batch, rows, time]`
    /// - output: `[batch, channels, time]`
    pub fn forward(&self, x: Tensor<B, 3>) -> Tensor<B, 3> {
        let x = self.first.forward(x);
        self.blocks.iter().flat_map(|block| &block.layers).fold(x, |x, layer| layer.forward(x))
    }

    /// The first layer's kernels, `[width, channels_in, segments, ms]`.
    pub fn first_weight(&self) -> Tensor<B, 4> {
        self.first.conv.weight.val()
    }
}
