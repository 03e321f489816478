//! A TCN's nodes.

use super::graph::{Graph, Value};
use crate::twin::config::TcnConfig;
use crate::twin::ops::activation::Activation;
use crate::twin::weights::StateError;

/// As [`Tcn::forward`](crate::twin::arch::tcn::Tcn::forward).
pub(super) fn nodes(g: &mut Graph<'_>, c: &TcnConfig, x: &Value) -> Result<Value, StateError> {
    let activation = Activation::new(c.nonlinearity_str, c.leaky_slope);
    let first = [c.first_layer_temporal_kernel_size, 1];
    let mut x = g.layer(x, "backbone.tcn.first", first, c.norm_type, &activation)?;
    for (i, &depth) in c.num_layers_per_block_list.iter().enumerate() {
        let taps = c.temporal_kernel_size_per_block_list[i];
        let shape = [taps, c.temporal_dilation_per_block_list[i]];
        for j in 0..depth {
            let path = format!("backbone.tcn.blocks.{i}.layers.{j}");
            x = g.layer(&x, &path, shape, c.norm_type, &activation)?;
        }
    }
    Ok(x)
}
