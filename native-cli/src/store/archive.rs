//! A data set in one `.zip` of the original's files, each compressed by itself.
//!
//! It is the compact form. A simulation's array is a member with its own CRC-32, so that it can be read without the
//! others. The page writes and reads this form, numpy opens it as an `.npz` whose arrays are named by their paths, and
//! `unzip` makes the folders of it, so that only this module needs to know the form. Zarr would add some 140 crates and
//! a C library for files that neither the page nor the original's loader could read.

use ballstick::text::count;
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{self, BufWriter, Cursor, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use ballstick::data::announced;
use ballstick::data::known::{known, zip_fault};
use ballstick::data::member::{Member, tidy};
use ballstick::data::neuron_file::is_file_name;
use ballstick::data::prune::{Criteria, DropList, FILE_NAME};
use ballstick::data::{Part, Split};
use ballstick::text;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::shared_file::SharedFile;
use super::tap::{self, Tap};
use super::{Names, Place, in_order};
use crate::files::{self, full_disk, usage};
use crate::parts::{self, Temporary};
use crate::places;

/// Clones share the file and the archive's list of members, which is as long as a large data set.
type Reader = ZipArchive<SharedFile>;

/// The most bytes that one member may have when unpacked.
const MEMBER_LIMIT: u64 = 1 << 30;

/// A data set in a `.zip`.
pub struct Archive {
    path: PathBuf,
    names: Names,
    members: HashMap<(Split, String, Part), usize>,
    side_files: BTreeMap<String, usize>,
    short_name: Option<String>,
    reader: Reader,
}

fn open_reader(path: &Path) -> Result<Reader, String> {
    let mut file = File::open(path).map_err(|e| e.to_string())?;
    let mut first = Vec::new();
    // the length of the longest mark by which a file's format is recognised
    (&mut file).take(16).read_to_end(&mut first).map_err(|e| e.to_string())?;
    ZipArchive::new(SharedFile::new(file)).map_err(|e| {
        let what = match known(&first).filter(|_| !first.starts_with(b"PK")) {
            Some(what) => format!("it is {what}"),
            None => zip_fault(&e),
        };
        format!("not a readable zip archive: {what}")
    })
}

/// The path of an archive's list of dropped simulations, which lies beside it, since an archive is never changed.
pub fn list_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{FILE_NAME}"));
    name.into()
}

impl Archive {
    /// Opens an archive that holds one data set, in its top folder or in one of its own.
    ///
    /// # Errors
    /// A usage error for a file that is no zip, or holds no data set, or several.
    pub fn open(path: &Path) -> Result<Self> {
        let reader = open_reader(path).map_err(|e| usage(path.display(), e))?;
        places::is_input(path);
        let mut members = HashMap::new();
        let mut names: BTreeMap<Split, Vec<String>> = BTreeMap::new();
        let mut others = Vec::new();
        let mut base: Option<String> = None;
        for index in 0..reader.len() {
            let member = reader.name_for_index(index).and_then(Result::ok);
            let Some(member) = member else { continue };
            let member = tidy(&member).map_err(|e| usage(path.display(), e))?;
            // half-written folders of a stopped run are no data set in an archive either
            if member.split('/').any(|name| parts::is_part(name.as_ref())) {
                continue;
            }
            let Some(Member { base: folder, split, name, part }) = Member::of(&member) else {
                others.push((member, index));
                continue;
            };
            if base.get_or_insert_with(|| folder.to_owned()) != folder {
                return Err(usage(path.display(), "holds more than one data set"));
            }
            names.entry(split).or_default().push(name.to_owned());
            if members.insert((split, name.to_owned(), part), index).is_some() {
                return Err(usage(path.display(), format!("holds {member} twice")));
            }
        }
        let Some(base) = base else {
            let problem = "holds no data set: expected {train,valid,test}/inputs/sim_0000000.npy";
            return Err(usage(path.display(), problem));
        };
        let prefix = if base.is_empty() { String::new() } else { format!("{base}/") };
        let side_files = others
            .into_iter()
            .filter_map(|(name, i)| Some((name.strip_prefix(&prefix)?.to_owned(), i)))
            .collect();
        let names = names.into_iter().map(|(split, names)| (split, in_order(names))).collect();
        let short_name = base.rsplit('/').next().filter(|n| !n.is_empty()).map(str::to_owned);
        Ok(Self { path: path.to_owned(), names, members, side_files, short_name, reader })
    }

    fn member(&self, index: usize) -> Result<Vec<u8>, String> {
        let mut reader = self.reader.clone();
        let member = reader.by_index(index).map_err(|e| zip_fault(&e))?;
        let size = member.size();
        if size > MEMBER_LIMIT {
            return Err(format!("announces {}, more than are read", count(size, "byte")));
        }
        // the reader compares the CRC-32 at the end
        announced::read(member, size).map_err(|e| match e.kind() {
            io::ErrorKind::OutOfMemory => {
                format!("needs {} of memory, which are not to be had", count(size, "byte"))
            }
            _ => format!("damaged: {}", zip_fault(&e.into())),
        })
    }
}

