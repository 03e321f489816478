//! Settings: the JSON objects of a neuron, a generator, a filter or a training, read and checked in one way.
//!
//! A type lists its settings once ([`HasSettings::settings`]): key, unit and bounds. From that list come the known
//! keys, the known key nearest to an unknown one, and the check of every value; each fault names the key at fault.
//!
//! ```
//! use ballstick::settings::{self, HasSettings, Setting};
//!
//! #[derive(Default, serde::Deserialize)]
//! #[serde(default)]
//! struct Electrode {
//!     amplitude_na: f64,
//! }
//!
//! impl HasSettings for Electrode {
//!     fn settings() -> Vec<Setting<Self>> {
//!         vec![Setting::number("amplitude_na", |e: &Self| e.amplitude_na, [-10.0, 10.0], "nA")]
//!     }
//! }
//!
//! let fault = |text| settings::read::<Electrode>(text).err().map(|e| e.to_string());
//! assert_eq!(fault("{\"amplitude_na\": 0.3}"), None);
//! let nearest = "unknown key \"amplitude\"; did you mean \"amplitude_na\"?";
//! assert_eq!(fault("{\"amplitude\": 0.3}").as_deref(), Some(nearest));
//! let bounds = "amplitude_na = 20: must lie in -10..10 nA";
//! assert_eq!(fault("{\"amplitude_na\": 20}").as_deref(), Some(bounds));
//! ```

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::text::{json, plain_words};

/// The error of a setting that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SettingError {
    /// A value outside its bounds.
    #[error("{key} = {value}: {must}")]
    Range {
        /// The key, as the JSON has it.
        key: String,
        /// The value given.
        value: String,
        /// What the value must be, with its unit.
        must: String,
    },
    /// A key that no setting has.
    #[error("unknown key \"{key}\"{hint}", hint = hint(.nearest.as_deref(), .known, "keys"))]
    UnknownKey {
        /// The key given.
        key: String,
        /// The nearest known key; `None` where no key is near.
        nearest: Option<String>,
        /// All known keys, separated by commas.
        known: String,
    },
    /// A value of the wrong type.
    #[error("key \"{key}\": {problem}")]
    Type {
        /// The key, as the JSON has it.
        key: String,
        /// The parser's message on the value.
        problem: String,
    },
    /// Text that is no JSON object.
    #[error("not a JSON object: {0}")]
    Syntax(String),
    /// A name that no preset has.
    #[error("unknown preset \"{name}\"; the presets are {known}")]
    UnknownPreset {
        /// The name given.
        name: String,
        /// The names of all presets, separated by commas.
        known: String,
    },
}

/// A hint at the known name that an unknown one may have meant, or else at all known names, which `what` calls by their
/// kind.
fn hint(nearest: Option<&str>, known: &str, what: &str) -> String {
    match nearest {
        Some(nearest) => format!("; did you mean \"{nearest}\"?"),
        None => format!("; the {what} are {known}"),
    }
}

impl SettingError {
    /// The error of a value outside its bounds.
    pub fn range(
        key: impl Into<String>,
        value: impl Into<String>,
        must: impl Into<String>,
    ) -> Self {
        Self::Range { key: key.into(), value: value.into(), must: must.into() }
    }
}

/// One setting of a `T`: its key, and the condition on its value.
pub struct Setting<T> {
    key: &'static str,
    check: Check<T>,
}

