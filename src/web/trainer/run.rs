//! A run: the plan of a training, and what is stored of it.

use serde::{Deserialize, Serialize};
use web_sys::File;

use super::answers::Judgement;
use super::device::Device;
use crate::twin::config::TwinConfig;
use crate::twin::results::{Row, defined};
use crate::twin::schedule::Recipe;

/// The id of a run: up to 100 letters, digits, `-` and `_`.
pub type RunId = String;

/// Which of a run's two checkpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Which {
    /// The checkpoint of the lowest validation spike loss.
    Best,
    /// The checkpoint that the training has come to.
    Last,
}

/// A data set that the trainer can read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DataRef {
    /// The data set of lesson 5, which the browser keeps.
    Kept,
    /// A data set that ships with the page: the name of a zip under `recorded/`, without its ending.
    Recorded(String),
}

/// A trained twin, by where it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ModelRef {
    /// The twin of a run that the browser keeps.
    Run(RunId, Which),
    /// A twin that ships with the page: the name of a `.safetensors` under `recorded/`, without its ending.
    Recorded(String),
    /// A file of the learner's: `.safetensors` of the command line, or the original's `.pt`.
    File(#[serde(with = "serde_wasm_bindgen::preserve")] File),
}

/// A training that is to be started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunPlan {
    /// The run's id from now on; a run that has this id already is replaced.
    pub id: RunId,
    /// What the learner calls the run.
    pub label: String,
    /// The architecture; its number of segments becomes the data's.
    pub config: TwinConfig,
    /// The recipe that the twin is trained by.
    pub recipe: Recipe,
    /// The data that the twin learns from.
    pub data: DataRef,
    /// The number of steps after which the training stops for good, where that is before the recipe's end.
    pub max_steps: Option<u64>,
    /// The number of parts of a batch that are computed separately on the CPU, by as many workers where there are cores
    /// for them. The number belongs to the run: in its last digits the learning curve depends on the parts, and not on
    /// the workers.
    #[serde(default = "one")]
    pub parts: usize,
}

fn one() -> usize {
    1
}

/// The record that is stored of a run besides its checkpoints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// The plan of the run; its `config` has the data's number of segments.
    pub plan: RunPlan,
    /// The original's name for the twin.
    pub short_name: String,
    /// The twin's number of parameters.
    pub parameters: usize,
    /// ms of input that one output can depend on; `None` where that is unbounded.
    pub receptive_field_ms: Option<usize>,
    /// The neuron's short name.
    pub neuron: String,
    /// Numbers of train and of validation simulations.
    pub simulations: [usize; 2],
    /// The device that trained the twin last.
    pub device: Device,
    /// Training steps taken at the last checkpoint.
    pub step: u64,
    /// Training steps of the whole training: all of the recipe's, or `max_steps`.
    pub steps: u64,
    /// Whether the training is at its end.
    pub finished: bool,
    /// Step of the best checkpoint; `None` before the first validation.
    pub best_step: Option<u64>,
    /// Seconds spent training.
    pub seconds: f64,
    /// When the run was started, ms since 1970.
    pub started_ms: f64,
    /// The last judgement on a test set; `None` before the first one.
    pub judgement: Option<Box<Judgement>>,
    /// Whether the run came from a file of the command line.
    pub imported: bool,
    /// Whether a graphics device computes every batch in two halves, since its memory was too small for a whole one.
    #[serde(default)]
    pub in_halves: bool,
}

impl RunRecord {
    /// A record with this id and label of which nothing else is known, for tests.
    #[cfg(test)]
    pub(crate) fn of_name(id: &str) -> Self {
        let config = TwinConfig::default_of(crate::twin::config::TwinKind::Tcn);
        Self {
            plan: RunPlan {
                id: id.to_owned(),
                label: id.to_owned(),
                config,
                recipe: Recipe::default(),
                data: DataRef::Kept,
                max_steps: None,
                parts: 1,
            },
            short_name: String::new(),
            parameters: 0,
            receptive_field_ms: None,
            neuron: String::new(),
            simulations: [1, 1],
            device: Device::Cpu,
            step: 9,
            steps: 9,
            finished: true,
            best_step: None,
            seconds: 0.0,
            started_ms: 0.0,
            judgement: None,
            imported: false,
            in_halves: false,
        }
    }

    /// Whether half a batch is less work for a graphics device, and its gradient a part of the whole one's.
    #[must_use]
    pub(crate) fn can_be_halved(&self) -> bool {
        let plan = &self.plan;
        let is_whole = self.device == Device::WebGpu && !self.in_halves;
        is_whole && plan.recipe.train_batch_size > 1 && !plan.config.mixes_windows()
    }

    /// The twin that the run stands for, which is judged, shown, asked and exported: the best checkpoint's, or the last
    /// one's where no checkpoint is the best yet.
    #[must_use]
    pub fn twin(&self) -> ModelRef {
        let which = if self.best_step.is_some() { Which::Best } else { Which::Last };
        ModelRef::Run(self.plan.id.clone(), which)
    }

    /// The run's result as a row of the table of results, of the configuration `config`; `None` before the run was
    /// judged.
    #[must_use]
    pub fn row(&self, config: &str) -> Option<Row> {
        let judgement = self.judgement.as_ref()?;
        let metrics = serde_json::from_str(&judgement.metrics).unwrap_or_default();
        let row = Row {
            neuron: self.neuron.clone(),
            config: config.to_owned(),
            short_name: self.short_name.clone(),
            parameters: Some(self.parameters as u64),
            receptive_field_ms: self.receptive_field_ms.map(|ms| ms as u64),
            train_simulations: Some(self.simulations[0] as u64),
            steps: Some(self.step),
            // a twin that came as a file has no time of training
            train_seconds: (self.seconds > 0.0).then_some(self.seconds),
            inference_ms: defined(judgement.inference_ms),
            weights_kib: defined(judgement.weight_bytes / 1024.0),
            test_simulations: Some(judgement.simulations as u64),
            test_set: judgement.test_set.clone(),
            ..Row::default()
        };
        Some(row.trained_by(&self.plan.recipe).judged_by(&metrics, judgement.auc_interval))
    }
}
