//! Which baseline, and its time constants.

use serde::{Deserialize, Serialize};

/// Time constant of the untrained filter, ms: between the membrane's 20 and the NMDA current's 70.
pub const TAU_MS: f64 = 50.0;

/// Time constants of the regression's filters, ms: about those of AMPA (3), GABA_A and the membrane (10 and 20), and
/// NMDA (70), as far apart as their logarithms allow.
pub const TAUS_MS: [f64; 4] = [3.0, 10.0, 30.0, 100.0];

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The untrained filter.
    Filter,
    /// The regression.
    Logistic,
}

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Filter, Self::Logistic];

    /// Its name in tables of results, in the column of the configurations.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Filter => "filter",
            Self::Logistic => "logistic",
        }
    }

    /// The name in texts and figures.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Filter => "exponential filter, untrained",
            Self::Logistic => "logistic regression",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// Numbers that were learnt.
    #[must_use]
    pub fn parameters(self, segments: usize) -> usize {
        match self {
            Self::Filter => 0,
            Self::Logistic => 2 * segments * TAUS_MS.len() + 1,
        }
    }

    /// ms of input that matter: until an input has faded to a hundredth.
    #[must_use]
    pub fn reach_ms(self) -> f64 {
        let slowest = match self {
            Self::Filter => TAU_MS,
            Self::Logistic => TAUS_MS[TAUS_MS.len() - 1],
        };
        slowest * 100f64.ln()
    }
}
