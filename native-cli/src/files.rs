//! Reading input and writing output: whole files or none.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use ballstick::data::known::known;
use ballstick::text;

/// Input that cannot be used: the user's to mend. Ends with exit code 2.
#[derive(Debug)]
pub struct Usage(pub String);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// An error about something that the user gave: `what` names it, `problem` says what is wrong with it.
pub fn usage(what: impl fmt::Display, problem: impl fmt::Display) -> anyhow::Error {
    anyhow::Error::new(Usage(format!("{what}: {problem}")))
}

/// The bytes of an input file.
///
/// # Errors
/// A [`Usage`] error that names the file.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|e| usage(path.display(), e))
}

/// The text of an input file.
///
/// # Errors
/// A [`Usage`] error that names the file: one that cannot be read, or is no text.
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

/// Writes a file under a temporary name beside it, then renames: nobody ever sees half of it.
///
/// # Errors
/// Names the file; the temporary one is gone again.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    replace(path, bytes, true)
}

/// As [`write`], for one of very many files, each of which is checked before it is used: not forced to the disk,
/// which would take longer than to make it.
///
/// # Errors
/// As [`write`].
pub fn write_one_of_many(path: &Path, bytes: &[u8]) -> Result<()> {
    replace(path, bytes, false)
}

/// The temporary name of a file that is being written by this process.
pub fn part_of(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".part{}", std::process::id()));
    path.with_file_name(name)
}

fn replace(path: &Path, bytes: &[u8], sync: bool) -> Result<()> {
    let part = part_of(path);
    let written = fs::File::create(&part).and_then(|mut file| {
        file.write_all(bytes)?;
        if sync {
            file.sync_all()?;
        }
        fs::rename(&part, path)
    });
    if written.is_err() {
        // the first error is the one to tell
        let _ = fs::remove_file(&part);
    }
    written.map_err(full_disk).with_context(|| format!("cannot write {}", path.display()))
}

/// Says of a full disk what to do about it.
pub fn full_disk(error: io::Error) -> anyhow::Error {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => anyhow::Error::new(error)
            .context("no space is left there; free some, then run this again"),
        _ => error.into(),
    }
}

/// Makes a folder and those above it.
///
/// # Errors
/// Names the folder.
pub fn make_folder(path: &Path) -> Result<()> {
    let made = fs::create_dir_all(path).map_err(full_disk);
    made.with_context(|| format!("cannot make {}", path.display()))
}

/// Prints a result to stdout. A reader that has seen enough, such as `head`, is no error.
///
/// # Errors
/// Any other fault of stdout.
pub fn print(text: &str) -> Result<()> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot print"),
    }
}
