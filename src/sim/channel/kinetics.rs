//! Where a gate goes, and how fast.

/// Temperature factor 2.3^((34 - 21)/10) of the channels measured at 21 °C and used at 34 °C.
pub(crate) const QT: f64 = 2.952_882_641_412_121;

/// Where a gate goes at a voltage, and how fast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kinetics {
    /// Steady state, 0..1.
    pub inf: f64,
    /// Time constant, ms.
    pub tau: f64,
}

impl Kinetics {
    /// From opening and closing rates (1/ms) and a temperature factor.
    #[inline]
    #[must_use]
    pub fn from_rates(alpha: f64, beta: f64, qt: f64) -> Self {
        let sum = alpha + beta;
        Self { inf: alpha / sum, tau: 1.0 / sum / qt }
    }
}
