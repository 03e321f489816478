//! What can be wrong with an array's bytes.

use crate::text::count;

/// Bytes that are no array, or not the array that is needed.
#[derive(Debug, thiserror::Error)]
pub enum NpyError {
    /// Not in the `.npy` format.
    #[error("not a NumPy array: {0}")]
    Format(String),
    /// Fewer or more bytes than the header announces.
    #[error(
        "truncated or damaged: the header announces {} of data, there are {found}",
        count(*expected, "byte")
    )]
    Length {
        /// Bytes announced.
        expected: u128,
        /// Bytes there.
        found: usize,
    },
    /// Another element type.
    #[error("holds {found}, but {expected} is needed")]
    Dtype {
        /// NumPy's name of the type found.
        found: String,
        /// The type needed.
        expected: &'static str,
    },
    /// Another shape.
    #[error("has shape {found:?}, but {expected} is needed")]
    Shape {
        /// Shape found.
        found: Vec<usize>,
        /// Shape needed.
        expected: String,
    },
    /// Elements that are no real numbers.
    #[error("{0}")]
    Type(String),
    /// More numbers than the memory holds.
    #[error("needs {} of memory, which is not to be had", in_words(*.bytes))]
    Memory {
        /// Bytes needed at once.
        bytes: u128,
    },
    /// A value beyond what is kept of it.
    #[error(
        "holds {value}, the first such at {at:?}: beyond the range of {kept}, in which it is kept"
    )]
    Range {
        /// The value.
        value: f64,
        /// Its index.
        at: Vec<usize>,
        /// The type in which it would be kept.
        kept: &'static str,
    },
    /// A value that is not a number, or infinite.
    #[error("holds a value that is not finite, the first at {at:?}")]
    NotFinite {
        /// Its index.
        at: Vec<usize>,
    },
    /// Not a zip archive, or a damaged one.
    #[error("not a readable .npz archive: {0}")]
    Archive(String),
    /// The archive lacks an array.
    #[error("has no array \"{name}\"; it has {present}")]
    Missing {
        /// The array needed.
        name: String,
        /// The arrays there.
        present: String,
    },
    /// A fault of one array of an archive.
    #[error("array \"{name}\": {source}")]
    Member {
        /// The array.
        name: String,
        /// What is wrong with it.
        source: Box<NpyError>,
    },
}

/// Bytes as people say them.
fn in_words(bytes: u128) -> String {
    let gib = bytes as f64 / f64::from(1 << 30);
    if gib >= 1.0 { format!("{gib:.1} GiB") } else { format!("{:.1} MiB", gib * 1024.0) }
}