/// The condition on the value of a setting.
enum Check<T> {
    /// Any value of the type.
    Free,
    /// A number within bounds, which may depend on other settings.
    Number { of: fn(&T) -> f64, bounds: Bounds<T>, unit: &'static str },
    /// A number above 0.
    Positive { of: fn(&T) -> f64, most: f64, unit: &'static str },
    /// An integer within bounds.
    Count { of: fn(&T) -> usize, bounds: [usize; 2], unit: &'static str },
    /// A range [least, greatest] within bounds.
    Range { of: fn(&T) -> [f64; 2], bounds: [f64; 2], unit: &'static str },
    /// A range [least, greatest] without bounds.
    Ordered(fn(&T) -> [f64; 2]),
    /// Any other condition: a function that gives the value and what it must be where the condition is not met.
    Other(fn(&T) -> Result<(), (String, String)>),
}

/// The least and the greatest value, ends included.
enum Bounds<T> {
    Fixed([f64; 2]),
    Of(fn(&T) -> [f64; 2]),
}

impl<T> Setting<T> {
    /// A setting that may have any value of its type.
    #[must_use]
    pub fn free(key: &'static str) -> Self {
        Self { key, check: Check::Free }
    }

    /// A setting whose value is a number in `bounds`, ends included.
    #[must_use]
    pub fn number(
        key: &'static str,
        of: fn(&T) -> f64,
        bounds: [f64; 2],
        unit: &'static str,
    ) -> Self {
        Self { key, check: Check::Number { of, bounds: Bounds::Fixed(bounds), unit } }
    }

    /// A setting whose value is a probability, 0 to 1.
    #[must_use]
    pub fn probability(key: &'static str, of: fn(&T) -> f64) -> Self {
        Self::number(key, of, [0.0, 1.0], "")
    }

    /// A setting whose value is a number within bounds that depend on other settings.
    #[must_use]
    pub fn number_within(
        key: &'static str,
        of: fn(&T) -> f64,
        bounds: fn(&T) -> [f64; 2],
        unit: &'static str,
    ) -> Self {
        Self { key, check: Check::Number { of, bounds: Bounds::Of(bounds), unit } }
    }

    /// A setting whose value is a number above 0 and at most `most`.
    #[must_use]
    pub fn positive(key: &'static str, of: fn(&T) -> f64, most: f64, unit: &'static str) -> Self {
        Self { key, check: Check::Positive { of, most, unit } }
    }

    /// A setting whose value is an integer in `bounds`, ends included.
    #[must_use]
    pub fn count(
        key: &'static str,
        of: fn(&T) -> usize,
        bounds: [usize; 2],
        unit: &'static str,
    ) -> Self {
        Self { key, check: Check::Count { of, bounds, unit } }
    }

    /// A setting whose value is a range [least, greatest], both in `bounds`, ends included.
    #[must_use]
    pub fn range(
        key: &'static str,
        of: fn(&T) -> [f64; 2],
        bounds: [f64; 2],
        unit: &'static str,
    ) -> Self {
        Self { key, check: Check::Range { of, bounds, unit } }
    }

    /// A setting whose value is a range [a, b] with a ≤ b, without bounds.
    #[must_use]
    pub fn ordered(key: &'static str, of: fn(&T) -> [f64; 2]) -> Self {
        Self { key, check: Check::Ordered(of) }
    }

    /// A setting judged by `check`: an error of `check` holds the value and what it must be.
    #[must_use]
    pub fn other(key: &'static str, check: fn(&T) -> Result<(), (String, String)>) -> Self {
        Self { key, check: Check::Other(check) }
    }

    /// The setting's key.
    #[must_use]
    pub fn key(&self) -> &'static str {
        self.key
    }

    /// Checks the value of this setting in `all`.
    ///
    /// # Errors
    /// [`SettingError::Range`] where the value does not meet the setting's condition.
    pub fn check(&self, all: &T) -> Result<(), SettingError> {
        let fault = match &self.check {
            Check::Free => return Ok(()),
            Check::Number { of, bounds, unit } => {
                let [least, most] = match bounds {
                    Bounds::Fixed(bounds) => *bounds,
                    Bounds::Of(bounds) => bounds(all),
                };
                let value = of(all);
                let must = || format!("must lie in {least}..{most} {unit}");
                fault((least..=most).contains(&value), || value.to_string(), must)
            }
            Check::Positive { of, most, unit } => {
                let value = of(all);
                let must = || format!("must be above 0 and at most {most} {unit}");
                fault((f64::MIN_POSITIVE..=*most).contains(&value), || value.to_string(), must)
            }
            Check::Count { of, bounds: [least, most], unit } => {
                let value = of(all);
                let must = || format!("must be a whole number in {least}..{most} {unit}");
                fault((least..=most).contains(&&value), || value.to_string(), must)
            }
            Check::Range { of, bounds: [least, most], unit } => {
                let [from, to] = of(all);
                let fits = *least <= from && from <= to && to <= *most;
                let must = || format!("must be [least, greatest], both in {least}..{most} {unit}");
                fault(fits, || format!("[{from}, {to}]"), must)
            }
            Check::Ordered(of) => {
                let value @ [a, b] = of(all);
                fault(a <= b, || format!("{value:?}"), || "must be [a, b] with a ≤ b".to_owned())
            }
            Check::Other(check) => check(all).err(),
        };
        match fault {
            None => Ok(()),
            Some((value, must)) => Err(SettingError::range(self.key, value, must.trim_end())),
        }
    }
}

fn fault(
    fits: bool,
    value: impl Fn() -> String,
    must: impl Fn() -> String,
) -> Option<(String, String)> {
    (!fits).then(|| (value(), must()))
}

/// Requires a setting to meet a condition; for [`Setting::other`].
///
/// # Errors
/// The value, and what it must be.
pub(crate) fn require(
    fits: bool,
    value: impl Debug,
    must: impl Into<String>,
) -> Result<(), (String, String)> {
    if fits { Ok(()) } else { Err((format!("{value:?}"), must.into())) }
}

/// A type made of settings, all of which have defaults.
pub trait HasSettings: DeserializeOwned {
    /// Every setting, in the order in which they are checked.
    fn settings() -> Vec<Setting<Self>>;

    /// Checks conditions that several settings must meet together.
    ///
    /// # Errors
    /// [`SettingError::Range`] names the key at fault.
    fn together(&self) -> Result<(), SettingError> {
        Ok(())
    }
}

/// Every key of a `T`'s settings.
#[must_use]
pub fn keys<T: HasSettings>() -> Vec<&'static str> {
    T::settings().iter().map(Setting::key).collect()
}

/// Checks every setting against its bounds and against the others.
///
/// # Errors
/// [`SettingError::Range`] names the first key that is out of bounds, and the bounds with their unit.
pub fn check<T: HasSettings>(all: &T) -> Result<(), SettingError> {
    T::settings().iter().try_for_each(|setting| setting.check(all))?;
    all.together()
}

/// Reads and checks a JSON object with some of the keys of a `T`; keys that it leaves out have their defaults.
///
/// # Errors
/// [`SettingError`]: the text is no JSON object, a key is unknown (with the nearest known one), or a value is of the
/// wrong type or out of its bounds (with its unit).
pub fn read<T: HasSettings>(text: &str) -> Result<T, SettingError> {
    let all = from_object(object(text)?)?;
    check(&all)?;
    Ok(all)
}

/// Parses a JSON object. An integer with a decimal point, as Python may write it (8.0), becomes an integer.
///
/// # Errors
/// [`SettingError::Syntax`]: text that is no JSON object, or that has a key twice.
pub fn object(text: &str) -> Result<Map<String, Value>, SettingError> {
    object_of(json(text).map_err(SettingError::Syntax)?)
}

/// [`object`] for JSON that is parsed already.
///
/// # Errors
/// [`SettingError::Syntax`]: a value that is no JSON object.
pub fn object_of(value: Value) -> Result<Map<String, Value>, SettingError> {
    let Value::Object(mut map) = value else {
        return Err(SettingError::Syntax("expected {\"key\": value, ...}".to_owned()));
    };
    map.values_mut().for_each(whole_floats_to_integers);
    Ok(map)
}

/// The `T` of a JSON object with some of its keys; the values' bounds are not checked.
///
/// # Errors
/// [`SettingError`]: an unknown key (with the nearest known one), a value of the wrong type.
pub fn from_object<T: HasSettings>(given: Map<String, Value>) -> Result<T, SettingError> {
    known::<T>(&given, &keys::<T>())?;
    serde_json::from_value(given.into()).map_err(|e| SettingError::Syntax(plain_words(&e)))
}

/// The `base` with the values that a JSON object gives for some of its keys; the values' bounds are not checked.
///
/// # Errors
/// The errors of [`from_object`].
pub fn change<T: HasSettings + Serialize>(
    base: &T,
    given: Map<String, Value>,
) -> Result<T, SettingError> {
    known::<T>(&given, &keys::<T>())?;
    let syntax = |e: serde_json::Error| SettingError::Syntax(plain_words(&e));
    let mut all = serde_json::to_value(base).map_err(syntax)?;
    given.into_iter().for_each(|(key, value)| all[key] = value);
    serde_json::from_value(all).map_err(syntax)
}

/// Requires every key of a JSON object to be one of `keys`, and its value to have the type of that key in a `T`.
///
/// # Errors
/// [`SettingError::UnknownKey`] and [`SettingError::Type`].
pub(crate) fn known<T: DeserializeOwned>(
    given: &Map<String, Value>,
    keys: &[&str],
) -> Result<(), SettingError> {
    for (key, value) in given {
        if !keys.contains(&key.as_str()) {
            let nearest = nearest(key, keys).map(str::to_owned);
            let known = keys.join(", ");
            return Err(SettingError::UnknownKey { key: key.clone(), nearest, known });
        }
        // each key by itself, so that the error can name it
        let one = Map::from_iter([(key.clone(), value.clone())]);
        serde_json::from_value::<T>(one.into())
            .map_err(|e| SettingError::Type { key: key.clone(), problem: plain_words(&e) })?;
    }
    Ok(())
}

/// The least similarity of two names, of at most 1, for one to be offered in place of the other.
const NEAR: f64 = 0.75;

/// The known name nearest to an unknown one; `None` where no name is near.
#[must_use]
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let lower = name.to_lowercase();
    known
        .iter()
        .map(|known| (strsim::jaro_winkler(&known.to_lowercase(), &lower), *known))
        .filter(|(similarity, _)| *similarity > NEAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}

/// What follows an unknown name in an error: the known name that may have been meant, or else all of them, which `what`
/// calls by their kind (`"channels"`).
#[must_use]
pub fn hint_at(name: &str, known: &[&str], what: &str) -> String {
    hint(nearest(name, known), &known.join(", "), what)
}

/// A value typed after `KEY=`: JSON, such as 3 or [1, 2], or else a text.
#[must_use]
pub fn typed(value: &str) -> Value {
    serde_json::from_str(value).unwrap_or_else(|_| value.into())
}

/// Turns integers with a decimal point, which Python writes for some, into integers; integers everywhere serve as
/// floats.
fn whole_floats_to_integers(value: &mut Value) {
    match value {
        Value::Number(n) => {
            // every integer up to 2^53 (9.007e15) is exact
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
