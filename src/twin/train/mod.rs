//! Training: batches, losses, the optimizer, the recipe and the loop.

pub mod batch;
pub mod curve;
mod event;
pub mod forecast;
pub mod gradient;
pub mod loss;
pub mod optim;
pub mod plan;
pub mod schedule;
mod snapshot;
pub mod taylor;
mod trainer;

pub use curve::LearningCurves;
pub use event::{Control, Event, Outcome, Progress, StepReport, TrainError, ValidReport};
pub use trainer::{Loader, Trainer};
