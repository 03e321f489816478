//! How fast a training goes, and when its numbers are read.

use std::cell::Cell;

use super::turn::now;
use crate::web::trainer::clock::Clock;

/// The most steps between two readings of the device; below, the longest time, ms.
const STEPS: usize = 25;
const READ_MS: f64 = 500.0;

/// The pace of a training: it decides when numbers are read from the device, and reports steps a second.
pub(super) struct Pace {
    /// Step and time of the last reading.
    mark: Cell<(u64, f64)>,
    /// Steps per ms, over the time that went into steps alone; `None` before the first reading.
    rate: Cell<Option<f64>>,
    clock: Clock,
}

impl Pace {
    /// The pace of a training that is at the step `step`.
    pub fn new(step: u64) -> Self {
        let clock = Clock::default();
        clock.at(step, now());
        Self { mark: Cell::new((step, now())), rate: Cell::new(None), clock }
    }

    /// Whether `unread` steps are enough for a reading. By the clock alone, a device that queues steps faster than it
    /// takes them would be read too late: its steps are therefore counted against its rate.
    pub fn due(&self, unread: usize) -> bool {
        let at_rate = self.rate.get().map_or(1.0, |rate| rate * READ_MS);
        unread as f64 >= at_rate.clamp(1.0, STEPS as f64) || now() - self.mark.get().1 >= READ_MS
    }

    /// Notes that the numbers of all steps up to this one are read.
    pub fn read(&self, step: u64) {
        let (before, then) = self.mark.get();
        if step <= before {
            return;
        }
        let rate = (step - before) as f64 / (now() - then).max(0.1);
        // the first steps compile what the device runs
        let smooth = self.rate.get().map_or(rate, |old| 0.7 * old + 0.3 * rate);
        self.rate.set(Some(smooth.max(rate * 0.5)));
        self.mark.set((step, now()));
        self.clock.at(step, now());
    }

    /// Leaves the time since the last reading out of the rate: it was not spent on training.
    pub fn pause(&self) {
        let (step, _) = self.mark.get();
        self.mark.set((step, now()));
    }

    /// Notes that the training was held since the time `since`, ms.
    pub fn held(&self, since: f64) {
        self.clock.skip(now() - since);
        self.pause();
    }

    /// Steps a second by the clock, over the last quarter of a minute; 0 where fewer than two steps are noted.
    pub fn steps_per_s(&self) -> f64 {
        self.clock.per_s()
    }
}
