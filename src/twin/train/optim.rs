//! AdamW on all parameters at once (Loshchilov and Hutter 2019, arXiv 1711.05101), and clipping of
//! the global gradient norm.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::prelude::*;
use burn::tensor::backend::AutodiffBackend;

use crate::twin::model::Twin;
use crate::twin::ops::adamw::Coefficients;
use crate::twin::ops::backend::{TrainBackend, TwinBackend};

/// Settings of AdamW; the defaults are PyTorch's.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct AdamWConfig {
    /// β₁.
    pub beta_1: f64,
    /// β₂.
    pub beta_2: f64,
    /// ε.
    pub eps: f64,
    /// Decoupled weight decay.
    pub weight_decay: f64,
    /// Largest global gradient norm.
    pub max_grad_norm: f64,
}

impl Default for AdamWConfig {
    fn default() -> Self {
        Self { beta_1: 0.9, beta_2: 0.999, eps: 1e-8, weight_decay: 1e-3, max_grad_norm: 25.0 }
    }
}

/// The optimizer's state: both moments of every trained value, in one row in the order of the module.
#[derive(Debug, Clone)]
pub struct AdamW<B: Backend> {
    config: AdamWConfig,
    /// Steps taken.
    pub step: u64,
    /// First and second moment, `[n]` each; `None` before the first step.
    pub moments: Option<[Tensor<B, 1>; 2]>,
}

/// A visitor that gathers a module's trained values.
struct Values<B: AutodiffBackend>(Vec<Tensor<B::InnerBackend, 1>>);

impl<B: AutodiffBackend> ModuleVisitor<B> for Values<B> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
        let value = param.val();
        if value.is_require_grad() {
            let len = value.shape().num_elements();
            self.0.push(value.inner().reshape([len]));
        }
    }
}

/// A visitor that gathers the gradients of a module's trained values.
struct Gather<'a, B: AutodiffBackend> {
    grads: &'a mut B::Gradients,
    gradients: Vec<Tensor<B::InnerBackend, 1>>,
}

impl<B: AutodiffBackend> ModuleVisitor<B> for Gather<'_, B> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
        let value = param.val();
        if !value.is_require_grad() {
            return;
        }
        let len = value.shape().num_elements();
        // a value that did not take part in the loss has no gradient
        self.gradients.push(match value.grad_remove(self.grads) {
            Some(gradient) => gradient.reshape([len]),
            None => value.inner().reshape([len]).zeros_like(),
        });
    }
}

/// All trained values in one row, in the order of the module: `[n]`.
pub fn values<B: TrainBackend>(twin: &Twin<B>) -> Tensor<B::InnerBackend, 1> {
    let mut gather = Values::<B>(Vec::new());
    twin.visit(&mut gather);
    B::InnerBackend::join(gather.0)
}

/// The gradients of all trained values, in the order of [`values`]: `[n]`.
pub fn gradients<B: TrainBackend>(
    twin: &Twin<B>,
    mut grads: B::Gradients,
) -> Tensor<B::InnerBackend, 1> {
    let mut gather = Gather { grads: &mut grads, gradients: Vec::new() };
    twin.visit(&mut gather);
    B::InnerBackend::join(gather.gradients)
}

/// The twin with its trained values replaced, `[n]`.
pub fn with_values<B: TrainBackend>(twin: Twin<B>, values: Tensor<B::InnerBackend, 1>) -> Twin<B> {
    let mut lengths = Lengths(Vec::new());
    twin.visit(&mut lengths);
    let parts = B::InnerBackend::part(values, &lengths.0);
    twin.map(&mut Scatter::<B> { parts: parts.into_iter() })
}

/// A visitor that counts the values of a module's trained tensors.
struct Lengths(Vec<usize>);

impl<B: AutodiffBackend> ModuleVisitor<B> for Lengths {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
        let value = param.val();
        if value.is_require_grad() {
            self.0.push(value.shape().num_elements());
        }
    }
}

struct Scatter<B: AutodiffBackend> {
    parts: std::vec::IntoIter<Tensor<B::InnerBackend, 1>>,
}

impl<B: AutodiffBackend> ModuleMapper<B> for Scatter<B> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<B, D>>) -> Param<Tensor<B, D>> {
        if !param.val().is_require_grad() {
            return param;
        }
        param.map(|value| match self.parts.next() {
            Some(new) => Tensor::from_inner(new.reshape(value.dims())).require_grad(),
            None => unreachable!("a part for each trained tensor"),
        })
    }
}

/// A module's trained values and their gradients, each in one row.
pub struct FlatGradients<B: AutodiffBackend> {
    /// Trained values, `[n]`.
    pub values: Tensor<B::InnerBackend, 1>,
    /// The gradients of the values, `[n]`.
    pub gradients: Tensor<B::InnerBackend, 1>,
}

impl<B: TrainBackend> FlatGradients<B> {
    /// Collects the values of `twin` and their gradients from a backward pass.
    pub fn collect(twin: &Twin<B>, grads: B::Gradients) -> Self {
        Self { values: values(twin), gradients: gradients(twin, grads) }
    }
}

impl<B: TwinBackend> AdamW<B> {
    /// The optimizer before the first step.
    pub fn new(config: AdamWConfig) -> Self {
        Self { config, step: 0, moments: None }
    }

    /// Takes one step: clips the gradients and moves every trained value by the learning rate `lr`. Returns the twin,
    /// and the gradients' norm before clipping, `[1]`.
    pub fn update<A: TrainBackend<InnerBackend = B>>(
        &mut self,
        twin: Twin<A>,
        flat: FlatGradients<A>,
        lr: f64,
    ) -> (Twin<A>, Tensor<B, 1>) {
        let AdamWConfig { beta_1, beta_2, eps, weight_decay, max_grad_norm } = self.config;
        let g = flat.gradients;
        self.step += 1;
        let [m, v] = self.moments.take().unwrap_or_else(|| [g.zeros_like(), g.zeros_like()]);
        let bias = |beta: f64| 1.0 - libm::pow(beta, self.step as f64);
        let coefficients = Coefficients {
            beta: [beta_1, beta_2],
            keep: 1.0 - lr * weight_decay,
            size: lr / bias(beta_1),
            bias: libm::sqrt(bias(beta_2)),
            eps,
        };
        let old = [flat.values, m, v];
        let ([values, m, v], norm) = B::clipped_adamw(old, g, max_grad_norm, coefficients);
        self.moments = Some([m, v]);
        (with_values(twin, values), norm)
    }
}
