//! `.npz`: a zip archive of `.npy` arrays.

use std::io::{Cursor, ErrorKind, Write};

use ndarray::{ArrayBase, ArrayD, Data, Dimension};
use zip::write::SimpleFileOptions;

use super::array::{read, read_real, require_finite, write};
use super::element::Element;
use super::error::NpyError;
use crate::data::announced;
use crate::data::known::{known, zip_fault};
use crate::data::path::{is_litter, tidy};
use crate::text::count;

/// A `.npz` archive in memory.
pub struct Npz<'a> {
    archive: zip::ZipArchive<Cursor<&'a [u8]>>,
}

/// The most bytes that one array of an archive may have when unpacked.
const MEMBER_LIMIT: u64 = 8 << 30;

impl<'a> Npz<'a> {
    /// Opens the archive.
    ///
    /// # Errors
    /// [`NpyError::Archive`] where the bytes are no zip archive.
    pub fn new(bytes: &'a [u8]) -> Result<Self, NpyError> {
        // bytes may precede a zip, but a file that is plainly of another format is named so
        let other = known(bytes).filter(|_| !bytes.starts_with(b"PK"));
        let archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| {
            NpyError::Archive(match other {
                Some(what) => format!("it is {what}; numpy.savez writes an .npz"),
                None if !bytes.starts_with(b"PK") => "it is no zip archive".to_owned(),
                None => zip_fault(&e),
            })
        })?;
        Ok(Self { archive })
    }

    /// The names of the arrays.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let names = self.archive.file_names().filter_map(|n| tidy(&n.ok()?).ok());
        let arrays = names.filter(|n| !is_litter(n));
        let mut names: Vec<String> =
            arrays.filter_map(|n| n.strip_suffix(".npy").map(str::to_owned)).collect();
        names.sort();
        names
    }

    fn member(&mut self, name: &str) -> Result<Vec<u8>, NpyError> {
        let names = self.names();
        if !names.iter().any(|n| n == name) {
            let present = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            return Err(NpyError::Missing { name: name.to_owned(), present });
        }
        let damaged = |e: String| NpyError::Archive(format!("{name}.npy: {e}"));
        let wanted = format!("{name}.npy");
        let is = |n: &str| !is_litter(n) && tidy(n).is_ok_and(|n| n == wanted);
        let index = self.archive.file_names().position(|n| n.is_ok_and(|n| is(&n)));
        let file = self.archive.by_index(index.unwrap_or_default());
        let file = file.map_err(|e| damaged(zip_fault(&e)))?;
        let size = file.size();
        if size > MEMBER_LIMIT {
            return Err(damaged(format!(
                "it announces {}, more than are read",
                count(size, "byte")
            )));
        }
        // the reader compares length and CRC-32 at the end
        announced::read(file, size).map_err(|e| match e.kind() {
            ErrorKind::OutOfMemory => NpyError::Memory { bytes: size.into() },
            _ => damaged(zip_fault(&e.into())),
        })
    }

    /// Reads the array of this name, which must have exactly this element type.
    ///
    /// # Errors
    /// [`NpyError`]: the array is missing, damaged, or of another type; the message names it.
    pub fn read<T: Element>(&mut self, name: &str) -> Result<ArrayD<T>, NpyError> {
        let bytes = self.member(name)?;
        read(&bytes).map_err(|e| in_member(name, e))
    }

    /// Reads the array of this name, of any real type, as f64; every value must be finite.
    ///
    /// # Errors
    /// [`NpyError`]: the array is missing, damaged, holds no real numbers or one that is not finite; the message names
    /// it.
    pub fn read_real(&mut self, name: &str) -> Result<ArrayD<f64>, NpyError> {
        let bytes = self.member(name)?;
        let array = read_real(&bytes).map_err(|e| in_member(name, e))?;
        require_finite(&array).map_err(|e| in_member(name, e))?;
        Ok(array)
    }
}

fn in_member(name: &str, source: NpyError) -> NpyError {
    NpyError::Member { name: name.to_owned(), source: Box::new(source) }
}

/// A writer that collects arrays into a compressed `.npz`.
pub struct NpzWriter {
    zip: zip::ZipWriter<Cursor<Vec<u8>>>,
}

