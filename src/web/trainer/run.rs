//! A run: what was asked for, and what is kept of it.

use serde::{Deserialize, Serialize};
use web_sys::File;

use super::answers::Judgement;
use super::device::Device;
use crate::twin::config::TwinConfig;
use crate::twin::results::{Row, defined};
use crate::twin::schedule::Recipe;

/// Names a run: letters, digits, `-` and `_`.
pub type RunId = String;

/// Which of a run's two checkpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Which {
    /// The checkpoint of the lowest validation spike loss.
    Best,
    /// The checkpoint that the training has come to.
    Last,
}

/// A set of simulations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DataRef {
    /// The one that the learner made in lesson 5, which the browser keeps.
    Kept,
    /// One that ships with the page: the name of a zip under `recorded/`, without its ending.
    Recorded(String),
}

/// A trained twin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ModelRef {
    /// The twin of a run that the browser keeps.
    Run(RunId, Which),
    /// One that ships with the page: the name of a `.safetensors` under `recorded/`, without its ending.
    Recorded(String),
    /// A file of the learner's: `.safetensors` of the command line, or the seed's `.pt`.
    File(#[serde(with = "serde_wasm_bindgen::preserve")] File),
}

/// A training that is to be started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunPlan {
    /// The run's name from now on; a run that has it already is replaced.
    pub id: RunId,
    /// What the learner calls the run.
    pub label: String,
    /// The architecture; its number of segments becomes the data's.
    pub config: TwinConfig,
    /// The recipe that the twin is trained by.
    pub recipe: Recipe,
    /// The data that the twin learns from.
    pub data: DataRef,
    /// Steps after which to stop for good, where that is before the recipe's end.
    pub max_steps: Option<u64>,
    /// Parts of a batch that are computed apart on the CPU, by as many workers where there are cores for them. It
    /// belongs to the run: the learning curve depends on it in its last digits, and not on the workers.
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
    /// Train and validation simulations.
    pub simulations: [usize; 2],
    /// The device that trained the twin last.
    pub device: Device,
    /// Steps taken at the last checkpoint, and of how many.
    pub step: u64,
    /// All steps of the recipe, or `max_steps`.
    pub steps: u64,
    /// Whether the training is at its end.
    pub finished: bool,
    /// Step of the best checkpoint; `None` before the first validation.
    pub best_step: Option<u64>,
    /// Seconds spent training.
    pub seconds: f64,
    /// When the run was started, ms since 1970.
    pub started_ms: f64,
    /// The last evaluation on a test set, where there was one.
    pub judgement: Option<Box<Judgement>>,
    /// Whether the run came from a file of the command line.
    pub imported: bool,
}

impl RunRecord {
    /// A record with this name of which nothing else is known, for tests.
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
        }
    }

    /// The twin that the run stands for: the best checkpoint's, where there is one. It is what is judged, shown, asked
    /// and handed out.
    #[must_use]
    pub fn twin(&self) -> ModelRef {
        let which = if self.best_step.is_some() { Which::Best } else { Which::Last };
        ModelRef::Run(self.plan.id.clone(), which)
    }

    /// The run's result as the row of this configuration, once the run was judged.
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
            // a file does not say
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
