//! Experiments on one neuron: what is asked of the simulator, and what comes back. Nothing here knows the browser: a
//! worker runs an experiment for the page, a test runs it natively, and both get the same bits.

pub mod curves;
pub mod nudge;
mod outcome;
pub mod outputs;
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
    /// Synaptic events reach a neuron, and nothing is looked at more closely.
    pub fn of_events(params: NeuronParams, duration_ms: usize, events: Vec<SynapticEvent>) -> Self {
        Self { params, duration_ms, clamp: None, events, close_up: None, watch: Vec::new() }
    }

    /// Simulates it.
    ///
    /// # Errors
    /// What the simulator cannot run: parameters, inputs or clamp out of bounds.
    pub fn run(&self) -> Result<Outcome, SimError> {
        let mut running = Running::new(self.clone())?;
        loop {
            if let Some(outcome) = running.advance(usize::MAX)? {
                return Ok(outcome);
            }
        }
    }

    /// Simulates it in steps of a tenth of a millisecond and draws straight lines between them: a picture of what
    /// [`run`](Self::run) finds, in about a quarter of the time. Spikes may be off by about a millisecond, or in a
    /// long train by more.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn draft(&self) -> Result<Outcome, SimError> {
        let fine = self.params.samples_per_ms;
        if fine <= DRAFT_PER_MS || !fine.is_multiple_of(DRAFT_PER_MS) {
            return Ok(Outcome { draft: true, ..self.run()? });
        }
        let params = NeuronParams { samples_per_ms: DRAFT_PER_MS, ..self.params.clone() };
        let coarse = Self { params, ..self.clone() }.run()?;
        let times = fine / DRAFT_PER_MS;
        let opened = coarse.close_up.map(|opened| Opened {
            cai_mm: between(&opened.cai_mm, times),
            leak: between(&opened.leak, times),
            channels: opened
                .channels
                .iter()
                .map(|channel| OpenedChannel {
                    current: between(&channel.current, times),
                    activation: between(&channel.activation, times),
                    inactivation: between(&channel.inactivation, times),
                })
                .collect(),
            ..opened
        });
        Ok(Outcome {
            dt_ms: 1.0 / fine as f64,
            soma_mv: between(&coarse.soma_mv, times),
            watched_mv: coarse
                .watched_mv
                .iter()
                .map(|(row, v)| (*row, between(v, times)))
                .collect(),
            close_up: opened,
            draft: true,
            ..coarse
        })
    }
}

/// Steps a millisecond of a draft.
const DRAFT_PER_MS: usize = 10;

/// The samples and, on straight lines between each two of them, `times` - 1 more.
fn between(samples: &Samples, times: usize) -> Samples {
    let lines = samples.windows(2).flat_map(|pair| {
        let [from, to] = [pair[0], pair[1]];
        (0..times).map(move |k| from + (to - from) * k as f64 / times as f64)
    });
    Samples(lines.chain(samples.last().copied()).collect())
}

/// Firing rates at several amplitudes of a current step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RateCurve {
    /// The neuron.
    pub params: NeuronParams,
    /// Amplitudes, nA.
    pub amplitudes_na: Vec<f64>,
    /// How long each step lasts, ms.
    pub duration_ms: usize,
}

impl RateCurve {
    /// The rate at one amplitude: spikes during the step, a second.
    ///
    /// # Errors
    /// As [`Experiment::run`].
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

/// A trace that NEURON recorded, with the experiment that it recorded it of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// Neuron and inputs.
    pub experiment: Experiment,
    /// NEURON's soma voltage at every step, mV.
    pub neuron_mv: Samples,
}

/// Our trace beside NEURON's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// What we get.
    pub ours: Outcome,
    /// NEURON's soma voltage at every step, mV.
    pub neuron_mv: Samples,
    /// Largest difference, mV.
    pub max_difference_mv: f64,
    /// When it is, ms.
    pub at_ms: f64,
}

/// A recorded trace that cannot be compared with.
#[derive(Debug, thiserror::Error)]
pub enum RecordedError {
    /// It cannot be simulated.
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
    /// Simulates what NEURON simulated and compares.
    ///
    /// # Errors
    /// An experiment that cannot be simulated, or traces of different lengths.
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
            // a NaN, once found, stays: nothing is larger than it
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

/// The non-zero weights of inputs as events.
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

    fn step() -> Experiment {
        let clamp = Some(CurrentClamp { start_ms: 20.0, duration_ms: 200.0, amplitude_na: 0.2 });
        let at = CloseUp { spike: 0, without_spike_ms: 25.0, before_ms: 3.0, after_ms: 7.0 };
        let (params, events) = (NeuronParams::default(), Vec::new());
        Experiment {
            params,
            duration_ms: 256,
            clamp,
            events,
            close_up: Some(at),
            watch: Vec::new(),
        }
    }

    #[test]
    fn a_draft_looks_as_what_it_is_a_draft_of() {
        let (fine, draft) = (step().run().unwrap(), step().draft().unwrap());
        assert!(draft.draft && !fine.draft);
        assert_eq!(draft.dt_ms, fine.dt_ms);
        assert_eq!(draft.soma_mv.len(), fine.soma_mv.len());
        assert_eq!(draft.dend_mv.len(), fine.dend_mv.len());
        let (first, close) = (fine.spikes_ms[0], draft.close_up.unwrap());
        // a spike's upstroke takes half a millisecond: within that it looks the same
        assert!((draft.spikes_ms[0] - first).abs() < 0.5, "{} {first}", draft.spikes_ms[0]);
        let window = |opened: &Opened| opened.leak.len();
        // windows begin and end on a step of each
        assert!(window(&close).abs_diff(window(fine.close_up.as_ref().unwrap())) <= 8);
        assert!(close.channels.iter().all(|c| c.current.len() == window(&close)));
        // before the step both rest at the same voltage
        assert!((draft.soma_mv[799] - fine.soma_mv[799]).abs() < 0.05);
    }

    #[test]
    fn lines_go_through_the_samples() {
        assert_eq!(
            between(&Samples(vec![0.0, 4.0, 2.0]), 4).0,
            [0.0, 1.0, 2.0, 3.0, 4.0, 3.5, 3.0, 2.5, 2.0]
        );
        assert_eq!(between(&Samples(vec![]), 4).0, [0.0; 0]);
    }
}
