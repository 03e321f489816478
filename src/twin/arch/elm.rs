//! Expressive leaky memory neuron (Spieler et al. 2023, arXiv 2306.16922).

use burn::module::Param;
use burn::prelude::*;
use burn::tensor::activation::sigmoid;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::architecture::{About, Architecture, Features, port_settings};
use super::check::{LEAK, WIDTH};
use super::ports::Ports;
use super::tour::{Tour, conv, norm};
use crate::settings::{HasSettings, Setting, require};
use crate::twin::layer::init::Init;
use crate::twin::layer::linear::{Linear, LinearConfig};
use crate::twin::layer::norm::{Norm, NormConfig, NormKind};
use crate::twin::onnx::graph::Attribute::{self, Int, Ints};
use crate::twin::onnx::graph::Axis::{Fixed, Free};
use crate::twin::onnx::graph::{Graph, Value};
use crate::twin::onnx::proto::Message;
use crate::twin::ops::activation::{Activation, Nonlinearity};
use crate::twin::ops::backend::TwinBackend;
use crate::twin::ops::recurrence::Recurrence;
use crate::twin::weights::host::StateError;

/// The properties that all ELMs share.
pub const ABOUT: About = About {
    name: "elm",
    title: "ELM",
    spellings: &["elm"],
    key: "memory_dim",
    windows_ms: [1024, 2048],
    derived: &[],
};

/// Configuration of an ELM (Spieler et al. 2023, arXiv 2306.16922).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ElmConfig {
    /// Input and output widths.
    #[serde(flatten)]
    pub ports: Ports,
    /// Number of memory units.
    pub memory_dim: usize,
    /// Number of hidden layers of the MLP that updates the memory.
    pub mlp_num_hidden_layers: usize,
    /// Width of the hidden layers; `None`: twice the number of memory units.
    pub mlp_hidden_dim: Option<usize>,
    /// The nonlinearity after each hidden layer.
    pub mlp_nonlinearity_str: Nonlinearity,
    /// The leak of the hidden layers' nonlinearity.
    pub mlp_leaky_slope: f64,
    /// The norm before the MLP.
    pub mlp_pre_norm_type: NormKind,
    /// φ, the nonlinearity of the MLP's output.
    pub post_mlp_nonlinearity_str: Nonlinearity,
    /// φ's leak.
    pub post_mlp_leaky_slope: f64,
    /// λ, the strength of the memory's drive.
    pub lambda_value: f64,
    /// τ_s, the time constant of the synaptic traces, ms.
    pub synapse_tau_value: f64,
    /// Lower bound of the memory's time constant τ_m, ms.
    pub memory_tau_min: f64,
    /// Upper bound of the memory's time constant τ_m, ms.
    pub memory_tau_max: f64,
    /// Whether τ_m is trained.
    pub learn_memory_tau: bool,
    /// Initial value of the synaptic weights w_s.
    pub w_s_value: f64,
    /// Δt, the step of the recurrence, ms.
    pub delta_t: f64,
}

impl Default for ElmConfig {
    fn default() -> Self {
        Self {
            ports: Ports::default(),
            memory_dim: 64,
            mlp_num_hidden_layers: 1,
            mlp_hidden_dim: None,
            mlp_nonlinearity_str: Nonlinearity::LeakyGelu,
            mlp_leaky_slope: 0.2,
            mlp_pre_norm_type: NormKind::Rms,
            post_mlp_nonlinearity_str: Nonlinearity::LeakyTanh,
            post_mlp_leaky_slope: 0.2,
            lambda_value: 2.0,
            synapse_tau_value: 3.0,
            memory_tau_min: 2.0,
            memory_tau_max: 40.0,
            learn_memory_tau: true,
            w_s_value: 0.5,
            delta_t: 1.0,
        }
    }
}

impl ElmConfig {
    /// Width of the MLP's hidden layers.
    pub fn hidden(&self) -> usize {
        // the original reads 0 as a missing value
        self.mlp_hidden_dim.filter(|&h| h > 0).unwrap_or(2 * self.memory_dim)
    }

    fn hidden_activation(&self) -> Activation {
        Activation::new(self.mlp_nonlinearity_str, self.mlp_leaky_slope)
    }

    fn post_activation(&self) -> Activation {
        Activation::new(self.post_mlp_nonlinearity_str, self.post_mlp_leaky_slope)
    }
}

