//! Claims on places: a process that writes into a place over a longer time is the only one to do so.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

use anyhow::{Context, Result};

use crate::files::full_disk;
use crate::parts::Temporary;

/// A claim, held until it is dropped or the process ends in any way. It is a lock on a file, held by the system.
#[derive(Debug)]
pub struct Claim {
    // in this order: the file must be removed before the lock is released
    _mark: Temporary,
    _lock: File,
}

impl Claim {
    /// Claims a place by the file `lock`. Where another process holds the claim, `busy` makes the error from a name of
    /// that process, such as `process 12` or `another process`.
    ///
    /// # Errors
    /// The error of `busy`; a file that cannot be written.
    pub fn take(lock: &Path, busy: impl FnOnce(&str) -> anyhow::Error) -> Result<Self> {
        loop {
            let opened =
                File::options().create(true).truncate(false).read(true).write(true).open(lock);
            let opened = opened.map_err(full_disk);
            let mut file = opened.with_context(|| format!("cannot write {}", lock.display()))?;
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => return Err(busy(&holder(&mut file))),
                // the last holder has just removed the file
                Ok(()) if !is_at(&file, lock) => continue,
                // a file system without locks: the user must take care
                Ok(()) | Err(TryLockError::Error(_)) => {}
            }
            // the number only tells others which process holds the claim
            let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
            return Ok(Self { _mark: Temporary::at(lock.to_owned()), _lock: file });
        }
    }

    /// Whether another process holds this claim now.
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

/// Whether the open file is still the one at this path.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |meta: fs::Metadata| (meta.dev(), meta.ino());
    file.metadata().is_ok_and(|open| fs::metadata(path).is_ok_and(|there| id(open) == id(there)))
}

/// On such systems an open file cannot be removed, so that its existence suffices.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    fs::exists(path).unwrap_or(true)
}
