//! Faults of an array's bytes.

use crate::text::count;

/// The error of bytes that are no array, or not the array that is needed.
#[derive(Debug, thiserror::Error)]
pub enum NpyError {
    /// The bytes are not in the `.npy` format.
    #[error("not a NumPy array: {0}")]
    Format(String),
    /// The data are fewer or more bytes than the header announces.
    #[error(
        "truncated or damaged: the header announces {} of data, there are {found}",
        count(*expected, "byte")
    )]
    Length {
        /// Bytes that the header announces.
        expected: u128,
        /// Bytes found after the header.
        found: usize,
    },
    /// The array has another element type.
    #[error("holds {found}, but {expected} is needed")]
    Dtype {
        /// NumPy's name of the array's type.
        found: String,
        /// NumPy's name of the type needed.
        expected: &'static str,
    },
    /// The array has another shape.
    #[error("has shape {found:?}, but {expected} is needed")]
    Shape {
        /// The array's shape.
        found: Vec<usize>,
        /// The shape needed, in words.
        expected: String,
    },
    /// The elements are no real numbers.
    #[error("{0}")]
    Type(String),
    /// The array needs more memory than can be had.
    #[error("needs {} of memory, which is not to be had", in_words(*.bytes))]
    Memory {
        /// Bytes needed at once.
        bytes: u128,
    },
    /// A value lies beyond the range of the type in which it is kept.
    #[error(
        "holds {value}, the first such at {at:?}: beyond the range of {kept}, in which it is kept"
    )]
    Range {
        /// The first such value.
        value: f64,
        /// The value's index.
        at: Vec<usize>,
        /// NumPy's name of the type in which values are kept.
        kept: &'static str,
    },
    /// A value is infinite or NaN.
    #[error("holds a value that is not finite, the first at {at:?}")]
    NotFinite {
        /// Index of the first such value.
        at: Vec<usize>,
    },
    /// The file is no zip archive, or a damaged one.
    #[error("not a readable .npz archive: {0}")]
    Archive(String),
    /// The archive lacks an array.
    #[error("has no array \"{name}\"; it has {present}")]
    Missing {
        /// Name of the array needed.
        name: String,
        /// Names of the archive's arrays.
        present: String,
    },
    /// A fault of one array of an archive.
    #[error("array \"{name}\": {source}")]
    Member {
        /// Name of the array.
        name: String,
        /// The array's fault.
        source: Box<NpyError>,
    },
}

/// A number of bytes in GiB or MiB.
fn in_words(bytes: u128) -> String {
    let gib = bytes as f64 / f64::from(1 << 30);
    if gib >= 1.0 { format!("{gib:.1} GiB") } else { format!("{:.1} MiB", gib * 1024.0) }
}
