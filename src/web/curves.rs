//! Input-output curves: how a neuron answers one, two, three ... synapses that are active at the
//! same time. Nothing here knows the browser.

use super::experiment::{Experiment, SynapticEvent};
use super::settings::highest;
use crate::sim::{NeuronParams, SimError};
use serde::{Deserialize, Serialize};

/// One curve: a neuron, and synapses that are added one by one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputOutput {
    /// The neuron.
    pub params: NeuronParams,
    /// The segment of the first synapse, of the second, ...; after the last it begins anew.
    pub order: Vec<usize>,
    /// Weight of each.
    pub weight: f64,
    /// The numbers of synapses.
    pub counts: Vec<usize>,
    /// The segment that is looked at besides the soma.
    pub probe: usize,
    /// When they are active, ms.
    pub start_ms: usize,
    /// How long is simulated, ms.
    pub duration_ms: usize,
}

/// A point of a curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// Number of synapses.
    pub count: usize,
    /// The soma's highest voltage above the one before the input, mV.
    pub soma_mv: f64,
    /// The same of the segment looked at, at every step, mV.
    pub dend_mv: f64,
    /// Spikes.
    pub spikes: usize,
}

/// The weight of several synapses, without the digits that sums of floats leave behind.
pub fn of_several(count: u32, weight: f64) -> f64 {
    (f64::from(count) * weight * 1e6).round() / 1e6
}

/// `count` synapses active at once, those of a segment as one event of their summed weight.
pub fn at_once(order: &[usize], count: usize, weight: f64, t_ms: usize) -> Vec<SynapticEvent> {
    let mut counts: Vec<(usize, u32)> = Vec::new();
    for &segment in order.iter().cycle().take(count) {
        match counts.iter_mut().find(|(there, _)| *there == segment) {
            Some((_, count)) => *count += 1,
            None => counts.push((segment, 1)),
        }
    }
    let event = |(segment, count)| {
        let weight = of_several(count, weight);
        SynapticEvent { segment, t_ms, excitatory: true, weight }
    };
    counts.into_iter().map(event).collect()
}

impl InputOutput {
    /// The simulation behind a point.
    pub fn experiment(&self, count: usize) -> Experiment {
        Experiment {
            params: self.params.clone(),
            duration_ms: self.duration_ms,
            clamp: None,
            events: at_once(&self.order, count, self.weight, self.start_ms),
            close_up: None,
            watch: Vec::new(),
        }
    }

    /// Simulates a point.
    ///
    /// # Errors
    /// As [`Experiment::run`].
    pub fn respond(&self, count: usize) -> Result<Response, SimError> {
        let outcome = self.experiment(count).run()?;
        let rise = |before: f64, peak: f64| before.max(peak) - before;
        let start = self.start_ms * self.params.samples_per_ms;
        let soma = outcome.soma_mv.get(start..).unwrap_or_default();
        let before = outcome.dend_mv.get(self.probe * (self.duration_ms + 1) + self.start_ms);
        let peak = outcome.dend_peaks_mv.get(self.probe);
        let or_nan = |mv: Option<&f64>| mv.copied().unwrap_or(f64::NAN);
        Ok(Response {
            count,
            soma_mv: rise(or_nan(soma.first()), highest(soma)),
            dend_mv: rise(or_nan(before), or_nan(peak)),
            spikes: outcome.spikes_ms.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(g_max_nmda: f64) -> InputOutput {
        InputOutput {
            params: NeuronParams { g_max_nmda, ..NeuronParams::default() },
            order: vec![4, 5],
            weight: 1.0,
            counts: vec![0, 1, 2],
            probe: 4,
            start_ms: 20,
            duration_ms: 100,
        }
    }

    #[test]
    fn synapses_go_round_and_those_of_a_segment_are_one_event() {
        let events = at_once(&[4, 5, 4], 5, 0.5, 7);
        let found: Vec<_> = events.iter().map(|e| (e.segment, e.weight, e.t_ms)).collect();
        // 4 5 4, 4 5
        assert_eq!(found, [(4, 1.5, 7), (5, 1.0, 7)]);
        assert_eq!(at_once(&[4], 3, 0.1, 7)[0].weight, 0.3);
        assert!(at_once(&[], 3, 1.0, 0).is_empty());
        assert!(at_once(&[1], 0, 1.0, 0).is_empty());
    }

    #[test]
    fn more_synapses_more_voltage_and_none_is_none() {
        let curve = curve(0.0008);
        let found = [0, 1, 20].map(|count| curve.respond(count).unwrap());
        // without an input the neuron drifts to its rest, by less than 3 mV
        assert!(found[0].dend_mv < 3.0 && found[0].spikes == 0, "{found:?}");
        assert!(found[1].dend_mv > found[0].dend_mv && found[2].dend_mv > found[1].dend_mv);
        let alone = self::curve(0.0).respond(20).unwrap();
        assert!(found[2].dend_mv > alone.dend_mv, "NMDA adds");
    }

    #[test]
    fn a_segment_that_is_not_there_is_seen_as_no_number() {
        let response = InputOutput { probe: 99, ..curve(0.0) }.respond(1).unwrap();
        assert!(response.dend_mv.is_nan() && response.soma_mv.is_finite());
    }
}
