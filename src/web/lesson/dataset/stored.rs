//! What the browser's database holds of the data set, as an earlier visit left it.

use crate::web::data_set::{Record, SetStoreError, Store, StoredSet};
use crate::web::lock;

/// The data set in the browser's database, and the one put aside.
#[derive(Default)]
pub(super) struct Stored {
    pub(super) stored: Option<StoredSet>,
    pub(super) records: Vec<Record>,
    pub(super) aside: Option<(StoredSet, usize)>,
    /// What has happened to the data set, for the learner to read; `None` where nothing has.
    pub(super) notice: Option<String>,
}

pub(super) async fn read() -> Result<Stored, String> {
    let read = async {
        let store = Store::open().await?;
        let mut found = Stored { notice: sweep(&store).await?, ..Stored::default() };
        found.aside = store.aside().await?;
        if let Some(stored) = store.stored().await? {
            found.records = store.records(&stored.id).await?;
            found.stored = Some(stored);
        }
        Ok(found)
    };
    read.await.map_err(|error: SetStoreError| error.to_string())
}

/// Removes what an import has left whose page went away before its end, and says so. An import that still goes on in
/// another tab holds the lock, and nothing is removed.
async fn sweep(store: &Store) -> Result<Option<String>, SetStoreError> {
    let Some(coming) = store.coming().await? else { return Ok(None) };
    let Some(_lock) = lock::take(lock::DATA_SET).await else { return Ok(None) };
    store.forget_coming().await?;
    let file = coming.file.unwrap_or_else(|| "a zip".into());
    Ok(Some(format!(
        "Reading {file} was interrupted before its end. The part that had been read was removed; what was kept before is unchanged."
    )))
}
