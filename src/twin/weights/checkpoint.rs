//! Our own checkpoints: a twin with its history in one `.safetensors` file.
//!
//! The weights are tensors under the original's names, so that plain Python reads them. Further tensors are
//! `optimizer.exp_avg` and `optimizer.exp_avg_sq` (AdamW's moments of all trained values in one row), and the learning
//! curves `curve.train` and `curve.valid`. Everything else is JSON in the header's metadata, under `ballstick`.

use std::collections::HashMap;

use safetensors::tensor::{Dtype, SafeTensorError, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use super::host::elements;
use super::names::{is_derived, unwrapped};
use super::numbers::weights;
use super::state::{HostTensor, StateDict};
use crate::data::known::{SAFETENSORS, known};
use crate::text;
use crate::twin::config::{ConfigError, TwinConfig};
use crate::twin::scaling::Scaling;
use crate::twin::train::Progress;
use crate::twin::train::curve::{CurveRow, LearningCurves, TrainRow, ValidRow};
use crate::twin::train::schedule::Recipe;

/// The error of a checkpoint that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file is truncated or damaged.
    #[error("not a whole .safetensors file: {0}")]
    Format(#[from] SafeTensorError),
    /// The file is of another format, which the field names.
    #[error("not a whole .safetensors file: it is {0}")]
    Other(&'static str),
    /// The file holds tensors, but no checkpoint of ours.
    #[error(
        "a .safetensors file, but no checkpoint of a twin: its header has no \"ballstick\" entry"
    )]
    Foreign,
    /// The JSON in the header is damaged.
    #[error("the checkpoint's header is damaged: {0}")]
    Json(#[from] serde_json::Error),
    /// The file was written by a later version.
    #[error("the checkpoint has format {0}; this version reads up to {FORMAT}")]
    Version(u32),
    /// The configuration is impossible.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A value in the header is impossible; the field names it.
    #[error("the checkpoint's {0}")]
    Value(String),
    /// A value of the header is of the wrong type.
    #[error("the checkpoint's header is damaged: {0}")]
    Header(String),
    /// A parameter occurs under two names.
    #[error("the checkpoint has {0} twice, under names that differ in their wrappers only")]
    Twice(String),
    /// A tensor is of a type that no weight has.
    #[error("the checkpoint's {name} is of type {kind}; F16, BF16, F32 and F64 are read")]
    Kind {
        /// Name of the tensor.
        name: String,
        /// The tensor's type, by safetensors' name.
        kind: String,
    },
    /// A tensor of ours is of another type or shape than it should be.
    #[error("the checkpoint's {0} is not what it should be")]
    Tensor(String),
}

const FORMAT: u32 = 1;

/// The header of a checkpoint, which is stored as JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Header {
    /// The version of the file's format.
    pub format: u32,
    /// The architecture and its configuration.
    #[serde(flatten)]
    pub config: TwinConfig,
    /// The scaling constants of inputs and targets.
    pub scaling: Scaling,
    /// The original's name for a twin of this configuration.
    pub short_name: String,
    /// The parameters of the neuron that the twin learnt; null where they are not known.
    #[serde(default)]
    pub neuron: serde_json::Value,
    /// The data set that the twin learnt from: name, counts and identity.
    #[serde(default)]
    pub data: serde_json::Value,
    /// The recipe of the training; `None` where it is not known.
    #[serde(default)]
    pub recipe: Option<Recipe>,
    /// The state of the training; `None` for an untrained twin.
    #[serde(default)]
    pub progress: Option<Progress>,
    /// The twin's metrics; null until it is evaluated.
    #[serde(default)]
    pub metrics: serde_json::Value,
}

/// A twin's weights with their history.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    /// Everything that is no array.
    pub header: Header,
    /// The weights and running statistics.
    pub state: StateDict,
    /// AdamW's moments, with which the training can be resumed; `None` where they are not kept.
    pub moments: Option<[Vec<f32>; 2]>,
    /// The learning curves: a row for every training step and every validation.
    pub curves: LearningCurves,
}

impl Header {
    /// The header of a twin that is not trained yet.
    pub fn new(config: TwinConfig, scaling: Scaling, num_params: usize) -> Self {
        let short_name = config.short_name(num_params);
        Self {
            format: FORMAT,
            config,
            scaling,
            short_name,
            neuron: serde_json::Value::Null,
            data: serde_json::Value::Null,
            recipe: None,
            progress: None,
            metrics: serde_json::Value::Null,
        }
    }
}

impl Checkpoint {
    /// A checkpoint of a twin's weights, without history.
    pub fn new(header: Header, state: StateDict) -> Self {
        Self { header, state, moments: None, curves: LearningCurves::default() }
    }

