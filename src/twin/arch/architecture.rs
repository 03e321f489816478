//! What an architecture tells of itself.

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

/// What is the same for all twins of an architecture.
#[derive(Debug)]
pub struct About {
    /// The name on the command line.
    pub name: &'static str,
    /// The name in texts.
    pub title: &'static str,
    /// Other spellings of the name that are understood, in small letters without hyphens and underscores.
    pub spellings: &'static [&'static str],
    /// The key that no other architecture's configuration has.
    pub key: &'static str,
    /// Longest windows in training and in validation of the published recipe, ms.
    pub windows_ms: [usize; 2],
    /// What the names of buffers contain in the original's state dict that follow from the configuration.
    pub derived: &'static [&'static str],
}

/// A tensor of the original's state dict that follows from the configuration.
pub struct Buffer {
    /// Its name there.
    pub name: String,
    /// PyTorch's class of its storage.
    pub storage: &'static str,
    /// Length of each axis.
    pub shape: Vec<usize>,
    /// Its values, little-endian, the last axis fastest.
    pub bytes: Vec<u8>,
}

/// An architecture, described by a configuration of it.
pub trait Architecture {
    /// Input and output widths.
    fn ports(&self) -> &Ports;

    /// Input and output widths, to be changed.
    fn ports_mut(&mut self) -> &mut Ports;

    /// Channels that the backbone hands to the heads.
    fn channels(&self) -> usize;

    /// Channels of the backbone's widest layer.
    fn widest(&self) -> usize;

    /// The norms that it is made with.
    fn norms(&self) -> Vec<NormKind>;

    /// Adds the backbone's layers to a tour, from which its parameters and its receptive field follow.
    fn stops(&self, tour: &mut Tour);

    /// Its size in a few signs, such as layers × channels, for lists of twins.
    fn size(&self) -> String;

    /// The original's name for it without the count of parameters, such as `TCN_D_5_W_32_T_201`.
    fn short_name(&self) -> String;

    /// The original's name of the backbone's parameter at `path` in our module; `None` if there is none.
    fn torch_name(&self, path: &[&str]) -> Option<String>;

    /// Makes arguments of the original's constructor of the configuration's keys.
    fn torch_arguments(&self, json: &mut Json);

    /// What the original's state dict holds beside the parameters, under the backbone's name `root`.
    fn torch_buffers(&self, _root: &str) -> Vec<Buffer> {
        Vec::new()
    }

    /// The backbone's ONNX nodes, from `x`, `[batch, rows, time]`, to features, `[batch, channels, time]`.
    ///
    /// `derived` is the backbone's [`Features::derived`].
    ///
    /// # Errors
    /// If a parameter is missing.
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

/// An architecture's module: what turns the input into features.
pub trait Features<B: TwinBackend> {
    /// # Shapes
    /// - x: `[batch, rows, time]`
    /// - output: `[batch, channels, time]`
    fn forward(&self, x: Tensor<B, 3>) -> Tensor<B, 3>;

    /// The first layer's kernels, `[width, channels_in, segments, ms]`; `None` where it has no such layer.
    fn first_weight(&self) -> Option<Tensor<B, 4>> {
        None
    }

    /// Constants that `forward` computes from parameters and configuration before its first step.
    fn derived(&self) -> Vec<Tensor<B, 1>> {
        Vec::new()
    }
}
