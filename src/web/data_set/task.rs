//! What the page asks of a worker about the data set, and what it hears while that goes on.

use super::{Kept, Key, Record};
use crate::data::Manifest;
use crate::web::samples::Samples;
use serde::{Deserialize, Serialize};
use web_sys::{Blob, File};

/// Work on the data set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Task {
    /// Makes simulations and keeps each of them; answered by [`News::Simulated`] and
    /// [`News::Kept`], at the end by [`News::Finished`].
    Make {
        /// The data set's id.
        id: String,
        /// What it is made from.
        plan: Box<Manifest>,
        /// Which to make.
        keys: Vec<Key>,
    },
    /// Reads one; answered by [`News::Sample`].
    Look {
        /// The data set's id.
        id: String,
        /// Which one.
        key: Key,
    },
    /// Packs the data set; answered by [`News::Packed`].
    Pack {
        /// The data set.
        kept: Box<Kept>,
    },
    /// Checks a zip and keeps its data set in place of the present one, which is put aside; answered by
    /// [`News::Simulated`] (files for milliseconds), at the end by [`News::Unpacked`].
    Unpack {
        /// The id of the new data set.
        id: String,
        /// The zip.
        #[serde(with = "serde_wasm_bindgen::preserve")]
        file: File,
    },
}

/// What a worker says about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum News {
    /// So much of the work is done: milliseconds of simulation, or files, and of how many.
    Simulated(f64, f64),
    /// A simulation is kept.
    Kept(Box<Record>),
    /// All of them are.
    Finished,
    /// A simulation.
    Sample(Box<Shown>),
    /// The data set as a zip.
    Packed(#[serde(with = "serde_wasm_bindgen::preserve")] Blob),
    /// A zip's data set is kept; the names of what was left out and why, and how many there were.
    Unpacked(Vec<String>, usize),
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
    /// Spikes, 0 or 1 a millisecond.
    pub spikes: Samples,
    /// Capped soma voltage, mV.
    pub soma_mv: Samples,
    /// Near spikes, 0 or 1 a millisecond.
    pub near: Samples,
    /// Instantaneous rate, Hz.
    pub rate_hz: Samples,
    /// Capped dendritic voltages, mV, a row a segment.
    pub dend_mv: Samples,
}

impl Task {
    /// Does it, in a worker.
    ///
    /// # Errors
    /// Why not, for the learner to read.
    pub async fn run(self, news: &dyn Fn(News)) -> Result<News, String> {
        match self {
            Self::Make { id, plan, keys } => super::make::make(&id, &plan, &keys, news).await,
            Self::Look { id, key } => super::look::look(&id, key).await,
            Self::Pack { kept } => super::pack::pack(&kept).await,
            Self::Unpack { id, file } => super::unpack::unpack(&id, &file, news).await,
        }
    }
}
