//! Simulations kept in memory after their first reading, up to a budget of bytes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::sample::Sample;

/// Samples kept by a key.
#[derive(Debug, Clone)]
pub struct SampleCache<K> {
    samples: BTreeMap<K, Arc<Sample>>,
    /// Bytes that may still be taken.
    room: usize,
}

impl<K: Ord> SampleCache<K> {
    /// A cache of up to `budget` bytes of samples.
    #[must_use]
    pub fn new(budget: usize) -> Self {
        Self { samples: BTreeMap::new(), room: budget }
    }

    /// The sample of a key, where it is kept.
    pub fn get(&self, key: &K) -> Option<Arc<Sample>> {
        self.samples.get(key).cloned()
    }

    /// Keeps a sample where the budget allows it, and returns it in either case.
    pub fn keep(&mut self, key: K, sample: Sample) -> Arc<Sample> {
        let sample = Arc::new(sample);
        let bytes = sample.bytes();
        if bytes <= self.room {
            self.room -= bytes;
            self.samples.insert(key, sample.clone());
        }
        sample
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Targets;
    use ::half::f16;
    use ndarray::{Array1, Array2, Array3};

    #[test]
    fn what_has_no_room_is_handed_out_and_not_kept() {
        let (segments, ms) = (2, 10);
        let targets = Targets {
            spikes: Array1::default(ms),
            soma_v: Array1::zeros(ms),
            near_spike: Array1::default(ms),
            inst_rate: Array1::zeros(ms),
            dend_v: Array2::from_elem((segments, ms), f16::ZERO),
        };
        let sample = Sample { inputs: Array3::from_elem((segments, ms, 2), f16::ZERO), targets };
        // (4 + 2) bytes a segment and ms, and 10 a ms
        assert_eq!(sample.bytes(), 220);
        let mut cache = SampleCache::new(500);
        for key in 0..3 {
            assert_eq!(cache.keep(key, sample.clone()).segments(), 2);
        }
        assert_eq!([0, 1, 2].map(|key| cache.get(&key).is_some()), [true, true, false]);
    }
}
