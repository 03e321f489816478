//! The events of a training: its steps, its end, its errors, and its progress.

use super::loss::LossWeights;
use crate::data::sample::SourceError;

/// The report of a training step.
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
    /// The weighted sum of the losses, Taylor consistency included.
    pub total: f32,
    /// The weighted sum of Taylor consistency's losses, before the factor of Taylor consistency; `None` while the
    /// recipe does not use it.
    pub taylor: Option<f32>,
    /// The gradient's norm over all parameters, before clipping.
    pub grad_norm: f32,
}

/// The report of a validation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValidReport {
    /// Training steps taken before the validation.
    pub step: u64,
    /// The epoch, from 0.
    pub epoch: usize,
    /// Means of the five losses over the validation batches.
    pub losses: [f32; 5],
    /// The weighted sum of the losses.
    pub total: f32,
    /// Whether the validation's spike loss is the lowest so far.
    pub best: bool,
}

/// An event of a training, for the terminal and the page alike.
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

/// A listener's answer to an event: whether the training goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// The training goes on.
    Continue,
    /// The training stops after this step, and can be resumed.
    Stop,
}

/// The end of a training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All epochs of the recipe are done.
    Finished,
    /// The listener stopped the training.
    Stopped,
}

/// The error of a training that cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A simulation cannot be read or does not fit the twin.
    #[error(transparent)]
    Data(#[from] SourceError),
    /// A split has no simulations.
    #[error("there are no {0} simulations")]
    Empty(&'static str),
    /// A loss or a gradient is not finite.
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
        /// The number at fault: the loss or the gradient.
        what: &'static str,
        /// The learning rate of that step.
        learning_rate: f64,
        /// The recipe's bound of the gradient's norm.
        max_grad_norm: f64,
        /// The step whose weights are kept.
        kept: u64,
    },
    /// Numbers cannot be read back from the device.
    #[error("cannot read back from the device: {0}")]
    Device(String),
}

/// The progress of a training, with which it can be resumed.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Progress {
    /// Training steps taken.
    pub step: u64,
    /// The epoch, from 0.
    pub epoch: usize,
    /// Number of batches of the epoch that are done.
    pub batch: usize,
    /// A validation whose spike loss is below this is the best so far; `None` before the first validation.
    pub best_below: Option<f64>,
    /// The step of the best validation; `None` before the first validation.
    pub best_step: Option<u64>,
}

impl Progress {
    /// The progress before the first step.
    pub fn start() -> Self {
        Self { step: 0, epoch: 0, batch: 0, best_below: None, best_step: None }
    }
}
