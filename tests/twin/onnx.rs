//! Twins written as ONNX compute what the twins compute: every architecture, norm and nonlinearity, read back and
//! interpreted by `support/onnx`. `tests/onnx/check.py` asks onnxruntime the same.

use std::collections::BTreeMap;

use crate::interpreter::Model;
use crate::interpreter::tensor::Tensor;
use crate::recorded::difference::max_abs_difference;
use ballstick::twin::activation::Nonlinearity;
use ballstick::twin::config::TwinConfig;
use ballstick::twin::evaluate::{RawOutputs, predict, probability};
use ballstick::twin::heads::HEADS;
use ballstick::twin::onnx::{OPSET, ScalingPlace};
use ballstick::twin::scaling::Scaling;
use ballstick::twin::weights::state::export;
use ballstick::twin::weights::{Checkpoint, Header};
use burn::backend::Flex;
use pollster::block_on;

/// Numbers between -1 and 1 that look random (Knuth's MMIX generator).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 40) as f32 / (1 << 23) as f32 - 1.0
    }
}

/// A twin whose every parameter is away from its usual start: scales from 1, shifts from 0.
fn twin(json: &str) -> Checkpoint {
    let config = TwinConfig::from_json(json, None).unwrap();
    let twin = config.init::<Flex>(5, &Default::default());
    let mut state = block_on(export(&twin, &config)).unwrap();
    let draw = &mut Draw(7);
    for (name, tensor) in &mut state {
        for value in &mut tensor.values {
            *value += 0.3 * draw.next();
            // variances and time constants are above 0
            if name.ends_with("running_var") || name.ends_with("tau_s") {
                *value = value.abs() + 0.1;
            }
        }
    }
    let header = Header::new(config, Scaling::default(), twin.count_params());
    Checkpoint::new(header, state)
}

fn ours(checkpoint: &Checkpoint, x: &[f32], dims: [usize; 4]) -> RawOutputs {
    let device = Default::default();
    let twin = checkpoint.twin::<Flex>(&device).unwrap();
    block_on(predict(&twin, x.to_vec(), dims, &device)).unwrap()
}

/// One head's outputs of all simulations, as a row.
fn head(outputs: &RawOutputs, index: usize) -> Vec<f32> {
    let [_, channels, time] = outputs.dims;
    let rows = if index < 4 { index..index + 1 } else { 4..channels };
    let simulations = outputs.values.chunks(channels * time);
    simulations.flat_map(|s| s[rows.start * time..rows.end * time].to_vec()).collect()
}

fn theirs(bytes: &[u8], x: &[f32], dims: [usize; 4]) -> Vec<Tensor> {
    let model = Model::read(bytes);
    let x = Tensor::new(dims.to_vec(), x.iter().map(|&v| f64::from(v)).collect());
    model.graph.run(&BTreeMap::from([("X".to_owned(), x)]), &BTreeMap::new())
}

/// The largest difference, as a fraction of the largest value. Only our numbers are sums in single precision.
fn off(got: &Tensor, want: &[f32]) -> f64 {
    assert_eq!(got.values.len(), want.len());
    let largest = want.iter().fold(0f32, |m, v| m.max(v.abs()));
    let want: Vec<f64> = want.iter().copied().map(f64::from).collect();
    max_abs_difference(&got.values, &want) / f64::from(largest)
}

fn check(json: &str, dims: [usize; 4]) {
    let checkpoint = twin(json);
    let draw = &mut Draw(dims[3] as u64);
    let x: Vec<f32> = (0..dims.iter().product()).map(|_| draw.next()).collect();
    let bytes = checkpoint.to_onnx(ScalingPlace::Outside).unwrap();
    let want = ours(&checkpoint, &x, dims);
    for (i, got) in theirs(&bytes, &x, dims).iter().enumerate() {
        let channels = if i < 4 { 1 } else { dims[2] };
        assert_eq!(got.shape, [dims[0], channels, 1, dims[3]], "{json}");
        let off = off(got, &head(&want, i));
        assert!(off <= 1e-5, "{} is off by {off:.1e}, {} ms: {json}", HEADS[i], dims[3]);
    }
}

const TCN: &str = r#""in_spatial_dim": 3, "first_layer_temporal_kernel_size": 4, "num_layers_per_block_list": [1, 2],
    "num_features_per_block_list": [5, 4], "temporal_kernel_size_per_block_list": [3, 2],
    "temporal_dilation_per_block_list": [1, 3]"#;
const RESNET: &str = r#""in_spatial_dim": 3, "first_layer_temporal_kernel_size": 4, "num_miniblocks_per_block_list": [2, 1],
    "num_features_per_block_list": [5, 4], "temporal_kernel_size_per_block_list": [3, 2],
    "temporal_dilation_per_block_list": [2, 1]"#;
const ELM: &str = r#""in_spatial_dim": 3, "memory_dim": 6"#;
const TRANSFORMER: &str = r#""in_spatial_dim": 3, "d_model": 12, "n_heads": 3, "num_layers": 2"#;

