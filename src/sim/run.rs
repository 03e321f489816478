//! The simulation's loop over time.

use std::borrow::Borrow;

use super::clamp::{Clamp, CurrentClamp};
use super::neuron::Neuron;
use super::params::NeuronParams;
use super::record::{OutOfMemory, Recorder};
use crate::settings::SettingError;
use crate::text::count;

/// Weighted input spikes in 1 ms bins, one row a segment; an event comes at the start of its bin.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Inputs {
    /// Rows: one for each segment of the neuron.
    pub num_segments: usize,
    /// Columns: bins of 1 ms.
    pub duration_ms: usize,
    /// Weights of excitatory events (AMPA and NMDA), row after row.
    pub exc: Vec<f64>,
    /// Weights of inhibitory events (GABA_A), row after row.
    pub inh: Vec<f64>,
}

impl Inputs {
    /// Inputs without any event.
    #[must_use]
    pub fn silent(num_segments: usize, duration_ms: usize) -> Self {
        let n = num_segments * duration_ms;
        Self { num_segments, duration_ms, exc: vec![0.0; n], inh: vec![0.0; n] }
    }
}

/// A simulation that cannot be run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SimError {
    /// A parameter of the neuron is out of its bounds.
    #[error(transparent)]
    Params(#[from] SettingError),
    /// The inputs do not fit the neuron.
    #[error("{what} has {}, but the neuron has {}", count(*found, "row"), count(*expected, "segment"))]
    Rows {
        /// The input's name, `x_exc` or `x_inh`.
        what: &'static str,
        /// Rows found.
        found: usize,
        /// Rows needed.
        expected: usize,
    },
    /// An input holds another number of weights than its rows and bins say.
    #[error("{what} holds {}, not {} × {bins} ms", count(*found, "weight"), count(*rows, "segment"))]
    Shape {
        /// The input's name, `x_exc` or `x_inh`.
        what: &'static str,
        /// Values found.
        found: usize,
        /// Rows that the inputs announce.
        rows: usize,
        /// Bins that the inputs announce.
        bins: usize,
    },
    /// A weight that is negative or not a finite number.
    #[error(
        "{what}[segment {segment}, {ms} ms] = {value}: a weight must be a finite number of at least 0"
    )]
    Weight {
        /// The input's name, `x_exc` or `x_inh`.
        what: &'static str,
        /// Row of the weight.
        segment: usize,
        /// Bin of the weight, ms.
        ms: usize,
        /// The weight.
        value: f64,
    },
    /// A current clamp that cannot be applied.
    #[error(
        "current clamp: start, duration and amplitude must be finite, the duration at least 0 ms, the amplitude within ±1000 nA"
    )]
    Clamp,
    /// The voltage left every bound: the step is too long for these parameters.
    #[error(
        "the soma's voltage is no longer a number at {t_ms} ms: raise num_samples_per_ms or lower the conductances"
    )]
    Diverged {
        /// Time at which the voltage was first seen to diverge, ms.
        t_ms: f64,
    },
    /// The traces to be recorded need more memory than there is.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
    /// The caller's progress function cancelled the simulation.
    #[error("cancelled")]
    Cancelled,
}

impl Inputs {
    /// Checks the inputs against a neuron of `num_segments` segments.
    ///
    /// # Errors
    /// [`SimError::Rows`], [`SimError::Shape`] or [`SimError::Weight`]: a wrong number of rows or of weights, or a
    /// weight that is negative or not finite, with its place.
    pub fn validate(&self, num_segments: usize) -> Result<(), SimError> {
        for (what, weights) in [("x_exc", &self.exc), ("x_inh", &self.inh)] {
            if self.num_segments != num_segments {
                let (found, expected) = (self.num_segments, num_segments);
                return Err(SimError::Rows { what, found, expected });
            }
            if weights.len() != self.num_segments * self.duration_ms {
                return Err(SimError::Shape {
                    what,
                    found: weights.len(),
                    rows: self.num_segments,
                    bins: self.duration_ms,
                });
            }
            if let Some(i) = weights.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
                let (segment, ms) = (i / self.duration_ms, i % self.duration_ms);
                return Err(SimError::Weight { what, segment, ms, value: weights[i] });
            }
        }
        Ok(())
    }
}

