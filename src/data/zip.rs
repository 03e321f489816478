//! The zip format, as far as the page's data sets need it: the page reads slices of a file, and writes files that are
//! deflated already, one at a time, where a library would need all of them in memory at once.

use crate::data::member::tidy;

/// The error of a zip that cannot be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ZipError {
    /// The file is no zip, or its end is missing.
    #[error(
        "This is not a zip file, or its end is missing: a download that broke off looks like that."
    )]
    NoZip,
    /// The zip's list of files is damaged.
    #[error("This zip’s list of files is damaged.")]
    Damaged,
    /// The zip has more files or bytes than the format's first version holds.
    #[error(
        "The page handles zip files of up to 4 GB and 65,535 files. Use the command line for more: ballstick convert SET.zip FOLDER"
    )]
    Large,
    /// A file in the zip that the page cannot unpack.
    #[error(
        "{0} is encrypted or packed in another way than “deflate”; pack the zip again without that."
    )]
    Method(String),
    /// A name that leads out of the zip’s folder.
    #[error("This zip cannot be trusted: {0}.")]
    Outside(String),
}

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const LOCAL_LEN: usize = 30;
const CENTRAL_LEN: usize = 46;
const END_LEN: usize = 22;
/// Length of the end record and the longest comment that may follow it, bytes.
pub const TAIL: usize = END_LEN + u16::MAX as usize;
/// 1980-01-01, the format's first day: a fixed date, so that the same data set gives the same bytes.
const DATE: u16 = 0x21;

/// A file in a zip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The file's path, with `/` between folders whatever the zip has.
    pub name: String,
    /// Whether the file is deflated; else its bytes are stored as they are.
    pub deflated: bool,
    /// CRC-32 of the file's bytes.
    pub crc: u32,
    /// The file's length in the zip, bytes.
    pub packed: u32,
    /// The file's length when unpacked, bytes.
    pub size: u32,
    /// Where the file's header begins in the zip, in bytes from its start.
    pub at: u32,
}

impl Entry {
    fn common(&self) -> Vec<u8> {
        let method: u16 = if self.deflated { 8 } else { 0 };
        let mut out = Vec::new();
        for field in [20, 0, method, 0, DATE] {
            out.extend(field.to_le_bytes());
        }
        for field in [self.crc, self.packed, self.size] {
            out.extend(field.to_le_bytes());
        }
        out.extend((self.name.len() as u16).to_le_bytes());
        out.extend(0_u16.to_le_bytes());
        out
    }

    /// The header that precedes the file's bytes in the zip.
    pub fn header(&self) -> Vec<u8> {
        [&LOCAL.to_le_bytes(), &self.common()[..], self.name.as_bytes()].concat()
    }

    /// Where the file's bytes begin in the zip, read from the first bytes of its header.
    ///
    /// # Errors
    /// [`ZipError::Damaged`] where `header` is no file's header.
    pub fn data_at(&self, header: &[u8]) -> Result<u64, ZipError> {
        let fields = Fields(header);
        if fields.long(0)? != LOCAL {
            return Err(ZipError::Damaged);
        }
        let names = u64::from(fields.short(26)?) + u64::from(fields.short(28)?);
        Ok(u64::from(self.at) + LOCAL_LEN as u64 + names)
    }

    /// The byte range, from and to, that [`data_at`](Self::data_at) needs.
    pub fn header_range(&self) -> (u64, u64) {
        (u64::from(self.at), u64::from(self.at) + LOCAL_LEN as u64)
    }
}

/// The zip's end: its list of files, which begins at byte `at`, and its end record.
///
/// # Errors
/// [`ZipError::Large`] where there are more files or bytes than the format's first version holds.
pub fn directory(entries: &[Entry], at: u64) -> Result<Vec<u8>, ZipError> {
    let mut out = Vec::new();
    for entry in entries {
        out.extend(CENTRAL.to_le_bytes());
        // made on Unix, where files have permissions
        out.extend(0x0314_u16.to_le_bytes());
        out.extend(entry.common());
        // no comment, first disk, no internal attributes
        out.extend([0; 6]);
        out.extend((0o100_644_u32 << 16).to_le_bytes());
        out.extend(entry.at.to_le_bytes());
        out.extend(entry.name.as_bytes());
    }
    let count = u16::try_from(entries.len()).map_err(|_| ZipError::Large)?;
    let length = u32::try_from(out.len()).map_err(|_| ZipError::Large)?;
    let start = u32::try_from(at).map_err(|_| ZipError::Large)?;
    out.extend(END.to_le_bytes());
    out.extend([0; 4]);
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(length.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0; 2]);
    Ok(out)
}

