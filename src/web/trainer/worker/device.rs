//! Which devices of this machine can compute a twin, and why the others cannot.

use std::cell::RefCell;
use std::sync::Arc;

use burn::backend::wgpu::{RuntimeOptions, WgpuDevice, graphics, init_setup_async};
use burn::backend::{Autodiff, Flex, WebGpu};
use burn::tensor::Tensor;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::hub::{AnswerTo, Answered, Hub};
use super::trouble;
use super::turn::yield_now;
pub(super) use crate::twin::job::Job;
use crate::web::port::{PortError, QuestionId};
use crate::web::trainer::protocol::{Device, DeviceReport, Probe, Wanted};

/// Runs a job on a device that [`choose`] has found usable.
pub(super) async fn on<J: Job>(device: Device, job: J) -> J::Output {
    match device {
        Device::Cpu => job.run::<Autodiff<Flex>>(&Default::default()).await,
        Device::WebGpu => job.run::<Autodiff<WebGpu>>(&WgpuDevice::default()).await,
    }
}

/// The device to compute on, and why that one, in words.
///
/// # Errors
/// A device that was asked for and cannot be used.
pub(super) async fn choose(wanted: Wanted) -> Result<(Device, String), PortError> {
    match wanted {
        Wanted::Only(Device::Cpu) => Ok((Device::Cpu, format!("CPU, as chosen ({CPU})"))),
        Wanted::Only(Device::WebGpu) => match webgpu().await {
            Ok(adapter) => Ok((Device::WebGpu, format!("WebGPU, as chosen ({adapter})"))),
            Err(why) => Err(format!("WebGPU cannot be used here: {why}. Choose the CPU.").into()),
        },
        Wanted::Measured { webgpu: webgpu_rate, cpu } => Ok(match webgpu().await {
            Ok(adapter) => {
                let device = Wanted::faster(webgpu_rate, cpu);
                let [webgpu_rate, cpu] = [webgpu_rate, cpu].map(rate);
                let text = match device {
                    Device::WebGpu => format!(
                        "WebGPU ({adapter}): measured {webgpu_rate} steps a second, against {cpu} on the CPU"
                    ),
                    Device::Cpu => format!(
                        "CPU: measured {cpu} steps a second, against {webgpu_rate} on WebGPU ({adapter})"
                    ),
                };
                (device, text)
            }
            Err(why) => (Device::Cpu, format!("WebGPU: {why} → CPU")),
        }),
        Wanted::Auto => Ok(match webgpu().await {
            Ok(adapter) if adapter.software => {
                (Device::Cpu, format!("CPU, since WebGPU is only there as {adapter}"))
            }
            Ok(adapter) => (Device::WebGpu, format!("WebGPU ({adapter})")),
            Err(why) => (Device::Cpu, format!("WebGPU: {why} → CPU")),
        }),
    }
}

/// The devices on which it is worth measuring the speed of a twin's training.
///
/// # Errors
/// As [`choose`].
pub(super) async fn to_measure(wanted: Wanted) -> Result<Vec<Device>, PortError> {
    match wanted {
        Wanted::Only(_) => Ok(vec![choose(wanted).await?.0]),
        Wanted::Auto | Wanted::Measured { .. } => Ok(match webgpu().await {
            Ok(adapter) if !adapter.software => vec![Device::WebGpu, Device::Cpu],
            _ => vec![Device::Cpu],
        }),
    }
}

/// Steps a second in words.
fn rate(steps: f64) -> String {
    if steps < 10.0 { format!("{steps:.1}") } else { format!("{steps:.0}") }
}

/// Launches of kernels that wait for a submission, some steps of a small twin: a step's upload submits what waits before it
/// anyway, and so does a reading.
const LAUNCHES: usize = 512;

const CPU: &str = "with vector instructions";

impl Answered for Probe {
    async fn answer(self, _: &Hub, _: QuestionId) -> AnswerTo<Self> {
        Ok(all().await)
    }
}

/// Reports of both devices, first of the one that [`Wanted::Auto`] takes.
async fn all() -> Vec<DeviceReport> {
    let cpu =
        DeviceReport { device: Device::Cpu, usable: true, software: false, text: CPU.to_owned() };
    let webgpu = match webgpu().await {
        Ok(adapter) => DeviceReport {
            device: Device::WebGpu,
            usable: true,
            software: adapter.software,
            text: adapter.to_string(),
        },
        Err(text) => DeviceReport { device: Device::WebGpu, usable: false, software: false, text },
    };
    match webgpu.usable && !webgpu.software {
        true => vec![webgpu, cpu],
        false => vec![cpu, webgpu],
    }
}

/// A WebGPU adapter.
#[derive(Clone)]
struct Adapter {
    name: String,
    /// Whether the adapter computes on the processor.
    software: bool,
}

impl std::fmt::Display for Adapter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let more = if self.software { ", in software" } else { "" };
        write!(f, "{}{more}", self.name)
    }
}

