//! What the fuzz targets share: the bound on memory, and files that are made of libFuzzer's bytes.
//!
//! The first byte of an input says what the others are: after 0 stands the file as it is, so that any file is a seed;
//! after anything else the choices from which a file is built that is right in most of its parts.

#[cfg(feature = "twins")]
pub mod checkpoint;
pub mod json;
pub mod memory;
pub mod npy;
pub mod pickle;
#[cfg(feature = "twins")]
pub mod torch;
pub mod zip;

use std::borrow::Cow;

pub use libfuzzer_sys::arbitrary::{Result, Unstructured};
pub use libfuzzer_sys::fuzz_target;

/// The file that an input stands for; `None` where it has no first byte.
pub fn file(
    input: &[u8],
    build: impl FnOnce(&mut Unstructured<'_>) -> Result<Vec<u8>>,
) -> Option<Vec<u8>> {
    match input {
        [] => None,
        [0, file @ ..] => Some(file.to_vec()),
        [_, choices @ ..] => build(&mut Unstructured::new(choices)).ok(),
    }
}

/// As [`file`], of a text, which the file may hold in UTF-16 too; `None` where it holds none.
pub fn text(
    input: &[u8],
    build: impl FnOnce(&mut Unstructured<'_>) -> Result<String>,
) -> Option<String> {
    let file = file(input, |u| build(u).map(String::into_bytes))?;
    ballstick::text::decode(&file).ok().map(Cow::into_owned)
}

/// One time in `times`, and never where the input has ended.
pub fn rarely(u: &mut Unstructured<'_>, times: u8) -> Result<bool> {
    Ok(u.int_in_range(1..=times)? == times)
}

/// One of these.
pub fn one<'a, T: ?Sized>(u: &mut Unstructured<'_>, of: &[&'a T]) -> Result<&'a T> {
    u.choose(of).copied()
}

/// Changes some of a file's bytes, in one of eight files.
pub fn damage(u: &mut Unstructured<'_>, file: &mut Vec<u8>) -> Result<()> {
    if u.int_in_range(0..=7)? < 7 || file.is_empty() {
        return Ok(());
    }
    for _ in 0..u.int_in_range(1..=4)? {
        let at = u.choose_index(file.len())?;
        file[at] = u.arbitrary()?;
    }
    if rarely(u, 8)? {
        let end = u.choose_index(file.len())?;
        file.truncate(end);
    }
    Ok(())
}
