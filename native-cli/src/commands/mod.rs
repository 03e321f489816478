//! The commands, one a file: its arguments and its run.

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

/// Reads a count, which must be at least 1.
///
/// # Errors
/// A message in words: the count is 0, or no integer.
pub fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n) if n >= 1 => Ok(n),
        _ => Err("must be a whole number of at least 1".to_owned()),
    }
}
