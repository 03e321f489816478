//! NumPy's `.npy` arrays and `.npz` archives of them, to and from bytes.
//!
//! Written by hand: the format is a page long, and a reader of our own takes whatever real numbers NumPy writes, of any
//! width and byte order, and says in our words what is wrong with a file.

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
