//! The twins give PyTorch's numbers on the CPU: every case in `tests/parity`, or in the folder that
//! `BALLSTICK_PARITY` names, weights read from its `.pt`.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)] // a test may

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use ballstick::data::npy::Npz;
use ballstick::twin::backend::TwinBackend;
use ballstick::twin::config::TwinConfig;
use ballstick::twin::heads::{HEADS, Outputs};
use ballstick::twin::loss::{INITIAL_WEIGHTS, losses, total};
use ballstick::twin::model::Twin;
use ballstick::twin::optim::{AdamW, AdamWConfig, FlatGradients};
use ballstick::twin::weights::names::torch_name;
use ballstick::twin::weights::state::import;
use ballstick::twin::weights::torch::read_pt;
use burn::backend::{Autodiff, Flex};
use burn::module::{AutodiffModule, Module, ModuleVisitor, Param};
use burn::prelude::*;
use burn::tensor::backend::AutodiffBackend;

type Train = Autodiff<Flex>;

struct Array {
    shape: Vec<usize>,
    values: Vec<f32>,
}

struct Case {
    name: String,
    json: serde_json::Value,
    config: TwinConfig,
    arrays: HashMap<String, Array>,
    pt: PathBuf,
}

fn npz(path: &Path) -> HashMap<String, Array> {
    let bytes = std::fs::read(path).unwrap();
    let mut archive = Npz::new(&bytes).unwrap();
    let read = |name: String| {
        let array = archive.read_real(&name).unwrap();
        let values = array.iter().map(|&v| v as f32).collect();
        (name, Array { shape: array.shape().to_vec(), values })
    };
    let names = Npz::new(&bytes).unwrap().names();
    names.into_iter().map(read).collect()
}

fn cases() -> Vec<Case> {
    let folder = match std::env::var_os("BALLSTICK_PARITY") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity"),
    };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        Case {
            name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
            config: TwinConfig::from_value(json.clone(), None).unwrap(),
            json,
            arrays: npz(&path.with_extension("npz")),
            pt: path.with_extension("pt"),
        }
    };
    paths.into_iter().map(read).collect()
}

impl Case {
    fn tensor<B: Backend, const D: usize>(&self, name: &str) -> Tensor<B, D> {
        let array = &self.arrays[name];
        let data = TensorData::new(array.values.clone(), array.shape.clone());
        Tensor::from_data(data, &Default::default())
    }

    fn twin<B: TwinBackend>(&self) -> Twin<B> {
        let pt = read_pt(File::open(&self.pt).unwrap()).unwrap();
        assert_eq!(pt.config.kind(), self.config.kind());
        let twin = pt.config.init::<B>(1, &Default::default());
        import(twin, &pt.config, &pt.state).unwrap()
    }

    fn targets<B: Backend>(&self) -> Outputs<B> {
        let heads = HEADS.map(|head| {
            let name = format!("target/{head}");
            match self.arrays[&name].shape.len() {
                2 => self.tensor::<B, 2>(&name).unsqueeze_dim::<3>(1),
                _ => self.tensor::<B, 3>(&name),
            }
        });
        Outputs { all: Tensor::cat(heads.into(), 1) }
    }

    fn compare_outputs<B: Backend>(&self, outputs: &Outputs<B>, prefix: &str, tolerance: f32) {
        for (i, head) in HEADS.iter().enumerate() {
            let want = &self.arrays[&format!("{prefix}/{head}")].values;
            let got = outputs.head(i).into_data().into_vec::<f32>().unwrap();
            assert_eq!(got.len(), want.len());
            let largest = want.iter().fold(0f32, |m, v| m.max(v.abs()));
            let worst = got.iter().zip(want).fold(0f32, |m, (a, b)| m.max((a - b).abs()));
            println!("{} {prefix}/{head}: {:.1e}", self.name, worst / largest);
            assert!(
                worst <= tolerance * largest,
                "{} {prefix}/{head}: off by {worst} of {largest}",
                self.name
            );
        }
    }
}

/// Gradients by the original's names.
struct Named<'a, B: AutodiffBackend> {
    config: &'a TwinConfig,
    path: Vec<String>,
    grads: &'a B::Gradients,
    found: HashMap<String, Vec<f32>>,
}

