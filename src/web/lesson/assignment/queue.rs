//! The queue: one cell after the other is trained and judged.

use super::cell::{Cell, Known};
use super::state::{Phase, Running, State};
use super::{Assignment, problem, write};
use crate::data::Split;
use crate::text::{self, count, grouped};
use crate::web::lesson::shared::preparing;
use crate::web::lesson::{device, show};
use crate::web::lock;
use crate::web::plot::scale::fixed;
use crate::web::port::{QuestionId, Reply};
use crate::web::trainer::protocol::{
    Control, DataRef, Evaluate, RunPlan, RunRecord, Training, TrainingEvent, TrainingProgress,
};
use std::rc::Rc;

impl Assignment {
    /// Does what a cell's button says: puts the cell into the queue or takes it out, or stops it where it is running.
    pub(super) fn pressed(self: &Rc<Self>, cell: Cell) {
        {
            let mut state = self.state.borrow_mut();
            if state.queue.running.as_ref().is_some_and(|running| running.cell == cell) {
                drop(state);
                return self.stop();
            }
            match state.queue.waiting.iter().position(|waiting| *waiting == cell) {
                Some(at) => {
                    state.queue.waiting.remove(at);
                }
                None => state.queue.waiting.push_back(cell),
            }
        }
        self.memorise();
        self.next();
    }

    /// Puts every cell into the queue that has no result of the learner's own.
    pub(super) fn queue_all(self: &Rc<Self>) {
        {
            let mut state = self.state.borrow_mut();
            let running = state.queue.running.as_ref().map(|running| running.cell);
            let empty: Vec<Cell> = Cell::all()
                .filter(|cell| {
                    let has_own = |known: &Known| !known.results(cell.letter, false).is_empty();
                    let own = state.known.get(cell).is_some_and(has_own);
                    !own && Some(*cell) != running && !state.queue.waiting.contains(cell)
                })
                .collect();
            state.queue.waiting.extend(empty);
        }
        self.memorise();
        self.next();
    }

    pub(super) fn empty_queue(&self) {
        self.state.borrow_mut().queue.waiting.clear();
        self.memorise();
        self.show();
    }

    /// Starts the next cell, unless one is running.
    pub(super) fn next(self: &Rc<Self>) {
        if self.state.borrow().queue.running.is_some() {
            return self.show();
        }
        let cell = self.state.borrow().queue.waiting.front().copied();
        let Some(cell) = cell else {
            self.let_go();
            return self.show();
        };
        if self.trainer.is_training() {
            let text = "Another training goes on, from lesson 6 perhaps: stop it there, or wait for its end, then go on here.";
            problem(&self.root, text);
            return self.show();
        }
        problem(&self.root, "");
        if self.state.borrow().queue.held.is_some() {
            return self.begin(cell);
        }
        self.this.after(lock::take(lock::QUEUE), move |lesson, held| match held {
            // the button was pressed twice: what the first press began goes on
            Some(_) if lesson.state.borrow().queue.running.is_some() => {}
            None if lesson.state.borrow().queue.held.is_some() => {}
            Some(held) => {
                lesson.state.borrow_mut().queue.held = Some(held);
                lesson.begin(cell);
            }
            None => {
                let text =
                    "The queue goes on in another tab: look at it there, or stop it there first.";
                problem(&lesson.root, text);
                lesson.show();
            }
        });
    }

    /// Whether the queue runs here, and not a twin from a file beside a queue that stands still.
    fn queue_goes_on(&self) -> bool {
        self.state.borrow().queue.held.is_some()
    }

    /// Releases the queue's lock: another tab may go on with the queue now.
    fn let_go(&self) {
        let held = self.state.borrow_mut().queue.held.take();
        drop(held);
    }

