//! One file a command: its arguments and what it does.

pub mod bench;
pub mod convert;
pub mod curves;
pub mod dataset;
pub mod evaluate;
pub mod export;
pub mod filter;
pub mod model;
pub mod neuron;
pub mod notebook;
pub mod predict;
pub mod show;
pub mod simulate;
pub mod stats;
pub mod swc;
pub mod sweep;
pub mod train;

/// A number of things that are to be used.
///
/// # Errors
/// 0, or no whole number.
pub fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n) if n >= 1 => Ok(n),
        _ => Err("must be a whole number of at least 1".to_owned()),
    }
}