impl Place for Archive {
    fn part(&self, split: Split, name: &str, part: Part) -> Result<Vec<u8>, String> {
        let index = self.members.get(&(split, name.to_owned(), part));
        self.member(*index.ok_or("missing")?)
    }

    fn text(&self, file: &str) -> Result<Option<String>, String> {
        if file == FILE_NAME {
            match fs::read(list_path(&self.path)) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                Err(e) => return Err(e.to_string()),
                Ok(bytes) => return Ok(Some(text::decode(&bytes)?.into_owned())),
            }
        }
        let Some(index) = self.side_files.get(file) else { return Ok(None) };
        Ok(Some(text::decode(&self.member(*index)?)?.into_owned()))
    }

    fn neuron_files(&self) -> Result<Vec<String>, String> {
        Ok(self.side_files.keys().filter(|name| is_file_name(name)).cloned().collect())
    }

    fn neuron_file(&self, name: &str) -> Result<Vec<u8>, String> {
        self.member(*self.side_files.get(name).ok_or("missing")?)
    }

    fn describe(&self, split: Split, name: &str, part: Part) -> String {
        format!("{}: {split}/{}/{name}.npy", self.path.display(), part.folder())
    }

    fn names(&self) -> &Names {
        &self.names
    }

    fn short_name(&self) -> Option<String> {
        self.short_name.clone()
    }

    fn keep_list(&self, list: Option<&str>) -> Result<()> {
        let path = list_path(&self.path);
        match list {
            Some(text) => files::write(&path, text.as_bytes()),
            // an empty list replaces the archive's own list
            None if self.side_files.contains_key(FILE_NAME) => {
                let empty = DropList::new(Criteria::default(), 0);
                files::write(&path, empty.to_json().as_bytes())
            }
            None => fs::remove_file(&path).with_context(|| path.display().to_string()),
        }
    }
}

/// The error of the file system without the zip library's words around it.
fn io_error(error: ZipError) -> io::Error {
    match error {
        ZipError::Io(error) => error,
        other => io::Error::other(zip_fault(&other)),
    }
}

/// Writes an archive, which has a temporary name until it is whole.
pub struct ArchiveWriter {
    /// The zip's writer; `None` once the archive is finished.
    zip: Option<ZipWriter<Tap<BufWriter<File>>>>,
    tap: tap::Handle,
    path: PathBuf,
    /// The temporary file, removed unless the archive is finished; `None` once it is.
    part: Option<Temporary>,
}

/// The bytes of a small archive of a few compressed members.
pub type Packed = Vec<u8>;

/// Compresses members, for [`ArchiveWriter::add`].
///
/// # Errors
/// A name that is used twice.
pub fn pack<'a>(members: impl IntoIterator<Item = (String, &'a [u8])>) -> Result<Packed> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // a fixed time stamp: the same data set gives the same bytes
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644);
    for (name, bytes) in members {
        zip.start_file(name, options)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

impl ArchiveWriter {
    /// Starts an archive.
    ///
    /// # Errors
    /// A file that cannot be made.
    pub fn create(path: &Path) -> Result<Self> {
        let part = Temporary::part_of(path);
        let file = File::create(part.path()).map_err(full_disk);
        let file = file.with_context(|| format!("cannot write {}", path.display()))?;
        // the lock tells a sweep that the file is in use; on a file system without locks a sweep leaves it too
        let _ = file.try_lock();
        let (writer, tap) = Tap::new(BufWriter::with_capacity(1 << 20, file));
        let zip = Some(ZipWriter::new(writer));
        Ok(Self { zip, tap, path: path.to_owned(), part: Some(part) })
    }

    /// Adds packed members without compressing them again.
    ///
    /// # Errors
    /// An error of the file system.
    pub fn add(&mut self, packed: &Packed) -> Result<()> {
        let Some(zip) = &mut self.zip else { return Ok(()) };
        let written = ZipArchive::new(Cursor::new(packed)).and_then(|mut members| {
            (0..members.len()).try_for_each(|i| zip.raw_copy_file(members.by_index_raw(i)?))
        });
        let written = written.map_err(|e| full_disk(io_error(e)));
        written.with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// Completes the archive and gives it its name.
    ///
    /// # Errors
    /// An error of the file system.
    pub fn finish(mut self) -> Result<()> {
        let (Some(zip), Some(part)) = (self.zip.take(), self.part.take()) else { return Ok(()) };
        let finished = zip.finish().map_err(io_error).and_then(|writer| {
            let buffer = writer.into_inner();
            let file = buffer.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.sync_all()?;
            part.rename(&self.path)
        });
        let finished = finished.map_err(full_disk);
        finished.with_context(|| format!("cannot write {}", self.path.display()))
    }
}

impl Drop for ArchiveWriter {
    fn drop(&mut self) {
        // the archive was given up: its writer must not complete it, nor print an error
        self.tap.shut();
    }
}
