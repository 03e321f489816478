//! TCN whose layers come in pairs with a 1×1 shortcut around them (He et al. 2016,
//! arXiv 1512.03385).

use burn::prelude::*;

use crate::twin::config::ResNetTcnConfig;
use crate::twin::layer::causal_conv::{CausalConv, CausalConvConfig};
use crate::twin::layer::init::Init;
use crate::twin::layer::stage::{Layer, LayerConfig};
use crate::twin::ops::activation::Activation;
use crate::twin::ops::backend::TwinBackend;

/// First layer and blocks of a ResNetTCN.
#[derive(Module, Debug)]
pub struct ResNetTcn<B: Backend> {
    first: Layer<B>,
    blocks: Vec<ResNetBlock<B>>,
}

/// Miniblocks of one width.
#[derive(Module, Debug)]
pub struct ResNetBlock<B: Backend> {
    miniblocks: Vec<Miniblock<B>>,
}

/// Two layers and the shortcut, added after the second nonlinearity.
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

impl<B: TwinBackend> ResNetTcn<B> {
    /// # Shapes
    /// - x: `[batch, rows, time]`
    /// - output: `[batch, channels, time]`
    pub fn forward(&self, x: Tensor<B, 3>) -> Tensor<B, 3> {
        let x = self.first.forward(x);
        self.blocks.iter().flat_map(|block| &block.miniblocks).fold(x, |x, m| m.forward(x))
    }

    /// The first layer's kernels, `[width, channels_in, segments, ms]`.
    pub fn first_weight(&self) -> Tensor<B, 4> {
        self.first.conv.weight.val()
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
