//! Locks that all tabs of this browser share (Web Locks): one tab at a time changes the data set, trains a run or goes on
//! with the queue. A lock ends with its tab or worker, however that ends.
//!
//! Browsers without Web Locks (old ones, or any on a page that came without https) let every tab have every lock: the
//! database itself refuses what belongs to a data set that is gone.

use super::left::{WhenLeft, when_left};
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// The name of the lock of the data set that is kept.
pub const DATA_SET: &str = "ballstick/data-set";
/// The name of the lock of the assignment's queue.
pub const QUEUE: &str = "ballstick queue";

/// How often a lock that is taken is asked for again; below, the time between two requests, ms.
const TRIES: usize = 10;
const PAUSE_MS: i32 = 100;

/// A lock that is held until this is dropped, or the page is left.
#[derive(Debug)]
pub struct Lock {
    release: Option<Function>,
    _left: Option<WhenLeft>,
}

impl Lock {
    fn new(release: Option<Function>) -> Self {
        let left = release.clone().map(|release| {
            when_left(move || {
                release.call0(&JsValue::NULL).ok();
            })
        });
        Self { release, _left: left }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(release) = &self.release {
            release.call0(&JsValue::NULL).ok();
        }
    }
}

/// The name of a run's lock, which whoever trains or changes the run holds.
#[must_use]
pub fn of_run(id: &str) -> String {
    format!("ballstick run {id}")
}

/// Takes a lock; `None` where another tab holds it. A lock that was released a moment ago, or whose worker has just
/// been ended, may still seem to be held, so a lock that is taken is asked for again for a second.
pub async fn take(name: &str) -> Option<Lock> {
    for _ in 0..TRIES {
        if let Some(lock) = take_now(name).await {
            return Some(lock);
        }
        pause().await;
    }
    take_now(name).await
}

/// Waits [`PAUSE_MS`], in a page as in a worker.
async fn pause() {
    let paused = Promise::new(&mut |done, _| {
        let global = js_sys::global();
        let timer = Reflect::get(&global, &"setTimeout".into()).unwrap_or_default();
        let set =
            timer.dyn_ref::<Function>().map(|set| set.call2(&global, &done, &PAUSE_MS.into()));
        if !matches!(set, Some(Ok(_))) {
            done.call0(&JsValue::NULL).ok();
        }
    });
    JsFuture::from(paused).await.ok();
}

async fn take_now(name: &str) -> Option<Lock> {
    let Some((locks, request)) = manager() else { return Some(Lock::new(None)) };
    let options = Object::new();
    Reflect::set(&options, &"ifAvailable".into(), &true.into()).ok();
    // resolved with the function that releases the lock, or with null where the lock is taken
    let answered = Promise::new(&mut |answer: Function, _| {
        let callback = answer.clone();
        let granted = Closure::once_into_js(move |lock: JsValue| -> JsValue {
            if lock.is_null() {
                callback.call1(&JsValue::NULL, &JsValue::NULL).ok();
                return JsValue::UNDEFINED;
            }
            // the lock is held until this promise is resolved
            let held = Promise::new(&mut |release: Function, _| {
                callback.call1(&JsValue::NULL, &release).ok();
            });
            held.into()
        });
        // a browser that rejects the request counts as one without locks
        let refused = Closure::once_into_js(move |_: JsValue| {
            answer.call1(&JsValue::NULL, &JsValue::UNDEFINED).ok();
        });
        let promise = request.call3(&locks, &name.into(), &options, &granted);
        let promise = promise.unwrap_or_else(|error| Promise::reject(&error).into());
        let catch = Reflect::get(&promise, &"catch".into()).unwrap_or_default();
        catch.dyn_into().and_then(|catch: Function| catch.call1(&promise, &refused)).ok();
    });
    let answer = JsFuture::from(answered).await.ok()?;
    if answer.is_null() { None } else { Some(Lock::new(answer.dyn_into().ok())) }
}

/// The browser's lock manager and its method `request`; `None` in a browser without Web Locks.
fn manager() -> Option<(JsValue, Function)> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    let locks = Reflect::get(&navigator, &"locks".into()).ok()?;
    let request = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    Some((locks, request))
}
