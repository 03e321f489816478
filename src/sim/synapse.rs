//! Conductance synapses with two exponentials: AMPA, NMDA with its magnesium block, and GABA_A.

use super::math::{exp, ln};

/// External magnesium, mM.
pub const MG: f64 = 1.0;
/// Reversal potential of AMPA and NMDA, mV.
pub const E_EXC: f64 = 0.0;
/// Reversal potential of GABA_A, mV.
pub const E_INH: f64 = -85.0;

/// The time course of a conductance: `e^(-t/tau_decay) - e^(-t/tau_rise)`, scaled to a peak of 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DoubleExponential {
    /// Time constant of the rise, ms.
    pub tau_rise: f64,
    /// Time constant of the decay, ms.
    pub tau_decay: f64,
}

/// Time course of AMPA conductances.
pub const AMPA: DoubleExponential = DoubleExponential { tau_rise: 0.3, tau_decay: 3.0 };
/// Time course of NMDA conductances.
pub const NMDA: DoubleExponential = DoubleExponential { tau_rise: 2.0, tau_decay: 70.0 };
/// Time course of GABA_A conductances.
pub const GABA_A: DoubleExponential = DoubleExponential { tau_rise: 0.2, tau_decay: 8.0 };

impl DoubleExponential {
    /// Time from an event to the conductance's peak, ms.
    #[must_use]
    pub fn peak_time(self) -> f64 {
        let (r, d) = (self.tau_rise, self.tau_decay);
        (r * d) / (d - r) * ln(d / r)
    }

    /// The amount that an event of weight 1 adds to both states, so that the conductance peaks at 1.
    #[must_use]
    pub fn factor(self) -> f64 {
        let tp = self.peak_time();
        1.0 / (-exp(-tp / self.tau_rise) + exp(-tp / self.tau_decay))
    }
}

/// The rise and decay states of one kind of synapse, one pair a segment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct States {
    factor: f64,
    rise_step: f64,
    decay_step: f64,
    rise: Vec<f64>,
    decay: Vec<f64>,
}

impl States {
    pub(super) fn new(shape: DoubleExponential, segments: usize, dt: f64) -> Self {
        Self {
            factor: shape.factor(),
            rise_step: exp(dt * (-1.0 / shape.tau_rise)),
            decay_step: exp(dt * (-1.0 / shape.tau_decay)),
            rise: vec![0.0; segments],
            decay: vec![0.0; segments],
        }
    }

    /// Adds an event of `weight` to the states of a segment.
    pub(super) fn deliver(&mut self, segment: usize, weight: f64) {
        self.rise[segment] += weight * self.factor;
        self.decay[segment] += weight * self.factor;
    }

    /// One exact step of both exponentials.
    #[inline(always)]
    pub(super) fn advance(&mut self) {
        // x' = -x/τ in the form of NMODL's cnexp
        for x in &mut self.rise {
            *x += (1.0 - self.rise_step) * (0.0 - *x);
        }
        for x in &mut self.decay {
            *x += (1.0 - self.decay_step) * (0.0 - *x);
        }
    }

    /// A segment's conductance as a share of g_max: 1 at the peak after a single event of weight 1.
    #[inline(always)]
    pub(super) fn open(&self, segment: usize) -> f64 {
        self.decay[segment] - self.rise[segment]
    }
}

/// The share of NMDA receptors that magnesium does not block at `v` mV, with `gamma` in 1/mV (Jahr & Stevens 1990); the
/// block follows the voltage instantaneously.
#[inline]
#[must_use]
pub fn nmda_unblocked(v: f64, gamma: f64) -> f64 {
    nmda_unblocked_from(exp(gamma * -v))
}

/// [`nmda_unblocked`] from e^(-gamma·v).
#[inline(always)]
pub(super) fn nmda_unblocked_from(exponential: f64) -> f64 {
    1.0 / (1.0 + exponential * (MG / 3.57))
}
