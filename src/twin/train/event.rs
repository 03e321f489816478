//! What happens in a training: its steps, its end, its errors, and where it is.

use super::loss::LossWeights;
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
    /// The next step may be taken: the time to change something, or to wait.
    Next,
    /// A step was taken, and its numbers were read.
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
         of step {kept} are kept. Lower learning_rate (now {learning_rate:e}) or max_grad_norm \
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
        /// The step whose weights are kept.
        kept: u64,
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
    /// A spike loss below this is the best so far; `None` before the first validation.
    pub best_below: Option<f64>,
    /// The step of the best.
    pub best_step: Option<u64>,
}

impl Progress {
    /// Before the first step.
    pub fn start() -> Self {
        Self { step: 0, epoch: 0, batch: 0, best_below: None, best_step: None }
    }
}
