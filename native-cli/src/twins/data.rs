//! The data of trainings and evaluations, from a data set.

use anyhow::Result;
use ballstick::data::{Source, Split};
use ballstick::twin::train::TrainError;

use crate::files::usage;
use crate::store::{DataSet, SplitSource};

/// A split's simulations, at most `limit` of them.
///
/// # Errors
/// A usage error where the split has no simulations.
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

/// The error of a training or judging as one of this program: a usage error where a simulation does not fit the twin.
pub fn refused(error: TrainError) -> anyhow::Error {
    match error {
        TrainError::Data(e) => usage(e.what, e.problem),
        other => other.into(),
    }
}

/// Number of the neuron's segments, from the first simulation.
///
/// # Errors
/// A usage error where the first simulation cannot be read.
pub fn segments(source: &SplitSource) -> Result<usize> {
    let sample = source.load(0).map_err(|e| usage(e.what, e.problem))?;
    Ok(sample.segments())
}

/// The neuron's parameters under the original's keys; null where the data set does not say.
pub fn neuron(data: &DataSet) -> serde_json::Value {
    data.neuron().map(|neuron| neuron.to_json()).unwrap_or_default()
}
