//! Random inputs by the data set's recipe, and the five targets of one simulation.

use super::ready::{Voltages, in_draft_steps, voltages};
use super::samples::Samples;
use crate::data::generate::generate;
use crate::data::target::peaks_at_least;
use crate::data::{GeneratorConfig, Simulation, Split, Targets};
use crate::sim::run::Run;
use crate::sim::{Inputs, NeuronParams, Recording, SimError, TargetParams};
use ndarray::{Array1, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

/// A simulation of random inputs: those of the first training simulation of a data set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RandomTrace {
    /// The neuron, with the settings of its targets.
    pub params: NeuronParams,
    /// The settings from which the inputs are drawn.
    pub generator: GeneratorConfig,
    /// Seed of the random inputs.
    pub seed: u64,
    /// Duration of the simulation, ms.
    pub duration_ms: usize,
}

/// A simulation's voltages with their targets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Traced {
    /// The simulation's settings.
    pub of: RandomTrace,
    /// Length of a step, ms.
    pub dt_ms: f64,
    /// Soma voltage at every step, uncapped, mV.
    pub soma_mv: Samples,
    /// Dendritic voltages at the start of each ms, uncapped, a row a segment, mV.
    pub dend_mv: Samples,
    /// Times and heights of the spikes' peaks, ms and mV.
    pub peaks: Vec<(f64, f64)>,
    /// The target: spikes, 0 or 1 a ms.
    pub spikes: Samples,
    /// The target: capped soma voltage, mV.
    pub soma_capped_mv: Samples,
    /// The target: near spike, 0 or 1 a ms.
    pub near: Samples,
    /// The spikes filtered by the causal box alone, Hz.
    pub boxed_hz: Samples,
    /// The target: instantaneous rate, the spikes filtered by box and Gaussian, Hz.
    pub rate_hz: Samples,
    /// The target: capped dendritic voltages, mV.
    pub dend_capped_mv: Samples,
    /// Whether the trace is a [draft](Tracer::draft), good enough for a figure but not for numbers.
    pub draft: bool,
}

/// Standard deviation of a Gaussian so narrow that it has one point, and changes nothing, ms.
const NO_SMOOTHING_MS: f64 = 0.2;

/// Simulates random traces, and keeps the voltages of the last one for a trace that differs in its targets' settings
/// alone.
#[derive(Debug, Default)]
pub struct Tracer {
    last: Option<(RandomTrace, Simulation)>,
}

impl RandomTrace {
    /// The random inputs of the simulation.
    pub fn inputs(&self) -> Inputs {
        let segments = self.params.num_rows();
        let (split, sim) = (Split::Train, 0);
        generate(&self.generator, self.seed, split, sim, segments, self.duration_ms).inputs
    }

    /// The same simulation with the targets' settings at their defaults: the key of its voltages.
    fn voltages(&self) -> Self {
        let params = NeuronParams { targets: TargetParams::default(), ..self.params.clone() };
        Self { params, ..self.clone() }
    }
}

impl Tracer {
    /// Whether the voltages of `of` are kept, so that [`trace`](Self::trace) need not simulate.
    pub fn knows(&self, of: &RandomTrace) -> bool {
        let key = of.voltages();
        self.last.as_ref().is_some_and(|(last, _)| *last == key)
    }

    /// The trace by the batch path in single precision, in steps of a tenth of a millisecond: in about a fifteenth of
    /// the time. Spikes may have other times.
    ///
    /// # Errors
    /// The errors of [`trace`](Self::trace).
    pub fn draft(of: &RandomTrace) -> Result<Traced, SimError> {
        let params = in_draft_steps(&of.params).unwrap_or_else(|| of.params.clone());
        let Voltages { soma_mv, dend_mv } = voltages::<false>(&params, of.inputs())?;
        let by_ms = ArrayView2::from_shape((of.duration_ms, params.num_rows()), &dend_mv);
        let dend = by_ms.map(|v| v.t().as_standard_layout().into_owned()).unwrap_or_default();
        let coarse = RandomTrace { params, ..of.clone() };
        let traced = traced(coarse, ArrayView1::from(&soma_mv), dend.view());
        Ok(Traced { of: of.clone(), draft: true, ..traced })
    }

    /// Draws the inputs and begins their simulation, which the caller advances to its end and then [keeps](Self::keep).
    ///
    /// # Errors
    /// The errors of [`trace`](Self::trace).
    pub fn begin(of: &RandomTrace) -> Result<Run<Inputs, Recording>, SimError> {
        Simulation::begin(&of.params, of.inputs(), None, &[])
    }

    /// Keeps a simulation that was advanced to its end, so that [`trace`](Self::trace) need not simulate it again.
    pub fn keep(&mut self, of: &RandomTrace, run: Run<Inputs, Recording>) {
        self.last = Some((of.voltages(), Simulation::of(&of.params, run)));
    }

    /// Simulates, unless the voltages of the last simulation serve, and derives the targets.
    ///
    /// # Errors
    /// [`SimError`] where the neuron cannot be simulated.
    pub fn trace(&mut self, of: RandomTrace) -> Result<Traced, SimError> {
        of.params.validate()?;
        if !self.knows(&of) {
            let mut run = Self::begin(&of)?;
            run.advance(of.duration_ms)?;
            self.keep(&of, run);
        }
        let Some((_, simulation)) = &self.last else { unreachable!("simulated above") };
        let (soma, dend) = (simulation.v_soma_hr.view(), simulation.v_dend.view());
        Ok(traced(of, soma, dend))
    }
}

