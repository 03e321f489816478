//! What is stored of a data set and of each of its simulations besides the simulations' files.

use crate::data::layout::sim_name;
use crate::data::manifest::Checksums;
use crate::data::neuron_file::NeuronFile;
use crate::data::stats::SampleStats;
use crate::data::{Manifest, Model, Part, Split};
use serde::{Deserialize, Serialize};

/// What is stored of a data set besides its simulations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredSet {
    /// The data set's id, which no data set kept before has.
    pub id: String,
    /// The neuron's short name, which is also the folder's name in a zip.
    pub name: String,
    /// What the data set is made from, without checksums; `None` where a data set that was made elsewhere does not say.
    pub manifest: Option<Manifest>,
    /// The name of the zip that the data set was read from; `None` of a data set that was made here.
    pub file: Option<String>,
    /// Name and bytes of the neuron's file that came with the data set; `None` where no such file came.
    #[serde(default)]
    pub neuron_file: Option<(String, Vec<u8>)>,
}

impl StoredSet {
    /// The neuron's file: the one that came with the data set, else one made from the manifest. `None` where neither
    /// exists, or where the original's class cannot make the neuron.
    pub fn neuron_file(&self) -> Option<NeuronFile> {
        let came = self.neuron_file.clone();
        let came = came.and_then(|(name, bytes)| NeuronFile::read(name, bytes).ok());
        came.or_else(|| NeuronFile::of(&self.manifest.as_ref()?.neuron))
    }

    /// The neuron, by the manifest, else by the neuron's file; `None` where neither says.
    pub fn neuron(&self) -> Option<Model> {
        let by_manifest = self.manifest.as_ref().map(|manifest| manifest.neuron.clone());
        by_manifest.or_else(|| Some(self.neuron_file()?.params.into()))
    }
}

/// A simulation's place in its data set: its split, and its number in the split.
pub type Key = (Split, u64);

/// What is stored of a simulation besides its files.
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
    /// The simulation's split and number.
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

    /// The path of the simulation's file of a part below the data set's folder, as the command line lays files out.
    pub(super) fn path(&self, part: Part) -> String {
        format!("{}/{}/{}.npy", self.split, part.folder(), sim_name(self.index))
    }
}

/// The checksums of all files, as `dataset.json` holds them.
pub fn checksums(records: &[Record]) -> Checksums {
    let mut sums = Checksums::new();
    for record in records {
        let text = record.files.iter().map(|file| format!("{:08x}", file.crc)).collect();
        sums.entry(record.split).or_default().insert(sim_name(record.index), text);
    }
    sums
}
