//! Twins on disk: the seed's `.pt`, and our `.safetensors`.

use std::io::Cursor;
use std::path::Path;

use anyhow::Result;
use ballstick::twin::model::Twin;
use ballstick::twin::weights::state::load;
use ballstick::twin::weights::{Checkpoint, Header, read_pt};
use burn::prelude::*;

use crate::files::{self, usage};

/// Reads a twin of either kind.
///
/// # Errors
/// A usage error that names the file.
pub fn read(path: &Path) -> Result<Checkpoint> {
    let bytes = files::read(path)?;
    let name = path.display();
    // a .pt is a zip archive, whatever its name
    if bytes.starts_with(b"PK") || path.extension().is_some_and(|e| e == "pt") {
        let pt = read_pt(Cursor::new(bytes)).map_err(|e| usage(name, e))?;
        let mut header =
            Header::new(pt.config, pt.scaling, pt.state.values().map(|t| t.values.len()).sum());
        header.data = pt.metadata.get("original_neuron_model").cloned().unwrap_or_default();
        header.metrics = pt.metadata.get("eval_metrics").cloned().unwrap_or_default();
        return Ok(Checkpoint::new(header, pt.state));
    }
    Checkpoint::from_bytes(&bytes).map_err(|e| usage(name, e))
}

/// A checkpoint's twin on a device.
///
/// # Errors
/// A usage error if its weights do not fit its configuration.
pub fn twin<B: Backend>(
    checkpoint: &Checkpoint,
    path: &Path,
    device: &B::Device,
) -> Result<Twin<B>> {
    let twin = load(&checkpoint.header.config, &checkpoint.state, device);
    twin.map_err(|e| usage(path.display(), e))
}
