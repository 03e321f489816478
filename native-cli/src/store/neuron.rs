//! The neuron's `.pkl` in a data set's folder or archive: as the original writes it, so that its scripts open ours and
//! we know the neuron of theirs.

use std::path::Path;

use anyhow::Result;
use ballstick::data::neuron_file::{difference, file_name, from_pickle, to_pickle};
use ballstick::data::{Manifest, Model};
use ballstick::sim::NeuronParams;

use super::Place;
use crate::files::{self, usage};

/// A neuron's file.
#[derive(Clone)]
pub struct NeuronFile {
    /// Its name.
    pub name: String,
    /// Its bytes, which a copy of the data set keeps.
    pub bytes: Vec<u8>,
    /// What it says.
    pub params: NeuronParams,
}

impl NeuronFile {
    /// The file of a neuron, or `None` where the original's class cannot make the neuron.
    pub fn of(neuron: &Model) -> Option<Self> {
        let Model::BallAndStick(params) = neuron else { return None };
        let bytes = to_pickle(neuron)?;
        Some(Self { name: file_name(&neuron.short_name()), bytes, params: params.clone() })
    }

    /// The one that stands in a data set. Of several that say the same, the first.
    ///
    /// # Errors
    /// A usage error for one that is no neuron, is another than the manifest's, or differs from the one before.
    pub fn find(
        path: &Path,
        place: &dyn Place,
        manifest: Option<&Manifest>,
    ) -> Result<Option<Self>> {
        let names = place.neuron_files().map_err(|e| usage(path.display(), e))?;
        let mut found: Option<Self> = None;
        for name in names {
            let fault = |e: &dyn std::fmt::Display| usage(format!("{}, {name}", path.display()), e);
            let bytes = place.neuron_file(&name).map_err(|e| fault(&e))?;
            let params = from_pickle(&bytes).map_err(|e| fault(&e))?;
            let other = match (manifest, &found) {
                (Some(manifest), _) => Some((manifest.neuron.clone(), "dataset.json")),
                (None, Some(before)) => Some((before.params.clone().into(), &before.name[..])),
                (None, None) => None,
            };
            let differs = other.and_then(|(neuron, of)| Some((difference(&params, &neuron)?, of)));
            if let Some(((key, here, there), of)) = differs {
                let problem = format!("is of another neuron: its {key} is {here}, in {of} {there}");
                return Err(fault(&problem));
            }
            found.get_or_insert(Self { name, bytes, params });
        }
        Ok(found)
    }

    /// Writes it into a data set's folder, where it is not there already.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write(&self, root: &Path) -> Result<()> {
        let path = root.join(&self.name);
        if std::fs::read(&path).is_ok_and(|there| there == self.bytes) {
            return Ok(());
        }
        files::write(&path, &self.bytes)
    }
}
