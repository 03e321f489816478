//! Many simulations of one neuron at once, each in a lane of vector instructions.
//!
//! The tree, channels, synapses and step are those of the exact path ([`Neuron`]), in an order of arithmetic that suits
//! vectors; `docs/benchmarks.md` has the gain. The differences are:
//!
//! - **Gates** come from one table over the voltage: an interval of ⅛ mV from -110 to 90 mV is a row that holds, one
//!   after another, straight lines for all 17 gates' propagators. Steady states x∞ are within 2e-5 of the channels' own
//!   formulas, the steps 1 - e^(-dt/τ) within a relative 2e-4, and every line's mean is that of the function, so that
//!   the errors cancel as the voltage moves. A neuron's gates lie side by side as a row's lines do, and are advanced by
//!   the row as whole vectors, from which the conductances are made as whole vectors too: no gathers, and eight columns
//!   to transpose instead of 17 gates. Outside the table gates behave as at its nearer end.
//! - **Slopes** of the currents are analytic, where NEURON's are differences over 0.001 mV. Only the magnesium
//!   block's differs beyond rounding, by less than γ·0.001 mV of itself.
//! - **e^x and ln x** of the magnesium block, the Nernst potential and SK_E2 are good to 8e-8 (f32: 2e-6).
//! - **Equations** are solved for the new voltage in f64; in f32, where its rounding would add up to 0.1 mV, for the
//!   change of the voltage. Multiplied by the square of the magnesium block's denominator, a segment's equation takes
//!   one division.
//! - **Junctions** with one child are resistances in series, ends without a child are left out; neither changes the
//!   solution but by rounding. SK_E2's gate is not computed where its conductance is 0, nor the magnesium block
//!   where NMDA's is.
//! - **Channels of regions** ([`Region`](super::Region)) have tables of their own, a row of ¼ mV for each channel's m and h,
//!   and SK_E2 one over the logarithm of calcium; rows are transposed to vectors of lanes in registers. What a channel is
//!   follows from its description; nothing here names it.
//!
//! Against the exact path over 100 random inputs of 8,192 ms of each preset (31,700 spikes), every spike had its
//! partner within 1 ms, in f64 and in f32, and none was added; subthreshold the soma's voltage had a root mean square
//! error of at most 6e-5 mV (f64) and 2e-3 mV (f32). `tests/batch.rs` holds that to the bounds of 99.5%, 0.5% and
//! 0.05 mV, and `tests/batch_active.rs` cells with channels on their branches.
//!
//! A result depends neither on the neighbouring lanes, nor on the number of lanes in use, nor on the processor: the
//! kernel is compiled for SSE2 (or the architecture's baseline, or wasm's SIMD), AVX2 and AVX-512 from one source
//! without fused operations, and a test compares the bits.
//!
//! ```
//! use ballstick::data::simulate_many;
//! use ballstick::data::input::sweep;
//! use ballstick::sim::{BatchSimulator, Method, NeuronParams};
//!
//! let simulator = BatchSimulator::new(&NeuronParams::default(), Method::Fast)?;
//! let inputs: Vec<_> = (0..simulator.lanes()).map(|i| sweep(8, 200, 12.5, i as f64)).collect();
//! let targets = simulate_many(&simulator, &inputs)?;
//! assert_eq!(targets.len(), inputs.len());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod channels;
mod gates;
mod isa;
mod kernel;
mod method;
mod model;
mod places;
mod real;
mod shape;
mod table;

use std::ops::ControlFlow;

pub use method::{Method, UnknownMethod};

use self::isa::{FEW, Kernel, LANES_F32, LANES_F64};
use self::kernel::State;
use self::model::LaneModel;
use self::places::REGIONS;
use self::real::Real;
use super::neuron::Neuron;
use super::params::NeuronParams;
use super::record::Recorder;
use super::run::{Inputs, SimError, simulate};
use crate::settings::SettingError;
use crate::simd::Isa;

/// Refuses what this build does not simulate.
fn require(method: Method, params: &NeuronParams) -> Result<(), SettingError> {
    if REGIONS || method == Method::Exact || params.is_plain() {
        return Ok(());
    }
    let must = "is simulated by the method exact here";
    Err(SettingError::range("regions", params.regions.len().to_string(), must))
}

