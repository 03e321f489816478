//! A neuron's JSON, of either model.
#![no_main]

use std::sync::LazyLock;

use ballstick::data::{Model, neuron_file};
use ballstick::ff::FfParams;
use ballstick::sim::NeuronParams;
use ballstick_fuzz::memory::within;
use ballstick_fuzz::{fuzz_target, json, text};
use serde_json::{Value, json};

static LIKE: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let presets = NeuronParams::PRESETS.iter().chain(&FfParams::PRESETS);
    let mut all: Vec<Value> =
        presets.filter_map(|name| Some(Model::preset(name).ok()?.to_json())).collect();
    let mut tree = all[0].clone();
    tree["branches"] = json!([
        {"name": "a", "parent": "soma", "L_um": 100, "diam_um": 2, "num_segments": 3},
        {"name": "b", "parent": "a", "parent_x": 0.5, "L_um": 50.5, "diam_um": 1, "num_segments": 1},
    ]);
    tree["channel_factors"] = json!({"NaTa_t": 0.5, "SK_E2": 0});
    tree["sim_duration_ms"] = 100.into();
    tree["neuron_version"] = "1".into();
    all.push(tree);
    all
});

fuzz_target!(|input: &[u8]| {
    let Some(text) = text(input, |u| json::text(u, &LIKE)) else { return };
    let Ok(mut model) = within(text.len(), || Model::from_json(&text)) else { return };
    if let Model::BallAndStick(params) = &mut model {
        // which is read and not kept
        params.neuron_version = None;
        if params.num_rows() <= 200 {
            let _ = params.morphology().tree();
        }
    }
    let again = Model::from_json(&model.to_json().to_string());
    assert_eq!(again.as_ref(), Ok(&model), "what is written is read as another");
    let _ = model.short_name();
    let Some(pickle) = neuron_file::to_pickle(&model) else { return };
    let again = neuron_file::from_pickle(&pickle).expect("what is written is read");
    assert_eq!(neuron_file::difference(&again, &model), None);
});
