//! Reading a neuron's JSON so that every error names its key.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::params::ParamError;
use crate::text::{json, plain_words};

/// Reads an object whose keys are all optional and all in `keys`.
///
/// # Errors
/// Text that is no JSON object, an unknown key (with the nearest known one), a value of the wrong type.
pub(crate) fn read<T: DeserializeOwned>(text: &str, keys: &[&str]) -> Result<T, ParamError> {
    from_map(parse(text)?, keys)
}

/// Parses a JSON object.
///
/// # Errors
/// Text that is no JSON.
pub(crate) fn parse(text: &str) -> Result<Map<String, Value>, ParamError> {
    match json(text) {
        Ok(Value::Object(mut map)) => {
            map.values_mut().for_each(whole_floats_to_integers);
            Ok(map)
        }
        Ok(_) => Err(ParamError::Syntax("expected {\"key\": value, ...}".to_owned())),
        Err(e) => Err(ParamError::Syntax(e)),
    }
}

/// [`read`], of an object that is parsed already.
///
/// # Errors
/// As [`read`].
pub(crate) fn from_map<T: DeserializeOwned>(
    map: Map<String, Value>,
    keys: &[&str],
) -> Result<T, ParamError> {
    for (key, value) in &map {
        if !keys.contains(&key.as_str()) {
            return Err(ParamError::UnknownKey { key: key.clone(), nearest: nearest(key, keys) });
        }
        // each key by itself, so that an error can name it
        let one = Map::from_iter([(key.clone(), value.clone())]);
        serde_json::from_value::<T>(one.into())
            .map_err(|e| ParamError::Type { key: key.clone(), problem: plain_words(&e) })?;
    }
    serde_json::from_value(map.into()).map_err(|e| ParamError::Syntax(e.to_string()))
}

/// Python writes 8.0 where 8 is meant; a number of either kind then reads as it should.
fn whole_floats_to_integers(value: &mut Value) {
    match value {
        Value::Number(n) => {
            // 2^53: every whole number up to it is exact
            let whole = n.as_f64().filter(|x| x.fract() == 0.0 && x.abs() < 9e15);
            if let (Some(x), true) = (whole, n.is_f64()) {
                *value = Value::from(x as i64);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(whole_floats_to_integers),
        Value::Object(map) => map.values_mut().for_each(whole_floats_to_integers),
        _ => {}
    }
}

/// The known key nearest to an unknown one, where one is near.
fn nearest(key: &str, keys: &[&str]) -> Option<String> {
    let lower = key.to_lowercase();
    keys.iter()
        .map(|known| (strsim::jaro_winkler(&known.to_lowercase(), &lower), *known))
        .filter(|(similarity, _)| *similarity > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known.to_owned())
}
