//! What is simulated: a neuron, what reaches it, and how closely to look.

use serde::{Deserialize, Serialize};

use crate::sim::{CurrentClamp, Inputs, NeuronParams};

/// One simulation: a neuron, what reaches it, and how closely to look.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Experiment {
    /// The neuron.
    pub params: NeuronParams,
    /// How long, ms.
    pub duration_ms: usize,
    /// Current into the soma.
    pub clamp: Option<CurrentClamp>,
    /// Synaptic events.
    pub events: Vec<SynapticEvent>,
    /// A window to open every channel in.
    pub close_up: Option<CloseUp>,
    /// Segments whose voltage is kept at every step; numbers beyond the neuron's segments are left out.
    #[serde(default)]
    pub watch: Vec<usize>,
}

/// One weighted input spike.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SynapticEvent {
    /// Which segment; 0 is next to the soma.
    pub segment: usize,
    /// Its 1 ms bin.
    pub t_ms: usize,
    /// Excitatory (AMPA and NMDA), else inhibitory (GABA_A).
    pub excitatory: bool,
    /// Its weight.
    pub weight: f64,
}

impl SynapticEvent {
    /// An excitatory event.
    pub fn excitatory(segment: usize, t_ms: usize, weight: f64) -> Self {
        Self { segment, t_ms, excitatory: true, weight }
    }
}

/// Where to open the channels: around a spike, or around a time where the neuron does not fire.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CloseUp {
    /// Which spike, counted from 0; the last one where there are fewer.
    pub spike: usize,
    /// The time looked at where there is no spike, ms.
    pub without_spike_ms: f64,
    /// How long before the spike the window begins, ms.
    pub before_ms: f64,
    /// How long after the spike the window ends, ms.
    pub after_ms: f64,
}

impl Experiment {
    /// Its events as the simulator takes them.
    pub(super) fn all_inputs(&self) -> Inputs {
        self.inputs(self.duration_ms)
    }

    /// The events of the first `duration_ms` as the simulator takes them; those outside the
    /// neuron or the time are left out.
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
