//! Random inputs as in the original's data sets, each from a random stream of its own.
//!
//! Once a chunk the ranges are drawn; from them, once a simulation, its largest weights, its sparsities and its
//! modulated intervals, then its bins. A file's inputs depend on the configuration, the seed, the split, the
//! simulation's number, the segments and the duration alone: not on threads, shards or order.
//!
//! ```
//! use ballstick::data::generate::generate;
//! use ballstick::data::{GeneratorConfig, Split};
//!
//! let config = GeneratorConfig::default();
//! let one = generate(&config, 7, Split::Train, 3, 8, 1024);
//! assert_eq!(one.inputs, generate(&config, 7, Split::Train, 3, 8, 1024).inputs);
//! assert!(one.draw.exc_magnitude >= 2.0 && one.draw.exc_magnitude < 7.0);
//! ```

use super::config::{EndRanges, GeneratorConfig};
use super::half::to_f16;
use super::layout::Split;
use super::stream::{Purpose, RandomStream};
use crate::sim::Inputs;

/// The ranges from which a simulation's four numbers are drawn, the same for all simulations of a chunk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChunkRanges {
    /// Largest excitatory weight.
    pub exc_magnitude: [f64; 2],
    /// Largest inhibitory weight.
    pub inh_magnitude: [f64; 2],
    /// Probability of an empty excitatory bin.
    pub exc_sparsity: [f64; 2],
    /// Probability of an empty inhibitory bin.
    pub inh_sparsity: [f64; 2],
}

impl ChunkRanges {
    /// Draws the ranges of a chunk.
    #[must_use]
    pub fn draw(config: &GeneratorConfig, seed: u64, chunk: u64) -> Self {
        let mut stream = RandomStream::new(seed, Purpose::Chunk(chunk));
        let mut ends = |[low, high]: EndRanges| [stream.between(low), stream.between(high)];
        Self {
            exc_magnitude: ends(config.exc_magnitude),
            inh_magnitude: ends(config.inh_magnitude),
            exc_sparsity: ends(config.exc_sparsity),
            inh_sparsity: ends(config.inh_sparsity),
        }
    }
}

/// A stretch of time in which some segments' weights are multiplied.
#[derive(Debug, Clone, PartialEq)]
pub struct Interval {
    /// First bin of the interval, ms.
    pub start_ms: usize,
    /// Length of the interval, ms.
    pub duration_ms: usize,
    /// The factor of the weights.
    pub factor: f64,
    /// Segments whose excitation is multiplied.
    pub exc_segments: Vec<usize>,
    /// Segments whose inhibition is multiplied.
    pub inh_segments: Vec<usize>,
}

/// The numbers drawn for one simulation before its bins.
#[derive(Debug, Clone, PartialEq)]
pub struct Draw {
    /// Upper bound of the excitatory weights before modulation.
    pub exc_magnitude: f64,
    /// Upper bound of the inhibitory weights before modulation.
    pub inh_magnitude: f64,
    /// Probability of an empty excitatory bin.
    pub exc_sparsity: f64,
    /// Probability of an empty inhibitory bin.
    pub inh_sparsity: f64,
    /// The modulated intervals, in the order in which they apply.
    pub intervals: Vec<Interval>,
}

/// A simulation's inputs and the numbers that they were drawn with.
#[derive(Debug, Clone, PartialEq)]
pub struct Generated {
    /// The numbers drawn before the bins.
    pub draw: Draw,
    /// The weights, each a half-precision number, so that a file holds exactly what is simulated.
    pub inputs: Inputs,
}

