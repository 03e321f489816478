//! A sweep's rows, as JSON and as a table.
#![no_main]

use std::sync::LazyLock;

use ballstick::twin::results::Row;
use ballstick_fuzz::memory::within;
use ballstick_fuzz::{Result, Unstructured, fuzz_target, json, text};
use serde_json::Value;

static LIKE: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let row: Value = serde_json::from_str(include_str!("../../tests/fixtures/results/row.json"))
        .unwrap_or_default();
    vec![row.clone(), Value::Array(vec![row.clone(), row])]
});

fn build(u: &mut Unstructured<'_>) -> Result<String> {
    let text = json::text(u, &LIKE)?;
    match u.int_in_range(0..=1)? {
        0 => Ok(text),
        _ => Ok(Row::from_json(&text).map(|rows| Row::to_csv(&rows)).unwrap_or(text)),
    }
}

fuzz_target!(|input: &[u8]| {
    let Some(text) = text(input, build) else { return };
    for rows in
        [within(text.len(), || Row::from_json(&text)), within(text.len(), || Row::from_csv(&text))]
    {
        let Ok(rows) = rows else { continue };
        json::is_read_again(&rows, Row::from_json);
        // a table has seven digits, and no blanks round a name: what is read of it is what it keeps
        let plain = |name: &str| !name.is_empty() && name.trim() == name && name.lines().eq([name]);
        if rows.iter().all(|row| plain(&row.neuron) && plain(&row.config)) {
            let kept = Row::from_csv(&Row::to_csv(&rows)).expect("what is written is read");
            let again = Row::from_csv(&Row::to_csv(&kept));
            assert_eq!(again.as_ref(), Ok(&kept), "what is written is read as another");
        }
    }
});
