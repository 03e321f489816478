//! The agreement of a twin's responses to small changes of the input with the neuron's.

use std::ops::Range;

use serde::Serialize;

use super::metrics::regression;
use super::predict::Judged;
use crate::twin::heads::Head;

/// Time after a perturbation in which its response is compared, ms: a few membrane and NMDA time constants.
pub const RESPONSE_MS: usize = 128;

/// Responses of neuron and twin, collected over pairs.
#[derive(Debug, Clone, Default)]
pub struct Responses {
    num_pairs: usize,
    /// The actual and the predicted changes of each head, pair after pair.
    heads: [(Vec<f32>, Vec<f32>); 5],
    /// For each pair the change of the number of spikes: the actual one, and that of the summed probabilities.
    spikes: Vec<(f32, f32)>,
}

/// The accuracy of the responses. Explained variances are NaN, `null` in JSON, where nothing changed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ResponseAccuracy {
    /// Number of pairs compared.
    pub num_pairs: usize,
    /// Explained variance of the change of the spike probability, percent.
    pub spikes_explained_variance_percent: f64,
    /// Explained variance of the change of the soma voltage, percent.
    pub soma_explained_variance_percent: f64,
    /// Explained variance of the change of the near-spike probability, percent.
    pub near_spike_explained_variance_percent: f64,
    /// Explained variance of the change of the instantaneous rate, percent.
    pub inst_rate_explained_variance_percent: f64,
    /// Explained variance of the change of the dendritic voltages, percent.
    pub dend_v_explained_variance_percent: f64,
    /// Number of pairs whose numbers of spikes differ.
    pub num_pairs_with_other_spikes: usize,
    /// Share of these in which the twin's expected number of spikes changes in the same direction; 0.5 is chance.
    pub spike_direction_agreement: f64,
}

impl Responses {
    /// Adds a pair: a simulation and its partner, both judged, and the range in which their inputs differ (ms of the
    /// simulation).
    pub fn add(&mut self, base: &Judged, partner: &Judged, perturbed_ms: &Range<usize>) {
        let duration = base.spikes.len();
        let at = |ms: usize| ms.saturating_sub(base.from_ms).min(duration);
        let times = at(perturbed_ms.start)..at(perturbed_ms.end + RESPONSE_MS);
        if times.is_empty() || partner.spikes.len() != duration {
            return;
        }
        self.num_pairs += 1;
        let one = |b: bool| f32::from(u8::from(b));
        let events = |of: fn(&Judged) -> &Vec<bool>| -> Vec<f32> {
            let (a, b) = (of(base), of(partner));
            times.clone().map(|t| one(b[t]) - one(a[t])).collect()
        };
        let values = |of: fn(&Judged) -> &Vec<f32>| -> Vec<f32> {
            let (a, b) = (of(base), of(partner));
            // one row, or a row for each segment
            let rows = (0..a.len()).step_by(duration);
            rows.flat_map(|row| times.clone().map(move |t| b[row + t] - a[row + t])).collect()
        };
        let changes = [
            (events(|j| &j.spikes), values(|j| &j.spikes_predicted)),
            (values(|j| &j.soma), values(|j| &j.soma_predicted)),
            (events(|j| &j.near_spike), values(|j| &j.near_spike_predicted)),
            (values(|j| &j.rate), values(|j| &j.rate_predicted)),
            (values(|j| &j.dend), values(|j| &j.dend_predicted)),
        ];
        let (truth, predicted) = &changes[Head::Spikes.at()];
        self.spikes.push((truth.iter().sum(), predicted.iter().sum()));
        for ((truth, predicted), (t, p)) in self.heads.iter_mut().zip(changes) {
            truth.extend(t);
            predicted.extend(p);
        }
    }

    /// The accuracy over all pairs.
    pub fn accuracy(&self) -> ResponseAccuracy {
        let explained = |head: Head| {
            let (truth, predicted) = &self.heads[head.at()];
            regression(truth, predicted).explained_variance_percent
        };
        let changed: Vec<_> = self.spikes.iter().filter(|(truth, _)| *truth != 0.0).collect();
        let agree = changed.iter().filter(|(truth, predicted)| truth * predicted > 0.0).count();
        ResponseAccuracy {
            num_pairs: self.num_pairs,
            spikes_explained_variance_percent: explained(Head::Spikes),
            soma_explained_variance_percent: explained(Head::Soma),
            near_spike_explained_variance_percent: explained(Head::NearSpike),
            inst_rate_explained_variance_percent: explained(Head::InstRate),
            dend_v_explained_variance_percent: explained(Head::DendV),
            num_pairs_with_other_spikes: changed.len(),
            spike_direction_agreement: agree as f64 / changed.len() as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(spikes: &[usize], soma: f32) -> Judged {
        let spikes: Vec<bool> = (0..300).map(|t| spikes.contains(&t)).collect();
        let rate: Vec<f32> = spikes.iter().map(|&s| 0.1 * f32::from(u8::from(s))).collect();
        let soma: Vec<f32> = (0..300).map(|t| soma * (t as f32 / 50.0).sin()).collect();
        Judged {
            from_ms: 100,
            spikes_predicted: rate.clone(),
            near_spike: spikes.clone(),
            near_spike_predicted: rate.clone(),
            spikes,
            soma_predicted: soma.clone(),
            rate_predicted: rate.clone(),
            dend: [soma.clone(), soma.clone()].concat(),
            dend_predicted: [soma.clone(), soma.clone()].concat(),
            soma,
            rate,
        }
    }

    #[test]
    fn a_perfect_twin_explains_everything_within_the_window() {
        let mut responses = Responses::default();
        // the inputs differ in ms 150..160 of the simulation, 50..60 of the window; a new spike at 70 counts, one at
        // 299 is too late
        responses.add(&judged(&[10], 1.0), &judged(&[10, 70, 299], 1.5), &(150..160));
        let found = responses.accuracy();
        assert_eq!(found.num_pairs, 1);
        for explained in [
            found.soma_explained_variance_percent,
            found.inst_rate_explained_variance_percent,
            found.dend_v_explained_variance_percent,
        ] {
            assert_eq!(explained, 100.0);
        }
        // a probability that rises by 0.1 where a spike is new leaves 0.9² of the variance
        assert!((found.spikes_explained_variance_percent - 19.0).abs() < 1e-3, "{found:?}");
        assert_eq!((found.num_pairs_with_other_spikes, found.spike_direction_agreement), (1, 1.0));
        assert_eq!(responses.heads[0].0.len(), 10 + RESPONSE_MS);
        assert_eq!(responses.heads[0].0.iter().sum::<f32>(), 1.0);
        assert_eq!(responses.heads[4].0.len(), 2 * (10 + RESPONSE_MS));
    }

    #[test]
    fn pairs_outside_the_window_are_left_out() {
        let mut responses = Responses::default();
        responses.add(&judged(&[], 1.0), &judged(&[], 1.0), &(400..410));
        assert_eq!(responses.accuracy().num_pairs, 0);
    }
}
