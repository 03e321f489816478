//! Many simulations at once, of which only the targets are kept.

use std::ops::ControlFlow;

use super::model::{self, Model};
use super::target::{TargetBuilder, Targets};
use crate::ff::FfParams;
use crate::settings::SettingError;
use crate::sim::batch::{BatchRecorder, BatchSimulator, Method, OnProgress};
use crate::sim::{Inputs, SimError};

impl BatchRecorder for TargetBuilder {
    fn record(&mut self, _ms: usize, v_soma: &[f64], v_dend: &[f64]) {
        self.push(v_soma, v_dend);
    }
}

/// Simulates each of `inputs` by the method of `simulator`, and returns the targets of each.
///
/// A call with a multiple of [`BatchSimulator::lanes`] inputs leaves no lane idle; memory beside the inputs and targets
/// is a few kilobytes a simulation. Threads are the caller's: several may share one simulator.
///
/// # Errors
/// [`SimError`]: inputs that do not fit the neuron; a voltage that diverges.
pub fn simulate_many(
    simulator: &BatchSimulator,
    inputs: &[Inputs],
) -> Result<Vec<Targets>, SimError> {
    simulate_many_with(simulator, inputs, &mut |_| ControlFlow::Continue(()))
}

/// [`simulate_many`] with a progress function, which is called with the number of milliseconds simulated so far, summed
/// over all inputs, and can cancel.
///
/// # Errors
/// As [`simulate_many`], and [`SimError::Cancelled`].
pub fn simulate_many_with(
    simulator: &BatchSimulator,
    inputs: &[Inputs],
    progress: OnProgress<'_>,
) -> Result<Vec<Targets>, SimError> {
    let readout = simulator.params().readout();
    let mut builders: Vec<TargetBuilder> =
        inputs.iter().map(|i| TargetBuilder::new(&readout, i.duration_ms)).collect();
    simulator.run(inputs, &mut builders, progress)?;
    Ok(builders.into_iter().map(TargetBuilder::finish).collect())
}

/// A simulator of either kind of neuron, for many simulations a call.
#[derive(Debug)]
pub enum Simulator {
    /// The biophysical neuron's simulator, by the chosen method.
    BallAndStick(BatchSimulator),
    /// The filter-and-fire neuron, which has a single method, exact and fast.
    FilterAndFire(FfParams),
}

impl Simulator {
    /// The simulator of a neuron.
    ///
    /// # Errors
    /// [`SettingError`] names the first parameter that is out of its bounds.
    pub fn new(model: &Model, method: Method) -> Result<Self, SettingError> {
        match model {
            Model::BallAndStick(params) => {
                Ok(Self::BallAndStick(BatchSimulator::new(params, method)?))
            }
            Model::FilterAndFire(params) => {
                params.validate()?;
                Ok(Self::FilterAndFire(params.clone()))
            }
        }
    }

    /// The number of simulations that run at once.
    #[must_use]
    pub fn lanes(&self) -> usize {
        match self {
            Self::BallAndStick(simulator) => simulator.lanes(),
            Self::FilterAndFire(_) => 1,
        }
    }

    /// [`simulate_many_with`] for either kind of neuron.
    ///
    /// # Errors
    /// As [`simulate_many_with`].
    pub fn simulate(
        &self,
        inputs: &[Inputs],
        progress: OnProgress<'_>,
    ) -> Result<Vec<Targets>, SimError> {
        let params = match self {
            Self::BallAndStick(simulator) => {
                return simulate_many_with(simulator, inputs, progress);
            }
            Self::FilterAndFire(params) => params,
        };
        let mut done = 0;
        inputs
            .iter()
            .map(|inputs| {
                let targets = model::ff_targets(params, inputs)?;
                done += inputs.duration_ms;
                match progress(done) {
                    ControlFlow::Continue(()) => Ok(targets),
                    ControlFlow::Break(()) => Err(SimError::Cancelled),
                }
            })
            .collect()
    }
}