impl HasSettings for ElmConfig {
    fn settings() -> Vec<Setting<Self>> {
        let mut all = port_settings();
        all.extend([
            Setting::count("memory_dim", |c: &Self| c.memory_dim, WIDTH, ""),
            Setting::count("mlp_hidden_dim", Self::hidden, WIDTH, ""),
            Setting::count("mlp_num_hidden_layers", |c| c.mlp_num_hidden_layers, [0, 64], ""),
            Setting::free("mlp_nonlinearity_str"),
            Setting::number("mlp_leaky_slope", |c| c.mlp_leaky_slope, LEAK, ""),
            Setting::free("post_mlp_nonlinearity_str"),
            Setting::number("post_mlp_leaky_slope", |c| c.post_mlp_leaky_slope, LEAK, ""),
            Setting::number("synapse_tau_value", |c| c.synapse_tau_value, [1e-6, 1e6], "ms"),
            Setting::number("memory_tau_min", |c| c.memory_tau_min, [1e-6, 1e6], "ms"),
            Setting::number_within(
                "memory_tau_max",
                |c| c.memory_tau_max,
                |c| [c.memory_tau_min + 1e-4, 1e9],
                "ms",
            ),
            Setting::free("learn_memory_tau"),
            Setting::number("delta_t", |c| c.delta_t, [1e-6, 1e6], "ms"),
            Setting::number("lambda_value", |c| c.lambda_value, [-1e6, 1e6], ""),
            Setting::number("w_s_value", |c| c.w_s_value, [-1e6, 1e6], ""),
            Setting::other("mlp_pre_norm_type", |c| {
                let kind = c.mlp_pre_norm_type;
                let want = "must be RMSNorm, LayerNorm, BatchNorm or none";
                require(kind != NormKind::BatchB, kind.name(), want)
            }),
        ]);
        all
    }
}

impl Architecture for ElmConfig {
    fn ports(&self) -> &Ports {
        &self.ports
    }

    fn ports_mut(&mut self) -> &mut Ports {
        &mut self.ports
    }

    fn channels(&self) -> usize {
        self.memory_dim
    }

    fn widest(&self) -> usize {
        self.memory_dim
    }

    fn norms(&self) -> Vec<NormKind> {
        vec![self.mlp_pre_norm_type]
    }

    fn stops(&self, tour: &mut Tour) {
        let (rows, memory) = (self.ports.rows(), self.memory_dim);
        // the memory has no bound in time
        tour.field = None;
        let what = format!("traces that fade with τ = {} ms", self.synapse_tau_value);
        let products = tour.each_ms(&[2, rows]);
        tour.add("synapses".to_owned(), what, rows, 2 * rows as u64, products);
        let mut width = rows + memory;
        if self.mlp_pre_norm_type != NormKind::None {
            let what = format!("{} of traces and memory", self.mlp_pre_norm_type.name());
            tour.add("norm".to_owned(), what, width, norm(self.mlp_pre_norm_type, width), 0);
        }
        for i in 0..=self.mlp_num_hidden_layers {
            let (out, nonlinearity) = match i == self.mlp_num_hidden_layers {
                true => (memory, self.post_mlp_nonlinearity_str),
                false => (self.hidden(), self.mlp_nonlinearity_str),
            };
            let (name, what) = (format!("MLP, layer {i}"), nonlinearity.name());
            let products = tour.each_ms(&[width, out]);
            tour.add(name, format!("linear map; {what}"), out, conv(width, out, 1), products);
            width = out;
        }
        let (lo, hi) = (self.memory_tau_min, self.memory_tau_max);
        let what = format!("fades with τ between {lo} and {hi} ms, driven by the MLP");
        let products = tour.each_ms(&[2, memory]);
        tour.add("memory".to_owned(), what, memory, memory as u64, products);
    }

    fn size(&self) -> String {
        self.memory_dim.to_string()
    }

    fn short_name(&self) -> String {
        format!("ELM_D_{}_M_{}", self.mlp_num_hidden_layers, self.memory_dim)
    }

    fn torch_name(&self, path: &[&str]) -> Option<String> {
        Some(match path {
            ["w_s"] => "_proto_w_s".to_owned(),
            ["tau_s"] => "tau_s".to_owned(),
            ["proto_tau_m"] => "_proto_tau_m".to_owned(),
            ["pre_norm", leaf] => format!("mlp.pre_norm.{leaf}"),
            ["layers", i, leaf] => format!("mlp.fc{i}.{leaf}"),
            _ => return None,
        })
    }

    fn torch_arguments(&self, json: &mut Json) {
        json["mlp_hidden_dim"] = self.hidden().into();
    }