/// The inputs of simulation `index` of a split, for a neuron of `num_segments` segments.
#[must_use]
pub fn generate(
    config: &GeneratorConfig,
    seed: u64,
    split: Split,
    index: u64,
    num_segments: usize,
    duration_ms: usize,
) -> Generated {
    let chunk = index / config.per_chunk(split).max(1);
    let ranges = ChunkRanges::draw(config, seed, chunk);
    let mut stream = RandomStream::new(seed, Purpose::Inputs(split, index));
    let draw = Draw {
        exc_magnitude: stream.between(ranges.exc_magnitude),
        exc_sparsity: stream.between(ranges.exc_sparsity),
        inh_magnitude: stream.between(ranges.inh_magnitude),
        inh_sparsity: stream.between(ranges.inh_sparsity),
        intervals: intervals(config, &mut stream, num_segments, duration_ms),
    };
    let bins = num_segments * duration_ms;
    let exc = weights(&mut stream, bins, draw.exc_magnitude, draw.exc_sparsity);
    let inh = weights(&mut stream, bins, draw.inh_magnitude, draw.inh_sparsity);
    let mut inputs = Inputs { num_segments, duration_ms, exc, inh };
    for interval in &draw.intervals {
        multiply(&mut inputs.exc, duration_ms, interval, &interval.exc_segments);
        multiply(&mut inputs.inh, duration_ms, interval, &interval.inh_segments);
    }
    Generated { draw, inputs }
}

/// Random inputs of the default configuration: simulation `index` of a split.
#[must_use]
pub fn random_inputs(
    seed: u64,
    split: Split,
    index: u64,
    num_segments: usize,
    duration_ms: usize,
) -> Inputs {
    let config = GeneratorConfig::default();
    generate(&config, seed, split, index, num_segments, duration_ms).inputs
}

fn intervals(
    config: &GeneratorConfig,
    stream: &mut RandomStream,
    num_segments: usize,
    duration_ms: usize,
) -> Vec<Interval> {
    if !stream.chance(config.modulation_probability) {
        return Vec::new();
    }
    // 1 to n - 1 segments; of a single segment, that one
    let sizes = [1, (num_segments - 1).max(1)];
    let count = stream.whole(config.num_intervals);
    let one = |_| {
        let wanted = stream.whole(config.interval_ms);
        let exc_count = stream.whole(sizes);
        let exc_segments = stream.subset(num_segments, exc_count);
        let inh_count = stream.whole(sizes);
        let inh_segments = stream.subset(num_segments, inh_count);
        let factor = choose(stream, &config.factors, &config.factor_probabilities);
        // an interval longer than the simulation is cut to its length
        let duration = wanted.min(duration_ms);
        let start_ms = stream.below((duration_ms - duration).max(1));
        Interval { start_ms, duration_ms: duration, factor, exc_segments, inh_segments }
    };
    (0..count).map(one).collect()
}

fn choose(stream: &mut RandomStream, values: &[f64], probabilities: &[f64]) -> f64 {
    let u = stream.uniform();
    let mut upto = 0.0;
    for (value, p) in values.iter().zip(probabilities) {
        upto += p;
        if u < upto {
            return *value;
        }
    }
    // rounding may leave the sum of the probabilities a digit short of 1
    let possible = values.iter().zip(probabilities).rev().find(|(_, p)| **p > 0.0);
    possible.map_or(1.0, |(value, _)| *value)
}

/// One random number u a bin: where u is below the sparsity the bin is empty, otherwise the rest of u, scaled to
/// 0..`magnitude`, is the weight.
fn weights(stream: &mut RandomStream, bins: usize, magnitude: f64, sparsity: f64) -> Vec<f64> {
    let scale = magnitude / (1.0 - sparsity);
    (0..bins)
        .map(|_| {
            let u = stream.uniform();
            if u < sparsity { 0.0 } else { rounded((u - sparsity) * scale) }
        })
        .collect()
}

fn multiply(weights: &mut [f64], duration_ms: usize, interval: &Interval, segments: &[usize]) {
    for segment in segments {
        let from = segment * duration_ms + interval.start_ms;
        for weight in &mut weights[from..from + interval.duration_ms] {
            *weight = rounded(*weight * interval.factor);
        }
    }
}

