//! The data set in a browser: stored, found again, with the same bytes as natively, downloaded and uploaded as a zip.
#![cfg(target_arch = "wasm32")]

use ballstick::data::layout::sim_name;
use ballstick::data::many::Simulator;
use ballstick::data::neuron_file::NeuronFile;
use ballstick::data::stats::SampleStats;
use ballstick::data::{Manifest, Part, Sample, Split};
use ballstick::sim::Method;
use ballstick::web::data_set::deflate::{deflate, inflate};
use ballstick::web::data_set::{
    LeftOut, Look, Make, MakeEvent, Pack, Record, SetStoreError, Store, StoredSet, Unpack, Zip,
    checksums,
};
use ballstick::web::port::{Concurrent, PortError};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use js_sys::{Array, ArrayBuffer, Date, Uint8Array, WebAssembly};
use std::cell::RefCell;
use std::io::Write;
use std::ops::ControlFlow;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Blob, File, Response};

wasm_bindgen_test_configure!(run_in_browser);

/// The manifest that the command line wrote; `tests/dataset_bytes.rs` checks it natively.
const NATIVE: &str = include_str!("../fixtures/dataset_small.json");

fn native() -> Manifest {
    Manifest::from_json(NATIVE).expect("the fixture")
}

fn stored_set(id: &str) -> StoredSet {
    let manifest = Manifest { checksums: Default::default(), ..native() };
    StoredSet {
        id: id.into(),
        name: manifest.neuron_short_name.clone(),
        manifest: Some(manifest),
        file: None,
        neuron_file: None,
    }
}

fn record(split: Split, index: u64) -> Record {
    Record {
        split,
        index,
        segments: 8,
        duration_ms: 512,
        values: std::array::from_fn(|n| n as f64 / 3.0),
        isis: vec![12, 7],
        files: Default::default(),
    }
}

fn files(fill: u8) -> [Uint8Array; 6] {
    std::array::from_fn(|n| Uint8Array::from(&[fill, n as u8][..]))
}

/// Raw deflate of `megabytes` of zeros, a thousandth as long.
fn packed_zeros(megabytes: usize) -> Uint8Array {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    for _ in 0..megabytes {
        encoder.write_all(&[0; 1 << 20]).expect("memory takes it");
    }
    Uint8Array::from(&encoder.finish().expect("memory takes it")[..])
}

/// Bytes of the module's memory, which grows and never shrinks.
fn memory() -> u32 {
    let memory = wasm_bindgen::memory().unchecked_into::<WebAssembly::Memory>();
    memory.buffer().unchecked_into::<ArrayBuffer>().byte_length()
}

async fn quiet<Q: Concurrent>(task: Q) -> Result<Q::Answer, PortError> {
    task.run(&|_| {}).await
}

#[wasm_bindgen_test]
async fn what_unfolds_to_more_than_it_announces_takes_no_memory() {
    let packed = packed_zeros(256);
    let before = memory();
    for most in [0, 1000, 1 << 20, 3 << 20] {
        assert!(inflate(&packed, most).await.is_err(), "{most}");
    }
    let more = memory() - before;
    assert!(more < 16 << 20, "{more} bytes more for 3 MiB that were announced");
    let packed = packed_zeros(3);
    let whole = inflate(&packed, 3 << 20).await.expect("as long as announced");
    assert!(whole == vec![0; 3 << 20]);
    let cut = packed.subarray(0, packed.length() - 1);
    assert!(inflate(&cut, 3 << 20).await.is_err());
    assert!(inflate(&Uint8Array::new_with_length(0), 1).await.is_err());
    let longer = Uint8Array::from(&[packed.to_vec(), vec![1; 9]].concat()[..]);
    assert!(inflate(&longer, 3 << 20).await.is_err());
}