/// A recorder of one simulation of a batch, a millisecond at a time.
pub trait BatchRecorder {
    /// Whether the recorder takes the segments' voltages at every step, not only at the start of each millisecond.
    const EVERY_STEP: bool = false;

    /// Called for `ms` = 0, 1, ... with the soma's voltage at every step of that millisecond, the first at its start,
    /// and with every segment's voltage at its start (mV); and once more at the end, with `ms` = the duration and the
    /// soma's final voltage alone. Where the recorder takes the segments' voltages at [every step](Self::EVERY_STEP),
    /// `v_dend` has those of one step after those of the other, and the final ones at the end.
    fn record(&mut self, ms: usize, v_soma: &[f64], v_dend: &[f64]);
}

/// Called after every millisecond of a batch with the number of milliseconds done; [`ControlFlow::Break`] cancels.
pub type OnProgress<'a> = &'a mut dyn FnMut(usize) -> ControlFlow<()>;

/// A neuron prepared for many simulations.
///
/// Building a simulator takes some milliseconds; any number of threads then share it.
#[derive(Debug, Clone)]
pub struct BatchSimulator {
    params: NeuronParams,
    method: Method,
    engine: Engine,
}

#[derive(Debug, Clone)]
enum Engine {
    Exact,
    Double(Box<LaneModel<f64>>, Isa),
    Single(Box<LaneModel<f32>>, Isa),
}

impl BatchSimulator {
    /// Prepares a neuron for simulations by `method`.
    ///
    /// # Errors
    /// [`SettingError::Range`] names the first parameter that is out of its bounds; in the page's first wasm also regions and
    /// electrodes where the method is not the exact one.
    pub fn new(params: &NeuronParams, method: Method) -> Result<Self, SettingError> {
        params.validate()?;
        require(method, params)?;
        let isa = Isa::best();
        let engine = match method {
            Method::Exact => Engine::Exact,
            Method::Fast => Engine::Double(Box::new(LaneModel::new(params)), isa),
            Method::FastF32 => Engine::Single(Box::new(LaneModel::new(params)), isa),
        };
        Ok(Self { params: params.clone(), method, engine })
    }

    /// Whether a method simulates neurons with these regions and electrodes: all but the exact one refuse them in the
    /// page's first wasm.
    pub fn takes(params: &NeuronParams, method: Method) -> bool {
        require(method, params).is_ok()
    }

    /// Prepares another neuron for the same method, in less time where its step and its resting voltage are this one's.
    ///
    /// # Errors
    /// The errors of [`new`](Self::new).
    pub fn of_another(&self, params: &NeuronParams) -> Result<Self, SettingError> {
        params.validate()?;
        require(self.method, params)?;
        let engine = match &self.engine {
            Engine::Exact => Engine::Exact,
            Engine::Double(model, isa) => Engine::Double(Box::new(model.of_another(params)), *isa),
            Engine::Single(model, isa) => Engine::Single(Box::new(model.of_another(params)), *isa),
        };
        Ok(Self { params: params.clone(), method: self.method, engine })
    }

    /// The same simulator on one of this processor's instruction sets, in place of the widest: the same results in
    /// another time. For comparisons.
    #[must_use]
    pub fn on(mut self, chosen: Isa) -> Self {
        if let Engine::Double(_, isa) | Engine::Single(_, isa) = &mut self.engine {
            *isa = chosen;
        }
        self
    }

    /// The simulated neuron's parameters.
    #[must_use]
    pub fn params(&self) -> &NeuronParams {
        &self.params
    }

    /// The method of computation.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// Simulations that run at once; a call of [`run`](Self::run) with a multiple of it leaves no lane idle.
    #[must_use]
    pub fn lanes(&self) -> usize {
        self.method.lanes()
    }

