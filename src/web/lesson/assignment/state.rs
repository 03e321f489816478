//! The state of the assignment: its ten cells' runs and results, and the queue of the cells that are to be run.

use super::cell::{Cell, Known};
use super::settings::QueueSettings;
use crate::twin::results::Row;
use crate::web::lesson::shared::Neuron;
use crate::web::lock;
use crate::web::port::QuestionId;
use std::collections::{BTreeMap, VecDeque};

/// The ten cells' runs and results, and the queue.
#[derive(Default)]
pub(super) struct State {
    pub(super) settings: QueueSettings,
    pub(super) known: BTreeMap<Cell, Known>,
    /// The recorded rows of the baselines.
    pub(super) baselines: Vec<Row>,
    pub(super) queue: Queue,
    /// The neuron of the data set that the browser keeps; `None` where it keeps none, or one of another neuron.
    pub(super) stored_data: Option<Neuron>,
}

/// The cells that wait to be trained and judged, and the one that is running.
#[derive(Default)]
pub(super) struct Queue {
    /// The waiting cells in order; the running one is not among them.
    pub(super) waiting: VecDeque<Cell>,
    pub(super) running: Option<Running>,
    /// The queue's lock, held from the first cell that the queue runs to its last, so that no other tab runs the same.
    pub(super) held: Option<lock::Lock>,
}

/// The phase of the running cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Training,
    /// The training is asked to stop.
    Stopping,
    Judging,
}

impl Queue {
    /// The running cell and the waiting ones, in order.
    pub(super) fn open(&self) -> impl Iterator<Item = Cell> {
        self.running.iter().map(|running| running.cell).chain(self.waiting.iter().copied())
    }
}

pub(super) struct Running {
    pub(super) cell: Cell,
    pub(super) phase: Phase,
    /// The fraction of the work that is done, 0 to 1.
    pub(super) part: f64,
    pub(super) text: String,
    pub(super) question: Option<QuestionId>,
}
