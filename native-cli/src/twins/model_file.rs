//! Twins on disk: the original's `.pt`, and our `.safetensors`.

use std::path::Path;

use anyhow::Result;
use ballstick::twin::model::Twin;
use ballstick::twin::weights::Checkpoint;
use burn::prelude::*;

use crate::files::{self, usage};

/// Reads a twin from either format.
///
/// # Errors
/// A usage error that names the file.
pub fn read(path: &Path) -> Result<Checkpoint> {
    parse(path, &files::read(path)?)
}

/// Reads a checkpoint of a run that is to be resumed, and which may therefore be written again.
///
/// # Errors
/// A usage error that names the file.
pub fn read_back(path: &Path) -> Result<Checkpoint> {
    parse(path, &files::read_back(path)?)
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Checkpoint> {
    let torch = path.extension().is_some_and(|e| e == "pt");
    let read = if torch { Checkpoint::from_torch } else { Checkpoint::from_file };
    read(bytes).map_err(|e| usage(path.display(), e))
}

/// A checkpoint's twin on a device.
///
/// # Errors
/// A usage error where the weights do not fit the configuration.
pub fn twin<B: Backend>(
    checkpoint: &Checkpoint,
    path: &Path,
    device: &B::Device,
) -> Result<Twin<B>> {
    checkpoint.twin(device).map_err(|e| usage(path.display(), e))
}
