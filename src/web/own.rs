//! A worker that the page starts from a short script, and that ends when it is dropped or the page is left.

use super::left::{WhenLeft, when_left};
use std::ops::Deref;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, Url, Worker, WorkerOptions, WorkerType};

/// What a learner reads where the browser starts no worker.
pub(super) const NO_WORKER: &str = "This browser does not let the page start a worker, in which it computes, so nothing can be computed here. Workers may be switched off by a setting or an extension, or the browser may be too old for them: try another one, or a window without extensions.";

/// A worker; dropping it ends the worker in the middle of whatever it does.
#[derive(Debug)]
pub(super) struct OwnWorker {
    worker: Worker,
    _left: WhenLeft,
}

impl OwnWorker {
    /// Starts a module worker from a script.
    ///
    /// # Errors
    /// The browser's error; the browser may allow no workers.
    pub(super) fn start(script: &str) -> Result<Self, JsValue> {
        Self::start_named(script, "")
    }

    /// Starts a module worker with a name, which the worker finds in its global scope.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub(super) fn start_named(script: &str, name: &str) -> Result<Self, JsValue> {
        let source = BlobPropertyBag::new();
        source.set_type("text/javascript");
        let parts = js_sys::Array::of1(&script.into());
        let blob = Blob::new_with_str_sequence_and_options(&parts, &source)?;
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name(name);
        let worker = Worker::new_with_options(&Url::create_object_url_with_blob(&blob)?, &options)?;
        let left = worker.clone();
        Ok(Self { worker, _left: when_left(move || left.terminate()) })
    }
}

impl Deref for OwnWorker {
    type Target = Worker;

    fn deref(&self) -> &Worker {
        &self.worker
    }
}

impl Drop for OwnWorker {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}
