//! The JSON of the ranges that inputs are drawn from.
#![no_main]

use std::sync::LazyLock;

use ballstick::data::GeneratorConfig;
use ballstick_fuzz::memory::within;
use ballstick_fuzz::{fuzz_target, json, text};
use serde_json::Value;

static LIKE: LazyLock<Vec<Value>> =
    LazyLock::new(|| vec![serde_json::to_value(GeneratorConfig::default()).unwrap_or_default()]);

fuzz_target!(|input: &[u8]| {
    let Some(text) = text(input, |u| json::text(u, &LIKE)) else { return };
    let Ok(found) = within(text.len(), || GeneratorConfig::from_json(&text)) else { return };
    let written = serde_json::to_string(&found).expect("it is written");
    assert_eq!(
        GeneratorConfig::from_json(&written),
        Ok(found),
        "what is written is read as another"
    );
});
