//! A file that several readers share, each at a place of its own.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

/// Bytes that are read at a time.
const BUFFER: usize = 1 << 14;

/// A buffered reader of a shared file. A clone reads the same file from where the original stands.
#[derive(Clone)]
pub struct SharedFile {
    file: Arc<File>,
    /// Where the buffer's end is in the file.
    end: u64,
    buffer: Vec<u8>,
    /// How much of the buffer has been read.
    read: usize,
}

impl SharedFile {
    /// A reader at the start of a file.
    pub fn new(file: File) -> Self {
        Self { file: Arc::new(file), end: 0, buffer: Vec::new(), read: 0 }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.buffer.resize(BUFFER, 0);
        self.read = 0;
        let found = read_at(&self.file, &mut self.buffer, self.end);
        self.buffer.truncate(*found.as_ref().unwrap_or(&0));
        self.end += found? as u64;
        Ok(())
    }
}

#[cfg(unix)]
fn read_at(file: &File, into: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, into, at)
}

#[cfg(windows)]
fn read_at(file: &File, into: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, into, at)
}

impl Read for SharedFile {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.read == self.buffer.len() {
            self.fill()?;
        }
        let found = (&self.buffer[self.read..]).read(out)?;
        self.read += found;
        Ok(found)
    }
}

impl Seek for SharedFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let start = self.end - self.buffer.len() as u64;
        let here = start + self.read as u64;
        let place = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => here.checked_add_signed(by),
            SeekFrom::End(by) => self.file.metadata()?.len().checked_add_signed(by),
        };
        let place = place.ok_or(io::ErrorKind::InvalidInput)?;
        if (start..=self.end).contains(&place) {
            self.read = (place - start) as usize;
        } else {
            self.buffer.clear();
            (self.end, self.read) = (place, 0);
        }
        Ok(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn clones_read_the_same_file_at_places_of_their_own() {
        let mut file = tempfile::tempfile().unwrap();
        let bytes: Vec<u8> = (0..3 * BUFFER + 100).map(|i| (i / 7) as u8).collect();
        file.write_all(&bytes).unwrap();
        let mut one = SharedFile::new(file);
        let read = |file: &mut SharedFile, n: usize| {
            let mut out = vec![0; n];
            file.read_exact(&mut out).unwrap();
            out
        };
        assert_eq!(read(&mut one, 10), bytes[..10]);
        let mut other = one.clone();
        assert_eq!(other.seek(SeekFrom::End(-50)).unwrap(), bytes.len() as u64 - 50);
        assert_eq!(read(&mut other, 50), bytes[bytes.len() - 50..]);
        assert_eq!(other.read(&mut [0; 9]).unwrap(), 0);
        assert_eq!(read(&mut one, 2 * BUFFER), bytes[10..2 * BUFFER + 10]);
        // back within the buffer, to its edges, and before it
        for by in [-5, -(BUFFER as i64) / 2, -(BUFFER as i64)] {
            let at = one.seek(SeekFrom::Current(by)).unwrap() as usize;
            assert_eq!(read(&mut one, 20), bytes[at..at + 20], "{by}");
        }
        assert!(one.seek(SeekFrom::Current(i64::MIN)).is_err());
        assert_eq!(one.seek(SeekFrom::Start(1 << 40)).unwrap(), 1 << 40);
        assert_eq!(one.read(&mut [0; 9]).unwrap(), 0);
        assert_eq!(one.seek(SeekFrom::Start(BUFFER as u64)).unwrap(), BUFFER as u64);
        assert_eq!(read(&mut one, 1), bytes[BUFFER..=BUFFER]);
    }
}
