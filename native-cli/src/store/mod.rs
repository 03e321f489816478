//! Data sets on disk: the original's folders of `.npy` files, or one `.zip` of the same files.

pub mod archive;
pub mod folder;
pub mod identity;
pub mod neuron;
mod shared_file;
mod tap;

use ballstick::text::count;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, bail};
use ballstick::data::layout::sim_index;
use ballstick::data::prune::DropList;
use ballstick::data::{Manifest, Model, Part, Sample, Source, SourceError, Split, manifest, prune};

use crate::files::usage;
pub use neuron::NeuronFile;

/// The names of a data set's simulations, by split, in the order of their numbers.
pub type Names = BTreeMap<Split, Vec<String>>;

/// A place that holds a data set's files: a folder or an archive.
pub trait Place: Send + Sync {
    /// The bytes of one array of a simulation.
    ///
    /// # Errors
    /// A message of the file system or the archive.
    fn part(&self, split: Split, name: &str, part: Part) -> Result<Vec<u8>, String>;

    /// The text of a file beside the folders of the splits; `None` where there is no such file.
    ///
    /// # Errors
    /// A message of the file system or the archive, where the file exists but cannot be read.
    fn text(&self, file: &str) -> Result<Option<String>, String>;

    /// The names of the neuron's files (`.pkl`) beside the folders of the splits, sorted.
    ///
    /// # Errors
    /// A message of the file system.
    fn neuron_files(&self) -> Result<Vec<String>, String>;

    /// The bytes of one of the neuron's files.
    ///
    /// # Errors
    /// A message of the file system or the archive.
    fn neuron_file(&self, name: &str) -> Result<Vec<u8>, String>;

    /// A name for one array of a simulation in messages.
    fn describe(&self, split: Split, name: &str, part: Part) -> String;

    /// The names of every simulation of which at least one array exists.
    fn names(&self) -> &Names;

    /// The neuron's short name; `None` where the place does not tell it.
    fn short_name(&self) -> Option<String>;

    /// The folder of the data set's partners number `k`; `None` where there is none.
    fn partners(&self, _k: u64) -> Option<PathBuf> {
        None
    }

    /// Replaces the list of dropped simulations; with `None` it removes the list.
    ///
    /// # Errors
    /// An error of the file system.
    fn keep_list(&self, list: Option<&str>) -> Result<()>;
}

/// A data set, open for reading.
#[derive(Clone)]
pub struct DataSet {
    /// The folder or archive.
    pub path: PathBuf,
    /// The place of the data set's files.
    pub place: Arc<dyn Place>,
    /// The data set's manifest; `None` for the public data sets, which have none.
    pub manifest: Option<Arc<Manifest>>,
    /// The list of simulations that a filter has dropped; `None` without a filter.
    pub dropped: Option<Arc<DropList>>,
    /// The neuron's file in the original's form; `None` where there is none.
    pub neuron_file: Option<Arc<NeuronFile>>,
}

impl DataSet {
    /// Opens a data set: its folder, a folder that holds only the data set, or a `.zip`.
    ///
    /// # Errors
    /// A usage error for a path that holds no data set, or several; for a damaged `dataset.json`, `dropped.json` or
    /// `.pkl`, or a `.pkl` of another neuron than the data set's.
    pub fn open(path: &Path) -> Result<Self> {
        let place: Arc<dyn Place> = if path.is_dir() {
            Arc::new(folder::Folder::open(path)?)
        } else {
            Arc::new(archive::Archive::open(path)?)
        };
        let text = |file: &str| {
            place.text(file).map_err(|e| usage(format!("{}, {file}", path.display()), e))
        };
        let parsed = |file: &str, e| usage(format!("{}, {file}", path.display()), e);
        let manifest = match text(manifest::FILE_NAME)? {
            Some(text) => {
                Some(Manifest::from_json(&text).map_err(|e| parsed(manifest::FILE_NAME, e))?)
            }
            None => None,
        };
        let dropped = match text(prune::FILE_NAME)? {
            Some(text) => {
                Some(DropList::from_json(&text).map_err(|e| parsed(prune::FILE_NAME, e))?)
            }
            None => None,
        };
        let neuron_file = neuron::find(path, &*place, manifest.as_ref())?;
        Ok(Self {
            path: path.to_owned(),
            place,
            manifest: manifest.map(Arc::new),
            dropped: dropped.map(Arc::new),
            neuron_file: neuron_file.map(Arc::new),
        })
    }

