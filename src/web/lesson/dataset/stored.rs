//! What the browser's database holds of the data set, as an earlier visit left it.

use crate::web::data_set::{Kept, Record, SetStoreError, Store};
use crate::web::lock;

/// The data set in the browser's database, and the one put aside.
#[derive(Default)]
pub(super) struct Stored {
    pub(super) kept: Option<Kept>,
    pub(super) records: Vec<Record>,
    pub(super) aside: Option<(Kept, usize)>,
    /// What has happened to it, for the learner to read.
    pub(super) told: Option<String>,
}

pub(super) async fn read() -> Result<Stored, String> {
    let read = async {
        let store = Store::open().await?;
        let mut found = Stored { told: sweep(&store).await?, ..Stored::default() };
        found.aside = store.aside().await?;
        if let Some(kept) = store.kept().await? {
            found.records = store.records(&kept.id).await?;
            found.kept = Some(kept);
        }
        Ok(found)
    };
    read.await.map_err(|error: SetStoreError| error.to_string())
}

/// Takes away what an import left whose page went away in its middle, and says so; one that still goes on in another
/// tab holds the lock.
async fn sweep(store: &Store) -> Result<Option<String>, SetStoreError> {
    let Some(coming) = store.coming().await? else { return Ok(None) };
    let Some(_lock) = lock::take(lock::DATA_SET).await else { return Ok(None) };
    store.forget_coming().await?;
    let file = coming.file.unwrap_or_else(|| "a zip".into());
    Ok(Some(format!(
        "Reading {file} was interrupted before its end. What had come of it was removed; what was kept before it is unchanged."
    )))
}
