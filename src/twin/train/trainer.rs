//! Training: the steps of a recipe on any device, without files, clock or screen.

use std::future::Future;

use burn::module::AutodiffModule;
use burn::prelude::*;
use burn::tensor::backend::AutodiffBackend;

use super::batch::{Batch, Window, valid_plan};
use super::event::{Control, Event, Outcome, Progress, StepReport, TrainError, ValidReport};
use super::gradient::{AtOnce, Gradient, Gradients, Objective};
use super::loss::losses;
use super::optim::{AdamW, AdamWConfig, FlatGradients, values};
use super::plan::{PlannedBatch, TrainingPlan};
use super::schedule::Recipe;
use super::snapshot::Snapshot;
use crate::data::sample::SourceError;
use crate::twin::config::TwinConfig;
use crate::twin::heads::Head;
use crate::twin::model::Twin;
use crate::twin::ops::backend::{TrainBackend, TwinBackend};
use crate::twin::scaling::Scaling;

/// The least improvement by which a later validation counts as the best.
const BEST_SLACK: f64 = 1e-4;

/// A twin in training.
pub struct Trainer<B: AutodiffBackend> {
    /// The twin in its present state.
    pub twin: Twin<B>,
    /// AdamW's state.
    pub optimizer: AdamW<B::InnerBackend>,
    /// Progress of the training.
    pub progress: Progress,
    recipe: Recipe,
    scaling: Scaling,
    segments: usize,
    device: B::Device,
    /// The steps whose numbers are still on the device.
    taken: Vec<Taken<B::InnerBackend>>,
    /// The state before the first of these steps; `None` where there are none.
    sound: Option<Snapshot<B>>,
}

/// A step whose numbers are still on the device.
struct Taken<B: Backend> {
    step: u64,
    epoch: usize,
    learning_rate: f64,
    /// The numbers of a [`Gradient`], and the gradient's norm.
    numbers: Tensor<B, 1>,
}

/// A source of batches of windows, scaled and stacked: from memory in the page, from a thread that reads ahead
/// natively.
pub trait Loader {
    /// The batch with these windows; batches are requested in the order of the [`TrainingPlan`].
    fn train(&mut self, planned: &PlannedBatch)
    -> impl Future<Output = Result<Batch, SourceError>>;

    /// The batch of these validation windows.
    fn valid(&mut self, windows: &[Window]) -> impl Future<Output = Result<Batch, SourceError>>;
}

impl<B: TrainBackend> Trainer<B> {
    /// The training of a new twin with random weights.
    pub fn new(config: &TwinConfig, recipe: Recipe, scaling: Scaling, device: &B::Device) -> Self {
        let twin = config.init(recipe.seed, device);
        let segments = config.ports().in_spatial_dim;
        Self::resume(twin, None, Progress::start(), recipe, scaling, segments, device)
    }

