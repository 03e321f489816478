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
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    ReadableStreamDefaultReader, ReadableStreamReadResult, ReadableWritablePair,
    WritableStreamDefaultWriter,
};

#[wasm_bindgen]
extern "C" {
    type DecompressionStream;
    #[wasm_bindgen(constructor, catch)]
    fn new(format: &str) -> Result<DecompressionStream, JsValue>;
}

/// The deflate format that a zip holds: raw, without a header.
const FORMAT: &str = "deflate-raw";

/// The most that one array may unpack to, bytes: the inputs of 70 minutes of 64 segments, in half precision.
pub(super) const LIMIT: u32 = 1 << 30;

/// How many packed bytes the browser inflates at a time, which become 33 MiB at most.
const PIECE: u32 = 1 << 15;

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

/// Inflates raw deflate.
///
/// # Errors
/// Bytes that are damaged, or that make more than `most`.
pub async fn inflate(bytes: &Uint8Array, most: u32) -> Result<Vec<u8>, JsValue> {
    let stream = DecompressionStream::new(FORMAT)?;
    let stream = stream.unchecked_ref::<ReadableWritablePair>();
    spawn_local(feed(stream.get_writable().get_writer()?, bytes.clone()));
    let reader = stream.get_readable().get_reader();
    let reader = reader.unchecked_ref::<ReadableStreamDefaultReader>();
    let mut out = Vec::new();
    loop {
        let read = JsFuture::from(reader.read()).await?;
        let read = read.unchecked_ref::<ReadableStreamReadResult>();
        if read.get_done() == Some(true) {
            return Ok(out);
        }
        let part = Uint8Array::new(&read.get_value());
        let (from, to) = (out.len(), out.len() + part.length() as usize);
        if to > most as usize || out.try_reserve(to - from).is_err() {
            JsFuture::from(reader.cancel()).await.ok();
            return Err("more than is read".into());
        }
        out.resize(to, 0);
        part.copy_to(&mut out[from..]);
    }
}

/// Gives bytes to a stream piece by piece, the next one when what the last one made was taken. Where the stream has ended,
/// its reader is told why.
async fn feed(into: WritableStreamDefaultWriter, bytes: Uint8Array) {
    for from in (0..bytes.length()).step_by(PIECE as usize) {
        let piece = bytes.subarray(from, (from + PIECE).min(bytes.length()));
        if JsFuture::from(into.write_with_chunk(&piece)).await.is_err() {
            return;
        }
    }
    JsFuture::from(into.close()).await.ok();
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
