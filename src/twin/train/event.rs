//! What happens in a training: its steps, its end, its errors, and where it is.

use super::loss::LossWeights;
use crate::data::sample::SourceError;

/// A training step, as it is recorded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepReport {
    /// Steps taken, this one included.
    pub step: u64,
    /// The epoch, from 0.
    pub epoch: usize,
    /// The learning rate of the step.
    pub learning_rate: f64,
    /// The five losses: spikes, soma, near_spike, inst_rate, dend_v.
    pub losses: [f32; 5],
    /// Their weighted sum, Taylor consistency included.
    pub total: f32,
    /// The weighted losses of Taylor consistency, where the recipe has it by now; not yet times its own weight.
    pub taylor: Option<f32>,
    /// The gradient's norm over all parameters, before clipping.
    pub grad_norm: f32,
}

/// A validation, as it is recorded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValidReport {
    /// Training steps taken before it.
    pub step: u64,
    /// The epoch, from 0.
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
        /// The epoch, from 0.
        epoch: usize,
        /// Epochs of the recipe.
        num_epochs: usize,
        /// Training steps in the epoch.
        steps: usize,
        /// The epoch's learning rate.
        learning_rate: f64,
        /// The epoch's weights of the losses.
        loss_weights: LossWeights,
    },
    /// The trainer is about to take a step: a listener may change the learning rate, or wait.
    Next,
    /// A step was taken, and its losses were read from the device.
    Step(StepReport),
    /// The twin was validated, after which a listener writes a checkpoint.
    Valid(ValidReport),
}

/// Whether the trainer goes on after an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// The training goes on.
    Continue,
    /// The training stops after this step, and can be resumed.
    Stop,
}

/// How a training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All epochs of the recipe are done.
    Finished,
    /// The listener stopped the training.
    Stopped,
}

/// A training that cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A simulation cannot be used.
    #[error(transparent)]
    Data(#[from] SourceError),
    /// A split has no simulations.
    #[error("there are no {0} simulations")]
    Empty(&'static str),
    /// A loss or a gradient is not a number.
    #[error(
        "the training diverged at step {step} (epoch {}): the {what} is not a number. The weights \
         of step {kept} are kept. Lower learning_rate (now {learning_rate:e}) or max_grad_norm \
         (now {max_grad_norm})",
        epoch + 1
    )]
    Diverged {
        /// The step that failed.
        step: u64,
        /// The epoch, from 0.
        epoch: usize,
        /// What is not a number: the loss or the gradient.
        what: &'static str,
        /// The learning rate of that step.
        learning_rate: f64,
        /// The recipe's bound of the gradient's norm.
        max_grad_norm: f64,
        /// The step whose weights are kept.
        kept: u64,
    },
    /// Numbers cannot be read from the device.
    #[error("cannot read back from the device: {0}")]
    Device(String),
}

/// Where a training is: enough to go on from here.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Progress {
    /// Training steps taken.
    pub step: u64,
    /// The epoch, from 0.
    pub epoch: usize,
    /// Batches of the epoch that are done.
    pub batch: usize,
    /// A spike loss below this is the best so far; `None` before the first validation.
    pub best_below: Option<f64>,
    /// The step of the best validation.
    pub best_step: Option<u64>,
}

impl Progress {
    /// The place before the first step.
    pub fn start() -> Self {
        Self { step: 0, epoch: 0, batch: 0, best_below: None, best_step: None }
    }
}
