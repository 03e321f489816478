//! Deflating by zlib in the worker, inflating by the browser's streams.
//!
//! A data set is made no faster than its files are packed. The browser's own `CompressionStream` takes the best ratio
//! and the time that this takes; here files that shrink well are deflated fast, and voltages, which would shrink by
//! hardly a fifth, are put into deflate's stored blocks as they are. So every stored file is raw deflate, which every
//! reader of zips inflates, and checksums and lengths of the plain files are the same whatever the effort.

use crate::data::Part;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use js_sys::Uint8Array;
use std::io::Write;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ReadableStream, ReadableWritablePair, Response};

#[wasm_bindgen]
extern "C" {
    type DecompressionStream;
    #[wasm_bindgen(constructor, catch)]
    fn new(format: &str) -> Result<DecompressionStream, JsValue>;
}

/// The deflate format that a zip holds: raw, without a header.
const FORMAT: &str = "deflate-raw";

/// The effort that deflating a part's file is worth.
fn effort(part: Part) -> Compression {
    match part {
        // mostly zeros, or steps
        Part::Inputs | Part::Spikes | Part::NearSpikes | Part::InstRate => Compression::fast(),
        // voltages of a simulation differ in every digit
        Part::SomaV | Part::BranchV => Compression::none(),
    }
}

/// Deflates the bytes of a part's file.
pub fn deflate(part: Part, bytes: &[u8]) -> Vec<u8> {
    let out = Vec::with_capacity(bytes.len() / 2);
    let mut encoder = DeflateEncoder::new(out, effort(part));
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.expect("memory takes all that is written to it")
}

/// Inflates raw deflate; an error where the bytes are damaged.
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

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::DeflateDecoder;
    use std::io::Read;

    #[test]
    fn every_part_inflates_to_what_it_was() {
        let noise = |n: usize| -> Vec<u8> {
            (0..n as u64).map(|k| (k.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect()
        };
        let sparse = |n: usize| (0..n).map(|k| if k % 97 == 0 { k as u8 } else { 0 }).collect();
        // zero, one, two and three stored blocks of up to 65,535 bytes
        for n in [0, 1, 1000, 65_535, 65_536, 131_200] {
            for part in Part::ALL {
                for bytes in [noise(n), sparse(n)] {
                    let packed = deflate(part, &bytes);
                    let mut found = Vec::new();
                    DeflateDecoder::new(&packed[..]).read_to_end(&mut found).unwrap();
                    assert!(found == bytes, "{part:?} {n}");
                    // a stored block has a header of five bytes
                    assert!(packed.len() <= n + n / 1000 + 64, "{part:?} {n}: {}", packed.len());
                }
            }
            assert!(deflate(Part::Inputs, &sparse(n)).len() <= n / 8 + 16, "{n}");
        }
    }
}
