//! NumPy's `.npy` arrays and `.npz` archives of them, to and from bytes.

use std::io::{Cursor, Read, Write};

use ::half::f16;
use ndarray::{Array, ArrayBase, ArrayD, Data, Dimension, IxDyn};
use npyz::{DType, NpyHeader, NpyReader, Order, TypeChar, WriterBuilder};
use zip::write::SimpleFileOptions;

/// Bytes that are no array, or not the array that is needed.
#[derive(Debug, thiserror::Error)]
pub enum NpyError {
    /// Not in the `.npy` format.
    #[error("not a NumPy array: {0}")]
    Format(String),
    /// Fewer or more bytes than the header announces.
    #[error(
        "truncated or damaged: the header announces {expected} bytes of data, there are {found}"
    )]
    Length {
        /// Bytes announced.
        expected: u128,
        /// Bytes there.
        found: usize,
    },
    /// Another element type.
    #[error("holds {found}, but {expected} is needed")]
    Dtype {
        /// NumPy's name of the type found.
        found: String,
        /// The type needed.
        expected: &'static str,
    },
    /// Another shape.
    #[error("has shape {found:?}, but {expected} is needed")]
    Shape {
        /// Shape found.
        found: Vec<usize>,
        /// Shape needed.
        expected: String,
    },
    /// A value that is not a number, or infinite.
    #[error("holds a value that is not finite, the first at {at:?}")]
    NotFinite {
        /// Its index.
        at: Vec<usize>,
    },
    /// Not a zip archive, or a damaged one.
    #[error("not a readable .npz archive: {0}")]
    Archive(String),
    /// The archive lacks an array.
    #[error("has no array \"{name}\"; it has {present}")]
    Missing {
        /// The array needed.
        name: String,
        /// The arrays there.
        present: String,
    },
    /// A fault of one array of an archive.
    #[error("array \"{name}\": {source}")]
    Member {
        /// The array.
        name: String,
        /// What is wrong with it.
        source: Box<NpyError>,
    },
}

/// An element type of arrays.
pub trait Element: npyz::Deserialize + npyz::AutoSerialize + Clone {
    /// Its name in NumPy.
    const NAME: &'static str;
}

macro_rules! elements {
    ($($t:ty => $name:literal),*) => { $(impl Element for $t { const NAME: &'static str = $name; })* };
}
elements!(f16 => "float16", f32 => "float32", f64 => "float64", bool => "bool", i32 => "int32", i64 => "int64", u8 => "uint8");

struct Parsed<'a> {
    header: NpyHeader,
    shape: Vec<usize>,
    data: &'a [u8],
}

fn parse(bytes: &[u8]) -> Result<Parsed<'_>, NpyError> {
    refuse_impossible_shape(bytes)?;
    let mut data = bytes;
    let header = NpyHeader::from_reader(&mut data).map_err(|e| NpyError::Format(e.to_string()))?;
    let DType::Plain(kind) = header.dtype() else {
        return Err(NpyError::Format("records are not supported".to_owned()));
    };
    let item = kind.num_bytes().filter(|_| !kind.uses_pickled_array());
    let item = item.ok_or_else(|| NpyError::Format(format!("unsupported type {kind}")))?;
    let expected = header
        .shape()
        .iter()
        .try_fold(item as u128, |n, &d| n.checked_mul(u128::from(d)))
        .ok_or_else(|| NpyError::Format("impossible shape".to_owned()))?;
    if expected != data.len() as u128 {
        return Err(NpyError::Length { expected, found: data.len() });
    }
    // fits: the bytes are in memory (a shape with a 0 in it may still hold a huge other number)
    let shape = header.shape().iter().map(|&d| usize::try_from(d).unwrap_or(usize::MAX)).collect();
    Ok(Parsed { header, shape, data })
}

/// Refuses a shape whose number of elements overflows, before anything multiplies it out.
fn refuse_impossible_shape(bytes: &[u8]) -> Result<(), NpyError> {
    // magic, version and the header's length take 10 or 12 bytes; the text follows
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(64 << 10)]);
    let shape = text.split("'shape':").nth(1).and_then(|t| t.split(')').next()).unwrap_or("");
    let mut count = 1_u64;
    for number in shape.split(|c: char| !c.is_ascii_digit()).filter(|n| !n.is_empty()) {
        // a 0 makes the array empty but must not hide the others
        let number = number.parse::<u64>().ok().map(|n| n.max(1));
        count = number
            .and_then(|n| count.checked_mul(n))
            .filter(|n| *n < 1 << 48)
            .ok_or_else(|| NpyError::Format(format!("impossible shape {}", shape.trim())))?;
    }
    Ok(())
}

