//! An experiment that is simulated piece by piece, so that a worker receives a newer question between two pieces. The
//! pieces do not change the bits.

use super::outcome::{Opened, OpenedChannel, Outcome};
use super::samples::Samples;
use super::setup::{CloseUp, Experiment};
use super::spikes::spikes;
use crate::sim::run::Run;
use crate::sim::{Channel, Inputs, Neuron, OutOfMemory, Quantity, Recorder, Recording, SimError};

/// An experiment that is being simulated.
#[derive(Debug)]
pub struct Running {
    of: Experiment,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// The simulation of the whole duration.
    Trace(Box<Run<Inputs, EveryStep>>),
    /// A second simulation up to the end of the close-up's window, in which every channel is recorded.
    Window(Box<Outcome>, Box<Run<Inputs, Windowed>>),
    /// The outcome has been returned.
    Over,
}

impl Running {
    /// The experiment before its first step, the neuron at rest.
    ///
    /// # Errors
    /// [`SimError`]: parameters, inputs or clamp out of bounds.
    pub fn new(of: Experiment) -> Result<Self, SimError> {
        let (per_ms, rows) = (of.params.samples_per_ms, of.params.num_rows());
        let watch = of.watch.iter().copied().filter(|row| *row < rows);
        let kept = EveryStep {
            recording: Recording::new()
                .with(Quantity::SomaVoltage, 1)
                .with(Quantity::DendVoltage, per_ms),
            watched: watch.map(|row| (row, Samples::default())).collect(),
            from: of.first_ms() * per_ms,
            peaks_mv: vec![f64::NEG_INFINITY; rows],
        };
        let run = Run::new(&of.params, of.all_inputs(), of.clamp, kept)?;
        Ok(Self { of, stage: Stage::Trace(Box::new(run)) })
    }

    /// Simulates `ms` milliseconds more; returns the outcome once all is simulated, and `None` before and after that.
    ///
    /// # Errors
    /// [`SimError::Diverged`] where the voltage diverges.
    pub fn advance(&mut self, ms: usize) -> Result<Option<Outcome>, SimError> {
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Trace(mut run) => {
                if !run.advance(ms)? {
                    self.stage = Stage::Trace(run);
                    return Ok(None);
                }
                let outcome = self.outcome(run.finish().2);
                let Some(at) = self.of.close_up else { return Ok(Some(outcome)) };
                let window = self.window(at, &outcome.spikes_ms)?;
                self.stage = Stage::Window(Box::new(outcome), Box::new(window));
                Ok(None)
            }
            Stage::Window(mut outcome, mut run) => {
                if !run.advance(ms)? {
                    self.stage = Stage::Window(outcome, run);
                    return Ok(None);
                }
                outcome.close_up = Some(run.finish().2.opened(self.of.params.samples_per_ms));
                Ok(Some(*outcome))
            }
            Stage::Over => Ok(None),
        }
    }

    fn outcome(&self, kept: EveryStep) -> Outcome {
        let EveryStep { recording, watched, peaks_mv, .. } = kept;
        let soma = recording.values(Quantity::SomaVoltage).to_vec();
        let dt_ms = 1.0 / self.of.params.samples_per_ms as f64;
        let spikes_ms = spikes(&soma, dt_ms, self.of.params.spike_threshold_mv)
            .into_iter()
            .map(|k| k as f64 * dt_ms)
            .collect();
        let dend_mv = recording
            .trace(Quantity::DendVoltage)
            .map(|trace| (0..trace.width).flat_map(|row| trace.row(row)).collect::<Vec<_>>())
            .unwrap_or_default();
        Outcome {
            dt_ms,
            soma_mv: soma.into(),
            dend_mv: dend_mv.into(),
            dend_peaks_mv: peaks_mv.into(),
            watched_mv: watched,
            spikes_ms,
            close_up: None,
            draft: false,
        }
    }

    /// The second run, up to the end of the window `at`.
    fn window(&self, at: CloseUp, spikes_ms: &[f64]) -> Result<Run<Inputs, Windowed>, SimError> {
        let per_ms = self.of.params.samples_per_ms as f64;
        let spike = spikes_ms.get(at.spike).or(spikes_ms.last());
        let centre = spike.copied().unwrap_or(at.without_spike_ms);
        let last_ms = self.of.duration_ms as f64;
        let end_ms = (centre + at.after_ms).clamp(last_ms.min(1.0), last_ms);
        let start_ms = (centre - at.before_ms).clamp(0.0, end_ms);
        let first = (start_ms * per_ms).round() as usize;
        let mut recording = Recording::new().with(Quantity::Calcium, 1).with(Quantity::Leak, 1);
        for channel in Channel::ALL {
            recording = recording
                .with(Quantity::Current(channel), 1)
                .with(Quantity::Activation(channel), 1);
            if channel.about().gating.inactivates() {
                recording = recording.with(Quantity::Inactivation(channel), 1);
            }
        }
        let window = Windowed { steps: first..=(end_ms * per_ms).round() as usize, recording };
        Run::new(&self.of.params, self.of.inputs(end_ms.ceil() as usize), self.of.clamp, window)
    }
}

