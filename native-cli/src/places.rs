//! Places of output, checked before the work: they must be writable, and no input.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, anyhow};

use crate::files::{full_disk, make_folder, usage};
use crate::parts::Temporary;

/// The files and folders that this command reads, under the names by which they were given.
static INPUTS: Mutex<Vec<Input>> = Mutex::new(Vec::new());

struct Input {
    id: Identity,
    name: PathBuf,
    /// Whether the input is a data set's folder, whose files are inputs too.
    is_set: bool,
}

/// The identity of a file, independent of its path: symbolic and hard links lead to the same one.
#[cfg(unix)]
type Identity = (u64, u64);
#[cfg(not(unix))]
type Identity = PathBuf;

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    let meta = fs::metadata(path).ok()?;
    (meta.is_file() || meta.is_dir()).then(|| (meta.dev(), meta.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> Option<Identity> {
    path.canonicalize().ok()
}

fn inputs() -> MutexGuard<'static, Vec<Input>> {
    INPUTS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn note(path: &Path, is_set: bool) {
    if let Some(id) = identity(path) {
        inputs().push(Input { id, name: path.to_owned(), is_set });
    }
}

/// Notes an input file, which no output may replace.
pub fn is_input(path: &Path) {
    note(path, false);
}

/// Notes the folder of a data set: no output may replace its arrays, or be written among them.
pub fn is_data_set(root: &Path) {
    note(root, true);
}

/// Refuses a path that leads to an input.
///
/// # Errors
/// A usage error that names the path and the input.
pub fn not_an_input(path: &Path) -> Result<()> {
    let Some(id) = identity(path) else { return Ok(()) };
    if let Some(input) = inputs().iter().find(|input| input.id == id) {
        let same = if input.name == path { "the input itself" } else { "the same as the input" };
        let name = input.name.display();
        return Err(usage(path.display(), format!("is {same} {name}; choose another output")));
    }
    let is_of_set = |real: &PathBuf| {
        real.extension().is_some_and(|e| e == "npy")
            || real.file_name().is_some_and(|n| n == ballstick::data::manifest::FILE_NAME)
    };
    let Some(real) = path.canonicalize().ok().filter(is_of_set) else { return Ok(()) };
    let inputs = inputs();
    let set = inputs.iter().filter(|input| input.is_set).find(|input| {
        real.ancestors().skip(1).any(|folder| identity(folder).as_ref() == Some(&input.id))
    });
    set.map_or(Ok(()), |set| {
        Err(usage(path.display(), format!("belongs to the data set {}", set.name.display())))
    })
}

/// The file that writing to `path` would write: links are followed.
pub fn behind_links(path: &Path) -> PathBuf {
    if !path.is_symlink() {
        return path.to_owned();
    }
    path.canonicalize().unwrap_or_else(|_| {
        // the link leads to a file that does not exist yet
        let to = fs::read_link(path).unwrap_or_else(|_| path.to_owned());
        path.parent().map_or(to.clone(), |folder| folder.join(to))
    })
}

/// Whether a path leads to a device or a pipe, such as `/dev/null`, which is written directly and never replaced.
pub fn is_device(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| !meta.is_file() && !meta.is_dir())
}

/// The endings that an output file's name may have.
#[derive(Clone, Copy)]
pub enum Ending {
    /// One of these endings.
    OneOf(&'static [&'static str]),
    /// This ending, or no ending at all.
    Or(&'static str),
}

impl Ending {
    fn check(self, path: &Path) -> Result<()> {
        let ending = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
        let (known, or_none): (&[&str], _) = match &self {
            Self::OneOf(known) => (known, false),
            Self::Or(one) => (std::slice::from_ref(one), true),
        };
        if ending.as_deref().map_or(or_none, |ending| known.contains(&ending)) {
            return Ok(());
        }
        let all: Vec<String> = known.iter().map(|ending| format!(".{ending}")).collect();
        Err(usage(path.display(), format!("its name must end in {}", all.join(" or "))))
    }
}

/// Checks that a file can be written at `path`, before the work for it begins.
///
/// # Errors
/// A usage error where the path is an input, a folder, or has another ending; a failure where nothing can be written.
pub fn file(path: &Path, ending: Ending) -> Result<()> {
    let ends_in_slash = path.as_os_str().to_string_lossy().ends_with(std::path::is_separator);
    if path.is_dir() || path.file_name().is_none() || ends_in_slash {
        return Err(usage(path.display(), "is a folder's name; a file's is needed"));
    }
    if is_device(path) {
        return Ok(());
    }
    ending.check(path)?;
    not_an_input(path)?;
    let target = behind_links(path);
    let cannot = || format!("cannot write {}", path.display());
    let parent = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = parent.filter(|folder| !folder.exists()) {
        return Err(anyhow!("there is no folder {}", folder.display()).context(cannot()));
    }
    if fs::metadata(&target).is_ok_and(|meta| meta.permissions().readonly()) {
        return Err(anyhow!("it is write-protected").context(cannot()));
    }
    probe(&target).with_context(cannot)
}

/// Endings of files; a new folder with such a name is refused, since a file was probably meant.
const OF_FILES: [&str; 15] = [
    "csv",
    "gz",
    "html",
    "json",
    "npy",
    "npz",
    "onnx",
    "pdf",
    "png",
    "pt",
    "safetensors",
    "svg",
    "swc",
    "tar",
    "zip",
];

/// A folder for output. If it is still empty when the value is dropped, it is removed.
#[derive(Debug)]
pub struct Folder {
    /// The folders that were made for it, the outermost first.
    made: Vec<PathBuf>,
}

impl Drop for Folder {
    fn drop(&mut self) {
        // removing a folder succeeds only where it is empty
        while self.made.pop().is_some_and(|folder| fs::remove_dir(folder).is_ok()) {}
    }
}

/// Checks that files can be written into this folder, and makes the folder.
///
/// # Errors
/// A usage error where the path is an input, a file, or a new name with a file's ending; a failure where nothing can be
/// written.
pub fn folder(path: &Path) -> Result<Folder> {
    if path.exists() && !path.is_dir() {
        return Err(usage(path.display(), "is a file; a folder's name is needed"));
    }
    let ending = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
    if let Some(ending) = ending.filter(|e| !path.exists() && OF_FILES.contains(&e.as_str())) {
        let problem = format!("ends in .{ending} as a file does; a folder's name is needed");
        return Err(usage(path.display(), problem));
    }
    not_an_input(path)?;
    let missing = path.ancestors().take_while(|a| !a.as_os_str().is_empty() && !a.exists());
    let mut made: Vec<PathBuf> = missing.map(Path::to_owned).collect();
    made.reverse();
    let folder = Folder { made };
    make_folder(path)?;
    probe(&path.join("place")).with_context(|| format!("cannot write into {}", path.display()))?;
    Ok(folder)
}

/// Checks that a file can be written at `path`: makes a temporary file beside it, and removes it.
fn probe(path: &Path) -> Result<()> {
    let part = Temporary::part_of(path);
    let made: io::Result<File> = File::create(part.path());
    made.map(|_| ()).map_err(full_disk)
}
