//! The synapses of all segments, and what they let through.

use crate::sim::cable::SLOPE_STEP;
use crate::sim::math::exp_each;
use crate::sim::morphology::Tree;
use crate::sim::params::NeuronParams;
use crate::sim::synapse::{self, States, nmda_unblocked, nmda_unblocked_from};
use crate::units::NA_PER_UM2;

/// Segments that are computed side by side.
pub(super) const LANES: usize = 8;

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

/// A pair of synapses a segment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Synapses {
    gamma_nmda: f64,
    g_max: Conductances, // µS
    density: Vec<f64>,   // 100/area of each segment, 1/µm²
    ampa: States,
    nmda: States,
    gaba: States,
}

/// What the synapses of some segments let through at voltages `v` (mV): outward current densities (mA/cm²) and their
/// slopes (S/cm²).
pub(super) struct Flow {
    pub(super) v: [f64; LANES],
    pub(super) exc: [f64; LANES],
    pub(super) exc_slope: [f64; LANES],
    pub(super) inh: [f64; LANES],
    pub(super) inh_slope: [f64; LANES],
}

impl Synapses {
    /// At rest.
    pub(super) fn new(params: &NeuronParams, tree: &Tree, dt_ms: f64) -> Self {
        let segments = tree.segments.len();
        Self {
            gamma_nmda: params.gamma_nmda,
            g_max: Conductances {
                ampa: params.g_max_ampa,
                nmda: params.g_max_nmda,
                gaba: params.g_max_gaba_a,
            },
            density: tree
                .segments
                .iter()
                .map(|&node| NA_PER_UM2 / tree.nodes[node].area_um2)
                .collect(),
            ampa: States::new(synapse::AMPA, segments, dt_ms),
            nmda: States::new(synapse::NMDA, segments, dt_ms),
            gaba: States::new(synapse::GABA_A, segments, dt_ms),
        }
    }

    /// A weighted spike at a segment's excitatory and inhibitory synapse, now.
    pub(super) fn deliver(&mut self, segment: usize, exc: f64, inh: f64) {
        if exc != 0.0 {
            self.ampa.deliver(segment, exc);
            self.nmda.deliver(segment, exc);
        }
        if inh != 0.0 {
            self.gaba.deliver(segment, inh);
        }
    }

    /// What flows at the `lanes` segments from `first` on, whose nodes `tree` knows and whose voltages are `v_of` (mV,
    /// by node). Lanes beyond are 0.
    #[inline(always)]
    pub(super) fn flow(&self, first: usize, lanes: usize, tree: &Tree, v_of: &[f64]) -> Flow {
        let (mut v, mut density) = ([0.0; LANES], [0.0; LANES]);
        let (mut ampa, mut nmda, mut gaba) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
        for l in 0..lanes {
            v[l] = v_of[tree.segments[first + l]];
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
        let zero = [0.0; LANES];
        let mut flow = Flow { v, exc: zero, exc_slope: zero, inh: zero, inh_slope: zero };
        for l in 0..LANES {
            let up = v[l] + SLOPE_STEP;
            let exc_at = |v: f64, block: f64| {
                let nmda = nmda[l] * nmda_unblocked_from(block);
                ampa[l] * (v - synapse::E_EXC) + nmda * (v - synapse::E_EXC)
            };
            let exc = exc_at(v[l], block[l]);
            let exc_slope = (exc_at(up, block[LANES + l]) - exc) / SLOPE_STEP;
            let inh = gaba[l] * (v[l] - synapse::E_INH);
            let inh_slope = (gaba[l] * (up - synapse::E_INH) - inh) / SLOPE_STEP;
            flow.exc[l] = exc * density[l];
            flow.exc_slope[l] = exc_slope * density[l];
            flow.inh[l] = inh * density[l];
            flow.inh_slope[l] = inh_slope * density[l];
        }
        flow
    }

    /// As [`flow`](Self::flow), of the inhibitory synapses alone.
    #[inline(always)]
    pub(super) fn inhibition(
        &self,
        first: usize,
        lanes: usize,
        tree: &Tree,
        v_of: &[f64],
    ) -> ([f64; LANES], [f64; LANES]) {
        let (mut inh, mut slope) = ([0.0; LANES], [0.0; LANES]);
        for l in 0..lanes {
            let (v, density) = (v_of[tree.segments[first + l]], self.density[first + l]);
            let gaba = self.g_max.gaba * self.gaba.open(first + l);
            let current = gaba * (v - synapse::E_INH);
            let up = gaba * (v + SLOPE_STEP - synapse::E_INH);
            inh[l] = current * density;
            slope[l] = (up - current) / SLOPE_STEP * density;
        }
        (inh, slope)
    }

    /// Goes one step ahead.
    #[inline(always)]
    pub(super) fn advance(&mut self) {
        self.ampa.advance();
        self.nmda.advance();
        self.gaba.advance();
    }

    /// Conductances of a segment's synapses at `v` mV, µS, NMDA's with its magnesium block.
    pub(super) fn conductances(&self, segment: usize, v: f64) -> Conductances {
        Conductances {
            ampa: self.g_max.ampa * self.ampa.open(segment),
            nmda: self.g_max.nmda * self.nmda.open(segment) * nmda_unblocked(v, self.gamma_nmda),
            gaba: self.g_max.gaba * self.gaba.open(segment),
        }
    }
}
