//! The answers of a worker to questions about the data set.

use super::record::{Key, Record};
use crate::experiment::outputs::Outputs;
use crate::experiment::samples::Samples;
use serde::{Deserialize, Serialize};
use web_sys::Blob;

/// How much of the work is done, and how much there is in all, in one unit.
pub type Share = (f64, f64);

/// What the worker reports while it makes simulations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum MakeEvent {
    /// How many milliseconds are simulated, and of how many.
    Simulated(Share),
    /// The record of a simulation that is now stored.
    Kept(Box<Record>),
}

/// A data set as a zip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Zip(#[serde(with = "serde_wasm_bindgen::preserve")] pub Blob);

/// The simulations of a zip that were left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The first simulations that were left out, each with the reason.
    pub names: Vec<String>,
    /// How many simulations were left out.
    pub count: usize,
}

/// A simulation as the page draws it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// Split and number of the simulation.
    pub key: Key,
    /// Number of segments.
    pub segments: usize,
    /// Excitatory weights, a row per segment.
    pub exc: Samples,
    /// Inhibitory weights, a row per segment.
    pub inh: Samples,
    /// The simulation's targets, voltages capped.
    pub targets: Outputs,
}
