//! A transformer's nodes.

use super::attention::Positions;
use super::graph::{Graph, Value};
use crate::twin::config::{FfnKind, TransformerConfig};
use crate::twin::layer::norm::{EPS, F32_EPS, NormKind};
use crate::twin::ops::activation::{Activation, Nonlinearity};
use crate::twin::weights::StateError;

/// As [`Transformer::forward`](crate::twin::arch::transformer::Transformer::forward).
pub(super) fn nodes(
    g: &mut Graph<'_>,
    c: &TransformerConfig,
    x: &Value,
) -> Result<Value, StateError> {
    let activation = Activation::new(c.first_nonlinearity_str, c.first_leaky_slope);
    let first = [c.first_layer_temporal_kernel_size, 1];
    let root = "backbone.transformer";
    let mut x = g.layer(x, &format!("{root}.first"), first, c.first_norm_type, &activation)?;
    let eps = if c.norm_type == NormKind::Rms { F32_EPS } else { EPS };
    let positions = Positions::nodes(g, c, &x);
    for i in 0..c.num_layers {
        let block = format!("{root}.blocks.{i}");
        let y = g.norm(&x, &format!("{block}.ln1"), c.norm_type, eps, 3)?;
        let y = positions.attention(g, &y, &format!("{block}.attn"))?;
        x = g.both("Add", &x, &y);
        let y = g.norm(&x, &format!("{block}.ln2"), c.norm_type, eps, 3)?;
        let y = feed_forward(g, c, &y, &format!("{block}.ffn"))?;
        x = g.both("Add", &x, &y);
    }
    g.norm(&x, &format!("{root}.final_norm"), c.norm_type, eps, 3)
}

fn feed_forward(
    g: &mut Graph<'_>,
    c: &TransformerConfig,
    x: &Value,
    path: &str,
) -> Result<Value, StateError> {
    let map = |g: &mut Graph<'_>, x: &Value, name| g.linear(x, &format!("{path}.{name}"));
    let y = map(g, x, "w1")?;
    match c.ffn_type {
        FfnKind::Swiglu => {
            let gate = g.silu(&y);
            let other = map(g, x, "w2")?;
            let y = g.both("Mul", &gate, &other);
            map(g, &y, "w3")
        }
        FfnKind::Gelu => {
            let y = g.activation(&y, &Activation::new(Nonlinearity::Gelu, 0.0));
            map(g, &y, "w2")
        }
    }
}
