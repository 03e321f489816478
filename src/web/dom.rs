//! The few calls to the document that everything else uses.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Document, Element, Event, EventInit, EventTarget, File, HtmlElement, HtmlInputElement,
    IntersectionObserver, IntersectionObserverEntry, ResizeObserver, Response, Window,
};

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

/// The first element below `root` that matches the selector; `None` where no element matches, or the first is not a
/// `T`.
pub(crate) fn find<T: JsCast>(root: &Element, selector: &str) -> Option<T> {
    root.query_selector(selector).ok()??.dyn_into().ok()
}

/// The first element below `root` that matches the selector. The markup is the page's own: a page without the element
/// panics.
pub(crate) fn must<T: JsCast>(root: &Element, selector: &str) -> T {
    find(root, selector).unwrap_or_else(|| panic!("the page lacks {selector}"))
}

/// Every element below `root` that matches the selector and is a `T`, in document order.
pub(crate) fn all<T: JsCast>(root: &Element, selector: &str) -> Vec<T> {
    let Ok(list) = root.query_selector_all(selector) else { return Vec::new() };
    (0..list.length()).filter_map(|i| list.item(i)?.dyn_into().ok()).collect()
}

/// A new element of this tag, with the class `class` unless that is empty.
pub(crate) fn element<T: JsCast>(tag: &str, class: &str) -> T {
    let new = document().create_element(tag).expect("a valid tag");
    if !class.is_empty() {
        new.set_class_name(class);
    }
    new.dyn_into().unwrap_or_else(|_| panic!("{tag} is of another type"))
}

/// Calls `listener` at every event of this name, for as long as the page lives.
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

/// Calls `resized` whenever one of the elements changes its size, and once to begin with.
pub(crate) fn on_resize<'a>(
    elements: impl IntoIterator<Item = &'a Element>,
    resized: impl FnMut() + 'static,
) {
    let resized = Closure::<dyn FnMut()>::new(resized);
    if let Ok(observer) = ResizeObserver::new(resized.as_ref().unchecked_ref()) {
        elements.into_iter().for_each(|element| observer.observe(element));
    }
    resized.forget();
}

/// Calls `seen` with whether the element is in the window: once to begin with, and whenever that changes.
pub(crate) fn on_sight(element: &Element, mut seen: impl FnMut(bool) + 'static) {
    let seen = Closure::<dyn FnMut(js_sys::Array)>::new(move |entries: js_sys::Array| {
        if let Ok(last) = entries.pop().dyn_into::<IntersectionObserverEntry>() {
            seen(last.is_intersecting());
        }
    });
    if let Ok(observer) = IntersectionObserver::new(seen.as_ref().unchecked_ref()) {
        observer.observe(element);
    }
    seen.forget();
}

/// Calls `run` once, before the next frame is drawn.
pub(crate) fn next_frame(run: impl FnOnce() + 'static) {
    let closure = Closure::once_into_js(run);
    window()
        .request_animation_frame(closure.unchecked_ref())
        .expect("a window has animation frames");
}

/// Calls `run` once, after `ms` milliseconds.
pub(crate) fn after_ms(ms: i32, run: impl FnOnce() + 'static) {
    let closure = Closure::once_into_js(run);
    window()
        .set_timeout_with_callback_and_timeout_and_arguments_0(closure.unchecked_ref(), ms)
        .expect("a window has timers");
}