    /// Trains a cell from the start, or goes on with its open run as that was begun, whatever the settings say by now;
    /// a cell with a run that is trained and not judged is only judged.
    fn begin(self: &Rc<Self>, cell: Cell) {
        let (open, unjudged) = match self.state.borrow().known.get(&cell) {
            Some(known) => (known.open().cloned(), known.unjudged().cloned()),
            None => (None, None),
        };
        let text = "the trainer is loading …".to_owned();
        let running = Running { cell, phase: Phase::Training, part: 0.0, text, question: None };
        {
            let mut state = self.state.borrow_mut();
            state.queue.waiting.retain(|waiting| *waiting != cell);
            state.queue.running = Some(running);
        }
        self.memorise();
        self.show();
        let wanted = device::wanted_for(&cell.config());
        let training = match (open, unjudged) {
            (Some(record), _) => {
                let run = record.plan.id;
                Training::Resume { run, wanted, epochs: None, in_halves: false }
            }
            (None, Some(record)) => return self.judge(cell, &record),
            (None, None) => {
                let plan = Box::new(plan(cell, &self.state.borrow()));
                Training::Start { plan, wanted }
            }
        };
        let listener = self.this.hear(move |lesson, reply| lesson.on_training(cell, reply));
        self.note(self.trainer.train(training, listener));
    }

    /// Notes the number of the question that the trainer was asked for the running cell.
    fn note(&self, id: QuestionId) {
        if let Some(running) = self.state.borrow_mut().queue.running.as_mut() {
            running.question = Some(id);
        }
    }

    fn on_training(self: &Rc<Self>, cell: Cell, reply: Reply<Training>) {
        match reply {
            Reply::Part(TrainingEvent::Started { record, device_text, .. }) => {
                let text = match preparing(&record) {
                    Some(preparing) => format!("{device_text}. {preparing}"),
                    None => device_text,
                };
                self.say(record.step as f64 / record.steps.max(1) as f64, text);
                self.keep_record(cell, *record);
            }
            Reply::Part(TrainingEvent::Progress(progress)) => {
                self.say(
                    progress.step as f64 / progress.steps.max(1) as f64,
                    progress_text(&progress),
                );
            }
            Reply::Part(TrainingEvent::Saved { .. }) => {}
            Reply::Part(TrainingEvent::Replaced { text, step }) => {
                self.say(0.0, format!("{text} Going on from step {step}."));
            }
            Reply::Answer(record) => {
                let finished = record.finished;
                self.keep_record(cell, record.clone());
                if finished { self.judge(cell, &record) } else { self.halt(cell, "") }
            }
            Reply::Failed(error) => self.halt(cell, &error),
        }
    }

    fn judge(self: &Rc<Self>, cell: Cell, record: &RunRecord) {
        if let Some(running) = self.state.borrow_mut().queue.running.as_mut() {
            running.phase = Phase::Judging;
        }
        self.say(0.0, "judging on the test set".into());
        let question = Evaluate {
            model: record.twin(),
            data: record.plan.data.clone(),
            split: Split::Test,
            wanted: device::wanted_for(&record.plan.config),
        };
        let record = record.clone();
        let id = self.this.ask(question, &self.trainer, move |lesson, reply| match reply {
            Reply::Part((done, of)) => {
                let text = format!("judging: {done} of {}", count(of, "simulation"));
                lesson.say(done as f64 / of.max(1) as f64, text);
            }
            Reply::Answer(judgement) => {
                let judgement = Some(Box::new(judgement));
                lesson.keep_record(cell, RunRecord { judgement, ..record.clone() });
                lesson.state.borrow_mut().queue.running = None;
                lesson.memorise();
                if lesson.queue_goes_on() { lesson.next() } else { lesson.show() }
            }
            Reply::Failed(error) => lesson.halt(cell, &error),
        });
        self.note(id);
    }

    /// Judges a twin that came from a file: at once, or, where the queue was started meanwhile, when the queue comes to
    /// its cell. A cell that waited in a stopped queue waits no longer, since all that was left to do is to judge it.
    pub(super) fn judge_imported(self: &Rc<Self>, cell: Cell, record: &RunRecord) {
        let busy = {
            let queue = &mut self.state.borrow_mut().queue;
            queue.waiting.retain(|waiting| *waiting != cell);
            let busy = queue.running.is_some();
            if busy {
                queue.waiting.push_back(cell);
            } else {
                let (phase, part, text) = (Phase::Judging, 0.0, String::new());
                queue.running = Some(Running { cell, phase, part, text, question: None });
            }
            busy
        };
        self.memorise();
        if busy { self.show() } else { self.judge(cell, record) }
    }

