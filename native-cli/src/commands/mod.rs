//! One file a command: its arguments and what it does.

pub mod bench;
pub mod convert;
pub mod dataset;
pub mod evaluate;
pub mod export;
pub mod filter;
pub mod neuron;
pub mod predict;
pub mod show;
pub mod simulate;
pub mod stats;
pub mod swc;
pub mod sweep;
pub mod train;
