//! The neuron: its state and one step of it.

use super::cable::Cable;
use super::channel::{
    Channel, GATES, Gate, GateState, Kinetics, calcium, potassium, voltage_kinetics,
    voltage_kinetics_at_once,
};
use super::math::{exp, exp_each};
use super::morphology::Tree;
use super::params::NeuronParams;
use super::synapse::{self, States, nmda_unblocked, nmda_unblocked_from};
use crate::settings::SettingError;
use crate::simd::{Isa, dispatch};
use crate::units::{NA_PER_UM2, thermal_voltage_mv};

/// Leak conductance of the soma, S/cm² (Hay et al. 2011).
pub const SOMA_G_PAS: f64 = 3e-5;

/// The voltage step over which a current's slope is taken, mV (NEURON's).
const SLOPE_STEP: f64 = 0.001;

/// Width of the arrays in which the voltage gates' exponentials are taken at once.
const LANES: usize = 20;

dispatch! { plain fn step(neuron: &mut Neuron, clamp_na: f64) = step_here }

#[inline(always)]
fn step_here(neuron: &mut Neuron, clamp_na: f64) {
    neuron.step_here(clamp_na);
}

/// A neuron at one moment.
///
/// [`step`](Self::step) is NEURON's fixed step with `secondorder = 0`: currents at the present voltage with
/// numerical slopes, one implicit Euler solve of the tree, then every gate, the calcium pool and the synapses by
/// their exact exponential at the new voltage.
#[derive(Debug, Clone, PartialEq)]
pub struct Neuron {
    isa: Isa,
    dt_ms: f64,
    e_pas: f64,
    c_over_dt: f64,       // S/cm²
    g_pas_dend: f64,      // S/cm²
    g_bar: [f64; 11],     // S/cm², by Channel
    thermal_voltage: f64, // mV
    gamma_nmda: f64,
    g_max: Conductances, // µS
    density: Vec<f64>,   // 100/area of each segment, 1/µm²
    cable: Cable,
    soma: usize,
    v: Vec<f64>, // mV, by node
    gates: GateState,
    cai: f64, // mM
    pool_step: f64,
    sk_step: f64,
    ampa: States,
    nmda: States,
    gaba: States,
}

/// Conductances of the three kinds of synapse, µS each.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Conductances {
    /// AMPA conductance.
    pub ampa: f64,
    /// NMDA conductance: with the magnesium block where the value is a momentary one, without it where it is a maximum.
    pub nmda: f64,
    /// GABA_A conductance.
    pub gaba: f64,
}

impl Neuron {
    /// A neuron at rest: every voltage at e_pas, every gate at its steady state there.
    ///
    /// # Errors
    /// [`SettingError::Range`] names the first parameter that is out of its bounds.
    pub fn new(params: &NeuronParams) -> Result<Self, SettingError> {
        params.validate()?;
        let dt_ms = 1.0 / params.samples_per_ms as f64;
        let tree = params.morphology().tree();
        let segments = tree.segments.len();
        let g_bar = Channel::ALL.map(|channel| params.conductance(channel));
        let v = vec![params.e_pas_mv; tree.nodes.len()];
        let cai = calcium::pool::INITIAL_CAI;
        let mut gates = [0.0; GATES];
        for (gate, kinetics) in gates.iter_mut().zip(voltage_kinetics(params.e_pas_mv)) {
            *gate = kinetics.inf;
        }
        let z = potassium::sk_e2_z(cai);
        gates[Gate::SkE2Z as usize] = z.inf;
        let density =
            tree.segments.iter().map(|&node| NA_PER_UM2 / tree.nodes[node].area_um2).collect();
        Ok(Self {
            isa: Isa::best(),
            dt_ms,
            density,
            e_pas: params.e_pas_mv,
            c_over_dt: 0.001 * (1.0 / dt_ms) * params.capacitance,
            g_pas_dend: 1.0 / params.membrane_resistance,
            g_bar,
            thermal_voltage: thermal_voltage_mv(params.celsius),
            gamma_nmda: params.gamma_nmda,
            g_max: Conductances {
                ampa: params.g_max_ampa,
                nmda: params.g_max_nmda,
                gaba: params.g_max_gaba_a,
            },
            v,
            gates,
            cai,
            pool_step: 1.0 - exp(dt_ms * (-1.0 / calcium::pool::DECAY)),
            sk_step: 1.0 - exp(dt_ms * (-1.0 / z.tau)),
            ampa: States::new(synapse::AMPA, segments, dt_ms),
            nmda: States::new(synapse::NMDA, segments, dt_ms),
            gaba: States::new(synapse::GABA_A, segments, dt_ms),
            soma: tree.soma,
            cable: Cable::new(tree),
        })
    }