impl Default for NpzWriter {
    fn default() -> Self {
        Self { zip: zip::ZipWriter::new(Cursor::new(Vec::new())) }
    }
}

impl NpzWriter {
    /// Adds an array under this name.
    ///
    /// # Errors
    /// [`NpyError::Archive`] where the name is used twice.
    pub fn add<T, S, D>(&mut self, name: &str, array: &ArrayBase<S, D>) -> Result<(), NpyError>
    where
        T: Element,
        S: Data<Elem = T>,
        D: Dimension,
    {
        self.add_file(&format!("{name}.npy"), &write(array))
    }

    /// Adds a file of any kind under this name.
    ///
    /// # Errors
    /// [`NpyError::Archive`] where the name is used twice.
    pub fn add_file(&mut self, name: &str, bytes: &[u8]) -> Result<(), NpyError> {
        // a fixed time stamp: the same arrays give the same bytes
        let options = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default());
        let fault = |e: &dyn std::fmt::Display| NpyError::Archive(e.to_string());
        self.zip.start_file(name, options).map_err(|e| fault(&e))?;
        self.zip.write_all(bytes).map_err(|e| fault(&e))
    }

    /// The archive's bytes.
    ///
    /// # Errors
    /// [`NpyError::Archive`] where the archive is too large for its format.
    pub fn finish(self) -> Result<Vec<u8>, NpyError> {
        let cursor = self.zip.finish().map_err(|e| NpyError::Archive(e.to_string()))?;
        Ok(cursor.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn an_archive_names_what_is_missing_or_wrong() {
        let mut npz = NpzWriter::default();
        npz.add("x", &array![1.0_f64, f64::NAN]).unwrap();
        let bytes = npz.finish().unwrap();
        let mut npz = Npz::new(&bytes).unwrap();
        assert!(npz.read_real("y").unwrap_err().to_string().contains("\"y\""));
        assert!(npz.read_real("x").unwrap_err().to_string().contains("\"x\""));
        assert!(npz.read::<f32>("x").unwrap_err().to_string().contains("float32"));
        assert!(Npz::new(&bytes[..40]).is_err());
        let mut damaged = bytes.clone();
        // damage to the checksum, in the file's header and in the list of files
        let list = bytes.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
        damaged[16..18].copy_from_slice(&[0; 2]);
        damaged[list + 16..list + 18].copy_from_slice(&[0; 2]);
        let message = Npz::new(&damaged).unwrap().read_real("x").unwrap_err().to_string();
        assert!(message.contains("another CRC-32"), "{message}");
    }

    #[test]
    fn an_announced_size_alone_takes_no_memory() {
        let mut npz = NpzWriter::default();
        npz.add("x", &ndarray::Array1::from_elem(1000, 1.0_f64)).unwrap();
        let mut bytes = npz.finish().unwrap();
        let list = bytes.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
        // 4 GB, in the list of files and before the file
        bytes[list + 24..list + 28].fill(0xfe);
        bytes[22..26].fill(0xfe);
        assert_eq!(Npz::new(&bytes).unwrap().read_real("x").unwrap().len(), 1000);
    }

    #[test]
    fn names_are_paths_however_they_are_written() {
        for name in ["./x.npy", ".\\x.npy", "x.npy"] {
            let mut npz = NpzWriter::default();
            npz.add_file("._x.npy", b"litter").unwrap();
            npz.add_file(name, &write(&array![1.0_f64])).unwrap();
            let bytes = npz.finish().unwrap();
            let mut npz = Npz::new(&bytes).unwrap();
            assert_eq!(npz.names(), ["x"], "{name}");
            assert_eq!(npz.read_real("x").unwrap().len(), 1, "{name}");
        }
    }

    #[test]
    fn what_is_packed_otherwise_is_told_in_plain_words() {
        let mut npz = NpzWriter::default();
        npz.add("x", &array![1.0_f64]).unwrap();
        let mut bytes = npz.finish().unwrap();
        let list = bytes.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
        // the code of LZMA as the packing method
        bytes[8] = 14;
        bytes[list + 10] = 14;
        let message = Npz::new(&bytes).unwrap().read_real("x").unwrap_err().to_string();
        assert!(message.contains("packed in another way than \"deflate\""), "{message}");
    }
}
