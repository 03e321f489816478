//! A ResNetTCN's nodes.

use super::graph::{Graph, Value};
use crate::twin::config::ResNetTcnConfig;
use crate::twin::ops::activation::Activation;
use crate::twin::weights::StateError;

/// As [`ResNetTcn::forward`](crate::twin::arch::resnet_tcn::ResNetTcn::forward).
pub(super) fn nodes(
    g: &mut Graph<'_>,
    c: &ResNetTcnConfig,
    x: &Value,
) -> Result<Value, StateError> {
    let activation = Activation::new(c.nonlinearity_str, c.leaky_slope);
    let first = [c.first_layer_temporal_kernel_size, 1];
    let mut x = g.layer(x, "backbone.tcn.first", first, c.norm_type, &activation)?;
    for (i, &count) in c.num_miniblocks_per_block_list.iter().enumerate() {
        let taps = c.temporal_kernel_size_per_block_list[i];
        let shape = [taps, c.temporal_dilation_per_block_list[i]];
        for j in 0..count {
            let path = format!("backbone.tcn.blocks.{i}.miniblocks.{j}");
            let y = g.layer(&x, &format!("{path}.layer1"), shape, c.norm_type, &activation)?;
            let y = g.layer(&y, &format!("{path}.layer2"), shape, c.norm_type, &activation)?;
            let shortcut = g.conv(&x, &format!("{path}.shortcut"), 1, 1)?;
            x = g.both("Add", &shortcut, &y);
        }
    }
    Ok(x)
}
