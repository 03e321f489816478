//! Configurations that no twin can have, and the checks that find them.

use crate::text::count;

/// A configuration that no twin can have.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// One value is out of its range.
    #[error("{key} is {value}: it must be {want}")]
    Value {
        /// The key, as written in the file.
        key: &'static str,
        /// The value found.
        value: String,
        /// What would do.
        want: String,
    },
    /// A list with an entry for each block has another length than the other lists.
    #[error("{key} has {}, but {other} has {want}: one is needed for each block", count(*found, "entry"))]
    BlockLists {
        /// The list.
        key: &'static str,
        /// Its length.
        found: usize,
        /// The list compared with.
        other: &'static str,
        /// Its length.
        want: usize,
    },
    /// The name of the class is no architecture's.
    #[error(
        "there is no twin {name:?}; there are {known} \
         (or the original's class names, SingleNeuronTwinModel_TCN and so on)"
    )]
    Class {
        /// The name found.
        name: String,
        /// The names of all architectures.
        known: String,
    },
    /// Every value is possible, but not all together.
    #[error("a twin of {0:.1e} parameters is too large: at most {MOST_PARAMETERS:.0e} fit")]
    TooLarge(f64),
    /// The configuration has no JSON form.
    #[error("not a twin's configuration: {0}")]
    Json(#[from] serde_json::Error),
    /// Text that is not JSON, or an object that has a key twice.
    #[error("not JSON: {0}")]
    Syntax(String),
    /// A value of the wrong type.
    #[error("not a twin's configuration: {0}")]
    Type(String),
    /// No architecture has these keys.
    #[error(
        "cannot tell which twin this configuration is for: it has none of \
         {0}, and no \"class\""
    )]
    Unknown(String),
}

/// The most parameters that a twin may have: 4 GB of them.
pub(crate) const MOST_PARAMETERS: f64 = 1e9;

/// The most taps of a convolution, and the most ms between two of them.
pub(super) const KERNEL: usize = 65_536;

/// The most channels of a layer.
pub(super) const WIDTH: usize = 65_536;

/// Requires a count to be from 1 to `max`.
pub(super) fn size(key: &'static str, value: usize, max: usize) -> Result<(), ConfigError> {
    if (1..=max).contains(&value) {
        return Ok(());
    }
    Err(ConfigError::Value { key, value: value.to_string(), want: format!("from 1 to {max}") })
}

/// Requires the leak of a nonlinearity to be from 0 to 10.
pub(super) fn leak(key: &'static str, value: f64) -> Result<(), ConfigError> {
    range(key, value, 0.0, 10.0)
}

/// Requires a number to be from `lo` to `hi`.
pub(super) fn range(key: &'static str, value: f64, lo: f64, hi: f64) -> Result<(), ConfigError> {
    if value >= lo && value <= hi {
        return Ok(());
    }
    Err(ConfigError::Value { key, value: value.to_string(), want: format!("from {lo} to {hi}") })
}
