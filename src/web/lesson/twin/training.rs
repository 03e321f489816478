//! The training that the page shows: what it does, and how far it has come.

use crate::text;
use crate::twin::train::LearningCurves;
use crate::web::lesson::shared::{preparing, title};
use crate::web::trainer::protocol::{RunRecord, TrainingProgress};

/// The training that this page shows, or the last one.
#[derive(Default)]
pub(super) struct Run {
    pub(super) phase: Phase,
    pub(super) record: Option<RunRecord>,
    pub(super) curves: LearningCurves,
    pub(super) progress: Option<TrainingProgress>,
    pub(super) device: String,
    pub(super) saved: Option<u64>,
}

/// What a training does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    /// There is no training, or it is over.
    #[default]
    Idle,
    /// The training gets ready.
    Starting,
    /// The training goes on.
    Going,
    /// The training is held between two steps.
    Held,
    /// The training is saved and stops.
    Stopping,
}

impl Run {
    /// The epoch that the training is in; `None` while no training goes on.
    pub(super) fn epoch(&self) -> Option<usize> {
        self.progress.as_ref().filter(|_| self.phase != Phase::Idle).map(|at| at.epoch)
    }

    /// Whether the training has taken no step since it began or went on.
    fn takes_its_first_step(&self) -> bool {
        let from = self.record.as_ref().map_or(0, |record| record.step);
        self.progress.as_ref().is_none_or(|progress| progress.step <= from)
    }

    /// What the training does, in words; `unfinished` is the chosen run where its training can go on.
    pub(super) fn summary(&self, unfinished: Option<&RunRecord>) -> String {
        let name = self.record.as_ref().map_or(String::new(), title);
        match (self.phase, &self.record, unfinished) {
            (Phase::Starting, _, _) => "Getting ready: loading the trainer and the data …".into(),
            (Phase::Going, Some(record), _) if self.takes_its_first_step() => {
                preparing(record).map_or_else(|| format!("Training {name}."), str::to_owned)
            }
            (Phase::Going, ..) => format!("Training {name}."),
            (Phase::Held, ..) => {
                format!("{name} is paused. Nothing is lost; go on, or take single steps.")
            }
            (Phase::Stopping, ..) => "Saving …".into(),
            (Phase::Idle, Some(record), _) if record.finished => format!("{name} is trained."),
            (Phase::Idle, _, Some(record)) => format!(
                "{} was left at step {} of {}. Go on with it, or start the plan above.",
                title(record),
                text::grouped(record.step),
                text::grouped(record.steps)
            ),
            (Phase::Idle, ..) => "Ready to start the plan above.".into(),
        }
    }
}
