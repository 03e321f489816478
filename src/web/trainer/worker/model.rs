//! Loads and exports trained twins, wherever they are stored.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag};

use super::fetch;
use super::hub::{AnswerTo, Answered, Hub};
use crate::twin::onnx::ScalingPlace;
use crate::twin::weights::Checkpoint;
use crate::web::port::{PortError, QuestionId};
use crate::web::trainer::protocol::{Export, Form, ModelRef, NamedFile, Which};
use crate::web::trainer::store::RunStore;

thread_local! {
    /// The last twin of a file, which does not change: a learner who moves a slider asks the same twin again and again.
    static LAST: RefCell<Option<(String, Rc<Checkpoint>)>> = const { RefCell::new(None) };
}

/// A twin's checkpoint, with the training's history where the file has it.
///
/// # Errors
/// A twin that is not stored or does not load, or a file that is no twin, in words.
pub(super) async fn load(model: &ModelRef) -> Result<Rc<Checkpoint>, PortError> {
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
/// A twin that is not stored or does not load, in words.
pub(super) async fn bytes(model: &ModelRef) -> Result<Vec<u8>, PortError> {
    let recorded;
    let blob: &Blob = match model {
        ModelRef::Run(run, which) => {
            let store = RunStore::open().await?;
            return Ok(store.checkpoint(run, *which).await?.to_vec());
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

/// A name of the twin, for the learner to read.
pub(super) fn name(model: &ModelRef) -> String {
    match model {
        ModelRef::Run(run, Which::Last) => run.clone(),
        ModelRef::Run(run, Which::Best) => format!("{run}, best"),
        ModelRef::Recorded(name) => name.clone(),
        ModelRef::File(file) => file.name(),
    }
}

impl Answered for Export {
    async fn answer(self, _: &Hub, _: QuestionId) -> AnswerTo<Self> {
        let Self(model, form) = &self;
        let checkpoint = load(model).await?;
        let stem = match model {
            ModelRef::Run(run, Which::Last) => format!("{run}-last"),
            ModelRef::Run(run, Which::Best) => format!("{run}-best"),
            ModelRef::Recorded(name) => name.clone(),
            ModelRef::File(_) => checkpoint.header.short_name.clone(),
        };
        let (name, bytes) = match (form, model) {
            (Form::Ours, ModelRef::Run(..) | ModelRef::Recorded(_)) => {
                (stem + ".safetensors", bytes(model).await?)
            }
            // a `.pt` is exported as `.safetensors`
            (Form::Ours, ModelRef::File(_)) => (stem + ".safetensors", checkpoint.to_bytes()?),
            (Form::Torch, _) => {
                let mut judged = (*checkpoint).clone();
                if let Some(metrics) = metrics(model).await {
                    judged.header.metrics = metrics;
                }
                (judged.torch_file_name(), judged.to_torch()?)
            }
            (Form::Onnx, _) => (stem + ".onnx", checkpoint.to_onnx(ScalingPlace::Outside)?),
        };
        let options = BlobPropertyBag::new();
        options.set_type("application/octet-stream");
        let parts = Array::of1(&Uint8Array::from(&bytes[..]));
        let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options);
        Ok(NamedFile(name, blob.map_err(|_| "There is no memory for the file.")?))
    }
}

/// The metrics that a run's best twin reached on the test set; `None` where it was not judged.
async fn metrics(model: &ModelRef) -> Option<serde_json::Value> {
    let ModelRef::Run(run, Which::Best) = model else { return None };
    let record = RunStore::open().await.ok()?.record(run).await.ok()?;
    serde_json::from_str(&record.judgement?.metrics).ok()
}
