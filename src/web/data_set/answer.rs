//! What a worker answers to questions about the data set.

use super::record::{Key, Record};
use crate::experiment::outputs::Outputs;
use crate::experiment::samples::Samples;
use serde::{Deserialize, Serialize};
use web_sys::Blob;

/// So much of the work is done, and of how much.
pub type Share = (f64, f64);

/// What happens while simulations are made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum MakeEvent {
    /// Milliseconds are simulated.
    Simulated(Share),
    /// A simulation is kept.
    Kept(Box<Record>),
}

/// A data set as a zip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Zip(#[serde(with = "serde_wasm_bindgen::preserve")] pub Blob);

/// What of a zip was left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The first names, and why each was left out.
    pub names: Vec<String>,
    /// How many were left out.
    pub count: usize,
}

/// A simulation as it is drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// Split and number of the simulation.
    pub key: Key,
    /// Number of segments.
    pub segments: usize,
    /// Excitatory weights, a row a segment.
    pub exc: Samples,
    /// Inhibitory weights, a row a segment.
    pub inh: Samples,
    /// The simulation's targets, voltages capped.
    pub targets: Outputs,
}
