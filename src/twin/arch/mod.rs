//! The four architectures: what turns the input into features.

pub mod elm;
pub mod resnet_tcn;
pub mod tcn;
pub mod transformer;
