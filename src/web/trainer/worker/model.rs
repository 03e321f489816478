//! Trained twins, wherever they are kept.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag};

use super::fetch;
use crate::twin::weights::Checkpoint;
use crate::web::trainer::protocol::{ModelRef, News, Which};
use crate::web::trainer::store::RunStore;

thread_local! {
    /// The last one that does not change: a learner who moves a slider asks for the same again and again.
    static LAST: RefCell<Option<(String, Rc<Checkpoint>)>> = const { RefCell::new(None) };
}

/// A twin, and its history where it has one.
///
/// # Errors
/// One that is not there, or no twin, in words.
pub(super) async fn load(model: &ModelRef) -> Result<Rc<Checkpoint>, String> {
    let key = match model {
        ModelRef::Run(..) => None,
        ModelRef::Recorded(name) => Some(format!("recorded {name}")),
        ModelRef::File(file) => {
            Some(format!("file {} {} {}", file.name(), file.size(), file.last_modified()))
        }
    };
    let last = LAST.with_borrow(|last| last.clone());
    if let Some((of, checkpoint)) = last
        && Some(&of) == key.as_ref()
    {
        return Ok(checkpoint);
    }
    let bytes = bytes(model).await?;
    let read = match model {
        ModelRef::File(file) if file.name().ends_with(".pt") => Checkpoint::from_torch(&bytes),
        _ => Checkpoint::from_file(&bytes),
    };
    let checkpoint = Rc::new(read.map_err(|error| format!("{}: {error}", name(model)))?);
    if let Some(key) = key {
        LAST.set(Some((key, checkpoint.clone())));
    }
    Ok(checkpoint)
}

/// The bytes of a twin's file.
///
/// # Errors
/// One that is not there, in words.
pub(super) async fn bytes(model: &ModelRef) -> Result<Vec<u8>, String> {
    let recorded;
    let blob: &Blob = match model {
        ModelRef::Run(run, which) => {
            let store = RunStore::open().await.map_err(|error| error.to_string())?;
            let bytes = store.checkpoint(run, *which).await.map_err(|error| error.to_string())?;
            return Ok(bytes.to_vec());
        }
        ModelRef::Recorded(name) => {
            recorded = fetch::recorded(name, "safetensors").await?;
            &recorded
        }
        ModelRef::File(file) => file,
    };
    let buffer = JsFuture::from(blob.array_buffer()).await;
    let buffer = buffer.map_err(|_| {
        format!("{} cannot be read: it was moved or changed, or is not allowed.", name(model))
    })?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// How the learner knows it.
pub(super) fn name(model: &ModelRef) -> String {
    match model {
        ModelRef::Run(run, Which::Last) => run.clone(),
        ModelRef::Run(run, Which::Best) => format!("{run}, best"),
        ModelRef::Recorded(name) => name.clone(),
        ModelRef::File(file) => file.name(),
    }
}

/// A twin as the command line's file.
///
/// # Errors
/// As [`load`].
pub(super) async fn export(model: &ModelRef) -> Result<News, String> {
    let checkpoint = load(model).await?;
    let bytes = match model {
        ModelRef::Run(..) | ModelRef::Recorded(_) => bytes(model).await?,
        // a .pt becomes ours
        ModelRef::File(_) => checkpoint.to_bytes().map_err(|error| error.to_string())?,
    };
    let name = match model {
        ModelRef::Run(run, Which::Last) => format!("{run}-last.safetensors"),
        ModelRef::Run(run, Which::Best) => format!("{run}-best.safetensors"),
        ModelRef::Recorded(name) => format!("{name}.safetensors"),
        ModelRef::File(_) => format!("{}.safetensors", checkpoint.header.short_name),
    };
    let options = BlobPropertyBag::new();
    options.set_type("application/octet-stream");
    let parts = Array::of1(&Uint8Array::from(&bytes[..]));
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options);
    blob.map(|blob| News::File(name, blob)).map_err(|_| "There is no memory for the file.".into())
}
