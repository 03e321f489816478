//! The membrane of a neuron with regions: leak, channels and calcium pools at every place that has them.

use super::mechanism::{Calcium, Mechanism};
use crate::sim::cable::{Cable, SLOPE_STEP};
use crate::sim::channel::Channel;
use crate::sim::channel::pool::{DEFAULT_E_CA, INITIAL_CAI, Pool, nernst_mv};
use crate::sim::morphology::{Branch, Morphology, Tree};
use crate::sim::params::NeuronParams;
use crate::sim::region::{Region, Reversal};
use crate::units::thermal_voltage_mv;

/// The NEURON mechanism of the inhibitory synapses: channels whose name comes before it add their currents before
/// theirs.
const INHIBITION: &str = "GabaA";

/// The membrane of all places but a built-in soma.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RegionalMembrane {
    leaks: Vec<Leak>,
    /// In the order of [`Channel::ALL`].
    mechanisms: Vec<Mechanism>,
    /// How many of them add their currents before the inhibitory synapses.
    before_inhibition: usize,
    pools: Vec<PoolAt>,
    calcium: Calcium,
    thermal_voltage: f64, // mV
    /// The soma's leak where it is among these, S/cm² and mV.
    soma_leak: (f64, f64),
}

#[derive(Debug, Clone, PartialEq)]
struct Leak {
    node: usize,
    g: f64,     // S/cm²
    e_pas: f64, // mV
}

#[derive(Debug, Clone, PartialEq)]
struct PoolAt {
    node: usize,
    pool: Pool,
    step: f64,
}

impl RegionalMembrane {
    /// At rest.
    pub(super) fn new(params: &NeuronParams, shape: &Morphology, tree: &Tree, dt_ms: f64) -> Self {
        let thermal_voltage = thermal_voltage_mv(params.celsius);
        let n = tree.nodes.len();
        let mut calcium =
            Calcium { cai: vec![INITIAL_CAI; n], e_ca: vec![DEFAULT_E_CA; n], i_ca: vec![0.0; n] };
        let places = shape.places();
        let nodes = std::iter::once(tree.soma).chain(tree.segments.iter().copied());
        let passive = (1.0 / params.membrane_resistance, params.e_pas_mv);
        let (mut leaks, mut pools) = (Vec::new(), Vec::new());
        let mut at_channel: Vec<Vec<(usize, f64)>> = vec![Vec::new(); Channel::ALL.len()];
        for (place, node) in places.iter().zip(nodes) {
            let region = params.regions.get(place.region);
            if region.is_none() && node == tree.soma {
                continue;
            }
            let (g, e_pas) = region.map_or(passive, |r| (r.g_pas, r.e_pas_mv));
            leaks.push(Leak { node, g, e_pas });
            let Some(region) = region else { continue };
            for (&channel, density) in &region.channels {
                at_channel[channel as usize].push((node, density.at(place.d_um)));
            }
            if region.reversal() != Reversal::Default {
                calcium.e_ca[node] = nernst_mv(INITIAL_CAI, thermal_voltage);
            }
            if let Some(pool) = region.calcium.map(Pool::from) {
                pools.push(PoolAt { node, pool, step: pool.step(dt_ms) });
            }
        }
        let at_rest = (params.e_pas_mv, INITIAL_CAI);
        let mechanisms: Vec<Mechanism> = Channel::ALL
            .into_iter()
            .zip(at_channel)
            .filter(|(_, places)| !places.is_empty())
            .map(|(channel, places)| Mechanism::new(channel, places.into_iter(), at_rest, dt_ms))
            .collect();
        let listed: Option<&Region> = params.regions.get(Branch::SOMA);
        Self {
            leaks,
            before_inhibition: mechanisms.partition_point(|m| m.channel.name() < INHIBITION),
            mechanisms,
            pools,
            calcium,
            thermal_voltage,
            soma_leak: listed.map_or((0.0, 0.0), |r| (r.g_pas, r.e_pas_mv)),
        }
    }

