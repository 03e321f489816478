//! The twin of the sliders: its architecture and size, its name, and its options on the command line.

use crate::twin::config::{ElmConfig, ResNetTcnConfig, TcnConfig, TransformerConfig, TwinConfig};
use crate::web::controls::Controls;
use crate::web::names::Number;
use crate::web::settings::Settings;
use serde_json::{Map, Value};

/// The twin that the sliders describe.
pub(super) fn config(controls: &Controls, segments: usize) -> TwinConfig {
    let number = |key: Number| (controls.number(key).round() as usize).max(1);
    let config = match controls.choice(choice!("kind")).as_str() {
        "resnet_tcn" => TwinConfig::ResNetTcn(ResNetTcnConfig {
            first_layer_temporal_kernel_size: number(number!("rt")),
            num_miniblocks_per_block_list: vec![number(number!("m"))],
            num_features_per_block_list: vec![number(number!("rw"))],
            temporal_kernel_size_per_block_list: vec![number(number!("rt"))],
            ..ResNetTcnConfig::default()
        }),
        "elm" => TwinConfig::Elm(ElmConfig {
            memory_dim: number(number!("mem")),
            mlp_num_hidden_layers: controls.number(number!("hid")) as usize,
            memory_tau_max: controls.number(number!("tau")).max(3.0),
            ..ElmConfig::default()
        }),
        "transformer" => {
            let width = number(number!("heads")) * number(number!("hw"));
            TwinConfig::Transformer(TransformerConfig {
                d_model: width,
                n_heads: number(number!("heads")),
                num_layers: number(number!("layers")),
                window_size: number(number!("win")),
                ffn_hidden_dim: Some(3 * width),
                ..TransformerConfig::default()
            })
        }
        _ => TwinConfig::Tcn(TcnConfig {
            first_layer_temporal_kernel_size: number(number!("t")),
            num_layers_per_block_list: vec![number(number!("d"))],
            num_features_per_block_list: vec![number(number!("w"))],
            temporal_kernel_size_per_block_list: vec![number(number!("t"))],
            ..TcnConfig::default()
        }),
    };
    config.with_segments(segments)
}

/// The command that writes the twin's file, where the twin needs one, and the options that name the twin.
pub(in crate::web::lesson) fn options(config: &TwinConfig) -> (String, String) {
    let kind = config.kind().name();
    if let Some(letter) = config.letter() {
        return (String::new(), format!("--twin {kind} --config {letter}"));
    }
    let keys = differences(config);
    if keys.is_empty() {
        return (String::new(), format!("--twin {kind}"));
    }
    let file = format!("echo '{}' > twin.json\n", Value::Object(keys));
    (file, format!("--twin {kind} --config twin.json"))
}

/// The keys whose values are not the defaults of the twin's kind, with their values; the number of segments is the
/// data's.
fn differences(config: &TwinConfig) -> Map<String, Value> {
    let keys = |config: &TwinConfig| match serde_json::to_value(config) {
        Ok(Value::Object(mut map)) => match map.remove("config") {
            Some(Value::Object(keys)) => keys,
            _ => Map::new(),
        },
        _ => Map::new(),
    };
    let default = keys(&TwinConfig::default_of(config.kind()));
    keys(config)
        .into_iter()
        .filter(|(key, value)| key != "in_spatial_dim" && default.get(key) != Some(value))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twin::config::TwinKind;

    #[test]
    fn the_command_line_reads_what_it_is_told() {
        for letter in 'A'..='E' {
            let config = TwinConfig::Tcn(TcnConfig::assignment(letter, 3).unwrap());
            assert_eq!(options(&config).1, format!("--twin tcn --config {letter}"));
        }
        let elm = TwinConfig::Elm(ElmConfig { memory_dim: 20, ..ElmConfig::default() });
        let (file, options_text) = options(&elm);
        assert_eq!(file, "echo '{\"memory_dim\":20}' > twin.json\n");
        assert_eq!(options_text, "--twin elm --config twin.json");
        let json = file.split('\'').nth(1).unwrap();
        assert_eq!(TwinConfig::from_json(json, Some(TwinKind::Elm)).unwrap(), elm);
        let transformer = TwinConfig::default_of(TwinKind::Transformer);
        assert_eq!(options(&transformer), (String::new(), "--twin transformer".into()));
    }
}
