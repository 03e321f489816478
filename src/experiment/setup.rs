//! The settings of an experiment: a neuron, its inputs, and what is recorded in detail.

use serde::{Deserialize, Serialize};

use crate::sim::{CurrentClamp, Inputs, NeuronParams};

/// One simulation: a neuron, its inputs, and what is recorded in detail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Experiment {
    /// The neuron.
    pub params: NeuronParams,
    /// Duration of the simulation, ms.
    pub duration_ms: usize,
    /// Current into the soma; `None`: no electrode.
    pub clamp: Option<CurrentClamp>,
    /// Synaptic events.
    pub events: Vec<SynapticEvent>,
    /// The window in which every channel is recorded; `None`: no window.
    pub close_up: Option<CloseUp>,
    /// Segments whose voltage is kept at every step; numbers beyond the neuron's segments are left out.
    #[serde(default)]
    pub watch: Vec<usize>,
}

/// One weighted input spike.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SynapticEvent {
    /// Index of the segment; 0 is next to the soma.
    pub segment: usize,
    /// The event's bin of 1 ms.
    pub t_ms: usize,
    /// Whether the event is excitatory (AMPA and NMDA); otherwise it is inhibitory (GABA_A).
    pub excitatory: bool,
    /// Weight of the event.
    pub weight: f64,
}

impl SynapticEvent {
    /// An excitatory event.
    pub fn excitatory(segment: usize, t_ms: usize, weight: f64) -> Self {
        Self { segment, t_ms, excitatory: true, weight }
    }
}

/// The place of the window in which channels are recorded: around a spike, or around a time where the neuron does not
/// fire.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CloseUp {
    /// Number of the spike, from 0; the last spike where there are fewer.
    pub spike: usize,
    /// Centre of the window where there is no spike, ms.
    pub without_spike_ms: f64,
    /// Time from the window's start to the spike, ms.
    pub before_ms: f64,
    /// Time from the spike to the window's end, ms.
    pub after_ms: f64,
}

impl Experiment {
    /// When the first event or the neuron's first electrode begins, ms; 0 where there is none. Peaks count from here on.
    pub(super) fn first_ms(&self) -> usize {
        let events = self.events.iter().map(|event| event.t_ms);
        let clamps = self.params.clamps.iter().map(|clamp| clamp.start_ms as usize);
        events.chain(clamps).min().unwrap_or(0).min(self.duration_ms)
    }

    /// All events as the simulator's inputs.
    pub(super) fn all_inputs(&self) -> Inputs {
        self.inputs(self.duration_ms)
    }

    /// The events of the first `duration_ms` ms as the simulator's inputs; events on other rows than the neuron's, or
    /// later, are left out.
    pub(super) fn inputs(&self, duration_ms: usize) -> Inputs {
        let rows = self.params.num_rows();
        let mut inputs = Inputs::silent(rows, duration_ms);
        for event in self.events.iter().filter(|e| e.segment < rows && e.t_ms < duration_ms) {
            let row = if event.excitatory { &mut inputs.exc } else { &mut inputs.inh };
            row[event.segment * duration_ms + event.t_ms] += event.weight;
        }
        inputs
    }
}
