//! Fetches files that ship with the page.

use js_sys::{Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Response, Url};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch)]
    fn fetch(address: &str) -> Result<Promise, JsValue>;
}

/// A file of the folder `recorded/`, which lies beside the folder of the page.
///
/// # Errors
/// A name that no recorded file has, or a file that does not load, in words.
pub(super) async fn recorded(name: &str, ending: &str) -> Result<Blob, String> {
    let sound = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || name.starts_with('.') || !name.chars().all(sound) {
        return Err(format!("There is no recorded file {name:?}."));
    }
    let path = format!("../recorded/{name}.{ending}");
    get(&path).await.map_err(|error| {
        format!("The recorded {name}.{ending} did not load ({error}). Are you offline? Reload the page, and try again.")
    })
}

async fn get(path: &str) -> Result<Blob, String> {
    let text = |error: JsValue| match error.dyn_ref::<js_sys::Error>() {
        Some(error) => error.message().into(),
        None => format!("{error:?}"),
    };
    let address = Url::new_with_base(path, &base()).map_err(text)?.href();
    let response = JsFuture::from(fetch(&address).map_err(text)?).await.map_err(text)?;
    let response: Response = response.dyn_into().map_err(text)?;
    if !response.ok() {
        return Err(format!("the server says {}", response.status()));
    }
    let blob = JsFuture::from(response.blob().map_err(text)?).await.map_err(text)?;
    blob.dyn_into().map_err(text)
}

/// The page's address, which the worker's first script has stored; without it the worker's own address.
fn base() -> String {
    let global = js_sys::global();
    let text = |of: &JsValue, key: &str| Reflect::get(of, &key.into()).ok()?.as_string();
    text(&global, "ballstickBase")
        .or_else(|| text(&Reflect::get(&global, &"location".into()).ok()?, "href"))
        .unwrap_or_default()
}
