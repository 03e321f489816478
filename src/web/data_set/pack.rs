//! The data set as a zip of the seed's files: what is kept is deflated already.

use super::task::News;
use super::{Kept, Record, Store, StoreError, checksums, zip};
use crate::data::{Manifest, Part, manifest};
use js_sys::{Array, Uint8Array};
use web_sys::{Blob, BlobPropertyBag};

/// `dataset.json` of all that is kept, with checksums, as the command line writes it.
fn described(manifest: &Manifest, records: &[Record]) -> String {
    Manifest { checksums: checksums(records), ..manifest.clone() }.to_json()
}

/// Packs everything that is kept of a data set.
///
/// # Errors
/// Why not, for the learner to read.
pub(super) async fn pack(kept: &Kept) -> Result<News, String> {
    let store = Store::open().await.map_err(|error| error.to_string())?;
    packed(&store, kept).await
}

async fn packed(store: &Store, kept: &Kept) -> Result<News, String> {
    let failed = |error: StoreError| error.to_string();
    let records = store.records(&kept.id).await.map_err(failed)?;
    let (parts, mut list, mut at) = (Array::new(), Vec::new(), 0_u64);
    let mut add = |name: String, deflated: bool, file: super::Packed, bytes: &Uint8Array| {
        let start = u32::try_from(at).map_err(|_| zip::ZipError::Large.to_string())?;
        let (crc, packed, size) = (file.crc, file.packed, file.size);
        let entry = zip::Entry { name, deflated, crc, packed, size, at: start };
        let header = entry.header();
        at += header.len() as u64 + u64::from(packed);
        parts.push(&Uint8Array::from(&header[..]));
        parts.push(bytes);
        list.push(entry);
        Ok::<(), String>(())
    };
    let manifest = kept.manifest.as_ref().map(|manifest| {
        (manifest::FILE_NAME.to_owned(), described(manifest, &records).into_bytes())
    });
    let neuron = kept.neuron_file().map(|file| (file.name, file.bytes));
    for (name, bytes) in manifest.into_iter().chain(neuron) {
        let size = bytes.len() as u32;
        let file = super::Packed { crc: crc32fast::hash(&bytes), size, packed: size };
        add(format!("{}/{name}", kept.name), false, file, &Uint8Array::from(&bytes[..]))?;
    }
    for record in &records {
        let files = store.files(&kept.id, record.key()).await.map_err(failed)?;
        for part in Part::ALL {
            let name = format!("{}/{}", kept.name, record.path(part));
            add(name, true, record.files[part as usize], &files[part as usize])?;
        }
    }
    let end = zip::directory(&list, at).map_err(|error| error.to_string())?;
    parts.push(&Uint8Array::from(&end[..]));
    let options = BlobPropertyBag::new();
    options.set_type("application/zip");
    let blob = Blob::new_with_buffer_source_sequence_and_options(&parts, &options);
    blob.map(News::Packed).map_err(|error| failed(error.into()))
}
