//! Reads a zip of files in the original's formats, checks it file by file, and stores its simulations.

use super::answer::{LeftOut, Share};
use super::deflate;
use super::make::record;
use super::record::{Key, Packed, Record, StoredSet};
use super::store::Store;
use crate::data::layout::{sim_index, sim_name};
use crate::data::member::Member;
use crate::data::neuron_file::{self, NeuronFile};
use crate::data::prune::{self, DropList};
use crate::data::{Manifest, Part, Sample, manifest, zip};
use crate::text;
use crate::web::port::{Concurrent, PortError};
use crate::web::protocol::Unpack;
use js_sys::Uint8Array;
use std::collections::BTreeMap;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File};

/// How many of the simulations that were left out are named.
const NAMED: usize = 6;

pub(in crate::web) type Files = [Option<zip::Entry>; 6];

/// The data set that a zip holds.
pub(in crate::web) struct Found {
    /// The neuron's short name, else the folder's name, else the zip's.
    pub name: String,
    pub manifest: Option<Manifest>,
    pub neuron_file: Option<NeuronFile>,
    pub simulations: BTreeMap<Key, Files>,
    /// How many simulations the zip's own filter drops; `simulations` does not hold them.
    pub dropped: usize,
}

impl Concurrent for Unpack {
    /// The present data set is put aside once every simulation of the zip is stored. An import that fails or ends
    /// before its end changes nothing.
    async fn run(&self, part: &dyn Fn(Share)) -> Result<LeftOut, PortError> {
        let found = list(&self.file, &self.file.name()).await?;
        let store = Store::open().await?;
        let read = read_all(&self.id, &self.file, &found, &store, part).await;
        if read.is_err() {
            store.forget_coming().await.ok();
        }
        read
    }
}

async fn read_all(
    id: &str,
    file: &File,
    found: &Found,
    store: &Store,
    checked: &dyn Fn(Share),
) -> Result<LeftOut, PortError> {
    let stored = StoredSet {
        id: id.to_owned(),
        name: found.name.clone(),
        manifest: found.manifest.clone(),
        file: Some(file.name()),
        neuron_file: found.neuron_file.clone().map(|file| (file.name, file.bytes)),
    };
    let (mut bad, mut begun) = (Vec::new(), false);
    // rows and milliseconds of the first simulation: the others must have them too
    let mut shape = found.manifest.as_ref().map(|m| (m.neuron.num_rows(), m.sim_duration_ms));
    let count = found.simulations.len() as f64;
    for (n, (key, files)) in found.simulations.iter().enumerate() {
        let name = format!("{}/{}", key.0, sim_name(key.1));
        match read(file, found, *key, files, &mut shape).await {
            Ok((record, files)) => {
                if !begun {
                    store.begin_coming(&stored).await?;
                    begun = true;
                }
                store.put(id, &record, &files).await?;
            }
            Err(problem) => bad.push(format!("{name}: {problem}")),
        }
        checked(((n + 1) as f64, count));
    }
    if !begun {
        let first = bad.first().map_or("", String::as_str);
        let all = text::count(count, "simulation");
        return Err(format!("Of {all} in this zip none can be used. The first: {first}").into());
    }
    if found.dropped > 0 {
        let n = found.dropped;
        bad.insert(0, format!("{n} that the set’s filter, {}, has dropped", prune::FILE_NAME));
    }
    store.finish_coming(id).await?;
    let left_out = bad.len();
    bad.truncate(NAMED);
    Ok(LeftOut { names: bad, count: left_out })
}

