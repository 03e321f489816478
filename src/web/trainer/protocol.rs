//! What the page and the trainer say to each other.

use serde::{Deserialize, Serialize};
use web_sys::Blob;

use crate::data::Split;
use crate::twin::baseline::Baseline;
use crate::twin::config::TwinConfig;
use crate::twin::loss::LossWeights;
use crate::twin::probabilities::ProbabilityCounts;
use crate::twin::schedule::Recipe;
use crate::twin::thresholds::OperatingPoint;
use crate::web::protocol::RequestId;
use crate::web::samples::Samples;
use crate::web::trainer::calibrated::Calibrated;

pub use super::run::{ModelRef, RunId, RunPlan, RunRecord, Which};

/// Most parts of a batch: what every part costs, whatever its size, outweighs a smaller one.
pub const MOST_PARTS: usize = 8;

/// A training is saved at least so often, ms; lessons promise half a minute.
pub const SAVE_MS: f64 = 25_000.0;

/// How long a speed is measured, ms.
pub const MEASURE_MS: f64 = 3000.0;

/// From the page to the trainer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToTrainer {
    /// Do this; its answers carry the number.
    Run(RequestId, Box<Order>),
    /// Nobody waits for this one any more; a training is stopped as by [`Order::Stop`].
    Cancel(RequestId),
    /// Whether the page is hidden from now on: half of the workers then rest.
    Hidden(bool),
}

/// From the trainer to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromTrainer {
    /// The worker listens from now on.
    Ready,
    /// A part of an answer; more follows.
    Partial(RequestId, News),
    /// The answer, or its last part.
    Done(RequestId, News),
    /// It cannot be done, and why, for the learner to read.
    Failed(RequestId, String),
    /// The device or the worker is of no further use, and why: the page starts a new worker.
    Broken(String),
}

/// Where to compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Device {
    /// The graphics device, through WebGPU.
    WebGpu,
    /// The processor, with its vector instructions.
    Cpu,
}

/// Which device the learner wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Wanted {
    /// WebGPU where there is an adapter of a graphics device, else the CPU; an adapter in software never.
    #[default]
    Auto,
    /// The faster one, since both were measured on this twin: training steps a second.
    Measured {
        /// On WebGPU.
        webgpu: f64,
        /// On the CPU.
        cpu: f64,
    },
    /// This one, or an error.
    Only(Device),
}

impl Wanted {
    /// The faster device of a measurement.
    #[must_use]
    pub fn faster(webgpu: f64, cpu: f64) -> Device {
        if webgpu > cpu { Device::WebGpu } else { Device::Cpu }
    }
}

/// What was found out about a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceReport {
    /// Which.
    pub device: Device,
    /// Whether it can be used.
    pub usable: bool,
    /// Whether it is a WebGPU adapter that computes in software, on the same processor as the CPU and slower.
    pub software: bool,
    /// Its name, or why it cannot be used ("no adapter").
    pub words: String,
}

/// A set of simulations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DataRef {
    /// The one that the learner made in lesson 5, which the browser keeps.
    Kept,
    /// One that ships with the page: the name of a zip under `recorded/`, without its ending.
    Recorded(String),
}

