//! The page's own reader of zip archives, which takes slices of a file.
#![no_main]

use ballstick::data::zip::{Entry, TAIL, directory, directory_range, entries};
use ballstick_fuzz::memory::within;
use ballstick_fuzz::{Result, Unstructured, damage, file, fuzz_target, one, rarely};

const NAMES: [&str; 6] =
    ["dataset.json", "a/train/inputs/sim_0000000.npy", "./c:x", "a\\..\\b", "", "a//b/"];

fn build(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    for _ in 0..u.int_in_range(0..=4)? {
        let mut name: String =
            if rarely(u, 2)? { u.arbitrary()? } else { one(u, &NAMES)?.to_owned() };
        if rarely(u, 64)? {
            name = name.repeat(u.int_in_range(1..=10_000)?);
            name.truncate(name.floor_char_boundary(65_535));
        }
        let bytes = u.arbitrary::<&[u8]>()?;
        let size = if rarely(u, 8)? { u.arbitrary()? } else { bytes.len() as u32 };
        let at = if rarely(u, 8)? { u.arbitrary()? } else { out.len() as u32 };
        let entry = Entry {
            name,
            deflated: u.arbitrary()?,
            crc: u.arbitrary()?,
            packed: bytes.len() as u32,
            size,
            at,
        };
        out.extend(entry.header());
        out.extend(bytes);
        list.push(entry);
    }
    let end = directory(&list, out.len() as u64).unwrap_or_default();
    out.extend(end);
    damage(u, &mut out)?;
    Ok(out)
}

fn read(file: &[u8]) -> Option<Vec<Entry>> {
    let tail = &file[file.len().saturating_sub(TAIL)..];
    let (from, to) = directory_range(tail, file.len() as u64).ok()?;
    let found = entries(&file[from as usize..to as usize]).ok()?;
    for entry in &found {
        let (from, to) = entry.header_range();
        if let Some(header) = file.get(from as usize..to as usize) {
            let _ = entry.data_at(header);
        }
    }
    Some(found)
}

fuzz_target!(|input: &[u8]| {
    let Some(file) = file(input, build) else { return };
    let Some(found) = within(file.len(), || read(&file)) else { return };
    // the list alone is an archive, too, whose files are not there
    let Ok(list) = directory(&found, 0) else { return };
    assert_eq!(read(&list).as_ref(), Some(&found), "what is written is read as another");
});
