//! What the page asks of the trainer.

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

/// Most parts of a batch: what every part costs, whatever its size, outweighs a smaller one.
pub const MOST_PARTS: usize = 8;

/// A training is saved at least so often, ms; lessons promise half a minute.
pub const SAVE_MS: f64 = 25_000.0;

/// How long a speed is measured, ms.
pub const MEASURE_MS: f64 = 3000.0;

/// Where the trainer's script lies, from the twins' page.
const SCRIPT: &str = "trainer/trainer.js";

/// The worker that trains and judges twins, from a wasm of its own.
#[derive(Debug)]
pub struct Trainer;

impl Service for Trainer {
    type Order = Order;

    // what nobody catches, a refused promise too, is an error of the worker, which the page hears of
    const LOADER: &'static str = "onunhandledrejection = ({reason}) => { throw reason; };\
    onmessage = async ({data: [script, base]}) => {\
        onmessage = null;\
        globalThis.ballstickBase = base;\
        globalThis.ballstickScript = script;\
        const {default: init} = await import(script);\
        await init();\
    };";

    // where the script is, and what addresses are relative to
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
        /// A training; one at a time goes on. The answer is the run as it is kept at the training's end, or where the
        /// training is stopped.
        Training => TrainingEvent, RunRecord;
        /// Something about the training that goes on.
        Control => Never, TrainingState;
        /// Whether the page is hidden from now on: half of the workers then rest.
        Hidden(bool) => Never, ();
    } and {
        /// Anything else; while a training goes on, it is answered between two of its steps.
        Inquiry,
    }
}

questions! {
    /// What is answered beside a training. The model of the run in training is the one in memory.
    pub enum Inquiry to Trainer {
        /// Looks for devices; the answer begins with the one that [`Wanted::Auto`] takes.
        Probe => Never, Vec<DeviceReport>;
        /// Trains for about three seconds on drawn data and forgets it, on each device that may be the faster one where
        /// that is left open.
        Measure {
            /// The architecture.
            config: TwinConfig,
            /// Batch and window.
            recipe: Recipe,
            /// Which device computes.
            wanted: Wanted,
            /// Parts of a batch on the CPU, as [`RunPlan::parts`].
            parts: usize,
        } => Never, Measured;
        /// A model's outputs beside the truth on a part of a simulation.
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
        /// A model's outputs on inputs of the learner's.
        Respond {
            /// The twin that is asked.
            model: ModelRef,
            /// Excitatory weights, a row a segment.
            exc: Samples,
            /// Inhibitory weights, a row a segment.
            inh: Samples,
            /// Number of segments.
            segments: usize,
        } => Never, Outputs;
        /// Judges a model on a split; a run's record keeps the judgement on the test set. Parts say how many
        /// simulations are judged, and of how many.
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
        /// A model's first layer.
        ReadFirstLayer(ModelRef) => Never, FirstLayer;
        /// A model as a file.
        Export(ModelRef, Form) => Never, NamedFile;
        /// Keeps a file's twin as a run.
        Import {
            /// `.safetensors` of the command line, or the original's `.pt`.
            file: ModelRef,
            /// The run's name from now on.
            id: RunId,
            /// What the learner calls the run.
            label: String,
            /// What the twin is to go on learning from.
            data: DataRef,
        } => Never, RunRecord;
    }
}

/// Looks for devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe;

/// A training to begin or to go on with.
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
        /// More epochs, or fewer; all else stays as it was.
        epochs: Option<usize>,
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

/// What happens in a training.
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
    /// A checkpoint is on disk.
    Saved {
        /// The checkpoint's step.
        step: u64,
        /// Whether the checkpoint is the best so far as well.
        best: bool,
    },
    /// The device or the worker failed; the training goes on from the last checkpoint.
    Replaced {
        /// Why the training was replaced, for the learner.
        text: String,
        /// The step that the training goes on from.
        step: u64,
    },
}

/// What can be asked of the training that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Control {
    /// Holds the training after this step, in memory.
    Pause,
    /// One step of a training that is held.
    Step,
    /// Goes on with the training that is held.
    Go,
    /// The learning rate from now on as a factor of the schedule's.
    LearningRate(f64),
    /// Saves and ends the training; [`Training::Resume`] goes on with it.
    Stop,
}

/// What a training does after a [`Control`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TrainingState {
    /// The training goes on.
    Going,
    /// The training is held.
    Paused(Box<TrainingProgress>),
    /// The training is stopped, and kept so.
    Ended(Box<RunRecord>),
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