    /// The bytes of a `.safetensors` file.
    ///
    /// # Errors
    /// [`CheckpointError`] where the header does not fit the format.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CheckpointError> {
        let mut arrays: Vec<(String, Vec<usize>, Vec<u8>)> = Vec::new();
        let mut push = |name: &str, shape: Vec<usize>, values: &mut dyn Iterator<Item = f32>| {
            arrays.push((name.to_owned(), shape, values.flat_map(f32::to_le_bytes).collect()));
        };
        for (name, tensor) in &self.state {
            push(name, tensor.shape.clone(), &mut tensor.values.iter().copied());
        }
        if let Some([first, second]) = &self.moments {
            push("optimizer.exp_avg", vec![first.len()], &mut first.iter().copied());
            push("optimizer.exp_avg_sq", vec![second.len()], &mut second.iter().copied());
        }
        let LearningCurves { train, valid } = &self.curves;
        let cells = |row: &TrainRow| row.cells();
        push("curve.train", vec![train.len(), 10], &mut train.iter().flat_map(cells));
        let cells = |row: &ValidRow| row.cells();
        push("curve.valid", vec![valid.len(), 9], &mut valid.iter().flat_map(cells));
        let views = arrays
            .iter()
            .map(|(name, shape, bytes)| {
                Ok((name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes)?))
            })
            .collect::<Result<Vec<_>, SafeTensorError>>()?;
        let header = serde_json::to_string(&self.header)?;
        let metadata = HashMap::from([("ballstick".to_owned(), header)]);
        Ok(safetensors::serialize(views, Some(metadata))?)
    }

    /// Reads the bytes that [`Self::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`CheckpointError`]: the bytes are cut short, damaged, or no twin's.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        if let Some(what) = known(bytes).filter(|what| *what != SAFETENSORS) {
            return Err(CheckpointError::Other(what));
        }
        let (_, metadata) = SafeTensors::read_metadata(bytes)?;
        let tensors = SafeTensors::deserialize(bytes)?;
        let json = metadata.metadata().as_ref().and_then(|m| m.get("ballstick"));
        let value: serde_json::Value = serde_json::from_str(json.ok_or(CheckpointError::Foreign)?)?;
        let format = value.get("format").and_then(serde_json::Value::as_u64).unwrap_or(0);
        if format != u64::from(FORMAT) {
            return Err(CheckpointError::Version(u32::try_from(format).unwrap_or(u32::MAX)));
        }
        let header: Header = text::from_value(value).map_err(CheckpointError::Header)?;
        header.config.check()?;
        header.scaling.check().map_err(|e| CheckpointError::Value(e.to_string()))?;
        if let Some(recipe) = &header.recipe {
            recipe.check().map_err(|e| CheckpointError::Value(e.to_string()))?;
        }
        let mut checkpoint = Self::new(header, StateDict::new());
        let mut moments = [None, None];
        for (name, view) in tensors.iter() {
            let bad = || CheckpointError::Tensor(name.to_owned());
            let name = unwrapped(name);
            if is_derived(&name) {
                continue;
            }
            let kind = view.dtype().to_string();
            let values = weights(&kind, view.data())
                .ok_or_else(|| CheckpointError::Kind { name: name.clone(), kind })?;
            match name.as_str() {
                "optimizer.exp_avg" => moments[0] = Some(values),
                "optimizer.exp_avg_sq" => moments[1] = Some(values),
                "curve.train" => {
                    checkpoint.curves.train = rows::<10, _>(&values).ok_or_else(bad)?
                }
                "curve.valid" => checkpoint.curves.valid = rows::<9, _>(&values).ok_or_else(bad)?,
                _ => {
                    elements(view.shape()).ok_or_else(bad)?;
                    let tensor = HostTensor { shape: view.shape().to_vec(), values };
                    if checkpoint.state.insert(name.clone(), tensor).is_some() {
                        return Err(CheckpointError::Twice(name));
                    }
                }
            }
        }
        checkpoint.moments = match moments {
            [Some(first), Some(second)] if first.len() == second.len() => Some([first, second]),
            [None, None] => None,
            _ => return Err(CheckpointError::Tensor("optimizer state".to_owned())),
        };
        Ok(checkpoint)
    }
}

fn rows<const N: usize, R: From<[f32; N]>>(values: &[f32]) -> Option<Vec<R>> {
    let (rows, rest) = values.as_chunks::<N>();
    rest.is_empty().then(|| rows.iter().map(|row| R::from(*row)).collect())
}
