//! NumPy's `.npy` arrays and `.npz` archives of them, to and from bytes.
//!
//! Written by hand: the format is a page long, and our own reader takes real numbers of any width and byte order that
//! NumPy writes, and reports a file's faults in our own words.

mod archive;
mod array;
mod element;
mod error;
mod header;
mod number;

pub use archive::{Npz, NpzWriter};
pub use array::{read, read_real, require_finite, write};
pub use element::Element;
pub use error::NpyError;
pub use number::Kind;
