//! Temporary files: a file that is being written has another name until it is whole, and is removed if it is never
//! finished.
//!
//! `NAME.part<process>` lies beside `NAME`. A part left by a killed process is no data set and no result; it is removed
//! the next time that `NAME` is written, unless a living process still writes it.
//!
//! Not the crate `tempfile`: with its random names a later run could not recognise the files of a killed one; a signal
//! that ends the process must remove its open files; and folders are renamed as files are.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::say::say;

/// The temporary files and folders of this process at present.
static OPEN: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn open() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A temporary file or folder of this process, removed when the value is dropped.
#[derive(Debug)]
pub struct Temporary {
    path: PathBuf,
    renamed: bool,
}

impl Temporary {
    /// The temporary name of a file or folder that is to become `path`; nothing is made yet.
    pub fn part_of(path: &Path) -> Self {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!("{MARK}{}", std::process::id()));
        Self::at(path.with_file_name(name))
    }

    /// A temporary file or folder at `path` itself.
    pub fn at(path: PathBuf) -> Self {
        open().insert(path.clone());
        Self { path, renamed: false }
    }

    /// The path of the temporary file or folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Renames the finished file or folder to `to`.
    ///
    /// # Errors
    /// The error of the file system; the temporary file is then removed.
    pub fn rename(mut self, to: &Path) -> io::Result<()> {
        fs::rename(&self.path, to)?;
        self.renamed = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.renamed {
            remove(&self.path);
        }
        open().remove(&self.path);
    }
}

/// Removes a file or a folder, if it exists.
fn remove(path: &Path) {
    // a failure cannot be reported here, or a worse one has been reported
    if fs::remove_file(path).is_err() && path.is_dir() {
        let _ = fs::remove_dir_all(path);
    }
}

/// Ends the process at once, after removing its temporary files.
pub fn remove_and_exit(code: u8) -> ! {
    // held to the end, so that no new temporary file is made
    let open = open();
    open.iter().for_each(|path| remove(path));
    say!("ballstick: stopped");
    std::process::exit(i32::from(code))
}

const MARK: &str = ".part";

/// The final name that belongs to a temporary name; `None` for any other name.
fn of_part(name: &OsStr) -> Option<&str> {
    let (whole, process) = name.to_str()?.rsplit_once(MARK)?;
    (!whole.is_empty() && process.bytes().all(|b| b.is_ascii_digit())).then_some(whole)
}

/// Whether a file or folder of this name is a half-written one.
pub fn is_part(name: &OsStr) -> bool {
    of_part(name).is_some()
}

/// Removes the temporary files that killed processes have left of `path`. Files that a living process writes are
/// locked, and stay; folders are removed only `with_folders`, for which the caller must be the only process at `path`.
pub fn sweep(path: &Path, with_folders: bool) {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if of_part(&name).is_none_or(|whole| Some(OsStr::new(whole)) != path.file_name()) {
            continue;
        }
        let part = path.with_file_name(&name);
        if open().contains(&part) {
            continue;
        }
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if if is_folder { with_folders } else { is_idle(&part) } {
            remove(&part);
        }
    }
}

/// Whether no process holds a file's lock, as far as the file system tells.
fn is_idle(part: &Path) -> bool {
    File::open(part).is_ok_and(|file| file.try_lock().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_known_by_their_names() {
        for name in ["a.npz.part12", ".plan-1-of-1.json.part7", "set.part3", "a.part"] {
            assert!(is_part(OsStr::new(name)), "{name}");
        }
        for name in ["a.npz", "partner", "a.part1.rar", "a.partial", ".part12"] {
            assert!(!is_part(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn a_sweep_leaves_what_somebody_writes() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path();
        let write = |name: &str| fs::write(folder.join(name), "half").unwrap();
        ["a.npz.part1", "a.npz.part2", "b.npz.part1", "a.npz"].into_iter().for_each(write);
        let held = File::open(folder.join("a.npz.part2")).unwrap();
        held.lock().unwrap();
        let own = Temporary::part_of(&folder.join("a.npz"));
        fs::write(own.path(), "half").unwrap();
        sweep(&folder.join("a.npz"), false);
        let is_there = |name: &str| folder.join(name).exists();
        assert!(!is_there("a.npz.part1"));
        for name in ["a.npz.part2", "b.npz.part1", "a.npz"] {
            assert!(is_there(name), "{name}");
        }
        assert!(own.path().exists());
        let path = own.path().to_owned();
        drop(own);
        assert!(!path.exists());
    }
}