#[test]
fn convolutional_twins_with_every_norm() {
    for norm in ["RMSNorm", "LayerNorm", "BatchNorm", "BatchNorm_B"] {
        for base in [TCN, RESNET] {
            check(&format!(r#"{{{base}, "norm_type": "{norm}"}}"#), [2, 2, 3, 17]);
        }
    }
}

#[test]
fn every_nonlinearity() {
    for kind in Nonlinearity::ALL {
        check(&format!(r#"{{{TCN}, "nonlinearity_str": "{}"}}"#, kind.name()), [1, 2, 3, 9]);
    }
}

#[test]
fn elms_with_every_norm_and_depth() {
    for norm in ["RMSNorm", "LayerNorm", "BatchNorm", "none"] {
        for layers in [0, 1, 2] {
            let json = format!(
                r#"{{{ELM}, "mlp_pre_norm_type": "{norm}", "mlp_num_hidden_layers": {layers}, "mlp_hidden_dim": 7}}"#
            );
            check(&json, [2, 2, 3, 12]);
        }
    }
}

/// Windows longer than the sequence, as long, and shorter; a last block that is full, and one that is not.
#[test]
fn transformers_of_every_kind_and_length() {
    for (window, time) in [(4, 1), (4, 3), (4, 4), (4, 12), (4, 13), (1, 5), (50, 9)] {
        for kind in [
            r#""ffn_type": "swiglu", "norm_type": "rms_norm""#,
            r#""ffn_type": "gelu", "norm_type": "layer_norm", "first_norm_type": "BatchNorm""#,
        ] {
            let json = format!(r#"{{{TRANSFORMER}, "window_size": {window}, {kind}}}"#);
            check(&json, [2, 2, 3, time]);
        }
    }
}

#[test]
fn scaling_inside_takes_weights_and_gives_units() {
    let dims = [2, 2, 3, 11];
    let checkpoint = twin(&format!("{{{TCN}}}"));
    let scaling = checkpoint.header.scaling;
    let draw = &mut Draw(3);
    let x: Vec<f32> = (0..dims.iter().product()).map(|_| 10.0 * draw.next()).collect();
    let scaled: Vec<f32> = x.iter().map(|v| v / scaling.X_scale as f32).collect();
    let want = ours(&checkpoint, &scaled, dims);
    let bytes = checkpoint.to_onnx(ScalingPlace::Inside).unwrap();
    for (i, got) in theirs(&bytes, &x, dims).iter().enumerate() {
        let convert = |v: f32| match HEADS[i] {
            "soma" => scaling.soma_mv(v),
            "dend_v" => scaling.dend_mv(v),
            "inst_rate" => scaling.rate_per_ms(v),
            _ => probability(v),
        };
        let want: Vec<f32> = head(&want, i).into_iter().map(convert).collect();
        assert!(off(got, &want) <= 1e-5, "{}", HEADS[i]);
    }
}

#[test]
fn the_file_says_what_it_is() {
    let checkpoint = twin(&format!("{{{TCN}}}"));
    let bytes = checkpoint.to_onnx(ScalingPlace::Inside).unwrap();
    assert!(bytes == checkpoint.to_onnx(ScalingPlace::Inside).unwrap(), "other bytes");
    let model = Model::read(&bytes);
    assert_eq!((model.ir_version, model.opset), (8, OPSET));
    assert_eq!(model.metadata["scaling_place"], "inside");
    let config = TwinConfig::from_json(&model.metadata["config"], None).unwrap();
    assert_eq!(config, checkpoint.header.config);
    let scaling: Scaling = serde_json::from_str(&model.metadata["scaling"]).unwrap();
    assert_eq!(scaling, checkpoint.header.scaling);
    let graph = &model.graph;
    assert_eq!(graph.inputs[0].name, "X");
    assert_eq!(graph.inputs[0].axes, ["batch", "2", "3", "time"]);
    let names: Vec<&str> = graph.outputs.iter().map(|o| o.name.as_str()).collect();
    assert_eq!(names, HEADS);
    assert_eq!(graph.outputs[4].axes, ["batch", "3", "1", "time"]);
    // every parameter under the original's name
    for (name, tensor) in &checkpoint.state {
        let values: Vec<f64> = tensor.values.iter().map(|&v| f64::from(v)).collect();
        assert_eq!(graph.initialisers[name].values, values, "{name}");
    }
}

#[test]
fn a_twin_without_weights_is_refused() {
    let mut checkpoint = twin(&format!("{{{ELM}}}"));
    checkpoint.state.remove("backbone_and_heads.backbone.tau_s");
    assert!(checkpoint.to_onnx(ScalingPlace::Outside).is_err());
    checkpoint.state.clear();
    let message = checkpoint.to_onnx(ScalingPlace::Outside).unwrap_err().to_string();
    assert_eq!(message, "the twin has no weights yet");
}
