//! Temporary files: what is being written has a name of its own until it is whole, and goes if it never is.
//!
//! `NAME.part<process>` stands beside `NAME`. What a killed process leaves is no data set and no result; it is removed
//! the next time that `NAME` is written, unless somebody is still at it.
//!
//! Not `tempfile`'s: its random names would not tell a later run what a killed one has left, a signal that ends the
//! process must remove what is open, and folders are renamed as files are.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::say::say;

/// What there is of this process's now.
static OPEN: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn open() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A temporary file or folder of this process's; removed when this is dropped.
#[derive(Debug)]
pub struct Temporary {
    path: PathBuf,
    renamed: bool,
}

impl Temporary {
    /// The temporary name of what becomes `path`; nothing is made yet.
    pub fn part_of(path: &Path) -> Self {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!("{MARK}{}", std::process::id()));
        Self::at(path.with_file_name(name))
    }

    /// This very path.
    pub fn at(path: PathBuf) -> Self {
        open().insert(path.clone());
        Self { path, renamed: false }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// It is whole: gives it its name.
    ///
    /// # Errors
    /// What the file system says; it is removed then.
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

/// Removes a file or a folder; it is no error if it was never made.
fn remove(path: &Path) {
    // there is nobody to tell, or something worse has been told
    if fs::remove_file(path).is_err() && path.is_dir() {
        let _ = fs::remove_dir_all(path);
    }
}

/// Ends the process at once, without leaving anything half-written.
pub fn remove_and_exit(code: u8) -> ! {
    // held to the end: nothing new begins
    let open = open();
    open.iter().for_each(|path| remove(path));
    say!("ballstick: stopped");
    std::process::exit(i32::from(code))
}

const MARK: &str = ".part";

/// The name that a temporary name is of.
fn of_part(name: &OsStr) -> Option<&str> {
    let (whole, process) = name.to_str()?.rsplit_once(MARK)?;
    (!whole.is_empty() && process.bytes().all(|b| b.is_ascii_digit())).then_some(whole)
}

/// Whether a file or folder of this name is half-written.
pub fn is_part(name: &OsStr) -> bool {
    of_part(name).is_some()
}

/// Removes what killed processes have left of `path`. Files that a living one writes are locked, and stay; folders go
/// only `with_folders`, for which the caller must be the only one at `path`.
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

/// Whether nobody holds a file's lock, as far as the file system tells.
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
