//! What is stored of a data set and of each of its simulations besides the simulations' files.

use crate::data::layout::sim_name;
use crate::data::manifest::Checksums;
use crate::data::neuron_file::NeuronFile;
use crate::data::stats::SampleStats;
use crate::data::{Manifest, Model, Part, Split};
use serde::{Deserialize, Serialize};

/// What is known of the data set that is kept, besides its simulations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredSet {
    /// Tells this data set from those kept before.
    pub id: String,
    /// The neuron's short name, which is also the folder's in a zip.
    pub name: String,
    /// What it is made from, without checksums; a data set that somebody else made may not say.
    pub manifest: Option<Manifest>,
    /// The file that it was opened from, where it was.
    pub file: Option<String>,
    /// Name and bytes of the neuron's file that came with it.
    #[serde(default)]
    pub neuron_file: Option<(String, Vec<u8>)>,
}

impl StoredSet {
    /// The neuron's file: the one that came with the data set, or one of what the manifest says; none where neither
    /// does, or the original's class cannot make the neuron.
    pub fn neuron_file(&self) -> Option<NeuronFile> {
        let came = self.neuron_file.clone();
        let came = came.and_then(|(name, bytes)| NeuronFile::read(name, bytes).ok());
        came.or_else(|| NeuronFile::of(&self.manifest.as_ref()?.neuron))
    }

    /// The neuron, where the manifest or the neuron's file tells.
    pub fn neuron(&self) -> Option<Model> {
        let by_manifest = self.manifest.as_ref().map(|manifest| manifest.neuron.clone());
        by_manifest.or_else(|| Some(self.neuron_file()?.params.into()))
    }
}

/// A simulation's place in its data set.
pub type Key = (Split, u64);

/// What is kept of a simulation besides its files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The simulation's split.
    pub split: Split,
    /// The simulation's number in its split.
    pub index: u64,
    /// Number of segments.
    pub segments: usize,
    /// Duration, ms.
    pub duration_ms: usize,
    /// The simulation's statistics, in the order of [`crate::data::stats::Statistic::ALL`].
    pub values: [f64; 12],
    /// Intervals between the simulation's spikes, ms.
    pub isis: Vec<u32>,
    /// The simulation's files, in the order of [`Part::ALL`].
    pub files: [Packed; 6],
}

/// A file as the browser stores it: raw deflate, as it goes into a zip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packed {
    /// CRC-32 of the file's bytes.
    pub crc: u32,
    /// The file's length, bytes.
    pub size: u32,
    /// The file's length when deflated, bytes.
    pub packed: u32,
}

impl Record {
    /// Split and number.
    pub fn key(&self) -> Key {
        (self.split, self.index)
    }

    /// The simulation's statistics.
    pub fn stats(&self) -> SampleStats {
        SampleStats { values: self.values, isis: self.isis.clone() }
    }

    /// Bytes that the simulation's deflated files take.
    pub fn packed_bytes(&self) -> f64 {
        self.files.iter().map(|file| f64::from(file.packed)).sum()
    }

    /// The path of one of its files below the data set's folder, as the command line lays them out.
    pub(super) fn path(&self, part: Part) -> String {
        format!("{}/{}/{}.npy", self.split, part.folder(), sim_name(self.index))
    }
}

/// The checksums of all files, as `dataset.json` has them.
pub fn checksums(records: &[Record]) -> Checksums {
    let mut sums = Checksums::new();
    for record in records {
        let text = record.files.iter().map(|file| format!("{:08x}", file.crc)).collect();
        sums.entry(record.split).or_default().insert(sim_name(record.index), text);
    }
    sums
}
