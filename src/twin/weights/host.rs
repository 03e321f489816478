//! Parameters on the host, by the original's names.

use std::collections::BTreeMap;

/// An array in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub struct HostTensor {
    /// Length of each axis.
    pub shape: Vec<usize>,
    /// Values, the last axis fastest.
    pub values: Vec<f32>,
}

/// Parameters and running statistics by the original's names.
pub type StateDict = BTreeMap<String, HostTensor>;

/// Weights that do not fit the configuration.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// A parameter is not there.
    #[error("the weights lack {0}")]
    Missing(String),
    /// A parameter belongs to no part of the twin.
    #[error("the weights have {0}, which this configuration has no place for")]
    Unknown(String),
    /// A parameter has another shape.
    #[error("{name} has shape {found:?}, but the configuration wants {want:?}")]
    Shape {
        /// The parameter.
        name: String,
        /// As stored.
        found: Vec<usize>,
        /// As configured.
        want: Vec<usize>,
    },
    /// There are fewer values than parameters.
    #[error("the weights hold {found} parameters, but the configuration wants {want}")]
    TooFew {
        /// As stored.
        found: usize,
        /// As configured.
        want: usize,
    },
    /// The optimizer's state is of another twin.
    #[error("its optimizer state has {found} values, but the twin trains {want}")]
    Moments {
        /// As stored.
        found: usize,
        /// As configured.
        want: usize,
    },
    /// A parameter is not a number.
    #[error("{0} holds a value that is not a number (NaN)")]
    NotANumber(String),
    /// The device did not hand its values over.
    #[error("cannot read {0} back from the device: {1}")]
    Read(String, String),
}