#[wasm_bindgen_test]
async fn what_is_kept_is_found_again() {
    let store = Store::open_named("ballstick-test").await.expect("a database");
    store.begin(&stored_set("a")).await.expect("room");
    for (n, key) in
        [(Split::Test, 1), (Split::Train, 10), (Split::Train, 9)].into_iter().enumerate()
    {
        store.put("a", &record(key.0, key.1), &files(n as u8)).await.expect("room");
    }
    // as after a reload
    let store = Store::open_named("ballstick-test").await.expect("a database");
    assert_eq!(store.stored().await, Ok(Some(stored_set("a"))));
    let records = store.records("a").await.expect("records");
    let keys: Vec<_> = records.iter().map(Record::key).collect();
    assert_eq!(keys, [(Split::Train, 9), (Split::Train, 10), (Split::Test, 1)]);
    assert_eq!(records[0], record(Split::Train, 9));
    let found = store.files("a", (Split::Train, 10)).await.expect("files");
    assert_eq!(found[3].to_vec(), [1, 3]);
    assert!(matches!(store.files("a", (Split::Valid, 0)).await, Err(SetStoreError::Missing(_))));
    // another data set takes its place, and a worker that still makes the old one learns that it is gone
    store.begin(&stored_set("b")).await.expect("room");
    assert_eq!(store.put("a", &record(Split::Train, 0), &files(0)).await, Err(SetStoreError::Gone));
    assert_eq!(store.records("a").await, Ok(vec![]));
    assert_eq!(store.records("b").await, Ok(vec![]));
    store.clear().await.expect("an empty database");
    assert_eq!(store.stored().await, Ok(None));
}

#[wasm_bindgen_test]
async fn what_is_deleted_or_replaced_comes_back_and_an_import_is_whole_or_not() {
    let store = Store::open_named("ballstick-test-aside").await.expect("a database");
    store.clear().await.expect("room");
    let key = (Split::Train, 0);
    let put = |id: &'static str| {
        let store = store.clone();
        async move { store.put(id, &record(key.0, key.1), &files(1)).await }
    };
    let ids = || async {
        let id = |stored: StoredSet| stored.id;
        let aside = store.aside().await.expect("an answer");
        (store.stored().await.expect("an answer").map(id), aside.map(|(stored, n)| (stored.id, n)))
    };
    let (a, b) = (Some("a".to_owned()), Some("b".to_owned()));
    let aside = |id: &str| Some((id.to_owned(), 1));
    store.begin(&stored_set("a")).await.expect("room");
    put("a").await.expect("room");
    store.put_aside().await.expect("room");
    assert_eq!(ids().await, (None, aside("a")));
    assert_eq!(put("a").await, Err(SetStoreError::Gone), "a worker that still makes it is told so");
    store.bring_back().await.expect("room");
    assert_eq!(ids().await, (a.clone(), None));

    // a data set that is coming is not kept before all of it is stored
    store.begin_coming(&stored_set("b")).await.expect("room");
    put("b").await.expect("room");
    assert_eq!(ids().await, (a.clone(), None));
    store.forget_coming().await.expect("room");
    assert_eq!(store.records("b").await, Ok(vec![]));
    assert_eq!(store.finish_coming("b").await, Err(SetStoreError::Gone));
    store.begin_coming(&stored_set("b")).await.expect("room");
    put("b").await.expect("room");
    store.finish_coming("b").await.expect("room");
    assert_eq!(ids().await, (b.clone(), aside("a")));
    assert_eq!(store.records("a").await.map(|r| r.len()), Ok(1));
    store.bring_back().await.expect("room");
    assert_eq!(ids().await, (a.clone(), aside("b")));
    store.forget_aside().await.expect("room");
    assert_eq!(ids().await, (a, None));
    assert_eq!(store.records("b").await, Ok(vec![]));

    // a data set without simulations does not push out what is aside
    store.put_aside().await.expect("room");
    store.begin_coming(&stored_set("c")).await.expect("room");
    store.finish_coming("c").await.expect("room");
    store.put_aside().await.expect("room");
    assert_eq!(ids().await, (None, aside("a")));
    store.clear().await.expect("an empty database");
}