    /// Delivers a spike to a segment's synapses now: weight `exc` to AMPA and NMDA, weight `inh` to GABA_A.
    pub fn deliver(&mut self, segment: usize, exc: f64, inh: f64) {
        if exc != 0.0 {
            self.ampa.deliver(segment, exc);
            self.nmda.deliver(segment, exc);
        }
        if inh != 0.0 {
            self.gaba.deliver(segment, inh);
        }
    }

    /// Goes one dt ahead, with a current of `clamp_na` nA injected into the soma.
    ///
    /// Every processor performs the same operations in the same order, and so gives the same bits; wider registers only
    /// take more of them at a time.
    pub fn step(&mut self, clamp_na: f64) {
        step(self.isa, self, clamp_na);
    }

    #[inline(always)]
    fn step_here(&mut self, clamp_na: f64) {
        let i_ca = self.set_soma_current(clamp_na);
        self.set_dendrite_currents();
        self.cable.solve(self.c_over_dt, &mut self.v);
        self.advance_soma(i_ca);
        self.ampa.advance();
        self.nmda.advance();
        self.gaba.advance();
    }

    /// Puts the soma's currents into the cable, and returns the calcium current density, mA/cm².
    #[inline(always)]
    fn set_soma_current(&mut self, clamp_na: f64) -> f64 {
        let v = self.v_soma_mv();
        let up = v + SLOPE_STEP;
        let e_ca = self.e_ca_mv();
        let mut g = [SOMA_G_PAS; 12];
        let mut e_rev = [self.e_pas; 12];
        for channel in Channel::ALL {
            let i = channel as usize;
            g[i + 1] = channel.conductance(self.g_bar[i], &self.gates);
            e_rev[i + 1] = channel.e_rev(e_ca);
        }
        let (mut current, mut slope) = ([0.0; 12], [0.0; 12]);
        for i in 0..12 {
            current[i] = g[i] * (v - e_rev[i]);
            slope[i] = (g[i] * (up - e_rev[i]) - current[i]) / SLOPE_STEP;
        }
        let density = NA_PER_UM2 / self.cable.tree().nodes[self.soma].area_um2;
        // the leak, the electrode, the channels
        let mut rhs = -current[0] + clamp_na * density;
        let mut diagonal = slope[0];
        for i in 1..12 {
            rhs -= current[i];
            diagonal += slope[i];
        }
        self.cable.set(self.soma, rhs, diagonal);
        current[Channel::CaHva as usize + 1] + current[Channel::CaLvast as usize + 1]
    }

    #[inline(always)]
    fn set_dendrite_currents(&mut self) {
        const LANES: usize = 8;
        let segments = self.cable.tree().segments.len();
        for first in (0..segments).step_by(LANES) {
            let lanes = LANES.min(segments - first);
            let (mut v, mut density) = ([0.0; LANES], [0.0; LANES]);
            let (mut ampa, mut nmda, mut gaba) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
            for l in 0..lanes {
                v[l] = self.v[self.cable.tree().segments[first + l]];
                density[l] = self.density[first + l];
                ampa[l] = self.g_max.ampa * self.ampa.open(first + l);
                nmda[l] = self.g_max.nmda * self.nmda.open(first + l);
                gaba[l] = self.g_max.gaba * self.gaba.open(first + l);
            }
            // the magnesium block at v and at v + SLOPE_STEP
            let mut block = [0.0; 2 * LANES];
            for l in 0..LANES {
                block[l] = self.gamma_nmda * -v[l];
                block[LANES + l] = self.gamma_nmda * -(v[l] + SLOPE_STEP);
            }
            exp_each(&mut block);
            let (mut rhs, mut diagonal) = ([0.0; LANES], [0.0; LANES]);
            for l in 0..LANES {
                let up = v[l] + SLOPE_STEP;
                let leak = self.g_pas_dend * (v[l] - self.e_pas);
                let leak_slope = (self.g_pas_dend * (up - self.e_pas) - leak) / SLOPE_STEP;
                let exc_at = |v: f64, block: f64| {
                    let nmda = nmda[l] * nmda_unblocked_from(block);
                    ampa[l] * (v - synapse::E_EXC) + nmda * (v - synapse::E_EXC)
                };
                let exc = exc_at(v[l], block[l]);
                let exc_slope = (exc_at(up, block[LANES + l]) - exc) / SLOPE_STEP;
                let inh = gaba[l] * (v[l] - synapse::E_INH);
                let inh_slope = (gaba[l] * (up - synapse::E_INH) - inh) / SLOPE_STEP;
                rhs[l] = -leak - exc * density[l] - inh * density[l];
                diagonal[l] = leak_slope + exc_slope * density[l] + inh_slope * density[l];
            }
            for l in 0..lanes {
                self.cable.set(self.cable.tree().segments[first + l], rhs[l], diagonal[l]);
            }
        }
    }