/// The byte range, from and to, of the list of files, found in the zip's last bytes `tail`; `length` is the zip's.
///
/// # Errors
/// [`ZipError`]: the file is no zip, or one too large.
pub fn directory_range(tail: &[u8], length: u64) -> Result<(u64, u64), ZipError> {
    let end = (0..=tail.len().checked_sub(END_LEN).ok_or(ZipError::NoZip)?)
        .rev()
        .find(|at| tail[*at..].starts_with(&END.to_le_bytes()))
        .ok_or(ZipError::NoZip)?;
    let fields = Fields(&tail[end..]);
    let (size, from) = (fields.long(12)?, fields.long(16)?);
    if fields.short(10)? == u16::MAX || size == u32::MAX || from == u32::MAX {
        return Err(ZipError::Large);
    }
    let to = u64::from(from) + u64::from(size);
    if to > length { Err(ZipError::NoZip) } else { Ok((u64::from(from), to)) }
}

/// The files that the bytes of a list of files name.
///
/// # Errors
/// [`ZipError`]: a damaged list; a file that is neither stored nor deflated; a name that leads out of the folder.
pub fn entries(directory: &[u8]) -> Result<Vec<Entry>, ZipError> {
    let mut out = Vec::new();
    let mut rest = directory;
    while !rest.is_empty() {
        let fields = Fields(rest);
        if fields.long(0)? != CENTRAL {
            return Err(ZipError::Damaged);
        }
        let length = |at| fields.short(at).map(usize::from);
        let (name, extra, comment) = (length(28)?, length(30)?, length(32)?);
        let next = CENTRAL_LEN + name + extra + comment;
        let bytes = rest.get(CENTRAL_LEN..CENTRAL_LEN + name).ok_or(ZipError::Damaged)?;
        let name = tidy(&String::from_utf8_lossy(bytes)).map_err(ZipError::Outside)?;
        // bytes that are no text become marks, which are longer
        if name.len() > usize::from(u16::MAX) {
            return Err(ZipError::Damaged);
        }
        let (flags, method) = (fields.short(8)?, fields.short(10)?);
        let entry = Entry {
            deflated: method == 8,
            crc: fields.long(16)?,
            packed: fields.long(20)?,
            size: fields.long(24)?,
            at: fields.long(42)?,
            name,
        };
        if [entry.packed, entry.size, entry.at].contains(&u32::MAX) {
            return Err(ZipError::Large);
        }
        if flags & 1 == 1 || !(method == 0 || method == 8) {
            return Err(ZipError::Method(entry.name));
        }
        out.push(entry);
        rest = rest.get(next..).ok_or(ZipError::Damaged)?;
    }
    Ok(out)
}

struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn short(&self, at: usize) -> Result<u16, ZipError> {
        let bytes = self.0.get(at..at + 2).ok_or(ZipError::Damaged)?;
        Ok(u16::from_le_bytes([bytes[0], bytes[1]]))
    }

    fn long(&self, at: usize) -> Result<u32, ZipError> {
        Ok(u32::from(self.short(at)?) | u32::from(self.short(at + 2)?) << 16)
    }
}

#[cfg(test)]
#[cfg(feature = "data-lessons")]
mod tests {
    //! Tests against the zip crate, which the command line uses.

    use super::*;
    use ::zip::write::SimpleFileOptions;
    use ::zip::{CompressionMethod, ZipArchive, ZipWriter};
    use std::io::{Cursor, Read, Write};

    fn stored(name: &str, bytes: &[u8], at: usize) -> Entry {
        let size = bytes.len() as u32;
        let (name, crc) = (name.to_owned(), crc32fast::hash(bytes));
        Entry { name, deflated: false, crc, packed: size, size, at: at as u32 }
    }

