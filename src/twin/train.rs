//! Training: one step after another, on any device, with no file, clock or screen.

use std::future::Future;

use burn::module::AutodiffModule;
use burn::prelude::*;
use burn::tensor::backend::AutodiffBackend;

use super::backend::TwinBackend;
use super::batch::{Batch, Window, epoch_plan, valid_plan};
use super::config::TwinConfig;
use super::dropout;
use super::loss::{LossWeights, losses, total};
use super::model::Twin;
use super::optim::{AdamW, AdamWConfig, FlatGradients};
use super::scaling::Scaling;
use super::schedule::Recipe;
use super::taylor;
use crate::data::sample::SourceError;

/// A training step, as it is recorded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepReport {
    /// Steps taken, this one included.
    pub step: u64,
    /// From 0.
    pub epoch: usize,
    /// Learning rate.
    pub learning_rate: f64,
    /// The five losses: spikes, soma, near_spike, inst_rate, dend_v.
    pub losses: [f32; 5],
    /// Their weighted sum, Taylor consistency included.
    pub total: f32,
    /// The weighted losses of Taylor consistency, where the recipe has it by now; not yet times its own weight.
    pub taylor: Option<f32>,
    /// Global gradient norm before clipping.
    pub grad_norm: f32,
}

/// A validation, as it is recorded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValidReport {
    /// Steps taken before.
    pub step: u64,
    /// From 0.
    pub epoch: usize,
    /// Means of the five losses over the validation batches.
    pub losses: [f32; 5],
    /// Their weighted sum.
    pub total: f32,
    /// Whether this is the lowest spike loss so far.
    pub best: bool,
}

/// What happens during a training, for the terminal and the page alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event {
    /// An epoch begins.
    Epoch {
        /// From 0.
        epoch: usize,
        /// Of how many.
        num_epochs: usize,
        /// Steps in it.
        steps: usize,
        /// Its learning rate.
        learning_rate: f64,
        /// Its loss weights.
        loss_weights: LossWeights,
    },
    /// A step was taken.
    Step(StepReport),
    /// The twin was validated; the time to write a checkpoint.
    Valid(ValidReport),
}

/// What the listener wants next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Go on.
    Continue,
    /// Stop after this step; the training can be resumed.
    Stop,
}

/// How a training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All epochs are done.
    Finished,
    /// The listener stopped it.
    Stopped,
}

/// A training that cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A simulation cannot be used.
    #[error(transparent)]
    Data(#[from] SourceError),
    /// There is nothing to learn from.
    #[error("there are no {0} simulations")]
    Empty(&'static str),
    /// The numbers ran away.
    #[error(
        "the training diverged at step {step} (epoch {}): the {what} is not a number. The weights \
         of the step before are kept. Lower learning_rate (now {learning_rate:e}) or max_grad_norm \
         (now {max_grad_norm})",
        epoch + 1
    )]
    Diverged {
        /// The step that failed.
        step: u64,
        /// From 0.
        epoch: usize,
        /// Loss or gradient.
        what: &'static str,
        /// At the time.
        learning_rate: f64,
        /// Of the recipe.
        max_grad_norm: f64,
    },
    /// The device did not hand its numbers over.
    #[error("cannot read back from the device: {0}")]
    Device(String),
}

/// Where a training is: enough to go on from here.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Progress {
    /// Steps taken.
    pub step: u64,
    /// The epoch, from 0.
    pub epoch: usize,
    /// Batches of the epoch that are done.
    pub batch: usize,
    /// A spike loss below this is the best so far; none before the first validation.
    pub best_below: Option<f64>,
    /// The step of the best.
    pub best_step: Option<u64>,
}

/// A better validation must be better by this: later checkpoints are slightly preferred.
const BEST_SLACK: f64 = 1e-4;

/// A twin in training.
pub struct Trainer<B: AutodiffBackend> {
    /// The twin as it is now.
    pub twin: Twin<B>,
    /// AdamW's state.
    pub optimizer: AdamW<B::InnerBackend>,
    /// Where the training is.
    pub progress: Progress,
    recipe: Recipe,
    scaling: Scaling,
    segments: usize,
    device: B::Device,
}

