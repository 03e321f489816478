//! Where the data set is kept: the browser's database, which outlives a reload and stores all of a simulation's files
//! or none of them.

use super::idb;
use super::record::{Key, Record, StoredSet};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbKeyRange, IdbTransaction, IdbTransactionMode, StorageEstimate};

const DATABASE: &str = "ballstick";
/// The object store of data sets: a [`StoredSet`] each, as JSON, for the one kept, the one put aside and the one
/// coming.
const SET: &str = "set";
/// The object store of records: a [`Record`] per simulation, as JSON.
const INDEX: &str = "index";
/// The object store of files: six deflated files per simulation.
const FILES: &str = "files";
const KEPT: &str = "kept";
/// The key of the data set that was deleted or replaced last, until it is brought back or another one is put aside.
const ASIDE: &str = "aside";
/// The key of the data set that is being read from a zip: it takes the place of the kept one once all of it is stored.
const COMING: &str = "coming";

/// Why a data set or a simulation cannot be stored or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetStoreError {
    /// The browser keeps no database, as in some private windows; the browser's message.
    #[error(
        "This browser keeps no data for this page: {0} In a private window that is to be expected; try an ordinary one."
    )]
    None(String),
    /// The browser's share of the disk is full.
    #[error(
        "The browser allows this page no more storage. What was made so far is kept: delete for good what you put aside, or download and delete this set, then continue; or make fewer or shorter simulations."
    )]
    Full,
    /// Another page has replaced or deleted the data set.
    #[error(
        "The data set was replaced or deleted, perhaps in another tab. Reload this page to see what is there now."
    )]
    Gone,
    /// A simulation that is not stored; its name.
    #[error("{0} is not kept here.")]
    Missing(String),
    /// Any other error of the browser's; its name and message.
    #[error("The browser's database failed: {0}.")]
    Other(String),
}

impl From<JsValue> for SetStoreError {
    fn from(error: JsValue) -> Self {
        let (name, message) = idb::describe(&error);
        match name.as_str() {
            "QuotaExceededError" => Self::Full,
            _ => Self::Other(format!("{name} {message}").trim().trim_end_matches('.').to_owned()),
        }
    }
}

/// How much storage the site uses, and how much it may use, bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// Bytes that the site's pages use.
    pub used: f64,
    /// Bytes that the browser allows the site.
    pub quota: f64,
}

/// The database, open, in the page as in workers.
#[derive(Clone, Debug)]
pub struct Store(IdbDatabase);

impl Store {
    /// Opens the database of data sets.
    ///
    /// # Errors
    /// [`SetStoreError::None`] in a browser that keeps no database.
    pub async fn open() -> Result<Self, SetStoreError> {
        Self::open_named(DATABASE).await
    }

