//! What the worker does between a training's steps: it takes orders, reports progress and saves checkpoints.

use std::cell::Cell;
use std::rc::Rc;

use burn::module::AutodiffModule;

use super::answer::{LoadedTwin, ToTwin};
use super::failure::Failure;
use super::hub::Hub;
use super::pace::Pace;
use super::session::{Mail, Session};
use super::trouble;
use super::turn::{now, yield_now};
use crate::twin::backend::TrainBackend;
use crate::twin::train::{Control as Flow, Event, LearningCurves, Trainer};
use crate::twin::weights::Checkpoint;
use crate::web::port::QuestionId;
use crate::web::trainer::protocol::{
    Control, Inquiry, RunRecord, SAVE_MS, Training, TrainingEvent, TrainingProgress, TrainingState,
};
use crate::web::trainer::store::RunStore;

/// The least time between two messages about progress, ms.
const TELL_MS: f64 = 500.0;

/// Listens to a training's events, on behalf of the page and of the browser's database.
pub(super) struct Listener<'a> {
    pub(super) hub: &'a Rc<Hub>,
    pub(super) session: &'a Rc<Session>,
    pub(super) store: &'a RunStore,
    pub(super) checkpoint: Checkpoint,
    /// Whether the run is stored in the browser's database.
    pub(super) is_stored: bool,
    pace: &'a Pace,
    /// How many workers computed the last gradient.
    pub(super) working: Rc<Cell<usize>>,
    /// How many rows of the two learning curves (train, valid) the page was sent.
    sent: [usize; 2],
    reported_ms: f64,
    pub(super) saved_ms: f64,
    /// When the time began that the record's `seconds` do not count yet, ms.
    pub(super) since_ms: f64,
    pub(super) held: bool,
    /// The control that a single step answers, while the step is taken; `None` at all other times.
    pub(super) one: Option<QuestionId>,
    /// The recipe's learning rate, which the learner's factors multiply.
    learning_rate: f64,
    pub(super) stopped: Vec<QuestionId>,
    /// What ended the training, where the failure was not the trainer's.
    pub failure: Option<Failure>,
}

