//! An ELM's nodes: one `Scan` over time.

use burn::backend::Flex;
use burn::prelude::*;

use super::graph::Attribute::{self, Int, Ints};
use super::graph::Axis::{Fixed, Free};
use super::graph::{Graph, Value};
use crate::twin::arch::elm::Elm;
use crate::twin::config::ElmConfig;
use crate::twin::layer::norm::{EPS, F32_EPS, NormKind};
use crate::twin::ops::activation::Activation;
use crate::twin::weights::StateError;

/// As [`Elm::forward`]. The decays κ are constants here, the very numbers that `elm` computes with: close to 1 one
/// rounding more is heard.
pub(super) fn nodes(
    g: &mut Graph<'_>,
    c: &ElmConfig,
    elm: &Elm<Flex>,
    x: &Value,
) -> Result<Value, StateError> {
    let (rows, memory) = (c.ports.rows(), c.memory_dim);
    let read = |name: &str, value: Tensor<Flex, 1>| {
        let values = value.into_data().into_vec::<f32>();
        values.map_err(|e| StateError::Read(name.to_owned(), format!("{e:?}")))
    };
    let kappa_s = read("kappa_s", elm.kappa_s())?;
    let kappa_m = read("kappa_m", elm.kappa_m())?;
    let drive: Vec<f32> = kappa_m.iter().map(|k| (1.0 - k) * c.lambda_value as f32).collect();
    let kappa_s = g.floats("kappa_s", &[1, rows], &kappa_s);
    let kappa_m = g.floats("kappa_m", &[1, memory], &kappa_m);
    let drive = g.floats("drive", &[1, memory], &drive);
    let w_s = g.parameter("backbone.elm.w_s", |shape| [&[1], shape, &[1]].concat())?;
    let x = g.both("Mul", x, &w_s);
    let batch = g.length(&x, 0);
    let zeros = |g: &mut Graph<'_>, width: usize| {
        let width = g.ints(&[width as i64]);
        let shape = g.op("Concat", [&batch, &width], &[Int("axis", 0)]);
        g.map("ConstantOfShape", &shape)
    };
    let (s, m) = (zeros(g, rows), zeros(g, memory));
    let body = step(g, c, [&kappa_s, &kappa_m, &drive])?;
    let [last_s, last_m, out] = ["s_last", "m_last", "memory"].map(str::to_owned);
    let set = [
        Attribute::Graph("body", body),
        Int("num_scan_inputs", 1),
        Ints("scan_input_axes", vec![2]),
        Ints("scan_output_axes", vec![2]),
    ];
    g.node("Scan", &[&s, &m, &x], &[&last_s, &last_m, &out], &set);
    Ok(out)
}

/// One ms: s and m before, the input; s and m after, and m once more for the row of all.
fn step(
    g: &mut Graph<'_>,
    c: &ElmConfig,
    [kappa_s, kappa_m, drive]: [&Value; 3],
) -> Result<super::proto::Message, StateError> {
    g.begin_body();
    let [s0, m0, x] = ["s_before", "m_before", "x_now"].map(str::to_owned);
    let faded = g.both("Mul", &s0, kappa_s);
    let s = g.both("Add", &faded, &x);
    let kept = g.both("Mul", &m0, kappa_m);
    let mut y = g.op("Concat", [&s, &kept], &[Int("axis", 1)]);
    let eps = if c.mlp_pre_norm_type == NormKind::Rms { F32_EPS } else { EPS };
    y = g.norm(&y, "backbone.elm.pre_norm", c.mlp_pre_norm_type, eps, 2)?;
    let hidden = Activation::new(c.mlp_nonlinearity_str, c.mlp_leaky_slope);
    for i in 0..=c.mlp_num_hidden_layers {
        y = g.dense(&y, &format!("backbone.elm.layers.{i}"))?;
        if i < c.mlp_num_hidden_layers {
            y = g.activation(&y, &hidden);
        }
    }
    let post = Activation::new(c.post_mlp_nonlinearity_str, c.post_mlp_leaky_slope);
    let update = g.activation(&y, &post);
    let update = g.both("Mul", drive, &update);
    let m = g.both("Add", &kept, &update);
    let again = g.map("Identity", &m);
    let shape = |width: usize| vec![Free("batch"), Fixed(width)];
    let (rows, memory) = (c.ports.rows(), c.memory_dim);
    let inputs = [(s0, shape(rows)), (m0, shape(memory)), (x, shape(rows))];
    let outputs = [(s, shape(rows)), (m, shape(memory)), (again, shape(memory))];
    Ok(g.end_body(&inputs, &outputs))
}
