//! How simulations are computed: exactly, or many at once.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::isa::{LANES_F32, LANES_F64};

/// How simulations are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Method {
    /// One after another, with NEURON's own digits.
    #[serde(rename = "exact")]
    Exact,
    /// Many at once in double precision, rates from tables; see [`batch`](super) for its error.
    #[default]
    #[serde(rename = "fast")]
    Fast,
    /// Like [`Method::Fast`], in single precision.
    #[serde(rename = "fast-f32")]
    FastF32,
}

/// The error of a name that no method has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown method \"{0}\"; the methods are exact, fast, fast-f32")]
pub struct UnknownMethod(pub String);

impl Method {
    /// All methods.
    pub const ALL: [Self; 3] = [Self::Exact, Self::Fast, Self::FastF32];

    /// The method's name, which is also its serialised form.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Fast => "fast",
            Self::FastF32 => "fast-f32",
        }
    }

    /// The number of simulations that run at once.
    #[must_use]
    pub const fn lanes(self) -> usize {
        match self {
            Self::Exact => 1,
            Self::Fast => LANES_F64,
            Self::FastF32 => LANES_F32,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Method {
    type Err = UnknownMethod;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|method| method.name() == name)
            .ok_or_else(|| UnknownMethod(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_reads_back() {
        for method in Method::ALL {
            assert_eq!(method.to_string().parse(), Ok(method));
            let json = serde_json::to_string(&method).unwrap();
            assert_eq!(json, format!("\"{method}\""));
            assert_eq!(serde_json::from_str::<Method>(&json).unwrap(), method);
        }
        let error = "Fast".parse::<Method>().unwrap_err().to_string();
        assert!(error.contains("\"Fast\"") && error.contains("fast-f32"), "{error}");
    }
}
