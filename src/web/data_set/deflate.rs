//! Deflating by the browser's own streams: they add nothing to what a visitor loads.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ReadableStream, ReadableWritablePair, Response};

#[wasm_bindgen]
extern "C" {
    type CompressionStream;
    #[wasm_bindgen(constructor, catch)]
    fn new(format: &str) -> Result<CompressionStream, JsValue>;

    type DecompressionStream;
    #[wasm_bindgen(constructor, catch)]
    fn new(format: &str) -> Result<DecompressionStream, JsValue>;
}

/// zip's form of it, without a header.
const FORMAT: &str = "deflate-raw";

/// Deflates bytes.
pub(super) async fn deflate(bytes: &[u8]) -> Result<Uint8Array, JsValue> {
    let blob = Blob::new_with_u8_array_sequence(&js_sys::Array::of1(&Uint8Array::from(bytes)))?;
    let stream = CompressionStream::new(FORMAT)?;
    through(&blob.stream(), stream.as_ref()).await
}

/// Inflates bytes.
pub(super) async fn inflate(bytes: &Uint8Array) -> Result<Vec<u8>, JsValue> {
    let blob = Blob::new_with_u8_array_sequence(&js_sys::Array::of1(bytes))?;
    let stream = DecompressionStream::new(FORMAT)?;
    Ok(through(&blob.stream(), stream.as_ref()).await?.to_vec())
}

async fn through(from: &ReadableStream, stream: &JsValue) -> Result<Uint8Array, JsValue> {
    let out = from.pipe_through(stream.unchecked_ref::<ReadableWritablePair>());
    let whole = Response::new_with_opt_readable_stream(Some(&out))?.array_buffer()?;
    Ok(Uint8Array::new(&JsFuture::from(whole).await?))
}
