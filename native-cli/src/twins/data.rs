//! What training and evaluation need of a data set.

use anyhow::Result;
use ballstick::data::{Source, Split};
use ballstick::twin::scaling::Scaling;

use crate::files::usage;
use crate::store::{DataSet, SplitSource};

/// A split's simulations, at most `limit` of them.
///
/// # Errors
/// A usage error if there are none.
pub fn split(data: &DataSet, split: Split, limit: Option<usize>) -> Result<SplitSource> {
    let mut source = data.split(split);
    if let Some(limit) = limit {
        source.names.truncate(limit.max(1));
    }
    if source.is_empty() {
        return Err(usage(data.path.display(), format!("has no {split} simulations")));
    }
    Ok(source)
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
    let manifest = data.manifest.as_ref();
    manifest.and_then(|m| serde_json::to_value(&m.neuron).ok()).unwrap_or_default()
}

/// The scaling that follows from the neuron; the public data sets' where nothing is known of it.
pub fn scaling(data: &DataSet) -> Scaling {
    let neuron = neuron(data);
    let number = |key: &str, or: f64| neuron.get(key).and_then(|v| v.as_f64()).unwrap_or(or);
    Scaling::of_neuron(
        number("epas_mV", -85.0),
        number("soma_voltage_cap_mV", -62.0),
        number("dend_voltage_cap_mV", 0.0),
    )
}