impl Parsed<'_> {
    fn type_name(&self) -> String {
        match self.header.dtype() {
            DType::Plain(kind) => kind.to_string(),
            other => other.descr(),
        }
    }

    fn values<T: Element>(&self) -> Result<ArrayD<T>, NpyError> {
        let file = npyz::NpyFile::with_header(self.header.clone(), self.data);
        let reader: NpyReader<T, _> = file
            .data()
            .map_err(|_| NpyError::Dtype { found: self.type_name(), expected: T::NAME })?;
        let values: Vec<T> =
            reader.collect::<Result<_, _>>().map_err(|e| NpyError::Format(e.to_string()))?;
        let fault = |e: ndarray::ShapeError| NpyError::Format(e.to_string());
        if self.header.order() == Order::Fortran {
            let reversed: Vec<usize> = self.shape.iter().rev().copied().collect();
            let array = Array::from_shape_vec(IxDyn(&reversed), values).map_err(fault)?;
            return Ok(array.reversed_axes().as_standard_layout().into_owned());
        }
        Array::from_shape_vec(IxDyn(&self.shape), values).map_err(fault)
    }
}

/// Reads an array of exactly this element type.
///
/// # Errors
/// Bytes that are no `.npy`, are cut short, or hold another type.
pub fn read<T: Element>(bytes: &[u8]) -> Result<ArrayD<T>, NpyError> {
    parse(bytes)?.values()
}

/// Reads an array of any real type as f64.
///
/// # Errors
/// Bytes that are no `.npy`, are cut short, or hold no real numbers.
pub fn read_real(bytes: &[u8]) -> Result<ArrayD<f64>, NpyError> {
    let parsed = parse(bytes)?;
    let DType::Plain(kind) = parsed.header.dtype() else {
        return Err(NpyError::Format("records are not supported".to_owned()));
    };
    match (kind.type_char(), kind.size_field()) {
        (TypeChar::Float, 2) => Ok(parsed.values::<f16>()?.mapv(f64::from)),
        (TypeChar::Float, 4) => Ok(parsed.values::<f32>()?.mapv(f64::from)),
        (TypeChar::Float, 8) => parsed.values::<f64>(),
        (TypeChar::Bool, 1) => Ok(parsed.values::<bool>()?.mapv(|b| f64::from(u8::from(b)))),
        (TypeChar::Uint, 1) => Ok(parsed.values::<u8>()?.mapv(f64::from)),
        (TypeChar::Int, 4) => Ok(parsed.values::<i32>()?.mapv(f64::from)),
        (TypeChar::Int, 8) => Ok(parsed.values::<i64>()?.mapv(|i| i as f64)),
        _ => Err(NpyError::Dtype { found: parsed.type_name(), expected: "real numbers" }),
    }
}

/// Requires every value to be finite.
///
/// # Errors
/// [`NpyError::NotFinite`] with the first index.
pub fn require_finite(array: &ArrayD<f64>) -> Result<(), NpyError> {
    match array.indexed_iter().find(|(_, v)| !v.is_finite()) {
        Some((at, _)) => Err(NpyError::NotFinite { at: at.slice().to_vec() }),
        None => Ok(()),
    }
}

/// The `.npy` bytes of an array, in C order: to the bit what `numpy.save` writes.
#[must_use]
pub fn write<T, S, D>(array: &ArrayBase<S, D>) -> Vec<u8>
where
    T: Element,
    S: Data<Elem = T>,
    D: Dimension,
{
    let shape: Vec<u64> = array.shape().iter().map(|&d| d as u64).collect();
    let mut bytes = Vec::with_capacity(256 + array.len() * std::mem::size_of::<T>());
    // writing into memory and the header of a plain type cannot fail
    let written = npyz::WriteOptions::<T>::new()
        .default_dtype()
        .shape(&shape)
        .writer(&mut bytes)
        .begin_nd()
        .and_then(|mut w| {
            w.extend(array.iter().cloned())?;
            w.finish()
        });
    debug_assert!(written.is_ok());
    // npyz spells shapes in another way than numpy does
    let body = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    bytes.splice(..body, header(&T::default_dtype().descr(), &shape));
    bytes
}

/// A header of version 1.0 as `numpy.lib.format` writes it (numpy 1.23 and later).
fn header(descr: &str, shape: &[u64]) -> Vec<u8> {
    let dims: Vec<String> = shape.iter().map(u64::to_string).collect();
    let comma = if dims.len() == 1 { "," } else { "" };
    let tuple = dims.join(", ");
    let text = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': ({tuple}{comma}), }}");
    // room for the first axis to grow to 21 digits in place, then to a multiple of 64 bytes with the line's end
    let room = dims.first().map_or(0, |d| 21 - d.len());
    let length = (10 + text.len() + room + 1) / 64 * 64 + 64 - 10;
    let mut header = b"\x93NUMPY\x01\x00".to_vec();
    header.extend((length as u16).to_le_bytes());
    header.extend(format!("{text:<width$}\n", width = length - 1).as_bytes());
    header
}

/// A `.npz` archive in memory.
pub struct Npz<'a> {
    archive: zip::ZipArchive<Cursor<&'a [u8]>>,
}