/// Work for the trainer. While a training goes on, everything else is answered between two of its steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Order {
    /// Looks for devices; answered by [`News::Devices`].
    Probe,
    /// Trains for about three seconds on drawn data and forgets it, on each device that may be the faster one where
    /// that is left open; answered by [`News::Measured`].
    Measure {
        /// The architecture.
        config: Box<TwinConfig>,
        /// Batch and window.
        recipe: Box<Recipe>,
        /// Where.
        wanted: Wanted,
        /// Parts of a batch on the CPU, as [`RunPlan::parts`].
        parts: usize,
    },
    /// Starts a training; answered by [`News::Started`], then [`News::Progress`] and [`News::Saved`], at the end by
    /// [`News::Ended`].
    Start {
        /// What is to be trained.
        plan: Box<RunPlan>,
        /// Where.
        wanted: Wanted,
    },
    /// Goes on with a run from its last checkpoint; answered as [`Order::Start`].
    Resume {
        /// Which.
        run: RunId,
        /// Where.
        wanted: Wanted,
        /// More epochs, or fewer; all else stays as it was.
        epochs: Option<usize>,
    },
    /// Holds the training after this step, in memory; answered by [`News::Paused`].
    Pause,
    /// One step of a training that is held; answered by [`News::Paused`].
    Step,
    /// Goes on with the training that is held; answered by [`News::Going`].
    Go,
    /// The learning rate from now on as a factor of the schedule's; answered by [`News::Going`] or [`News::Paused`].
    LearningRate(f64),
    /// Saves and ends the training; [`Order::Resume`] goes on with it. The training's own request is answered by
    /// [`News::Ended`].
    Stop,
    /// A model's outputs beside the truth on a part of a simulation; answered by [`News::Prediction`]. The model of
    /// the run in training is the one in memory.
    Predict {
        /// Which twin.
        model: ModelRef,
        /// Whose simulations.
        data: DataRef,
        /// Which of them.
        split: Split,
        /// Number in the split, in order.
        index: usize,
        /// First ms.
        from: usize,
        /// How many; fewer at the simulation's end.
        len: usize,
    },
    /// A model's outputs on inputs of the learner's; answered by [`News::Response`].
    Respond {
        /// Which twin.
        model: ModelRef,
        /// Excitatory weights, a row a segment.
        exc: Samples,
        /// Inhibitory weights, a row a segment.
        inh: Samples,
        /// Number of segments.
        segments: usize,
    },
    /// Judges a model on a split; answered by [`News::Judging`], at the end by [`News::Judged`], which a run's record
    /// keeps.
    Evaluate {
        /// Which twin.
        model: ModelRef,
        /// Whose simulations.
        data: DataRef,
        /// Which of them.
        split: Split,
        /// Where.
        wanted: Wanted,
    },
    /// A model's first layer; answered by [`News::FirstLayer`].
    FirstLayer(ModelRef),
    /// A model as a file; answered by [`News::File`].
    Export(ModelRef, Form),
    /// Keeps a file's twin as a run; answered by [`News::Imported`].
    Import {
        /// `.safetensors` of the command line, or the seed's `.pt`.
        file: ModelRef,
        /// Its name from now on.
        id: RunId,
        /// What the learner calls it.
        label: String,
        /// What it is to go on learning from.
        data: DataRef,
    },
}

/// A form of a twin's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// The command line's `.safetensors`.
    Ours,
    /// The original's `.pt`, under its name.
    Torch,
    /// `.onnx`, scaled outside.
    Onnx,
}

/// What the trainer says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum News {
    /// The devices, the one that [`Wanted::Auto`] takes first.
    Devices(Vec<DeviceReport>),
    /// How fast it was.
    Measured {
        /// Where.
        device: Device,
        /// Why there.
        words: String,
        /// Training steps a second.
        steps_per_s: f64,
        /// Of each device that was measured.
        all: Vec<(Device, f64)>,
    },
    /// A training begins.
    Started {
        /// As it is kept.
        record: Box<RunRecord>,
        /// Which device and why, in words ("WebGPU: no adapter → CPU").
        device_words: String,
        /// All rows of the learning curves so far.
        curves: Curves,
    },
    /// Where it is, at most every 500 ms.
    Progress(Box<Progress>),
    /// A checkpoint is on disk.
    Saved {
        /// Its step.
        step: u64,
        /// Whether it is the best so far as well.
        best: bool,
    },
    /// The device or the worker failed; the training goes on from the last checkpoint.
    Replaced {
        /// Why, in words.
        words: String,
        /// The step that it goes on from.
        step: u64,
    },
    /// The training is held.
    Paused(Box<Progress>),
    /// The training goes on.
    Going,
    /// The training is over, or stopped.
    Ended(Box<RunRecord>),
    /// Outputs beside the truth.
    Prediction(Box<Prediction>),
    /// Outputs.
    Response(Box<Outputs>),
    /// How many simulations are judged, and of how many.
    Judging(usize, usize),
    /// The judgement.
    Judged(Box<Judgement>),
    /// The first layer.
    FirstLayer(Box<FirstLayer>),
    /// A file and its name.
    File(String, #[serde(with = "serde_wasm_bindgen::preserve")] Blob),
    /// A run is kept.
    Imported(Box<RunRecord>),
}

/// Rows of the learning curves, in the columns of a checkpoint.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Curves {
    /// Step, epoch, learning rate, five losses, their weighted sum, gradient norm.
    pub train: Vec<[f32; 10]>,
    /// Step, epoch, five losses, their weighted sum, 1 for the best so far.
    pub valid: Vec<[f32; 9]>,
}

