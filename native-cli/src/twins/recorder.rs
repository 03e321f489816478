//! What happens in a training, in the run's folder and on the terminal.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use ballstick::twin::backend::TrainBackend;
use ballstick::twin::curves::WeighedCurves;
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
}

impl Recorder<'_> {
    /// Takes note of an event.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub async fn on<B: TrainBackend>(&mut self, trainer: &Trainer<B>, event: Event) -> Result<()> {
        match event {
            Event::Epoch { .. } | Event::Next => {}
            Event::Step(report) => {
                self.checkpoint.train_curve.push(report.into());
                self.line.step(&report);
            }
            Event::Valid(report) => {
                self.checkpoint.valid_curve.push(report.into());
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
        if let Some(events) = &mut self.events {
            events.add(&self.checkpoint)?;
        }
        self.curves()
    }

    /// Each loss's fraction of the total, in words.
    pub fn fractions(&self) -> String {
        curves::told(&WeighedCurves::of(&self.checkpoint))
    }

    /// The learning curves as CSV, as JSON lines and drawn.
    fn curves(&self) -> Result<()> {
        let loss = ["spikes", "soma", "near_spike", "inst_rate", "dend_v", "total"];
        let columns = |first: &[&str], last: &[&str]| -> Vec<String> {
            let all = first.iter().chain(&loss).chain(last);
            all.map(|s| (*s).to_owned()).collect()
        };
        let train = columns(&["step", "epoch", "learning_rate"], &["grad_norm"]);
        let valid = columns(&["step", "epoch"], &["best"]);
        let mut lines = String::new();
        let mut table = |name: &str, columns: &[String], rows: &mut dyn Iterator<Item = &[f32]>| {
            let mut csv = columns.join(",") + "\n";
            for row in rows {
                let cells: Vec<String> = row.iter().map(f32::to_string).collect();
                csv += &(cells.join(",") + "\n");
                let cells = columns.iter().zip(row).map(|(c, v)| format!("\"{c}\":{v}"));
                let cells: Vec<String> = cells.collect();
                let _ = writeln!(lines, "{{\"split\":\"{name}\",{}}}", cells.join(","));
            }
            files::write(&self.folder.join(format!("curve_{name}.csv")), csv.as_bytes())
        };
        let c = &self.checkpoint;
        table("train", &train, &mut c.train_curve.iter().map(|r| r.as_slice()))?;
        table("valid", &valid, &mut c.valid_curve.iter().map(|r| r.as_slice()))?;
        files::write(&self.folder.join("curves.jsonl"), lines.as_bytes())?;
        if c.train_curve.is_empty() {
            return Ok(());
        }
        let run = Run { name: String::new(), checkpoint: c };
        plot::save(&self.folder.join(DRAWN), &curves::sheet(&[run]))
    }
}