/// Fetches windows of simulations, scaled and stacked: from memory in the page, from a thread that
/// reads ahead natively.
pub trait Loader {
    /// The batch of these training windows; asked for in the order of [`Trainer::plan`].
    fn train(&mut self, windows: &[Window]) -> impl Future<Output = Result<Batch, SourceError>>;

    /// The batch of these validation windows.
    fn valid(&mut self, windows: &[Window]) -> impl Future<Output = Result<Batch, SourceError>>;
}

impl<B> Trainer<B>
where
    B: AutodiffBackend + TwinBackend,
    B::InnerBackend: TwinBackend,
{
    /// A new twin, nothing learnt yet.
    pub fn new(config: &TwinConfig, recipe: Recipe, scaling: Scaling, device: &B::Device) -> Self {
        let twin = config.init(recipe.seed, device);
        let segments = config.ports().in_spatial_dim;
        Self::resume(twin, None, Progress::start(), recipe, scaling, segments, device)
    }

    /// Goes on where a training was. `moments` are AdamW's, `[n]` each.
    pub fn resume(
        twin: Twin<B>,
        moments: Option<[Tensor<B::InnerBackend, 1>; 2]>,
        progress: Progress,
        recipe: Recipe,
        scaling: Scaling,
        segments: usize,
        device: &B::Device,
    ) -> Self {
        let mut optimizer = AdamW::new(AdamWConfig {
            weight_decay: recipe.weight_decay,
            max_grad_norm: recipe.max_grad_norm,
            ..AdamWConfig::default()
        });
        optimizer.step = progress.step;
        optimizer.moments = moments;
        Self { twin, optimizer, progress, recipe, scaling, segments, device: device.clone() }
    }

    /// The recipe that is followed.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// How inputs and targets are scaled.
    pub fn scaling(&self) -> &Scaling {
        &self.scaling
    }

    /// Segments of the neuron.
    pub fn segments(&self) -> usize {
        self.segments
    }

    /// The batches that an epoch takes.
    pub fn plan(&self, epoch: usize, simulations: usize) -> Vec<Vec<Window>> {
        let r = &self.recipe;
        epoch_plan(r.seed, epoch, simulations, r.train_batch_size, r.train_time_window_size)
    }

    /// One step of the recipe on one batch.
    ///
    /// # Errors
    /// If a loss or the gradient is not finite; the twin is then as it was before.
    pub async fn step(&mut self, mut batch: Batch) -> Result<StepReport, TrainError> {
        let epoch = self.progress.epoch;
        let learning_rate = self.recipe.learning_rate(epoch);
        let weights = self.recipe.loss_weights(epoch);
        dropout::set_stream(self.recipe.seed, self.progress.step);
        let taylor_weight = self.recipe.taylor_weight(epoch);
        let partner = batch.partner.take().filter(|_| taylor_weight > 0.0);
        let (x, targets) = batch.upload::<B>(&self.device);
        let (outputs, response) = match partner {
            None => (self.twin.forward(x), None),
            Some(partner) => {
                let (y, partner_targets) = partner.upload::<B>(&self.device);
                let form = self.recipe.taylor_form;
                let both = [&targets, &partner_targets];
                let (outputs, response) = taylor::forward(&self.twin, [x, y], both, form);
                (outputs, Some(total(response, &weights)))
            }
        };
        let losses = losses(&outputs, &targets);
        let mut total = total(losses.clone(), &weights);
        if let Some(response) = &response {
            total = total + response.clone() * taylor_weight;
        }
        let grads = total.backward();
        let flat = FlatGradients::collect(&self.twin, grads);
        let (norm, flat) = flat.clip(self.recipe.max_grad_norm);
        let mut report = vec![losses.inner(), total.inner(), norm];
        report.extend(response.map(Tensor::inner));
        let report = Tensor::cat(report, 0);
        // kept until the numbers are known to be sound; copies nothing
        let before = (self.twin.clone(), self.optimizer.clone());
        let twin = self.twin.clone();
        self.twin = self.optimizer.update(twin, flat, learning_rate);
        let numbers = read(report).await?;
        let &[a, b, c, d, e, total, grad_norm, ref response @ ..] = numbers.as_slice() else {
            return Err(TrainError::Device(format!("{} numbers instead of 7", numbers.len())));
        };
        let losses = [a, b, c, d, e];
        if !total.is_finite() || !grad_norm.is_finite() {
            (self.twin, self.optimizer) = before;
            return Err(TrainError::Diverged {
                step: self.progress.step + 1,
                epoch,
                what: if total.is_finite() { "gradient" } else { "loss" },
                learning_rate,
                max_grad_norm: self.recipe.max_grad_norm,
            });
        }
        self.progress.step += 1;
        self.progress.batch += 1;
        let step = self.progress.step;
        let taylor = response.first().copied();
        Ok(StepReport { step, epoch, learning_rate, losses, total, taylor, grad_norm })
    }

    /// Means of the five losses over the validation set.
    ///
    /// # Errors
    /// If a simulation cannot be loaded.
    pub async fn validate(
        &mut self,
        loader: &mut impl Loader,
        simulations: usize,
    ) -> Result<ValidReport, TrainError> {
        let r = &self.recipe;
        let plan = valid_plan(r.seed, simulations, r.valid_batch_size, r.valid_time_window_size);
        let twin = self.twin.valid();
        let mut sums = [0f64; 5];
        for windows in &plan {
            let batch = loader.valid(windows).await?;
            let (x, targets) = batch.upload::<B::InnerBackend>(&self.device);
            let values = read(losses(&twin.forward(x), &targets)).await?;
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += f64::from(value) / plan.len() as f64;
            }
        }
        let weights = self.recipe.loss_weights(self.progress.epoch);
        let total: f64 = sums.iter().zip(weights).map(|(l, w)| l * w).sum();
        let best = self.progress.best_below.is_none_or(|below| sums[0] < below);
        if best && sums[0].is_finite() {
            self.progress.best_below = Some(sums[0] + BEST_SLACK);
            self.progress.best_step = Some(self.progress.step);
        }
        Ok(ValidReport {
            step: self.progress.step,
            epoch: self.progress.epoch,
            losses: sums.map(|l| l as f32),
            total: total as f32,
            best,
        })
    }

    /// Trains from here to the end of the recipe, or until the listener stops it. The listener is
    /// given the trainer as well, so that it can write checkpoints.
    ///
    /// # Errors
    /// If a simulation cannot be loaded, or the training diverges.
    pub async fn run<L: Loader>(
        &mut self,
        loader: &mut L,
        simulations: [usize; 2],
        mut listen: impl AsyncFnMut(&Self, Event) -> Control,
    ) -> Result<Outcome, TrainError> {
        let [train, valid] = simulations;
        if train == 0 {
            return Err(TrainError::Empty("train"));
        }
        if valid == 0 {
            return Err(TrainError::Empty("valid"));
        }
        while self.progress.epoch < self.recipe.num_epochs {
            let epoch = self.progress.epoch;
            let plan = self.plan(epoch, train);
            let between = self.recipe.steps_per_validation(plan.len()) as u64;
            let event = Event::Epoch {
                epoch,
                num_epochs: self.recipe.num_epochs,
                steps: plan.len(),
                learning_rate: self.recipe.learning_rate(epoch),
                loss_weights: self.recipe.loss_weights(epoch),
            };
            if listen(self, event).await == Control::Stop {
                return Ok(Outcome::Stopped);
            }
            while let Some(windows) = plan.get(self.progress.batch) {
                let batch = loader.train(windows).await?;
                let report = self.step(batch).await?;
                let mut control = listen(self, Event::Step(report)).await;
                let last = epoch + 1 == self.recipe.num_epochs && self.progress.batch == plan.len();
                if self.progress.step.is_multiple_of(between) || last {
                    let report = self.validate(loader, valid).await?;
                    if listen(self, Event::Valid(report)).await == Control::Stop {
                        control = Control::Stop;
                    }
                }
                if control == Control::Stop {
                    return Ok(Outcome::Stopped);
                }
            }
            self.progress.epoch += 1;
            self.progress.batch = 0;
        }
        Ok(Outcome::Finished)
    }
}

impl Progress {
    /// Before the first step.
    pub fn start() -> Self {
        Self { step: 0, epoch: 0, batch: 0, best_below: None, best_step: None }
    }
}

async fn read<B: Backend>(values: Tensor<B, 1>) -> Result<Vec<f32>, TrainError> {
    let data = values.into_data_async().await;
    let data = data.map_err(|e| TrainError::Device(format!("{e:?}")))?;
    data.into_vec().map_err(|e| TrainError::Device(format!("{e:?}")))
}