    /// The neuron of `dataset.json` or of the neuron's file; `None` where neither exists.
    pub fn neuron(&self) -> Option<Model> {
        let by_manifest = self.manifest.as_ref().map(|m| m.neuron.clone());
        by_manifest.or_else(|| Some(self.neuron_file.as_ref()?.params.clone().into()))
    }

    /// The neuron's short name, or else the name of the data set's file or folder.
    pub fn title(&self) -> String {
        let by_path = || self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let by_manifest = self.manifest.as_ref().map(|m| m.neuron_short_name.clone());
        by_manifest.or_else(|| self.place.short_name()).unwrap_or_else(by_path)
    }

    /// The splits that have simulations.
    pub fn splits(&self) -> Vec<Split> {
        self.place.names().iter().filter(|(_, names)| !names.is_empty()).map(|(s, _)| *s).collect()
    }

    /// The simulations of a split that no filter has dropped.
    pub fn split(&self, split: Split) -> SplitSource {
        let mut source = self.whole_split(split);
        if let Some(dropped) = &self.dropped {
            source.names.retain(|name| !dropped.holds(split, name));
        }
        source
    }

    /// All simulations of a split, dropped or not.
    pub fn whole_split(&self, split: Split) -> SplitSource {
        let names = self.place.names().get(&split).cloned().unwrap_or_default();
        SplitSource { set: self.clone(), split, names }
    }

    /// Reads a simulation by name.
    ///
    /// # Errors
    /// [`SourceError`] names the array that is missing, damaged, misshapen, or differs from its checksum.
    pub fn read(&self, split: Split, name: &str) -> Result<Sample, SourceError> {
        self.decode(split, name, &self.raw(split, name)?)
    }

    /// The simulation of six files.
    ///
    /// # Errors
    /// [`SourceError`] names the array that is damaged or misshapen.
    pub fn decode(
        &self,
        split: Split,
        name: &str,
        files: &[Vec<u8>; 6],
    ) -> Result<Sample, SourceError> {
        let sample = Sample::decode(files).map_err(|e| SourceError {
            what: self.place.describe(split, name, e.part),
            problem: e.source.to_string(),
        })?;
        if let Some(file) = self.neuron_file.as_ref().filter(|_| self.manifest.is_none()) {
            let (found, expected) = (sample.segments(), file.params.num_rows());
            if found != expected {
                return Err(SourceError {
                    what: self.place.describe(split, name, Part::Inputs),
                    problem: format!(
                        "has {}, the neuron in {} {expected}",
                        count(found, "segment"),
                        file.name
                    ),
                });
            }
        }
        if let Some(manifest) = &self.manifest {
            let expected = (manifest.neuron.num_rows(), manifest.sim_duration_ms);
            let found = (sample.segments(), sample.duration_ms());
            if found != expected {
                return Err(SourceError {
                    what: self.place.describe(split, name, Part::Inputs),
                    problem: format!("has {found:?} segments and ms, the data set {expected:?}"),
                });
            }
        }
        Ok(sample)
    }

