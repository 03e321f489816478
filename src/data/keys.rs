//! JSON objects whose keys are all known, with a hint for those that are not.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::text::{json, plain_words};

/// A JSON text that is not what it should be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ConfigError {
    /// No JSON object.
    #[error("not a JSON object: {0}")]
    Syntax(String),
    /// A key that nothing has.
    #[error("unknown key \"{key}\"{}", .nearest.map(|n| format!("; did you mean \"{n}\"?")).unwrap_or_default())]
    UnknownKey {
        /// The key given.
        key: String,
        /// The nearest known one, where one is near.
        nearest: Option<&'static str>,
    },
    /// A value of the wrong type.
    #[error("key \"{key}\": {problem}")]
    Type {
        /// The key.
        key: String,
        /// What the parser said.
        problem: String,
    },
    /// A value out of its bounds.
    #[error("{key} = {value}: {must}")]
    Range {
        /// The key.
        key: String,
        /// The value given.
        value: String,
        /// What it must be.
        must: String,
    },
}

impl ConfigError {
    pub(crate) fn range(key: &str, value: impl std::fmt::Debug, must: impl Into<String>) -> Self {
        Self::Range { key: key.to_owned(), value: format!("{value:?}"), must: must.into() }
    }
}

/// Reads a JSON object with some of these keys; what it leaves out has its default.
///
/// # Errors
/// Text that is no JSON object, an unknown key (with the nearest known one), a value of the wrong type.
pub fn from_json<T: DeserializeOwned>(
    text: &str,
    keys: &'static [&'static str],
) -> Result<T, ConfigError> {
    let Value::Object(map) = json(text).map_err(ConfigError::Syntax)? else {
        return Err(ConfigError::Syntax("expected {\"key\": value, ...}".to_owned()));
    };
    for (key, value) in &map {
        if !keys.contains(&key.as_str()) {
            return Err(ConfigError::UnknownKey { key: key.clone(), nearest: nearest(key, keys) });
        }
        let one = serde_json::Map::from_iter([(key.clone(), value.clone())]);
        serde_json::from_value::<T>(one.into())
            .map_err(|e| ConfigError::Type { key: key.clone(), problem: plain_words(&e) })?;
    }
    serde_json::from_value(map.into()).map_err(|e| ConfigError::Syntax(e.to_string()))
}

fn nearest(key: &str, keys: &'static [&'static str]) -> Option<&'static str> {
    let lower = key.to_lowercase();
    keys.iter()
        .map(|known| (strsim::jaro_winkler(&known.to_lowercase(), &lower), *known))
        .filter(|(similarity, _)| *similarity > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}