/// Rounds to half precision; many overlapping intervals may not push a weight beyond its largest number, 65504.
fn rounded(weight: f64) -> f64 {
    f64::from(to_f16(weight.min(65_504.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: usize = 8192;

    fn many(count: u64) -> impl Iterator<Item = Generated> {
        let config = GeneratorConfig::default();
        (0..count).map(move |i| generate(&config, 11, Split::Train, i, 8, T))
    }

    /// Each statistic below is a mean over `n` independent draws of known deviation; five of its standard errors
    /// leave one chance in two million of a false alarm, had the seed not been fixed.
    fn assert_near(what: &str, found: f64, expected: f64, deviation: f64, n: f64) {
        let bound = 5.0 * deviation / n.sqrt();
        assert!((found - expected).abs() < bound, "{what}: {found}, not {expected} ± {bound}");
    }

    #[test]
    fn bins_are_empty_and_filled_as_drawn() {
        for Generated { draw, inputs } in many(40).filter(|g| g.draw.intervals.is_empty()) {
            let kinds = [
                ("exc", &inputs.exc, draw.exc_sparsity, draw.exc_magnitude),
                ("inh", &inputs.inh, draw.inh_sparsity, draw.inh_magnitude),
            ];
            for (what, weights, sparsity, magnitude) in kinds {
                let n = weights.len() as f64;
                let filled: Vec<f64> = weights.iter().copied().filter(|w| *w > 0.0).collect();
                let empty = 1.0 - filled.len() as f64 / n;
                assert_near(what, empty, sparsity, (sparsity * (1.0 - sparsity)).sqrt(), n);
                // the weights are uniform in [0, m): mean m/2, variance m²/12; their squares have mean m²/3, variance
                // 4m⁴/45
                let (m, k) = (magnitude, filled.len() as f64);
                let mean = filled.iter().sum::<f64>() / k;
                let square = filled.iter().map(|w| w * w).sum::<f64>() / k;
                assert_near(what, mean, m / 2.0, m / 12.0_f64.sqrt(), k);
                assert_near(what, square, m * m / 3.0, m * m * (4.0_f64 / 45.0).sqrt(), k);
                // half precision may round the largest weight up to the magnitude itself, by at most 2^-9 below 8
                assert!(filled.iter().all(|w| *w <= m + 2.0_f64.powi(-9)));
            }
        }
    }

    #[test]
    fn every_weight_is_a_half_precision_number() {
        let modulated = many(20).find(|g| g.draw.intervals.len() > 10).unwrap();
        let both = modulated.inputs.exc.iter().chain(&modulated.inputs.inh);
        assert!(both.copied().all(|w| f64::from(to_f16(w)) == w && w.is_finite()));
    }

    #[test]
    fn intervals_come_as_often_as_configured() {
        let draws: Vec<Draw> = {
            let config = GeneratorConfig::default();
            // short simulations have the same distribution of intervals, apart from their lengths
            (0..2000).map(|i| generate(&config, 5, Split::Valid, i, 8, 600).draw).collect()
        };
        let modulated: Vec<&Draw> = draws.iter().filter(|d| !d.intervals.is_empty()).collect();
        let share = modulated.len() as f64 / 2000.0;
        assert_near("modulated", share, 0.4, (0.4_f64 * 0.6).sqrt(), 2000.0);
        // counts are integers 6..23: mean 14.5, variance (18² - 1)/12
        let counts = modulated.iter().map(|d| d.intervals.len() as f64);
        let (n, least) = (modulated.len() as f64, counts.clone().fold(f64::MAX, f64::min));
        assert_near("count", counts.clone().sum::<f64>() / n, 14.5, (323.0_f64 / 12.0).sqrt(), n);
        assert_eq!((least, counts.fold(0.0, f64::max)), (6.0, 23.0));

        let all: Vec<&Interval> = modulated.iter().flat_map(|d| &d.intervals).collect();
        let n = all.len() as f64;
        let mean =
            |f: &dyn Fn(&Interval) -> usize| all.iter().map(|i| f(i) as f64).sum::<f64>() / n;
        // lengths are 240 integers, 16..255; numbers of segments are 7 integers, 1..7
        assert_near("length", mean(&|i| i.duration_ms), 135.5, (57_599.0_f64 / 12.0).sqrt(), n);
        assert_near("exc segments", mean(&|i| i.exc_segments.len()), 4.0, 2.0, n);
        assert_near("inh segments", mean(&|i| i.inh_segments.len()), 4.0, 2.0, n);
        assert!(all.iter().all(|i| (16..=255).contains(&i.duration_ms)));
        assert!(all.iter().all(|i| i.start_ms + i.duration_ms <= 600));
        assert!(all.iter().all(|i| (1..=7).contains(&i.exc_segments.len())));

        let config = GeneratorConfig::default();
        for (factor, p) in config.factors.iter().zip(&config.factor_probabilities) {
            let share = all.iter().filter(|i| i.factor == *factor).count() as f64 / n;
            assert_near(&format!("factor {factor}"), share, *p, (p * (1.0 - p)).sqrt(), n);
        }
        // every segment occurs as often as another: in 4 of 8
        for segment in 0..8 {
            let share = all.iter().filter(|i| i.exc_segments.contains(&segment)).count() as f64 / n;
            assert_near(&format!("segment {segment}"), share, 0.5, 0.5, n);
        }
    }

    #[test]
    fn intervals_multiply_their_bins_and_no_others() {
        let config = GeneratorConfig { modulation_probability: 1.0, ..Default::default() };
        let plain = GeneratorConfig { factors: vec![1.0], ..config.clone() };
        let plain = GeneratorConfig { factor_probabilities: vec![1.0], ..plain };
        let with = generate(&config, 3, Split::Test, 9, 8, 2000);
        let without = generate(&plain, 3, Split::Test, 9, 8, 2000).inputs;
        let mut expected = without.exc;
        for interval in &with.draw.intervals {
            for s in &interval.exc_segments {
                for t in interval.start_ms..interval.start_ms + interval.duration_ms {
                    let weight = &mut expected[s * 2000 + t];
                    *weight = f64::from(to_f16(*weight * interval.factor));
                }
            }
        }
        assert_eq!(with.inputs.exc, expected);
    }

    #[test]
    fn a_chunk_shares_its_ranges_and_the_next_has_others() {
        let config = GeneratorConfig::default();
        let ranges: Vec<ChunkRanges> =
            (0..300).map(|chunk| ChunkRanges::draw(&config, 1, chunk)).collect();
        let n = ranges.len() as f64;
        let mean = |f: &dyn Fn(&ChunkRanges) -> f64| ranges.iter().map(f).sum::<f64>() / n;
        let deviation = |width: f64| width / 12.0_f64.sqrt();
        assert_near("exc low", mean(&|r| r.exc_magnitude[0]), 3.25, deviation(2.5), n);
        assert_near("exc high", mean(&|r| r.exc_magnitude[1]), 6.0, deviation(2.0), n);
        assert_near("inh low", mean(&|r| r.inh_magnitude[0]), 2.75, deviation(1.5), n);
        assert_near("inh high", mean(&|r| r.inh_magnitude[1]), 5.5, deviation(3.0), n);
        assert_near("exc sparse low", mean(&|r| r.exc_sparsity[0]), 0.935, deviation(0.03), n);
        assert_near("exc sparse high", mean(&|r| r.exc_sparsity[1]), 0.975, deviation(0.01), n);
        assert_near("inh sparse low", mean(&|r| r.inh_sparsity[0]), 0.945, deviation(0.03), n);
        assert_near("inh sparse high", mean(&|r| r.inh_sparsity[1]), 0.98, deviation(0.02), n);
        for (index, Generated { draw, .. }) in many(48).enumerate() {
            let r = ChunkRanges::draw(&config, 11, index as u64 / 24);
            let within = |x: f64, [a, b]: [f64; 2]| a <= x && x <= b;
            assert!(within(draw.exc_magnitude, r.exc_magnitude));
            assert!(within(draw.inh_magnitude, r.inh_magnitude));
            assert!(within(draw.exc_sparsity, r.exc_sparsity));
            assert!(within(draw.inh_sparsity, r.inh_sparsity));
        }
    }

    #[test]
    fn one_segment_and_short_simulations_are_no_exception() {
        let config = GeneratorConfig { modulation_probability: 1.0, ..Default::default() };
        for (segments, duration) in [(1, 1), (1, 300), (2, 17), (8, 256)] {
            let one = generate(&config, 0, Split::Train, 0, segments, duration);
            assert_eq!(one.inputs.exc.len(), segments * duration);
            assert!(one.inputs.validate(segments).is_ok());
        }
        let silent = GeneratorConfig { exc_sparsity: [[1.0; 2]; 2], ..Default::default() };
        let one = generate(&silent, 0, Split::Train, 0, 4, 100);
        assert!(one.inputs.exc.iter().all(|w| *w == 0.0));
    }
}