    /// A training resumed at `progress`. `moments` are AdamW's, `[n]` each, or `None`.
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
        let (device, taken, sound) = (device.clone(), Vec::new(), None);
        Self { twin, optimizer, progress, recipe, scaling, segments, device, taken, sound }
    }

    /// Changes the highest learning rate from the next step on.
    pub fn set_learning_rate(&mut self, learning_rate: f64) {
        self.recipe.learning_rate = learning_rate;
    }

    /// The device that the trainer computes on.
    pub fn device(&self) -> &B::Device {
        &self.device
    }

    /// Number of steps whose numbers are still on the device.
    pub fn unread(&self) -> usize {
        self.taken.len()
    }

    /// The recipe of the training.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The scaling constants of inputs and targets.
    pub fn scaling(&self) -> &Scaling {
        &self.scaling
    }

    /// Number of the neuron's segments.
    pub fn segments(&self) -> usize {
        self.segments
    }

    /// The plan of the recipe's batches, for `simulations` training simulations.
    pub fn plan(&self, simulations: usize) -> TrainingPlan {
        TrainingPlan::new(&self.recipe, simulations)
    }

    /// Takes one step of the recipe on one batch, and returns the step's report.
    ///
    /// # Errors
    /// [`TrainError`] where a loss or the gradient is not finite; the twin is then in its state before the step.
    pub async fn step(&mut self, batch: Batch) -> Result<StepReport, TrainError> {
        self.submit(&mut AtOnce, batch).await?;
        let last = self.read().await?.pop();
        last.ok_or_else(|| TrainError::Device("a step left no numbers".to_owned()))
    }

    /// Takes a step along the gradient that `gradients` computes, without waiting for the device; [`Self::read`]
    /// returns the step's report.
    ///
    /// # Errors
    /// [`TrainError`] where the gradient cannot be computed.
    pub async fn submit(
        &mut self,
        gradients: &mut impl Gradients<B>,
        batch: Batch,
    ) -> Result<(), TrainError> {
        // before the forward pass, which moves the running statistics of a batch norm
        self.keep();
        let objective = self.objective();
        let gradient = gradients.gradient(&self.twin, batch, &objective).await?;
        self.take(gradient);
        Ok(())
    }

    /// The settings of the next step's gradient.
    pub fn objective(&self) -> Objective {
        let epoch = self.progress.epoch;
        Objective {
            weights: self.recipe.loss_weights(epoch),
            taylor_weight: self.recipe.taylor_weight(epoch),
            taylor_form: self.recipe.taylor_form,
            seed: self.recipe.seed,
            step: self.progress.step,
        }
    }

    /// Keeps the twin's present state, unless the device has a step that is unread.
    fn keep(&mut self) {
        if self.sound.is_none() {
            self.sound = Some(Snapshot::of(&self.twin, &self.optimizer, self.progress));
        }
    }

    /// Takes the step along a batch's gradient, without waiting for the device.
    fn take(&mut self, gradient: Gradient<B::InnerBackend>) {
        let epoch = self.progress.epoch;
        let learning_rate = self.recipe.learning_rate(epoch);
        let flat = FlatGradients { values: values(&self.twin), gradients: gradient.values };
        let twin = self.twin.clone();
        let (twin, norm) = self.optimizer.update(twin, flat, learning_rate);
        self.twin = twin;
        let numbers = B::InnerBackend::join(vec![gradient.numbers, norm]);
        self.progress.step += 1;
        self.progress.batch += 1;
        self.taken.push(Taken { step: self.progress.step, epoch, learning_rate, numbers });
    }

    /// Reads the reports of all steps since the last reading, in one transfer.
    ///
    /// # Errors
    /// [`TrainError`] where a loss or the gradient is not finite; the twin is then in its state at the last reading.
    pub async fn read(&mut self) -> Result<Vec<StepReport>, TrainError> {
        let taken = std::mem::take(&mut self.taken);
        let sound = self.sound.take();
        if taken.is_empty() {
            return Ok(Vec::new());
        }
        let numbers = taken.iter().map(|taken| taken.numbers.clone()).collect();
        let numbers = read(B::InnerBackend::join(numbers)).await?;
        let mut rest = numbers.as_slice();
        let mut reports = Vec::with_capacity(taken.len());
        for Taken { step, epoch, learning_rate, numbers } in taken {
            let (now, then) = rest.split_at(numbers.dims()[0].min(rest.len()));
            rest = then;
            let &[a, b, c, d, e, total, ref response @ .., grad_norm] = now else {
                return Err(TrainError::Device(format!("{} numbers instead of 7", now.len())));
            };
            if !total.is_finite() || !grad_norm.is_finite() {
                let kept = sound.as_ref().map_or(step - 1, Snapshot::step);
                if let Some(sound) = sound {
                    (self.twin, self.optimizer, self.progress) = sound.restore();
                }
                return Err(TrainError::Diverged {
                    step,
                    epoch,
                    what: if total.is_finite() { "gradient" } else { "loss" },
                    learning_rate,
                    max_grad_norm: self.recipe.max_grad_norm,
                    kept,
                });
            }
            let (losses, taylor) = ([a, b, c, d, e], response.first().copied());
            reports.push(StepReport {
                step,
                epoch,
                learning_rate,
                losses,
                total,
                taylor,
                grad_norm,
            });
        }
        Ok(reports)
    }

    /// Validates the twin: the means of the five losses over the validation set.
    ///
    /// # Errors
    /// [`TrainError`] where a simulation cannot be loaded.
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
        let spikes = sums[Head::Spikes.at()];
        let best = self.progress.best_below.is_none_or(|below| spikes < below);
        if best && spikes.is_finite() {
            self.progress.best_below = Some(spikes + BEST_SLACK);
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

    /// Trains to the end of the recipe, or until the listener stops the training. The listener gets the trainer too, so
    /// that it can write checkpoints.
    ///
    /// # Errors
    /// [`TrainError`]: a simulation cannot be loaded, or the training diverges.
    pub async fn run<L: Loader>(
        &mut self,
        loader: &mut L,
        simulations: [usize; 2],
        listen: impl AsyncFnMut(&mut Self, Event) -> Control,
    ) -> Result<Outcome, TrainError> {
        self.run_reading(loader, &mut AtOnce, simulations, |_| true, listen).await
    }

    /// Trains as [`Self::run`] does, but `gradients` computes the gradients, and the numbers of steps are read from the
    /// device only where `due`, called with the number of unread steps, returns true, and before a validation and the
    /// end.
    ///
    /// # Errors
    /// The errors of [`Self::run`].
    pub async fn run_reading<L: Loader>(
        &mut self,
        loader: &mut L,
        gradients: &mut impl Gradients<B>,
        simulations: [usize; 2],
        mut due: impl FnMut(usize) -> bool,
        mut listen: impl AsyncFnMut(&mut Self, Event) -> Control,
    ) -> Result<Outcome, TrainError> {
        let [train, valid] = simulations;
        if train == 0 {
            return Err(TrainError::Empty("train"));
        }
        if valid == 0 {
            return Err(TrainError::Empty("valid"));
        }
        let all = self.plan(train);
        while self.progress.epoch < self.recipe.num_epochs {
            let epoch = self.progress.epoch;
            let plan = all.epoch(epoch);
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
            while let Some(planned) = plan.get(self.progress.batch) {
                if listen(self, Event::Next).await == Control::Stop {
                    return Ok(Outcome::Stopped);
                }
                let batch = loader.train(planned).await?;
                self.submit(gradients, batch).await?;
                let last = epoch + 1 == self.recipe.num_epochs && self.progress.batch == plan.len();
                let validate = self.progress.step.is_multiple_of(between) || last;
                let mut control = Control::Continue;
                if validate || due(self.unread()) {
                    for report in self.read().await? {
                        if listen(self, Event::Step(report)).await == Control::Stop {
                            control = Control::Stop;
                        }
                    }
                }
                if validate {
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

async fn read<B: Backend>(values: Tensor<B, 1>) -> Result<Vec<f32>, TrainError> {
    let data = values.into_data_async().await;
    let data = data.map_err(|e| TrainError::Device(format!("{e:?}")))?;
    data.into_vec().map_err(|e| TrainError::Device(format!("{e:?}")))
}
