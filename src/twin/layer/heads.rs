//! The five heads: from the backbone's features to the outputs.

use burn::module::Param;
use burn::prelude::*;

use super::causal_conv::{CausalConv, CausalConvConfig, causal_conv};
use super::init::Init;
use crate::twin::heads::Outputs;
use crate::twin::ops::backend::TwinBackend;

/// Initial bias of both spike heads, which makes spikes rare at first.
const SPIKE_BIAS: f64 = -2.0;

/// Configuration of [`Heads`].
#[derive(Debug, Clone)]
pub struct HeadsConfig {
    /// Channels of the backbone's features.
    pub in_channels: usize,
    /// Channels of each head.
    pub out_channels: [usize; 5],
}

/// A 1×1 convolution for each output.
#[derive(Module, Debug)]
pub struct Heads<B: Backend> {
    spikes: CausalConv<B>,
    soma: CausalConv<B>,
    near_spike: CausalConv<B>,
    inst_rate: CausalConv<B>,
    dend_v: CausalConv<B>,
}

impl HeadsConfig {
    /// Draws the heads' weights.
    pub fn init<B: Backend>(&self, init: &mut Init<'_, B>) -> Heads<B> {
        let mut head = |out_channels, bias: Option<f64>| {
            let config = CausalConvConfig {
                in_channels: self.in_channels,
                spatial: 1,
                out_channels,
                kernel_size: 1,
                dilation: 1,
            };
            let mut conv = config.init(init);
            if let Some(bias) = bias {
                conv.bias = init.full([out_channels], bias);
            }
            conv
        };
        let [spikes, soma, near_spike, inst_rate, dend_v] = self.out_channels;
        Heads {
            spikes: head(spikes, Some(SPIKE_BIAS)),
            soma: head(soma, None),
            near_spike: head(near_spike, Some(SPIKE_BIAS)),
            inst_rate: head(inst_rate, None),
            dend_v: head(dend_v, None),
        }
    }
}

impl<B: TwinBackend> Heads<B> {
    /// All five outputs, by one convolution.
    ///
    /// # Shapes
    /// - x: `[batch, channels, time]`
    /// - output: `[batch, 4 + dend_channels, time]`
    pub fn forward(&self, x: Tensor<B, 3>) -> Outputs<B> {
        let convs = [&self.spikes, &self.soma, &self.near_spike, &self.inst_rate, &self.dend_v];
        let channels = x.dims()[1];
        let weight = convs.map(|conv| {
            let weight = conv.weight.val();
            let len = weight.shape().num_elements();
            weight.reshape([len])
        });
        let bias = B::join(convs.map(|conv| Param::val(&conv.bias)).into());
        let weight = B::join(weight.into()).reshape([bias.dims()[0], channels, 1]);
        let all = causal_conv(x, weight, bias, 1);
        Outputs { all }
    }
}
