//! Why a configuration is no twin's, and bounds that several architectures share.

use crate::settings::SettingError;

/// A configuration that no twin can have.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A key that the architecture does not have, or a value that its twins cannot have.
    #[error("not a twin's configuration: {0}")]
    Setting(#[from] SettingError),
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
    /// No architecture has these keys.
    #[error(
        "cannot tell which twin this configuration is for: it has none of \
         {0}, and no \"class\""
    )]
    Unknown(String),
}

/// The most parameters that a twin may have: 4 GB of them.
pub(crate) const MOST_PARAMETERS: f64 = 1e9;

/// Taps of a convolution, ms between two of them, and ms that a layer sees: the fewest and the most.
pub(super) const KERNEL: [usize; 2] = [1, 65_536];

/// Channels of a layer: the fewest and the most.
pub(super) const WIDTH: [usize; 2] = [1, 65_536];

/// Layers: the fewest and the most.
pub(super) const DEPTH: [usize; 2] = [1, 1024];

/// The leak of a nonlinearity: the least and the greatest.
pub(super) const LEAK: [f64; 2] = [0.0, 10.0];
