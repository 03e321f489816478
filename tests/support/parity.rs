//! A recorded twin of PyTorch's and the numbers that it must give: shared by the native test and the browser's.

use std::collections::HashMap;
use std::io::Cursor;

use ballstick::data::npy::Npz;
use ballstick::twin::backend::{TrainBackend, TwinBackend};
use ballstick::twin::config::TwinConfig;
use ballstick::twin::heads::{HEADS, Head, Outputs};
use ballstick::twin::loss::{INITIAL_WEIGHTS, losses, total};
use ballstick::twin::model::Twin;
use ballstick::twin::optim::{AdamW, AdamWConfig, FlatGradients};
use ballstick::twin::weights::names::torch_name;
use ballstick::twin::weights::state::import;
use ballstick::twin::weights::torch::read_pt;
use burn::module::{AutodiffModule, Module, ModuleVisitor, Param};
use burn::prelude::*;
use burn::tensor::backend::AutodiffBackend;

#[path = "difference.rs"]
pub mod difference;
use difference::max_abs_difference;

struct Array {
    shape: Vec<usize>,
    values: Vec<f32>,
}

/// A recorded case.
pub struct Case {
    pub name: String,
    #[allow(dead_code)] // not every test reads it
    pub json: serde_json::Value,
    pub config: TwinConfig,
    arrays: HashMap<String, Array>,
    pt: Vec<u8>,
}

/// A tensor's values.
pub async fn read<B: Backend, const D: usize>(tensor: Tensor<B, D>) -> Vec<f32> {
    tensor.into_data_async().await.unwrap().into_vec::<f32>().unwrap()
}

impl Case {
    /// A case from the contents of its files.
    pub fn new(name: &str, json: &str, npz: &[u8], pt: &[u8]) -> Self {
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        let mut archive = Npz::new(npz).unwrap();
        let names = Npz::new(npz).unwrap().names();
        let read = |name: String| {
            let array = archive.read_real(&name).unwrap();
            let values = array.iter().map(|&v| v as f32).collect();
            (name, Array { shape: array.shape().to_vec(), values })
        };
        Self {
            name: name.to_owned(),
            config: TwinConfig::from_value(json.clone(), None).unwrap(),
            json,
            arrays: names.into_iter().map(read).collect(),
            pt: pt.to_vec(),
        }
    }

    pub fn tensor<B: Backend, const D: usize>(&self, name: &str) -> Tensor<B, D> {
        let array = &self.arrays[name];
        let data = TensorData::new(array.values.clone(), array.shape.clone());
        Tensor::from_data(data, &Default::default())
    }

    pub fn twin<B: TwinBackend>(&self) -> Twin<B> {
        let pt = read_pt(Cursor::new(&self.pt)).unwrap();
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

    /// Requires outputs within `tolerance` of the largest value.
    pub async fn compare_outputs<B: Backend>(
        &self,
        outputs: &Outputs<B>,
        prefix: &str,
        tolerance: f32,
    ) {
        for head in Head::ALL {
            let want = &self.arrays[&format!("{prefix}/{head}")].values;
            let got = read(outputs.head(head)).await;
            assert_eq!(got.len(), want.len());
            let largest = want.iter().fold(0f32, |m, v| m.max(v.abs()));
            let worst = max_abs_difference(&got, want) as f32;
            println!("{} {prefix}/{head}: {:.1e}", self.name, worst / largest);
            assert!(
                worst <= tolerance * largest,
                "{} {prefix}/{head}: off by {worst} of {largest}",
                self.name
            );
        }
    }

    /// Requires losses within 1e-5, and gradients within 1e-3 of each tensor's norm. A gradient that is 0 but for
    /// rounding (of a bias before a batch norm) is compared with 1e-6 of the global norm (where a gradient is near 0,
    /// its sign decides a whole step). Returns the gradients.
    pub async fn compare_gradients<B>(&self, twin: &Twin<B>) -> FlatGradients<B>
    where
        B: TrainBackend,
    {
        let outputs = twin.forward(self.tensor::<B, 4>("X"));
        let losses = losses(&outputs, &self.targets());
        let want = &self.arrays["losses"].values;
        for (got, want) in read(losses.clone()).await.iter().zip(want) {
            assert!((got - want).abs() <= 1e-5 * want.abs(), "{}: {got} {want}", self.name);
        }
        let total = total(losses, &INITIAL_WEIGHTS);
        let want = self.arrays["total_loss"].values[0];
        let got = read(total.clone()).await[0];
        assert!((got - want).abs() <= 1e-5 * want.abs(), "{}: {got} {want}", self.name);

        let grads = total.backward();
        let mut named = Named { config: &self.config, path: vec![], grads: &grads, found: vec![] };
        twin.visit(&mut named);
        let mut found = HashMap::new();
        for (name, grad) in named.found {
            found.insert(name, read(grad).await);
        }
        let flat = FlatGradients::<B>::collect(twin, grads);
        let norm = read(flat.gradients.clone().square().sum().sqrt()).await[0];
        let want = self.arrays["grad_norm"].values[0];
        assert!((norm - want).abs() <= 1e-4 * want, "{}: norm {norm} {want}", self.name);
        let clip = (25.0 / (norm + 1e-6)).min(1.0);
        let expected: Vec<&String> =
            self.arrays.keys().filter(|name| name.starts_with("grad/")).collect();
        assert_eq!(expected.len(), found.len(), "{}", self.name);
        for name in expected {
            let want = &self.arrays[name].values;
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
                self.name
            );
        }
        flat
    }

    /// Requires losses and gradients as [`Self::compare_gradients`] does, and after one step of AdamW outputs within
    /// 1e-4 of the largest.
    pub async fn compare_a_step<B: TrainBackend>(&self) {
        let twin = self.twin::<B>();
        let flat = self.compare_gradients(&twin).await;
        let mut adamw = AdamW::new(AdamWConfig::default());
        let (twin, norm) = adamw.update(twin, flat, 3e-4);
        let (norm, want) = (read(norm).await[0], self.arrays["grad_norm"].values[0]);
        assert!((norm - want).abs() <= 1e-4 * want, "{}: norm {norm} {want}", self.name);
        let outputs = twin.valid().forward(self.tensor::<B::InnerBackend, 4>("X"));
        self.compare_outputs(&outputs, "eval_out_after_one_adamw_step", 1e-4).await;
    }
}

/// Gradients by the original's names, each as a row.
struct Named<'a, B: AutodiffBackend> {
    config: &'a TwinConfig,
    path: Vec<String>,
    grads: &'a B::Gradients,
    found: Vec<(String, Tensor<B::InnerBackend, 1>)>,
}

impl<B: AutodiffBackend> ModuleVisitor<B> for Named<'_, B> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
        if let Some(grad) = param.val().grad(self.grads) {
            let name = torch_name(self.config, &self.path).unwrap();
            let len = grad.shape().num_elements();
            self.found.push((name, grad.reshape([len])));
        }
    }
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }
    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }
}
