//! Faults of a configuration, and bounds that several architectures share.

use crate::settings::SettingError;

/// The error of a configuration that no twin can have.
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
    /// Every value is possible by itself, but their twin is too large; the field is its number of parameters.
    #[error("a twin of {0:.1e} parameters is too large: at most {MOST_PARAMETERS:.0e} fit")]
    TooLarge(f64),
    /// The configuration has the keys of no architecture; the field lists the keys by which they are recognised.
    #[error(
        "cannot tell which twin this configuration is for: it has none of \
         {0}, and no \"class\""
    )]
    Unknown(String),
}

/// The most parameters that a twin may have: 4 GB in single precision.
pub(crate) const MOST_PARAMETERS: f64 = 1e9;

/// Bounds of taps of a convolution, of ms between two taps, and of ms that a layer sees: the fewest and the most.
pub(super) const KERNEL: [usize; 2] = [1, 65_536];

/// Bounds of a layer's channels: the fewest and the most.
pub(super) const WIDTH: [usize; 2] = [1, 65_536];

/// Bounds of the number of layers: the fewest and the most.
pub(super) const DEPTH: [usize; 2] = [1, 1024];

/// Bounds of a nonlinearity's leak: the least and the greatest.
pub(super) const LEAK: [f64; 2] = [0.0, 10.0];
