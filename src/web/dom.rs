//! The few calls to the document that everything else uses.

use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, EventTarget, HtmlElement, Window};

pub(crate) fn window() -> Window {
    web_sys::window().expect("the page runs in a window")
}

pub(crate) fn document() -> Document {
    window().document().expect("a window has a document")
}

pub(crate) fn body() -> Element {
    document().body().expect("a document has a body").into()
}

/// Whether this is the tutorial's page (the tests' page loads the same wasm).
pub(crate) fn is_page() -> bool {
    web_sys::window()
        .and_then(|w| w.document())
        .is_some_and(|d| d.query_selector("[data-lesson]").is_ok_and(|found| found.is_some()))
}

/// The first element below `root` that matches.
pub(crate) fn find<T: JsCast>(root: &Element, selector: &str) -> Option<T> {
    root.query_selector(selector).ok()??.dyn_into().ok()
}

/// The first element below `root` that matches; the markup is ours, so it is there.
pub(crate) fn must<T: JsCast>(root: &Element, selector: &str) -> T {
    find(root, selector).unwrap_or_else(|| panic!("the page lacks {selector}"))
}

/// Every element below `root` that matches, in document order.
pub(crate) fn all<T: JsCast>(root: &Element, selector: &str) -> Vec<T> {
    let Ok(list) = root.query_selector_all(selector) else { return Vec::new() };
    (0..list.length()).filter_map(|i| list.item(i)?.dyn_into().ok()).collect()
}

/// A new element with a class.
pub(crate) fn element<T: JsCast>(tag: &str, class: &str) -> T {
    let new = document().create_element(tag).expect("a valid tag");
    if !class.is_empty() {
        new.set_class_name(class);
    }
    new.dyn_into().unwrap_or_else(|_| panic!("{tag} is of another type"))
}

/// Listens for as long as the page lives.
pub(crate) fn on<E: JsCast + 'static>(
    target: &EventTarget,
    event: &str,
    mut listener: impl FnMut(E) + 'static,
) {
    let closure = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
        listener(event.unchecked_into());
    });
    target
        .add_event_listener_with_callback(event, closure.as_ref().unchecked_ref())
        .expect("listeners can be added");
    closure.forget();
}

/// Runs once before the next frame is drawn.
pub(crate) fn next_frame(run: impl FnOnce() + 'static) {
    let closure = Closure::once_into_js(run);
    window()
        .request_animation_frame(closure.unchecked_ref())
        .expect("a window has animation frames");
}

/// Runs once, after a time.
pub(crate) fn after_ms(ms: i32, run: impl FnOnce() + 'static) {
    let closure = Closure::once_into_js(run);
    window()
        .set_timeout_with_callback_and_timeout_and_arguments_0(closure.unchecked_ref(), ms)
        .expect("a window has timers");
}

/// Sets text only where it changed, so that nothing is laid out again for nothing.
pub(crate) fn set_text(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

/// Shows or hides by the `hidden` attribute.
pub(crate) fn show(element: &HtmlElement, shown: bool) {
    element.set_hidden(!shown);
}

/// CSS pixels of a rem.
pub(crate) fn rem_px() -> Option<f64> {
    let root = document().document_element()?;
    let style = window().get_computed_style(&root).ok()??;
    let size = style.get_property_value("font-size").ok()?;
    size.trim_end_matches("px").parse().ok()
}

/// Milliseconds since the page opened.
pub(crate) fn now_ms() -> f64 {
    window().performance().map_or(0.0, |p| p.now())
}
