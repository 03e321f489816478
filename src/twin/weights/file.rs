//! Reads a twin from a file of either format.

use std::io::Cursor;

use super::checkpoint::{Checkpoint, CheckpointError, Header};
use super::metadata;
use super::torch::{TorchError, read_pt};

/// The error of a file that holds no twin.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The error of a `.pt`.
    #[error(transparent)]
    Torch(#[from] TorchError),
    /// The error of a `.safetensors`.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl Checkpoint {
    /// Reads the original's `.pt` or our `.safetensors`, told apart by their first bytes.
    ///
    /// # Errors
    /// [`FileError`]: the file is cut short, damaged, or no twin's.
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
    /// [`FileError`]: the file is cut short, damaged, or no twin's.
    pub fn from_torch(bytes: &[u8]) -> Result<Self, FileError> {
        let pt = read_pt(Cursor::new(bytes))?;
        let values = pt.state.values().map(|tensor| tensor.values.len()).sum();
        let header = Header::new(pt.config, pt.scaling, values);
        let mut checkpoint = Self::new(header, pt.state);
        metadata::adopt(&mut checkpoint, &pt.metadata);
        Ok(checkpoint)
    }
}
