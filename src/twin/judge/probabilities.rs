//! The distribution of predicted probabilities, where the neuron fires and where it is silent.

use serde::{Deserialize, Serialize};

use super::predict::Judged;

/// Number of equal bins of 0..1, as in the original's histogram.
pub const BINS: usize = 99;

/// Counts of ms in [`BINS`] bins of the predicted probability of a spike; 1 belongs to the last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbabilityCounts {
    /// Counts over the ms in which the neuron fires.
    pub spike: Vec<u64>,
    /// Counts over the ms in which the neuron is silent.
    pub silent: Vec<u64>,
}

impl ProbabilityCounts {
    /// The counts over all simulations.
    #[must_use]
    pub fn of(judged: &[Judged]) -> Self {
        let mut counts = Self { spike: vec![0; BINS], silent: vec![0; BINS] };
        for j in judged {
            for (spike, p) in j.spikes.iter().zip(&j.spikes_predicted) {
                let bin = ((f64::from(*p) * BINS as f64) as usize).min(BINS - 1);
                let of = if *spike { &mut counts.spike } else { &mut counts.silent };
                of[bin] += 1;
            }
        }
        counts
    }

    /// The probability in the middle of a bin.
    #[must_use]
    pub fn middle(bin: usize) -> f64 {
        (bin as f64 + 0.5) / BINS as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ms_is_counted_once() {
        let j = Judged {
            spikes: vec![true, false, false, true, false],
            spikes_predicted: vec![1.0, 0.0, 0.999, 0.5, 0.505],
            ..Judged::default()
        };
        let counts = ProbabilityCounts::of(&[j.clone(), j]);
        assert_eq!((counts.spike[98], counts.spike[49]), (2, 2));
        assert_eq!((counts.silent[0], counts.silent[98], counts.silent[49]), (2, 2, 2));
        let all: u64 = counts.spike.iter().chain(&counts.silent).sum();
        assert_eq!(all, 10);
        assert!((ProbabilityCounts::middle(49) - 0.5).abs() < 1e-12);
    }
}
