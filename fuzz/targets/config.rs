//! A twin's configuration.
#![no_main]

use std::sync::LazyLock;

use ballstick::twin::config::{TwinConfig, TwinKind};
use ballstick_fuzz::memory::within;
use ballstick_fuzz::{fuzz_target, json, text};
use serde_json::Value;

static LIKE: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let whole = TwinKind::ALL
        .map(|kind| serde_json::to_value(TwinConfig::default_of(kind)).unwrap_or_default());
    let keys = whole.iter().map(|whole| whole["config"].clone()).collect();
    [whole.to_vec(), keys].concat()
});

fuzz_target!(|input: &[u8]| {
    let Some(text) = text(input, |u| json::text(u, &LIKE)) else { return };
    for kind in TwinKind::ALL.map(Some).into_iter().chain([None]) {
        let Ok(config) = within(text.len(), || TwinConfig::from_json(&text, kind)) else {
            continue;
        };
        json::is_read_again(&config, |text| TwinConfig::from_json(text, None));
        let _ = config.label();
        let _ = config.short_name(config.num_parameters());
        let _ = config.receptive_field();
        let _ = config.widest();
        config.with_segments(3).check().ok();
    }
});
