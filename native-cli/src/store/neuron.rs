//! The neuron's `.pkl` in a data set's folder or archive: as the original writes it, so that its scripts open ours and
//! we know the neuron of theirs.

use std::path::Path;

use anyhow::Result;
use ballstick::data::Manifest;
pub use ballstick::data::neuron_file::NeuronFile;

use super::Place;
use crate::files::{self, usage};

/// The one that stands in a data set.
///
/// # Errors
/// A usage error for one that is no neuron, is another than the manifest's, or differs from the one before.
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

/// Writes it into a data set's folder, where it is not there already.
///
/// # Errors
/// What the file system says.
pub fn write(file: &NeuronFile, root: &Path) -> Result<()> {
    let path = root.join(&file.name);
    if std::fs::read(&path).is_ok_and(|there| there == file.bytes) {
        return Ok(());
    }
    files::write(&path, &file.bytes)
}
