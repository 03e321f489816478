//! The devices that compute a twin, and which of them the learner wants.

use serde::{Deserialize, Serialize};

/// A device that computes a twin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Device {
    /// The graphics device, through WebGPU.
    WebGpu,
    /// The processor, with its vector instructions.
    Cpu,
}

/// Which device the learner wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Wanted {
    /// WebGPU where there is an adapter of a graphics device, else the CPU; an adapter in software never.
    #[default]
    Auto,
    /// The device that was faster when both were measured on this twin, in training steps a second.
    Measured {
        /// Steps a second on WebGPU.
        webgpu: f64,
        /// Steps a second on the CPU.
        cpu: f64,
    },
    /// This device; an error where it cannot be used.
    Only(Device),
}

impl Wanted {
    /// The device that was measured as faster; the CPU where both are equally fast.
    #[must_use]
    pub fn faster(webgpu: f64, cpu: f64) -> Device {
        if webgpu > cpu { Device::WebGpu } else { Device::Cpu }
    }
}

/// Whether a device can be used, and what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceReport {
    /// The device.
    pub device: Device,
    /// Whether the device can be used.
    pub usable: bool,
    /// Whether the device is a WebGPU adapter that computes in software, on the same processor as the CPU and slower.
    pub software: bool,
    /// The device's name, or why it cannot be used ("no adapter").
    pub text: String,
}
