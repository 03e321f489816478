//! Long work: on all cores, with a status line, and with an end where a signal asks for it.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::say::{Status, say};
use crate::signals::{self, Interrupted};

/// The number of threads that use all cores of this process.
pub fn all_threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// The progress of long work, as a status line on stderr: rewritten on a terminal, otherwise printed every half minute.
pub struct WorkProgress {
    what: &'static str,
    total: u64,
    done: u64,
    /// Number of items that took no work; they do not count in the rate.
    free: u64,
    started: Instant,
    status: Status,
}

impl WorkProgress {
    /// The progress of `total` items, named by `what` in the plural.
    pub fn new(what: &'static str, total: u64) -> Self {
        let status = Status::new(Duration::from_secs(30));
        Self { what, total, done: 0, free: 0, started: Instant::now(), status }
    }

    /// Counts one more item as done, with or without work.
    pub fn add(&mut self, with_work: bool) {
        self.done += 1;
        self.free += u64::from(!with_work);
        self.tick();
    }

    /// Shows the line if it is time to show it again.
    pub fn tick(&mut self) {
        if self.status.is_due(Some(self.started)) {
            let line = self.line();
            self.status.show(&line);
        }
    }

    /// Number of items done.
    pub fn done(&self) -> u64 {
        self.done
    }

    /// Number of items done with work per second.
    pub fn rate(&self) -> f64 {
        (self.done - self.free) as f64 / self.started.elapsed().as_secs_f64().max(1e-9)
    }

    fn line(&self) -> String {
        let Self { what, total, done, .. } = self;
        let mut line = format!("{done}/{total} {what}");
        let rate = self.rate();
        if rate > 0.0 {
            let left = (self.total - self.done) as f64 / rate;
            line += &format!(" · {} a second · {} left", significant(rate), clock(left));
        }
        line
    }

    /// Prints a separate line above the status line.
    pub fn say(&mut self, line: &str) {
        self.clear();
        say!("{line}");
    }

    /// Removes the status line.
    pub fn clear(&mut self) {
        self.status.clear();
    }
}

/// A number with three significant digits, or with all digits before the decimal point.
pub fn significant(x: f64) -> String {
    let digits =
        if x >= 100.0 || x == 0.0 { 0 } else { (2.0 - x.log10().floor()).min(9.0) as usize };
    format!("{x:.digits$}")
}

/// A time in s as hours, minutes and seconds.
pub fn clock(seconds: f64) -> String {
    let s = seconds.round().clamp(0.0, 1e9) as u64;
    let (h, m, s) = (s / 3600, s / 60 % 60, s % 60);
    if h > 0 { format!("{h}:{m:02}:{s:02}") } else { format!("{m}:{s:02}") }
}

/// Applies `f` to every item on all cores; the results are in the items' order.
///
/// # Errors
/// [`Interrupted`] where a signal came.
pub fn map<T: Sync, R: Send>(
    items: &[T],
    progress: &mut WorkProgress,
    f: impl Fn(&T) -> R + Sync,
) -> Result<Vec<R>> {
    signals::orderly();
    let next = AtomicUsize::new(0);
    let (send, receive) = mpsc::channel();
    let mut results: Vec<Option<R>> = items.iter().map(|_| None).collect();
    std::thread::scope(|scope| {
        for _ in 0..all_threads().min(items.len()) {
            let send = send.clone();
            let (next, f) = (&next, &f);
            scope.spawn(move || {
                while !signals::stopped() {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    if send.send((index, f(item))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(send);
        for (index, result) in receive {
            results[index] = Some(result);
            progress.add(true);
        }
    });
    let results: Option<Vec<R>> = results.into_iter().collect();
    results.ok_or_else(|| Interrupted("stopped; nothing was written".to_owned()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_items_order() {
        let items: Vec<u64> = (0..1000).collect();
        let mut progress = WorkProgress::new("numbers", 1000);
        let squares = map(&items, &mut progress, |x| x * x).unwrap();
        assert!(squares.iter().zip(&items).all(|(s, x)| *s == x * x));
        assert_eq!(progress.done(), 1000);
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(significant(0.012_345), "0.0123");
        assert_eq!(significant(51.26), "51.3");
        assert_eq!(significant(1234.5), "1234");
        assert_eq!((clock(59.6), clock(3725.0)), ("1:00".to_owned(), "1:02:05".to_owned()));
    }
}
