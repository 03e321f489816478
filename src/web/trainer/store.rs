//! The runs that the browser stores: of each a record and its two checkpoints, which are files of the command line. The
//! store works in the page and in workers alike.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{IdbDatabase, IdbKeyRange, IdbTransaction, IdbTransactionMode};

use super::run::{RunRecord, Which};
use crate::web::data_set::idb;
use crate::web::port::{from_js, to_js};

const DATABASE: &str = "ballstick-runs";
/// The object store of records: a [`RunRecord`] per run, as a JavaScript object, which unlike JSON keeps NaN.
const RUNS: &str = "runs";
/// The object store of checkpoints: the bytes of two files per run, under [`key`].
const CHECKPOINTS: &str = "checkpoints";

/// Why a run cannot be stored or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunStoreError {
    /// The browser keeps no database, as in some private windows; the browser's message.
    #[error(
        "This browser keeps no runs for this page: {0} In a private window that is to be expected; try an ordinary one."
    )]
    None(String),
    /// The browser's share of the disk is full.
    #[error(
        "The browser allows this page no more storage. Export runs that you want to keep, delete them here, then go on."
    )]
    Full,
    /// A run or a checkpoint that is not stored; its name.
    #[error("{0} is not kept here; perhaps another tab deleted it.")]
    Missing(String),
    /// Any other error of the browser's; its name and message.
    #[error("The browser's database of runs failed: {0}.")]
    Other(String),
}

impl From<JsValue> for RunStoreError {
    fn from(error: JsValue) -> Self {
        let (name, message) = idb::describe(&error);
        match name.as_str() {
            "QuotaExceededError" => Self::Full,
            _ => Self::Other(format!("{name} {message}").trim().trim_end_matches('.').to_owned()),
        }
    }
}

/// The database of runs, open.
#[derive(Clone, Debug)]
pub struct RunStore(IdbDatabase);

impl RunStore {
    /// Opens the database of runs.
    ///
    /// # Errors
    /// [`RunStoreError::None`] in a browser that keeps no database.
    pub async fn open() -> Result<Self, RunStoreError> {
        Self::open_named(DATABASE).await
    }

