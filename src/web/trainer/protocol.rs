//! The questions that the page asks the trainer.

use js_sys::Array;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use web_sys::Url;

use crate::data::Split;
use crate::experiment::samples::Samples;
use crate::twin::config::TwinConfig;
use crate::twin::schedule::Recipe;
use crate::twin::train::LearningCurves;
use crate::web::dom;
use crate::web::port::{Never, Service, questions};

pub use super::answers::{
    FirstLayer, Judgement, Measured, NamedFile, Outputs, Prediction, SimulationRow,
    TrainingProgress,
};
pub use super::device::{Device, DeviceReport, Wanted};
pub use super::run::{DataRef, ModelRef, RunId, RunPlan, RunRecord, Which};

/// The most parts of a batch: with more, the cost that every part has whatever its size outweighs what is gained.
pub const MOST_PARTS: usize = 8;

/// The longest time between two saves of a training, ms; lessons promise half a minute.
pub const SAVE_MS: f64 = 25_000.0;

/// What the page is told where the graphics device has no memory left.
pub const OUT_OF_MEMORY: &str = "The graphics device ran out of memory.";

/// How long the speed of a training is measured on a device, ms.
pub const MEASURE_MS: f64 = 3000.0;

/// The trainer's script, relative to the twins' page.
const SCRIPT: &str = "trainer/trainer.js";

/// The worker that trains and judges twins, from a wasm of its own.
#[derive(Debug)]
pub struct Trainer;

impl Service for Trainer {
    type Order = Order;

    // an uncaught error or rejected promise becomes an error event of the worker, which the page receives
    const LOADER: &'static str = "onunhandledrejection = ({reason}) => { throw reason; };\
    onmessage = async ({data: [script, base]}) => {\
        onmessage = null;\
        globalThis.ballstickBase = base;\
        globalThis.ballstickScript = script;\
        const {default: init} = await import(script);\
        await init();\
    };";

    // the script's address, and the address to which others are relative
    fn first_message() -> Result<JsValue, JsValue> {
        let base = dom::document().base_uri()?.unwrap_or_default();
        let script = Url::new_with_base(SCRIPT, &base)?.href();
        Ok(Array::of2(&script.into(), &base.into()).into())
    }

    fn stopped(message: &str) -> String {
        let message = message.trim_start_matches("Uncaught ").trim_end_matches('.');
        if message.contains("unreachable") || message.contains("memory") {
            return "The trainer stopped: most likely it ran out of memory.".into();
        }
        match message {
            "" => "The trainer stopped.".into(),
            other => format!("The trainer stopped ({other})."),
        }
    }
}

questions! {
    /// All that the trainer can be asked.
    pub enum Order to Trainer {
        /// A training; only one goes on at a time. The answer is the run's record as it is stored at the training's
        /// end, or where the training is stopped.
        Training => TrainingEvent, RunRecord;
        /// A control of the training that goes on.
        Control => Never, TrainingState;
        /// Whether the page is hidden from now on: half of the workers then rest.
        Hidden(bool) => Never, ();
    } and {
        /// Any other question; while a training goes on, it is answered between two of the training's steps.
        Inquiry,
    }
}

