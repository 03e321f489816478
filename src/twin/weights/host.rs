//! Parameters in the host's memory, by the original's names.

use std::collections::BTreeMap;

/// An array in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub struct HostTensor {
    /// Length of each axis.
    pub shape: Vec<usize>,
    /// The values, the last axis fastest.
    pub values: Vec<f32>,
}

/// How many values an array of this shape has; `None` for a shape that no array has, even where a length of 0 makes it
/// empty.
pub(super) fn elements(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1_usize, |n, &d| n.checked_mul(d.max(1)))?;
    Some(shape.iter().product())
}

/// Parameters and running statistics by the original's names.
pub type StateDict = BTreeMap<String, HostTensor>;

/// The error of weights that do not fit the configuration.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// A parameter is missing.
    #[error("the weights lack {0}")]
    Missing(String),
    /// The configuration has no such parameter.
    #[error("the weights have {0}, which this configuration has no place for")]
    Unknown(String),
    /// A parameter has another shape.
    #[error("{name} has shape {found:?}, but the configuration wants {want:?}")]
    Shape {
        /// Name of the parameter.
        name: String,
        /// The shape stored.
        found: Vec<usize>,
        /// The shape by the configuration.
        want: Vec<usize>,
    },
    /// There are fewer values than the configuration has parameters.
    #[error("the weights hold {found} parameters, but the configuration wants {want}")]
    TooFew {
        /// The number of values stored.
        found: usize,
        /// The number of parameters by the configuration.
        want: usize,
    },
    /// The optimizer's state belongs to another twin.
    #[error("its optimizer state has {found} values, but the twin trains {want}")]
    Moments {
        /// The number of values stored.
        found: usize,
        /// The number of values that the twin trains.
        want: usize,
    },
    /// A parameter has a value that is NaN.
    #[error("{0} holds a value that is not a number (NaN)")]
    NotANumber(String),
    /// The device did not return a parameter's values: its name, and the device's message.
    #[error("cannot read {0} back from the device: {1}")]
    Read(String, String),
}
