//! The two baselines, and their time constants.

use serde::{Deserialize, Serialize};

/// Time constant of the untrained filter, ms: between the membrane's 20 and the NMDA current's 70.
pub const TAU_MS: f64 = 50.0;

/// Time constants of the regression's filters, ms: about those of AMPA (3), GABA_A and the membrane (10 and 20), and
/// NMDA (70), as far apart as their logarithms allow.
pub const TAUS_MS: [f64; 4] = [3.0, 10.0, 30.0, 100.0];

/// A kind of baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The untrained exponential filter.
    Filter,
    /// The logistic regression.
    Logistic,
}

impl Kind {
    /// Both kinds.
    pub const ALL: [Self; 2] = [Self::Filter, Self::Logistic];

    /// The baseline's name in tables of results, in the column of the configurations.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Filter => "filter",
            Self::Logistic => "logistic",
        }
    }

    /// The baseline's name in texts and figures.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Filter => "exponential filter, untrained",
            Self::Logistic => "logistic regression",
        }
    }

    /// The baseline with this key; `None` for any other.
    #[must_use]
    pub fn named(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// Number of learnt parameters.
    #[must_use]
    pub fn parameters(self, segments: usize) -> usize {
        match self {
            Self::Filter => 0,
            Self::Logistic => 2 * segments * TAUS_MS.len() + 1,
        }
    }

    /// The time after which an input has faded to a hundredth, ms.
    #[must_use]
    pub fn reach_ms(self) -> f64 {
        let slowest = match self {
            Self::Filter => TAU_MS,
            Self::Logistic => TAUS_MS[TAUS_MS.len() - 1],
        };
        slowest * 100f64.ln()
    }
}
