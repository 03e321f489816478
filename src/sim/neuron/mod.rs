//! The neuron: its state and one step of it.

mod built_in;
mod mechanism;
mod regions;
mod synapses;

pub use built_in::SOMA_G_PAS;
pub use synapses::Conductances;

use self::built_in::BuiltIn;
use self::regions::RegionalMembrane;
use self::synapses::{Flow, LANES, Synapses};
use super::cable::{Cable, SLOPE_STEP};
use super::channel::Channel;
use super::morphology::{Branch, Tree};
use super::params::NeuronParams;
use crate::settings::SettingError;
use crate::simd::{Isa, dispatch};
use crate::units::NA_PER_UM2;

dispatch! { plain fn step(neuron: &mut Neuron, clamp_na: f64) = step_here }

#[inline(always)]
fn step_here(neuron: &mut Neuron, clamp_na: f64) {
    neuron.step_here(clamp_na);
}

/// A neuron at one moment.
///
/// [`step`](Self::step) is NEURON's fixed step with `secondorder = 0`: currents at the present voltage with
/// numerical slopes, one implicit Euler solve of the tree, then every gate, the calcium pools and the synapses by
/// their exact exponential at the new voltage.
#[derive(Debug, Clone, PartialEq)]
pub struct Neuron {
    isa: Isa,
    dt_ms: f64,
    e_pas: f64,
    g_pas_dend: f64, // S/cm²
    cable: Cable,
    soma: usize,
    v: Vec<f64>, // mV, by node
    /// The soma, where no region has it.
    built_in: Option<BuiltIn>,
    /// All other membrane, where it is not that of passive branches.
    regional: Option<Box<RegionalMembrane>>,
    /// In the order of the parameters. NEURON, and so this neuron, adds up those in one place from the last to the
    /// first.
    electrodes: Vec<Electrode>,
    synapses: Synapses,
}

/// An electrode of the neuron's own.
#[derive(Debug, Clone, PartialEq)]
struct Electrode {
    node: usize,
    /// 100/area of the place, 1/µm².
    density: f64,
    /// What it injects now, nA.
    na: f64,
}

impl Neuron {
    /// A neuron at rest: every voltage at e_pas, every gate at its steady state there.
    ///
    /// # Errors
    /// [`SettingError::Range`] names the first parameter that is out of its bounds.
    pub fn new(params: &NeuronParams) -> Result<Self, SettingError> {
        params.validate()?;
        let dt_ms = 1.0 / params.samples_per_ms as f64;
        let shape = params.morphology();
        let tree = shape.tree();
        let built_in = !params.regions.contains_key(Branch::SOMA);
        let on_a_branch = params.clamps.iter().any(|clamp| clamp.at != Branch::SOMA);
        let regional = !params.regions.is_empty() || on_a_branch;
        let mut c_over_dt = vec![0.001 * (1.0 / dt_ms) * params.capacitance; tree.nodes.len()];
        let nodes = std::iter::once(tree.soma).chain(tree.segments.iter().copied());
        for (place, node) in shape.places().iter().zip(nodes) {
            if let Some(region) = params.regions.get(place.region) {
                c_over_dt[node] = 0.001 * (1.0 / dt_ms) * region.capacitance;
            }
        }
        let branches = params.branches();
        let electrodes = params.clamps.iter().map(|clamp| {
            let node = clamp.segment(&branches).map_or(tree.soma, |segment| tree.segments[segment]);
            Electrode { node, density: NA_PER_UM2 / tree.nodes[node].area_um2, na: 0.0 }
        });
        Ok(Self {
            isa: Isa::best(),
            dt_ms,
            e_pas: params.e_pas_mv,
            g_pas_dend: 1.0 / params.membrane_resistance,
            v: vec![params.e_pas_mv; tree.nodes.len()],
            built_in: built_in.then(|| BuiltIn::new(params, dt_ms)),
            regional: regional
                .then(|| Box::new(RegionalMembrane::new(params, &shape, &tree, dt_ms))),
            electrodes: electrodes.collect(),
            synapses: Synapses::new(params, &tree, dt_ms),
            soma: tree.soma,
            cable: Cable::new(tree, c_over_dt),
        })
    }

    /// Delivers a spike to a segment's synapses now: weight `exc` to AMPA and NMDA, weight `inh` to GABA_A.
    pub fn deliver(&mut self, segment: usize, exc: f64, inh: f64) {
        self.synapses.deliver(segment, exc, inh);
    }