/// Simulates `inputs.duration_ms` ms from rest and returns the neuron in its final state.
///
/// # Errors
/// [`SimError`]: parameters, inputs or a clamp out of bounds; traces larger than the memory; a voltage that diverges.
pub fn simulate(
    params: &NeuronParams,
    inputs: &Inputs,
    clamp: Option<CurrentClamp>,
    recorder: &mut impl Recorder,
) -> Result<Neuron, SimError> {
    let mut run = Run::new(params, inputs, clamp, recorder)?;
    run.advance(inputs.duration_ms)?;
    Ok(run.finish().0)
}

/// A simulation that is advanced piece by piece; its result has the bits of [`simulate`]'s.
#[derive(Debug)]
pub struct Run<I, R> {
    neuron: Neuron,
    inputs: I,
    clamp: Option<CurrentClamp>,
    /// The neuron's own electrodes.
    electrodes: Vec<CurrentClamp>,
    recorder: R,
    per_ms: usize,
    /// Time simulated so far, ms.
    done_ms: usize,
    /// The electrode's clock, ms; it is summed up by half steps as NEURON's.
    clock_ms: f64,
}

impl<I: Borrow<Inputs>, R: Recorder> Run<I, R> {
    /// A simulation of a neuron at rest, before the first step.
    ///
    /// # Errors
    /// [`SimError`]: parameters, inputs or a clamp out of bounds; traces larger than the memory.
    pub fn new(
        params: &NeuronParams,
        inputs: I,
        clamp: Option<CurrentClamp>,
        mut recorder: R,
    ) -> Result<Self, SimError> {
        let neuron = Neuron::new(params)?;
        inputs.borrow().validate(params.num_rows())?;
        if let Some(c) = clamp {
            let fits = c.start_ms.is_finite() && c.duration_ms.is_finite() && c.duration_ms >= 0.0;
            if !(fits && c.amplitude_na.abs() <= 1000.0) {
                return Err(SimError::Clamp);
            }
        }
        let per_ms = params.samples_per_ms;
        recorder.reserve(inputs.borrow().duration_ms.saturating_mul(per_ms), &neuron)?;
        recorder.record(0, &neuron);
        let electrodes = params.clamps.iter().map(Clamp::current).collect();
        let (done_ms, clock_ms) = (0, 0.0);
        Ok(Self { neuron, inputs, clamp, electrodes, recorder, per_ms, done_ms, clock_ms })
    }

    /// Simulates `ms` milliseconds more, at most to the inputs' end; returns whether that end is reached.
    ///
    /// # Errors
    /// [`SimError::Diverged`] where the soma's voltage is no longer finite.
    pub fn advance(&mut self, ms: usize) -> Result<bool, SimError> {
        let Self { neuron, inputs, clamp, electrodes, recorder, per_ms, done_ms, clock_ms } = self;
        let (inputs, per_ms, clamp): (&Inputs, _, _) = ((*inputs).borrow(), *per_ms, *clamp);
        let end_ms = done_ms.saturating_add(ms).min(inputs.duration_ms);
        for t in *done_ms..end_ms {
            for segment in 0..inputs.num_segments {
                let at = segment * inputs.duration_ms + t;
                neuron.deliver(segment, inputs.exc[at], inputs.inh[at]);
            }
            for k in t * per_ms..(t + 1) * per_ms {
                // an electrode sees the middle of the step, on a clock that adds up half steps as NEURON's does
                *clock_ms += 0.5 * neuron.dt_ms();
                neuron.inject(electrodes.iter().map(|c| c.at(*clock_ms)));
                neuron.step(clamp.map_or(0.0, |c| c.at(*clock_ms)));
                *clock_ms += 0.5 * neuron.dt_ms();
                recorder.record(k + 1, neuron);
            }
            if !neuron.v_soma_mv().is_finite() {
                return Err(SimError::Diverged { t_ms: (t + 1) as f64 });
            }
        }
        *done_ms = end_ms;
        Ok(end_ms == inputs.duration_ms)
    }

    /// Returns the neuron, the inputs and the recorder in their present state.
    pub fn finish(self) -> (Neuron, I, R) {
        (self.neuron, self.inputs, self.recorder)
    }
}
