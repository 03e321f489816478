//! The architectures: each a file with its configuration, its checks, its module and what is told of it, and a line
//! in the list below.

// a backbone and its derived record live in a twin, never in a list
#![allow(clippy::large_enum_variant)]

mod architecture;
mod blocks;
pub(crate) mod check;
mod ports;
mod registry;
pub(crate) mod tour;

pub mod elm;
pub mod resnet_tcn;
pub mod tcn;
pub mod transformer;

use burn::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::text;
use crate::twin::layer::init::Init;
use crate::twin::ops::backend::TwinBackend;
pub use architecture::{About, Architecture, Features};
pub use check::ConfigError;
pub use ports::Ports;

registry::architectures! {
    /// Temporal convolutional network.
    Tcn: tcn::{TcnConfig, Tcn}, "SingleNeuronTwinModel_TCN";
    /// Temporal convolutional network with shortcuts.
    ResNetTcn: resnet_tcn::{ResNetTcnConfig, ResNetTcn}, "SingleNeuronTwinModel_ResNetTCN";
    /// Expressive leaky memory neuron.
    Elm: elm::{ElmConfig, Elm}, "SingleNeuronTwinModel_ELM";
    /// Causal sliding-window transformer.
    Transformer: transformer::{TransformerConfig, Transformer}, "SingleNeuronTwinModel_Transformer";
}

/// Reads the keys of one architecture's configuration.
fn strict<T: serde::de::DeserializeOwned + Serialize + Default>(
    value: Json,
) -> Result<T, ConfigError> {
    // serde cannot deny unknown fields beside `flatten`, so the keys are compared with those
    // that the default writes
    let known = serde_json::to_value(T::default())?;
    let known: Vec<&String> = known.as_object().map(|map| map.keys().collect()).unwrap_or_default();
    if let Some(map) = value.as_object() {
        for key in map.keys().filter(|key| *key != "head_out_channels") {
            if !known.contains(&key) {
                return Err(unknown_key(key, &known));
            }
        }
    }
    text::from_value(value).map_err(ConfigError::Type)
}

/// A key that the architecture does not have, and the nearest of those that it has.
fn unknown_key(key: &str, known: &[&String]) -> ConfigError {
    let near =
        known.iter().map(|k| (strsim::jaro_winkler(k, key), k)).max_by(|a, b| a.0.total_cmp(&b.0));
    let hint = near.filter(|(score, _)| *score > 0.8);
    ConfigError::Value {
        key: "a key",
        value: format!("{key:?}"),
        want: match hint {
            Some((_, k)) => format!("one of this twin's; did you mean {k:?}?"),
            None => format!("one of this twin's: {known:?}"),
        },
    }
}