    /// One `Scan` over time. The decays κ are its constants, the very numbers that the module computes with: for κ
    /// close to 1 one more rounding would change the outputs.
    fn nodes(
        &self,
        g: &mut Graph<'_>,
        derived: &[Vec<f32>],
        x: &Value,
    ) -> Result<Value, StateError> {
        let [kappa_s, kappa_m] = derived else {
            return Err(StateError::Missing("elm".to_owned()));
        };
        let (rows, memory) = (self.ports.rows(), self.memory_dim);
        let drive: Vec<f32> =
            kappa_m.iter().map(|k| (1.0 - k) * self.lambda_value as f32).collect();
        let kappa_s = g.floats("kappa_s", &[1, rows], kappa_s);
        let kappa_m = g.floats("kappa_m", &[1, memory], kappa_m);
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
        let body = self.step_nodes(g, [&kappa_s, &kappa_m, &drive])?;
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
}

impl ElmConfig {
    /// The ONNX nodes of one ms: the inputs are s and m before it and the synaptic input; the outputs are s and m after
    /// it, and m again for the series over time.
    fn step_nodes(
        &self,
        g: &mut Graph<'_>,
        [kappa_s, kappa_m, drive]: [&Value; 3],
    ) -> Result<Message, StateError> {
        g.begin_body();
        let [s0, m0, x] = ["s_before", "m_before", "x_now"].map(str::to_owned);
        let faded = g.both("Mul", &s0, kappa_s);
        let s = g.both("Add", &faded, &x);
        let kept = g.both("Mul", &m0, kappa_m);
        let mut y = g.op("Concat", [&s, &kept], &[Int("axis", 1)]);
        let norm = self.mlp_pre_norm_type;
        y = g.norm(&y, "backbone.elm.pre_norm", norm, norm.torch_eps(), 2)?;
        let hidden = self.hidden_activation();
        for i in 0..=self.mlp_num_hidden_layers {
            y = g.dense(&y, &format!("backbone.elm.layers.{i}"))?;
            if i < self.mlp_num_hidden_layers {
                y = g.activation(&y, &hidden);
            }
        }
        let update = g.activation(&y, &self.post_activation());
        let update = g.both("Mul", drive, &update);
        let m = g.both("Add", &kept, &update);
        let again = g.map("Identity", &m);
        let shape = |width: usize| vec![Free("batch"), Fixed(width)];
        let (rows, memory) = (self.ports.rows(), self.memory_dim);
        let inputs = [(s0, shape(rows)), (m0, shape(memory)), (x, shape(rows))];
        let outputs = [(s, shape(rows)), (m, shape(memory)), (again, shape(memory))];
        Ok(g.end_body(&inputs, &outputs))
    }
}

/// Synaptic traces s and a memory m, driven by an MLP: s = κ_s·s + w_s·x, m = κ_m·m + λ(1-κ_m)·φ(MLP(\[s, κ_m·m\])), κ
/// = exp(-Δt/τ).
#[derive(Module, Debug)]
pub struct Elm<B: Backend> {
    /// w_s, `[rows]`.
    w_s: Param<Tensor<B, 1>>,
    /// τ_s in ms, `[rows]`; not trained.
    tau_s: Param<Tensor<B, 1>>,
    /// The parameter of which a scaled sigmoid makes τ_m, `[memory]`.
    proto_tau_m: Param<Tensor<B, 1>>,
    pre_norm: Norm<B>,
    layers: Vec<Linear<B>>,
    #[module(skip)]
    hidden_activation: Activation,
    #[module(skip)]
    post_activation: Activation,
    lambda: f64,
    delta_t: f64,
    tau_min: f64,
    tau_max: f64,
}

impl ElmConfig {
    /// Draws the backbone's weights; the initial τ_m are log-spaced between their bounds.
    pub fn init<B: Backend>(&self, init: &mut Init<'_, B>) -> Elm<B> {
        let rows = self.ports.rows();
        let (lo, hi) = (self.memory_tau_min, self.memory_tau_max);
        // bounds moved inwards as in the original
        let (log_lo, log_hi) = (libm::log10(lo + 1e-6), libm::log10(hi - 1e-6));
        let proto_tau = (0..self.memory_dim).map(|i| {
            let fraction = match self.memory_dim {
                1 => 0.0,
                n => i as f64 / (n - 1) as f64,
            };
            let tau = libm::pow(10.0, log_lo + (log_hi - log_lo) * fraction);
            let tau = tau.clamp(lo + 1e-6, hi - 1e-6);
            libm::log((tau - lo) / (hi - tau)) as f32
        });
        let proto_tau: Vec<f32> = proto_tau.collect();
        let input = rows + self.memory_dim;
        let kind = self.mlp_pre_norm_type;
        let norm = NormConfig { kind, channels: input, eps: kind.torch_eps() };
        let mut widths = vec![input];
        widths.extend(vec![self.hidden(); self.mlp_num_hidden_layers]);
        widths.push(self.memory_dim);
        let pre_norm = norm.init(init);
        let layers = widths
            .windows(2)
            .map(|w| LinearConfig { features_in: w[0], features_out: w[1], bias: true }.init(init));
        let layers = layers.collect();
        Elm {
            w_s: init.full([rows], self.w_s_value),
            tau_s: init.full([rows], self.synapse_tau_value).set_require_grad(false),
            proto_tau_m: init
                .values([self.memory_dim], proto_tau)
                .set_require_grad(self.learn_memory_tau),
            pre_norm,
            layers,
            hidden_activation: self.hidden_activation(),
            post_activation: self.post_activation(),
            lambda: self.lambda_value,
            delta_t: self.delta_t,
            tau_min: lo,
            tau_max: hi,
        }
    }
}

impl<B: TwinBackend> Features<B> for Elm<B> {
    fn forward(&self, x: Tensor<B, 3>) -> Tensor<B, 3> {
        // a batch norm before the MLP mixes the simulations of a batch at every step
        if self.pre_norm.kind() != NormKind::Batch {
            let (row, kappa_s) = (self.row(), self.kappa_s());
            if let Some(memory) = B::recurrence(x.clone(), row, kappa_s, &self.recurrence()) {
                return memory;
            }
        }
        self.forward_loop(x)
    }

