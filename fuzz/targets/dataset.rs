//! `dataset.json`.
#![no_main]

use std::sync::LazyLock;

use ballstick::data::manifest::Counts;
use ballstick::data::perturb::PerturbParams;
use ballstick::data::{GeneratorConfig, Manifest, Model, Part, Split};
use ballstick::sim::Method;
use ballstick_fuzz::memory::within;
use ballstick_fuzz::{fuzz_target, json, text};
use serde_json::{Value, json};

static LIKE: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let counts = Counts { train: 24, valid: 2, test: 2 };
    let manifest = |name: &str| {
        let neuron = Model::preset(name).expect("a preset");
        Manifest::plan(&neuron, &GeneratorConfig::default(), 7, Method::default(), 600, counts)
    };
    let plain = manifest("nmda-cable");
    let partners = manifest("ff-nmda").perturbed(1, &PerturbParams::default());
    let mut all: Vec<Value> =
        [plain, partners].iter().filter_map(|m| serde_json::to_value(m).ok()).collect();
    let six = "0123abcd".repeat(6);
    all[0]["checksums"] = json!({"train": {"sim_0000000": six}, "test": {"sim_0000001": six}});
    all
});

fuzz_target!(|input: &[u8]| {
    let Some(text) = text(input, |u| json::text(u, &LIKE)) else { return };
    let Ok(mut found) = within(text.len(), || Manifest::from_json(&text)) else { return };
    if let Model::BallAndStick(params) = &mut found.neuron {
        // which is read and not kept
        params.neuron_version = None;
    }
    let again = Manifest::from_json(&found.to_json()).expect("what is written is read");
    assert_eq!(again, found, "what is written is read as another");
    assert_eq!(found.difference(&again), None);
    let _ = found.num_simulations.total();
    for split in Split::ALL {
        let _ = found.checksum(split, "sim_0000000", Part::BranchV);
    }
    found.simulations(0, 2).take(3).for_each(drop);
});
