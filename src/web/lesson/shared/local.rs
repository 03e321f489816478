//! Files that the learner chooses, and places that are filled with elements.

use crate::text;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Element};

/// The text of a file.
///
/// # Errors
/// A file that cannot be read, or is no text, in words for the learner.
pub(in crate::web::lesson) async fn text_of_file(file: &Blob) -> Result<String, String> {
    let unreadable = || "The file cannot be read: is it still where it was?".to_owned();
    let buffer = JsFuture::from(file.array_buffer()).await.map_err(|_| unreadable())?;
    let bytes = js_sys::Uint8Array::new(&buffer).to_vec();
    Ok(text::decode(&bytes)?.into_owned())
}

/// Puts elements into a place, in place of its content.
pub(in crate::web::lesson) fn put_in(place: &Element, children: &[Element]) {
    place.set_inner_html("");
    for child in children {
        place.append_child(child).ok();
    }
}
