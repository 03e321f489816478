//! Whether a page's main thread is ever blocked.

use std::fmt;

use crate::{Page, Result};

/// Every visit that a test makes has more tasks than this.
const LEAST_TASKS: usize = 500;

/// What a page's main thread did.
#[derive(Clone, Debug)]
pub struct Busy {
    /// Tasks over 50 ms by the Long Tasks API, ms.
    long: Vec<f64>,
    /// The longest time that a task had a processor, ms.
    most_cpu_ms: f64,
    /// How many tasks the trace holds.
    tasks: usize,
}

impl Busy {
    /// Whether the trace shows that no task was long: a trace that lost its tasks on a busy machine shows nothing. On a busy machine the scheduler takes the processor away in the middle of a task, and
    /// the API counts the pause: a task that had the processor for less than 50 ms does not count.
    fn is_free(&self) -> bool {
        self.tasks > LEAST_TASKS && (self.long.is_empty() || self.most_cpu_ms < 50.0)
    }
}

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { long, most_cpu_ms, tasks } = self;
        write!(f, "{tasks} tasks, at most {most_cpu_ms:.0} ms of processor; long: {long:?}")
    }
}

impl Page {
    /// Notes long tasks from here on, and those since the page began to load.
    ///
    /// # Errors
    /// The browser's.
    pub fn note_long_tasks(&self) -> Result {
        self.run(
            "window.longTasks = [];
             window.noteLong = entries => window.longTasks.push(...entries.map(e => e.duration));
             window.longObserver = new PerformanceObserver(list => window.noteLong(list.getEntries()));
             window.longObserver.observe({type: 'longtask', buffered: true});",
        )?;
        Ok(())
    }

    /// Leaves the page and says what its main thread did.
    ///
    /// # Errors
    /// The browser's.
    pub fn leave_busy(&self) -> Result<Busy> {
        // idle twice: then every task that stood in the queue is over; the observer may not have been told of the last
        // one yet
        let long = self.run_async(
            "const idle = () => new Promise(done => requestIdleCallback(done));
             await idle();
             await idle();
             window.noteLong(window.longObserver.takeRecords());
             return window.longTasks;",
        )?;
        let long = serde_json::from_value(long)?;
        let tasks = self.leave()?;
        let most_cpu_ms = tasks.iter().map(|task| task.cpu_ms).fold(0.0, f64::max);
        Ok(Busy { long, most_cpu_ms, tasks: tasks.len() })
    }
}

/// Requires that a visit leaves the main thread free. What else the machine does only makes tasks longer, so one good
/// visit of three proves it.
///
/// # Errors
/// The visit's, or that the main thread was free in none of three visits.
pub fn stays_free(name: &str, mut visit: impl FnMut() -> Result<Busy>) -> Result {
    let mut seen = Vec::new();
    for _ in 0..3 {
        let busy = visit()?;
        seen.push(busy.to_string());
        if busy.is_free() {
            println!("{name}: {seen:?}");
            return Ok(());
        }
    }
    Err(format!("{name}: the main thread was blocked: {seen:?}").into())
}
