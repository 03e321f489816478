//! The checkpoints that a training saves, and the run's record at its end.

use super::failure::Failure;
use super::listen::Listener;
use super::trouble;
use super::turn::now;
use crate::twin::backend::TrainBackend;
use crate::twin::train::Trainer;
use crate::web::trainer::protocol::{Control, RunRecord, TrainingEvent, TrainingState};

impl Listener<'_> {
    /// Adds the time since the last call to the record's seconds, unless the training is held.
    pub(super) fn count(&mut self) {
        let now = now();
        let since = std::mem::replace(&mut self.since_ms, now);
        if !self.held {
            self.change(|record| record.seconds += (now - since) / 1e3);
        }
    }

    /// Saves a checkpoint in the browser's database, once the numbers of all steps are read from the device.
    ///
    /// # Errors
    /// A device that fails; a database that does, as of a full disk.
    pub async fn save<B: TrainBackend>(
        &mut self,
        trainer: &mut Trainer<B>,
        best: bool,
    ) -> Result<(), Failure> {
        self.count();
        self.checkpoint.update(trainer).await?;
        trouble::check()?;
        let bytes = self.checkpoint.to_bytes();
        let bytes = bytes.map_err(|error| Failure::Fault(error.to_string()))?;
        let at = trainer.progress;
        self.change(|record| {
            record.step = at.step;
            record.best_step = at.best_step;
            if best {
                // the judgement so far was another twin's
                record.judgement = None;
            }
        });
        if let Some(record) = self.session.record() {
            let (last, best) = (Some(bytes.as_slice()), best.then_some(bytes.as_slice()));
            let written = match self.is_stored {
                true => self.store.renew(&record, last, best).await,
                false => self.store.put(&record, last, best).await,
            };
            self.is_stored = true;
            written.map_err(|error| Failure::Fault(error.to_string()))?;
        }
        self.saved_ms = now();
        self.part(&TrainingEvent::Saved { step: at.step, best });
        Ok(())
    }

    /// After a fault, saves the training up to its last sound step. Where the device has failed, nothing can be saved.
    /// Gives the failure, with that of saving where saving fails too.
    pub async fn fail<B: TrainBackend>(
        &mut self,
        trainer: &mut Trainer<B>,
        failure: Failure,
    ) -> Failure {
        if let Failure::Fault(text) = &failure {
            self.checkpoint.curves.back_to(trainer.progress.step);
            if let Err(Failure::Fault(more)) = self.save(trainer, false).await {
                return Failure::Fault(format!("{text} {more}"));
            }
        }
        failure
    }

    /// Whether the plan's `max_steps` are taken; false where the plan has no such limit.
    pub fn at_the_end<B: TrainBackend>(&self, trainer: &Trainer<B>) -> bool {
        let most = self.session.record().and_then(|record| record.plan.max_steps);
        most.is_some_and(|most| trainer.progress.step >= most)
    }

    /// Whether the plan's `max_steps` are taken, and a validation followed the last one.
    pub fn validated<B: TrainBackend>(&self, trainer: &Trainer<B>) -> bool {
        let last = self.checkpoint.curves.valid.last().map(|row| row.losses.step as u64);
        self.at_the_end(trainer) && last == Some(trainer.progress.step)
    }

    /// Marks the run as finished.
    pub fn finished(&self) {
        self.change(|record| record.finished = true);
    }

    /// Answers the controls that stopped the training or wait for a step, and gives the run's record.
    ///
    /// # Errors
    /// A training that never began.
    pub fn end(self) -> Result<RunRecord, Failure> {
        let record = self.session.record();
        let record = record.ok_or_else(|| Failure::Fault("The training never began.".into()))?;
        for id in self.stopped.iter().chain(&self.one) {
            self.hub.end::<Control>(*id, Ok(TrainingState::Ended(Box::new(record.clone()))));
        }
        Ok(record)
    }
}