    /// Simulates each of `inputs` from rest, and passes what a simulation computes to the recorder of the same index.
    ///
    /// A simulation's result depends neither on the others nor on their number, nor on the machine.
    ///
    /// # Errors
    /// [`SimError`]: inputs that do not fit the neuron; a voltage that diverges; [`SimError::Cancelled`] where
    /// `progress` breaks.
    ///
    /// # Panics
    /// Where the numbers of recorders and inputs differ.
    pub fn run<R: BatchRecorder>(
        &self,
        inputs: &[Inputs],
        recorders: &mut [R],
        progress: OnProgress<'_>,
    ) -> Result<(), SimError> {
        assert_eq!(inputs.len(), recorders.len(), "one recorder for each simulation");
        for one in inputs {
            one.validate(self.params.num_rows())?;
        }
        match &self.engine {
            Engine::Exact => self.run_exact(inputs, recorders, progress),
            Engine::Double(model, isa) => {
                run_batches::<f64, R, LANES_F64>(model, *isa, inputs, recorders, progress)
            }
            Engine::Single(model, isa) if inputs.len() <= FEW => {
                run_batches::<f32, R, 1>(model, *isa, inputs, recorders, progress)
            }
            Engine::Single(model, isa) => {
                run_batches::<f32, R, LANES_F32>(model, *isa, inputs, recorders, progress)
            }
        }
    }

    fn run_exact<R: BatchRecorder>(
        &self,
        inputs: &[Inputs],
        recorders: &mut [R],
        progress: OnProgress<'_>,
    ) -> Result<(), SimError> {
        let mut done = 0;
        for (inputs, recorder) in inputs.iter().zip(recorders) {
            let mut adapter = OneByOne::new(&self.params, recorder);
            simulate(&self.params, inputs, None, &mut adapter)?;
            adapter.finish(inputs.duration_ms);
            done += inputs.duration_ms;
            if progress(done).is_break() {
                return Err(SimError::Cancelled);
            }
        }
        Ok(())
    }
}

fn run_batches<T: Real + Kernel<L>, R: BatchRecorder, const L: usize>(
    model: &LaneModel<T>,
    isa: Isa,
    inputs: &[Inputs],
    recorders: &mut [R],
    progress: OnProgress<'_>,
) -> Result<(), SimError> {
    let mut done = 0;
    for (inputs, recorders) in inputs.chunks(L).zip(recorders.chunks_mut(L)) {
        run_batch(model, isa, inputs, recorders, &mut |ms| {
            done += ms;
            progress(done)
        })?;
    }
    Ok(())
}

/// Milliseconds of input that are interleaved at once: a cache line of them.
const BLOCK_MS: usize = 8;

/// The inputs of [`BLOCK_MS`] milliseconds, those of all lanes side by side.
///
/// A segment's inputs lie in a row over time. Read a millisecond at a time, the rows of all lanes and segments fall
/// on the same few places of the processor's cache and push each other out.
struct InputBlock<T, const L: usize> {
    /// Excitatory and inhibitory weights of each segment, one millisecond after the other.
    weights: Vec<[[T; L]; 2]>,
    segments: usize,
}

impl<T: Real, const L: usize> InputBlock<T, L> {
    fn new(segments: usize) -> Self {
        Self { weights: vec![[[T::ZERO; L]; 2]; BLOCK_MS * segments], segments }
    }

    /// Loads the block that begins at `from` ms; an input is silent past its end.
    fn load(&mut self, inputs: &[Inputs], from: usize) {
        for (lane, one) in inputs.iter().enumerate() {
            let until = one.duration_ms.min(from + BLOCK_MS);
            for segment in 0..self.segments {
                let row = segment * one.duration_ms;
                for ms in 0..BLOCK_MS {
                    let to = &mut self.weights[ms * self.segments + segment];
                    let there = from + ms < until;
                    let [exc, inh] = [&one.exc, &one.inh]
                        .map(|x| if there { T::of(x[row + from + ms]) } else { T::ZERO });
                    (to[0][lane], to[1][lane]) = (exc, inh);
                }
            }
        }
    }

    fn at(&self, ms: usize, segment: usize) -> &[[T; L]; 2] {
        &self.weights[ms % BLOCK_MS * self.segments + segment]
    }
}

