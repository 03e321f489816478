//! Neurons made ready for the batch path: a slider moves through the same few again and again.

use crate::settings::SettingError;
use crate::sim::batch::BatchRecorder;
use crate::sim::{BatchSimulator, Inputs, Method, NeuronParams, SimError, TargetParams};
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;

/// Steps a millisecond of a draft.
pub(super) const DRAFT_PER_MS: usize = 10;

thread_local! {
    /// The last one first.
    static READY: RefCell<Vec<Rc<BatchSimulator>>> = const { RefCell::new(Vec::new()) };
}

/// Neurons that stay ready: lesson 3 compares three and two, in steps of a draft and in their own.
const MOST_READY: usize = 12;

/// The batch path in single precision for a neuron, whose targets do not matter.
///
/// # Errors
/// The first parameter that is out of its bounds.
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

/// The neuron in steps of a draft; none where its own steps are as long, or no whole number of its own is one of these.
pub(super) fn in_draft_steps(params: &NeuronParams) -> Option<NeuronParams> {
    let fine = params.samples_per_ms;
    let coarser = fine > DRAFT_PER_MS && fine.is_multiple_of(DRAFT_PER_MS);
    coarser.then(|| NeuronParams { samples_per_ms: DRAFT_PER_MS, ..params.clone() })
}

/// The soma's voltage at every step, and those of the segments, a row a step or else a row a ms, mV.
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
/// The first parameter that is out of its bounds, or inputs of another neuron.
pub(super) fn voltages<const EVERY_STEP: bool>(
    params: &NeuronParams,
    inputs: Inputs,
) -> Result<Voltages<EVERY_STEP>, SimError> {
    let mut recorders = [Voltages::default()];
    ready(params)?.run(&[inputs], &mut recorders, &mut |_| ControlFlow::Continue(()))?;
    let [voltages] = recorders;
    Ok(voltages)
}