/// Sets an element's text only where the text changes, so that the browser lays nothing out again without need.
pub(crate) fn set_text(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

/// Shows or hides an element by its `hidden` attribute, only where that changes the attribute: the browser styles the
/// page again after every attribute that is set.
pub(crate) fn show(element: &HtmlElement, shown: bool) {
    if element.has_attribute("hidden") == shown {
        element.set_hidden(!shown);
    }
}

/// The root element's font size: CSS pixels per rem.
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

/// Dispatches an `input` event from a control, as if the learner had moved it, so that the lesson reads its new value.
pub(crate) fn moved(control: &EventTarget) {
    let bubbling = EventInit::new();
    bubbling.set_bubbles(true);
    if let Ok(event) = Event::new_with_event_init_dict("input", &bubbling) {
        control.dispatch_event(&event).ok();
    }
}

/// Sets a slider or a box to a value and dispatches its `input` event, as if the learner had moved it.
pub(crate) fn move_to(input: &HtmlInputElement, value: &str) {
    input.set_value(value);
    moved(input);
}

/// The innermost element around an event's target that matches the selector, the target itself included.
pub(crate) fn around(event: &Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok()?
}

/// Calls `take` with the files that the learner has chosen, each time that any are chosen.
pub(crate) fn on_files(picker: &HtmlInputElement, take: impl Fn(Vec<File>) + 'static) {
    let of = picker.clone();
    on(picker, "change", move |_: Event| {
        let files = of
            .files()
            .map_or_else(Vec::new, |list| (0..list.length()).filter_map(|n| list.get(n)).collect());
        // the same file can then be chosen again
        of.set_value("");
        if !files.is_empty() {
            take(files);
        }
    });
}

/// Disables a button, or enables it.
#[cfg(feature = "twin-lessons")]
pub(crate) fn disable(button: &Element, disabled: bool) {
    button.toggle_attribute_with_force("disabled", disabled).ok();
}

/// Shows in a progress bar how much is done, from 0 to 1; `None` hides the bar.
#[cfg(feature = "data-lessons")]
pub(crate) fn progress(bar: &HtmlElement, part: Option<f64>) {
    show(bar, part.is_some());
    bar.set_attribute("value", &part.unwrap_or(0.0).to_string()).ok();
}

/// A new element that holds a text.
pub(crate) fn text_element(tag: &str, class: &str, text: &str) -> Element {
    let new: Element = element(tag, class);
    new.set_text_content(Some(text));
    new
}

/// A new row of a table; its first `heads` cells are headers.
#[cfg(feature = "twin-lessons")]
pub(crate) fn table_row<T: AsRef<str>>(
    class: &str,
    heads: usize,
    texts: impl IntoIterator<Item = T>,
) -> Element {
    let row: Element = element("tr", class);
    for (at, text) in texts.into_iter().enumerate() {
        let tag = if at < heads { "th" } else { "td" };
        row.append_child(&text_element(tag, "", text.as_ref())).ok();
    }
    row
}

/// A new option of a select element.
pub(crate) fn option(value: &str, text: &str) -> Element {
    let option = text_element("option", "", text);
    option.set_attribute("value", value).ok();
    option
}

/// Whether a media query matches now.
pub(crate) fn matches_media(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|query| query.matches())
}

/// Fetches a file of the page.
///
/// # Errors
/// Why the file cannot be fetched, for the learner to read.
pub(crate) async fn fetch(address: &str) -> Result<Response, String> {
    let response = JsFuture::from(window().fetch_with_str(address)).await;
    let response = response.map_err(|_| "this page has no such file at hand".to_owned())?;
    let response: Response = response.unchecked_into();
    match response.ok() {
        true => Ok(response),
        false => Err(format!("the server answered {}", response.status())),
    }
}

/// Fetches a text file of the page.
///
/// # Errors
/// As [`fetch`]; a file that is no text.
pub(crate) async fn fetch_text(address: &str) -> Result<String, String> {
    let text = fetch(address).await?.text().map_err(|_| "it is no text".to_owned())?;
    let text = JsFuture::from(text).await.map_err(|_| "it broke off".to_owned())?;
    text.as_string().ok_or_else(|| "it is no text".to_owned())
}

/// Hands a file to the learner by a download link, which stays on the page; false where the browser makes no object
/// URL.
#[cfg(feature = "data-lessons")]
pub(crate) fn hand_out(
    link: &web_sys::HtmlAnchorElement,
    name: &str,
    blob: &web_sys::Blob,
) -> bool {
    let Ok(address) = web_sys::Url::create_object_url_with_blob(blob) else { return false };
    let before = link.href();
    link.set_href(&address);
    link.set_download(name);
    show(link, true);
    link.click();
    if before.starts_with("blob:") {
        web_sys::Url::revoke_object_url(&before).ok();
    }
    true
}
