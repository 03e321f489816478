//! The identity of the simulations that a training learns from: a few digits that can be compared later.

use ballstick::data::{Source, SourceError};
use serde::{Deserialize, Serialize};

use super::SplitSource;

/// Checksums by which the simulations of a split are recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// CRC-32 of all names, and of the files of a few simulations spread over the split.
    pub sampled: String,
    /// CRC-32 of all names with their files' checksums in `dataset.json`; `None` where any is missing there.
    pub listed: Option<String>,
}

/// The number of simulations that are read for [`Identity::sampled`].
const SAMPLES: usize = 8;

impl Identity {
    /// The identity of a split's simulations.
    ///
    /// # Errors
    /// [`SourceError`] where a simulation cannot be read.
    pub fn of(source: &SplitSource) -> Result<Self, SourceError> {
        let mut sampled = crc32fast::Hasher::new();
        let mut listed = Some(crc32fast::Hasher::new());
        let every = source.len().div_ceil(SAMPLES).max(1);
        let checksums = source.set.manifest.as_ref().and_then(|m| m.checksums.get(&source.split));
        for (index, name) in source.names.iter().enumerate() {
            sampled.update(name.as_bytes());
            if index % every == 0 {
                for bytes in source.set.raw(source.split, name)? {
                    sampled.update(&bytes);
                }
            }
            let sums = checksums.and_then(|sums| sums.get(name));
            listed = listed.zip(sums).map(|(mut hasher, sums)| {
                hasher.update(name.as_bytes());
                hasher.update(sums.as_bytes());
                hasher
            });
        }
        let text = |hasher: crc32fast::Hasher| format!("{:08x}", hasher.finalize());
        Ok(Self { sampled: text(sampled), listed: listed.map(text) })
    }

    /// Whether both are of the same simulations, as far as both hold the checksums.
    pub fn agrees(&self, other: &Self) -> bool {
        match (&self.listed, &other.listed) {
            (Some(ours), Some(theirs)) => ours == theirs && self.sampled == other.sampled,
            _ => self.sampled == other.sampled,
        }
    }
}
