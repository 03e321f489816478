//! Taylor consistency: a twin's response to a small change of its input should be the neuron's.
//!
//! For an input x and a partner x+δ that differs in a few spikes, both simulated by the neuron f, a term added to the
//! five losses compares the twin's response to δ with the neuron's, head by head:
//!
//! - [`TaylorForm::Finite`]: L = ℓ(f̂(x+δ) - f̂(x), f(x+δ) - f(x)). The response of a spike head is the difference of its
//!   probabilities, and ℓ its squared error; of the rate, squared error; of the voltages, absolute error.
//! - [`TaylorForm::Directional`]: L = ℓ(f̂(x) + D_δ f̂(x), f(x+δ)), with the five ordinary losses as ℓ and the
//!   directional derivative D_δ f̂(x) = (f̂(x+hδ) - f̂(x-hδ)) / 2h, h = 0.1, in the heads' own units (logits for spikes).
//!
//! The five losses have the weights of the ordinary ones. All inputs of a step pass through the twin as one batch.

use burn::prelude::*;
use burn::tensor::activation::sigmoid;
use serde::{Deserialize, Serialize};

use super::loss::losses;
use crate::twin::heads::{Head, Outputs};
use crate::twin::model::Twin;
use crate::twin::ops::backend::TwinBackend;
use crate::twin::ops::loss::by_head;

/// The form in which the twin's response is computed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaylorForm {
    /// From the twin's outputs for both inputs.
    #[default]
    Finite,
    /// From the twin's derivative along δ.
    Directional,
}

impl std::str::FromStr for TaylorForm {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "finite" => Ok(Self::Finite),
            "directional" => Ok(Self::Directional),
            _ => Err(format!("\"{name}\" is none of finite, directional")),
        }
    }
}

/// The step of the directional derivative, in units of δ.
const STEP: f64 = 0.1;

/// A twin's outputs at x, and the five losses of its response to x → x+δ.
///
/// # Shapes
/// - x, partner: `[batch, 2, S, time]`
/// - targets, of x and of the partner: `[batch, 4 + S, time]`
/// - output: `[batch, 4 + S, time]` and `[5]`
pub fn forward<B: TwinBackend>(
    twin: &Twin<B>,
    [x, partner]: [Tensor<B, 4>; 2],
    [targets, partner_targets]: [&Outputs<B>; 2],
    form: TaylorForm,
) -> (Outputs<B>, Tensor<B, 1>) {
    let size = x.dims()[0];
    let inputs = match form {
        TaylorForm::Finite => vec![x, partner],
        TaylorForm::Directional => {
            let step = (partner - x.clone()) * STEP;
            vec![x.clone(), x.clone() + step.clone(), x - step]
        }
    };
    let all = twin.forward(Tensor::cat(inputs, 0)).all;
    let part = |i: usize| Outputs { all: all.clone().narrow(0, i * size, size) };
    let outputs = part(0);
    let response = match form {
        TaylorForm::Finite => finite_losses([&outputs, &part(1)], [targets, partner_targets]),
        TaylorForm::Directional => {
            let slope = (part(1).all - part(2).all) / (2.0 * STEP);
            losses(&Outputs { all: outputs.all.clone() + slope }, partner_targets)
        }
    };
    (outputs, response)
}

/// The five losses of the finite form.
///
/// # Shapes
/// - outputs and targets, each of x and of its partner: `[batch, 4 + S, time]`
/// - output: `[5]`
pub fn finite_losses<B: Backend>(
    outputs: [&Outputs<B>; 2],
    targets: [&Outputs<B>; 2],
) -> Tensor<B, 1> {
    let change = |of: [&Outputs<B>; 2], head: Head| of[1].head(head) - of[0].head(head);
    let probability = |head: Head| sigmoid(outputs[1].head(head)) - sigmoid(outputs[0].head(head));
    let spikes = |head: Head| (probability(head) - change(targets, head)).square().mean();
    by_head(spikes, |head| change(outputs, head) - change(targets, head))
}