#[wasm_bindgen_test]
async fn the_page_makes_the_native_bytes_and_takes_its_own_zip_back() {
    let store = Store::open().await.expect("a database");
    let stored = stored_set("made");
    store.begin(&stored).await.expect("room");
    let plan = native();
    let keys: Vec<_> = plan.simulations(0, 1).collect();
    let heard = RefCell::new(Vec::new());
    let task = Make { id: "made".into(), plan, keys: keys.clone() };
    let last = task.run(&|event| heard.borrow_mut().push(event)).await;
    assert_eq!(last, Ok(()));
    let told = heard.borrow().iter().filter(|event| matches!(event, MakeEvent::Kept(_))).count();
    assert_eq!(told, keys.len());
    let records = store.records("made").await.expect("records");
    assert_eq!(checksums(&records), native().checksums);

    let Zip(zip) = quiet(Pack(stored.clone())).await.expect("a zip");
    let text = JsFuture::from(zip.text()).await.expect("its text").as_string().unwrap_or_default();
    assert!(text.contains(NATIVE), "dataset.json is not the command line's");

    let neuron = NeuronFile::of(&native().neuron).expect("one that the original can make");
    assert!(text.contains(&neuron.name), "no neuron's file");
    let Zip(twice) = quiet(Pack(stored.clone())).await.expect("a zip");
    assert!(bytes_of(&twice).await == bytes_of(&zip).await, "other bytes the second time");

    let unpacked = quiet(Unpack { id: "again".into(), file: file(&zip) }).await;
    assert_eq!(unpacked, Ok(LeftOut::default()));
    let again = store.records("again").await.expect("records");
    assert_eq!(again, records);
    let now = store.stored().await.expect("what is kept").expect("a data set");
    assert_eq!((now.id.as_str(), now.name), ("again", stored.name));

    assert_eq!(now.neuron_file, Some((neuron.name.clone(), neuron.bytes.clone())));

    let shown = quiet(Look { id: "again".into(), key: (Split::Valid, 0) }).await;
    let shown = shown.expect("a simulation");
    assert_eq!((shown.segments, shown.targets.soma_mv.len(), shown.exc.len()), (8, 512, 8 * 512));

    let bytes = bytes_of(&zip).await;
    // a public data set has no dataset.json: its neuron is known by the neuron's file, which is kept
    let mut public = bytes.clone();
    each_name(&mut public, |name| {
        if name.ends_with(b"dataset.json") {
            name.last_mut().into_iter().for_each(|last| *last = b'x');
        }
    });
    let taken = quiet(Unpack { id: "public".into(), file: file(&blob(&public)) }).await;
    assert_eq!(taken, Ok(LeftOut::default()));
    let now = store.stored().await.expect("what is kept").expect("a data set");
    assert!(now.manifest.is_none());
    assert_eq!(now.neuron(), Some(native().neuron));
    let Zip(packed) = quiet(Pack(now)).await.expect("a zip");
    let packed = bytes_of(&packed).await;
    let holds = |part: &[u8]| packed.windows(part.len()).any(|window| window == part);
    assert!(holds(neuron.name.as_bytes()) && holds(&neuron.bytes), "the neuron's file is lost");
    // the same of a zip whose names have backslashes; a zip whose names lead out of their folder is refused
    let mut windows = bytes.clone();
    each_name(&mut windows, |name| {
        name.iter_mut().filter(|b| **b == b'/').for_each(|b| *b = b'\\')
    });
    let taken = quiet(Unpack { id: "windows".into(), file: file(&blob(&windows)) }).await;
    assert_eq!(taken, Ok(LeftOut::default()));
    assert_eq!(store.records("windows").await, Ok(records.clone()));
    let now = store.stored().await.expect("what is kept").expect("a data set");
    assert!(now.manifest.is_some(), "its dataset.json is found");
    let mut outside = bytes.clone();
    each_name(&mut outside, |name| name[..3].copy_from_slice(b"../"));
    let refused = quiet(Unpack { id: "outside".into(), file: file(&blob(&outside)) }).await;
    assert!(refused.is_err_and(|message| message.contains("leads out of its folder")));

    // a zip that is damaged in one file loses that simulation, by name; a zip without its end changes nothing
    let name = format!("train/output_soma_v/{}.npy", sim_name(1));
    let at = bytes.windows(name.len()).position(|w| w == name.as_bytes()).expect("its header");
    let mut damaged = bytes.clone();
    damaged[at + name.len() + 20] ^= 0xff;
    let damaged = quiet(Unpack { id: "damaged".into(), file: file(&blob(&damaged)) }).await;
    let Ok(LeftOut { names: named, count: 1 }) = &damaged else { panic!("{damaged:?}") };
    assert!(
        named[0].contains("train/sim_0000001") && named[0].contains("output_soma_v"),
        "{named:?}"
    );
    assert_eq!(store.records("damaged").await.map(|r| r.len()), Ok(3));
    let cut = file(&blob(&bytes[..bytes.len() - 30]));
    let refused = quiet(Unpack { id: "cut".into(), file: cut }).await;
    assert!(refused.is_err_and(|message| message.contains("not a zip file")));
    assert_eq!(store.records("damaged").await.map(|r| r.len()), Ok(3));
    store.clear().await.expect("an empty database");
}