/// Simulates at most L inputs, each for its own duration; idle lanes and those past their end are silent.
fn run_batch<T: Real + Kernel<L>, R: BatchRecorder, const L: usize>(
    model: &LaneModel<T>,
    isa: Isa,
    inputs: &[Inputs],
    recorders: &mut [R],
    progress: OnProgress<'_>,
) -> Result<(), SimError> {
    let mut state = State::<T, L>::new(model);
    // the soma is the first node
    let width = if R::EVERY_STEP { model.nodes.len() } else { 1 };
    let mut trace = vec![[T::ZERO; L]; model.per_ms * width];
    let mut v_soma = vec![0.0; model.per_ms];
    let mut v_dend = vec![vec![0.0; model.segments.len()]; inputs.len()];
    let mut v_steps =
        vec![0.0; if R::EVERY_STEP { model.per_ms * model.segments.len() } else { 0 }];
    let durations = || inputs.iter().map(|i| i.duration_ms);
    let mut block = InputBlock::<T, L>::new(model.segments.len());
    for ms in 0..durations().max().unwrap_or(0) {
        if ms.is_multiple_of(BLOCK_MS) {
            block.load(inputs, ms);
        }
        for (segment, place) in model.segments.iter().enumerate() {
            for (lane, v_dend) in v_dend.iter_mut().enumerate() {
                v_dend[segment] = state.v_segment(model, segment, lane).to_f64();
            }
            let [exc, inh] = block.at(ms, segment);
            state.deliver(place, exc, inh);
        }
        (T::ADVANCE)(isa, model, &mut state, &mut trace);
        let mut simulated = 0;
        for (lane, (duration, recorder)) in durations().zip(recorders.iter_mut()).enumerate() {
            if ms >= duration {
                continue;
            }
            for (to, from) in v_soma.iter_mut().zip(trace.chunks_exact(width)) {
                *to = from[0][lane].to_f64();
            }
            for (to, from) in
                v_steps.chunks_exact_mut(model.segments.len()).zip(trace.chunks_exact(width))
            {
                for (to, segment) in to.iter_mut().zip(&model.segments) {
                    *to = from[segment.node][lane].to_f64();
                }
            }
            if !state.is_sound(lane) {
                return Err(SimError::Diverged { t_ms: (ms + 1) as f64 });
            }
            recorder.record(ms, &v_soma, if R::EVERY_STEP { &v_steps } else { &v_dend[lane] });
            if ms + 1 == duration {
                let last = |segment| state.v_segment(model, segment, lane).to_f64();
                let segments = if R::EVERY_STEP { model.segments.len() } else { 0 };
                let v_dend: Vec<f64> = (0..segments).map(last).collect();
                recorder.record(duration, &[state.v_soma(lane).to_f64()], &v_dend);
            }
            simulated += 1;
        }
        if progress(simulated).is_break() {
            return Err(SimError::Cancelled);
        }
    }
    Ok(())
}

/// The recorder of the exact path, which gathers its steps into milliseconds for a [`BatchRecorder`].
struct OneByOne<'a, R> {
    recorder: &'a mut R,
    per_ms: usize,
    v_soma: Vec<f64>,
    v_dend: Vec<f64>,
}

impl<'a, R: BatchRecorder> OneByOne<'a, R> {
    fn new(params: &NeuronParams, recorder: &'a mut R) -> Self {
        let per_ms = params.samples_per_ms;
        Self { recorder, per_ms, v_soma: Vec::with_capacity(per_ms), v_dend: Vec::new() }
    }

    fn finish(&mut self, duration_ms: usize) {
        let v_dend = if R::EVERY_STEP { self.v_dend.as_slice() } else { &[] };
        self.recorder.record(duration_ms, &self.v_soma, v_dend);
    }
}

impl<R: BatchRecorder> Recorder for OneByOne<'_, R> {
    fn record(&mut self, step: usize, neuron: &Neuron) {
        if step.is_multiple_of(self.per_ms) {
            if step > 0 {
                self.recorder.record(step / self.per_ms - 1, &self.v_soma, &self.v_dend);
            }
            self.v_soma.clear();
            self.v_dend.clear();
        }
        if R::EVERY_STEP || step.is_multiple_of(self.per_ms) {
            let segments = 0..neuron.tree().segments.len();
            self.v_dend.extend(segments.map(|s| neuron.v_segment_mv(s)));
        }
        self.v_soma.push(neuron.v_soma_mv());
    }
}