    /// Sets the leak, with which the currents of each place begin, and finds calcium's reversal potentials.
    #[inline(always)]
    pub(super) fn begin(&mut self, v: &[f64], cable: &mut Cable) {
        for &Leak { node, g, e_pas } in &self.leaks {
            let v = v[node];
            let leak = g * (v - e_pas);
            let slope = (g * (v + SLOPE_STEP - e_pas) - leak) / SLOPE_STEP;
            cable.set(node, -leak, slope);
        }
        let Calcium { cai, e_ca, i_ca } = &mut self.calcium;
        for &PoolAt { node, .. } in &self.pools {
            e_ca[node] = nernst_mv(cai[node], self.thermal_voltage);
            i_ca[node] = 0.0;
        }
    }

    /// Adds the currents of the channels that come before the inhibitory synapses.
    #[inline(always)]
    pub(super) fn add_before_inhibition(&mut self, v: &[f64], cable: &mut Cable) {
        for mechanism in &self.mechanisms[..self.before_inhibition] {
            mechanism.add_currents(v, &mut self.calcium, cable);
        }
    }

    /// Adds the currents of the channels that come after the inhibitory synapses.
    #[inline(always)]
    pub(super) fn add_after_inhibition(&mut self, v: &[f64], cable: &mut Cable) {
        for mechanism in &self.mechanisms[self.before_inhibition..] {
            mechanism.add_currents(v, &mut self.calcium, cable);
        }
    }

    /// The pools take the calcium current of the old voltage; every gate then sees the new calcium and the new voltage.
    #[inline(always)]
    pub(super) fn advance(&mut self, v: &[f64], dt_ms: f64) {
        let Calcium { cai, i_ca, .. } = &mut self.calcium;
        for &PoolAt { node, pool, step } in &self.pools {
            cai[node] += step * (pool.cai_inf(i_ca[node]) - cai[node]);
        }
        for mechanism in &mut self.mechanisms {
            mechanism.advance(v, &self.calcium, dt_ms);
        }
    }

    /// Calcium at a node, mM; NaN where there is no pool.
    pub(super) fn cai_mm(&self, node: usize) -> f64 {
        let pool = self.pools.iter().any(|pool| pool.node == node);
        if pool { self.calcium.cai[node] } else { f64::NAN }
    }

    /// Calcium at each of these nodes, mM; NaN where there is no pool.
    pub(super) fn all_cai_mm(&self, nodes: &[usize], out: &mut Vec<f64>) {
        let mut by_node = vec![f64::NAN; self.calcium.cai.len()];
        for pool in &self.pools {
            by_node[pool.node] = self.calcium.cai[pool.node];
        }
        out.extend(nodes.iter().map(|&node| by_node[node]));
    }

    /// The reversal potential of calcium at a node, mV.
    pub(super) fn e_ca_mv(&self, node: usize) -> f64 {
        if self.pools.iter().any(|pool| pool.node == node) {
            nernst_mv(self.calcium.cai[node], self.thermal_voltage)
        } else {
            self.calcium.e_ca[node]
        }
    }

    /// Leak current density of the soma at `v` mV, mA/cm².
    pub(super) fn soma_leak(&self, v: f64) -> f64 {
        let (g, e_pas) = self.soma_leak;
        g * (v - e_pas)
    }

    /// Activation and inactivation of a channel at a node, 0..1; none where it is not.
    pub(super) fn gates_at(&self, channel: Channel, node: usize) -> Option<[f64; 2]> {
        self.mechanisms.iter().find(|m| m.channel == channel)?.gates_at(node)
    }

    /// Current density of a channel at a node at `v` mV, mA/cm²; 0 where it is not.
    pub(super) fn current_at(&self, channel: Channel, node: usize, v: f64) -> f64 {
        let of = self.mechanisms.iter().find(|m| m.channel == channel);
        let g = of.and_then(|of| of.conductance_at(node)).unwrap_or(0.0);
        g * (v - channel.e_rev(self.e_ca_mv(node)))
    }
}
