//! The layers that architectures are built of.

pub mod attention;
pub mod causal_conv;
pub mod ffn;
pub mod heads;
pub mod init;
pub mod linear;
pub mod norm;
pub mod stage;
