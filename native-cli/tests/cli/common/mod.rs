//! Helpers that the command line's tests share.
#![allow(clippy::unwrap_used)] // tests may use unwrap

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The name of the data set's folder of the default cable.
pub const CABLE: &str = "BallAndStickNeuron_Soma_Hay2011_Dend_Lxd_2048um_x_1_0um_8segs";

/// Path of a reconstructed cell.
pub const CELL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/cell.swc");

/// A new, empty folder for one test.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

pub fn ballstick(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ballstick"));
    command.current_dir(folder).args(args).output().unwrap()
}

pub fn said(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&both).into_owned()
}

/// Runs the command, requires success, and returns its output.
pub fn succeed(folder: &Path, args: &[&str]) -> String {
    let output = ballstick(folder, args);
    assert!(output.status.success(), "{args:?}: {}", said(&output));
    said(&output)
}

/// Runs the command, and requires this exit code and these words in its output.
pub fn fail(folder: &Path, code: i32, args: &[&str], words: &[&str]) {
    let output = ballstick(folder, args);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    for word in words {
        assert!(said.contains(word), "{args:?}: no \"{word}\" in: {said}");
    }
    assert!(!said.contains("panicked"), "{said}");
}

/// Requires exit code 2, these words, and that no file was written or changed.
pub fn refused(folder: &Path, args: &[&str], words: &[&str]) {
    let state = || (std::fs::read_dir(folder).unwrap().count(), tree(folder));
    let before = state();
    fail(folder, 2, args, words);
    assert!(state() == before, "{args:?} wrote or changed something");
}

/// Every file under a folder, hidden ones included, with its bytes.
pub fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                files.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    files
}

/// Requires the same files with the same bytes.
pub fn assert_same(a: &Path, b: &Path) {
    let (a, b) = (tree(a), tree(b));
    let differ: Vec<_> =
        a.keys().chain(b.keys()).filter(|name| a.get(*name) != b.get(*name)).collect();
    assert!(differ.is_empty(), "{} files differ, the first is {:?}", differ.len(), differ[0]);
    assert!(!a.is_empty());
}