    fn ours(files: &[(&str, &[u8])]) -> Vec<u8> {
        let (mut out, mut list) = (Vec::new(), Vec::new());
        for (name, bytes) in files {
            let entry = stored(name, bytes, out.len());
            out.extend(entry.header());
            out.extend(*bytes);
            list.push(entry);
        }
        let end = directory(&list, out.len() as u64).unwrap();
        out.extend(end);
        out
    }

    fn theirs(files: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            let options = SimpleFileOptions::default().compression_method(method);
            zip.start_file(*name, options).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    const FILES: [(&str, &[u8]); 3] =
        [("a/dataset.json", b"{}"), ("a/b.npy", b"\x93NUMPY"), ("c", b"")];

    #[test]
    fn the_zip_crate_reads_what_we_write() {
        let mut zip = ZipArchive::new(Cursor::new(ours(&FILES))).unwrap();
        assert_eq!(zip.len(), 3);
        for (name, bytes) in FILES {
            let mut file = zip.by_name(name).unwrap();
            assert_eq!(file.unix_mode(), Some(0o100_644));
            let mut found = Vec::new();
            file.read_to_end(&mut found).unwrap();
            assert_eq!(found, bytes);
        }
    }

    #[test]
    fn we_read_what_the_zip_crate_writes() {
        for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
            let bytes = theirs(&FILES, method);
            let (from, to) = directory_range(&bytes, bytes.len() as u64).unwrap();
            let list = entries(&bytes[from as usize..to as usize]).unwrap();
            assert_eq!(list.len(), 3);
            for (entry, (name, wanted)) in list.iter().zip(FILES) {
                assert_eq!(entry.name, name);
                assert_eq!(
                    (entry.size as usize, entry.crc),
                    (wanted.len(), crc32fast::hash(wanted))
                );
                let (from, to) = entry.header_range();
                let at = entry.data_at(&bytes[from as usize..to as usize]).unwrap() as usize;
                if !entry.deflated {
                    assert_eq!(&bytes[at..at + entry.packed as usize], wanted);
                }
            }
        }
    }

    #[test]
    fn what_is_no_zip_is_said_to_be_none() {
        let whole = ours(&FILES);
        for cut in [0, 10, 21, whole.len() - 23, whole.len() - 1] {
            assert!(directory_range(&whole[..cut], cut as u64).is_err(), "cut at {cut}");
        }
        let (from, to) = directory_range(&whole, whole.len() as u64).unwrap();
        let list = &whole[from as usize..to as usize];
        for cut in 1..list.len() {
            // a cut between two files leaves a shorter but sound list
            let fewer = entries(&list[..cut]);
            assert!(fewer.is_err() || fewer.is_ok_and(|l| l.len() < 3), "cut at {cut}");
        }
        let mut odd = list.to_vec();
        odd[10] = 12;
        assert_eq!(entries(&odd), Err(ZipError::Method("a/dataset.json".into())));
    }

    #[test]
    fn a_name_that_is_no_text_and_has_no_room_as_one_is_damage() {
        let listed = |length: usize| {
            let mut list = directory(&[stored(&"x".repeat(length), b"", 0)], 0).unwrap();
            list[CENTRAL_LEN..CENTRAL_LEN + length].fill(0xff);
            entries(&list[..CENTRAL_LEN + length])
        };
        assert_eq!(listed(21_845).unwrap()[0].name.len(), 65_535);
        assert_eq!(listed(21_846), Err(ZipError::Damaged));
    }

    #[test]
    fn names_are_paths_that_stay_inside() {
        let listed = |name| {
            let whole = ours(&[(name, b"x")]);
            let (from, to) = directory_range(&whole, whole.len() as u64).unwrap();
            entries(&whole[from as usize..to as usize])
        };
        let windows = listed("Ball\\train\\inputs\\sim_0000000.npy").unwrap();
        assert_eq!(windows[0].name, "Ball/train/inputs/sim_0000000.npy");
        for outside in ["../a.npy", "..\\a.npy", "/a", "C:\\a"] {
            assert!(matches!(listed(outside), Err(ZipError::Outside(_))), "{outside}");
        }
    }
}
