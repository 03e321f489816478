//! What is printed: notes on stderr, results on stdout.
//!
//! Nothing that is printed ends the work. The standard macros panic where a terminal has hung up, a log's disk is full
//! or a pipe is closed; a lint keeps them out of this crate.

use std::fmt;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A note on stderr, formatted as by `println!`. One that cannot be shown is dropped.
macro_rules! say {
    ($($text:tt)*) => {
        $crate::say::line(format_args!($($text)*))
    };
}
pub(crate) use say;

/// A note on stderr, as [`say!`] writes it.
pub fn line(text: fmt::Arguments<'_>) {
    note(&format!("{text}\n"));
}

/// In one write, so that lines of several threads do not mix.
fn note(text: &str) {
    // a note that nobody can read is no fault of the work's
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Prints a result to stdout. A reader that has seen enough, such as `head`, is no error.
///
/// # Errors
/// Any other fault of stdout, such as a full disk.
pub fn result(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot print the result"),
    }
}

/// The line on stderr that says how far the work is: rewritten on a terminal, else a new line now and then.
pub struct Status {
    terminal: bool,
    /// Between two lines where there is no terminal.
    every: Duration,
    shown: Option<Instant>,
    /// The terminal's line, while it is there. What cannot be drawn is dropped.
    line: Option<ProgressBar>,
}

/// Between two states of a terminal's line.
const ON_TERMINAL: Duration = Duration::from_millis(200);

impl Status {
    /// A line that has not been shown yet; without a terminal there is one `every` so often.
    pub fn new(every: Duration) -> Self {
        Self { terminal: io::stderr().is_terminal(), every, shown: None, line: None }
    }

    /// Whether it is time to show it again, counted from `start` where it has not been shown.
    pub fn is_due(&self, start: Option<Instant>) -> bool {
        let every = if self.terminal { ON_TERMINAL } else { self.every };
        self.shown.or(start).is_none_or(|last| last.elapsed() >= every)
    }

    /// Shows `text`; on a terminal, as much of it as fits into a line.
    pub fn show(&mut self, text: &str) {
        self.shown = Some(Instant::now());
        if self.terminal {
            self.line.get_or_insert_with(terminal_line).set_message(text.to_owned());
        } else {
            note(&format!("{text}\n"));
        }
    }

    /// Removes the line from a terminal.
    pub fn clear(&mut self) {
        if let Some(line) = self.line.take() {
            line.finish_and_clear();
        }
    }
}

fn terminal_line() -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_msg}");
    ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
}

impl Drop for Status {
    fn drop(&mut self) {
        self.clear();
    }
}