questions! {
    /// Questions that are answered beside a training. The last checkpoint of the run in training means the twin in
    /// memory.
    pub enum Inquiry to Trainer {
        /// Looks for devices; the answer begins with the one that [`Wanted::Auto`] takes.
        Probe => Never, Vec<DeviceReport>;
        /// Trains for about three seconds on drawn data and forgets the twin. Where `wanted` leaves the device open,
        /// each that may be the faster one is measured.
        Measure {
            /// The architecture.
            config: TwinConfig,
            /// The recipe, of which batch and window count.
            recipe: Recipe,
            /// Which device computes.
            wanted: Wanted,
            /// Parts of a batch on the CPU, as [`RunPlan::parts`].
            parts: usize,
        } => Never, Measured;
        /// A twin's outputs beside the neuron's targets, on a part of a simulation.
        Predict {
            /// The twin that is asked.
            model: ModelRef,
            /// The data set whose simulations are taken.
            data: DataRef,
            /// The split that the simulations are taken from.
            split: Split,
            /// The simulation's number in the split, in order.
            index: usize,
            /// The first ms that is answered.
            from: usize,
            /// How many ms are answered; fewer at the simulation's end.
            len: usize,
        } => Never, Prediction;
        /// A twin's outputs on inputs that the learner has made.
        Respond {
            /// The twin that is asked.
            model: ModelRef,
            /// Excitatory weights, a row per segment.
            exc: Samples,
            /// Inhibitory weights, a row per segment.
            inh: Samples,
            /// Number of segments.
            segments: usize,
        } => Never, Outputs;
        /// Judges a twin on a split; a run's record keeps the judgement on the test set. Parts say how many simulations
        /// are judged, and of how many.
        Evaluate {
            /// The twin that is asked.
            model: ModelRef,
            /// The data set whose simulations are taken.
            data: DataRef,
            /// The split that the simulations are taken from.
            split: Split,
            /// Which device computes.
            wanted: Wanted,
        } => (usize, usize), Judgement;
        /// The kernels of a twin's first layer.
        ReadFirstLayer(ModelRef) => Never, FirstLayer;
        /// A twin as a file.
        Export(ModelRef, Form) => Never, NamedFile;
        /// Stores a file's twin as a run.
        Import {
            /// The file: `.safetensors` of the command line, or the original's `.pt`.
            file: ModelRef,
            /// The id of the new run.
            id: RunId,
            /// What the learner calls the run.
            label: String,
            /// The data set that the twin is to go on learning from.
            data: DataRef,
        } => Never, RunRecord;
    }
}

/// The question which devices there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe;

/// A training that is to begin, or to go on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Training {
    /// Starts a training.
    Start {
        /// What is to be trained.
        plan: Box<RunPlan>,
        /// Which device computes.
        wanted: Wanted,
    },
    /// Goes on with a run from its last checkpoint.
    Resume {
        /// The run that goes on.
        run: RunId,
        /// Which device computes.
        wanted: Wanted,
        /// The number of epochs from now on; `None` leaves it and all else as it was.
        epochs: Option<usize>,
        /// Whether every batch is computed in two halves from now on, as [`RunRecord::in_halves`].
        in_halves: bool,
    },
}

impl Training {
    /// The run that is trained.
    #[must_use]
    pub fn run(&self) -> &RunId {
        match self {
            Self::Start { plan, .. } => &plan.id,
            Self::Resume { run, .. } => run,
        }
    }
}

/// An event of a training, which the page gets as a part of the training's answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TrainingEvent {
    /// A training begins.
    Started {
        /// The run's record as the browser stores it.
        record: Box<RunRecord>,
        /// Which device and why, in words ("WebGPU: no adapter → CPU").
        device_text: String,
        /// All rows of the learning curves so far.
        curves: LearningCurves,
    },
    /// How far the training is, at most every 500 ms.
    Progress(Box<TrainingProgress>),
    /// A checkpoint is stored.
    Saved {
        /// The checkpoint's step.
        step: u64,
        /// Whether the checkpoint is also the best so far.
        best: bool,
    },
    /// The device or the worker failed; the training goes on from the last checkpoint.
    Replaced {
        /// Why the training was replaced, for the learner to read.
        text: String,
        /// The step that the training goes on from.
        step: u64,
    },
}

/// A control of the training that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Control {
    /// Holds the training after this step; the twin stays in memory.
    Pause,
    /// Takes one step of a training that is held.
    Step,
    /// Goes on with the training that is held.
    Go,
    /// The learning rate from now on as a factor of the schedule's.
    LearningRate(f64),
    /// Saves and ends the training; [`Training::Resume`] goes on with it.
    Stop,
}

/// The state of a training after a [`Control`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TrainingState {
    /// The training goes on.
    Going,
    /// The training is held.
    Paused(Box<TrainingProgress>),
    /// The training is stopped, and its run stored.
    Ended(Box<RunRecord>),
}

/// A form of a twin's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// The command line's `.safetensors`.
    Ours,
    /// The original's `.pt`, under the name that the original would give it.
    Torch,
    /// `.onnx`, of scaled inputs and raw outputs.
    Onnx,
}
