//! Reads one simulation of the data set for drawing.

use super::answer::Shown;
use super::deflate;
use super::record::Key;
use super::store::Store;
use crate::data::{Part, Sample};
use crate::experiment::outputs::Outputs;
use crate::web::port::{Concurrent, Never, PortError};
use crate::web::protocol::Look;

impl Concurrent for Look {
    async fn run(&self, _: &dyn Fn(Never)) -> Result<Shown, PortError> {
        Ok(shown(self.key, &load(&Store::open().await?, &self.id, self.key).await?))
    }
}

/// A stored simulation as the twins take it.
///
/// # Errors
/// A simulation that is not stored or is damaged, in words.
pub async fn load(store: &Store, id: &str, key: Key) -> Result<Sample, String> {
    let packed = store.files(id, key).await.map_err(|error| error.to_string())?;
    let mut files: [Vec<u8>; 6] = Default::default();
    for part in Part::ALL {
        let bytes = deflate::inflate(&packed[part as usize], deflate::LIMIT).await;
        files[part as usize] = bytes.map_err(|_| format!("{} is damaged.", part.folder()))?;
    }
    Sample::decode(&files).map_err(|error| error.to_string())
}

fn shown(key: Key, sample: &Sample) -> Shown {
    let weights = sample.weights();
    Shown {
        key,
        segments: sample.segments(),
        exc: weights.exc.into(),
        inh: weights.inh.into(),
        targets: Outputs::of(&sample.targets, 0..sample.duration_ms()),
    }
}
