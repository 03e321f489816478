//! Reading and writing of weights: the original's `.pt`, our `.safetensors`, and the names that both use.

pub mod checkpoint;
pub mod file;
pub(crate) mod host;
mod metadata;
pub mod names;
pub mod numbers;
pub mod state;
pub mod torch;
mod torch_write;
pub mod training;

pub use checkpoint::{Checkpoint, CheckpointError, Header};
pub use file::FileError;
pub use state::{HostTensor, StateDict, StateError};
pub use torch::{TorchError, read_pt};
pub use torch_write::WriteError;
pub use training::LearntFrom;
