//! What the page asks of a worker about the data set.

use super::{Kept, Key, Record};
use crate::data::Manifest;
use crate::experiment::outputs::Outputs;
use crate::experiment::samples::Samples;
use crate::web::port::{Never, questions};
use crate::web::protocol::Simulator;
use serde::{Deserialize, Serialize};
use web_sys::{Blob, File};

questions! {
    /// Work on the data set.
    pub enum DataTask to Simulator {
        /// Makes simulations and keeps each of them.
        Make {
            /// The data set's id.
            id: String,
            /// What the data set is made from.
            plan: Manifest,
            /// Which simulations to make.
            keys: Vec<Key>,
        } => MakeEvent, ();
        /// Reads a simulation.
        Look {
            /// The data set's id.
            id: String,
            /// Which simulation.
            key: Key,
        } => Never, Shown;
        /// Packs a data set.
        Pack(Kept) => Never, Zip;
        /// Keeps a zip's data set in place of the present one, which is put aside; parts say how many of its
        /// simulations are checked.
        Unpack {
            /// The id of the new data set.
            id: String,
            /// The zip.
            #[serde(with = "serde_wasm_bindgen::preserve")]
            file: File,
        } => Share, LeftOut;
    }
}

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
    /// Which one.
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
