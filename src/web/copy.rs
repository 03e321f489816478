//! Buttons that copy what a reader takes along: the page's address, or the code of a command.

use super::{dom, embed};
use js_sys::{Array, Function, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::Event;

/// What a button says when it says nothing of a copy.
const LABEL: &str = "data-label";

/// Buttons that copy: the page's address (`data-copy="link"`), the lines that show a laboratory in another page
/// (`data-copy="frame"`), or the code before them.
pub(super) fn start() {
    dom::on(&dom::document(), "click", |event: Event| {
        let Some(button) = dom::around(&event, "[data-copy]") else { return };
        let text = match button.get_attribute("data-copy").as_deref() {
            Some("link") => link(),
            Some("frame") => embed::snippet(&button),
            _ => button.previous_element_sibling().and_then(|code| code.text_content()),
        };
        let Some(text) = text else { return };
        // a second press finds the answer to the first one on the button
        let label =
            button.get_attribute(LABEL).or_else(|| button.text_content()).unwrap_or_default();
        button.set_attribute(LABEL, &label).ok();
        spawn_local(async move {
            let done = copy(&text).await;
            dom::set_text(&button, if done { "copied" } else { "could not copy" });
            dom::after_ms(1500, move || dom::set_text(&button, &label));
        });
    });
}

/// Puts `text` on the clipboard, and tells whether the browser did it. Without HTTPS (a server in a class room) there is
/// no clipboard object, and the browser's older command copies what is selected in a text area.
async fn copy(text: &str) -> bool {
    let navigator = dom::window().navigator();
    let has_clipboard =
        Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|object| object.is_object());
    if has_clipboard {
        let copied = navigator.clipboard().write_text(text);
        return JsFuture::from(copied).await.is_ok();
    }
    copy_selected(text).unwrap_or(false)
}

/// Copies `text` by the document's command `copy`.
fn copy_selected(text: &str) -> Result<bool, JsValue> {
    let document = dom::document();
    let area = document.create_element("textarea")?;
    area.set_text_content(Some(text));
    document.body().ok_or("no body")?.append_child(&area)?;
    let call = |of: &JsValue, method: &str, arguments: &Array| {
        let method: Function = Reflect::get(of, &method.into())?.dyn_into()?;
        Reflect::apply(&method, of, arguments)
    };
    let copied = call(&area, "select", &Array::new())
        .and_then(|_| call(&document, "execCommand", &Array::of1(&"copy".into())));
    area.remove();
    copied.map(|done| done.is_truthy())
}

/// The page's address as a link that reproduces the page: an address without control values, which would open the
/// lesson as its reader left it, gets a `?`, which says that all are at their defaults.
fn link() -> Option<String> {
    let href = dom::window().location().href().ok()?;
    let silent = href.split_once('#').is_some_and(|(_, hash)| !hash.contains('?'));
    Some(if silent { href + "?" } else { href })
}
