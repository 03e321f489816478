//! Objects within a neuron's JSON: their keys, and numbers within bounds. Every fault names its place.

use serde_json::{Map, Value};

use crate::settings;

/// The members of an object.
pub(in crate::sim) struct Fields<'a> {
    place: &'a str,
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// The members of the object at a place.
    ///
    /// # Errors
    /// A value that is no object; a key that is none of `keys`, with the nearest one.
    pub(in crate::sim) fn new(
        place: &'a str,
        value: &'a Value,
        keys: &[&str],
    ) -> Result<Self, String> {
        let Value::Object(map) = value else {
            return Err(format!("{place}: expected {{\"key\": value, ...}}"));
        };
        if let Some(key) = map.keys().find(|key| !keys.contains(&key.as_str())) {
            let hint = settings::hint_at(key, keys, "keys");
            return Err(format!("{place}: unknown key \"{key}\"{hint}"));
        }
        Ok(Self { place, map })
    }

    /// A member that need not be there.
    pub(in crate::sim) fn get(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    /// A member that must be there.
    fn needed(&self, key: &str) -> Result<&'a Value, String> {
        self.get(key).ok_or_else(|| format!("{}: {key} is missing", self.place))
    }

    /// A number in `bounds`, ends included.
    pub(in crate::sim) fn number(
        &self,
        key: &str,
        bounds: [f64; 2],
        unit: &str,
    ) -> Result<f64, String> {
        number(&format!("{}.{key}", self.place), self.needed(key)?, bounds, unit)
    }

    /// A number above 0 and at most `most`.
    pub(in crate::sim) fn positive(&self, key: &str, most: f64, unit: &str) -> Result<f64, String> {
        let x = self.number(key, [f64::MIN, f64::MAX], unit)?;
        if x > 0.0 && x <= most {
            return Ok(x);
        }
        Err(format!("{}.{key} = {x}: must be above 0 and at most {most} {unit}", self.place))
    }

    /// A text.
    pub(in crate::sim) fn text(&self, key: &str) -> Result<&'a str, String> {
        let value = self.needed(key)?;
        value.as_str().ok_or_else(|| format!("{}.{key} = {value}: expected a name", self.place))
    }
}

/// The number at a place, in `bounds`, ends included.
pub(super) fn number(
    place: &str,
    value: &Value,
    [least, most]: [f64; 2],
    unit: &str,
) -> Result<f64, String> {
    let Some(x) = value.as_f64() else {
        return Err(format!("{place} = {value}: expected a number"));
    };
    if (least..=most).contains(&x) {
        return Ok(x);
    }
    Err(format!("{place} = {x}: must lie in {least}..{most} {unit}").trim_end().to_owned())
}