/// Whether an adapter of this name computes in software, though it may not say so: the rasterisers of Chromium, Mesa
/// and Windows.
fn is_software(name: &str) -> bool {
    let name = name.to_lowercase();
    let all = ["swiftshader", "llvmpipe", "lavapipe", "basic render", "warp", "software"];
    all.iter().any(|part| name.contains(part))
}

enum Known {
    Nothing,
    /// A call of [`webgpu`] is looking for the adapter.
    Soon,
    Found(Result<Adapter, String>),
}

thread_local! {
    static WEBGPU: RefCell<Known> = const { RefCell::new(Known::Nothing) };
}

/// WebGPU's adapter, whose device is then ready, or why WebGPU has none. The adapter is looked for once in a worker's
/// life.
async fn webgpu() -> Result<Adapter, String> {
    let mut first = false;
    while !first {
        let found = WEBGPU.with_borrow_mut(|known| match known {
            Known::Found(found) => Some(found.clone()),
            Known::Soon => None,
            Known::Nothing => {
                *known = Known::Soon;
                first = true;
                None
            }
        });
        match found {
            Some(found) => return found,
            None if first => {}
            None => yield_now().await,
        }
    }
    let found = set_up().await;
    WEBGPU.set(Known::Found(found.clone()));
    found
}

/// Sets WebGPU up as a training does.
///
/// # Errors
/// Why WebGPU cannot be used here.
pub async fn set_up_webgpu() -> Result<(), String> {
    webgpu().await.map(|_| ())
}

/// Looks for an adapter and sets Burn up with it. The browser is asked first: Burn takes adapter and device for
/// granted.
async fn set_up() -> Result<Adapter, String> {
    let global = js_sys::global();
    let get = |of: &JsValue, key: &str| Reflect::get(of, &key.into()).unwrap_or_default();
    let gpu = get(&get(&global, "navigator"), "gpu");
    if !gpu.is_object() {
        let secure = get(&global, "isSecureContext").as_bool().unwrap_or(true);
        return Err(if secure {
            "this browser has none".to_owned()
        } else {
            "browsers offer it to https addresses only".to_owned()
        });
    }
    let options = Object::new();
    Reflect::set(&options, &"powerPreference".into(), &"high-performance".into()).ok();
    let adapter = call(&gpu, "requestAdapter", Some(&options)).await?;
    if !adapter.is_object() {
        return Err("no adapter".to_owned());
    }
    if !has(&get(&adapter, "features"), "timestamp-query") {
        // CubeCL's set-up would panic, which ends the worker
        return Err("the adapter has no timestamps, which the kernels' library needs".to_owned());
    }
    let info = get(&adapter, "info");
    let text = |key: &str| get(&info, key).as_string().filter(|text| !text.is_empty());
    let name = text("description").or_else(|| {
        let parts = [text("vendor"), text("architecture")];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    });
    let software = [&info, &adapter].iter().any(|of| get(of, "isFallbackAdapter").is_truthy());
    let device = call(&adapter, "requestDevice", None)
        .await
        .map_err(|error| format!("no device ({error})"))?;
    if let Ok(destroy) = get(&device, "destroy").dyn_into::<Function>() {
        destroy.call0(&device).ok();
    }
    let device = WgpuDevice::default();
    let options = RuntimeOptions { tasks_max: LAUNCHES, ..RuntimeOptions::default() };
    let setup = init_setup_async::<graphics::WebGpu>(&device, options).await;
    setup.device.on_uncaptured_error(Arc::new(trouble::note));
    let sum = Tensor::<WebGpu, 1>::from_floats([1.0, 2.0, 4.0], &device).sum();
    let data = sum.into_data_async().await.map_err(|e| format!("it does not compute ({e:?})"))?;
    if data.to_vec::<f32>().is_ok_and(|values| values == [7.0]) {
        let name = name.unwrap_or_else(|| "unnamed adapter".to_owned());
        let software = software || is_software(&name);
        Ok(Adapter { name, software })
    } else {
        Err("it computes wrongly".to_owned())
    }
}

/// Whether a set of the browser's has an entry.
fn has(set: &JsValue, entry: &str) -> bool {
    let method = Reflect::get(set, &"has".into()).ok().and_then(|has| has.dyn_into().ok());
    let found = method.and_then(|has: Function| has.call1(set, &entry.into()).ok());
    found.is_some_and(|found| found.is_truthy())
}

/// Calls a method that returns a promise, and waits for what it promises.
async fn call(of: &JsValue, method: &str, argument: Option<&Object>) -> Result<JsValue, String> {
    let text = |error: JsValue| {
        let message = Reflect::get(&error, &"message".into()).ok().and_then(|m| m.as_string());
        message.unwrap_or_else(|| format!("{error:?}"))
    };
    let function = Reflect::get(of, &method.into()).map_err(text)?;
    let function: Function = function.dyn_into().map_err(|_| format!("it has no {method}"))?;
    let promise = match argument {
        Some(argument) => function.call1(of, argument),
        None => function.call0(of),
    };
    let promise: Promise = promise.map_err(text)?.dyn_into().map_err(text)?;
    JsFuture::from(promise).await.map_err(text)
}
