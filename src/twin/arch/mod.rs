//! The architectures. Each has a file with its configuration, its checks, its module and its interface to the original
//! and to ONNX, and a line in the list below.

// a backbone and the values derived from it live in a twin, never in a list
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
use serde_json::{Map, Value as Json};

use crate::settings::{self, SettingError};
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
