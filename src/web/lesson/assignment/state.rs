//! What the assignment knows of its ten cells, and the queue of those that are to be run.

use super::cell::{Cell, Known};
use super::settings::Settings;
use crate::twin::results::Row;
use crate::web::lesson::shared::Neuron;
use crate::web::lock;
use crate::web::port::QuestionId;
use std::collections::{BTreeMap, VecDeque};

/// What is known of the ten cells, and what goes on.
#[derive(Default)]
pub(super) struct State {
    pub(super) settings: Settings,
    pub(super) known: BTreeMap<Cell, Known>,
    /// Recorded rows of what the twins have to beat.
    pub(super) baselines: Vec<Row>,
    pub(super) queue: Queue,
    /// The neuron whose data set the browser keeps.
    pub(super) stored_data: Option<Neuron>,
}

/// The cells that wait to be trained and judged, and the one that is.
#[derive(Default)]
pub(super) struct Queue {
    /// Waiting cells in order; the running one is not among them.
    pub(super) waiting: VecDeque<Cell>,
    pub(super) running: Option<Running>,
    /// Held while something goes on, so that no other tab takes up the same.
    pub(super) held: Option<lock::Lock>,
}

/// What is done with the running cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Training,
    /// A stop was asked for.
    Stopping,
    Judging,
}

impl Queue {
    /// The cells that are not done yet, in order.
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
