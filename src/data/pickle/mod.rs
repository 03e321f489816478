//! Python's pickles, read and written as plain data: the neuron's file beside a data set, and PyTorch's checkpoints.
//!
//! Written by hand, because a crate for pickles would serve plain values only: PyTorch's storages are persistent ids
//! and NumPy's arrays are calls, both of which are recognised by name and never run; no file may decide the depth of
//! our recursion; and what we write has `pickle.dump`'s own bytes, memo included.

mod numpy;
mod read;
mod value;
pub mod write;

pub use read::{PickleError, read};
pub use value::{Id, Pickle, Storage, Value, View};
pub use write::{Object, Protocol};
