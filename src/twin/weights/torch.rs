//! The original's checkpoints, as `torch.save` writes them.

use std::collections::HashMap;
use std::io::{Read, Seek};

use super::super::config::{ConfigError, TwinConfig, TwinKind, heads_as_ours};
use super::super::scaling::Scaling;
use super::state::{HostTensor, StateDict};
use crate::data::pickle::{Id, Pickle, PickleError, Value, read};

/// A `.pt` that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TorchError {
    /// Not an archive at all.
    #[error("not a checkpoint of PyTorch 1.6 or later: {0}")]
    Archive(#[from] zip::result::ZipError),
    /// A part of the archive cannot be read.
    #[error("cannot read {0} in the archive: {1}")]
    Part(String, std::io::Error),
    /// There is no pickle in the archive.
    #[error("the archive has no data.pkl: not a checkpoint of PyTorch")]
    NoPickle,
    /// The pickle is damaged.
    #[error(transparent)]
    Pickle(#[from] PickleError),
    /// Numbers of another byte order.
    #[error("the checkpoint was written on a big-endian machine")]
    ByteOrder,
    /// The checkpoint holds something else.
    #[error("not a checkpoint of a twin: it has no {0}")]
    NoEntry(&'static str),
    /// A parameter is not a tensor that we can read.
    #[error("{0} is no tensor of real numbers, or reaches beyond its storage")]
    Tensor(String),
    /// The file is larger than any twin's.
    #[error("{0} is larger than any twin's ({1} bytes)")]
    TooLarge(String, u64),
    /// The configuration is impossible.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The scaling constants are incomplete or impossible.
    #[error("the checkpoint's scaling constants: {0}")]
    Scaling(String),
}

/// A twin out of a `.pt`.
#[derive(Debug)]
pub struct TorchCheckpoint {
    /// Its architecture.
    pub config: TwinConfig,
    /// How its inputs and outputs are scaled.
    pub scaling: Scaling,
    /// Its weights.
    pub state: StateDict,
    /// What the original wrote beside: training parameters, learning curves, metrics.
    pub metadata: serde_json::Value,
}

/// Largest pickle, and largest single tensor, that is read.
const MAX_BYTES: u64 = 1 << 30;

/// Reads the original's checkpoint. Nothing in it is run.
///
/// # Errors
/// If the file is truncated or damaged, or does not hold a twin.
pub fn read_pt(file: impl Read + Seek) -> Result<TorchCheckpoint, TorchError> {
    let mut archive = zip::ZipArchive::new(file)?;
    let names: Vec<String> =
        archive.file_names().filter_map(|name| Some(name.ok()?.into_owned())).collect();
    let pickle_name = names.iter().find(|n| *n == "data.pkl" || n.ends_with("/data.pkl"));
    let pickle_name = pickle_name.ok_or(TorchError::NoPickle)?;
    let folder = pickle_name.trim_end_matches("data.pkl").to_owned();
    let order = format!("{folder}byteorder");
    if names.contains(&order) && part(&mut archive, &order, MAX_BYTES)? != b"little" {
        return Err(TorchError::ByteOrder);
    }
    let pickle = read(&part(&mut archive, pickle_name, MAX_BYTES)?)?;
    let root = pickle.root;
    let weights =
        pickle.entry(root, "model_state_dict").ok_or(TorchError::NoEntry("model_state_dict"))?;
    let Value::Dict(entries) = pickle.get(weights) else {
        return Err(TorchError::NoEntry("model_state_dict"));
    };
    let json = pickle.json(root);
    heads_as_ours(&json)?;
    let config = TwinConfig::from_value(architecture(&json), None)?;
    let scaling =
        serde_json::from_value(json.clone()).map_err(|e| TorchError::Scaling(e.to_string()))?;
    Scaling::check(&scaling).map_err(|e| TorchError::Scaling(e.to_string()))?;
    let mut state = StateDict::new();
    let mut storages = HashMap::new();
    for &(key, value) in entries {
        let Value::Str(name) = pickle.get(key) else {
            continue;
        };
        // torch.compile wraps a module and prefixes its names
        let name = name.strip_prefix("_orig_mod.").unwrap_or(name).to_owned();
        if super::names::is_derived(&name) {
            continue;
        }
        let tensor = tensor(&mut archive, &folder, &pickle, value, &mut storages, &name)?;
        state.insert(name, tensor);
    }
    let metadata = json.get("metadata").cloned().unwrap_or_default();
    Ok(TorchCheckpoint { config, scaling, state, metadata })
}

/// The keys that describe the architecture; others, of whatever version, are left out.
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
    // files older than the choice of a norm
    let convolutional = keep.contains_key("temporal_kernel_size_per_block_list");
    if convolutional && !keep.contains_key("norm_type") {
        keep.insert("norm_type".into(), "BatchNorm".into());
    }
    keep.into()
}

fn part<R: Read + Seek>(
    archive: &mut zip::ZipArchive<R>,
    name: &str,
    max: u64,
) -> Result<Vec<u8>, TorchError> {
    let file = archive.by_name(name)?;
    if file.size() > max {
        return Err(TorchError::TooLarge(name.to_owned(), file.size()));
    }
    let mut bytes = Vec::new();
    file.take(max).read_to_end(&mut bytes).map_err(|e| TorchError::Part(name.to_owned(), e))?;
    Ok(bytes)
}

fn tensor<R: Read + Seek>(
    archive: &mut zip::ZipArchive<R>,
    folder: &str,
    pickle: &Pickle,
    id: Id,
    storages: &mut HashMap<String, Vec<f32>>,
    name: &str,
) -> Result<HostTensor, TorchError> {
    let bad = || TorchError::Tensor(name.to_owned());
    let Value::Tensor { storage, offset, shape, strides } = pickle.get(id) else {
        return Err(bad());
    };
    let Value::Storage { kind, key, len } = pickle.get(*storage) else {
        return Err(bad());
    };
    if !storages.contains_key(key) {
        let file = format!("{folder}data/{key}");
        let bytes = part(archive, &file, MAX_BYTES)?;
        let values = decode(kind, &bytes).ok_or_else(bad)?;
        if values.len() < *len {
            return Err(bad());
        }
        storages.insert(key.clone(), values);
    }
    let values = &storages[key];
    if shape.len() != strides.len() {
        return Err(bad());
    }
    let count = shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d)).ok_or_else(bad)?;
    // a tensor with repeated values (stride 0) can be larger than its storage; no weight is
    if count > values.len() {
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

/// The numbers of a storage, or `None` for a type that no weight has.
fn decode(kind: &str, bytes: &[u8]) -> Option<Vec<f32>> {
    fn each<const N: usize>(bytes: &[u8], f: impl Fn([u8; N]) -> f32) -> Option<Vec<f32>> {
        let (chunks, _) = bytes.as_chunks::<N>();
        Some(chunks.iter().map(|&c| f(c)).collect())
    }
    match kind.rsplit('.').next()? {
        "FloatStorage" => each(bytes, f32::from_le_bytes),
        "DoubleStorage" => each(bytes, |b| f64::from_le_bytes(b) as f32),
        "HalfStorage" => each(bytes, |b| half::f16::from_le_bytes(b).to_f32()),
        "BFloat16Storage" => each(bytes, |b| half::bf16::from_le_bytes(b).to_f32()),
        "LongStorage" => each(bytes, |b| i64::from_le_bytes(b) as f32),
        "IntStorage" => each(bytes, |b| i32::from_le_bytes(b) as f32),
        _ => None,
    }
}
