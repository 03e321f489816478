//! The batch path's constants of a neuron: what does not change from step to step.

use super::gates::{Conductors, Gates};
use super::places::{Passive, Places, REGIONS};
use super::real::Real;
use super::shape::FoldedTree;
use super::table::{ChannelTables, GateTable, INTERVAL_MV};
use crate::sim::channel::pool::{self, Pool};
use crate::sim::channel::{Channel, sk_e2, voltage_kinetics};
use crate::sim::clamp::CurrentClamp;
use crate::sim::math::{exp, ln};
use crate::sim::morphology::Branch;
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
    /// Channels at places beside the built-in soma, where there are any.
    pub(super) places: Option<Places<T>>,
    pub(super) electrodes: Vec<Electrode>,
    pub(super) e_pas: T,
    pub(super) soma_diagonal: T,
    pub(super) soma_c_over_dt: T,
    pub(super) soma_g_leak: T,
    /// The leak's conductance times its reversal potential, mA/cm².
    pub(super) soma_leak: T,
    pub(super) conductors: Conductors<T>,
    /// Whether the built-in soma is there and has any channel but its leak; where it has none, no voltage depends on
    /// its gates or its calcium.
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

/// An electrode of the neuron's own, and the current density at its node of each nA, mA/cm².
#[derive(Debug, Clone, Copy)]
pub(super) struct Electrode {
    pub(super) node: usize,
    pub(super) density: f64,
    pub(super) current: CurrentClamp,
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
        Self::with(params, Arc::new(GateTable::new(dt, params.e_pas_mv, INTERVAL_MV)), None)
    }

    /// The constants of other parameters; the tables are shared where step and resting voltage are the same.
    pub(super) fn of_another(&self, params: &NeuronParams) -> Self {
        let fits = params.samples_per_ms == self.per_ms && T::of(params.e_pas_mv) == self.e_pas;
        if !fits {
            return Self::new(params);
        }
        let tables = self.places.as_ref().map(|places| places.tables.clone());
        Self::with(params, self.table.clone(), tables)
    }

    fn with(
        params: &NeuronParams,
        table: Arc<GateTable<T>>,
        tables: Option<Arc<ChannelTables<T>>>,
    ) -> Self {
        let dt = 1.0 / params.samples_per_ms as f64;
        let shape = params.morphology();
        let tree = FoldedTree::new(&shape.tree());
        let mut at_node = vec![0.0; tree.nodes.len()];
        for node in &tree.nodes[1..] {
            at_node[node.parent] += node.at_parent;
        }
        // the membrane of each node: the soma is the first
        let (c_over_dt, g_pas) =
            (0.001 / dt * params.capacitance, 1.0 / params.membrane_resistance);
        let dendrite = Passive { c_over_dt, g_leak: g_pas, leak: g_pas * params.e_pas_mv };
        let mut membrane = vec![dendrite; tree.nodes.len()];
        membrane[0] = Passive { c_over_dt, g_leak: SOMA_G_PAS, leak: SOMA_G_PAS * params.e_pas_mv };
        let with_membrane = || std::iter::once(0).chain(tree.segments.iter().copied());
        for (place, node) in shape.places().iter().zip(with_membrane()) {
            if let Some(region) = params.regions.get(place.region) {
                membrane[node] = Passive::of(region, place.d_um, 0.001 / dt);
            }
        }
        let soma = membrane[0];
        let built_in = !params.regions.contains_key(Branch::SOMA);
        let places = (REGIONS && !params.regions.is_empty()).then(|| {
            let tables = tables.unwrap_or_else(|| {
                Arc::new(ChannelTables::new(params.samples_per_ms, params.e_pas_mv))
            });
            Places::new(params, with_membrane(), tables)
        });
        let branches = params.branches();
        let electrodes = params.clamps.iter().map(|clamp| {
            let node = clamp.segment(&branches).map_or(0, |segment| tree.segments[segment]);
            let area = tree.nodes[node].area_um2.unwrap_or(f64::INFINITY);
            Electrode { node, density: NA_PER_UM2 / area, current: clamp.current() }
        });
        let nodes = tree.nodes.iter().zip(&at_node).zip(&membrane).map(|((node, children), at)| {
            let has_membrane = f64::from(u8::from(node.area_um2.is_some()));
            let membrane = has_membrane * (at.c_over_dt + at.g_leak);
            NodeModel {
                parent: node.parent,
                to_parent: T::of(node.to_parent),
                at_parent: T::of(node.at_parent),
                diagonal: T::of(membrane + node.to_parent + children),
                c_over_dt: T::of(has_membrane * at.c_over_dt),
                g_leak: T::of(has_membrane * at.g_leak),
                leak: T::of(has_membrane * at.leak),
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
        let g_bar =
            Channel::ALL.map(|channel| if built_in { params.conductance(channel) } else { 0.0 });
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
            places,
            electrodes: electrodes.collect(),
            soma_diagonal: T::of(soma.c_over_dt + soma.g_leak + at_node[0]),
            soma_c_over_dt: T::of(soma.c_over_dt),
            soma_g_leak: T::of(soma.g_leak),
            soma_leak: T::of(soma.leak),
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
