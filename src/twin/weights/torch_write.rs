//! Writes the original's checkpoints, in the format of `torch.save`, for the original's `load_model`.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::checkpoint::Checkpoint;
use super::metadata::metadata;
use super::names::backbone_root;
use super::state::HostTensor;
use crate::data::pickle::{Object, Protocol};
use crate::twin::heads::HEADS;

/// The error of a twin that cannot be written as a `.pt`.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The twin has no weights yet.
    #[error("the twin has no weights yet")]
    NoWeights,
    /// The archive cannot be written.
    #[error(transparent)]
    Archive(#[from] zip::result::ZipError),
    /// A file of the archive cannot be written.
    #[error(transparent)]
    Part(#[from] std::io::Error),
    /// The configuration has no JSON form.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

impl Checkpoint {
    /// The bytes of a `.pt` for the original's `load_model`: one flat dict of the constructor's arguments, the scaling,
    /// `metadata` and the state dict. AdamW's moments have no place in it.
    ///
    /// # Errors
    /// [`WriteError::NoWeights`] for a twin without weights; otherwise the archive cannot be written.
    pub fn to_torch(&self) -> Result<Vec<u8>, WriteError> {
        if self.state.is_empty() {
            return Err(WriteError::NoWeights);
        }
        let mut storages: Vec<Vec<u8>> = Vec::new();
        let mut state: Vec<(Object, Object)> = Vec::new();
        let mut put = |name: &str, kind: &'static str, shape: &[usize], bytes: Vec<u8>| {
            let value = tensor(kind, storages.len(), shape);
            storages.push(bytes);
            state.push((name.into(), value));
        };
        for (name, HostTensor { shape, values }) in &self.state {
            let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
            put(name, "FloatStorage", shape, bytes);
            // PyTorch's count of batches beside its running statistics; no computation uses it
            if let Some(norm) = name.strip_suffix(".running_mean") {
                let batches = self.header.progress.map_or(0, |p| p.step);
                let bytes = batches.to_le_bytes().to_vec();
                put(&format!("{norm}.num_batches_tracked"), "LongStorage", &[], bytes);
            }
        }
        for buffer in self.header.config.architecture().torch_buffers(&backbone_root()) {
            put(&buffer.name, buffer.storage, &buffer.shape, buffer.bytes);
        }
        let mut root = vec![(Object::from("model_state_dict"), ordered(state))];
        root.extend(self.arguments()?);
        root.push(("metadata".into(), metadata(self)?));
        archive(&Object::Dict(root).pickle(Protocol::Two), &storages)
    }

    /// The entries of the dict for the constructor's arguments and the scaling.
    fn arguments(&self) -> Result<Vec<(Object, Object)>, WriteError> {
        let config = &self.header.config;
        let mut whole = serde_json::to_value(config)?;
        let mut json = whole["config"].take();
        json["head_out_channels"] = serde_json::to_value(config.ports().heads())?;
        config.architecture().torch_arguments(&mut json);
        json["head_prefix_names"] = serde_json::to_value(HEADS)?;
        json["head_convert_out_ch_to_sp"] = serde_json::to_value([false; 5])?;
        json["head_spatial_kernel_sizes"] = serde_json::Value::Null;
        let scaling = serde_json::to_value(self.header.scaling)?;
        let pairs = |json: &serde_json::Value| match Object::from(json) {
            Object::Dict(entries) => entries,
            _ => Vec::new(),
        };
        Ok([pairs(&json), pairs(&scaling)].concat())
    }
}

fn ordered(entries: Vec<(Object, Object)>) -> Object {
    Object::Filled(Box::new(Object::Global("collections", "OrderedDict")), entries)
}

/// The pickle's tensor that fills storage number `key`, in row-major order.
fn tensor(kind: &'static str, key: usize, shape: &[usize]) -> Object {
    let tuple = |sizes: &[usize]| Object::Tuple(sizes.iter().map(|&n| n.into()).collect());
    let strides: Vec<usize> = (0..shape.len()).map(|i| shape[i + 1..].iter().product()).collect();
    let storage = Object::Persistent(Box::new(Object::Tuple(vec![
        "storage".into(),
        Object::Global("torch", kind),
        Object::Str(key.to_string()),
        "cpu".into(),
        shape.iter().product::<usize>().into(),
    ])));
    let (shape, strides) = (tuple(shape), tuple(&strides));
    let hooks = ordered(Vec::new());
    let rebuild = Object::Global("torch._utils", "_rebuild_tensor_v2");
    let arguments = vec![storage, Object::Int(0), shape, strides, Object::Bool(false), hooks];
    Object::Call(Box::new(rebuild), arguments)
}

fn archive(pickle: &[u8], storages: &[Vec<u8>]) -> Result<Vec<u8>, WriteError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // a fixed time stamp: the same twin gives the same bytes
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default());
    let data = storages.iter().enumerate().map(|(i, bytes)| (format!("data/{i}"), &bytes[..]));
    let parts = [("data.pkl".to_owned(), pickle), ("byteorder".to_owned(), b"little")];
    for (name, bytes) in parts.into_iter().chain(data).chain([("version".to_owned(), &b"3\n"[..])])
    {
        zip.start_file(format!("twin/{name}"), options)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::super::checkpoint::Header;
    use super::super::state::export;
    use super::*;
    use crate::twin::config::TwinConfig;
    use crate::twin::scaling::Scaling;
    use burn::backend::Flex;

    /// A small twin of each kind, and of each norm.
    const CONFIGS: [&str; 9] = [
        r#"{"num_layers_per_block_list": [2], "num_features_per_block_list": [6],
            "temporal_kernel_size_per_block_list": [5], "temporal_dilation_per_block_list": [2]}"#,
        r#"{"num_layers_per_block_list": [1], "num_features_per_block_list": [4], "norm_type": "BatchNorm",
            "temporal_kernel_size_per_block_list": [5], "temporal_dilation_per_block_list": [1]}"#,
        r#"{"num_layers_per_block_list": [1], "num_features_per_block_list": [4], "norm_type": "BatchNorm_B",
            "temporal_kernel_size_per_block_list": [5], "temporal_dilation_per_block_list": [1]}"#,
        r#"{"num_miniblocks_per_block_list": [2], "num_features_per_block_list": [6], "norm_type": "LayerNorm",
            "temporal_kernel_size_per_block_list": [4], "temporal_dilation_per_block_list": [1]}"#,
        r#"{"memory_dim": 6}"#,
        r#"{"memory_dim": 5, "mlp_pre_norm_type": "BatchNorm", "mlp_hidden_dim": 7}"#,
        r#"{"memory_dim": 5, "mlp_pre_norm_type": "none", "mlp_num_hidden_layers": 2}"#,
        r#"{"d_model": 12, "n_heads": 2, "num_layers": 2, "window_size": 5, "max_seq_len": 1024}"#,
        r#"{"d_model": 8, "n_heads": 2, "num_layers": 1, "norm_type": "layer_norm", "max_seq_len": 2048,
            "ffn_type": "gelu", "use_complex_number_rope": true, "SWA_type": "full"}"#,
    ];

    #[test]
    fn a_twin_survives_the_original_s_file() {
        for text in CONFIGS {
            let config = TwinConfig::from_json(text, None).unwrap();
            let device = Default::default();
            let twin = config.init::<Flex>(3, &device);
            let state = pollster::block_on(export(&twin, &config)).unwrap();
            let header = Header::new(config, Scaling::default(), twin.count_params());
            let before = Checkpoint::new(header, state);
            let bytes = before.to_torch().unwrap();
            assert!(bytes == before.to_torch().unwrap(), "{text}: other bytes the second time");
            let after = Checkpoint::from_torch(&bytes).unwrap();
            assert_eq!(after.state, before.state, "{text}");
            assert_eq!(after.header.scaling, before.header.scaling);
            // widths that follow from other settings are written out
            assert_eq!(after.count_params(), before.count_params(), "{text}");
            after.twin::<Flex>(&device).unwrap();
        }
    }

    #[test]
    fn a_storage_that_is_named_again_and_again_is_refused() {
        let config = TwinConfig::from_json(CONFIGS[4], None).unwrap();
        let twin = Checkpoint::new(Header::new(config, Scaling::default(), 0), Default::default());
        let file = |times: usize| {
            let view =
                |i: usize| (format!("w{i}").as_str().into(), tensor("FloatStorage", 0, &[1000]));
            let mut root =
                vec![("model_state_dict".into(), ordered((0..times).map(view).collect()))];
            root.extend(twin.arguments().unwrap());
            archive(&Object::Dict(root).pickle(Protocol::Two), &[vec![0; 4000]]).unwrap()
        };
        assert_eq!(Checkpoint::from_torch(&file(4)).unwrap().state.len(), 4, "tied weights");
        assert!(Checkpoint::from_torch(&file(5)).is_err());
    }

    #[test]
    fn a_weight_with_the_name_of_something_else_is_refused() {
        let config = TwinConfig::from_json(CONFIGS[4], None).unwrap();
        let read = |name: &str| {
            let state =
                [(name.to_owned(), HostTensor { shape: vec![1], values: vec![0.5] })].into();
            let header = Header::new(config.clone(), Scaling::default(), 1);
            Checkpoint::from_torch(&Checkpoint::new(header, state).to_torch().unwrap())
        };
        assert!(read("w").is_ok());
        for name in ["optimizer.exp_avg", "module.curve.train"] {
            let message = read(name).unwrap_err().to_string();
            assert!(message.contains("which no twin has"), "{name}: {message}");
        }
    }

    #[test]
    fn an_empty_weight_of_an_impossible_shape_is_refused() {
        let config = TwinConfig::from_json(CONFIGS[4], None).unwrap();
        let header = Header::new(config, Scaling::default(), 0);
        let file = |shape: &[usize]| {
            let empty = HostTensor { shape: shape.to_vec(), values: Vec::new() };
            let state = [("w".to_owned(), empty)].into();
            Checkpoint::new(header.clone(), state).to_bytes().unwrap()
        };
        assert!(Checkpoint::from_bytes(&file(&[0, 3])).unwrap().to_torch().is_ok());
        assert!(Checkpoint::from_bytes(&file(&[0, 1 << 40, 1 << 40])).is_err());
    }

    #[test]
    fn a_twin_without_weights_is_refused() {
        let config = TwinConfig::from_json(CONFIGS[0], None).unwrap();
        let empty = Checkpoint::new(Header::new(config, Scaling::default(), 0), Default::default());
        assert!(matches!(empty.to_torch(), Err(WriteError::NoWeights)));
    }
}
