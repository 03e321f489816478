//! A training's recipe, and the schedule that it gives.
#![no_main]

use std::sync::LazyLock;

use ballstick::twin::config::TwinKind;
use ballstick::twin::schedule::Recipe;
use ballstick_fuzz::memory::within;
use ballstick_fuzz::{fuzz_target, json, text};
use serde_json::{Value, json};

static LIKE: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let plain = serde_json::to_value(Recipe::default()).unwrap_or_default();
    let mut all = plain.clone();
    let named = json!({"num_warmup_epochs": 5, "num_cooldown_epochs": 11, "warmup_lr_start_end_factors": [0.1, 0.9],
        "cooldown_lr_start_end_factors": [0.8, 0.2], "loss_weight_transition_start_epoch": 10,
        "loss_weight_transition_end_epoch": 20, "num_batches_per_valid_eval": 7, "taylor_consistency": 0.5,
        "taylor_form": "directional"});
    if let (Some(all), Value::Object(named)) = (all.as_object_mut(), named) {
        all.extend(named);
    }
    vec![plain, all]
});

fuzz_target!(|input: &[u8]| {
    let Some(text) = text(input, |u| json::text(u, &LIKE)) else { return };
    let Ok(recipe) = within(text.len(), || Recipe::from_json(&text, TwinKind::Elm)) else { return };
    if recipe.check().is_err() {
        return;
    }
    json::is_read_again(&recipe, |text| Recipe::from_json(text, TwinKind::Tcn));
    let last = recipe.num_epochs - 1;
    for epoch in [0, 1, recipe.warmup_epochs(), last / 2, last.saturating_sub(1), last] {
        assert!(recipe.learning_rate(epoch) >= 0.0, "no learning rate in epoch {epoch}");
        assert!(
            recipe.loss_weights(epoch).iter().all(|w| w.is_finite()),
            "no weights in epoch {epoch}"
        );
        assert!(recipe.taylor_weight(epoch).is_finite());
    }
    let _ = recipe.steps(1000);
    let _ = recipe.steps_per_validation(recipe.steps_per_epoch(1000));
    let _ = recipe.shortened(Some(60), 24);
});
