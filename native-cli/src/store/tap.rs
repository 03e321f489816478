//! A writer that can be shut from outside.
//!
//! A zip's writer that is dropped early completes the archive all the same, and prints to stderr if it cannot. Behind a
//! tap that is shut, or has met an error, its output is dropped, and it meets no further error to print.

use std::io::{Result, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A writer that passes its output on until it is shut, or a write fails.
pub struct Tap<W> {
    writer: W,
    shut: Arc<AtomicBool>,
    /// The position that the writer would have, once the tap is shut.
    at: u64,
}

/// A handle that shuts a tap from outside.
#[derive(Clone)]
pub struct Handle(Arc<AtomicBool>);

impl Handle {
    /// Shuts the tap: from now on its output is dropped.
    pub fn shut(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl<W: Write + Seek> Tap<W> {
    /// An open tap, and its handle.
    pub fn new(writer: W) -> (Self, Handle) {
        let shut = Arc::new(AtomicBool::new(false));
        let handle = Handle(Arc::clone(&shut));
        (Self { writer, shut, at: 0 }, handle)
    }

    /// The writer behind the tap.
    pub fn into_inner(self) -> W {
        self.writer
    }

    /// The result of `act` while the tap is open, and `otherwise` once it is shut; the first error shuts it.
    fn pass<T>(&mut self, act: impl FnOnce(&mut W) -> Result<T>, otherwise: T) -> Result<T> {
        if self.shut.load(Ordering::Relaxed) {
            return Ok(otherwise);
        }
        let done = act(&mut self.writer);
        if done.as_ref().is_err_and(|e| e.kind() != std::io::ErrorKind::Interrupted) {
            self.shut.store(true, Ordering::Relaxed);
        }
        done
    }
}

impl<W: Write + Seek> Write for Tap<W> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let written = self.pass(|w| w.write(bytes), bytes.len())?;
        self.at += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> Result<()> {
        self.pass(W::flush, ())
    }
}

impl<W: Write + Seek> Seek for Tap<W> {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let otherwise = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::Current(by) | SeekFrom::End(by) => self.at.saturating_add_signed(by),
        };
        self.at = self.pass(|w| w.seek(to), otherwise)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Error, ErrorKind};

    /// A disk with room for a limited number of bytes.
    struct Disk(Cursor<Vec<u8>>, usize);

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> Result<usize> {
            if self.0.position() as usize + bytes.len() > self.1 {
                return Err(Error::from(ErrorKind::StorageFull));
            }
            self.0.write(bytes)
        }

        fn flush(&mut self) -> Result<()> {
            Ok(())
        }
    }

    impl Seek for Disk {
        fn seek(&mut self, to: SeekFrom) -> Result<u64> {
            self.0.seek(to)
        }
    }

    #[test]
    fn the_first_error_is_told_and_nothing_after_it() {
        let (mut tap, _) = Tap::new(Disk(Cursor::default(), 4));
        tap.write_all(b"abc").unwrap();
        assert_eq!(tap.write_all(b"de").unwrap_err().kind(), ErrorKind::StorageFull);
        tap.write_all(b"fgh").unwrap();
        tap.flush().unwrap();
        assert_eq!(tap.stream_position().unwrap(), 6, "3 written and 3 that went nowhere");
        assert_eq!(tap.seek(SeekFrom::Start(1)).unwrap(), 1);
        assert_eq!(tap.into_inner().0.into_inner(), b"abc");
    }

    #[test]
    fn a_zip_that_is_given_up_is_not_completed() {
        let (tap, handle) = Tap::new(Cursor::new(Vec::new()));
        let mut zip = zip::ZipWriter::new(tap);
        zip.start_file("a", zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(b"some bytes").unwrap();
        handle.shut();
        let bytes = zip.finish().unwrap().into_inner().into_inner();
        assert!(
            zip::ZipArchive::new(Cursor::new(bytes)).is_err(),
            "its list of files went nowhere"
        );
    }
}
