//! Packs the data set into a zip of files in the original's formats; the stored files are deflated already.

use super::answer::Zip;
use super::record::{Packed, Record, checksums};
use super::store::{SetStoreError, Store};
use crate::data::{Manifest, Part, manifest, zip};
use crate::web::port::{Concurrent, Never, PortError};
use crate::web::protocol::Pack;
use js_sys::{Array, Uint8Array};
use web_sys::{Blob, BlobPropertyBag};

/// The `dataset.json` of the stored data set, with the checksums of all its simulations, as the command line writes it.
fn described(manifest: &Manifest, records: &[Record]) -> String {
    Manifest { checksums: checksums(records), ..manifest.clone() }.to_json()
}

impl Concurrent for Pack {
    async fn run(&self, _: &dyn Fn(Never)) -> Result<Zip, PortError> {
        let Self(stored) = self;
        let store = Store::open().await?;
        let records = store.records(&stored.id).await?;
        let (parts, mut list, mut at) = (Array::new(), Vec::new(), 0_u64);
        let mut add = |name: String, deflated: bool, file: Packed, bytes: &Uint8Array| {
            let start = u32::try_from(at).map_err(|_| zip::ZipError::Large)?;
            let (crc, packed, size) = (file.crc, file.packed, file.size);
            let entry = zip::Entry { name, deflated, crc, packed, size, at: start };
            let header = entry.header();
            at += header.len() as u64 + u64::from(packed);
            parts.push(&Uint8Array::from(&header[..]));
            parts.push(bytes);
            list.push(entry);
            Ok::<(), PortError>(())
        };
        let manifest = stored.manifest.as_ref().map(|manifest| {
            (manifest::FILE_NAME.to_owned(), described(manifest, &records).into_bytes())
        });
        let neuron = stored.neuron_file().map(|file| (file.name, file.bytes));
        for (name, bytes) in manifest.into_iter().chain(neuron) {
            let size = bytes.len() as u32;
            let file = Packed { crc: crc32fast::hash(&bytes), size, packed: size };
            add(format!("{}/{name}", stored.name), false, file, &Uint8Array::from(&bytes[..]))?;
        }
        for record in &records {
            let files = store.files(&stored.id, record.key()).await?;
            for part in Part::ALL {
                let name = format!("{}/{}", stored.name, record.path(part));
                add(name, true, record.files[part as usize], &files[part as usize])?;
            }
        }
        let end = zip::directory(&list, at)?;
        parts.push(&Uint8Array::from(&end[..]));
        let options = BlobPropertyBag::new();
        options.set_type("application/zip");
        let blob = Blob::new_with_buffer_source_sequence_and_options(&parts, &options);
        Ok(Zip(blob.map_err(SetStoreError::from)?))
    }
}