/// Where a training is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Steps taken.
    pub step: u64,
    /// Of how many.
    pub steps: u64,
    /// From 0.
    pub epoch: usize,
    /// Of how many.
    pub epochs: usize,
    /// Steps a second lately.
    pub steps_per_s: f64,
    /// Seconds until the end at that rate.
    pub left_s: f64,
    /// Workers that computed the last gradient; 1 on a graphics device.
    pub workers: usize,
    /// Learning rate.
    pub learning_rate: f64,
    /// Weights of the five losses.
    pub loss_weights: LossWeights,
    /// Rows since the last progress.
    pub new: Curves,
}

/// Outputs of a twin, in the units of the targets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outputs {
    /// Probability of a spike in each ms.
    pub spikes: Samples,
    /// Soma voltage, mV.
    pub soma_mv: Samples,
    /// Probability of a near spike.
    pub near: Samples,
    /// Rate, Hz.
    pub rate_hz: Samples,
    /// Dendritic voltages, mV, a row a segment.
    pub dend_mv: Samples,
    /// How long the twin took, ms.
    pub took_ms: f64,
}

/// Outputs beside the truth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// First ms in the simulation.
    pub from_ms: usize,
    /// Duration of the whole simulation, ms.
    pub duration_ms: usize,
    /// Simulations in the split.
    pub simulations: usize,
    /// Number of segments.
    pub segments: usize,
    /// Excitatory weights, a row a segment.
    pub exc: Samples,
    /// Inhibitory weights, a row a segment.
    pub inh: Samples,
    /// The twin's.
    pub predicted: Outputs,
    /// The neuron's: spikes and near spikes are 0 or 1.
    pub truth: Outputs,
}

/// A curve of points, few enough to draw.
pub type Points = Vec<(f64, f64)>;

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
    /// Its 95% interval by resampling whole simulations.
    pub auc_interval: (f64, f64),
    /// True-positive rate at the false-positive rate nearest 0.002.
    pub tpr: f64,
    /// Its 95% interval by resampling whole simulations.
    pub tpr_interval: (f64, f64),
    /// The threshold there, and what it finds.
    pub mark: Option<OperatingPoint>,
    /// Hits and false alarms at each threshold of [`scale`](crate::twin::thresholds::scale), counted.
    pub found: Vec<(u32, u32)>,
    /// What the twin has to beat, on the same simulations.
    pub baselines: Vec<Baseline>,
    /// Which simulations it was judged on, as a [`TestSet`](crate::twin::results::TestSet) says it.
    pub test_set: String,
    /// How many ms of each simulation were judged, and of how many.
    pub judged_ms: (usize, usize),
    /// The spikes' curve: false-positive rate, true-positive rate, threshold.
    pub roc: Vec<(f64, f64, f64)>,
    /// The near spikes' curve.
    pub near_roc: Vec<(f64, f64, f64)>,
    /// The spikes' precision over recall, with threshold: recall, precision, threshold.
    pub precision_recall: Vec<(f64, f64, f64)>,
    /// How often which probability of a spike was given, in firing and in silent ms.
    pub probabilities: ProbabilityCounts,
    /// Calibration, for each of [`CHOICES`](super::calibrated::CHOICES).
    pub calibrations: Vec<Calibrated>,
    /// True and predicted soma voltage, mV, a drawn sample.
    pub soma: Points,
    /// True and predicted rate, Hz, a drawn sample.
    pub rate: Points,
    /// True and predicted dendritic voltage, mV, a drawn sample.
    pub dend: Points,
    /// Of each simulation with spikes: number, spikes, AUC of spikes, of near spikes, then explained variance of soma,
    /// dendrite and rate, 0-1.
    pub per_simulation: Vec<[f64; 7]>,
    /// ms that the twin took for one simulation.
    pub inference_ms: f64,
    /// Bytes of its weights.
    pub weight_bytes: f64,
    /// Where it was computed.
    pub device: Option<Device>,
}

/// Kernels of a first layer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FirstLayer {
    /// Kernels, input channels (excitation, inhibition), segments, ms.
    pub dims: [usize; 4],
    /// In that order; the last ms is the present.
    pub values: Samples,
}
