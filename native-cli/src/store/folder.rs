//! A data set in the original's folders: `<short name>/{train,valid,test}/<array>/sim_0000000.npy`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use ballstick::data::layout::sim_index;
use ballstick::data::manifest::partners_folder;
use ballstick::data::member::is_litter;
use ballstick::data::neuron_file::is_file_name;
use ballstick::data::prune::FILE_NAME;
use ballstick::data::{Part, Split};
use ballstick::text;

use super::{Names, Place, in_order};
use crate::files::{self, usage};
use crate::parts;
use crate::places;

/// A data set's folder.
pub struct Folder {
    root: PathBuf,
    names: Names,
}

impl Folder {
    /// Opens the folder of a data set, or a folder that holds one data set's folder.
    ///
    /// # Errors
    /// A usage error where the folder holds no data set, or more than one.
    pub fn open(path: &Path) -> Result<Self> {
        let root = find_root(path)?;
        places::is_data_set(path);
        places::is_data_set(&root);
        let list = |split| {
            let names = list_split(&root, split)?;
            Ok((split, names))
        };
        let names: io::Result<Names> = Split::ALL.into_iter().map(list).collect();
        let names = names.map_err(|e| usage(root.display(), e))?;
        Ok(Self { root, names })
    }
}

/// The path of one array of a simulation.
pub fn part_path(root: &Path, split: Split, name: &str, part: Part) -> PathBuf {
    root.join(split.name()).join(part.folder()).join(format!("{name}.npy"))
}

/// The folder that holds the splits' folders: `path` itself, or the only such folder in it.
///
/// # Errors
/// A usage error where there is no such folder, or more than one.
pub fn find_root(path: &Path) -> Result<PathBuf> {
    let has_splits =
        |dir: &Path| Split::ALL.iter().any(|s| dir.join(s.name()).join("inputs").is_dir());
    let is_part = |dir: &Path| dir.file_name().is_some_and(parts::is_part);
    if is_part(path) {
        let problem = "is half-written, left by a run that was stopped: no data set";
        return Err(usage(path.display(), problem));
    }
    if has_splits(path) {
        return Ok(path.to_owned());
    }
    let entries = fs::read_dir(path).map_err(|e| usage(path.display(), e))?;
    let entries = entries.flatten().filter(|e| !is_litter(&e.file_name().to_string_lossy()));
    let mut inside: Vec<PathBuf> =
        entries.map(|e| e.path()).filter(|dir| has_splits(dir) && !is_part(dir)).collect();
    inside.sort();
    match &inside[..] {
        [one] => Ok(one.clone()),
        [] => Err(usage(
            path.display(),
            "no data set here: expected folders {train,valid,test}/{inputs,output_spikes,...}",
        )),
        several => {
            let names: Vec<String> = several.iter().map(|p| p.display().to_string()).collect();
            Err(usage(path.display(), format!("several data sets here: {}", names.join(", "))))
        }
    }
}

fn list_split(root: &Path, split: Split) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for part in Part::ALL {
        let entries = match fs::read_dir(root.join(split.name()).join(part.folder())) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            other => other?,
        };
        for entry in entries {
            let name = entry?.file_name();
            let name = name.to_str().and_then(|n| n.strip_suffix(".npy"));
            names.extend(name.filter(|n| sim_index(n).is_some()).map(str::to_owned));
        }
    }
    Ok(in_order(names))
}

impl Place for Folder {
    fn part(&self, split: Split, name: &str, part: Part) -> Result<Vec<u8>, String> {
        fs::read(part_path(&self.root, split, name, part)).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => "missing".to_owned(),
            _ => e.to_string(),
        })
    }

    fn text(&self, file: &str) -> Result<Option<String>, String> {
        match fs::read(self.root.join(file)) {
            Ok(bytes) => Ok(Some(text::decode(&bytes)?.into_owned())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e.to_string()),
        }
    }

    fn neuron_files(&self) -> Result<Vec<String>, String> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.root).map_err(|e| e.to_string())? {
            let entry = entry.map_err(|e| e.to_string())?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_file_name(&name) && entry.path().is_file() {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    fn neuron_file(&self, name: &str) -> Result<Vec<u8>, String> {
        fs::read(self.root.join(name)).map_err(|e| e.to_string())
    }

    fn describe(&self, split: Split, name: &str, part: Part) -> String {
        part_path(&self.root, split, name, part).display().to_string()
    }

    fn names(&self) -> &Names {
        &self.names
    }

    fn short_name(&self) -> Option<String> {
        let absolute = self.root.canonicalize().ok()?;
        Some(absolute.file_name()?.to_string_lossy().into_owned())
    }

    fn partners(&self, k: u64) -> Option<PathBuf> {
        Some(self.root.join(partners_folder(k))).filter(|folder| folder.is_dir())
    }

    fn keep_list(&self, list: Option<&str>) -> Result<()> {
        let path = self.root.join(FILE_NAME);
        match list {
            Some(text) => files::write(&path, text.as_bytes()),
            None => fs::remove_file(&path).with_context(|| path.display().to_string()),
        }
    }
}
