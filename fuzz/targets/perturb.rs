//! The JSON that says how inputs are perturbed.
#![no_main]

use std::sync::LazyLock;

use ballstick::data::perturb::PerturbParams;
use ballstick_fuzz::{fuzz_target, json, text};
use serde_json::Value;

static LIKE: LazyLock<Vec<Value>> =
    LazyLock::new(|| vec![serde_json::to_value(PerturbParams::default()).unwrap_or_default()]);

fuzz_target!(|input: &[u8]| {
    let Some(text) = text(input, |u| json::text(u, &LIKE)) else { return };
    json::round_trip(&text, PerturbParams::from_json);
});