impl<B: AutodiffBackend> ModuleVisitor<B> for Named<'_, B> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
        if let Some(grad) = param.val().grad(self.grads) {
            let name = torch_name(self.config, &self.path).unwrap();
            self.found.insert(name, grad.into_data().into_vec().unwrap());
        }
    }
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }
    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }
}

#[test]
fn names_and_counts() {
    for_each_case(|case| {
        let count = case.twin::<Flex>().count_params();
        assert_eq!(count as u64, case.json["num_params"].as_u64().unwrap(), "{}", case.name);
        assert_eq!(case.config.short_name(count), case.json["short_name"].as_str().unwrap());
    });
}

/// Single precision sums in another order: 1e-4 of the largest output.
/// Runs a check on every case, then reports all that failed.
fn for_each_case(check: impl Fn(&Case) + std::panic::RefUnwindSafe) {
    let failed: Vec<String> = cases()
        .into_iter()
        .filter(|case| {
            let case = std::panic::AssertUnwindSafe(case);
            std::panic::catch_unwind(|| check(*case)).is_err()
        })
        .map(|case| case.name)
        .collect();
    assert!(failed.is_empty(), "failed: {failed:?}");
}

#[test]
fn outputs() {
    for_each_case(|case| {
        let outputs = case.twin::<Flex>().forward(case.tensor::<Flex, 4>("X"));
        case.compare_outputs(&outputs, "eval_out", 1e-4);
    });
}

/// Losses within 1e-5, gradients within 1e-3 of each tensor's norm, outputs after one step of
/// AdamW within 1e-4. A gradient that is 0 but for rounding (of a bias before a batch norm) is
/// compared with 1e-6 of the global norm (where a gradient is near 0, its sign decides a whole step).
#[test]
fn losses_gradients_and_a_step() {
    for_each_case(|case| {
        let mut twin = case.twin::<Train>();
        let outputs = twin.forward(case.tensor::<Train, 4>("X"));
        let losses = losses(&outputs, &case.targets());
        let want = &case.arrays["losses"].values;
        for (got, want) in losses.to_data().into_vec::<f32>().unwrap().iter().zip(want) {
            assert!((got - want).abs() <= 1e-5 * want.abs(), "{}: {got} {want}", case.name);
        }
        let total = total(losses, &INITIAL_WEIGHTS);
        let want = case.arrays["total_loss"].values[0];
        let got = total.to_data().into_vec::<f32>().unwrap()[0];
        assert!((got - want).abs() <= 1e-5 * want.abs(), "{}: {got} {want}", case.name);

        let grads = total.backward();
        let mut named =
            Named { config: &case.config, path: vec![], grads: &grads, found: HashMap::new() };
        twin.visit(&mut named);
        let found = named.found;
        let (norm, flat) = FlatGradients::<Train>::collect(&twin, grads).clip(25.0);
        let norm = norm.into_data().into_vec::<f32>().unwrap()[0];
        let want = case.arrays["grad_norm"].values[0];
        assert!((norm - want).abs() <= 1e-4 * want, "{}: norm {norm} {want}", case.name);
        let clip = (25.0 / (norm + 1e-6)).min(1.0);
        let expected: Vec<&String> =
            case.arrays.keys().filter(|name| name.starts_with("grad/")).collect();
        assert_eq!(expected.len(), found.len(), "{}", case.name);
        for name in expected {
            let want = &case.arrays[name].values;
            let got = &found[name.trim_start_matches("grad/")];
            let size = want.iter().map(|v| f64::from(v * v)).sum::<f64>().sqrt();
            let off = got
                .iter()
                .zip(want)
                .map(|(g, w)| f64::from((g * clip - w) * (g * clip - w)))
                .sum::<f64>()
                .sqrt();
            assert!(
                off <= 1e-3 * size + 1e-6 * f64::from(norm.max(1.0)),
                "{} {name}: {off} of {size}",
                case.name
            );
        }

        let mut adamw = AdamW::new(AdamWConfig::default());
        twin = adamw.update(twin, flat, 3e-4);
        let outputs = twin.valid().forward(case.tensor::<Flex, 4>("X"));
        case.compare_outputs(&outputs, "eval_out_after_one_adamw_step", 1e-4);
    });
}