    /// Stops the running cell, which then is first in the queue again.
    pub(super) fn stop(self: &Rc<Self>) {
        let (cell, phase, question) = {
            let mut state = self.state.borrow_mut();
            let Some(running) = state.queue.running.as_mut() else { return };
            let phase = running.phase;
            if phase == Phase::Training {
                running.phase = Phase::Stopping;
                running.text = "saving what there is …".into();
            }
            (running.cell, phase, running.question)
        };
        match (phase, question) {
            (Phase::Training, _) => {
                self.trainer.ask(Control::Stop, |_| {});
                self.show();
            }
            (Phase::Judging, Some(question)) => {
                self.trainer.cancel(question);
                self.halt(cell, "");
            }
            (Phase::Judging, None) | (Phase::Stopping, _) => {}
        }
    }

    /// Ends the running cell, which then is first in the queue again, and says why.
    fn halt(&self, cell: Cell, why: &str) {
        {
            let mut state = self.state.borrow_mut();
            state.queue.running = None;
            // a twin from a file that could not be judged was never in the queue
            if state.queue.held.is_some() {
                state.queue.waiting.retain(|waiting| *waiting != cell);
                state.queue.waiting.push_front(cell);
            }
        }
        self.let_go();
        problem(&self.root, why);
        self.memorise();
        self.show();
    }

    fn keep_record(&self, cell: Cell, record: RunRecord) {
        self.state.borrow_mut().known.entry(cell).or_default().keep(record);
        self.show();
    }

    fn say(&self, part: f64, text: String) {
        if let Some(running) = self.state.borrow_mut().queue.running.as_mut() {
            running.part = part;
            if running.phase != Phase::Stopping {
                running.text = text;
            }
        }
        self.show_cells();
    }

    /// Shows table and words only, for progress that comes often.
    fn show_cells(&self) {
        let (rows, _) = self.rows();
        let state = self.state.borrow();
        self.table.show(&state, &rows);
        self.queue_text(&state);
    }

    /// Says which cells wait and which one is running, and shows the buttons that fit.
    pub(super) fn queue_text(&self, state: &State) {
        let waiting = state.queue.waiting.len();
        let text = match &state.queue.running {
            Some(running) => format!(
                "{} on the {}: {}. {waiting} more in the queue.",
                running.cell.letter,
                running.cell.neuron.label(),
                running.text.trim_end_matches('.')
            ),
            None if waiting > 0 => format!(
                "{waiting} in the queue, none going on. A run that was begun goes on from its last checkpoint."
            ),
            None => "The queue is empty.".to_owned(),
        };
        write(&self.root, stat!("queue"), &text);
        let running = state.queue.running.is_some();
        show(&self.root, action!("run-queue"), !running && waiting > 0);
        show(&self.root, action!("stop"), running);
        show(&self.root, action!("empty"), waiting > 0);
    }
}

/// The plan of a new run of a cell.
fn plan(cell: Cell, state: &State) -> RunPlan {
    RunPlan {
        id: cell.run_id(js_sys::Date::now()),
        label: cell.label(),
        config: cell.config(),
        recipe: state.settings.recipe.clone(),
        data: data_of(cell, state),
        max_steps: state.settings.max_steps,
        parts: device::parts(),
    }
}

/// The data set that a cell's twin learns from and is judged on: the kept one where it is of the cell's neuron, else
/// the recorded one.
pub(super) fn data_of(cell: Cell, state: &State) -> DataRef {
    match state.stored_data {
        Some(neuron) if neuron == cell.neuron => DataRef::Kept,
        _ => cell.neuron.recorded_data(),
    }
}

fn progress_text(progress: &TrainingProgress) -> String {
    let left = match progress.left_s.is_finite() {
        true => format!(", {} left", text::time(progress.left_s)),
        false => String::new(),
    };
    let [step, steps] = [progress.step, progress.steps].map(grouped);
    format!("step {step} of {steps}, {} steps/s{left}", fixed(progress.steps_per_s, 1))
}
