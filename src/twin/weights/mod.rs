//! Weights in and out: the original's `.pt`, our `.safetensors`, and the names that both use.

pub mod checkpoint;
pub mod names;
pub mod pickle;
pub mod state;
pub mod torch;

pub use checkpoint::{Checkpoint, CheckpointError, Header};
pub use state::{HostTensor, StateDict, StateError};
pub use torch::{TorchError, read_pt};
