//! Python's pickles, read and written as plain data: the neuron's file beside a data set, and PyTorch's checkpoints.

mod numpy;
mod read;
pub mod write;

pub use read::{Id, Pickle, PickleError, Value, read};
pub use write::{Object, Protocol};
