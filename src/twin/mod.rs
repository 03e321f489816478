//! Twins: networks that learn to respond as a neuron does.
//!
//! A [`config::TwinConfig`] describes a twin; `init` draws its weights into a [`model::Twin`], whose `forward` maps
//! synaptic input to five outputs: spikes, soma voltage, near spikes, rate and dendritic voltages. [`train::Trainer`]
//! follows the [`schedule::Recipe`] on batches of windows ([`batch`]); [`evaluate`] judges the twin by [`metrics`];
//! [`weights`] reads and writes it.
//!
//! Everything is generic over a [`backend::TwinBackend`]. On the CPU the heavy operations are our own ([`cpu`]); on
//! graphics devices too (`gpu`). Nothing in this room knows a file, a clock or
//! a screen, and only `await` waits for a device.
//!
//! Each room imports only from those above it:
//!
//! | room | content |
//! |---|---|
//! | `ops` | the operations that a backend may implement itself, each composed of Burn's; [`backend::TwinBackend`] |
//! | `cpu`, `gpu` | these operations as kernels of our own |
//! | `layer` | the layers of architectures: convolution, norm, linear map, attention, heads |
//! | `arch` | the four architectures |
//! | [`config`], [`model`] | a twin of any of the four |
//! | `train` | batches, losses, AdamW, recipe, the loop |
//! | [`weights`], [`onnx`] | files of twins: ours, the original's, ONNX |
//! | `judge` | metrics, thresholds, intervals, baselines |

mod arch;
pub mod config;
pub mod cpu;
#[cfg(any(feature = "wgpu", feature = "cuda"))]
mod gpu;
pub mod heads;
pub mod job;
mod judge;
mod layer;
pub mod model;
pub mod onnx;
pub mod ops;
pub mod scaling;
pub mod tour;
pub mod train;
pub mod weights;

pub use arch::{elm, resnet_tcn, tcn, transformer};
pub use judge::{
    baseline, calibrated, curves, effects, evaluate, field_metrics, interval, judge_inputs,
    metrics, probabilities, response, results, sample_metrics, set, test_set, thresholds,
};
pub use layer::{attention, causal_conv, init, linear, norm, stage};
pub use ops::{activation, backend};
pub use train::{batch, forecast, gradient, loss, optim, schedule, taylor};