    /// Opens a database of this name, as tests do.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_named(name: &str) -> Result<Self, SetStoreError> {
        let none = |error: &JsValue| SetStoreError::None(idb::describe(error).1);
        let factory =
            idb::factory().ok_or_else(|| SetStoreError::None("it has no IndexedDB.".into()))?;
        let stores = |database: IdbDatabase| {
            for store in [SET, INDEX, FILES] {
                database.create_object_store(store).ok();
            }
        };
        Ok(Self(idb::open(&factory, name, stores).await.map_err(|error| none(&error))?))
    }

    fn transaction(
        &self,
        stores: &[&str],
        mode: IdbTransactionMode,
    ) -> Result<IdbTransaction, JsValue> {
        let names: Array = stores.iter().map(|name| JsValue::from(*name)).collect();
        self.0.transaction_with_str_sequence_and_mode(&names, mode)
    }

    /// The data set that is kept; `None` where no data set is.
    ///
    /// # Errors
    /// The database's.
    pub async fn stored(&self) -> Result<Option<StoredSet>, SetStoreError> {
        let transaction = self.transaction(&[SET], IdbTransactionMode::Readonly)?;
        Ok(entry(&transaction, KEPT).await?)
    }

    /// The data set that is put aside, with the number of its simulations; `None` where no data set is.
    ///
    /// # Errors
    /// The database's.
    pub async fn aside(&self) -> Result<Option<(StoredSet, usize)>, SetStoreError> {
        let transaction = self.transaction(&[SET, INDEX], IdbTransactionMode::Readonly)?;
        let Some(aside) = entry(&transaction, ASIDE).await? else { return Ok(None) };
        let count = transaction.object_store(INDEX)?.count_with_key(range(&aside.id)?.as_ref())?;
        let count = idb::result(&count).await?.as_f64().unwrap_or(0.0);
        Ok(Some((aside, count as usize)))
    }

    /// The data set that is coming from a zip, or was when its page went away; `None` where no data set is.
    ///
    /// # Errors
    /// The database's.
    pub async fn coming(&self) -> Result<Option<StoredSet>, SetStoreError> {
        let transaction = self.transaction(&[SET], IdbTransactionMode::Readonly)?;
        Ok(entry(&transaction, COMING).await?)
    }

    /// Puts the kept data set aside, in place of the one that was aside before; no data set is kept then. A kept data
    /// set without simulations is dropped, and the one aside stays.
    ///
    /// # Errors
    /// The database's.
    pub async fn put_aside(&self) -> Result<(), SetStoreError> {
        let transaction = self.all_stores()?;
        let Some(stored) = entry(&transaction, KEPT).await? else { return Ok(()) };
        move_aside(&transaction, &stored).await?;
        transaction.object_store(SET)?.delete(&KEPT.into())?;
        Ok(idb::committed(&transaction).await?)
    }

    /// Keeps the data set that was put aside again, and puts the kept one aside in its place.
    ///
    /// # Errors
    /// The database's; [`SetStoreError::Gone`] where no data set is aside.
    pub async fn bring_back(&self) -> Result<(), SetStoreError> {
        let transaction = self.all_stores()?;
        let aside = entry(&transaction, ASIDE).await?.ok_or(SetStoreError::Gone)?;
        let stored = entry(&transaction, KEPT).await?;
        let set = transaction.object_store(SET)?;
        set.put_with_key(&json(&aside), &KEPT.into())?;
        match stored {
            Some(stored) => set.put_with_key(&json(&stored), &ASIDE.into())?,
            None => set.delete(&ASIDE.into())?,
        };
        Ok(idb::committed(&transaction).await?)
    }

    /// Forgets the data set that was put aside.
    ///
    /// # Errors
    /// The database's.
    pub async fn forget_aside(&self) -> Result<(), SetStoreError> {
        self.forget(ASIDE).await
    }

    /// Forgets the data set that is coming: an import that ended before its end.
    ///
    /// # Errors
    /// The database's.
    pub async fn forget_coming(&self) -> Result<(), SetStoreError> {
        self.forget(COMING).await
    }

    async fn forget(&self, what: &str) -> Result<(), SetStoreError> {
        let transaction = self.all_stores()?;
        if let Some(gone) = entry(&transaction, what).await? {
            delete_files(&transaction, &gone.id)?;
        }
        transaction.object_store(SET)?.delete(&what.into())?;
        Ok(idb::committed(&transaction).await?)
    }

    /// Notes a data set as coming, still without simulations, beside the one that is kept.
    ///
    /// # Errors
    /// The database's.
    pub async fn begin_coming(&self, coming: &StoredSet) -> Result<(), SetStoreError> {
        self.forget_coming().await?;
        let transaction = self.transaction(&[SET], IdbTransactionMode::Readwrite)?;
        transaction.object_store(SET)?.put_with_key(&json(coming), &COMING.into())?;
        Ok(idb::committed(&transaction).await?)
    }

    /// Keeps the data set that has come, and puts the one that was kept aside.
    ///
    /// # Errors
    /// The database's; [`SetStoreError::Gone`] where `id` is not that of the data set that is coming.
    pub async fn finish_coming(&self, id: &str) -> Result<(), SetStoreError> {
        let transaction = self.all_stores()?;
        let coming = entry(&transaction, COMING).await?.filter(|coming| coming.id == id);
        let coming = coming.ok_or(SetStoreError::Gone)?;
        if let Some(stored) = entry(&transaction, KEPT).await? {
            move_aside(&transaction, &stored).await?;
        }
        let set = transaction.object_store(SET)?;
        set.put_with_key(&json(&coming), &KEPT.into())?;
        set.delete(&COMING.into())?;
        Ok(idb::committed(&transaction).await?)
    }

    fn all_stores(&self) -> Result<IdbTransaction, JsValue> {
        self.transaction(&[SET, INDEX, FILES], IdbTransactionMode::Readwrite)
    }

    /// Forgets every data set and keeps `stored` from now on, still without simulations.
    ///
    /// # Errors
    /// The database's.
    pub async fn begin(&self, stored: &StoredSet) -> Result<(), SetStoreError> {
        self.replace(Some(stored)).await
    }

    /// Forgets every data set.
    ///
    /// # Errors
    /// The database's.
    pub async fn clear(&self) -> Result<(), SetStoreError> {
        self.replace(None).await
    }

    async fn replace(&self, stored: Option<&StoredSet>) -> Result<(), SetStoreError> {
        let transaction = self.all_stores()?;
        for store in [SET, INDEX, FILES] {
            transaction.object_store(store)?.clear()?;
        }
        if let Some(stored) = stored {
            transaction.object_store(SET)?.put_with_key(&json(stored), &KEPT.into())?;
        }
        Ok(idb::committed(&transaction).await?)
    }

    /// Writes anew what is stored of the kept data set; its simulations stay.
    ///
    /// # Errors
    /// The database's; [`SetStoreError::Gone`] where another data set is kept now.
    pub async fn describe(&self, stored: &StoredSet) -> Result<(), SetStoreError> {
        let transaction = self.transaction(&[SET], IdbTransactionMode::Readwrite)?;
        self.require(&transaction, &stored.id).await?;
        transaction.object_store(SET)?.put_with_key(&json(stored), &KEPT.into())?;
        Ok(idb::committed(&transaction).await?)
    }

    /// Makes sure that the data set `id` is the one that is kept.
    async fn require(&self, transaction: &IdbTransaction, id: &str) -> Result<(), SetStoreError> {
        let stored = entry(transaction, KEPT).await?;
        if stored.is_some_and(|stored| stored.id == id) { Ok(()) } else { Err(SetStoreError::Gone) }
    }

    /// Keeps a simulation of the data set `id`, which is kept or coming: its record and its six deflated files, or nothing.
    ///
    /// # Errors
    /// The database's; [`SetStoreError::Full`]; [`SetStoreError::Gone`] where the data set is neither kept nor coming.
    pub async fn put(
        &self,
        id: &str,
        record: &Record,
        files: &[Uint8Array; 6],
    ) -> Result<(), SetStoreError> {
        let transaction = self.all_stores()?;
        let coming = entry(&transaction, COMING).await?;
        if coming.is_none_or(|coming| coming.id != id) {
            self.require(&transaction, id).await?;
        }
        let key = name(id, record.key()).into();
        let files: Array = files.iter().collect();
        transaction.object_store(FILES)?.put_with_key(&files, &key)?;
        transaction.object_store(INDEX)?.put_with_key(&json(record), &key)?;
        Ok(idb::committed(&transaction).await?)
    }

    /// The records of all simulations of the data set `id`, by split and number.
    ///
    /// # Errors
    /// The database's.
    pub async fn records(&self, id: &str) -> Result<Vec<Record>, SetStoreError> {
        let transaction = self.transaction(&[INDEX], IdbTransactionMode::Readonly)?;
        let all = transaction.object_store(INDEX)?.get_all_with_key(range(id)?.as_ref())?;
        let all = idb::result(&all).await?;
        let read = |text: JsValue| serde_json::from_str(&text.as_string()?).ok();
        let mut records: Vec<Record> = Array::from(&all).iter().filter_map(read).collect();
        records.sort_by_key(Record::key);
        Ok(records)
    }

    /// The six deflated files of a simulation.
    ///
    /// # Errors
    /// The database's; [`SetStoreError::Missing`] where the simulation is not stored.
    pub async fn files(&self, id: &str, key: Key) -> Result<[Uint8Array; 6], SetStoreError> {
        let transaction = self.transaction(&[FILES], IdbTransactionMode::Readonly)?;
        let found =
            idb::result(&transaction.object_store(FILES)?.get(&name(id, key).into())?).await?;
        // a missing entry is `undefined`, which is no array
        let files: Vec<Uint8Array> = found
            .dyn_into::<Array>()
            .map(|files| files.iter().filter_map(|file| file.dyn_into().ok()).collect())
            .unwrap_or_default();
        files
            .try_into()
            .map_err(|_| SetStoreError::Missing(format!("Simulation {} of {}", key.1, key.0)))
    }

    /// How much storage is used and may be used; `None` where the browser does not say, and in a worker.
    pub async fn usage() -> Option<Usage> {
        let manager = web_sys::window()?.navigator().storage();
        let estimate: StorageEstimate =
            JsFuture::from(manager.estimate().ok()?).await.ok()?.unchecked_into();
        Some(Usage { used: estimate.get_usage()?, quota: estimate.get_quota()? })
    }
}

