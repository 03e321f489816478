//! Current that is injected: into the soma by whoever simulates, or anywhere by the neuron's own electrodes.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::morphology::Branch;
use super::region::read::Fields;
use crate::settings::{self, SettingError};

/// A rectangular step of current injected into the soma.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CurrentClamp {
    /// Start of the current, ms.
    pub start_ms: f64,
    /// Duration of the current, ms.
    pub duration_ms: f64,
    /// Amplitude of the current, nA; a positive one depolarises.
    pub amplitude_na: f64,
}

impl CurrentClamp {
    /// What it injects into a step whose middle is at `t_ms`, nA.
    pub(super) fn at(&self, t_ms: f64) -> f64 {
        let on = t_ms < self.start_ms + self.duration_ms && t_ms >= self.start_ms;
        if on { self.amplitude_na } else { 0.0 }
    }
}

/// A step of current into the segment that holds an arc position.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Clamp {
    /// The soma or a branch.
    pub at: String,
    /// The arc position on it, between 0 and 1.
    pub x: f64,
    /// When it starts, ms.
    pub start_ms: f64,
    /// How long it lasts, ms.
    pub duration_ms: f64,
    /// Its amplitude, nA; positive depolarises.
    #[serde(rename = "amplitude_nA")]
    pub amplitude_na: f64,
}

/// The keys of a clamp.
const KEYS: [&str; 5] = ["at", "x", "start_ms", "duration_ms", "amplitude_nA"];

/// Bounds of times, ms.
const TIME: [f64; 2] = [-1e9, 1e9];

impl Clamp {
    /// When it is on, and how strong.
    #[must_use]
    pub fn current(&self) -> CurrentClamp {
        let Self { start_ms, duration_ms, amplitude_na, .. } = *self;
        CurrentClamp { start_ms, duration_ms, amplitude_na }
    }

    /// The segment of these branches that it is in, counted over all of them; none where it is in the soma.
    pub(super) fn segment(&self, branches: &[Branch]) -> Option<usize> {
        let mut first = 0;
        for branch in branches {
            if branch.name == self.at {
                return Some(first + branch.segment_at(self.x));
            }
            first += branch.num_segments;
        }
        None
    }

    fn read(place: &str, value: &Value) -> Result<Self, String> {
        let fields = Fields::new(place, value, &KEYS)?;
        let x = fields.number("x", [0.0, 1.0], "")?;
        if x == 0.0 || x == 1.0 {
            return Err(format!("{place}.x = {x}: must lie between 0 and 1, without these two"));
        }
        Ok(Self {
            at: fields.text("at")?.to_owned(),
            x,
            start_ms: fields.number("start_ms", TIME, "ms")?,
            duration_ms: fields.number("duration_ms", [0.0, TIME[1]], "ms")?,
            amplitude_na: fields.number("amplitude_nA", [-1e3, 1e3], "nA")?,
        })
    }
}

/// Reads the value of `clamps`.
///
/// # Errors
/// What is wrong, with its place.
pub(super) fn read_clamps<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Clamp>, D::Error> {
    let Value::Array(listed) = Value::deserialize(deserializer)? else {
        return Err(serde::de::Error::custom("expected a list"));
    };
    let read = |(i, value): (usize, &Value)| Clamp::read(&format!("clamps[{i}]"), value);
    listed.iter().enumerate().map(read).collect::<Result<_, _>>().map_err(serde::de::Error::custom)
}

/// Requires every clamp to be on a branch that there is, or on the soma.
///
/// # Errors
/// [`SettingError::Range`] names the clamp.
pub(super) fn validate_clamps(clamps: &[Clamp], branches: &[Branch]) -> Result<(), SettingError> {
    for (i, clamp) in clamps.iter().enumerate() {
        let known = |name: &str| name == Branch::SOMA || branches.iter().any(|b| b.name == name);
        if !known(&clamp.at) {
            let mut names = vec![Branch::SOMA];
            names.extend(branches.iter().map(|b| b.name.as_str()));
            let nearest = settings::nearest(&clamp.at, &names);
            let hint = nearest.map(|name| format!("; did you mean \"{name}\"?"));
            let must = format!("must be \"soma\" or a branch's name{}", hint.unwrap_or_default());
            let key = format!("clamps[{i}].at");
            return Err(SettingError::range(key, format!("\"{}\"", clamp.at), must));
        }
        // by the bounds with which it is read
        let json = serde_json::to_value(clamp).unwrap_or_default();
        Clamp::read(&format!("clamps[{i}]"), &json)
            .map_err(|problem| SettingError::Type { key: "clamps".to_owned(), problem })?;
    }
    Ok(())
}
