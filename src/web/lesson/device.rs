//! The learner's choices for all lessons of the twins: which device computes, how many workers, and whether to begin
//! with recorded results. The browser keeps them, and the speeds that were measured.

use std::collections::BTreeMap;

use crate::twin::config::TwinConfig;
use crate::web::trainer::protocol::{Device, MOST_PARTS, Wanted};
use crate::web::{dom, keep};

const DEVICE: &str = "device";
const RECORDED: &str = "recorded";
const SPEEDS: &str = "ballstick-speeds";
const WORKERS: &str = "workers";

/// Which device the learner wants to compute on.
pub(super) fn wanted() -> Wanted {
    match keep::of_page(DEVICE).as_deref() {
        Some("webgpu") => Wanted::Only(Device::WebGpu),
        Some("cpu") => Wanted::Only(Device::Cpu),
        _ => Wanted::Auto,
    }
}

/// The measured speeds of a twin: training steps a second on WebGPU and on the CPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Measured {
    webgpu: Option<f64>,
    cpu: Option<f64>,
}

impl Measured {
    /// Notes a measured speed, training steps a second.
    fn note(&mut self, device: Device, steps_per_s: f64) {
        *match device {
            Device::WebGpu => &mut self.webgpu,
            Device::Cpu => &mut self.cpu,
        } = Some(steps_per_s);
    }

    /// The measured speed on one device, training steps a second; `None` where it is not measured.
    pub(super) fn of(&self, device: Device) -> Option<f64> {
        match device {
            Device::WebGpu => self.webgpu,
            Device::Cpu => self.cpu,
        }
    }

    /// Which device to compute on, given the learner's wish: where the wish is open and both devices are measured, the
    /// faster one.
    fn decides(&self, wanted: Wanted) -> Wanted {
        match (wanted, self.webgpu, self.cpu) {
            (Wanted::Auto, Some(webgpu), Some(cpu)) => Wanted::Measured { webgpu, cpu },
            _ => wanted,
        }
    }
}

/// All measured speeds that the browser keeps, by the twins' short names.
fn speeds() -> BTreeMap<String, Measured> {
    let text = keep::of_page(SPEEDS).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// The measured speeds of a twin.
pub(super) fn measured(config: &TwinConfig) -> Measured {
    speeds().remove(&config.short_name(config.num_parameters())).unwrap_or_default()
}

/// Keeps measured speeds of a twin, training steps a second.
pub(super) fn keep_measured(config: &TwinConfig, all: &[(Device, f64)]) {
    let mut speeds = speeds();
    let of = speeds.entry(config.short_name(config.num_parameters())).or_default();
    for (device, steps_per_s) in all {
        of.note(*device, *steps_per_s);
    }
    keep::page(SPEEDS, &serde_json::to_string(&speeds).unwrap_or_default());
}

/// Which device to compute this twin on: the one that the learner wants, or where the learner leaves it open, the
/// faster one of the two that were measured on this twin.
pub(super) fn wanted_for(config: &TwinConfig) -> Wanted {
    measured(config).decides(wanted())
}

/// The wish for a device as its control names it: `auto`, `webgpu` or `cpu`.
pub(super) fn wanted_key() -> &'static str {
    match wanted() {
        Wanted::Auto | Wanted::Measured { .. } => "auto",
        Wanted::Only(Device::WebGpu) => "webgpu",
        Wanted::Only(Device::Cpu) => "cpu",
    }
}

/// Keeps the wish for a device: `auto`, `webgpu` or `cpu`.
pub(super) fn set_wanted(key: &str) {
    keep::page(DEVICE, key);
}

/// The number of parts of a batch that are computed separately on the CPU, by a worker each: as many as the learner
/// chose, else as the processor bears beside the page.
pub(super) fn parts() -> usize {
    let chosen = keep::of_page(WORKERS).and_then(|text| text.parse::<usize>().ok());
    let cores = dom::window().navigator().hardware_concurrency() as usize;
    chosen.unwrap_or_else(|| parts_for(cores)).clamp(1, MOST_PARTS)
}

/// All threads of a small processor; three quarters of those of a larger one, where two threads often share a core.
fn parts_for(threads: usize) -> usize {
    if threads <= 4 { threads.max(1) } else { (threads * 3 / 4).min(MOST_PARTS) }
}

/// The choice of [`parts`] as its control names it: `auto`, or a number.
pub(super) fn workers_key() -> String {
    keep::of_page(WORKERS).unwrap_or_else(|| "auto".to_owned())
}

/// Keeps the choice of [`parts`]. Speeds that were measured with another number are forgotten.
pub(super) fn set_workers(key: &str) {
    keep::page(WORKERS, key);
    keep::page(SPEEDS, "");
}

/// Whether lessons begin with recorded data and twins.
pub(super) fn recorded() -> bool {
    keep::of_page(RECORDED).as_deref() == Some("1")
}

/// Stores whether the twins' lessons begin with recorded results.
pub(super) fn set_recorded(on: bool) {
    keep::page(RECORDED, if on { "1" } else { "0" });
}

/// A device in words.
pub(super) fn name(device: Device) -> &'static str {
    match device {
        Device::WebGpu => "WebGPU",
        Device::Cpu => "CPU",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_follow_the_processor() {
        assert_eq!([0, 1, 2, 4, 6, 8, 10, 64].map(parts_for), [1, 1, 2, 4, 4, 6, 7, 8]);
    }

    #[test]
    fn what_was_measured_decides_what_is_left_open() {
        let mut measured = Measured::default();
        assert_eq!(measured.decides(Wanted::Auto), Wanted::Auto);
        measured.note(Device::WebGpu, 0.7);
        assert_eq!(measured.decides(Wanted::Auto), Wanted::Auto);
        measured.note(Device::Cpu, 5.6);
        let both = Wanted::Measured { webgpu: 0.7, cpu: 5.6 };
        assert_eq!(measured.decides(Wanted::Auto), both);
        let chosen = Wanted::Only(Device::WebGpu);
        assert_eq!(measured.decides(chosen), chosen);
        assert_eq!(Wanted::faster(0.7, 5.6), Device::Cpu);
        assert_eq!(Wanted::faster(90.0, 5.6), Device::WebGpu);
    }
}