    /// What the electrodes of the neuron's parameters inject from now on, nA, in their order.
    pub(super) fn inject(&mut self, na: impl Iterator<Item = f64>) {
        for (electrode, na) in self.electrodes.iter_mut().zip(na) {
            electrode.na = na;
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
        if let Some(regional) = &mut self.regional {
            regional.begin(&self.v, &mut self.cable);
        }
        let i_ca = self.set_soma_current(clamp_na);
        if self.regional.is_some() {
            self.add_branch_currents();
        } else {
            self.set_passive_currents();
        }
        self.cable.solve(&mut self.v);
        if let Some(soma) = &mut self.built_in {
            soma.advance(self.v[self.soma], i_ca, self.dt_ms);
        }
        if let Some(regional) = &mut self.regional {
            regional.advance(&self.v, self.dt_ms);
        }
        self.synapses.advance();
    }

    /// The built-in soma's currents, or else what an electrode injects into another one. Returns the built-in soma's
    /// calcium current density, mA/cm².
    #[inline(always)]
    fn set_soma_current(&mut self, clamp_na: f64) -> f64 {
        let density = NA_PER_UM2 / self.cable.tree().nodes[self.soma].area_um2;
        let Some(soma) = &self.built_in else {
            self.cable.add(self.soma, clamp_na * density, 0.0);
            return 0.0;
        };
        let own = self.electrodes.iter().rev().filter(|e| e.node == self.soma);
        let injected = std::iter::once(clamp_na * density).chain(own.map(|e| e.na * e.density));
        let v = self.v[self.soma];
        soma.set_current(v, self.e_pas, injected, (self.soma, &mut self.cable))
    }

    /// The currents of passive branches.
    #[inline(always)]
    fn set_passive_currents(&mut self) {
        let segments = self.cable.tree().segments.len();
        for first in (0..segments).step_by(LANES) {
            let lanes = LANES.min(segments - first);
            let Flow { v, exc, exc_slope, inh, inh_slope } =
                self.synapses.flow(first, lanes, self.cable.tree(), &self.v);
            let (mut rhs, mut diagonal) = ([0.0; LANES], [0.0; LANES]);
            for l in 0..LANES {
                let up = v[l] + SLOPE_STEP;
                let leak = self.g_pas_dend * (v[l] - self.e_pas);
                let leak_slope = (self.g_pas_dend * (up - self.e_pas) - leak) / SLOPE_STEP;
                rhs[l] = -leak - exc[l] - inh[l];
                diagonal[l] = leak_slope + exc_slope[l] + inh_slope[l];
            }
            for l in 0..lanes {
                self.cable.set(self.cable.tree().segments[first + l], rhs[l], diagonal[l]);
            }
        }
    }

    /// The currents of branches with regions, whose leak is set, in NEURON's order: electrodes, excitatory synapses,
    /// channels and among them the inhibitory synapses.
    #[inline(always)]
    fn add_branch_currents(&mut self) {
        let Self { cable, v, built_in, regional, electrodes, synapses, soma, .. } = self;
        let Some(regional) = regional else { return };
        for electrode in electrodes.iter().rev() {
            if built_in.is_none() || electrode.node != *soma {
                cable.add(electrode.node, electrode.na * electrode.density, 0.0);
            }
        }
        let segments = cable.tree().segments.len();
        let chunks = (0..segments).step_by(LANES);
        for first in chunks.clone() {
            let lanes = LANES.min(segments - first);
            let flow = synapses.flow(first, lanes, cable.tree(), v);
            for l in 0..lanes {
                let node = cable.tree().segments[first + l];
                cable.add(node, -flow.exc[l], flow.exc_slope[l]);
            }
        }
        regional.add_before_inhibition(v, cable);
        for first in chunks {
            let lanes = LANES.min(segments - first);
            let (inh, slope) = synapses.inhibition(first, lanes, cable.tree(), v);
            for l in 0..lanes {
                let node = cable.tree().segments[first + l];
                cable.add(node, -inh[l], slope[l]);
            }
        }
        regional.add_after_inhibition(v, cable);
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

    /// Calcium under the soma's membrane, mM; NaN where the soma has no pool.
    #[must_use]
    pub fn cai_mm(&self) -> f64 {
        match (&self.built_in, &self.regional) {
            (Some(soma), _) => soma.cai_mm(),
            (None, Some(regional)) => regional.cai_mm(self.soma),
            (None, None) => f64::NAN,
        }
    }

    /// Appends the calcium under the membrane of every segment, mM; NaN where a segment has no pool.
    pub fn all_cai_mm(&self, out: &mut Vec<f64>) {
        let segments = &self.cable.tree().segments;
        match &self.regional {
            Some(regional) => regional.all_cai_mm(segments, out),
            None => out.extend(segments.iter().map(|_| f64::NAN)),
        }
    }

    /// Reversal potential of the soma's calcium, mV.
    #[must_use]
    pub fn e_ca_mv(&self) -> f64 {
        match (&self.built_in, &self.regional) {
            (Some(soma), _) => soma.e_ca_mv(),
            (None, Some(regional)) => regional.e_ca_mv(self.soma),
            (None, None) => f64::NAN,
        }
    }

    /// Activation and inactivation of a channel of the soma, 0..1; NaN where the soma has no such channel. The
    /// inactivation of a channel that does not inactivate is 1.
    #[must_use]
    pub fn gates(&self, channel: Channel) -> [f64; 2] {
        match (&self.built_in, &self.regional) {
            (Some(soma), _) => {
                let (m, h) = channel.gates();
                [soma.gate(m), h.map_or(1.0, |h| soma.gate(h))]
            }
            (None, Some(regional)) => {
                regional.gates_at(channel, self.soma).unwrap_or([f64::NAN; 2])
            }
            (None, None) => [f64::NAN; 2],
        }
    }

    /// Current density of a channel of the soma, mA/cm², outward positive; 0 where the soma has no such channel.
    #[must_use]
    pub fn current(&self, channel: Channel) -> f64 {
        match (&self.built_in, &self.regional) {
            (Some(soma), _) => soma.current(channel, self.v_soma_mv()),
            (None, Some(regional)) => regional.current_at(channel, self.soma, self.v_soma_mv()),
            (None, None) => 0.0,
        }
    }

    /// Leak current density of the soma, mA/cm².
    #[must_use]
    pub fn leak_current(&self) -> f64 {
        match &self.regional {
            Some(regional) if self.built_in.is_none() => regional.soma_leak(self.v_soma_mv()),
            _ => SOMA_G_PAS * (self.v_soma_mv() - self.e_pas),
        }
    }

    /// Conductances of a segment's synapses, µS, NMDA's with its magnesium block.
    #[must_use]
    pub fn synaptic_conductances(&self, segment: usize) -> Conductances {
        self.synapses.conductances(segment, self.v_segment_mv(segment))
    }
}
