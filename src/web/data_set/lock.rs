//! One tab at a time changes the data set: the browser's Web Locks, which end with the tab that
//! holds them.

use crate::web::dom;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

const NAME: &str = "ballstick/data-set";
/// How often a lock that is taken is asked for again, and how long after.
const TRIES: usize = 10;
const PAUSE_MS: i32 = 100;

/// What the tab says that finds the lock taken.
pub(in crate::web) const TAKEN: &str = "Another tab of this page is changing the data set at the moment, so nothing was done here. Wait until that tab is done, or stop it there; then try again.";

/// Held while the data set is changed.
#[derive(Debug)]
pub(in crate::web) struct Lock(Option<Function>);

impl Drop for Lock {
    fn drop(&mut self) {
        self.0.take().inspect(|release| {
            release.call0(&JsValue::NULL).ok();
        });
    }
}

/// Takes the lock; none where another tab has it. One that was given back a moment ago may still seem to be held, so a
/// lock that is taken is asked for a few times more. A browser without locks (an old one, or a page that came without
/// https) lets every tab have it: the database itself refuses what belongs to a set that is gone.
pub(in crate::web) async fn take() -> Option<Lock> {
    for _ in 0..TRIES {
        if let Some(lock) = take_now().await {
            return Some(lock);
        }
        pause().await;
    }
    take_now().await
}

/// Waits a little.
async fn pause() {
    let paused = Promise::new(&mut |done, _| {
        dom::after_ms(PAUSE_MS, move || {
            done.call0(&JsValue::NULL).ok();
        });
    });
    JsFuture::from(paused).await.ok();
}

async fn take_now() -> Option<Lock> {
    let Some((locks, request)) = manager() else { return Some(Lock(None)) };
    let options = Object::new();
    Reflect::set(&options, &"ifAvailable".into(), &true.into()).ok();
    // resolved with what releases the lock, or with null where it is taken
    let answered = Promise::new(&mut |answer: Function, _| {
        let told = answer.clone();
        let granted = Closure::once_into_js(move |lock: JsValue| -> JsValue {
            if lock.is_null() {
                told.call1(&JsValue::NULL, &JsValue::NULL).ok();
                return JsValue::UNDEFINED;
            }
            let held = Promise::new(&mut |release: Function, _| {
                told.call1(&JsValue::NULL, &release).ok();
            });
            held.into()
        });
        // a browser that refuses to answer is one without locks
        let refused = Closure::once_into_js(move |_: JsValue| {
            answer.call1(&JsValue::NULL, &JsValue::UNDEFINED).ok();
        });
        let asked = request.call3(&locks, &NAME.into(), &options, &granted);
        let asked = asked.unwrap_or_else(|error| Promise::reject(&error).into());
        let catch = Reflect::get(&asked, &"catch".into()).unwrap_or_default();
        catch.dyn_into().and_then(|catch: Function| catch.call1(&asked, &refused)).ok();
    });
    let answer = JsFuture::from(answered).await.ok()?;
    if answer.is_null() {
        return None;
    }
    let release: Option<Function> = answer.dyn_into().ok();
    if let Some(release) = release.clone() {
        dom::when_left(move || {
            release.call0(&JsValue::NULL).ok();
        });
    }
    Some(Lock(release))
}

/// The browser's lock manager and its method, where there is one.
fn manager() -> Option<(JsValue, Function)> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    let locks = Reflect::get(&navigator, &"locks".into()).ok()?;
    let request = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    Some((locks, request))
}
