//! What training and evaluation need of a data set.

use anyhow::Result;
use ballstick::data::{Source, Split};
use ballstick::twin::train::TrainError;

use crate::files::usage;
use crate::store::{DataSet, SplitSource};

/// A split's simulations, at most `limit` of them.
///
/// # Errors
/// A usage error if there are no simulations.
pub fn split(data: &DataSet, split: Split, limit: Option<usize>) -> Result<SplitSource> {
    let mut source = data.split(split);
    if let Some(limit) = limit {
        source.names.truncate(limit);
    }
    if source.is_empty() {
        return Err(usage(data.path.display(), format!("has no {split} simulations")));
    }
    Ok(source)
}

/// A usage error for a simulation that a twin cannot take; else what went wrong.
pub fn refused(error: TrainError) -> anyhow::Error {
    match error {
        TrainError::Data(e) => usage(e.what, e.problem),
        other => other.into(),
    }
}

/// Number of segments, from the first simulation.
///
/// # Errors
/// A usage error if that cannot be read.
pub fn segments(source: &SplitSource) -> Result<usize> {
    let sample = source.load(0).map_err(|e| usage(e.what, e.problem))?;
    Ok(sample.segments())
}

/// The neuron's parameters under the seed's keys, or null if the data set does not say.
pub fn neuron(data: &DataSet) -> serde_json::Value {
    data.neuron().map(|neuron| neuron.to_json()).unwrap_or_default()
}
