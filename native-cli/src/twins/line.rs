//! The line that a training shows.

use std::io::{IsTerminal, Write as _};
use std::time::{Duration, Instant};

use ballstick::twin::train::{StepReport, ValidReport};

/// The progress line: rate and time left.
pub struct Line {
    steps_per_epoch: usize,
    num_epochs: usize,
    start: Instant,
    taken: u64,
    shown: Option<Instant>,
    terminal: bool,
}

impl Line {
    /// At the start of a training.
    pub fn new(steps_per_epoch: usize, num_epochs: usize) -> Self {
        let (start, terminal) = (Instant::now(), std::io::stderr().is_terminal());
        Self { steps_per_epoch, num_epochs, start, taken: 0, shown: None, terminal }
    }

    /// A step was taken.
    pub fn step(&mut self, r: &StepReport) {
        self.taken += 1;
        let every = Duration::from_millis(if self.terminal { 200 } else { 10_000 });
        if self.shown.is_some_and(|shown| shown.elapsed() < every) {
            return;
        }
        self.shown = Some(Instant::now());
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
        self.show(&text);
    }

    /// The twin was validated.
    pub fn valid(&mut self, r: &ValidReport) {
        let [a, b, c, d, e] = r.losses;
        let best = if r.best { " · best so far" } else { "" };
        self.end();
        eprintln!(
            "epoch {} · validation: spikes {a:.4}, soma {b:.4}, near spike {c:.4}, rate {d:.4}, dendrite {e:.4}{best}",
            r.epoch + 1
        );
    }

    fn show(&self, text: &str) {
        if self.terminal {
            eprint!("\r\x1b[2K{text}");
            // a terminal that cannot be flushed shows the line later
            let _ = std::io::stderr().flush();
        } else {
            eprintln!("{text}");
        }
    }

    /// Removes the line.
    pub fn end(&self) {
        if self.terminal {
            eprint!("\r\x1b[2K");
        }
    }
}

/// Seconds as people say them.
pub fn duration(seconds: f64) -> String {
    let s = if seconds.is_finite() { seconds.round() as u64 } else { 0 };
    match s {
        0..60 => format!("{s} s"),
        60..3600 => format!("{} min {:02} s", s / 60, s % 60),
        _ => format!("{} h {:02} min", s / 3600, s % 3600 / 60),
    }
}
