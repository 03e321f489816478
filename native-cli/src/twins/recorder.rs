//! The recorder of a training's events, in the run's folder and on the terminal.

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

/// Name of the learning curves' figure in a run's folder.
pub const DRAWN: &str = "curves.svg";

/// Writes a training's events to the run's folder and to the terminal.
pub struct Recorder<'a> {
    /// The run's folder.
    pub folder: &'a Path,
    /// The checkpoint as last saved, with the curves up to now.
    pub checkpoint: Checkpoint,
    /// The progress line on the terminal.
    pub line: Line,
    /// TensorBoard's event file; `None` where it is not requested.
    pub events: Option<Events>,
    /// The first error of writing.
    pub error: Option<anyhow::Error>,
    /// The files that were written once, and must still exist at the end.
    pub written: Vec<PathBuf>,
}

impl Recorder<'_> {
    /// Records an event.
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

    /// Writes the checkpoint under this name, and the curves.
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

    /// Checks that the files written still exist.
    ///
    /// # Errors
    /// An error that names the missing file.
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

    /// Writes the learning curves as CSV, as JSON lines and as a figure.
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
