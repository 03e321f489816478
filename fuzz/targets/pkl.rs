//! The neuron's `.pkl` in a data set's folder.
#![no_main]

use ballstick::data::neuron_file::{ARGUMENTS, from_pickle, to_pickle};
use ballstick::data::pickle::{Object, Protocol};
use ballstick_fuzz::memory::within;
use ballstick_fuzz::{Result, Unstructured, damage, file, fuzz_target, json};
use serde_json::{Map, Value};

fn build(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let whole = |x: f64| if x.fract() == 0.0 { Value::from(x as i64) } else { x.into() };
    let all: Map<String, Value> =
        ARGUMENTS.iter().map(|(key, x)| ((*key).to_owned(), whole(*x))).collect();
    let values = json::vary(u, &all.into())?;
    let protocol = if u.arbitrary()? { Protocol::Four } else { Protocol::Two };
    let mut bytes = Object::from(&values).pickle(protocol);
    damage(u, &mut bytes)?;
    Ok(bytes)
}

fuzz_target!(|input: &[u8]| {
    let Some(file) = file(input, build) else { return };
    let Ok(neuron) = within(file.len(), || from_pickle(&file)) else { return };
    let written =
        to_pickle(&neuron.clone().into()).expect("the original's class has such a neuron");
    let again = from_pickle(&written).expect("what is written is read");
    assert_eq!(again, neuron, "what is written is read as another");
});
