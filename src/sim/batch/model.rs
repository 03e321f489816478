//! The batch path's constants of a neuron: what does not change from step to step.

use super::gates::{Conductors, Gates};
use super::real::Real;
use super::shape::FoldedTree;
use super::table::{GateTable, INTERVAL_MV};
use crate::sim::channel::pool::{self, Pool};
use crate::sim::channel::{Channel, sk_e2, voltage_kinetics};
use crate::sim::math::{exp, ln};
use crate::sim::neuron::SOMA_G_PAS;
use crate::sim::params::NeuronParams;
use crate::sim::synapse::{AMPA, DoubleExponential, GABA_A, MG, NMDA};
use crate::units::{NA_PER_UM2, thermal_voltage_mv};
use std::sync::Arc;

/// The constants of a neuron in the kernel's precision.
#[derive(Debug, Clone)]
pub(super) struct LaneModel<T> {
    pub(super) per_ms: usize,
    pub(super) table: Arc<GateTable<T>>,
    pub(super) nodes: Vec<NodeModel<T>>,
    pub(super) segments: Vec<SegmentModel<T>>,
    pub(super) e_pas: T,
    pub(super) soma_diagonal: T,
    pub(super) soma_c_over_dt: T,
    pub(super) soma_g_leak: T,
    /// The leak's conductance times its reversal potential, mA/cm².
    pub(super) soma_leak: T,
    pub(super) conductors: Conductors<T>,
    /// Whether the soma has any channel but its leak; where it has none, no voltage depends on gates or calcium.
    pub(super) has_channels: bool,
    pub(super) g_sk: T,
    pub(super) has_sk: bool,
    pub(super) half_thermal: T,
    pub(super) ln_cao: T,
    pub(super) ln_sk_half: T,
    pub(super) sk_step: T,
    pub(super) pool_step: T,
    pub(super) pool_rest: T,
    pub(super) pool_per_current: T,
    pub(super) minus_gamma: T,
    pub(super) block: T,
    pub(super) has_nmda: bool,
    /// How each synaptic state decays, by [`Real::decayed`].
    pub(super) decay: [T; 6],
    pub(super) rest: Rest<T>,
}

/// A node of the dendrite.
#[derive(Debug, Clone, Copy)]
pub(super) struct NodeModel<T> {
    pub(super) parent: usize,
    pub(super) to_parent: T,
    pub(super) at_parent: T,
    /// Capacitance, leak and coupling to the parent, S/cm²; the children's couplings are added as these are eliminated.
    pub(super) diagonal: T,
    /// Capacitance over the step, S/cm²; 0 at a junction.
    pub(super) c_over_dt: T,
    /// Leak, S/cm²; 0 at a junction.
    pub(super) g_leak: T,
    /// The leak's conductance times its reversal potential, mA/cm²; 0 at a junction.
    pub(super) leak: T,
}

/// A segment's node, and what an event of weight 1 adds to the segment's conductances, S/cm².
#[derive(Debug, Clone, Copy)]
pub(super) struct SegmentModel<T> {
    pub(super) node: usize,
    pub(super) ampa: T,
    pub(super) nmda: T,
    pub(super) gaba: T,
}

/// The state at rest apart from the voltages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rest<T> {
    pub(super) gates: Gates<T>,
    pub(super) z: T,
    pub(super) cai: T,
}

impl<T: Real> LaneModel<T> {
    /// The constants of parameters that are valid.
    pub(super) fn new(params: &NeuronParams) -> Self {
        let dt = 1.0 / params.samples_per_ms as f64;
        Self::with(params, Arc::new(GateTable::new(dt, params.e_pas_mv, INTERVAL_MV)))
    }

    /// The constants of other parameters; the table is shared where step and resting voltage are the same.
    pub(super) fn of_another(&self, params: &NeuronParams) -> Self {
        let fits = params.samples_per_ms == self.per_ms && T::of(params.e_pas_mv) == self.e_pas;
        if fits { Self::with(params, self.table.clone()) } else { Self::new(params) }
    }