/// The most bytes that one array of an archive may unpack to.
const MEMBER_LIMIT: u64 = 8 << 30;

impl<'a> Npz<'a> {
    /// Opens the archive.
    ///
    /// # Errors
    /// Bytes that are no zip archive.
    pub fn new(bytes: &'a [u8]) -> Result<Self, NpyError> {
        let archive = zip::ZipArchive::new(Cursor::new(bytes));
        Ok(Self { archive: archive.map_err(|e| NpyError::Archive(e.to_string()))? })
    }

    /// The names of the arrays.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .archive
            .file_names()
            .filter_map(|n| n.ok()?.strip_suffix(".npy").map(str::to_owned))
            .collect();
        names.sort();
        names
    }

    fn member(&mut self, name: &str) -> Result<Vec<u8>, NpyError> {
        let names = self.names();
        if !names.iter().any(|n| n == name) {
            let present = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            return Err(NpyError::Missing { name: name.to_owned(), present });
        }
        let damaged = |e: &dyn std::fmt::Display| NpyError::Archive(format!("{name}.npy: {e}"));
        let file = self.archive.by_name(&format!("{name}.npy")).map_err(|e| damaged(&e))?;
        if file.size() > MEMBER_LIMIT {
            return Err(damaged(&format!("announces {} bytes", file.size())));
        }
        let mut bytes = Vec::new();
        file.take(MEMBER_LIMIT).read_to_end(&mut bytes).map_err(|e| damaged(&e))?;
        Ok(bytes)
    }

    /// An array of exactly this element type.
    ///
    /// # Errors
    /// The array is missing, damaged, or of another type; the message names it.
    pub fn read<T: Element>(&mut self, name: &str) -> Result<ArrayD<T>, NpyError> {
        let bytes = self.member(name)?;
        read(&bytes).map_err(|e| in_member(name, e))
    }

    /// An array of any real type, as f64, every value finite.
    ///
    /// # Errors
    /// The array is missing, damaged, holds no real numbers or one that is not finite; the message names it.
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

/// Collects arrays into a compressed `.npz`.
pub struct NpzWriter {
    zip: zip::ZipWriter<Cursor<Vec<u8>>>,
}

impl Default for NpzWriter {
    fn default() -> Self {
        Self { zip: zip::ZipWriter::new(Cursor::new(Vec::new())) }
    }
}

impl NpzWriter {
    /// Adds an array.
    ///
    /// # Errors
    /// A name used twice.
    pub fn add<T, S, D>(&mut self, name: &str, array: &ArrayBase<S, D>) -> Result<(), NpyError>
    where
        T: Element,
        S: Data<Elem = T>,
        D: Dimension,
    {
        self.add_file(&format!("{name}.npy"), &write(array))
    }

    /// Adds a file of any kind.
    ///
    /// # Errors
    /// A name used twice.
    pub fn add_file(&mut self, name: &str, bytes: &[u8]) -> Result<(), NpyError> {
        // a fixed time stamp: the same arrays give the same bytes
        let options = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default());
        let fault = |e: String| NpyError::Archive(e);
        self.zip.start_file(name, options).map_err(|e| fault(e.to_string()))?;
        self.zip.write_all(bytes).map_err(|e| fault(e.to_string()))
    }

    /// The archive's bytes.
    ///
    /// # Errors
    /// An archive too large for its format.
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
    fn arrays_come_back_as_they_were() {
        let a = array![[1.5_f32, -2.0], [0.0, f32::MAX]];
        assert_eq!(read::<f32>(&write(&a)).unwrap(), a.into_dyn());
        let b = array![true, false];
        assert_eq!(read::<bool>(&write(&b)).unwrap(), b.into_dyn());
    }

    #[test]
    fn a_cut_or_grown_array_is_refused() {
        let bytes = write(&array![1.0_f64, 2.0]);
        for cut in [0, 5, 20, bytes.len() - 1] {
            assert!(read::<f64>(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        let grown = [&bytes[..], &[0]].concat();
        assert!(matches!(read::<f64>(&grown), Err(NpyError::Length { .. })));
    }

    #[test]
    fn a_header_that_announces_the_moon_is_refused_without_memory() {
        let text =
            "{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999999, 9999999999999), }\n";
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((text.len() as u16).to_le_bytes());
        bytes.extend(text.as_bytes());
        assert!(read::<f64>(&bytes).unwrap_err().to_string().contains("impossible shape"));
    }

    #[test]
    fn fortran_order_is_turned() {
        let text = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }\n";
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((text.len() as u16).to_le_bytes());
        bytes.extend(text.as_bytes());
        bytes.extend([1, 4, 2, 5, 3, 6]);
        assert_eq!(read::<u8>(&bytes).unwrap(), array![[1_u8, 2, 3], [4, 5, 6]].into_dyn());
    }

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
    }
}
