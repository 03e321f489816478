//! A twin out of a file of either kind.

use std::io::Cursor;

use super::checkpoint::{Checkpoint, CheckpointError, Header};
use super::metadata;
use super::torch::{TorchError, read_pt};

/// A file that holds no twin.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// A `.pt`.
    #[error(transparent)]
    Torch(#[from] TorchError),
    /// A `.safetensors`.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl Checkpoint {
    /// Reads the original's `.pt` or our `.safetensors`, whichever it is.
    ///
    /// # Errors
    /// If it is cut short, damaged, or not a twin's.
    pub fn from_file(bytes: &[u8]) -> Result<Self, FileError> {
        // a .pt is a zip archive, whatever its name
        if bytes.starts_with(b"PK\x03\x04") {
            Self::from_torch(bytes)
        } else {
            Ok(Self::from_bytes(bytes)?)
        }
    }

    /// Reads the original's `.pt`.
    ///
    /// # Errors
    /// If it is cut short, damaged, or not a twin's.
    pub fn from_torch(bytes: &[u8]) -> Result<Self, FileError> {
        let pt = read_pt(Cursor::new(bytes))?;
        let values = pt.state.values().map(|tensor| tensor.values.len()).sum();
        let header = Header::new(pt.config, pt.scaling, values);
        let mut checkpoint = Self::new(header, pt.state);
        metadata::adopt(&mut checkpoint, &pt.metadata);
        Ok(checkpoint)
    }
}
