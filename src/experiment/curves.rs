//! Input-output curves: the response of a neuron to one, two, three ... synapses that are active at the same time.

use super::ready::{in_draft_steps, ready};
use super::{Experiment, SynapticEvent};
use crate::sim::batch::BatchRecorder;
use crate::sim::{Inputs, NeuronParams, SimError};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// One curve: a neuron, and synapses that are added one by one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputOutput {
    /// The neuron.
    pub params: NeuronParams,
    /// The segments of the first, the second ... synapse; after the last segment the order begins anew.
    pub order: Vec<usize>,
    /// Weight of each synapse's event.
    pub weight: f64,
    /// The numbers of active synapses, one a point of the curve.
    pub counts: Vec<usize>,
    /// The segment whose voltage is recorded besides the soma's.
    pub probe: usize,
    /// Time at which the synapses are active, ms.
    pub start_ms: usize,
    /// Duration of the simulation, ms.
    pub duration_ms: usize,
}

/// A point of a curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// Number of synapses.
    pub count: usize,
    /// The soma's peak depolarisation: its highest voltage from the input on, above the voltage before the input, mV.
    pub soma_mv: f64,
    /// The peak depolarisation of the probed segment, mV.
    pub dend_mv: f64,
    /// Number of the soma's spikes.
    pub spikes: usize,
}

/// The points of several curves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Responses {
    /// The points, curve by curve.
    pub curves: Vec<Vec<Response>>,
    /// Whether the points are a [draft](InputOutput::draft), good enough for a figure but not for numbers.
    pub draft: bool,
}

/// The weight of `count` synapses together, rounded to six decimals.
pub fn of_several(count: u32, weight: f64) -> f64 {
    (f64::from(count) * weight * 1e6).round() / 1e6
}

/// The events of `count` synapses active at `t_ms`; those on one segment are one event of their summed weight.
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
    /// The experiment behind the point of `count` synapses.
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

    /// Simulates the point of `count` synapses.
    ///
    /// # Errors
    /// The errors of [`Experiment::run`].
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
            soma_mv: rise(
                or_nan(soma.first()),
                soma.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            ),
            dend_mv: rise(or_nan(before), or_nan(peak)),
            spikes: outcome.spikes_ms.len(),
        })
    }
}

impl InputOutput {
    /// [All points at once](Self::respond_all) in steps of a tenth of a millisecond, in a quarter of the time: in a
    /// figure the curve looks the same, but the soma may fire at one synapse more or less.
    ///
    /// # Errors
    /// The errors of [`respond`](Self::respond).
    pub fn draft(&self) -> Result<Vec<Response>, SimError> {
        match in_draft_steps(&self.params) {
            Some(params) => Self { params, ..self.clone() }.respond_all(),
            None => self.respond_all(),
        }
    }

    /// All points by the batch path in single precision. They are within a hundredth of [`respond`](Self::respond),
    /// except near a spike: dendritic voltages are recorded each ms, so that the peak of a spike is missed there.
    ///
    /// # Errors
    /// The errors of [`respond`](Self::respond).
    pub fn respond_all(&self) -> Result<Vec<Response>, SimError> {
        let inputs: Vec<Inputs> =
            self.counts.iter().map(|count| self.experiment(*count).all_inputs()).collect();
        let mut peaks = vec![Peaks::new(self); inputs.len()];
        let simulator = ready(&self.params)?;
        simulator.run(&inputs, &mut peaks, &mut |_| ControlFlow::Continue(()))?;
        Ok(self.counts.iter().zip(peaks).map(|(count, peaks)| peaks.response(*count)).collect())
    }
}

/// The recorder of a point: the highest voltages from the input on, and the spikes.
#[derive(Clone)]
struct Peaks {
    start_ms: usize,
    probe: usize,
    threshold_mv: f64,
    /// Voltage before the input and the highest since, of soma and segment, mV.
    soma: [f64; 2],
    dend: [f64; 2],
    spikes: usize,
    /// The last two samples, from which a peak between them and the next is found.
    last: [f64; 2],
}

impl Peaks {
    fn new(of: &InputOutput) -> Self {
        let (soma, dend) = ([f64::NAN; 2], [f64::NAN; 2]);
        let (start_ms, probe, threshold_mv) = (of.start_ms, of.probe, of.params.spike_threshold_mv);
        Self { start_ms, probe, threshold_mv, soma, dend, spikes: 0, last: [f64::NAN; 2] }
    }

    fn response(&self, count: usize) -> Response {
        let rise = |[before, highest]: [f64; 2]| highest - before;
        Response { count, soma_mv: rise(self.soma), dend_mv: rise(self.dend), spikes: self.spikes }
    }
}

