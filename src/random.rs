//! Random numbers by counter: the numbers drawn for one purpose do not depend on those drawn for another.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The step between the states of SplitMix64.
#[cfg(feature = "twin")]
pub(crate) const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The number of SplitMix64 that follows the state `x` (Steele et al. 2014); the next state is `x` + [`GOLDEN`].
#[cfg(feature = "twin")]
pub(crate) fn split_mix(x: u64) -> u64 {
    let x = x.wrapping_add(GOLDEN);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// A stream of random numbers, keyed by its purpose.
///
/// ChaCha with 8 rounds (Bernstein 2008), a function of key and counter alone: streams need no order, and the same key
/// gives the same numbers on every machine and in the page. The conversions below are part of the definition of data
/// sets, wirings and perturbations: a change in one of them changes every file.
///
/// The first word of a key is the seed, the second the purpose: 1-3 data sets ([`crate::data::stream`]), 4 the wiring
/// of a filter-and-fire neuron, 5 perturbations.
#[derive(Debug, Clone)]
pub struct RandomStream(ChaCha8Rng);

impl RandomStream {
    /// The stream number `stream` of a key.
    #[must_use]
    pub fn from_key(key: [u64; 4], stream: u64) -> Self {
        let mut bytes = [0; 32];
        for (to, word) in bytes.chunks_exact_mut(8).zip(key) {
            to.copy_from_slice(&word.to_le_bytes());
        }
        let mut rng = ChaCha8Rng::from_seed(bytes);
        rng.set_stream(stream);
        Self(rng)
    }

    /// Uniform in [0, 1), a multiple of 2^-53.
    pub fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (0.5_f64).powi(53)
    }

    /// A number uniform in [from, to).
    pub fn between(&mut self, [from, to]: [f64; 2]) -> f64 {
        from + (to - from) * self.uniform()
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// Uniform among the integers below `n`, which is at least 1, without bias (Lemire 2019).
    pub fn below(&mut self, n: usize) -> usize {
        let n = n.max(1) as u64;
        loop {
            let product = u128::from(self.0.next_u64()) * u128::from(n);
            // without the low halves below 2^64 mod n every result is equally likely: those are drawn again
            if product as u64 >= n.wrapping_neg() % n {
                return (product >> 64) as usize;
            }
        }
    }

    /// Uniform among the integers from `least` to `most`, both included.
    pub fn whole(&mut self, [least, most]: [usize; 2]) -> usize {
        least + self.below(most.saturating_sub(least) + 1)
    }

    /// One of the items, uniformly; `None` where there are no items.
    pub fn choose<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }

    /// `count` different integers below `n`, in ascending order; every such subset is equally likely.
    pub fn subset(&mut self, n: usize, count: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..n).collect();
        let count = count.min(n);
        for i in 0..count {
            let other = i + self.below(n - i);
            all.swap(i, other);
        }
        all.truncate(count);
        all.sort_unstable();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(key: [u64; 4], stream: u64) -> Vec<f64> {
        let mut stream = RandomStream::from_key(key, stream);
        (0..100).map(|_| stream.uniform()).collect()
    }

    #[test]
    fn every_word_of_the_key_and_the_stream_count() {
        let key = [1, 2, 3, 4];
        assert_eq!(draws(key, 5), draws(key, 5));
        assert_ne!(draws(key, 5), draws(key, 6));
        for word in 0..4 {
            let mut other = key;
            other[word] += 1;
            assert_ne!(draws(key, 5), draws(other, 5), "word {word}");
        }
    }

    #[test]
    fn real_numbers_fill_their_range_evenly() {
        let mut stream = RandomStream::from_key([0; 4], 0);
        let draws: Vec<f64> = (0..50_000).map(|_| stream.between([-1.0, 3.0])).collect();
        assert!(draws.iter().all(|x| (-1.0..3.0).contains(x)));
        // six standard errors of the mean, each 4/sqrt(12·50000)
        assert!((draws.iter().sum::<f64>() / 50_000.0 - 1.0).abs() < 0.031);
        assert_eq!(stream.between([2.0, 2.0]), 2.0);
        assert_eq!(stream.choose::<u8>(&[]), None);
    }

    #[test]
    fn every_number_and_subset_comes_up_as_often() {
        let mut stream = RandomStream::from_key([3, 1, 0, 5], 0);
        let (mut numbers, mut members) = ([0_u32; 5], [0_u32; 5]);
        for _ in 0..50_000 {
            numbers[stream.whole([10, 14]) - 10] += 1;
            for i in stream.subset(5, 2) {
                members[i] += 1;
            }
        }
        // counts are binomial with n = 50000: p = 1/5 has a deviation of 89, p = 2/5 of 110; five deviations are
        // allowed
        assert!(numbers.iter().all(|&n| n.abs_diff(10_000) < 5 * 89), "{numbers:?}");
        assert!(members.iter().all(|&n| n.abs_diff(20_000) < 5 * 110), "{members:?}");
    }
}
