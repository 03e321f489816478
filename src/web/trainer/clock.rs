//! Training steps a second by the clock, as the learner reads them.

use std::cell::RefCell;
use std::collections::VecDeque;

/// The time over which the rate is taken, ms.
const WINDOW_MS: f64 = 15_000.0;

/// Training steps a second: whatever is done between steps counts as their time, time that is skipped does not.
#[derive(Debug, Default)]
pub struct Clock(RefCell<VecDeque<(u64, f64)>>);

impl Clock {
    /// Notes that the training is at `step` at the time `now`, ms.
    pub fn at(&self, step: u64, now: f64) {
        let mut marks = self.0.borrow_mut();
        marks.push_back((step, now));
        // the oldest mark that is kept is the newest of those at least a window old
        while marks.get(1).is_some_and(|next| now - next.1 >= WINDOW_MS) {
            marks.pop_front();
        }
    }

    /// Leaves `ms` milliseconds out of the rate.
    pub fn skip(&self, ms: f64) {
        self.0.borrow_mut().iter_mut().for_each(|mark| mark.1 += ms);
    }

    /// Steps a second over the last quarter of a minute; 0 where fewer than two steps are noted.
    pub fn per_s(&self) -> f64 {
        let marks = self.0.borrow();
        match (marks.front(), marks.back()) {
            (Some(first), Some(last)) if last.1 > first.1 => {
                1e3 * (last.0 - first.0) as f64 / (last.1 - first.1)
            }
            _ => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_the_clocks() {
        let clock = Clock::default();
        clock.at(0, 0.0);
        assert_eq!(clock.per_s(), 0.0);
        // ten steps a second, with a validation of a second after each ten
        let mut now = 0.0;
        for step in 1..=200u64 {
            now += if step.is_multiple_of(10) { 1100.0 } else { 100.0 };
            clock.at(step, now);
        }
        // 5 in the long run; a window need not hold whole rounds
        assert!((clock.per_s() - 5.0).abs() < 0.5, "{}", clock.per_s());
        let before = clock.per_s();
        // a minute in which the training was held
        clock.skip(60_000.0);
        clock.at(201, now + 60_100.0);
        assert!((clock.per_s() - before).abs() < 0.5, "{}", clock.per_s());
    }
}
