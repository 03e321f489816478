//! One simulation of the data set, read for drawing.

use super::task::{News, Shown};
use super::{Key, Store, deflate};
use crate::data::{Part, Sample};
use crate::web::samples::Samples;

/// Reads a simulation.
///
/// # Errors
/// Why not, for the learner to read.
pub(super) async fn look(id: &str, key: Key) -> Result<News, String> {
    let sample = load(id, key).await?;
    Ok(News::Sample(Box::new(shown(key, &sample))))
}

/// A simulation as the twins take it.
///
/// # Errors
/// One that is not there or damaged, in words.
pub async fn load(id: &str, key: Key) -> Result<Sample, String> {
    let store = Store::open().await.map_err(|error| error.to_string())?;
    load_from(&store, id, key).await
}

/// As [`load`], from a store that is open.
///
/// # Errors
/// As [`load`].
pub async fn load_from(store: &Store, id: &str, key: Key) -> Result<Sample, String> {
    let packed = store.files(id, key).await.map_err(|error| error.to_string())?;
    let mut files: [Vec<u8>; 6] = Default::default();
    for part in Part::ALL {
        let bytes = deflate::inflate(&packed[part as usize]).await;
        files[part as usize] = bytes.map_err(|_| format!("{} is damaged.", part.folder()))?;
    }
    Sample::decode(&files).map_err(|error| error.to_string())
}

fn shown(key: Key, sample: &Sample) -> Shown {
    let weights = sample.weights();
    let targets = &sample.targets;
    let bools =
        |of: &ndarray::Array1<bool>| Samples(of.iter().map(|b| f64::from(u8::from(*b))).collect());
    Shown {
        key,
        segments: sample.segments(),
        exc: weights.exc.into(),
        inh: weights.inh.into(),
        spikes: bools(&targets.spikes),
        soma_mv: Samples(targets.soma_v.iter().map(|v| f64::from(*v)).collect()),
        near: bools(&targets.near_spike),
        rate_hz: Samples(targets.inst_rate.iter().map(|r| 1000.0 * f64::from(*r)).collect()),
        dend_mv: Samples(targets.dend_v.iter().map(|v| f64::from(*v)).collect()),
    }
}
