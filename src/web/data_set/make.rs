//! Makes simulations in a worker: draws their inputs, simulates them in one batch, and stores each.

use super::answer::{MakeEvent, Share};
use super::deflate;
use super::record::{Key, Packed, Record};
use super::store::Store;
use crate::data::many::Simulator;
use crate::data::stats::SampleStats;
use crate::data::{Manifest, Model, Part, Sample};
use crate::settings::SettingError;
use crate::sim::{Inputs, Method};
use crate::web::port::{Concurrent, PortError};
use crate::web::protocol::Make;
use js_sys::{Date, Promise, Uint8Array};
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

/// The least time between two messages about progress, ms.
const TELL_EVERY_MS: f64 = 100.0;

/// A neuron that is set up for simulation by a method.
struct Ready {
    neuron: Model,
    method: Method,
    simulator: Rc<Simulator>,
}

thread_local! {
    /// The neuron that was simulated last: the next batch is most likely of the same.
    static READY: RefCell<Option<Ready>> = const { RefCell::new(None) };
}

fn ready(neuron: &Model, method: Method) -> Result<Rc<Simulator>, SettingError> {
    READY.with_borrow_mut(|ready| {
        if let Some(same) = ready.as_ref().filter(|r| r.neuron == *neuron && r.method == method) {
            return Ok(same.simulator.clone());
        }
        let simulator = Rc::new(Simulator::new(neuron, method)?);
        *ready = Some(Ready { neuron: neuron.clone(), method, simulator: simulator.clone() });
        Ok(simulator)
    })
}

/// The samples of `keys`, with the bytes that the command line would write. `simulated` gets how many milliseconds are
/// simulated, and of how many.
///
/// # Errors
/// A neuron that cannot be simulated, in words.
pub(in crate::web) fn samples(
    plan: &Manifest,
    keys: &[Key],
    simulated: &dyn Fn(Share),
) -> Result<Vec<Sample>, String> {
    let simulator = ready(&plan.neuron, plan.method).map_err(|error| error.to_string())?;
    let draw = |&(split, index): &Key| plan.inputs(split, index).map_err(|error| error.to_string());
    let inputs = keys.iter().map(draw).collect::<Result<Vec<Inputs>, String>>()?;
    let all_ms = (plan.sim_duration_ms * keys.len()) as f64;
    let mut said = Date::now();
    let targets = simulator.simulate(&inputs, &mut |done_ms| {
        let now = Date::now();
        if now - said > TELL_EVERY_MS {
            said = now;
            simulated((done_ms as f64, all_ms));
        }
        ControlFlow::Continue(())
    });
    let targets = targets.map_err(|error| error.to_string())?;
    Ok(inputs.iter().zip(targets).map(|(inputs, targets)| Sample::new(inputs, targets)).collect())
}

/// A sample's record and its files, deflated.
fn packed(key: Key, sample: &Sample) -> (Record, [Uint8Array; 6]) {
    let mut sizes = [Packed::default(); 6];
    let files = Part::ALL.map(|part| {
        let bytes = sample.encode(part);
        let deflated = deflate::deflate(part, &bytes);
        let (crc, size) = (crc32fast::hash(&bytes), bytes.len() as u32);
        sizes[part as usize] = Packed { crc, size, packed: deflated.len() as u32 };
        Uint8Array::from(&deflated[..])
    });
    (record(key, sample, sizes), files)
}

/// The record of a sample, which is stored besides the sample's files.
pub(super) fn record((split, index): Key, sample: &Sample, files: [Packed; 6]) -> Record {
    let SampleStats { values, isis } = SampleStats::of(sample);
    let (segments, duration_ms) = (sample.segments(), sample.duration_ms());
    Record { split, index, segments, duration_ms, values, isis, files }
}

impl Concurrent for Make {
    /// Simulations that were stored before an error stay.
    async fn run(&self, part: &dyn Fn(MakeEvent)) -> Result<(), PortError> {
        let Self { id, plan, keys } = self;
        let store = Store::open().await?;
        // the browser writes one simulation while the next is packed
        let mut writing: Option<Writing> = None;
        let simulated = samples(plan, keys, &|share| part(MakeEvent::Simulated(share)))?;
        for (key, sample) in keys.iter().zip(simulated) {
            let (record, files) = packed(*key, &sample);
            let before = writing.replace(Writing::start(&store, id, record, files));
            if let Some(before) = before {
                part(MakeEvent::Kept(before.end().await?));
            }
        }
        if let Some(last) = writing {
            part(MakeEvent::Kept(last.end().await?));
        }
        Ok(())
    }
}

/// A simulation that the browser is writing.
struct Writing {
    record: Record,
    written: Promise,
}

impl Writing {
    fn start(store: &Store, id: &str, record: Record, files: [Uint8Array; 6]) -> Self {
        let (store, id, of) = (store.clone(), id.to_owned(), record.clone());
        let written = future_to_promise(async move {
            let put = store.put(&id, &of, &files).await;
            put.map(|()| JsValue::NULL).map_err(|error| error.to_string().into())
        });
        Self { record, written }
    }

    /// Waits until the simulation is stored, and gives its record.
    async fn end(self) -> Result<Box<Record>, String> {
        match JsFuture::from(self.written).await {
            Ok(_) => Ok(Box::new(self.record)),
            Err(error) => Err(error.as_string().unwrap_or_default()),
        }
    }
}