impl<'a> Listener<'a> {
    /// A listener to a training that is about to begin or go on.
    pub fn new(
        hub: &'a Rc<Hub>,
        session: &'a Rc<Session>,
        store: &'a RunStore,
        checkpoint: Checkpoint,
        record: RunRecord,
        pace: &'a Pace,
    ) -> Self {
        let learning_rate = record.plan.recipe.learning_rate;
        session.set_record(record);
        let now = now();
        Self {
            hub,
            session,
            store,
            is_stored: !checkpoint.state.is_empty(),
            sent: checkpoint.curves.lengths(),
            checkpoint,
            pace,
            working: Rc::new(Cell::new(1)),
            reported_ms: now,
            saved_ms: now,
            since_ms: now,
            held: false,
            one: None,
            learning_rate,
            stopped: Vec::new(),
            failure: None,
        }
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut RunRecord)) {
        if let Some(mut record) = self.session.record() {
            change(&mut record);
            self.session.set_record(record);
        }
    }

    pub(super) fn part(&self, event: &TrainingEvent) {
        self.hub.part::<Training>(self.session.id, event);
    }

    /// Whether the run is stored in the browser's database.
    pub fn is_in_database(&self) -> bool {
        self.is_stored
    }

    /// Reports to the page that the training begins.
    pub fn started(&self, device_text: String) {
        let Some(record) = self.session.record() else { return };
        let curves = self.checkpoint.curves.clone();
        self.part(&TrainingEvent::Started { record: Box::new(record), device_text, curves });
    }

    /// Handles an event of the training; says whether the training is to go on.
    pub async fn on<B: TrainBackend>(&mut self, trainer: &mut Trainer<B>, event: Event) -> Flow {
        self.checkpoint.curves.record(&event);
        let done = match event {
            Event::Epoch { .. } => Ok(Flow::Continue),
            Event::Next => self.next(trainer).await,
            Event::Step(_) => {
                self.pace.read(trainer.progress.step);
                trouble::check().map(|()| Flow::Continue)
            }
            Event::Valid(report) => {
                // where validations follow each other within a second, not each is worth a checkpoint
                let due = report.best || now() - self.saved_ms >= 1e3;
                let saved = if due { self.save(trainer, report.best).await } else { Ok(()) };
                self.pace.pause();
                if now() - self.reported_ms >= TELL_MS {
                    self.tell_rest(trainer);
                }
                saved.map(|()| Flow::Continue)
            }
        };
        done.unwrap_or_else(|failure| {
            self.failure = Some(failure);
            Flow::Stop
        })
    }

    async fn next<B: TrainBackend>(&mut self, trainer: &mut Trainer<B>) -> Result<Flow, Failure> {
        yield_now().await;
        if self.at_the_end(trainer) {
            self.read(trainer).await?;
            return Ok(Flow::Stop);
        }
        if let Some(id) = self.one.take() {
            self.read(trainer).await?;
            self.paused(trainer, id);
        }
        loop {
            while let Some((id, mail)) = self.session.next() {
                let flow = match mail {
                    Mail::Control(control) => self.obey(trainer, id, control).await?,
                    Mail::Inquiry(inquiry) => self.inquire(trainer, id, inquiry).await?,
                };
                if flow == Flow::Stop {
                    return Ok(Flow::Stop);
                }
            }
            if !self.held || self.one.is_some() {
                break;
            }
            let since = now();
            self.session.mail().await;
            self.pace.held(since);
        }
        if now() - self.saved_ms >= SAVE_MS {
            self.read(trainer).await?;
            self.save(trainer, false).await?;
            self.pace.pause();
        }
        if now() - self.reported_ms >= TELL_MS {
            self.tell_rest(trainer);
        }
        Ok(Flow::Continue)
    }

    /// Reads from the device the numbers of the steps that are not read yet.
    async fn read<B: TrainBackend>(&mut self, trainer: &mut Trainer<B>) -> Result<(), Failure> {
        for report in trainer.read().await? {
            self.checkpoint.curves.record(&Event::Step(report));
        }
        self.pace.read(trainer.progress.step);
        Ok(())
    }

    async fn obey<B: TrainBackend>(
        &mut self,
        trainer: &mut Trainer<B>,
        id: QuestionId,
        control: Control,
    ) -> Result<Flow, Failure> {
        match control {
            Control::Pause => {
                self.count();
                self.held = true;
                self.read(trainer).await?;
                self.save(trainer, false).await?;
                self.paused(trainer, id);
            }
            Control::Step if self.held => self.one = Some(id),
            Control::Step => self.refuse(id, "The training goes on: pause it first."),
            Control::Go => {
                self.held = false;
                self.since_ms = now();
                self.pace.pause();
                self.hub.end::<Control>(id, Ok(TrainingState::Going));
            }
            Control::LearningRate(factor) if factor.is_finite() && factor > 0.0 => {
                trainer.set_learning_rate(self.learning_rate * factor);
                if self.held {
                    self.paused(trainer, id);
                } else {
                    self.hub.end::<Control>(id, Ok(TrainingState::Going));
                }
            }
            Control::LearningRate(_) => self.refuse(id, "The learning rate must stay above 0."),
            Control::Stop => {
                self.read(trainer).await?;
                self.stopped.push(id);
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Continue)
    }

    async fn inquire<B: TrainBackend>(
        &mut self,
        trainer: &mut Trainer<B>,
        id: QuestionId,
        inquiry: Inquiry,
    ) -> Result<Flow, Failure> {
        self.read(trainer).await?;
        match inquiry {
            Inquiry::Predict(question) => self.answer(trainer, id, *question).await,
            Inquiry::Respond(question) => self.answer(trainer, id, *question).await,
            // any other question looks at the checkpoint
            other => {
                self.save(trainer, false).await?;
                self.hub.inquire(id, other);
            }
        }
        Ok(Flow::Continue)
    }

    async fn answer<B: TrainBackend, Q: ToTwin>(
        &self,
        trainer: &Trainer<B>,
        id: QuestionId,
        question: Q,
    ) {
        let twin = trainer.twin.valid();
        let (config, scaling) = (&self.checkpoint.header.config, trainer.scaling());
        let loaded = LoadedTwin { twin: &twin, config, scaling, device: trainer.device() };
        let answer = question.ask(loaded).await;
        self.hub.end::<Q>(id, answer);
        self.pace.pause();
    }

    fn refuse(&self, id: QuestionId, why: &str) {
        self.hub.end::<Control>(id, Err(why.into()));
    }

    fn paused<B: TrainBackend>(&mut self, trainer: &Trainer<B>, id: QuestionId) {
        let progress = self.progress(trainer);
        self.hub.end::<Control>(id, Ok(TrainingState::Paused(Box::new(progress))));
    }

    /// Sends the page those rows of the learning curves that it was not sent yet.
    pub fn tell_rest<B: TrainBackend>(&mut self, trainer: &Trainer<B>) {
        if self.checkpoint.curves.lengths() != self.sent {
            self.tell(trainer);
        }
    }

    fn tell<B: TrainBackend>(&mut self, trainer: &Trainer<B>) {
        let progress = self.progress(trainer);
        self.part(&TrainingEvent::Progress(Box::new(progress)));
    }

    /// How far the training is; the rows in the report count as sent.
    fn progress<B: TrainBackend>(&mut self, trainer: &Trainer<B>) -> TrainingProgress {
        self.reported_ms = now();
        let (train, valid) = self.checkpoint.curves.since(self.sent);
        let new = LearningCurves { train: train.to_vec(), valid: valid.to_vec() };
        self.sent = self.checkpoint.curves.lengths();
        let (recipe, at) = (trainer.recipe(), trainer.progress);
        let steps = self.session.record().map_or(0, |record| record.steps);
        let steps_per_s = self.pace.steps_per_s();
        let left = steps.saturating_sub(at.step) as f64;
        TrainingProgress {
            step: at.step,
            steps,
            epoch: at.epoch.min(recipe.num_epochs.saturating_sub(1)),
            epochs: recipe.num_epochs,
            steps_per_s,
            left_s: if steps_per_s > 0.0 { left / steps_per_s } else { f64::NAN },
            workers: self.working.get(),
            learning_rate: recipe.learning_rate(at.epoch),
            loss_weights: recipe.loss_weights(at.epoch),
            new,
        }
    }
}
