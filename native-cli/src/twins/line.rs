//! The progress line of a training.

use std::time::{Duration, Instant};

use ballstick::twin::train::{StepReport, ValidReport};

use crate::say::{Status, say};

/// The progress line, with the rate and the time left.
pub struct Line {
    steps_per_epoch: usize,
    num_epochs: usize,
    start: Instant,
    taken: u64,
    status: Status,
}

impl Line {
    /// The line at the start of a training.
    pub fn new(steps_per_epoch: usize, num_epochs: usize) -> Self {
        let (start, status) = (Instant::now(), Status::new(Duration::from_secs(10)));
        Self { steps_per_epoch, num_epochs, start, taken: 0, status }
    }

    /// Counts a step, and shows the line if it is time to.
    pub fn step(&mut self, r: &StepReport) {
        self.taken += 1;
        if !self.status.is_due(None) {
            return;
        }
        let rate = self.taken as f64 / self.start.elapsed().as_secs_f64();
        let all = (self.steps_per_epoch * self.num_epochs) as u64;
        let left = all.saturating_sub(r.step) as f64 / rate;
        let taylor = r.taylor.map_or(String::new(), |t| format!(", response {t:.4}"));
        let text = format!(
            "epoch {}/{} · step {}/{all} · {rate:.1} steps/s · {} left · loss {:.4} (spikes {:.4}{taylor}) · gradient {:.2}",
            r.epoch + 1,
            self.num_epochs,
            r.step,
            duration(left),
            r.total,
            r.losses[0],
            r.grad_norm,
        );
        self.status.show(&text);
    }

    /// Prints the result of a validation above the line.
    pub fn valid(&mut self, r: &ValidReport) {
        let [a, b, c, d, e] = r.losses;
        let best = if r.best { " · best so far" } else { "" };
        self.end();
        say!(
            "epoch {} · validation: spikes {a:.4}, soma {b:.4}, near spike {c:.4}, rate {d:.4}, dendrite {e:.4}{best}",
            r.epoch + 1
        );
    }

    /// Removes the line.
    pub fn end(&mut self) {
        self.status.clear();
    }
}

/// A time in s, in words.
pub fn duration(seconds: f64) -> String {
    let s = if seconds.is_finite() { seconds.round() as u64 } else { 0 };
    match s {
        0..60 => format!("{s} s"),
        60..3600 => format!("{} min {:02} s", s / 60, s % 60),
        _ => format!("{} h {:02} min", s / 3600, s % 3600 / 60),
    }
}
