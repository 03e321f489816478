//! Simulators kept for the batch path: a slider returns to the same few neurons again and again.

use crate::settings::SettingError;
use crate::sim::batch::BatchRecorder;
use crate::sim::{BatchSimulator, Inputs, Method, NeuronParams, SimError, TargetParams};
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;

/// Steps a millisecond of a draft, of a passive dendrite and of one with channels, whose spikes meet at the right time only
/// in shorter ones.
const DRAFT_PER_MS: [usize; 2] = [10, 20];

thread_local! {
    /// The simulators, the last used first.
    static READY: RefCell<Vec<Rc<BatchSimulator>>> = const { RefCell::new(Vec::new()) };
}

/// The most simulators kept: lesson 3 compares three neurons and two, in steps of a draft and in their own.
const MOST_READY: usize = 12;

/// A simulator of the batch path in single precision; the settings of the neuron's targets are ignored.
///
/// # Errors
/// [`SettingError`] names the first parameter that is out of its bounds.
pub(super) fn ready(params: &NeuronParams) -> Result<Rc<BatchSimulator>, SettingError> {
    let params = NeuronParams { targets: TargetParams::default(), ..params.clone() };
    READY.with_borrow_mut(|ready| {
        if let Some(at) = ready.iter().position(|of| of.params() == &params) {
            ready[..=at].rotate_right(1);
        } else {
            let near = ready.iter().find(|of| of.params().samples_per_ms == params.samples_per_ms);
            let simulator = match near {
                Some(near) => near.of_another(&params)?,
                None => BatchSimulator::new(&params, Method::FastF32)?,
            };
            ready.truncate(MOST_READY - 1);
            ready.insert(0, Rc::new(simulator));
        }
        Ok(ready[0].clone())
    })
}

/// The neuron with a draft's steps; `None` where its own steps are as long, or a draft's step is no whole number of
/// them.
pub(super) fn in_draft_steps(params: &NeuronParams) -> Option<NeuronParams> {
    let fine = params.samples_per_ms;
    let coarse = DRAFT_PER_MS[usize::from(!params.is_plain())];
    let coarser = fine > coarse && fine.is_multiple_of(coarse);
    coarser.then(|| NeuronParams { samples_per_ms: coarse, ..params.clone() })
}

/// The soma's voltage at every step, and the segments' voltages, mV: a row a step where `EVERY_STEP`, otherwise a row a
/// ms.
#[derive(Default)]
pub(super) struct Voltages<const EVERY_STEP: bool> {
    pub(super) soma_mv: Vec<f64>,
    pub(super) dend_mv: Vec<f64>,
}

impl<const EVERY_STEP: bool> BatchRecorder for Voltages<EVERY_STEP> {
    const EVERY_STEP: bool = EVERY_STEP;

    fn record(&mut self, _: usize, v_soma: &[f64], v_dend: &[f64]) {
        self.soma_mv.extend_from_slice(v_soma);
        self.dend_mv.extend_from_slice(v_dend);
    }
}

/// Simulates one input by the batch path in single precision.
///
/// # Errors
/// [`SimError`]: the first parameter that is out of its bounds, or inputs of another neuron.
pub(super) fn voltages<const EVERY_STEP: bool>(
    params: &NeuronParams,
    inputs: Inputs,
) -> Result<Voltages<EVERY_STEP>, SimError> {
    let mut recorders = [Voltages::default()];
    ready(params)?.run(&[inputs], &mut recorders, &mut |_| ControlFlow::Continue(()))?;
    let [voltages] = recorders;
    Ok(voltages)
}