impl BatchRecorder for Peaks {
    fn record(&mut self, ms: usize, v_soma: &[f64], v_dend: &[f64]) {
        let raise = |peak: &mut [f64; 2], v: f64| {
            *peak = if peak[0].is_nan() { [v; 2] } else { [peak[0], peak[1].max(v)] };
        };
        for &v in v_soma {
            let [before, at] = self.last;
            if before < at && at >= v && at >= self.threshold_mv {
                self.spikes += 1;
            }
            self.last = [at, v];
            if ms >= self.start_ms {
                raise(&mut self.soma, v);
            }
        }
        if let Some(&v) = v_dend.get(self.probe).filter(|_| ms >= self.start_ms) {
            raise(&mut self.dend, v);
        }
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
        // the segments in order are 4 5 4, then 4 5
        assert_eq!(found, [(4, 1.5, 7), (5, 1.0, 7)]);
        assert_eq!(at_once(&[4], 3, 0.1, 7)[0].weight, 0.3);
        assert!(at_once(&[], 3, 1.0, 0).is_empty());
        assert!(at_once(&[1], 0, 1.0, 0).is_empty());
    }

    #[test]
    fn more_synapses_more_voltage_and_none_is_none() {
        let curve = curve(0.0008);
        let found = [0, 1, 20].map(|count| curve.respond(count).unwrap());
        // without an input the neuron drifts to its resting voltage, by less than 3 mV
        assert!(found[0].dend_mv < 3.0 && found[0].spikes == 0, "{found:?}");
        assert!(found[1].dend_mv > found[0].dend_mv && found[2].dend_mv > found[1].dend_mv);
        let alone = self::curve(0.0).respond(20).unwrap();
        assert!(found[2].dend_mv > alone.dend_mv, "NMDA adds");
    }

    #[test]
    fn all_points_at_once_are_the_curve() {
        // synapses far from the soma, which do not make it fire, and beside the soma, which do
        for (order, fires) in [(vec![4, 5], false), (vec![0], true)] {
            let counts = (0..=40).step_by(4).collect();
            let curve = InputOutput { counts, probe: order[0], order, ..curve(0.0008) };
            let found = curve.respond_all().unwrap();
            assert_eq!(found.iter().map(|r| r.count).collect::<Vec<_>>(), curve.counts);
            for found in &found {
                let exact = curve.respond(found.count).unwrap();
                assert_eq!(found.spikes, exact.spikes, "{}", found.count);
                // single precision errs by 2e-3 mV (root mean square); in a spike, which rises by some 100 mV a ms, a
                // time that is off by a hundredth of a step is visible
                let bound = if exact.spikes > 0 { 1.0 } else { 0.02 };
                assert!((found.soma_mv - exact.soma_mv).abs() < bound, "{found:?} {exact:?}");
                // the batch path records dendritic voltages each ms only: the peak of a synaptic potential lies at most
                // a hundredth of its height above the samples, that of a spike tens of millivolts
                let missed =
                    if exact.spikes > 0 { f64::INFINITY } else { 0.1 + 0.01 * exact.dend_mv };
                let below = exact.dend_mv - found.dend_mv;
                assert!(below > -bound && below < missed, "{found:?} {exact:?}");
            }
            assert_eq!(found.last().is_some_and(|most| most.spikes > 0), fires, "{found:?}");
        }
        let none = InputOutput { probe: 99, ..self::curve(0.0) }.respond_all().unwrap();
        assert!(none.iter().all(|r| r.dend_mv.is_nan() && r.soma_mv.is_finite()));
    }

    #[test]
    fn the_draft_is_the_curve_to_the_eye() {
        // lesson 3's curves, of a soma without channels: the first panel is 90 mV and 170 pixels high, and the second
        // shows the effect of a further input with 80 pixels for some 20 mV
        for g_max_nmda in [0.0, 0.0008] {
            let passive = self::curve(g_max_nmda);
            let params = NeuronParams { rho_factor: 0.0, ..passive.params };
            let counts = (0..=30).collect();
            let curve = InputOutput { params, order: vec![4], counts, ..passive };
            let (draft, fine) = (curve.draft().unwrap(), curve.respond_all().unwrap());
            assert_eq!(draft.len(), 31);
            let mut last = 0.0;
            for (a, b) in draft.iter().zip(&fine) {
                assert_eq!((a.count, a.spikes), (b.count, 0));
                assert!((a.soma_mv - b.soma_mv).abs() < 0.1, "{a:?} {b:?}");
                let off = a.dend_mv - b.dend_mv;
                // a pixel, and a hundredth of the depolarisation
                assert!(off.abs() < 0.53 + 0.01 * b.dend_mv, "{a:?} {b:?}");
                assert!((off - last).abs() < 0.25, "{a:?} {b:?}");
                last = off;
            }
        }
        // with its channels the soma fires at the same number of synapses, or one more or less
        let counts = (0..=40).collect();
        let curve = InputOutput { counts, order: vec![0], probe: 0, ..curve(0.0008) };
        let fires = |curve: Vec<Response>| curve.into_iter().find(|r| r.spikes > 0).unwrap().count;
        let [draft, fine] = [curve.draft(), curve.respond_all()].map(|c| fires(c.unwrap()));
        assert!(draft.abs_diff(fine) <= 1, "{draft} {fine}");
    }

    #[test]
    fn a_segment_that_is_not_there_is_seen_as_no_number() {
        let response = InputOutput { probe: 99, ..curve(0.0) }.respond(1).unwrap();
        assert!(response.dend_mv.is_nan() && response.soma_mv.is_finite());
    }
}
