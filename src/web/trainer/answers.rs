//! The trainer's answers.

use serde::{Deserialize, Serialize};
use web_sys::Blob;

use super::device::Device;
pub use crate::experiment::outputs::Outputs;
use crate::experiment::samples::Samples;
use crate::twin::baseline::Baseline;
use crate::twin::calibrated::{Calibrated, Points};
use crate::twin::loss::LossWeights;
use crate::twin::probabilities::ProbabilityCounts;
use crate::twin::thresholds::OperatingPoint;
use crate::twin::train::LearningCurves;

/// How far a training is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingProgress {
    /// Training steps taken.
    pub step: u64,
    /// Training steps of the whole run.
    pub steps: u64,
    /// The epoch, from 0.
    pub epoch: usize,
    /// Epochs of the whole run.
    pub epochs: usize,
    /// Training steps a second, lately.
    pub steps_per_s: f64,
    /// Seconds until the end at that rate.
    pub left_s: f64,
    /// Workers that computed the last gradient; 1 on a graphics device.
    pub workers: usize,
    /// The learning rate of the epoch.
    pub learning_rate: f64,
    /// The epoch's weights of the five losses.
    pub loss_weights: LossWeights,
    /// Rows of the learning curves since the last report.
    pub new: LearningCurves,
}

/// A twin's outputs beside the neuron's targets, on a part of a simulation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The part's first millisecond in the simulation.
    pub from_ms: usize,
    /// Duration of the whole simulation, ms.
    pub duration_ms: usize,
    /// Number of simulations in the split.
    pub simulations: usize,
    /// Number of segments.
    pub segments: usize,
    /// Excitatory weights, a row per segment.
    pub exc: Samples,
    /// Inhibitory weights, a row per segment.
    pub inh: Samples,
    /// The twin's outputs.
    pub predicted: Outputs,
    /// The neuron's targets: spikes and near spikes are 0 or 1.
    pub truth: Outputs,
}

/// A twin judged on a test set. Percent, mV and Hz; metrics that are not defined are NaN.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Judgement {
    /// The same JSON that `ballstick evaluate --json` prints.
    pub metrics: String,
    /// Simulations judged.
    pub simulations: usize,
    /// Milliseconds judged in which the neuron fires, and in which it is silent.
    pub firing_ms: [f64; 2],
    /// Area under the spikes' ROC curve.
    pub auc: f64,
    /// The 95% interval of the value before, by resampling whole simulations.
    pub auc_interval: (f64, f64),
    /// True-positive rate at the false-positive rate nearest 0.002.
    pub tpr: f64,
    /// The 95% interval of the value before, by resampling whole simulations.
    pub tpr_interval: (f64, f64),
    /// The threshold at that false-positive rate, and how many spikes and false alarms it finds.
    pub mark: Option<OperatingPoint>,
    /// Hits and false alarms (ms) at each threshold of [`scale`](crate::twin::thresholds::scale).
    pub found: Vec<(u32, u32)>,
    /// The baselines that the twin has to beat, on the same simulations.
    pub baselines: Vec<Baseline>,
    /// Which simulations the twin was judged on, in the words of a [`TestSet`](crate::twin::results::TestSet).
    pub test_set: String,
    /// How many ms of each simulation were judged, and of how many.
    pub judged_ms: (usize, usize),
    /// The spikes' curve: false-positive rate, true-positive rate, threshold.
    pub roc: Vec<(f64, f64, f64)>,
    /// The near spikes' curve, in the same order.
    pub near_roc: Vec<(f64, f64, f64)>,
    /// The spikes' precision over recall: recall, precision, threshold.
    pub precision_recall: Vec<(f64, f64, f64)>,
    /// How often the twin gave which probability of a spike, in firing and in silent ms.
    pub probabilities: ProbabilityCounts,
    /// How well probabilities are calibrated, for each of [`CHOICES`](crate::twin::calibrated::CHOICES).
    pub calibrations: Vec<Calibrated>,
    /// True and predicted soma voltage, mV, of a sample of all ms.
    pub soma: Points,
    /// True and predicted rate, Hz, of a sample of all ms.
    pub rate: Points,
    /// True and predicted dendritic voltage, mV, of a sample of all ms and segments.
    pub dend: Points,
    /// A row for each simulation in which the neuron fires.
    pub per_simulation: Vec<SimulationRow>,
    /// Time that the twin took for one simulation, ms.
    pub inference_ms: f64,
    /// Bytes of the twin's weights.
    pub weight_bytes: f64,
    /// The device that computed the judgement.
    pub device: Option<Device>,
}

/// How well a twin does on one simulation. A judgement is stored with the seven numbers in a row, in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "[f64; 7]", into = "[f64; 7]")]
pub struct SimulationRow {
    /// The simulation's number in its split.
    pub simulation: f64,
    /// Spikes of the neuron.
    pub spikes: f64,
    /// Area under the spikes' ROC curve.
    pub auc: f64,
    /// Area under the near spikes' ROC curve.
    pub near_auc: f64,
    /// Explained variance of the soma voltage, 1 at best.
    pub soma: f64,
    /// Explained variance of the dendritic voltages, 1 at best.
    pub dend: f64,
    /// Explained variance of the rate, 1 at best.
    pub rate: f64,
}

impl From<[f64; 7]> for SimulationRow {
    fn from([simulation, spikes, auc, near_auc, soma, dend, rate]: [f64; 7]) -> Self {
        Self { simulation, spikes, auc, near_auc, soma, dend, rate }
    }
}

impl From<SimulationRow> for [f64; 7] {
    fn from(row: SimulationRow) -> Self {
        let SimulationRow { simulation, spikes, auc, near_auc, soma, dend, rate } = row;
        [simulation, spikes, auc, near_auc, soma, dend, rate]
    }
}

/// A file for the learner to download.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NamedFile(
    /// The file's name.
    pub String,
    /// The file's bytes.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub Blob,
);

/// How fast a training goes on each device, and which device is best.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Where a training is best done.
    pub device: Device,
    /// Why a training is best done there.
    pub text: String,
    /// Training steps a second on that device.
    pub steps_per_s: f64,
    /// Steps a second on each device that was measured.
    pub all: Vec<(Device, f64)>,
}

/// The kernels of a twin's first layer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FirstLayer {
    /// Numbers of kernels, of input channels (excitation, inhibition), of segments and of ms.
    pub dims: [usize; 4],
    /// The weights in the order of `dims`; the last ms is the present.
    pub values: Samples,
}
