//! Reads the original's checkpoints, in the format of `torch.save`.

use std::collections::HashMap;
use std::io::{Read, Seek};

use super::host::elements;
use super::names::{is_derived, is_reserved, unwrapped};
use super::numbers::{kind_of_storage, weights};
use super::state::{HostTensor, StateDict};
use crate::data::known::{known, zip_fault};
use crate::data::member::is_litter;
use crate::data::pickle::{Id, Pickle, PickleError, Storage, Value, View, read};
use crate::text;
use crate::twin::config::{ConfigError, TwinConfig, TwinKind, heads_as_ours};
use crate::twin::scaling::Scaling;

/// The error of a `.pt` that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TorchError {
    /// The file is no archive.
    #[error("not a checkpoint of PyTorch 1.6 or later: {0}")]
    Archive(String),
    /// A part of the archive cannot be read.
    #[error("cannot read {0} in the archive: {1}")]
    Part(String, String),
    /// The archive holds no pickle.
    #[error("the archive has no data.pkl: not a checkpoint of PyTorch")]
    NoPickle,
    /// The pickle is damaged.
    #[error(transparent)]
    Pickle(#[from] PickleError),
    /// The numbers are of another byte order.
    #[error("the checkpoint was written on a big-endian machine")]
    ByteOrder,
    /// The checkpoint lacks an entry that every twin's has.
    #[error("not a checkpoint of a twin: it has no {0}")]
    NoEntry(&'static str),
    /// A parameter is no tensor that we can read.
    #[error("{0} is no tensor of real numbers, or reaches beyond its storage")]
    Tensor(String),
    /// A parameter has a name that our own files use.
    #[error("the checkpoint has a parameter called {0}, which no twin has")]
    Reserved(String),
    /// A parameter occurs under two names.
    #[error("the checkpoint has {0} twice, under names that differ in their wrappers only")]
    Twice(String),
    /// A part of the archive is larger than any twin's: its name and its size in bytes.
    #[error("{0} is larger than any twin's ({1} bytes)")]
    TooLarge(String, u64),
    /// The configuration is impossible.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The scaling constants are incomplete or impossible.
    #[error("the checkpoint's scaling constants: {0}")]
    Scaling(String),
}

/// A twin read from a `.pt`.
#[derive(Debug)]
pub struct TorchCheckpoint {
    /// The architecture and its configuration.
    pub config: TwinConfig,
    /// The scaling constants of inputs and outputs.
    pub scaling: Scaling,
    /// The weights and running statistics.
    pub state: StateDict,
    /// The original's `metadata`: training parameters, learning curves, metrics.
    pub metadata: serde_json::Value,
}

/// How often a storage's values may be named, on average.
const MOST_VIEWS: usize = 4;

/// Largest pickle, and largest single tensor, that is read, bytes.
const MAX_BYTES: u64 = 1 << 30;

/// Reads the original's checkpoint without running anything in it.
///
/// # Errors
/// [`TorchError`]: the file is truncated or damaged, or holds no twin.
pub fn read_pt(file: impl Read + Seek) -> Result<TorchCheckpoint, TorchError> {
    let mut archive = Parts::open(file)?;
    if archive.names.contains_key("byteorder") && archive.read("byteorder")? != b"little" {
        return Err(TorchError::ByteOrder);
    }
    let pickle = read(&archive.read("data.pkl")?)?;
    let root = pickle.root;
    let state_dict =
        pickle.entry(root, "model_state_dict").ok_or(TorchError::NoEntry("model_state_dict"))?;
    let Value::Dict(entries) = pickle.get(state_dict) else {
        return Err(TorchError::NoEntry("model_state_dict"));
    };
    let mut json = pickle.json(root);
    heads_as_ours(&json).map_err(ConfigError::from)?;
    let config = TwinConfig::from_value(architecture(&json), None)?;
    let metadata = json.get_mut("metadata").map(serde_json::Value::take).unwrap_or_default();
    let scaling = text::from_value(json).map_err(TorchError::Scaling)?;
    Scaling::check(&scaling).map_err(|e| TorchError::Scaling(e.to_string()))?;
    let mut state = StateDict::new();
    let mut storages = Storages::default();
    for &(key, value) in entries {
        let Value::Str(name) = pickle.get(key) else {
            continue;
        };
        let name = unwrapped(name);
        if is_derived(&name) {
            continue;
        }
        if is_reserved(&name) {
            return Err(TorchError::Reserved(name));
        }
        let tensor = tensor(&mut archive, &pickle, value, &mut storages, &name)?;
        if state.insert(name.clone(), tensor).is_some() {
            return Err(TorchError::Twice(name));
        }
    }
    Ok(TorchCheckpoint { config, scaling, state, metadata })
}

/// The keys of `json` that describe the architecture; all others, of whatever version, are left out.
fn architecture(json: &serde_json::Value) -> serde_json::Value {
    let empty = serde_json::Map::new();
    let all = json.as_object().unwrap_or(&empty);
    let mut keep = serde_json::Map::new();
    for kind in TwinKind::ALL {
        let known = serde_json::to_value(TwinConfig::default_of(kind)).unwrap_or_default();
        let known = known.get("config").and_then(|c| c.as_object()).cloned().unwrap_or_default();
        for (key, value) in all {
            if known.contains_key(key) || key == "head_out_channels" {
                keep.insert(key.clone(), value.clone());
            }
        }
    }
    // files from before the norm could be chosen
    let convolutional = keep.contains_key("temporal_kernel_size_per_block_list");
    if convolutional && !keep.contains_key("norm_type") {
        keep.insert("norm_type".into(), "BatchNorm".into());
    }
    keep.into()
}

/// The files of a checkpoint's archive, by their names in its only folder.
struct Parts<R> {
    archive: zip::ZipArchive<R>,
    /// Each file's number in the archive.
    names: HashMap<String, usize>,
}

impl<R: Read + Seek> Parts<R> {
    fn open(mut file: R) -> Result<Self, TorchError> {
        let mut first = [0; 16];
        let count = file.read(&mut first).map_err(|e| TorchError::Archive(e.to_string()))?;
        let other = known(&first[..count]).filter(|_| !first.starts_with(b"PK"));
        let archive = zip::ZipArchive::new(file).map_err(|e| {
            let what = other.map(|what| format!("it is {what}"));
            TorchError::Archive(what.unwrap_or_else(|| zip_fault(&e)))
        })?;
        let of = |i: usize| Some(archive.name_for_index(i)?.ok()?.replace('\\', "/"));
        let all: Vec<String> = (0..archive.len()).map(|i| of(i).unwrap_or_default()).collect();
        let is_pickle = |n: &&String| *n == "data.pkl" || n.ends_with("/data.pkl");
        let pickle = all.iter().filter(|n| !is_litter(n)).find(is_pickle);
        let folder = pickle.ok_or(TorchError::NoPickle)?.trim_end_matches("data.pkl");
        let inside = all.iter().enumerate();
        let names = inside.filter_map(|(i, n)| Some((n.strip_prefix(folder)?.to_owned(), i)));
        let names = names.collect();
        Ok(Self { archive, names })
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>, TorchError> {
        let fault = |problem: String| TorchError::Part(name.to_owned(), problem);
        let index = *self.names.get(name).ok_or_else(|| fault("it is missing".to_owned()))?;
        let file = self.archive.by_index(index).map_err(|e| fault(zip_fault(&e)))?;
        let size = file.size();
        if size > MAX_BYTES {
            return Err(TorchError::TooLarge(name.to_owned(), size));
        }
        let mut bytes = Vec::new();
        let unpacked = file.take(MAX_BYTES).read_to_end(&mut bytes);
        unpacked.map_err(|e| fault(zip_fault(&e.into())))?;
        Ok(bytes)
    }
}

/// The storages that were read.
#[derive(Default)]
struct Storages {
    by_key: HashMap<String, Vec<f32>>,
    /// Values in them.
    stored: usize,
    /// Values of the tensors that view them.
    viewed: usize,
}

fn tensor<R: Read + Seek>(
    archive: &mut Parts<R>,
    pickle: &Pickle,
    id: Id,
    storages: &mut Storages,
    name: &str,
) -> Result<HostTensor, TorchError> {
    let bad = || TorchError::Tensor(name.to_owned());
    let Value::Tensor(view) = pickle.get(id) else {
        return Err(bad());
    };
    let View { storage, offset, shape, strides } = &**view;
    let Value::Storage(storage) = pickle.get(*storage) else {
        return Err(bad());
    };
    let Storage { kind, key, len } = &**storage;
    if !storages.by_key.contains_key(key) {
        let bytes = archive.read(&format!("data/{key}"))?;
        let kind = kind_of_storage(kind).ok_or_else(bad)?;
        let values = weights(kind, &bytes).ok_or_else(bad)?;
        if values.len() < *len {
            return Err(bad());
        }
        storages.stored += values.len();
        storages.by_key.insert(key.clone(), values);
    }
    let values = &storages.by_key[key];
    if shape.len() != strides.len() {
        return Err(bad());
    }
    let count = elements(shape).ok_or_else(bad)?;
    // a tensor with repeated values (stride 0) can be larger than its storage, but no weight is
    if count > values.len() {
        return Err(bad());
    }
    // weights may be tied, but a few bytes could name one storage any number of times
    storages.viewed += count;
    if storages.viewed > MOST_VIEWS.saturating_mul(storages.stored) {
        return Err(bad());
    }
    let mut out = Vec::with_capacity(count);
    let mut index = vec![0usize; shape.len()];
    for _ in 0..count {
        let at = index.iter().zip(strides).try_fold(*offset, |at, (&i, &stride)| {
            i.checked_mul(stride).and_then(|step| at.checked_add(step))
        });
        let value = at.and_then(|at| values.get(at)).ok_or_else(bad)?;
        out.push(*value);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            if index[axis] < shape[axis] {
                break;
            }
            index[axis] = 0;
        }
    }
    Ok(HostTensor { shape: shape.clone(), values: out })
}
