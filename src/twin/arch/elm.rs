//! Expressive leaky memory neuron (Spieler et al. 2023, arXiv 2306.16922).

use burn::module::Param;
use burn::prelude::*;
use burn::tensor::activation::sigmoid;

use crate::twin::config::ElmConfig;
use crate::twin::layer::init::Init;
use crate::twin::layer::linear::{Linear, LinearConfig};
use crate::twin::layer::norm::{EPS, F32_EPS, Norm, NormConfig, NormKind};
use crate::twin::ops::activation::Activation;
use crate::twin::ops::backend::TwinBackend;
use crate::twin::ops::recurrence::Recurrence;

/// Synapse traces s and a memory m, driven by an MLP:
/// s = κ_s·s + w_s·x, m = κ_m·m + λ(1-κ_m)·φ(MLP(\[s, κ_m·m\])), κ = exp(-Δt/τ).
#[derive(Module, Debug)]
pub struct Elm<B: Backend> {
    /// w_s, `[rows]`.
    pub(crate) w_s: Param<Tensor<B, 1>>,
    /// τ_s in ms, `[rows]`; not trained.
    tau_s: Param<Tensor<B, 1>>,
    /// What a scaled sigmoid makes τ_m of, `[memory]`.
    proto_tau_m: Param<Tensor<B, 1>>,
    pub(crate) pre_norm: Norm<B>,
    pub(crate) layers: Vec<Linear<B>>,
    #[module(skip)]
    pub(crate) hidden_activation: Activation,
    #[module(skip)]
    pub(crate) post_activation: Activation,
    pub(crate) lambda: f64,
    delta_t: f64,
    tau_min: f64,
    tau_max: f64,
}

impl ElmConfig {
    /// Draws the backbone's weights; τ_m starts log-spaced between its bounds.
    pub fn init<B: Backend>(&self, init: &mut Init<'_, B>) -> Elm<B> {
        let rows = self.ports.rows();
        let (lo, hi) = (self.memory_tau_min, self.memory_tau_max);
        // bounds as the original nudges them
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
        let eps = if self.mlp_pre_norm_type == NormKind::Rms { F32_EPS } else { EPS };
        let norm = NormConfig { kind: self.mlp_pre_norm_type, channels: input, eps };
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
            hidden_activation: Activation::new(self.mlp_nonlinearity_str, self.mlp_leaky_slope),
            post_activation: Activation::new(
                self.post_mlp_nonlinearity_str,
                self.post_mlp_leaky_slope,
            ),
            lambda: self.lambda_value,
            delta_t: self.delta_t,
            tau_min: lo,
            tau_max: hi,
        }
    }
}

impl<B: TwinBackend> Elm<B> {
    /// κ_s, `[rows]`.
    pub(crate) fn kappa_s(&self) -> Tensor<B, 1> {
        (self.tau_s.val().clamp_min(1e-6).recip() * -self.delta_t).exp()
    }

    /// κ_m, `[memory]`.
    pub(crate) fn kappa_m(&self) -> Tensor<B, 1> {
        let tau = sigmoid(self.proto_tau_m.val()) * (self.tau_max - self.tau_min) + self.tau_min;
        (tau.clamp_min(1e-6).recip() * -self.delta_t).exp()
    }

    /// # Shapes
    /// - x: `[batch, rows, time]`
    /// - output: `[batch, memory, time]`
    pub fn forward(&self, x: Tensor<B, 3>) -> Tensor<B, 3> {
        // batch norm before the MLP mixes the simulations of a batch at every step
        if self.pre_norm.kind() != NormKind::Batch {
            let whole =
                B::recurrence(x.clone(), || self.row(), self.kappa_s(), || self.recurrence());
            if let Some(memory) = whole {
                return memory;
            }
        }
        self.forward_loop(x)
    }

    /// All parameters in a row, as [`Recurrence`] wants them.
    fn row(&self) -> Tensor<B, 1> {
        let mut parts = vec![self.w_s.val(), self.kappa_m()];
        parts.extend(self.pre_norm.affine().into_iter().flatten());
        for layer in &self.layers {
            let weight = layer.weight.val();
            let len = weight.shape().num_elements();
            parts.push(weight.reshape([len]));
            parts.extend(layer.bias.as_ref().map(Param::val));
        }
        Tensor::cat(parts, 0)
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

    /// The recurrence as written, one small operation after another.
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