/// The data set under a key of [`SET`]; `None` where the key has no entry, or one in the format of an older page.
async fn entry(transaction: &IdbTransaction, name: &str) -> Result<Option<StoredSet>, JsValue> {
    let found = idb::result(&transaction.object_store(SET)?.get(&name.into())?).await?;
    Ok(found.as_string().and_then(|text| serde_json::from_str(&text).ok()))
}

/// Notes `stored` as put aside, in place of the data set before it. A data set without simulations is not worth
/// bringing back, and is not noted.
async fn move_aside(transaction: &IdbTransaction, stored: &StoredSet) -> Result<(), JsValue> {
    let first = transaction.object_store(INDEX)?.get_key(range(&stored.id)?.as_ref())?;
    if idb::result(&first).await?.is_undefined() {
        return Ok(());
    }
    if let Some(gone) = entry(transaction, ASIDE).await? {
        delete_files(transaction, &gone.id)?;
    }
    transaction.object_store(SET)?.put_with_key(&json(stored), &ASIDE.into())?;
    Ok(())
}

fn delete_files(transaction: &IdbTransaction, id: &str) -> Result<(), JsValue> {
    for store in [INDEX, FILES] {
        transaction.object_store(store)?.delete(range(id)?.as_ref())?;
    }
    Ok(())
}

/// The range of the keys of all simulations of a data set.
fn range(id: &str) -> Result<IdbKeyRange, JsValue> {
    IdbKeyRange::bound(&format!("{id}/").into(), &format!("{id}/~").into())
}

/// A simulation's key in the database; the keys sort as the simulations do.
fn name(id: &str, (split, index): Key) -> String {
    format!("{id}/{split}/{index:020}")
}

fn json<T: serde::Serialize>(value: &T) -> JsValue {
    serde_json::to_string(value).unwrap_or_default().into()
}
