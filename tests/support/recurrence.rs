//! The ELM's recurrence as one operation against the plain loop: shared by the tests of each device.

use super::numbers::{host, values};
use ballstick::twin::backend::TrainBackend;
use ballstick::twin::config::TwinConfig;
use ballstick::twin::elm::Elm;
use ballstick::twin::model::{Backbone, Features, Twin};
use burn::module::{Module, ModuleVisitor, Param};
use burn::prelude::*;
use burn::tensor::backend::AutodiffBackend;

const SEGMENTS: usize = 3;
const BATCH: usize = 3;
const TIME: usize = 40;

/// Configurations with all norms and depths, and every nonlinearity in both places.
fn configs() -> Vec<(String, TwinConfig)> {
    let mut texts = vec![
        r#"{"memory_dim": 6}"#.to_owned(),
        r#"{"memory_dim": 1, "mlp_hidden_dim": 300}"#.to_owned(),
        r#"{"memory_dim": 5, "mlp_num_hidden_layers": 2, "mlp_hidden_dim": 7,
            "mlp_pre_norm_type": "LayerNorm"}"#
            .to_owned(),
        r#"{"memory_dim": 5, "mlp_num_hidden_layers": 0, "mlp_pre_norm_type": "none"}"#.to_owned(),
        r#"{"memory_dim": 9, "mlp_num_hidden_layers": 0, "mlp_pre_norm_type": "LayerNorm"}"#
            .to_owned(),
        // a batch norm takes the plain loop alone
        r#"{"memory_dim": 4, "mlp_pre_norm_type": "BatchNorm"}"#.to_owned(),
    ];
    let kinds = [
        "identity",
        "relu",
        "leaky_relu",
        "gelu",
        "leaky_gelu",
        "silu",
        "leaky_silu",
        "tanh",
        "leaky_tanh",
        "sigmoid",
        "leaky_sigmoid",
        "two_sided_leaky_relu",
        "two_sided_leaky_gelu",
        "two_sided_leaky_silu",
    ];
    for (i, kind) in kinds.iter().enumerate() {
        let other = kinds[(i + 5) % kinds.len()];
        texts.push(format!(
            r#"{{"memory_dim": 4, "mlp_num_hidden_layers": 3, "mlp_hidden_dim": 8,
            "mlp_nonlinearity_str": "{kind}", "post_mlp_nonlinearity_str": "{other}"}}"#
        ));
    }
    let read = |text: String| {
        let config = TwinConfig::from_json(&text, None).unwrap().with_segments(SEGMENTS);
        (text, config)
    };
    texts.into_iter().map(read).collect()
}

struct Grads<'a, B: AutodiffBackend> {
    grads: &'a B::Gradients,
    found: Vec<Tensor<B::InnerBackend, 1>>,
}

impl<B: AutodiffBackend> ModuleVisitor<B> for Grads<'_, B> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
        if let Some(grad) = param.val().grad(self.grads) {
            let len = grad.shape().num_elements();
            self.found.push(grad.reshape([len]));
        }
    }
}

/// The memory, the input's gradient, and those of all parameters.
async fn run<B: TrainBackend>(elm: &Elm<B>, looped: bool) -> Vec<Vec<f32>> {
    let dims = [BATCH, 2 * SEGMENTS, TIME];
    let data = TensorData::new(values(dims.iter().product(), 7, 1.0), dims);
    let x = Tensor::<B, 3>::from_data(data, &Default::default()).require_grad();
    let y = if looped { elm.forward_loop(x.clone()) } else { elm.forward(x.clone()) };
    // a weight for every output, so that no gradient hides behind another
    let dims = y.dims();
    let weight = TensorData::new(values(dims.iter().product(), 91, 1.0), dims);
    let weight = Tensor::<B, 3>::from_data(weight, &Default::default());
    let grads = (y.clone() * weight).sum().backward();
    let mut all = vec![host(y).await, host(x.grad(&grads).unwrap()).await];
    let mut visitor = Grads { grads: &grads, found: vec![] };
    elm.visit(&mut visitor);
    for grad in visitor.found {
        all.push(host(grad).await);
    }
    all
}

/// Requires the same numbers of the operation and of the loop, with gradients and without.
pub async fn the_operation_equals_the_loop<B: TrainBackend>() {
    for (name, config) in configs() {
        let twin: Twin<B> = config.init(11, &Default::default());
        let Backbone::Elm(elm) = twin.backbone() else { unreachable!() };
        let (want, got) = (run(elm, true).await, run(elm, false).await);
        assert_eq!(want.len(), got.len(), "{name}");
        for (i, (want, got)) in want.iter().zip(&got).enumerate() {
            assert_eq!(want.len(), got.len(), "{name}");
            let largest = want.iter().fold(0f32, |m, v| m.max(v.abs()));
            for (want, got) in want.iter().zip(got) {
                // single precision, summed in another order over 40 steps (1.05e-5 is the worst seen, on CUDA);
                // a gradient is allowed what it is against PyTorch, since the devices' erf is good to 1.5e-7 only and a small
                // gradient is the difference of large ones (3.2e-4 is the worst seen)
                let tolerance = if i == 0 { 2e-5 } else { 1e-3 };
                assert!(
                    (want - got).abs() <= tolerance * largest + 1e-7,
                    "{name}, {i}: {got} instead of {want}, the largest is {largest}"
                );
            }
        }
        // without gradients another path computes
        let plain: Twin<B::InnerBackend> = config.init(11, &Default::default());
        let Backbone::Elm(elm) = plain.backbone() else { unreachable!() };
        if !name.contains("BatchNorm") {
            let dims = [BATCH, 2 * SEGMENTS, TIME];
            let data = TensorData::new(values(dims.iter().product(), 7, 1.0), dims);
            let x = Tensor::<B::InnerBackend, 3>::from_data(data, &Default::default());
            assert_eq!(host(elm.forward(x)).await, got[0], "{name}");
        }
    }
}