/// Finds the data set's files in a zip; `file_name` is the zip's.
///
/// # Errors
/// In words: the zip is damaged, or holds no simulation.
pub(in crate::web) async fn list(file: &Blob, file_name: &str) -> Result<Found, String> {
    let length = file.size() as u64;
    let failed = |error: zip::ZipError| error.to_string();
    let from = length.saturating_sub(zip::TAIL as u64);
    let tail = bytes(file, from, length).await?.to_vec();
    let (from, to) = zip::directory_range(&tail, length).map_err(failed)?;
    let entries = zip::entries(&bytes(file, from, to).await?.to_vec()).map_err(failed)?;
    let mut simulations: BTreeMap<Key, Files> = BTreeMap::new();
    let mut folder: Option<String> = None;
    for entry in &entries {
        let Some(Member { base, split, name, part }) = Member::of(&entry.name) else { continue };
        let Some(index) = sim_index(name) else { continue };
        if folder.get_or_insert_with(|| base.to_owned()) != base {
            return Err(
                "This zip holds more than one data set. Pack each into a zip of its own.".into()
            );
        }
        let place = &mut simulations.entry((split, index)).or_default()[part as usize];
        if place.replace(entry.clone()).is_some() {
            return Err(format!("This zip holds {} twice.", entry.name));
        }
    }
    let Some(folder) = folder else {
        return Err("This zip holds no data set: there is no {train,valid,test}/inputs/sim_0000000.npy in it.".into());
    };
    let manifest =
        side_file(file, &entries, &folder, manifest::FILE_NAME, Manifest::from_json).await?;
    let list = side_file(file, &entries, &folder, prune::FILE_NAME, DropList::from_json).await?;
    let neuron_file = neuron(file, &entries, &folder, manifest.as_ref()).await?;
    let all = simulations.len();
    if let Some(list) = list {
        simulations.retain(|(split, index), _| !list.holds(*split, &sim_name(*index)));
    }
    let dropped = all - simulations.len();
    if simulations.is_empty() {
        return Err(format!("The set’s filter, {}, has dropped all of it.", prune::FILE_NAME));
    }
    let by_folder = folder.rsplit('/').next().filter(|name| !name.is_empty()).map(str::to_owned);
    let by_manifest = manifest.as_ref().map(|m| m.neuron_short_name.clone());
    let by_file = || file_name.trim_end_matches(".zip").to_owned();
    let name = by_manifest.or(by_folder).unwrap_or_else(by_file);
    Ok(Found { name, manifest, neuron_file, simulations, dropped })
}

