//! Twins: networks that learn to do what a neuron does.
//!
//! A [`config::TwinConfig`] says what a twin is made of; `init` draws its weights into a
//! [`model::Twin`], whose `forward` maps synaptic input to five outputs: spikes, soma voltage, near
//! spikes, rate and dendritic voltages. [`train::Trainer`] follows the [`schedule::Recipe`] on
//! batches of windows ([`batch`]); [`evaluate`] judges the twin by [`metrics`]; [`weights`] reads
//! and writes it.
//!
//! Everything is generic over a [`backend::TwinBackend`]. On the CPU the heavy operations are our
//! own ([`kernel`]); on graphics devices they are Burn's. Nothing here knows a file, a clock or a
//! screen, and nothing waits for a device but by `await`.

pub mod activation;
pub mod attention;
pub mod backend;
pub mod baseline;
pub mod batch;
pub mod causal_conv;
pub mod config;
pub mod curves;
#[cfg(any(feature = "wgpu", feature = "cuda"))]
mod devices;
pub mod dropout;
pub mod effects;
pub mod elm;
pub mod evaluate;
mod event;
pub mod field_metrics;
pub mod gradient;
pub mod heads;
pub mod init;
pub mod interval;
pub mod judge_inputs;
pub mod kernel;
pub mod layer;
pub mod linear;
pub mod loss;
pub mod metrics;
pub mod model;
pub mod norm;
pub mod onnx;
pub mod optim;
pub mod probabilities;
pub mod resnet_tcn;
pub mod response;
pub mod results;
pub mod sample_metrics;
pub mod scaling;
pub mod schedule;
pub mod size;
mod snapshot;
pub mod taylor;
pub mod tcn;
pub mod test_set;
pub mod thresholds;
pub mod tour;
pub mod train;
pub mod transformer;
pub mod weights;
