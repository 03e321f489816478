//! What to drop from a data set, and the list of what was dropped.
#![no_main]

use std::sync::LazyLock;

use ballstick::data::prune::{Criteria, DropList};
use ballstick_fuzz::memory::within;
use ballstick_fuzz::{fuzz_target, json, text};
use serde_json::{Value, json};

static LIKE: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let mut criteria = serde_json::to_value(Criteria::default()).unwrap_or_default();
    criteria["input_exc_mean_range"] = json!([0.0, 1.0]);
    let reasons =
        json!([{"criterion": "damaged"}, {"criterion": "firing_rate_hz_range", "value": 30.5}]);
    let list =
        json!({"criteria": criteria, "seed": 3, "dropped": {"train": {"sim_0000003": reasons}}});
    vec![criteria, list]
});

fuzz_target!(|input: &[u8]| {
    let Some(text) = text(input, |u| json::text(u, &LIKE)) else { return };
    json::round_trip(&text, Criteria::from_json);
    if let Ok(found) = within(text.len(), || DropList::from_json(&text)) {
        assert_eq!(
            DropList::from_json(&found.to_json()),
            Ok(found),
            "what is written is read as another"
        );
    }
});
