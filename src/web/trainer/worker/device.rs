//! Where to compute: what there is, and why not the rest.

use std::cell::RefCell;

use burn::backend::wgpu::{WgpuDevice, graphics, init_setup_async};
use burn::backend::{Autodiff, Flex, WebGpu};
use burn::tensor::Tensor;
use burn::tensor::backend::AutodiffBackend;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::turn::turn;
use crate::twin::backend::TwinBackend;
use crate::web::trainer::protocol::{Device, DeviceReport, Wanted};

/// Work for either device.
pub(super) trait Job {
    /// What comes of it.
    type Output;

    /// Does it.
    async fn run<B>(self, device: &B::Device) -> Self::Output
    where
        B: AutodiffBackend + TwinBackend,
        B::InnerBackend: TwinBackend;
}

/// Does a job on a device that [`choose`] has found usable.
pub(super) async fn on<J: Job>(device: Device, job: J) -> J::Output {
    match device {
        Device::Cpu => job.run::<Autodiff<Flex>>(&Default::default()).await,
        Device::WebGpu => job.run::<Autodiff<WebGpu>>(&WgpuDevice::default()).await,
    }
}

/// The device to take, and why, in words.
///
/// # Errors
/// A wanted one that there is not.
pub(super) async fn choose(wanted: Wanted) -> Result<(Device, String), String> {
    match wanted {
        Wanted::Only(Device::Cpu) => Ok((Device::Cpu, format!("CPU, as chosen ({CPU})"))),
        Wanted::Only(Device::WebGpu) => match webgpu().await {
            Ok(name) => Ok((Device::WebGpu, format!("WebGPU, as chosen ({name})"))),
            Err(why) => Err(format!("WebGPU cannot be used here: {why}. Choose the CPU.")),
        },
        Wanted::Auto => Ok(match webgpu().await {
            Ok(name) => (Device::WebGpu, format!("WebGPU ({name})")),
            Err(why) => (Device::Cpu, format!("WebGPU: {why} → CPU")),
        }),
    }
}

const CPU: &str = "one thread, with vector instructions";

/// Both devices, the one that [`Wanted::Auto`] takes first.
pub(super) async fn all() -> Vec<DeviceReport> {
    let cpu = DeviceReport { device: Device::Cpu, usable: true, words: CPU.to_owned() };
    let device = Device::WebGpu;
    match webgpu().await {
        Ok(words) => vec![DeviceReport { device, usable: true, words }, cpu],
        Err(words) => vec![cpu, DeviceReport { device, usable: false, words }],
    }
}

enum Known {
    Nothing,
    /// Somebody is about to find out.
    Soon,
    Found(Result<String, String>),
}

thread_local! {
    static WEBGPU: RefCell<Known> = const { RefCell::new(Known::Nothing) };
}

/// The name of WebGPU's device, which is then ready, or why there is none. Looked for once in a worker's life.
async fn webgpu() -> Result<String, String> {
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
            None => turn().await,
        }
    }
    let found = set_up().await;
    WEBGPU.set(Known::Found(found.clone()));
    found
}

/// Asks the browser first: Burn takes an adapter and a device for granted.
async fn set_up() -> Result<String, String> {
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
    init_setup_async::<graphics::WebGpu>(&device, Default::default()).await;
    let sum = Tensor::<WebGpu, 1>::from_floats([1.0, 2.0, 4.0], &device).sum();
    let data = sum.into_data_async().await.map_err(|e| format!("it does not compute ({e:?})"))?;
    if data.to_vec::<f32>().is_ok_and(|values| values == [7.0]) {
        let name = name.unwrap_or_else(|| "unnamed adapter".to_owned());
        Ok(if software { format!("{name}, in software") } else { name })
    } else {
        Err("it computes wrongly".to_owned())
    }
}

/// Calls a method that promises something.
async fn call(of: &JsValue, method: &str, argument: Option<&Object>) -> Result<JsValue, String> {
    let words = |error: JsValue| {
        let message = Reflect::get(&error, &"message".into()).ok().and_then(|m| m.as_string());
        message.unwrap_or_else(|| format!("{error:?}"))
    };
    let function = Reflect::get(of, &method.into()).map_err(words)?;
    let function: Function = function.dyn_into().map_err(|_| format!("it has no {method}"))?;
    let promise = match argument {
        Some(argument) => function.call1(of, argument),
        None => function.call0(of),
    };
    let promise: Promise = promise.map_err(words)?.dyn_into().map_err(words)?;
    JsFuture::from(promise).await.map_err(words)
}
