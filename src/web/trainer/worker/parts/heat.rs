//! How many workers a processor bears: a processor that grows hot, or is wanted elsewhere, slows down, and is given
//! fewer.

/// Steps over which the time of a step is averaged.
const STEPS: f64 = 20.0;
/// The factor by which steps are slower than at their best before one more worker rests.
const SLOWER: f64 = 1.6;
/// The time after which all workers are tried again, ms.
const REST_MS: f64 = 60_000.0;

/// The times of the steps, and how many workers rest because of them.
#[derive(Debug, Default)]
pub(super) struct Heat {
    mean_ms: Option<f64>,
    steps: u32,
    best_ms: Option<f64>,
    resting: usize,
    since_ms: f64,
}

impl Heat {
    /// How many of the workers rest; at least half of them work.
    pub fn resting(&self, workers: usize) -> usize {
        self.resting.min(workers / 2)
    }

    /// Notes that a step has taken `took_ms` and ended at `now_ms`.
    pub fn note(&mut self, took_ms: f64, now_ms: f64) {
        let mean = self.mean_ms.map_or(took_ms, |mean| mean + (took_ms - mean) / STEPS);
        self.mean_ms = Some(mean);
        self.steps += 1;
        if self.resting > 0 && now_ms - self.since_ms >= REST_MS {
            *self = Self { resting: 0, since_ms: now_ms, ..Self::default() };
        } else if f64::from(self.steps) >= STEPS {
            let best = self.best_ms.map_or(mean, |best| best.min(mean));
            self.best_ms = Some(best);
            if mean > SLOWER * best {
                let resting = self.resting + 1;
                *self = Self { resting, since_ms: now_ms, ..Self::default() };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_processor_that_slows_down_is_given_less_for_a_minute() {
        let mut heat = Heat::default();
        let mut now = 0.0;
        let mut steps = |heat: &mut Heat, count: usize, took: f64| {
            for _ in 0..count {
                now += took;
                heat.note(took, now);
            }
        };
        // a single long step, such as one that waits for a checkpoint, is not heat
        steps(&mut heat, 100, 10.0);
        steps(&mut heat, 1, 100.0);
        assert_eq!(heat.resting(4), 0);
        steps(&mut heat, 100, 10.0);
        steps(&mut heat, 60, 30.0);
        assert_eq!(heat.resting(4), 1);
        // slower with fewer workers is what is expected: the best time is measured anew
        steps(&mut heat, 200, 35.0);
        assert_eq!(heat.resting(4), 1);
        steps(&mut heat, 2000, 35.0);
        assert_eq!(heat.resting(4), 0);
    }

    #[test]
    fn half_of_the_workers_work() {
        let heat = Heat { resting: 9, ..Heat::default() };
        assert_eq!([1, 2, 3, 8].map(|workers| heat.resting(workers)), [0, 1, 1, 4]);
    }
}