/// A benchmark, not a test: what a simulation of a data set costs the page's worker, stage by stage. It needs speed:
/// `cargo test --profile page --target wasm32-unknown-unknown --features data-lessons --test web_data -- --ignored`
/// with `wasm-bindgen-test-runner` as the runner, and `--nocapture` before `--ignored` where it shows no lines.
#[wasm_bindgen_test]
#[ignore = "a benchmark"]
async fn what_the_stages_of_making_cost() {
    const SIMULATIONS: usize = 16;
    let plan = Manifest { sim_duration_ms: 8192, method: Method::Fast, ..native() };
    let store = Store::open_named("ballstick-bench").await.expect("a database");
    let of = stored_set("bench");
    store.begin(&of).await.expect("room");
    let mut stages = Vec::new();
    let mut since = Date::now();
    let mut stage = |name: &'static str| {
        let now = Date::now();
        stages.push((name, (now - since) / SIMULATIONS as f64));
        since = now;
    };
    let simulator = Simulator::new(&plan.neuron, plan.method).expect("a neuron");
    stage("");
    let draw = |n| plan.inputs(Split::Train, n as u64).expect("inputs");
    let inputs: Vec<_> = (0..SIMULATIONS).map(draw).collect();
    stage("draw");
    let targets = simulator.simulate(&inputs, &mut |_| ControlFlow::Continue(())).expect("targets");
    stage("simulate");
    let samples = inputs.iter().zip(targets).map(|(i, t)| Sample::new(i, t)).collect::<Vec<_>>();
    stage("sample");
    let stats: Vec<_> = samples.iter().map(SampleStats::of).collect();
    stage("statistics");
    let files: Vec<_> = samples.iter().map(|s| Part::ALL.map(|part| s.encode(part))).collect();
    stage("encode");
    let sums: u32 = files.iter().flatten().map(|bytes| crc32fast::hash(bytes) & 1).sum();
    stage("checksums");
    let packed: Vec<_> =
        files.iter().map(|six| Part::ALL.map(|p| deflate(p, &six[p as usize]))).collect();
    stage("deflate");
    for (n, (six, stats)) in packed.iter().zip(&stats).enumerate() {
        let files = six.each_ref().map(|bytes| Uint8Array::from(&bytes[..]));
        let record = Record { values: stats.values, ..record(Split::Train, n as u64) };
        store.put("bench", &record, &files).await.expect("room");
    }
    stage("keep");
    for bytes in files.iter().flatten() {
        let blob = blob(bytes).stream();
        let through = blob.pipe_through(CompressionStream::new("deflate-raw").unchecked_ref());
        let whole = Response::new_with_opt_readable_stream(Some(&through)).expect("a response");
        JsFuture::from(whole.array_buffer().expect("its bytes")).await.expect("its bytes");
    }
    stage("(deflate by the browser's streams)");
    store.clear().await.expect("an empty database");
    let simulated = stages[2].1;
    for (name, ms) in &stages[1..] {
        console_log!("{name}: {ms:.2} ms a simulation, {:.2} of simulating", ms / simulated);
    }
    let length = |six: &[Vec<u8>; 6]| six.each_ref().map(Vec::len);
    console_log!("bytes {:?}, packed {:?}, {sums}", length(&files[0]), length(&packed[0]));
}

#[wasm_bindgen]
extern "C" {
    type CompressionStream;
    #[wasm_bindgen(constructor)]
    fn new(format: &str) -> CompressionStream;
}

/// Changes every name in a zip, in its headers and in its list of files.
fn each_name(zip: &mut [u8], change: impl Fn(&mut [u8])) {
    for at in 0..zip.len() - 46 {
        let (length, from) = match &zip[at..at + 4] {
            b"PK\x03\x04" => (26, 30),
            b"PK\x01\x02" => (28, 46),
            _ => continue,
        };
        let length = usize::from(u16::from_le_bytes([zip[at + length], zip[at + length + 1]]));
        change(&mut zip[at + from..at + from + length]);
    }
}

async fn bytes_of(blob: &Blob) -> Vec<u8> {
    Uint8Array::new(&JsFuture::from(blob.array_buffer()).await.expect("bytes")).to_vec()
}

fn blob(bytes: &[u8]) -> Blob {
    let parts = Array::of1(&Uint8Array::from(bytes));
    Blob::new_with_u8_array_sequence(&parts).expect("a blob")
}

fn file(blob: &Blob) -> File {
    let file = js_sys::Reflect::get(&js_sys::global(), &"File".into()).expect("File");
    let file: js_sys::Function = file.unchecked_into();
    let arguments = Array::of2(&Array::of1(blob), &"set.zip".into());
    js_sys::Reflect::construct(&file, &arguments).expect("a file").unchecked_into()
}
