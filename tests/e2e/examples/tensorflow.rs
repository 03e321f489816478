//! Prints how many training steps a second the page takes on WebGPU and how many TensorFlow.js's WebGPU backend takes of
//! the same twin, by turns in the same headless Chromium, and their ratio. On a machine without a graphics card both
//! compute in software, where the ratio says little of a card. It needs `trunk build --release` and TensorFlow.js, and
//! says how busy the machine was:
//!
//! ```text
//! (. .ci/tools.sh && need_browser && need_tensorflow && cargo run -p ballstick-e2e --example tensorflow)
//! ```

use std::{env, fs};

use ballstick_e2e::{Page, Result, SOFTWARE_WEBGPU, Shape, Site};
use serde_json::{from_value, json};

/// Name, layers after the first, channels, taps, windows of a batch, and their length in ms.
const TWINS: [(&str, [u32; 5]); 2] = [
    ("D2 W16 T21, batch 4, 256 ms", [2, 16, 21, 4, 256]),
    ("A, batch 8, 512 ms", [1, 8, 91, 8, 512]),
];
const TURNS: u32 = 5;
/// How long each turn of TensorFlow.js takes, ms: as long as the page's measure of a device.
const TURN_MS: u32 = 3000;

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn main() -> Result {
    let scripts = env::var("TENSORFLOW").map_err(|_| "TENSORFLOW names no scripts: see above")?;
    let site = Site::serve()?;
    let mut tags = String::new();
    for (n, script) in scripts.split(':').enumerate() {
        site.add(&format!("tensorflow/{n}.js"), fs::read(script)?);
        tags += &format!("<script src=\"{n}.js\"></script>");
    }
    site.add("tensorflow/compare.js", include_bytes!("tensorflow.js").to_vec());
    tags += "<script src=\"compare.js\"></script>";
    site.add(
        "tensorflow/index.html",
        format!("<!doctype html><title>TensorFlow.js</title>{tags}").into(),
    );
    let load = || fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("load before: {}", load().trim());
    println!(
        "{:30}{:>10}{:>16}{:>8}  median of {TURNS} turns",
        "steps/s", "the page", "TensorFlow.js", "ratio"
    );
    let page = Page::open_with(&site, "tensorflow/", Shape::Desktop, &SOFTWARE_WEBGPU)?;
    for (name, [depth, width, taps, batch, window]) in TWINS {
        let shape =
            json!({"depth": depth, "width": width, "taps": taps, "batch": batch, "window": window});
        let begun = page.run_async(&format!("return begin({shape});"))?;
        let (backend, first): (String, f64) =
            from_value(begun.clone()).map_err(|_| format!("{name}: {begun}"))?;
        if backend != "webgpu" {
            return Err(format!("TensorFlow.js computes on {backend}").into());
        }
        let mut turns: Vec<[f64; 3]> = Vec::new();
        for _ in 0..TURNS {
            let seen = page.run_async(&format!("return turn({TURN_MS});"))?;
            turns.push(from_value(seen.clone()).map_err(|_| format!("{name}: {seen}"))?);
        }
        let of = |number: fn(&[f64; 3]) -> f64| median(turns.iter().map(number).collect());
        let last = turns.last().map_or(f64::NAN, |turn| turn[2]);
        println!(
            "{name:30}{:>10.2}{:>16.2}{:>8.1}  (TensorFlow.js's loss: {first:.2} → {last:.2})",
            of(|turn| turn[0]),
            of(|turn| turn[1]),
            of(|turn| turn[0] / turn[1]),
        );
    }
    println!("load after: {}", load().trim());
    Ok(())
}