    /// Advances the calcium pool by the calcium current at the old voltage (mA/cm²), then SK_E2 by the new
    /// concentration.
    #[inline(always)]
    fn advance_soma(&mut self, i_ca: f64) {
        self.cai += self.pool_step * (calcium::pool::cai_inf(i_ca) - self.cai);
        let kinetics = voltage_kinetics_at_once(self.v_soma_mv());
        let mut minus_rate = [-1.0; LANES];
        let mut kept = [0.0; LANES];
        for (i, Kinetics { tau, .. }) in kinetics.iter().enumerate() {
            minus_rate[i] = -1.0 / tau;
            kept[i] = self.dt_ms * minus_rate[i];
        }
        exp_each(&mut kept);
        for (i, Kinetics { inf, tau }) in kinetics.into_iter().enumerate() {
            // x∞ from the rate equation x' = x∞/τ - x/τ, as NMODL's cnexp has it
            let steady = -(inf / tau) / minus_rate[i];
            self.gates[i] += (1.0 - kept[i]) * (steady - self.gates[i]);
        }
        let z = &mut self.gates[Gate::SkE2Z as usize];
        *z += self.sk_step * (potassium::sk_e2_z(self.cai).inf - *z);
    }

    /// Length of a step, ms.
    #[must_use]
    pub fn dt_ms(&self) -> f64 {
        self.dt_ms
    }

    /// The neuron's tree of nodes.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        self.cable.tree()
    }

    /// Soma voltage, mV.
    #[must_use]
    pub fn v_soma_mv(&self) -> f64 {
        self.v[self.soma]
    }

    /// Voltage in the middle of a segment, mV.
    #[must_use]
    pub fn v_segment_mv(&self, segment: usize) -> f64 {
        self.v[self.cable.tree().segments[segment]]
    }

    /// Calcium under the soma's membrane, mM.
    #[must_use]
    pub fn cai_mm(&self) -> f64 {
        self.cai
    }

    /// Nernst potential of calcium, mV.
    #[must_use]
    pub fn e_ca_mv(&self) -> f64 {
        calcium::nernst_mv(self.cai, self.thermal_voltage)
    }

    /// State of a gate, 0..1.
    #[must_use]
    pub fn gate(&self, gate: Gate) -> f64 {
        self.gates[gate as usize]
    }

    /// Current density of a channel, mA/cm², outward positive.
    #[must_use]
    pub fn current(&self, channel: Channel) -> f64 {
        let g = channel.conductance(self.g_bar[channel as usize], &self.gates);
        g * (self.v_soma_mv() - channel.e_rev(self.e_ca_mv()))
    }

    /// Leak current density of the soma, mA/cm².
    #[must_use]
    pub fn leak_current(&self) -> f64 {
        SOMA_G_PAS * (self.v_soma_mv() - self.e_pas)
    }

    /// Conductances of a segment's synapses, µS, NMDA's with its magnesium block.
    #[must_use]
    pub fn synaptic_conductances(&self, segment: usize) -> Conductances {
        Conductances {
            ampa: self.g_max.ampa * self.ampa.open(segment),
            nmda: self.g_max.nmda
                * self.nmda.open(segment)
                * nmda_unblocked(self.v_segment_mv(segment), self.gamma_nmda),
            gaba: self.g_max.gaba * self.gaba.open(segment),
        }
    }
}