/// A JSON file of the zip beside the folders of the splits; `None` where the zip has none.
async fn side_file<T>(
    file: &Blob,
    entries: &[zip::Entry],
    folder: &str,
    name: &str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, String> {
    let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let Some(entry) = entries.iter().find(|entry| entry.name == path) else { return Ok(None) };
    let fault = |e: String| format!("{path}: {e}");
    let bytes = unpacked(file, entry).await.map_err(fault)?.0;
    let text = text::decode(&bytes).map_err(fault)?;
    parse(&text).map(Some).map_err(fault)
}

/// The neuron's file that stands beside the splits, checked against the manifest; `None` where the zip has none.
async fn neuron(
    file: &Blob,
    entries: &[zip::Entry],
    folder: &str,
    manifest: Option<&Manifest>,
) -> Result<Option<NeuronFile>, String> {
    let inside = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let mut files = Vec::new();
    for entry in entries {
        let name = entry.name.strip_prefix(&inside).filter(|name| neuron_file::is_file_name(name));
        let Some(name) = name else { continue };
        let bytes = unpacked(file, entry).await.map_err(|e| format!("{}: {e}", entry.name))?.0;
        files.push((name.to_owned(), bytes));
    }
    NeuronFile::choose(files, manifest).map_err(|(name, e)| format!("{inside}{name}: {e}"))
}

/// A simulation of a zip, as the twins take it.
///
/// # Errors
/// A file that is missing or damaged, in words.
#[cfg(feature = "trainer")]
pub(in crate::web) async fn sample(file: &Blob, entries: &Files) -> Result<Sample, String> {
    let mut plain: [Vec<u8>; 6] = Default::default();
    for part in Part::ALL {
        let fault = |problem: &str| format!("{} {problem}", part.folder());
        let entry = entries[part as usize].as_ref().ok_or_else(|| fault("is missing"))?;
        plain[part as usize] = unpacked(file, entry).await.map_err(|e| fault(&e))?.0;
    }
    Sample::decode(&plain).map_err(|error| error.to_string())
}

/// A simulation of a zip, checked: its record, and its files as the browser stores them.
async fn read(
    file: &Blob,
    found: &Found,
    key: Key,
    entries: &Files,
    shape: &mut Option<(usize, usize)>,
) -> Result<(Record, [Uint8Array; 6]), String> {
    let mut plain: [Vec<u8>; 6] = Default::default();
    let mut stored: [Uint8Array; 6] = std::array::from_fn(|_| Uint8Array::new_with_length(0));
    let mut sizes = [Packed::default(); 6];
    for part in Part::ALL {
        let at = part as usize;
        let fault = |problem: &str| format!("{} {problem}", part.folder());
        let entry = entries[at].as_ref().ok_or_else(|| fault("is missing"))?;
        let (bytes, deflated) = unpacked(file, entry).await.map_err(|e| fault(&e))?;
        let known = found.manifest.as_ref().and_then(|m| m.checksum(key.0, &sim_name(key.1), part));
        if known.is_some_and(|known| known != entry.crc) {
            return Err(fault("is not the file that dataset.json has the checksum of"));
        }
        stored[at] = match deflated {
            Some(deflated) => deflated,
            None => Uint8Array::from(&deflate::deflate(part, &bytes)[..]),
        };
        sizes[at] = Packed { crc: entry.crc, size: entry.size, packed: stored[at].length() };
        plain[at] = bytes;
    }
    let sample = Sample::decode(&plain).map_err(|error| error.to_string())?;
    let this = (sample.segments(), sample.duration_ms());
    if let Some(neuron) = found.neuron_file.as_ref().filter(|_| found.manifest.is_none()) {
        let stated = neuron.params.num_rows();
        if this.0 != stated {
            return Err(format!("has {} segments, the neuron in {} {stated}", this.0, neuron.name));
        }
    }
    let (segments, duration) = *shape.get_or_insert(this);
    if this != (segments, duration) {
        return Err(format!(
            "has {} and {} ms, the others {segments} and {duration}",
            text::count(this.0, "segment"),
            this.1
        ));
    }
    Ok((record(key, &sample, sizes), stored))
}

/// A file's bytes, and the deflated bytes where the zip stores the file deflated.
async fn unpacked(
    file: &Blob,
    entry: &zip::Entry,
) -> Result<(Vec<u8>, Option<Uint8Array>), String> {
    if entry.size > deflate::LIMIT {
        return Err(format!("announces {}", text::count(entry.size, "byte")));
    }
    if !entry.deflated && entry.packed != entry.size {
        return Err("is damaged".into());
    }
    let (from, to) = entry.header_range();
    let header = bytes(file, from, to).await?.to_vec();
    let at = entry.data_at(&header).map_err(|_| "has a damaged header")?;
    let packed = bytes(file, at, at + u64::from(entry.packed)).await?;
    let (plain, deflated) = if entry.deflated {
        (deflate::inflate(&packed, entry.size).await.map_err(|_| "is damaged")?, Some(packed))
    } else {
        (packed.to_vec(), None)
    };
    if plain.len() != entry.size as usize || crc32fast::hash(&plain) != entry.crc {
        return Err("is damaged".into());
    }
    Ok((plain, deflated))
}

/// The bytes from `from` to before `to` of a file.
async fn bytes(file: &Blob, from: u64, to: u64) -> Result<Uint8Array, String> {
    let cannot = |_: JsValue| {
        "The file cannot be read: it was moved or changed, or is not allowed.".to_owned()
    };
    let blob: Blob = file.slice_with_f64_and_f64(from as f64, to as f64).map_err(cannot)?;
    let buffer = JsFuture::from(blob.array_buffer()).await.map_err(cannot)?;
    Ok(Uint8Array::new(&buffer))
}
