//! What happens in a training, in the run's folder and on the terminal.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use ballstick::twin::backend::TrainBackend;
use ballstick::twin::curves::WeighedCurves;
use ballstick::twin::train::curve::{self, LearningCurves};
use ballstick::twin::train::{Event, Trainer};
use ballstick::twin::weights::Checkpoint;

use super::curves::{self, Run};
use super::line::Line;
use super::tensorboard::Events;
use crate::{files, plot};

/// The learning curves' figure in a run's folder.
pub const DRAWN: &str = "curves.svg";

/// Writes what happens to the run's folder and to the terminal.
pub struct Recorder<'a> {
    /// The run's.
    pub folder: &'a Path,
    /// As it was last saved, with the curves up to now.
    pub checkpoint: Checkpoint,
    /// On the terminal.
    pub line: Line,
    /// TensorBoard's, where they are asked for.
    pub events: Option<Events>,
    /// What could not be written.
    pub error: Option<anyhow::Error>,
    /// Files that were written and are not written again: they must be there at the end.
    pub written: Vec<PathBuf>,
}

impl Recorder<'_> {
    /// Takes note of an event.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub async fn on<B: TrainBackend>(&mut self, trainer: &Trainer<B>, event: Event) -> Result<()> {
        self.checkpoint.curves.record(&event);
        match event {
            Event::Epoch { .. } | Event::Next => {}
            Event::Step(report) => self.line.step(&report),
            Event::Valid(report) => {
                self.line.valid(&report);
                self.save(trainer, "last").await?;
                if report.best {
                    self.save(trainer, "best").await?;
                }
            }
        }
        Ok(())
    }

    /// Writes the checkpoint of this name, and the curves.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub async fn save<B: TrainBackend>(&mut self, trainer: &Trainer<B>, name: &str) -> Result<()> {
        self.checkpoint.update(trainer).await?;
        let path = self.folder.join(format!("{name}.safetensors"));
        files::write(&path, &self.checkpoint.to_bytes()?)?;
        if !self.written.contains(&path) {
            self.written.push(path);
        }
        if let Some(events) = &mut self.events {
            events.add(&self.checkpoint)?;
        }
        self.curves()
    }

    /// Requires that nobody has removed what was written.
    ///
    /// # Errors
    /// Names the file that is gone.
    pub fn is_whole(&self) -> Result<()> {
        match self.written.iter().find(|path| !path.exists()) {
            Some(gone) => bail!("{}: was removed during the training", gone.display()),
            None => Ok(()),
        }
    }

    /// Each loss's fraction of the total, in words.
    pub fn fractions(&self) -> String {
        curves::fractions_text(&WeighedCurves::of(&self.checkpoint))
    }

    /// The learning curves as CSV, as JSON lines and drawn.
    fn curves(&self) -> Result<()> {
        let LearningCurves { train, valid } = &self.checkpoint.curves;
        let lines = self.checkpoint.curves.json_lines();
        let texts = [
            ("curve_train.csv", curve::to_csv(train)),
            ("curve_valid.csv", curve::to_csv(valid)),
            ("curves.jsonl", lines),
        ];
        for (name, text) in texts {
            files::write(&self.folder.join(name), text.as_bytes())?;
        }
        if train.is_empty() {
            return Ok(());
        }
        let run = Run { name: String::new(), checkpoint: &self.checkpoint };
        plot::save(&self.folder.join(DRAWN), &curves::sheet(&[run]))
    }
}
