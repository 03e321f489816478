//! What the learner chose for all lessons of the twins: where to compute, and whether to work with recorded results.
//! Both are kept in this browser.

use crate::web::dom;
use crate::web::trainer::protocol::{DataRef, Device, Wanted};

const DEVICE: &str = "device";
const RECORDED: &str = "recorded";

/// The recorded data sets: key in an address, name of the zip, preset of the neuron, and in words.
pub(super) const RECORDED_SETS: [(&str, &str, &str, &str); 2] = [
    ("cable", "nmda_cable_small", "nmda-cable", "the long thin neuron"),
    ("point", "ampa_point_small", "ampa-point", "the short thick neuron"),
];

/// The recorded twin of a neuron, by its key in [`RECORDED_SETS`].
pub(super) fn recorded_twin(neuron: &str) -> String {
    format!("twin_{neuron}_C")
}

/// The recorded data set of a neuron, by its key in [`RECORDED_SETS`]; the first where there is no such key.
pub(super) fn recorded_set(neuron: &str) -> DataRef {
    let found = RECORDED_SETS.iter().find(|set| set.0 == neuron).unwrap_or(&RECORDED_SETS[0]);
    DataRef::Recorded(found.1.into())
}

fn get(key: &str) -> Option<String> {
    dom::window().local_storage().ok()??.get_item(key).ok()?
}

fn set(key: &str, value: &str) {
    // a browser that keeps nothing forgets the choice with the page
    if let Ok(Some(storage)) = dom::window().local_storage() {
        storage.set_item(key, value).ok();
    }
}

/// Where the learner wants to compute.
pub(super) fn wanted() -> Wanted {
    match get(DEVICE).as_deref() {
        Some("webgpu") => Wanted::Only(Device::WebGpu),
        Some("cpu") => Wanted::Only(Device::Cpu),
        _ => Wanted::Auto,
    }
}

/// The choice as its control names it: `auto`, `webgpu` or `cpu`.
pub(super) fn wanted_key() -> &'static str {
    match wanted() {
        Wanted::Auto => "auto",
        Wanted::Only(Device::WebGpu) => "webgpu",
        Wanted::Only(Device::Cpu) => "cpu",
    }
}

/// Keeps where to compute: `auto`, `webgpu` or `cpu`.
pub(super) fn set_wanted(key: &str) {
    set(DEVICE, key);
}

/// Whether lessons begin with recorded data and twins.
pub(super) fn recorded() -> bool {
    get(RECORDED).as_deref() == Some("1")
}

/// Keeps whether they do.
pub(super) fn set_recorded(on: bool) {
    set(RECORDED, if on { "1" } else { "0" });
}

/// A device in words.
pub(super) fn name(device: Device) -> &'static str {
    match device {
        Device::WebGpu => "WebGPU",
        Device::Cpu => "CPU",
    }
}
