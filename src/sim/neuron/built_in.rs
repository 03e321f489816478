//! The built-in soma: every channel and a calcium pool at one place, all at once.

use crate::sim::cable::{Cable, SLOPE_STEP};
use crate::sim::channel::pool::{INITIAL_CAI, Pool, nernst_mv};
use crate::sim::channel::{
    CHANNELS, Channel, GATES, Gate, GateState, Ion, Kinetics, VOLTAGE_GATES, sk_e2,
    voltage_kinetics, voltage_kinetics_at_once,
};
use crate::sim::math::{exp, exp_each};
use crate::sim::params::NeuronParams;
use crate::units::thermal_voltage_mv;

/// Leak conductance of the built-in soma, S/cm² (Hay et al. 2011).
pub const SOMA_G_PAS: f64 = 3e-5;

/// Width of the arrays in which the voltage gates' exponentials are taken at once.
const LANES: usize = VOLTAGE_GATES.next_multiple_of(4);

/// Currents of the soma: the leak's and the channels'.
const CURRENTS: usize = CHANNELS + 1;

/// The built-in soma's membrane.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BuiltIn {
    g_bar: [f64; CHANNELS], // S/cm², by Channel
    thermal_voltage: f64,   // mV
    gates: GateState,
    cai: f64, // mM
    pool_step: f64,
    sk_step: f64,
}

impl BuiltIn {
    /// At rest.
    pub(super) fn new(params: &NeuronParams, dt_ms: f64) -> Self {
        let mut gates = [0.0; GATES];
        for (gate, kinetics) in gates.iter_mut().zip(voltage_kinetics(params.e_pas_mv)) {
            *gate = kinetics.inf;
        }
        let z = sk_e2::z(INITIAL_CAI);
        gates[Channel::SkE2.gates().0.index()] = z.inf;
        Self {
            g_bar: Channel::ALL.map(|channel| params.conductance(channel)),
            thermal_voltage: thermal_voltage_mv(params.celsius),
            gates,
            cai: INITIAL_CAI,
            pool_step: Pool::SOMA.step(dt_ms),
            sk_step: 1.0 - exp(dt_ms * (-1.0 / z.tau)),
        }
    }

    /// Sets what flows at the soma's node at `v` mV, of which electrodes inject `injected` (mA/cm², one after another).
    /// Returns the calcium current density, mA/cm².
    #[inline(always)]
    pub(super) fn set_current(
        &self,
        v: f64,
        e_pas: f64,
        injected: impl Iterator<Item = f64>,
        (node, cable): (usize, &mut Cable),
    ) -> f64 {
        let up = v + SLOPE_STEP;
        let e_ca = self.e_ca_mv();
        let mut g = [SOMA_G_PAS; CURRENTS];
        let mut e_rev = [e_pas; CURRENTS];
        for channel in Channel::ALL {
            let i = channel as usize;
            g[i + 1] = channel.conductance(self.g_bar[i], &self.gates);
            e_rev[i + 1] = channel.e_rev(e_ca);
        }
        let (mut current, mut slope) = ([0.0; CURRENTS], [0.0; CURRENTS]);
        for i in 0..CURRENTS {
            current[i] = g[i] * (v - e_rev[i]);
            slope[i] = (g[i] * (up - e_rev[i]) - current[i]) / SLOPE_STEP;
        }
        // the leak, the electrodes, the channels
        let mut rhs = -current[0];
        for injected in injected {
            rhs += injected;
        }
        let mut diagonal = slope[0];
        let mut i_ca = 0.0;
        for channel in Channel::ALL {
            let i = channel as usize + 1;
            rhs -= current[i];
            diagonal += slope[i];
            if channel.about().ion == Ion::Calcium {
                i_ca += current[i];
            }
        }
        cable.set(node, rhs, diagonal);
        i_ca
    }

    /// Advances the calcium pool by the calcium current at the old voltage (mA/cm²), then SK_E2 by the new
    /// concentration.
    #[inline(always)]
    pub(super) fn advance(&mut self, v: f64, i_ca: f64, dt_ms: f64) {
        self.cai += self.pool_step * (Pool::SOMA.cai_inf(i_ca) - self.cai);
        let kinetics = voltage_kinetics_at_once(v);
        let mut minus_rate = [-1.0; LANES];
        let mut kept = [0.0; LANES];
        for (i, Kinetics { tau, .. }) in kinetics.iter().enumerate() {
            minus_rate[i] = -1.0 / tau;
            kept[i] = dt_ms * minus_rate[i];
        }
        exp_each(&mut kept);
        for (i, Kinetics { inf, tau }) in kinetics.into_iter().enumerate() {
            // x∞ from the rate equation x' = x∞/τ - x/τ, as NMODL's cnexp has it
            let steady = -(inf / tau) / minus_rate[i];
            self.gates[i] += (1.0 - kept[i]) * (steady - self.gates[i]);
        }
        let z = &mut self.gates[Channel::SkE2.gates().0.index()];
        *z += self.sk_step * (sk_e2::z(self.cai).inf - *z);
    }

    /// Calcium, mM.
    pub(super) fn cai_mm(&self) -> f64 {
        self.cai
    }

    /// Nernst potential of calcium, mV.
    #[inline(always)]
    pub(super) fn e_ca_mv(&self) -> f64 {
        nernst_mv(self.cai, self.thermal_voltage)
    }

    /// State of a gate, 0..1.
    pub(super) fn gate(&self, gate: Gate) -> f64 {
        self.gates[gate.index()]
    }

    /// Current density of a channel at `v` mV, mA/cm², outward positive.
    pub(super) fn current(&self, channel: Channel, v: f64) -> f64 {
        let g = channel.conductance(self.g_bar[channel as usize], &self.gates);
        g * (v - channel.e_rev(self.e_ca_mv()))
    }
}