/// The trace of the voltages (mV) of the soma at every step and of the segments at each ms, a row a segment, with its
/// targets.
fn traced(of: RandomTrace, soma: ArrayView1<'_, f64>, dend: ArrayView2<'_, f64>) -> Traced {
    let readout = of.params.readout();
    let targets = Targets::derive(&readout, soma, dend);
    let mut unsmoothed = readout;
    unsmoothed.targets.rate_smoothing_ms = NO_SMOOTHING_MS;
    let boxed = Targets::derive(&unsmoothed, soma, dend).inst_rate;
    let dt_ms = 1.0 / of.params.samples_per_ms as f64;
    let peaks = peaks_at_least(soma, of.params.spike_threshold_mv);
    let bools = |of: &Array1<bool>| Samples(of.iter().map(|b| f64::from(u8::from(*b))).collect());
    let hz = |of: &Array1<f32>| Samples(of.iter().map(|r| 1000.0 * f64::from(*r)).collect());
    Traced {
        dt_ms,
        soma_mv: Samples(soma.to_vec()),
        dend_mv: Samples(dend.iter().copied().collect()),
        peaks: peaks.into_iter().map(|k| (k as f64 * dt_ms, soma[k])).collect(),
        spikes: bools(&targets.spikes),
        soma_capped_mv: Samples(targets.soma_v.iter().map(|v| f64::from(*v)).collect()),
        near: bools(&targets.near_spike),
        boxed_hz: hz(&boxed),
        rate_hz: hz(&targets.inst_rate),
        dend_capped_mv: Samples(targets.dend_v.iter().map(|v| f64::from(*v)).collect()),
        of,
        draft: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(seed: u64) -> RandomTrace {
        let (params, generator) = (NeuronParams::default(), GeneratorConfig::default());
        RandomTrace { params, generator, seed, duration_ms: 600 }
    }

    #[test]
    fn the_targets_are_those_of_a_simulation_of_the_same_inputs() {
        let traced = Tracer::default().trace(ask(3)).unwrap();
        let inputs = crate::data::generate::random_inputs(3, Split::Train, 0, 8, 600);
        let wanted = Simulation::run(&NeuronParams::default(), inputs, None, &[]).unwrap().targets;
        assert_eq!(traced.soma_capped_mv.len(), 600);
        assert!(traced.soma_capped_mv.iter().zip(&wanted.soma_v).all(|(a, b)| *a == f64::from(*b)));
        assert!(traced.near.iter().zip(&wanted.near_spike).all(|(a, b)| (*a == 1.0) == *b));
        assert_eq!(traced.spikes.iter().sum::<f64>(), traced.peaks.len() as f64);
    }

    #[test]
    fn another_cap_needs_no_other_simulation() {
        let mut tracer = Tracer::default();
        let first = tracer.trace(ask(3)).unwrap();
        let mut other = ask(3);
        other.params.targets.soma_cap_mv = -70.0;
        other.params.targets.rate_window_ms = 20;
        let second = tracer.trace(other.clone()).unwrap();
        assert_eq!(first.soma_mv, second.soma_mv);
        assert!(second.soma_capped_mv.iter().all(|v| *v <= -70.0));
        assert_eq!(second, Tracer::default().trace(other).unwrap());
        assert_ne!(tracer.trace(ask(4)).unwrap().soma_mv, first.soma_mv);
    }

    #[test]
    fn a_draft_has_the_inputs_and_the_targets_of_its_trace() {
        let mut tracer = Tracer::default();
        assert!(!tracer.knows(&ask(3)));
        let (fine, draft) = (tracer.trace(ask(3)).unwrap(), Tracer::draft(&ask(3)).unwrap());
        assert!(tracer.knows(&ask(3)) && draft.draft && !fine.draft);
        assert_eq!((&draft.of, draft.dt_ms), (&fine.of, 0.1));
        assert_eq!(draft.soma_capped_mv.len(), fine.soma_capped_mv.len());
        // the soma's voltages of a draft differ too little to be seen, except near spikes
        let off =
            draft.soma_capped_mv.iter().zip(&*fine.soma_capped_mv).map(|(a, b)| (a - b).abs());
        let mean = off.sum::<f64>() / fine.soma_capped_mv.len() as f64;
        assert!(mean < 0.5, "{mean} mV");
    }

    #[test]
    fn the_box_alone_counts_spikes() {
        let traced = (0..20).map(|seed| Tracer::default().trace(ask(seed)).unwrap());
        let traced =
            traced.into_iter().find(|t| t.peaks.len() > 1).expect("one of twenty fires twice");
        for t in 0..600_usize {
            let from = t.saturating_sub(49);
            let count: f64 = traced.spikes[from..=t].iter().sum();
            // rates are 32-bit floats in spikes/ms, here times 1000
            assert!((traced.boxed_hz[t] - 20.0 * count).abs() < 1e-4, "{t}");
        }
    }
}
