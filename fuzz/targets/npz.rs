//! `.npz`: zip archives of arrays.
#![no_main]

use ballstick::data::npy::{self, Npz, NpzWriter};
use ballstick_fuzz::memory::within;
use ballstick_fuzz::zip::{archive, unpacked};
use ballstick_fuzz::{Result, Unstructured, file, fuzz_target, one, rarely};

const NAMES: [&str; 9] = [
    "x.npy",
    "./x.npy",
    "y.npy",
    "a\\x.npy",
    "../x.npy",
    "./c:x.npy",
    "._x.npy",
    "notes.txt",
    ".npy",
];

fn build(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut files = Vec::new();
    for _ in 0..u.int_in_range(0..=3)? {
        let name = if rarely(u, 8)? { u.arbitrary()? } else { one(u, &NAMES)?.to_owned() };
        files.push((name, ballstick_fuzz::npy::file(u)?));
    }
    archive(u, &files)
}

fuzz_target!(|input: &[u8]| {
    let Some(file) = file(input, build) else { return };
    let room = unpacked(&file);
    let Ok(mut npz) = within(room, || Npz::new(&file)) else { return };
    let mut names = npz.names();
    names.dedup();
    let (mut arrays, mut writer) = (Vec::new(), NpzWriter::default());
    for name in names {
        within(room, || npz.read::<f32>(&name)).ok();
        let Ok(array) = within(room, || npz.read_real(&name)) else { continue };
        // a name longer than the format's
        if writer.add(&name, &array).is_ok() {
            arrays.push((name, array));
        }
    }
    let bytes = writer.finish().expect("it is written");
    let mut again = Npz::new(&bytes).expect("what is written is read");
    assert_eq!(again.names().len(), arrays.len());
    for (name, array) in arrays {
        let second = again.read_real(&name).expect("what is written is read");
        assert!(npy::write(&second) == npy::write(&array), "{name} is another");
    }
});
