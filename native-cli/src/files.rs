//! Reading input and writing output; a file is written whole or not at all.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, Result};
use ballstick::data::known::known;
use ballstick::text;

use crate::parts::{self, Temporary};
use crate::places;

/// The error of input that the user has to mend. The process ends with exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// A [`Usage`] error: `what` names the input, `problem` says what is wrong with it.
pub fn usage(what: impl fmt::Display, problem: impl fmt::Display) -> anyhow::Error {
    anyhow::Error::new(Usage(format!("{what}: {problem}")))
}

/// The bytes of an input file. From now on no output may replace the file.
///
/// # Errors
/// A [`Usage`] error that names the file.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let bytes = read_back(path)?;
    places::is_input(path);
    Ok(bytes)
}

/// The text of an input file. From now on no output may replace the file.
///
/// # Errors
/// A [`Usage`] error that names the file, where it cannot be read or is no text.
pub fn read_text(path: &Path) -> Result<String> {
    let bytes = read(path)?;
    match text::decode(&bytes) {
        Ok(text) => Ok(text.into_owned()),
        Err(problem) => Err(usage(
            path.display(),
            match known(&bytes) {
                Some(what) => format!("not a text: it is {what}"),
                None => problem,
            },
        )),
    }
}

/// The bytes of a file that an earlier run wrote and this one may replace.
///
/// # Errors
/// A [`Usage`] error that names the file.
pub fn read_back(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|e| usage(path.display(), e))
}

/// Writes a file under a temporary name beside it and renames it, so that no other process sees a half-written file.
/// Where the path is a link, the file behind it is written; a device, such as `/dev/null`, is written directly.
///
/// # Errors
/// An error that names the file, after the temporary file is removed; a [`Usage`] error where the file is an input.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    places::not_an_input(path)?;
    let written = if places::is_device(path) {
        fs::write(path, bytes)
    } else {
        let path = places::behind_links(path);
        parts::sweep(&path, false);
        let gone = |e: &io::Error| e.kind() == ErrorKind::NotFound;
        let mut written = replace(&path, bytes, true);
        // another process that writes the same file may have removed the temporary one before it was locked
        for _ in 0..3 {
            if written.as_ref().is_err_and(gone) {
                written = replace(&path, bytes, true);
            }
        }
        written
    };
    written.map_err(full_disk).with_context(|| format!("cannot write {}", path.display()))
}

/// Writes a file as [`write`] does, for one of very many files in a claimed folder, each of which is checked before it
/// is used. The file is not forced to the disk, which would take longer than to make it.
///
/// # Errors
/// The errors of [`write`].
pub fn write_one_of_many(path: &Path, bytes: &[u8]) -> Result<()> {
    let written = replace(path, bytes, false).map_err(full_disk);
    written.with_context(|| format!("cannot write {}", path.display()))
}

fn replace(path: &Path, bytes: &[u8], alone: bool) -> io::Result<()> {
    let part = Temporary::part_of(path);
    let mut file = fs::File::create(part.path())?;
    if alone {
        // the lock tells a sweep that the file is in use; on a file system without locks a sweep leaves it too
        let _ = file.try_lock();
    }
    file.write_all(bytes)?;
    if alone {
        file.sync_all()?;
    }
    drop(file);
    part.rename(path)
}

/// Adds to the error of a full disk what to do about it.
pub fn full_disk(error: io::Error) -> anyhow::Error {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => anyhow::Error::new(error)
            .context("no space is left there; free some, then run this again"),
        _ => error.into(),
    }
}

/// Makes a folder and its parents.
///
/// # Errors
/// An error that names the folder.
pub fn make_folder(path: &Path) -> Result<()> {
    let made = fs::create_dir_all(path).map_err(full_disk);
    made.with_context(|| format!("cannot make {}", path.display()))
}
