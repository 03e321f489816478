//! Python's pickles as plain data: any program, and what we write ourselves.
#![no_main]

use ballstick::data::pickle::{Object, Protocol, read};
use ballstick_fuzz::memory::within;
use ballstick_fuzz::pickle::program;
use ballstick_fuzz::{file, fuzz_target, json};
use serde_json::{Value, json};

fn like() -> Value {
    let list: Vec<f64> = (0..20).map(|i| f64::from(i) / 7.0).collect();
    json!({"text": "größer", "numbers": [0, 255, 65_536, -1, i64::MIN], "floats": list,
        "nested": {"empty": {}, "list": [[], [null, false, true]]}})
}

/// Numbers that a pickle of ours does not hold are as their nearest.
fn as_kept(value: &Value) -> Value {
    match value {
        Value::Number(n) if n.as_i64().is_none() => n.as_f64().map_or(Value::Null, Value::from),
        Value::Array(items) => items.iter().map(as_kept).collect(),
        Value::Object(map) => {
            map.iter().map(|(key, value)| (key.clone(), as_kept(value))).collect()
        }
        other => other.clone(),
    }
}

fuzz_target!(|input: &[u8]| {
    let mut written = None;
    let file = file(input, |u| {
        if u.int_in_range(0..=7)? < 7 {
            return program(u);
        }
        let value = as_kept(&json::vary(u, &like())?);
        let protocol = if u.arbitrary()? { Protocol::Four } else { Protocol::Two };
        let bytes = Object::from(&value).pickle(protocol);
        written = Some(value);
        Ok(bytes)
    });
    let Some(file) = file else { return };
    let found = within(file.len(), || read(&file).map(|pickle| pickle.json(pickle.root)));
    if let Some(written) = written {
        assert_eq!(found.expect("what is written is read"), written);
    }
});
