//! Output to the terminal: notes on stderr, results on stdout.
//!
//! A failure to print does not end the work. The standard macros would panic where a terminal has hung up, a log's disk
//! is full or a pipe is closed; a lint keeps them out of this crate.

use std::fmt;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Prints a note on stderr, formatted as by `println!`. A note that cannot be printed is dropped.
macro_rules! say {
    ($($text:tt)*) => {
        $crate::say::line(format_args!($($text)*))
    };
}
pub(crate) use say;

/// Prints a note on stderr, as [`say!`] does.
pub fn line(text: fmt::Arguments<'_>) {
    note(&format!("{text}\n"));
}

/// Prints a text in one write, so that lines of several threads do not mix.
fn note(text: &str) {
    // a note that cannot be printed does not make the work fail
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Prints a result to stdout. A reader that has closed the pipe, such as `head`, is no error.
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

/// A status line on stderr: rewritten on a terminal, otherwise printed as a new line now and then.
pub struct Status {
    terminal: bool,
    /// Time between two lines where there is no terminal.
    every: Duration,
    shown: Option<Instant>,
    /// The terminal's line while it is shown. An update that cannot be drawn is dropped.
    line: Option<ProgressBar>,
}

/// Time between two states of a terminal's line.
const ON_TERMINAL: Duration = Duration::from_millis(200);

impl Status {
    /// A status line that has not been shown yet; without a terminal a line is printed at most once in `every`.
    pub fn new(every: Duration) -> Self {
        Self { terminal: io::stderr().is_terminal(), every, shown: None, line: None }
    }

    /// Whether it is time to show the line again, counted from `start` where it has not been shown yet.
    pub fn is_due(&self, start: Option<Instant>) -> bool {
        let every = if self.terminal { ON_TERMINAL } else { self.every };
        self.shown.or(start).is_none_or(|last| last.elapsed() >= every)
    }

    /// Shows `text`; on a terminal, cut to the width of a line.
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
