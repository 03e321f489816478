//! A twin as ONNX in a real browser: onnxruntime-web gives PyTorch's recorded outputs.

use std::path::{Path, PathBuf};
use std::{env, fs};

use ballstick::data::npy::Npz;
use ballstick_e2e::{CommandLine, Page, Result, Shape, Site};
use serde_json::Value;

#[path = "../../../support/difference.rs"]
mod difference;
use difference::max_abs_difference;

/// The files of the runtime.
const RUNTIME: [&str; 3] =
    ["ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"];

const RUN: &str = "
    const ort = await import(new URL('ort.wasm.min.mjs', location.href).href);
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmPaths = new URL('.', location.href).href;
    const read = async name => (await fetch(name)).arrayBuffer();
    const session = await ort.InferenceSession.create(await read('twin.onnx'));
    const x = new ort.Tensor('float32', new Float32Array(await read('x.bin')), DIMS);
    const out = await session.run({ X: x });
    return Object.fromEntries(Object.entries(out).map(([name, y]) => [name, Array.from(y.data)]));
";

#[test]
fn onnxruntime_web_gives_the_recorded_outputs_of_a_tcn() -> Result {
    let runtime = env::var("ONNXRUNTIME_WEB").map(PathBuf::from);
    let runtime = runtime.map_err(|_| "ONNXRUNTIME_WEB names no folder: run ./check")?;
    let parity = Path::new(env!("CARGO_MANIFEST_DIR")).join("../parity").canonicalize()?;
    let model = parity.join("tcn.pt");
    let line = CommandLine::new("onnx")?;
    let model = model.to_str().ok_or("a path")?;
    line.run(&["export", "--model", model, "--format", "onnx", "--out", "twin.onnx"])?;

    let site = Site::serve()?;
    for file in RUNTIME {
        site.add(&format!("onnx/{file}"), fs::read(runtime.join(file))?);
    }
    site.add("onnx/index.html", b"<!doctype html><title>onnxruntime-web</title>".to_vec());
    site.add("onnx/twin.onnx", fs::read(line.folder().join("twin.onnx"))?);
    let bytes = fs::read(parity.join("tcn.npz"))?;
    let mut npz = Npz::new(&bytes)?;
    let x = npz.read_real("X")?;
    let values = x.iter().flat_map(|&v| (v as f32).to_le_bytes()).collect();
    site.add("onnx/x.bin", values);

    let page = Page::open(&site, "onnx/", Shape::Desktop)?;
    let outputs = page.run_async(&RUN.replace("DIMS", &format!("{:?}", x.shape())))?;
    let outputs = outputs.as_object().ok_or("no outputs")?;
    assert_eq!(outputs.len(), 5);
    for (head, got) in outputs {
        let want = npz.read_real(&format!("eval_out/{head}"))?;
        let got: Vec<f64> =
            got.as_array().ok_or("no row")?.iter().filter_map(Value::as_f64).collect();
        assert_eq!(got.len(), want.len(), "{head}");
        let largest = want.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
        let off = max_abs_difference(&got, &want);
        // single precision sums in another order
        assert!(off <= 1e-5 * largest, "{head}: off by {off:.1e} of {largest}");
    }
    Ok(())
}
