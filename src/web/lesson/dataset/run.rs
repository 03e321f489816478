//! A run that makes simulations: its batches, the workers that they are handed to, and how far it is.

use crate::data::Manifest;
use crate::web::data_set::Key;
use crate::web::dom;
use crate::web::port::Port;
use crate::web::protocol::Simulator;
use std::collections::VecDeque;

/// Simulations that a worker makes at once, as many as the fast method has lanes.
const BATCH: usize = 16;
/// The most workers: more would only take memory, some 30 MB each.
const MOST_WORKERS: usize = 32;

/// The simulations that are to be made, and those that are made.
pub(super) struct Run {
    pub(super) id: String,
    pub(super) plan: Manifest,
    pub(super) workers: Vec<Port<Simulator>>,
    pub(super) waiting: VecDeque<Vec<Key>>,
    /// For each worker, how many simulations the part of its batch that is simulated comes to.
    pub(super) part: Vec<f64>,
    /// For each worker, the number of simulations in its batch.
    pub(super) batch: Vec<usize>,
    /// Simulations of finished batches.
    pub(super) done: f64,
    pub(super) total: f64,
    pub(super) since_ms: f64,
    pub(super) drawn_ms: f64,
}

impl Run {
    /// Simulations made so far; a batch that is begun counts by the part of it that is simulated.
    pub(super) fn made(&self) -> f64 {
        self.done + self.part.iter().sum::<f64>()
    }

    /// Seconds since the run began.
    pub(super) fn seconds(&self) -> f64 {
        (dom::now_ms() - self.since_ms) / 1000.0
    }
}

/// How many workers to use: one per core. Drawing the page takes little, and the system shares it out.
pub(super) fn workers() -> usize {
    let cores = dom::window().navigator().hardware_concurrency() as usize;
    cores.clamp(1, MOST_WORKERS)
}

/// Divides simulations into batches: full ones where there are many simulations, else one per worker. A batch that is
/// not full is simulated no faster, but packed and stored faster.
pub(super) fn batches(keys: &[Key], workers: usize) -> VecDeque<Vec<Key>> {
    let count = keys.len().div_ceil(BATCH).max(workers).max(1);
    let size = keys.len().div_ceil(count).max(1);
    keys.chunks(size).map(<[Key]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Split;

    #[test]
    fn batches_are_full_where_there_are_many_and_shared_where_there_are_few() {
        let keys: Vec<Key> = (0..28).map(|n| (Split::Train, n)).collect();
        let lengths =
            |batches: VecDeque<Vec<Key>>| batches.iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(lengths(batches(&keys, 1)), [14, 14]);
        assert_eq!(lengths(batches(&keys, 8)), [4; 7]);
        assert_eq!(lengths(batches(&keys[..3], 4)), [1; 3]);
        assert_eq!(lengths(batches(&keys[..1], 4)), [1]);
        assert!(batches(&[], 4).is_empty());
        assert_eq!(batches(&keys, 3).concat_keys(), keys);
    }

    trait Concat {
        fn concat_keys(self) -> Vec<Key>;
    }

    impl Concat for VecDeque<Vec<Key>> {
        fn concat_keys(self) -> Vec<Key> {
            self.into_iter().flatten().collect()
        }
    }
}
