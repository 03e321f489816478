//! IndexedDB's requests and transactions as futures.
//!
//! Written by hand: the page needs no more of a wrapper crate than is in this file.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DomException, IdbDatabase, IdbFactory, IdbOpenDbRequest, IdbRequest, IdbTransaction,
};

/// The IndexedDB factory of the page or of the worker that this runs in; `None` where the browser has no IndexedDB.
pub(in crate::web) fn factory() -> Option<IdbFactory> {
    let factory = js_sys::Reflect::get(&js_sys::global(), &"indexedDB".into()).ok()?;
    factory.dyn_into().ok()
}

/// Opens a database; `upgrade` makes its object stores the first time.
pub(in crate::web) async fn open(
    factory: &IdbFactory,
    name: &str,
    upgrade: impl FnOnce(IdbDatabase) + 'static,
) -> Result<IdbDatabase, JsValue> {
    let request: IdbOpenDbRequest = factory.open_with_u32(name, 1)?;
    let of = request.clone();
    let upgrade = Closure::once(move |_: JsValue| {
        if let Ok(database) = of.result().and_then(|r| r.dyn_into()) {
            upgrade(database);
        }
    });
    request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
    let opened = result(&request).await?;
    request.set_onupgradeneeded(None);
    opened.dyn_into()
}

/// Waits for a request of IndexedDB and gives its result.
pub(in crate::web) async fn result(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let ended = js_sys::Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    match JsFuture::from(ended).await {
        Ok(_) => request.result(),
        Err(_) => Err(request.error().ok().flatten().map_or(JsValue::NULL, JsValue::from)),
    }
}

/// Waits until a transaction is complete.
pub(in crate::web) async fn committed(transaction: &IdbTransaction) -> Result<(), JsValue> {
    let ended = js_sys::Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
        transaction.set_onerror(Some(&reject));
    });
    match JsFuture::from(ended).await {
        Ok(_) => Ok(()),
        Err(event) => Err(transaction.error().map_or(event, JsValue::from)),
    }
}

/// The name and the message of the browser's error; of any other value an empty name and its debug text.
pub(in crate::web) fn describe(error: &JsValue) -> (String, String) {
    match error.dyn_ref::<DomException>() {
        Some(error) => (error.name(), error.message()),
        None => (String::new(), format!("{error:?}")),
    }
}
