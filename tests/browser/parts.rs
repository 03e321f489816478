//! Training on the CPU of a page in parts: the same bits, whoever computes them.
#![cfg(target_arch = "wasm32")]

use ballstick::random::RandomStream;
use ballstick::twin::batch::Batch;
use ballstick::twin::config::{TwinConfig, TwinKind};
use ballstick::twin::gradient::{AtOnce, Gradient, Gradients, Objective};
use ballstick::twin::loss::INITIAL_WEIGHTS;
use ballstick::twin::model::Twin;
use ballstick::twin::taylor::TaylorForm;
use ballstick::web::trainer::worker::parts::{Pool, helper};
use burn::backend::{Autodiff, Flex};
use burn::tensor::Tensor;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{MessageChannel, MessagePort};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

type Cpu = Autodiff<Flex>;

fn batch(size: usize, segments: usize, pairs: bool) -> Batch {
    let duration = 96;
    let mut stream = RandomStream::from_key([7; 4], 0);
    let mut draw = |count: usize| (0..count).map(|_| stream.uniform() as f32).collect();
    let x = draw(size * 2 * segments * duration);
    let y = draw(size * (4 + segments) * duration);
    let partner = pairs.then(|| {
        let x = draw(size * 2 * segments * duration);
        let y = draw(size * (4 + segments) * duration);
        Box::new(Batch { x, y, size, segments, duration, partner: None })
    });
    Batch { x, y, size, segments, duration, partner }
}

fn objective(taylor_weight: f64) -> Objective {
    let (weights, taylor_form) = (INITIAL_WEIGHTS, TaylorForm::default());
    Objective { weights, taylor_weight, taylor_form, seed: 3, step: 11 }
}

/// The leader's port of a helper in this thread.
fn port() -> MessagePort {
    let channel = MessageChannel::new().expect("a channel");
    helper::serve(channel.port2());
    channel.port1()
}

fn numbers(gradient: Gradient<Flex>) -> Vec<f32> {
    let both = Tensor::cat(vec![gradient.numbers, gradient.values], 0);
    both.into_data().into_vec().expect("numbers")
}

async fn by(gradients: &mut impl Gradients<Cpu>, twin: &Twin<Cpu>, weight: f64) -> Vec<f32> {
    let segments = 3;
    let batch = batch(5, segments, weight > 0.0);
    numbers(gradients.gradient(twin, batch, &objective(weight)).await.expect("a gradient"))
}

fn small(kind: TwinKind) -> TwinConfig {
    TwinConfig::default_of(kind).with_segments(3)
}

#[wasm_bindgen_test]
async fn whoever_computes_the_parts_the_bits_are_the_same() {
    for (kind, weight) in [
        (TwinKind::Tcn, 0.0),
        (TwinKind::Tcn, 1.0),
        (TwinKind::ResNetTcn, 0.0),
        (TwinKind::Elm, 0.0),
        (TwinKind::Transformer, 0.0),
    ] {
        let config = small(kind);
        let twin: Twin<Cpu> = config.init(1, &Default::default());
        let whole = by(&mut AtOnce, &twin, weight).await;
        let alone = by(&mut Pool::over(&config, 4, vec![]), &twin, weight).await;
        for helpers in 1..=3 {
            let mut pool = Pool::over(&config, 4, (0..helpers).map(|_| port()).collect());
            pool.ready().await;
            assert_eq!(by(&mut pool, &twin, weight).await, alone, "{kind:?}, {helpers} helpers");
        }
        // Sums over windows in another order: rounding of f32, of the size of the largest value.
        let largest = whole.iter().fold(0f32, |most, value| most.max(value.abs()));
        for (a, b) in whole.iter().zip(&alone) {
            assert!((a - b).abs() <= 2e-6 * largest, "{kind:?}: {a} and {b} of {largest}");
        }
        assert_eq!(whole.len(), alone.len());
    }
}

#[wasm_bindgen_test]
async fn a_helper_that_is_lost_is_done_without() {
    let config = small(TwinKind::Tcn);
    let twin: Twin<Cpu> = config.init(1, &Default::default());
    let alone = by(&mut Pool::over(&config, 2, vec![]), &twin, 0.0).await;
    // a helper of a twin with another number of segments, which fails at every part
    let mut pool = Pool::over(&config.clone().with_segments(5), 2, vec![port()]);
    pool.ready().await;
    assert_eq!(by(&mut pool, &twin, 0.0).await, alone);
    let broken = MessageChannel::new().expect("a channel");
    let mut pool = Pool::over(&config, 2, vec![broken.port1()]);
    broken.port2().post_message(&"no answer".into()).expect("a message");
    pool.ready().await;
    assert_eq!(by(&mut pool, &twin, 0.0).await, alone);
}

#[wasm_bindgen_test]
async fn a_batch_norm_is_computed_in_one() {
    let text = r#"{"norm_type": "BatchNorm"}"#;
    let config = TwinConfig::from_json(text, Some(TwinKind::Tcn)).expect("a twin").with_segments(3);
    assert!(config.mixes_windows() && !small(TwinKind::Tcn).mixes_windows());
    let twin: Twin<Cpu> = config.init(1, &Default::default());
    let whole = by(&mut AtOnce, &twin, 0.0).await;
    let twin: Twin<Cpu> = config.init(1, &Default::default());
    assert_eq!(by(&mut Pool::new(&config, 4, Default::default()), &twin, 0.0).await, whole);
}
