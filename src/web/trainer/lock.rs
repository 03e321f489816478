//! Locks that all tabs of this browser share (Web Locks): one tab at a time trains a run or goes on with the queue. A
//! lock ends with its tab or worker, however that ends. Browsers without them have none.

use crate::web::dom;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// A lock that is held until this is dropped.
#[derive(Debug)]
pub struct Held(Option<Function>);

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(release) = &self.0 {
            release.call0(&JsValue::NULL).ok();
        }
    }
}

/// The lock of a run in training.
#[must_use]
pub fn of_run(id: &str) -> String {
    format!("ballstick run {id}")
}

/// Takes a lock, or says that another tab has it. Without locks in the browser there is nothing to take, and nothing
/// in the way.
pub async fn take(name: &str) -> Option<Held> {
    let get = |of: &JsValue, key: &str| Reflect::get(of, &key.into()).unwrap_or_default();
    let locks = get(&get(&js_sys::global(), "navigator"), "locks");
    let Ok(request) = get(&locks, "request").dyn_into::<Function>() else {
        return Some(Held(None));
    };
    let mut release = None;
    let until = Promise::new(&mut |resolve, _| release = Some(resolve));
    let options = Object::new();
    Reflect::set(&options, &"ifAvailable".into(), &true.into()).ok();
    let granted = Promise::new(&mut |resolve, _| {
        let until = until.clone();
        let answer = Closure::once_into_js(move |lock: JsValue| -> JsValue {
            let granted = lock.is_object();
            resolve.call1(&JsValue::NULL, &granted.into()).ok();
            // the lock is held until the promise is kept
            if granted { until.into() } else { JsValue::UNDEFINED }
        });
        request.call3(&locks, &name.into(), &options, &answer).ok();
    });
    let granted = JsFuture::from(granted).await.ok()?;
    if let Some(release) = release.clone().filter(|_| granted.is_truthy()) {
        dom::when_left(move || {
            release.call0(&JsValue::NULL).ok();
        });
    }
    granted.is_truthy().then_some(Held(release))
}
