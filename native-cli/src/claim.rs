//! A claim on a place: whoever makes something there over a longer time is the only one to do so.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

use anyhow::{Context, Result};

use crate::files::full_disk;
use crate::parts::Temporary;

/// A claim, held until it is dropped or the process ends, however it ends. The system holds it: a lock on a file.
#[derive(Debug)]
pub struct Claim {
    // in this order: the file goes before the lock does
    _mark: Temporary,
    _lock: File,
}

impl Claim {
    /// Claims by the file `lock`. Where another process has it, `busy` makes the error, given who that is, such as
    /// `process 12` or `another process`.
    ///
    /// # Errors
    /// `busy`'s; a file that cannot be written.
    pub fn take(lock: &Path, busy: impl FnOnce(&str) -> anyhow::Error) -> Result<Self> {
        loop {
            let opened =
                File::options().create(true).truncate(false).read(true).write(true).open(lock);
            let opened = opened.map_err(full_disk);
            let mut file = opened.with_context(|| format!("cannot write {}", lock.display()))?;
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => return Err(busy(&holder(&mut file))),
                // its last holder has just removed it
                Ok(()) if !is_at(&file, lock) => continue,
                // a file system without locks: the user sees to it
                Ok(()) | Err(TryLockError::Error(_)) => {}
            }
            // only tells others who it is
            let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
            return Ok(Self { _mark: Temporary::at(lock.to_owned()), _lock: file });
        }
    }

    /// Whether another process has this claim now.
    pub fn is_held(lock: &Path) -> bool {
        File::open(lock).is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    match file.read_to_string(&mut text) {
        Ok(1..) => format!("process {}", text.trim()),
        _ => "another process".to_owned(),
    }
}

/// Whether the open file is still the one of this name.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |meta: fs::Metadata| (meta.dev(), meta.ino());
    file.metadata().is_ok_and(|open| fs::metadata(path).is_ok_and(|there| id(open) == id(there)))
}

/// An open file cannot be removed there.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    fs::exists(path).unwrap_or(true)
}