    fn with(params: &NeuronParams, table: Arc<GateTable<T>>) -> Self {
        let dt = 1.0 / params.samples_per_ms as f64;
        let tree = FoldedTree::new(&params.morphology().tree());
        let c_over_dt = 0.001 / dt * params.capacitance;
        let g_pas = 1.0 / params.membrane_resistance;
        let mut at_node = vec![0.0; tree.nodes.len()];
        for node in &tree.nodes[1..] {
            at_node[node.parent] += node.at_parent;
        }
        let nodes = tree.nodes.iter().zip(&at_node).map(|(node, children)| {
            let has_membrane = f64::from(u8::from(node.area_um2.is_some()));
            let membrane = has_membrane * (c_over_dt + g_pas);
            NodeModel {
                parent: node.parent,
                to_parent: T::of(node.to_parent),
                at_parent: T::of(node.at_parent),
                diagonal: T::of(membrane + node.to_parent + children),
                c_over_dt: T::of(has_membrane * c_over_dt),
                g_leak: T::of(has_membrane * g_pas),
                leak: T::of(has_membrane * g_pas * params.e_pas_mv),
            }
        });
        let segments = tree.segments.iter().map(|&node| {
            let area = tree.nodes[node].area_um2.unwrap_or(f64::INFINITY);
            let density = |g_max: f64, shape: DoubleExponential| {
                T::of(g_max * shape.factor() * NA_PER_UM2 / area)
            };
            SegmentModel {
                node,
                ampa: density(params.g_max_ampa, AMPA),
                nmda: density(params.g_max_nmda, NMDA),
                gaba: density(params.g_max_gaba_a, GABA_A),
            }
        });
        let g_bar = Channel::ALL.map(|channel| params.conductance(channel));
        let cai = pool::INITIAL_CAI;
        let z = sk_e2::z(cai);
        let gates = Gates::new(&voltage_kinetics(params.e_pas_mv).map(|k| T::of(k.inf)));
        let [pool_rest, pool_at_1] = [0.0, 1.0].map(|i_ca| Pool::SOMA.cai_inf(i_ca));
        let decay = [AMPA, NMDA, GABA_A].map(|shape| {
            [shape.tau_rise, shape.tau_decay].map(|tau| T::decay(1.0 - exp(-dt / tau)))
        });
        Self {
            per_ms: params.samples_per_ms,
            table,
            e_pas: T::of(params.e_pas_mv),
            soma_diagonal: T::of(c_over_dt + SOMA_G_PAS + at_node[0]),
            soma_c_over_dt: T::of(c_over_dt),
            soma_g_leak: T::of(SOMA_G_PAS),
            soma_leak: T::of(SOMA_G_PAS * params.e_pas_mv),
            nodes: nodes.collect(),
            segments: segments.collect(),
            conductors: Conductors::new(&g_bar),
            has_channels: g_bar.iter().any(|g| *g != 0.0),
            g_sk: T::of(g_bar[Channel::SkE2 as usize]),
            has_sk: g_bar[Channel::SkE2 as usize] != 0.0,
            half_thermal: T::of(thermal_voltage_mv(params.celsius) / 2.0),
            ln_cao: T::of(ln(pool::CAO)),
            ln_sk_half: T::of(ln(sk_e2::HALF_MM)),
            sk_step: T::of(1.0 - exp(-dt / z.tau)),
            pool_step: T::of(1.0 - exp(-dt / pool::DECAY)),
            pool_rest: T::of(pool_rest),
            pool_per_current: T::of(pool_at_1 - pool_rest),
            minus_gamma: T::of(-params.gamma_nmda),
            block: T::of(MG / 3.57),
            has_nmda: params.g_max_nmda != 0.0,
            decay: [decay[0][0], decay[0][1], decay[1][0], decay[1][1], decay[2][0], decay[2][1]],
            rest: Rest { gates, z: T::of(z.inf), cai: T::of(cai) },
        }
    }
}
