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
    pub(super) kept_data: Option<Neuron>,
}

/// What waits, and what goes on.
#[derive(Default)]
pub(super) struct Queue {
    /// In order; what goes on is not among them.
    pub(super) waiting: VecDeque<Cell>,
    pub(super) running: Option<Running>,
    /// Held while something goes on, so that no other tab takes up the same.
    pub(super) held: Option<lock::Lock>,
}

/// What goes on with a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Training,
    /// A stop was asked for.
    Stopping,
    Judging,
}

impl Queue {
    /// What is not done yet, in order.
    pub(super) fn open(&self) -> impl Iterator<Item = Cell> {
        self.running.iter().map(|running| running.cell).chain(self.waiting.iter().copied())
    }
}

pub(super) struct Running {
    pub(super) cell: Cell,
    pub(super) phase: Phase,
    /// 0 to 1.
    pub(super) part: f64,
    pub(super) words: String,
    pub(super) question: Option<QuestionId>,
}
