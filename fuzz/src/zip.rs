//! Zip archives with right checksums, and wrong ones.

use std::io::{Cursor, Read, Write, sink};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::{Result, Unstructured, damage};

/// An archive of these files.
pub fn archive(u: &mut Unstructured<'_>, files: &[(String, Vec<u8>)]) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let method =
            if u.arbitrary()? { CompressionMethod::Deflated } else { CompressionMethod::Stored };
        let options = SimpleFileOptions::default().compression_method(method);
        // a name that is there already has no second place
        if zip.start_file(name.as_str(), options).is_ok() {
            zip.write_all(bytes).ok();
        }
    }
    let mut out = zip.finish().map(Cursor::into_inner).unwrap_or_default();
    damage(u, &mut out)?;
    Ok(out)
}

/// How long an archive's files are unpacked: one of a thousandth of that length is a whole one, so that this is the
/// input that a reader of it has. As long as the archive where it is none.
pub fn unpacked(archive: &[u8]) -> usize {
    let Ok(mut zip) = ZipArchive::new(Cursor::new(archive)) else { return archive.len() };
    let mut length = archive.len();
    for i in 0..zip.len() {
        let Ok(file) = zip.by_index(i) else { continue };
        // as far as it is sound
        let most = file.size().saturating_add(1).min(1 << 28);
        length += std::io::copy(&mut file.take(most), &mut sink()).unwrap_or_default() as usize;
    }
    length
}
