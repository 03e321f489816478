//! The interface of an architecture to the rest of the crate.

use burn::prelude::*;
use serde_json::Value as Json;

use super::check::WIDTH;
use super::ports::Ports;
use super::tour::Tour;
use crate::settings::{Setting, require};
use crate::twin::layer::norm::NormKind;
use crate::twin::onnx::graph::{Graph, Value};
use crate::twin::ops::backend::TwinBackend;
use crate::twin::weights::host::StateError;

/// The properties that all twins of an architecture share.
#[derive(Debug)]
pub struct About {
    /// The architecture's name on the command line.
    pub name: &'static str,
    /// The architecture's name in texts.
    pub title: &'static str,
    /// Other accepted spellings of the name, in lower case without hyphens and underscores.
    pub spellings: &'static [&'static str],
    /// The key by which a configuration of this architecture is recognised: no other architecture has it.
    pub key: &'static str,
    /// Longest windows in training and in validation by the published recipe, ms.
    pub windows_ms: [usize; 2],
    /// Parts of the names of buffers in the original's state dict that follow from the configuration.
    pub derived: &'static [&'static str],
}

/// A tensor of the original's state dict that follows from the configuration.
pub struct Buffer {
    /// The tensor's name in the state dict.
    pub name: String,
    /// PyTorch's class of the tensor's storage.
    pub storage: &'static str,
    /// Length of each axis.
    pub shape: Vec<usize>,
    /// The values, little-endian, the last axis fastest.
    pub bytes: Vec<u8>,
}

/// An architecture, described by a configuration of it.
pub trait Architecture {
    /// Input and output widths.
    fn ports(&self) -> &Ports;

    /// Input and output widths, mutable.
    fn ports_mut(&mut self) -> &mut Ports;

    /// Number of channels of the features, which the backbone passes to the heads.
    fn channels(&self) -> usize;

    /// Number of channels of the backbone's widest layer.
    fn widest(&self) -> usize;

    /// The kinds of norm in the backbone.
    fn norms(&self) -> Vec<NormKind>;

    /// Adds the backbone's layers to a tour, from which its parameters and its receptive field follow.
    fn stops(&self, tour: &mut Tour);

    /// The twin's size in a few characters, such as layers × channels, for lists of twins.
    fn size(&self) -> String;

    /// The original's name of the architecture with its sizes but no count of parameters, such as `TCN_D_5_W_32_T_201`.
    fn short_name(&self) -> String;

    /// The original's name of the backbone's parameter at `path` in our module; `None` where the original has no such
    /// one.
    fn torch_name(&self, path: &[&str]) -> Option<String>;

    /// Turns the configuration's keys in `json` into arguments of the original's constructor.
    fn torch_arguments(&self, json: &mut Json);

    /// The tensors of the original's state dict that are no parameters, under the backbone's name `root`.
    fn torch_buffers(&self, _root: &str) -> Vec<Buffer> {
        Vec::new()
    }

    /// The backbone's ONNX nodes, from `x`, `[batch, rows, time]`, to features, `[batch, channels, time]`.
    ///
    /// `derived` is the backbone's [`Features::derived`].
    ///
    /// # Errors
    /// [`StateError`] where a parameter is missing.
    fn nodes(
        &self,
        g: &mut Graph<'_>,
        derived: &[Vec<f32>],
        x: &Value,
    ) -> Result<Value, StateError>;
}

/// The settings of a twin's ports.
pub(super) fn port_settings<T: Architecture>() -> Vec<Setting<T>> {
    vec![
        Setting::count("in_channels", |c: &T| c.ports().in_channels, [1, 64], ""),
        Setting::count("in_spatial_dim", |c: &T| c.ports().in_spatial_dim, WIDTH, ""),
        Setting::other("head_out_channels", |c: &T| {
            let heads = c.ports().heads();
            let [least, most] = WIDTH;
            let want = format!("must be [1, 1, 1, 1, dend_v] with dend_v in {least}..{most}");
            require(heads[..4] == [1; 4] && (least..=most).contains(&heads[4]), heads, want)
        }),
    ]
}

/// The module of an architecture, which computes features from the input.
pub trait Features<B: TwinBackend> {
    /// # Shapes
    /// - x: `[batch, rows, time]`
    /// - output: `[batch, channels, time]`
    fn forward(&self, x: Tensor<B, 3>) -> Tensor<B, 3>;

    /// The first layer's kernels, `[width, channels_in, segments, ms]`; `None` without a convolution as first layer.
    fn first_weight(&self) -> Option<Tensor<B, 4>> {
        None
    }

    /// Constants that `forward` computes from parameters and configuration before its first step.
    fn derived(&self) -> Vec<Tensor<B, 1>> {
        Vec::new()
    }
}