    /// Opens a database of this name, as tests do.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_named(name: &str) -> Result<Self, RunStoreError> {
        let factory =
            idb::factory().ok_or_else(|| RunStoreError::None("it has no IndexedDB.".into()))?;
        let stores = |database: IdbDatabase| {
            for store in [RUNS, CHECKPOINTS] {
                database.create_object_store(store).ok();
            }
        };
        let opened = idb::open(&factory, name, stores).await;
        Ok(Self(opened.map_err(|error| RunStoreError::None(idb::describe(&error).1))?))
    }

    fn transaction(&self, mode: IdbTransactionMode) -> Result<IdbTransaction, JsValue> {
        let names: Array = [RUNS, CHECKPOINTS].into_iter().map(JsValue::from).collect();
        self.0.transaction_with_str_sequence_and_mode(&names, mode)
    }

    async fn get(&self, store: &str, key: &str) -> Result<JsValue, RunStoreError> {
        let transaction = self.transaction(IdbTransactionMode::Readonly)?;
        Ok(idb::result(&transaction.object_store(store)?.get(&key.into())?).await?)
    }

    /// The records of all runs, the oldest first. A record that a former version of the page wrote in another form is
    /// left out.
    ///
    /// # Errors
    /// The database's.
    pub async fn records(&self) -> Result<Vec<RunRecord>, RunStoreError> {
        let transaction = self.transaction(IdbTransactionMode::Readonly)?;
        let all = idb::result(&transaction.object_store(RUNS)?.get_all()?).await?;
        let mut records: Vec<RunRecord> =
            Array::from(&all).iter().filter_map(|value| from_js(value).ok()).collect();
        records.sort_by(|a, b| a.started_ms.total_cmp(&b.started_ms));
        Ok(records)
    }

    /// The records of all runs that this browser stores: [`records`](Self::records) of its database.
    ///
    /// # Errors
    /// As [`open`](Self::open) and [`records`](Self::records).
    pub async fn stored() -> Result<Vec<RunRecord>, RunStoreError> {
        Self::open().await?.records().await
    }

    /// The record of a run.
    ///
    /// # Errors
    /// The database's; [`RunStoreError::Missing`] where the run is not stored.
    pub async fn record(&self, id: &str) -> Result<RunRecord, RunStoreError> {
        let found = self.get(RUNS, id).await?;
        from_js(found).map_err(|_| RunStoreError::Missing(format!("The run {id}")))
    }

    /// A run's checkpoint: the bytes of the command line's file.
    ///
    /// # Errors
    /// The database's; [`RunStoreError::Missing`] where the checkpoint is not stored.
    pub async fn checkpoint(&self, id: &str, which: Which) -> Result<Uint8Array, RunStoreError> {
        let found = self.get(CHECKPOINTS, &key(id, which)).await?;
        let name = match which {
            Which::Best => "best",
            Which::Last => "last",
        };
        found
            .dyn_into()
            .map_err(|_| RunStoreError::Missing(format!("The {name} checkpoint of the run {id}")))
    }

    /// Stores a run's record and those of its checkpoints that are given; a checkpoint that is not given stays as it
    /// was.
    ///
    /// # Errors
    /// The database's; [`RunStoreError::Full`]. The run is then as it was before.
    pub async fn put(
        &self,
        record: &RunRecord,
        last: Option<&[u8]>,
        best: Option<&[u8]>,
    ) -> Result<(), RunStoreError> {
        let value = to_js(record).map_err(|error| RunStoreError::Other(error.to_string()))?;
        let transaction = self.transaction(IdbTransactionMode::Readwrite)?;
        put_in(&transaction, &record.plan.id, &value, last, best)?;
        Ok(idb::committed(&transaction).await?)
    }

    /// Stores as [`put`](Self::put) does, but only a run that is stored already: one that was deleted meanwhile stays
    /// deleted.
    ///
    /// # Errors
    /// As [`put`](Self::put); [`RunStoreError::Missing`] where the run is not stored any more.
    pub async fn renew(
        &self,
        record: &RunRecord,
        last: Option<&[u8]>,
        best: Option<&[u8]>,
    ) -> Result<(), RunStoreError> {
        let id = record.plan.id.as_str();
        let value = to_js(record).map_err(|error| RunStoreError::Other(error.to_string()))?;
        // one transaction: no other tab can delete the run between the look and the write
        let transaction = self.transaction(IdbTransactionMode::Readwrite)?;
        let count = transaction.object_store(RUNS)?.count_with_key(&id.into())?;
        if idb::result(&count).await?.as_f64() != Some(1.0) {
            return Err(RunStoreError::Missing(format!("The run {id}")));
        }
        put_in(&transaction, id, &value, last, best)?;
        Ok(idb::committed(&transaction).await?)
    }

    /// Gives a run another label.
    ///
    /// # Errors
    /// The database's; [`RunStoreError::Missing`] where the run is not stored.
    pub async fn rename(&self, id: &str, label: &str) -> Result<(), RunStoreError> {
        let mut record = self.record(id).await?;
        record.plan.label = label.to_owned();
        self.put(&record, None, None).await
    }

    /// Deletes a run and its checkpoints.
    ///
    /// # Errors
    /// The database's.
    pub async fn delete(&self, id: &str) -> Result<(), RunStoreError> {
        let transaction = self.transaction(IdbTransactionMode::Readwrite)?;
        transaction.object_store(RUNS)?.delete(&id.into())?;
        let both = IdbKeyRange::bound(&format!("{id}/").into(), &format!("{id}/~").into())?;
        transaction.object_store(CHECKPOINTS)?.delete(&both)?;
        Ok(idb::committed(&transaction).await?)
    }
}

/// Asks `transaction` to store a run's record, as the object `record`, and those of its checkpoints that are given.
fn put_in(
    transaction: &IdbTransaction,
    id: &str,
    record: &JsValue,
    last: Option<&[u8]>,
    best: Option<&[u8]>,
) -> Result<(), JsValue> {
    transaction.object_store(RUNS)?.put_with_key(record, &id.into())?;
    let checkpoints = transaction.object_store(CHECKPOINTS)?;
    for (which, bytes) in [(Which::Last, last), (Which::Best, best)] {
        if let Some(bytes) = bytes {
            checkpoints.put_with_key(&Uint8Array::from(bytes), &key(id, which).into())?;
        }
    }
    Ok(())
}

fn key(id: &str, which: Which) -> String {
    match which {
        Which::Best => format!("{id}/best"),
        Which::Last => format!("{id}/last"),
    }
}