    /// The six files of a simulation, verified by their checksums where these are known.
    ///
    /// # Errors
    /// [`SourceError`] names the array that is missing, or differs from its checksum.
    pub fn raw(&self, split: Split, name: &str) -> Result<[Vec<u8>; 6], SourceError> {
        let mut files: [Vec<u8>; 6] = Default::default();
        for part in Part::ALL {
            let fault =
                |problem| SourceError { what: self.place.describe(split, name, part), problem };
            let bytes = self.place.part(split, name, part).map_err(fault)?;
            let known = self.manifest.as_ref().and_then(|m| m.checksum(split, name, part));
            if known.is_some_and(|known| known != crc32fast::hash(&bytes)) {
                let problem = "damaged: its checksum is not the one in dataset.json";
                return Err(fault(problem.to_owned()));
            }
            files[part as usize] = bytes;
        }
        Ok(files)
    }
}

/// The simulations of one split, for training and statistics.
#[derive(Clone)]
pub struct SplitSource {
    set: DataSet,
    split: Split,
    /// The names of the simulations.
    pub names: Vec<String>,
}

impl SplitSource {
    /// The split of the simulations.
    pub fn split(&self) -> Split {
        self.split
    }

    /// The perturbed partners of the simulations, one source for each set; empty where the data set has none.
    ///
    /// # Errors
    /// The errors of [`DataSet::open`].
    pub fn partners(&self) -> Result<Vec<Self>> {
        let folders = (0..).map_while(|k| self.set.place.partners(k));
        let open = |folder: PathBuf| {
            let set = DataSet::open(&folder)?;
            Ok(Self { set, split: self.split, names: self.names.clone() })
        };
        folders.map(open).collect()
    }
}

impl Source for SplitSource {
    fn len(&self) -> usize {
        self.names.len()
    }

    fn load(&self, index: usize) -> Result<Sample, SourceError> {
        match self.names.get(index) {
            Some(name) => self.set.read(self.split, name),
            None => Err(SourceError {
                what: format!("{} {index}", self.split),
                problem: format!("there are only {}", self.names.len()),
            }),
        }
    }
}

/// The simulation that a path names, by any of its files, or as `SET/train/sim_0000000` in a folder or archive.
///
/// # Errors
/// A usage error for a path that names no simulation.
pub fn locate(path: &Path) -> Result<(DataSet, Split, String)> {
    let mut base = path.to_owned();
    let mut tail: Vec<String> = Vec::new();
    // the path of the set is followed by the split, the array (which may be left out) and the name
    while tail.len() < 3 {
        let Some(last) = base.file_name() else { break };
        tail.insert(0, last.to_string_lossy().into_owned());
        base.pop();
        let Ok(split) = tail[0].parse::<Split>() else { continue };
        let file = tail.last().map_or("", String::as_str);
        let name = file.strip_suffix(".npy").unwrap_or(file);
        let middle = &tail[1..tail.len() - 1];
        let plain = middle.iter().all(|m| Part::ALL.iter().any(|p| p.folder() == m));
        if tail.len() < 2 || sim_index(name).is_none() || !plain {
            break;
        }
        let base = if base.as_os_str().is_empty() { Path::new(".") } else { &base };
        let set = DataSet::open(base)?;
        if !set.place.names().get(&split).is_some_and(|names| names.iter().any(|n| n == name)) {
            return Err(usage(path.display(), format!("there is no {split} simulation {name}")));
        }
        return Ok((set, split, name.to_owned()));
    }
    let hint = "not a simulation of a data set, such as SET/train/inputs/sim_0000000.npy";
    bail!(usage(path.display(), hint))
}

/// A manifest with the checksums of these simulations only.
pub fn manifest_for(manifest: &Manifest, keys: &[(Split, String)]) -> Manifest {
    let kept: HashSet<&(Split, String)> = keys.iter().collect();
    let mut manifest = manifest.clone();
    for (split, names) in &mut manifest.checksums {
        names.retain(|name, _| kept.contains(&(*split, name.clone())));
    }
    manifest
}

/// Sorts names by number and removes duplicates.
fn in_order(mut names: Vec<String>) -> Vec<String> {
    names.sort_by_cached_key(|name| (sim_index(name), name.clone()));
    names.dedup();
    names
}