/// A recorder that keeps a recording of the steps of a window only.
#[derive(Debug)]
struct Windowed {
    steps: std::ops::RangeInclusive<usize>,
    recording: Recording,
}

impl Windowed {
    fn opened(&self, per_ms: usize) -> Opened {
        let samples = |quantity| Samples(self.recording.values(quantity).to_vec());
        Opened {
            start_ms: *self.steps.start() as f64 / per_ms as f64,
            cai_mm: samples(Quantity::Calcium),
            leak: samples(Quantity::Leak),
            channels: Channel::ALL
                .map(|channel| OpenedChannel {
                    current: samples(Quantity::Current(channel)),
                    activation: samples(Quantity::Activation(channel)),
                    inactivation: samples(Quantity::Inactivation(channel)),
                })
                .into(),
        }
    }
}

impl Recorder for Windowed {
    fn record(&mut self, step: usize, neuron: &Neuron) {
        if self.steps.contains(&step) {
            self.recording.record(step - self.steps.start(), neuron);
        }
    }
}

/// A recorder that keeps a recording, the peaks of every segment, and the watched segments at every step.
#[derive(Debug)]
struct EveryStep {
    recording: Recording,
    watched: Vec<(usize, Samples)>,
    /// The first step that counts for the peaks.
    from: usize,
    peaks_mv: Vec<f64>,
}

impl Recorder for EveryStep {
    fn reserve(&mut self, steps: usize, neuron: &Neuron) -> Result<(), OutOfMemory> {
        self.recording.reserve(steps, neuron)
    }

    fn record(&mut self, step: usize, neuron: &Neuron) {
        self.recording.record(step, neuron);
        for (row, trace) in &mut self.watched {
            trace.0.push(neuron.v_segment_mv(*row));
        }
        if step >= self.from {
            for (row, peak) in self.peaks_mv.iter_mut().enumerate() {
                *peak = peak.max(neuron.v_segment_mv(row));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{CurrentClamp, NeuronParams};

    #[test]
    fn pieces_of_any_length_make_the_same_outcome() {
        let clamp = Some(CurrentClamp { start_ms: 20.0, duration_ms: 60.0, amplitude_na: 0.3 });
        let close_up =
            Some(CloseUp { spike: 0, without_spike_ms: 25.0, before_ms: 3.0, after_ms: 7.0 });
        let (params, events) = (NeuronParams::default(), Vec::new());
        let experiment =
            Experiment { params, duration_ms: 90, clamp, events, close_up, watch: vec![2] };
        let whole = experiment.run().unwrap();
        assert!(whole.close_up.is_some() && !whole.spikes_ms.is_empty());
        for piece in [1, 7, 90] {
            let mut running = Running::new(experiment.clone()).unwrap();
            let pieces = std::iter::repeat_with(|| running.advance(piece).unwrap());
            assert_eq!(pieces.flatten().next().as_ref(), Some(&whole), "{piece}");
            assert_eq!(running.advance(1), Ok(None));
        }
    }
}
