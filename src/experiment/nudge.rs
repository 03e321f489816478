//! A change of one input spike: the change itself, the changed input, and the neuron's response.

use super::outputs::Outputs;
use super::{Experiment, Outcome, events};
use crate::data::Targets;
use crate::sim::{Inputs, NeuronParams};
use ndarray::{ArrayView1, ArrayView2};

/// The first milliseconds of a simulation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stretch {
    /// Number of segments.
    pub segments: usize,
    /// Excitatory weights, a row a segment.
    pub exc: Vec<f64>,
    /// Inhibitory weights, a row a segment.
    pub inh: Vec<f64>,
    /// Capped soma voltage, mV.
    pub soma_mv: Vec<f64>,
    /// Spikes, 0 or 1 a ms.
    pub spikes: Vec<f64>,
}

impl Stretch {
    /// Length of the stretch, ms.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "nobody asks")]
    pub fn len(&self) -> usize {
        self.exc.len() / self.segments.max(1)
    }
}

/// The kind of change of one spike.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Change {
    /// A new excitatory spike.
    #[default]
    Excite,
    /// A new inhibitory spike.
    Inhibit,
    /// Removal of the spike of the segment that is nearest in time.
    Remove,
}

/// A change of one input spike.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Nudge {
    /// The kind of change.
    pub change: Change,
    /// The spike's segment, from 0.
    pub segment: usize,
    /// The spike's time, ms.
    pub ms: usize,
    /// Weight of a new spike.
    pub weight: f64,
}

/// A changed input, and the place of the change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Nudged {
    /// Excitatory weights, a row a segment.
    pub exc: Vec<f64>,
    /// Inhibitory weights, a row a segment.
    pub inh: Vec<f64>,
    /// Segment and millisecond of the change; `None` where no spike could be changed.
    pub at: Option<(usize, usize)>,
}

impl Nudge {
    /// The stretch's input with the change made.
    #[must_use]
    pub fn apply(self, stretch: &Stretch) -> Nudged {
        let (len, row) = (stretch.len(), self.segment.min(stretch.segments.saturating_sub(1)));
        let (mut exc, mut inh) = (stretch.exc.clone(), stretch.inh.clone());
        if len == 0 {
            return Nudged { exc, inh, at: None };
        }
        let ms = self.ms.min(len - 1);
        let at = match self.change {
            Change::Excite => {
                exc[row * len + ms] += self.weight;
                Some((row, ms))
            }
            Change::Inhibit => {
                inh[row * len + ms] += self.weight;
                Some((row, ms))
            }
            Change::Remove => {
                let there = |at: &usize| exc[row * len + at] > 0.0 || inh[row * len + at] > 0.0;
                let nearest = (0..len).filter(there).min_by_key(|at| at.abs_diff(ms));
                nearest.inspect(|at| {
                    exc[row * len + at] = 0.0;
                    inh[row * len + at] = 0.0;
                });
                nearest.map(|at| (row, at))
            }
        };
        Nudged { exc, inh, at }
    }
}

/// The simulation of an input: excitatory and inhibitory weights, a row a segment.
#[must_use]
pub fn experiment(params: &NeuronParams, exc: &[f64], inh: &[f64]) -> Experiment {
    let duration_ms = exc.len() / params.num_rows().max(1);
    let num_segments = params.num_rows();
    let inputs = Inputs { num_segments, duration_ms, exc: exc.to_vec(), inh: inh.to_vec() };
    Experiment::of_events(params.clone(), duration_ms, events(&inputs))
}

/// A simulation's targets in the form of a twin's outputs.
#[must_use]
pub fn targets(params: &NeuronParams, outcome: &Outcome) -> Outputs {
    let rows = params.num_rows();
    let soma = ArrayView1::from(&outcome.soma_mv.0);
    // the last sample is at the end of the last ms
    let columns = outcome.dend_mv.len() / rows.max(1);
    let Ok(dend) = ArrayView2::from_shape((rows, columns), &outcome.dend_mv.0) else {
        return Outputs::default();
    };
    let ms = (soma.len().saturating_sub(1)) / params.samples_per_ms.max(1);
    let dend = dend.slice_move(ndarray::s![.., ..ms.min(columns)]);
    let targets = Targets::derive(&params.readout(), soma, dend);
    Outputs::of(&targets, 0..targets.spikes.len())
}

/// Values after a change minus those before it.
#[must_use]
pub fn difference(after: &[f64], before: &[f64]) -> Vec<f64> {
    after.iter().zip(before).map(|(a, b)| a - b).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch() -> Stretch {
        let mut exc = vec![0.0; 8 * 300];
        exc[3 * 300 + 120] = 2.0;
        let inh = vec![0.0; 8 * 300];
        Stretch { segments: 8, exc, inh, soma_mv: vec![-80.0; 300], spikes: vec![0.0; 300] }
    }

    #[test]
    fn one_spike_changes_and_nothing_else() {
        let base = stretch();
        for change in [Change::Excite, Change::Inhibit, Change::Remove] {
            let nudged = Nudge { change, segment: 3, ms: 118, weight: 1.5 }.apply(&base);
            let changed = |a: &[f64], b: &[f64]| a.iter().zip(b).filter(|(a, b)| a != b).count();
            let count = changed(&nudged.exc, &base.exc) + changed(&nudged.inh, &base.inh);
            assert_eq!(count, 1, "{change:?}");
            let ms = if change == Change::Remove { 120 } else { 118 };
            assert_eq!(nudged.at, Some((3, ms)));
        }
        let silent =
            Nudge { change: Change::Remove, segment: 0, ms: 118, weight: 1.0 }.apply(&base);
        assert_eq!((silent.at, silent.exc), (None, base.exc));
    }

    #[test]
    fn the_neuron_answers_after_the_change_and_not_before() {
        let params = NeuronParams::preset("nmda-cable").unwrap();
        let base = stretch();
        let nudged =
            Nudge { change: Change::Excite, segment: 0, ms: 150, weight: 4.0 }.apply(&base);
        let run = |exc: &[f64], inh: &[f64]| {
            let outcome = experiment(&params, exc, inh).run().unwrap();
            targets(&params, &outcome)
        };
        let (before, after) = (run(&base.exc, &base.inh), run(&nudged.exc, &nudged.inh));
        assert_eq!((before.soma_mv.len(), before.dend_mv.len()), (300, 8 * 300));
        let change = difference(&after.soma_mv, &before.soma_mv);
        assert!(change[..150].iter().all(|x| *x == 0.0));
        assert!(change[150..].iter().copied().fold(0.0, f64::max) > 0.5);
    }
}
