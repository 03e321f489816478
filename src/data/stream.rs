//! The random streams of data sets: the numbers drawn for one simulation do not depend on any other.

use super::layout::Split;
pub use crate::random::RandomStream;

/// The purpose of a random stream. Every pair of seed and purpose has a stream of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The ranges of a chunk, by its number.
    Chunk(u64),
    /// The inputs of a simulation, by its split and number.
    Inputs(Split, u64),
    /// The decision whether a simulation that misses a criterion is dropped, by its split and number.
    Filter(Split, u64),
    /// The axons of [`Mixing`](super::mixing::Mixing) inputs and their weights on the segments.
    Mixing,
}

impl RandomStream {
    /// The stream of this seed for this purpose.
    #[must_use]
    pub fn new(seed: u64, purpose: Purpose) -> Self {
        let (kind, split, index) = match purpose {
            Purpose::Chunk(chunk) => (1, 0, chunk),
            Purpose::Inputs(split, index) => (2, split as u64, index),
            Purpose::Filter(split, index) => (3, split as u64, index),
            Purpose::Mixing => (4, 0, 0),
        };
        Self::from_key([seed, kind, split, index], 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_in_every_word_of_the_key() {
        let first = |seed, purpose| RandomStream::new(seed, purpose).uniform();
        let mut seen = vec![
            first(1, Purpose::Inputs(Split::Train, 0)),
            first(2, Purpose::Inputs(Split::Train, 0)),
            first(1, Purpose::Inputs(Split::Valid, 0)),
            first(1, Purpose::Inputs(Split::Train, 1)),
            first(1, Purpose::Filter(Split::Train, 0)),
            first(1, Purpose::Chunk(0)),
            first(1, Purpose::Mixing),
        ];
        seen.sort_by(f64::total_cmp);
        seen.dedup();
        assert_eq!(seen.len(), 7);
    }

    #[test]
    fn the_numbers_are_pinned() {
        // a data set's files depend on these: they may never change
        let mut stream = RandomStream::new(42, Purpose::Inputs(Split::Test, 7));
        let drawn = [stream.uniform(), stream.between([2.0, 4.5]), stream.below(1000) as f64];
        assert_eq!(drawn, PINNED);
    }

    const PINNED: [f64; 3] = [0.998_022_979_291_042_9, 3.788_866_599_390_853, 729.0];
}
