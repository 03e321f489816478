//! Experiments on one neuron: their settings and their outcomes. Nothing in this room knows the browser: a worker runs
//! an experiment for the page, a test runs it natively, and both get the same bits.

pub mod curves;
mod draft;
pub mod nudge;
mod outcome;
pub mod outputs;
mod ready;
pub mod running;
pub mod samples;
mod setup;
pub mod spikes;
pub mod trace;

use crate::sim::{CurrentClamp, Inputs, NeuronParams, Quantity, Recording, SimError, simulate};
pub use outcome::{Opened, OpenedChannel, Outcome};
use running::Running;
use samples::Samples;
use serde::{Deserialize, Serialize};
pub use setup::{CloseUp, Experiment, SynapticEvent};
use spikes::spikes;

impl Experiment {
    /// An experiment with synaptic events alone: without clamp, close-up and watched segments.
    pub fn of_events(params: NeuronParams, duration_ms: usize, events: Vec<SynapticEvent>) -> Self {
        Self { params, duration_ms, clamp: None, events, close_up: None, watch: Vec::new() }
    }

    /// Simulates the experiment.
    ///
    /// # Errors
    /// [`SimError`]: parameters, inputs or clamp out of bounds; a voltage that diverges.
    pub fn run(&self) -> Result<Outcome, SimError> {
        let mut running = Running::new(self.clone())?;
        loop {
            if let Some(outcome) = running.advance(usize::MAX)? {
                return Ok(outcome);
            }
        }
    }
}

/// Firing rates at several amplitudes of a current step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RateCurve {
    /// The neuron.
    pub params: NeuronParams,
    /// Amplitudes, nA.
    pub amplitudes_na: Vec<f64>,
    /// Duration of each step, ms.
    pub duration_ms: usize,
}

impl RateCurve {
    /// The firing rate at one amplitude: the number of spikes during the step, per second.
    ///
    /// # Errors
    /// The errors of [`Experiment::run`].
    pub fn rate_hz(&self, amplitude_na: f64) -> Result<f64, SimError> {
        let duration_ms = self.duration_ms as f64;
        let clamp = CurrentClamp { start_ms: 0.0, duration_ms, amplitude_na };
        let inputs = Inputs::silent(self.params.num_rows(), self.duration_ms);
        let mut recording = Recording::new().with(Quantity::SomaVoltage, 1);
        simulate(&self.params, &inputs, Some(clamp), &mut recording)?;
        let soma = recording.values(Quantity::SomaVoltage);
        let dt_ms = 1.0 / self.params.samples_per_ms as f64;
        let spikes = spikes(soma, dt_ms, self.params.spike_threshold_mv);
        Ok(spikes.len() as f64 * 1000.0 / duration_ms)
    }
}

/// A trace that NEURON recorded, and the experiment that NEURON simulated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// The neuron and its inputs.
    pub experiment: Experiment,
    /// NEURON's soma voltage at every step, mV.
    pub neuron_mv: Samples,
}

/// Our trace beside NEURON's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Our outcome of the experiment.
    pub ours: Outcome,
    /// NEURON's soma voltage at every step, mV.
    pub neuron_mv: Samples,
    /// Largest difference, mV.
    pub max_difference_mv: f64,
    /// Time of the largest difference, ms.
    pub at_ms: f64,
}

/// The error of a recorded trace that cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum RecordedError {
    /// The experiment cannot be simulated.
    #[error(transparent)]
    Sim(#[from] SimError),
    /// The two traces differ in length.
    #[error("NEURON recorded {recorded} samples, we have {ours}")]
    Length {
        /// Samples recorded.
        recorded: usize,
        /// Samples simulated.
        ours: usize,
    },
}

impl Recorded {
    /// Simulates the experiment that NEURON simulated, and compares the traces.
    ///
    /// # Errors
    /// [`RecordedError`]: an experiment that cannot be simulated, or traces of different lengths.
    pub fn compare(&self) -> Result<Comparison, RecordedError> {
        let ours = self.experiment.run()?;
        if ours.soma_mv.len() != self.neuron_mv.len() {
            return Err(RecordedError::Length {
                recorded: self.neuron_mv.len(),
                ours: ours.soma_mv.len(),
            });
        }
        let (at, max_difference_mv) = ours
            .soma_mv
            .iter()
            .zip(self.neuron_mv.iter())
            .map(|(a, b)| (a - b).abs())
            .enumerate()
            // a NaN stays the largest once found: no comparison with it holds
            .fold(
                (0, 0.0),
                |most, this| {
                    if this.1 > most.1 || this.1.is_nan() { this } else { most }
                },
            );
        let at_ms = at as f64 * ours.dt_ms;
        Ok(Comparison { ours, neuron_mv: self.neuron_mv.clone(), max_difference_mv, at_ms })
    }
}

/// The non-zero weights of `inputs` as events.
pub fn events(inputs: &Inputs) -> Vec<SynapticEvent> {
    [(true, &inputs.exc), (false, &inputs.inh)]
        .into_iter()
        .flat_map(|(excitatory, weights)| {
            weights.iter().enumerate().filter(|(_, weight)| **weight != 0.0).map(
                move |(at, weight)| SynapticEvent {
                    segment: at / inputs.duration_ms,
                    t_ms: at % inputs.duration_ms,
                    excitatory,
                    weight: *weight,
                },
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_are_those_of_every_step_from_the_first_event_on() {
        let event = SynapticEvent { segment: 0, t_ms: 30, excitatory: true, weight: 40.0 };
        let experiment = Experiment {
            params: NeuronParams { num_segments: 3, ..NeuronParams::default() },
            duration_ms: 60,
            clamp: None,
            events: vec![event],
            close_up: None,
            watch: vec![2, 0, 1, 99],
        };
        let outcome = experiment.run().unwrap();
        assert_eq!(outcome.watched_mv.len(), 3, "there is no segment 99");
        for row in 0..3 {
            let (fine, by_ms) = (outcome.watched(row), &outcome.dend_mv[row * 61..(row + 1) * 61]);
            assert!(fine.iter().step_by(40).eq(by_ms), "the same trace");
            let peak = fine[30 * 40..].iter().copied().fold(f64::NEG_INFINITY, f64::max);
            assert_eq!(outcome.dend_peaks_mv[row], peak);
        }
        let by_ms = outcome.dend_mv[..61].iter().copied().fold(f64::NEG_INFINITY, f64::max);
        assert!(outcome.dend_peaks_mv[0] > by_ms, "a spike's peak falls between two ms");
        assert!(outcome.watched(99).is_empty());
    }
}