    /// κ_s, `[rows]`, and κ_m, `[memory]`.
    fn derived(&self) -> Vec<Tensor<B, 1>> {
        vec![self.kappa_s(), self.kappa_m()]
    }
}

impl<B: TwinBackend> Elm<B> {
    /// κ_s, the synaptic traces' decay in a step, `[rows]`.
    fn kappa_s(&self) -> Tensor<B, 1> {
        (self.tau_s.val().clamp_min(1e-6).recip() * -self.delta_t).exp()
    }

    /// κ_m, the memory's decay in a step, `[memory]`.
    fn kappa_m(&self) -> Tensor<B, 1> {
        let tau = sigmoid(self.proto_tau_m.val()) * (self.tau_max - self.tau_min) + self.tau_min;
        (tau.clamp_min(1e-6).recip() * -self.delta_t).exp()
    }

    /// All parameters in one row, in the order of [`Recurrence`].
    fn row(&self) -> Tensor<B, 1> {
        let mut parts = vec![self.w_s.val(), self.kappa_m()];
        parts.extend(self.pre_norm.affine().into_iter().flatten());
        for layer in &self.layers {
            let weight = layer.weight.val();
            let len = weight.shape().num_elements();
            parts.push(weight.reshape([len]));
            parts.extend(layer.bias.as_ref().map(Param::val));
        }
        B::join(parts)
    }

    fn recurrence(&self) -> Recurrence {
        let norm = match self.pre_norm.kind() {
            NormKind::Rms => Some(false),
            NormKind::Layer => Some(true),
            _ => None,
        };
        Recurrence {
            rows: self.w_s.dims()[0],
            memory: self.proto_tau_m.dims()[0],
            widths: self.layers.iter().map(|layer| layer.weight.dims()[0]).collect(),
            norm,
            eps: self.pre_norm.eps() as f32,
            hidden: self.hidden_activation,
            post: self.post_activation,
            lambda: self.lambda as f32,
        }
    }

    /// The recurrence as its equations are written, a small operation after the other.
    pub fn forward_loop(&self, x: Tensor<B, 3>) -> Tensor<B, 3> {
        let [batch, rows, time] = x.dims();
        let kappa_s = self.kappa_s().reshape([1, rows]);
        let kappa_m = self.kappa_m();
        let memory = kappa_m.dims()[0];
        let kappa_m = kappa_m.reshape([1, memory]);
        let drive = (-kappa_m.clone() + 1.0) * self.lambda;
        let x = x * self.w_s.val().reshape([1, rows, 1]);
        let mut s = Tensor::zeros([batch, rows], &x.device());
        let mut m = Tensor::zeros([batch, memory], &x.device());
        let mut out = Vec::with_capacity(time);
        for t in 0..time {
            s = s * kappa_s.clone() + x.clone().narrow(2, t, 1).reshape([batch, rows]);
            let kept = m * kappa_m.clone();
            let update = self.mlp(Tensor::cat(vec![s.clone(), kept.clone()], 1));
            m = kept + drive.clone() * self.post_activation.forward(update);
            out.push(m.clone().reshape([batch, memory, 1]));
        }
        Tensor::cat(out, 2)
    }

    /// # Shapes
    /// - x: `[batch, rows + memory]`
    /// - output: `[batch, memory]`
    fn mlp(&self, x: Tensor<B, 2>) -> Tensor<B, 2> {
        let mut x = self.pre_norm.forward(x, 1);
        for (i, layer) in self.layers.iter().enumerate() {
            x = layer.forward(x);
            if i + 1 < self.layers.len() {
                x = self.hidden_activation.forward(x);
            }
        }
        x
    }
}
