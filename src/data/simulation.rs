//! A simulation with everything that the original keeps of one.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, s};

use super::target::Targets;
use crate::sim::run::Run;
use crate::sim::{CurrentClamp, Inputs, NeuronParams, Quantity, Recording, SimError};

/// Inputs, voltages and targets of one simulation of T ms with S segments.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulation {
    /// The synaptic inputs.
    pub inputs: Inputs,
    /// Soma voltage at every step, the initial value first, mV; (T · samples per ms + 1).
    pub v_soma_hr: Array1<f64>,
    /// Voltage of each segment at the start of each ms, mV; (S, T).
    pub v_dend: Array2<f64>,
    /// Calcium under the soma's membrane at the start of each ms, mM; (T). NaN where the soma has no pool.
    pub cai: Array1<f64>,
    /// Calcium under each segment's membrane at the start of each ms, mM; (S, T), NaN where a segment has no pool.
    /// Empty where none has.
    pub cai_dend: Array2<f64>,
    /// The five targets.
    pub targets: Targets,
    /// The recording of further quantities, as far as they were asked for.
    pub recording: Recording,
}

impl Simulation {
    /// Simulates by the exact method; `extra` names further quantities to record, each with the number of steps between
    /// samples.
    ///
    /// # Errors
    /// [`SimError`]: parameters or inputs that cannot be simulated.
    pub fn run(
        params: &NeuronParams,
        inputs: Inputs,
        clamp: Option<CurrentClamp>,
        extra: &[(Quantity, usize)],
    ) -> Result<Self, SimError> {
        let mut run = Self::begin(params, inputs, clamp, extra)?;
        run.advance(usize::MAX)?;
        Ok(Self::of(params, run))
    }

    /// The run of [`run`](Self::run) before its first step: the caller advances it to its end, and [`of`](Self::of)
    /// makes a simulation of it.
    ///
    /// # Errors
    /// The errors of [`run`](Self::run).
    pub fn begin(
        params: &NeuronParams,
        inputs: Inputs,
        clamp: Option<CurrentClamp>,
        extra: &[(Quantity, usize)],
    ) -> Result<Run<Inputs, Recording>, SimError> {
        let per_ms = params.samples_per_ms;
        let mut recording = Recording::new()
            .with(Quantity::SomaVoltage, 1)
            .with(Quantity::DendVoltage, per_ms)
            .with(Quantity::Calcium, per_ms);
        if params.has_dendritic_pools() {
            recording = recording.with(Quantity::DendCalcium, per_ms);
        }
        for &(quantity, every) in extra {
            recording = recording.with(quantity, every);
        }
        Run::new(params, inputs, clamp, recording)
    }

    /// The simulation of a run that [`begin`](Self::begin) made and the caller advanced to its end.
    pub fn of(params: &NeuronParams, run: Run<Inputs, Recording>) -> Self {
        let (_, inputs, recording) = run.finish();
        let (segments, duration) = (params.num_rows(), inputs.duration_ms);
        let v_soma_hr = ArrayView1::from(recording.values(Quantity::SomaVoltage)).to_owned();
        // one sample a ms and the final one, each with a value a segment
        let by_ms = |quantity| {
            ArrayView2::from_shape((duration + 1, segments), recording.values(quantity))
                .map(|v| v.slice(s![..duration, ..]).t().as_standard_layout().into_owned())
                .unwrap_or_default()
        };
        let (v_dend, cai_dend) = (by_ms(Quantity::DendVoltage), by_ms(Quantity::DendCalcium));
        let cai = recording.values(Quantity::Calcium).iter().take(duration).copied().collect();
        let targets = Targets::derive(&params.readout(), v_soma_hr.view(), v_dend.view());
        Self { inputs, v_soma_hr, v_dend, cai, cai_dend, targets, recording }
    }
}
