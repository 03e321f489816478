//! The kinds of a branch's nonlinearity.

use serde::{Deserialize, Serialize};

/// The kind of a branch's nonlinearity f; u and f(u) in mV above rest, f(0) = 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BranchNonlinearity {
    /// The identity: f(u) = u.
    #[default]
    Linear,
    /// The saturation of a conductance: with R the distance from rest to the reversal on u's side,
    /// f(u) = u/(1 + |u|/R). Slope 1 at rest, concave above it; R is never reached.
    AmpaLike,
    /// A regenerative step before that saturation: h(u) = u + A·(σ((u-θ)/k) - σ(-θ/k)) with the logistic σ, then
    /// f(u) = h/(1 + |h|/R). The slope is steepest near θ: clustered inputs add up to more than their sum.
    NmdaLike,
    /// Slope 1 in the middle and `edge_slope` ε beyond either edge, softly:
    /// f(u) = ε·u + (1-ε)·(g(u) - g(0)), g(u) = k·ln(1 + e^((u-low)/k)) - k·ln(1 + e^((u-high)/k)).
    TwoSidedSaturation,
}

impl BranchNonlinearity {
    /// All nonlinearities.
    pub const ALL: [Self; 4] =
        [Self::Linear, Self::AmpaLike, Self::NmdaLike, Self::TwoSidedSaturation];

    /// The nonlinearity's name in a JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::AmpaLike => "ampa_like",
            Self::NmdaLike => "nmda_like",
            Self::TwoSidedSaturation => "two_sided_saturation",
        }
    }
}
