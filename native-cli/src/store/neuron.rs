//! The neuron's `.pkl` in a data set's folder or archive, in the original's form: its scripts read ours, and we read
//! the neuron of the original's data sets.

use std::path::Path;

use anyhow::Result;
use ballstick::data::Manifest;
pub use ballstick::data::neuron_file::NeuronFile;

use super::Place;
use crate::files::{self, usage};

/// The neuron's file in a data set; `None` where there is none.
///
/// # Errors
/// A usage error where a file holds no neuron, another neuron than the manifest's, or another than the file before.
pub fn find(
    path: &Path,
    place: &dyn Place,
    manifest: Option<&Manifest>,
) -> Result<Option<NeuronFile>> {
    let fault = |(name, e): (String, String)| usage(format!("{}, {name}", path.display()), e);
    let names = place.neuron_files().map_err(|e| usage(path.display(), e))?;
    let read = |name: String| match place.neuron_file(&name) {
        Ok(bytes) => Ok((name, bytes)),
        Err(e) => Err(fault((name, e))),
    };
    let files = names.into_iter().map(read).collect::<Result<Vec<_>>>()?;
    NeuronFile::choose(files, manifest).map_err(fault)
}

/// Writes the neuron's file into a data set's folder, unless the same file is there.
///
/// # Errors
/// An error of the file system.
pub fn write(file: &NeuronFile, root: &Path) -> Result<()> {
    let path = root.join(&file.name);
    if std::fs::read(&path).is_ok_and(|there| there == file.bytes) {
        return Ok(());
    }
    files::write(&path, &file.bytes)
}
