//! The gradient of a batch, of the whole at once or of its parts, which other workers may compute.
//!
//! Losses are means over windows. The losses of a batch are therefore those of its parts, each times the part's share
//! of the windows, summed; and so are the gradients. [`Gradient::sum`] adds them in the order of the parts, so that no
//! bit depends on the workers or on their number.

use std::future::Future;

use burn::module::Module;
use burn::prelude::*;
use burn::tensor::backend::AutodiffBackend;
use serde::{Deserialize, Serialize};

use super::batch::Batch;
use super::event::TrainError;
use super::loss::{LossWeights, total};
use super::optim::gradients;
use super::taylor::{self, TaylorForm};
use crate::twin::heads::HEADS;
use crate::twin::model::Twin;
use crate::twin::ops::backend::TrainBackend;
use crate::twin::ops::dropout;

/// The settings of a training step that a gradient depends on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Objective {
    /// Weights of the five losses.
    pub weights: LossWeights,
    /// Weight of Taylor consistency; with 0 the partners are not computed.
    pub taylor_weight: f64,
    /// The form of the twin's response in Taylor consistency.
    pub taylor_form: TaylorForm,
    /// Seed of the training, from which dropout draws.
    pub seed: u64,
    /// Number of steps taken before this one.
    pub step: u64,
}

/// The losses of a batch, or of a part of it, and their gradient.
#[derive(Debug, Clone)]
pub struct Gradient<B: Backend> {
    /// The five losses, their weighted sum, and, where Taylor consistency takes part, the weighted sum of its losses:
    /// `[6]` or `[7]`.
    pub numbers: Tensor<B, 1>,
    /// Gradient of the weighted sum over all trained values, in the order of the module: `[n]`.
    pub values: Tensor<B, 1>,
}

impl<B: Backend> Gradient<B> {
    /// Computes the losses and the gradient of a batch, or of part number `part` of one.
    pub fn of<A: TrainBackend<InnerBackend = B>>(
        twin: &Twin<A>,
        mut batch: Batch,
        part: usize,
        objective: &Objective,
    ) -> Self {
        let Objective { weights, taylor_weight, taylor_form, seed, step } = *objective;
        let device = twin.devices().into_iter().next().unwrap_or_default();
        dropout::set_stream(seed, step, part);
        let partner = batch.partner.take().filter(|_| taylor_weight > 0.0);
        let (x, targets) = batch.upload::<A>(&device);
        let (outputs, response) = match partner {
            None => (twin.forward(x), None),
            Some(partner) => {
                let (y, partner_targets) = partner.upload::<A>(&device);
                let both = [&targets, &partner_targets];
                let (outputs, response) = taylor::forward(twin, [x, y], both, taylor_form);
                (outputs, Some(total(response, &weights)))
            }
        };
        let [mut numbers, mut sum] = A::objective(outputs.all, targets.all, &weights);
        if let Some(response) = response {
            sum = sum + response.clone() * taylor_weight;
            let losses = numbers.narrow(0, 0, HEADS.len());
            numbers = Tensor::cat(vec![losses, sum.clone().detach(), response.detach()], 0);
        }
        Self { numbers: numbers.inner(), values: gradients(twin, sum.backward()) }
    }

    /// The gradient of a batch from those of its parts, each with its share of the windows, in the order of the parts;
    /// `None` where there are no parts.
    pub fn sum(parts: impl IntoIterator<Item = (f64, Self)>) -> Option<Self> {
        parts
            .into_iter()
            .map(|(share, Self { numbers, values })| match share {
                1.0 => Self { numbers, values },
                _ => Self { numbers: numbers * share, values: values * share },
            })
            .reduce(|a, b| Self { numbers: a.numbers + b.numbers, values: a.values + b.values })
    }
}

/// A source of gradients: the workers that compute those of a training.
pub trait Gradients<B: AutodiffBackend> {
    /// The gradient of a batch.
    fn gradient(
        &mut self,
        twin: &Twin<B>,
        batch: Batch,
        objective: &Objective,
    ) -> impl Future<Output = Result<Gradient<B::InnerBackend>, TrainError>>;
}

/// Computes gradients in the caller's own thread, of the whole batch at once.
#[derive(Debug, Clone, Copy, Default)]
pub struct AtOnce;

impl<B: TrainBackend> Gradients<B> for AtOnce {
    async fn gradient(
        &mut self,
        twin: &Twin<B>,
        batch: Batch,
        objective: &Objective,
    ) -> Result<Gradient<B::InnerBackend>, TrainError> {
        Ok(Gradient::of(twin, batch, 0, objective))
    }
}
