//! Messages to the trainer's worker that say what to train.
//!
//! The browser hands them over as JavaScript's values, which only wasm can decode (`serde_wasm_bindgen`). Here the same
//! types are decoded from JSON, and checked as the worker checks them.
#![no_main]

use std::sync::LazyLock;

use ballstick::twin::config::{TwinConfig, TwinKind};
use ballstick::twin::schedule::Recipe;
use ballstick::web::trainer::protocol::{Control, DataRef, RunPlan, Training, Wanted};
use ballstick_fuzz::memory::within;
use ballstick_fuzz::{fuzz_target, json, text};
use serde_json::Value;

static LIKE: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let start = |kind| Training::Start {
        plan: Box::new(RunPlan {
            id: "a-run".to_owned(),
            label: "A run".to_owned(),
            config: TwinConfig::default_of(kind),
            recipe: Recipe::of(kind),
            data: DataRef::Kept,
            max_steps: Some(100),
            parts: 2,
        }),
        wanted: Wanted::Measured { webgpu: 3.5, cpu: 4.0 },
    };
    let resume =
        Training::Resume { run: "a-run".to_owned(), wanted: Wanted::Auto, epochs: Some(3) };
    let trainings = TwinKind::ALL.map(start).into_iter().chain([resume]);
    let trainings = trainings.filter_map(|training| serde_json::to_value(training).ok());
    let controls = [Control::LearningRate(0.5), Control::Pause];
    trainings
        .chain(controls.iter().filter_map(|control| serde_json::to_value(control).ok()))
        .collect()
});

fuzz_target!(|input: &[u8]| {
    let Some(text) = text(input, |u| json::text(u, &LIKE)) else { return };
    if let Ok(found) = within(text.len(), || serde_json::from_str::<Training>(&text)) {
        let _ = found.run();
        if let Training::Start { plan, .. } = &found
            && plan.config.check().is_ok()
            && plan.recipe.check().is_ok()
        {
            json::is_read_again(&found, |text| serde_json::from_str::<Training>(text));
        }
    }
    within(text.len(), || serde_json::from_str::<Control>(&text)).ok();
});
