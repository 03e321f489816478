//! Places with channels outside the built-in soma: their constants, and their state at rest.

use std::ops::Range;
use std::sync::Arc;

use super::real::Real;
use super::table::ChannelTables;
use crate::sim::channel::pool::{DEFAULT_E_CA, INITIAL_CAI, Pool, nernst_mv};
use crate::sim::channel::{
    CALCIUM_GATES, Channel, Gate, Gating, Ion, VOLTAGE_GATES, calcium_kinetics, voltage_kinetics,
};
use crate::sim::params::NeuronParams;
use crate::sim::region::{Region, Reversal};
use crate::units::thermal_voltage_mv;

/// Whether neurons with regions and electrodes are simulated: everywhere but in the page's first wasm, which has no use for
/// it and is loaded before anything shows.
pub(super) const REGIONS: bool =
    cfg!(any(not(target_arch = "wasm32"), not(feature = "web"), feature = "data-lessons"));

/// The passive membrane of a place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passive {
    /// Capacitance over the step, S/cm².
    pub(super) c_over_dt: f64,
    /// What leaks: the region's leak, and where there is no pool the channels that follow calcium, which never changes
    /// there, S/cm².
    pub(super) g_leak: f64,
    /// The leaks' conductances times their reversal potentials, mA/cm².
    pub(super) leak: f64,
}

impl Passive {
    /// That of a region.
    pub(super) fn of(region: &Region, d_um: f64, c_over_dt: f64) -> Self {
        let Region { g_pas, e_pas_mv, capacitance, .. } = region;
        let c_over_dt = c_over_dt * capacitance;
        let mut passive = Self { c_over_dt, g_leak: *g_pas, leak: g_pas * e_pas_mv };
        let constant = |channel: &Channel| channel.about().gating == Gating::Calcium;
        for channel in region.channels.keys().copied().filter(constant) {
            if region.calcium.is_none() {
                let (m, _) = channel.gates();
                let open = calcium_kinetics(INITIAL_CAI)[m.after_voltage()].inf;
                let g = channel.conductance_of(density(region, channel, d_um), open, 1.0);
                passive.g_leak += g;
                passive.leak += g * channel.e_rev(e_ca(region, 0.0));
            }
        }
        passive
    }
}

fn density(region: &Region, channel: Channel, d_um: f64) -> f64 {
    region.channels.get(&channel).map_or(0.0, |density| density.at(d_um))
}

/// Calcium's reversal potential in a region at the start, mV.
fn e_ca(region: &Region, thermal_mv: f64) -> f64 {
    match region.reversal() {
        Reversal::Default => DEFAULT_E_CA,
        Reversal::Pool | Reversal::Initial => nernst_mv(INITIAL_CAI, thermal_mv),
    }
}

/// All places with channels.
#[derive(Debug, Clone)]
pub(super) struct Places<T> {
    pub(super) tables: Arc<ChannelTables<T>>,
    /// In the order of their nodes.
    pub(super) all: Vec<Place<T>>,
    /// The channels of every place, one place after the other.
    pub(super) channels: Vec<ChannelAt<T>>,
    /// Every gate at rest, in the order of the channels, m before h.
    pub(super) gates: Vec<T>,
    /// The voltage from which reversal potentials are counted, mV: where equations are solved for the change of the
    /// voltage, one near to it, so that little is lost in differences.
    pub(super) reference: T,
}

/// A place with channels.
#[derive(Debug, Clone)]
pub(super) struct Place<T> {
    pub(super) node: usize,
    /// Which of all channels are here with a gate that moves at every step.
    pub(super) fast: Range<usize>,
    /// Those whose gates are slow and follow the voltage.
    pub(super) slow: Range<usize>,
    /// Those that follow the pool.
    pub(super) by_calcium: Range<usize>,
    pub(super) pool: Option<PoolAt<T>>,
    /// At rest, before the first step: of the channels that are slow, and of the others.
    pub(super) rest: [Flow<T>; 2],
}

/// What channels let through.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flow<T> {
    /// The sum of their conductances, S/cm², without those that a pool feeds on.
    pub(super) total: T,
    /// The sum of these conductances times their reversal potentials, mA/cm².
    pub(super) drive: T,
    /// The sum of the conductances that a pool feeds on, S/cm².
    pub(super) calcium: T,
}

/// A pool of calcium.
#[derive(Debug, Clone, Copy)]
pub(super) struct PoolAt<T> {
    /// Its place in the state.
    pub(super) at: usize,
    /// The concentration after the first step, mM.
    pub(super) first: T,
    /// The reversal potential at the start, mV.
    pub(super) e_ca: T,
    /// How far it goes in a step.
    pub(super) step: T,
    /// Its steady state without a current, mM.
    pub(super) rest: T,
    /// How far a current moves that, mM per mA/cm².
    pub(super) per_current: T,
}

/// A channel at a place.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChannelAt<T> {
    pub(super) channel: Channel,
    /// Where its gates are, m and then h.
    pub(super) gate: usize,
    /// Maximal conductance, S/cm².
    pub(super) g_bar: T,
    /// Its reversal potential, mV; none where a pool has it.
    pub(super) e_rev: Option<T>,
}

impl<T: Real> Places<T> {
    /// Those of a neuron whose soma and segments have these nodes.
    pub(super) fn new(
        params: &NeuronParams,
        nodes: impl Iterator<Item = usize>,
        tables: Arc<ChannelTables<T>>,
    ) -> Self {
        let dt_ms = 1.0 / params.samples_per_ms as f64;
        let thermal_mv = thermal_voltage_mv(params.celsius);
        let reference = if T::BY_CHANGE { params.e_pas_mv } else { 0.0 };
        let at_rest = AtRest {
            by_voltage: voltage_kinetics(params.e_pas_mv).map(|k| k.inf),
            by_calcium: calcium_kinetics(INITIAL_CAI).map(|k| k.inf),
        };
        let mut places = Self {
            tables,
            all: Vec::new(),
            channels: Vec::new(),
            gates: Vec::new(),
            reference: T::of(reference),
        };
        let shape = params.morphology();
        for (place, node) in shape.places().iter().zip(nodes) {
            let Some(region) = params.regions.get(place.region) else { continue };
            let pool = region.calcium.map(Pool::from);
            let e_ca = e_ca(region, thermal_mv) - reference;
            let mut rest = [Flow::default(); 2];
            let mut all_of = |kind: Kind| {
                let first = places.channels.len();
                for &channel in region.channels.keys() {
                    let g_bar = density(region, channel, place.d_um);
                    if Kind::of(channel, &places.tables) != kind || g_bar == 0.0 {
                        continue;
                    }
                    let ion = channel.about().ion;
                    let of_pool = pool.is_some() && ion == Ion::Calcium;
                    let e_rev = if ion == Ion::Calcium { e_ca } else { ion.e_rev(0.0) - reference };
                    let (m, h) = at_rest.gates(channel);
                    let g = channel.conductance_of(g_bar, m, h.unwrap_or(1.0));
                    let flow = &mut rest[usize::from(kind == Kind::Fast)];
                    if of_pool {
                        flow.calcium += g;
                    } else {
                        flow.total += g;
                        flow.drive += g * e_rev;
                    }
                    places.channels.push(ChannelAt {
                        channel,
                        gate: places.gates.len(),
                        g_bar: T::of(g_bar),
                        e_rev: (!of_pool).then(|| T::of(e_rev)),
                    });
                    places.gates.push(T::of(m));
                    places.gates.extend(h.map(T::of));
                }
                first..places.channels.len()
            };
            let (fast, slow) = (all_of(Kind::Fast), all_of(Kind::Slow));
            // without a pool they leak
            let by_calcium = match pool {
                Some(_) => all_of(Kind::ByCalcium),
                None => slow.end..slow.end,
            };
            // a pool that no channel feeds or follows changes nothing
            let calcium = rest[0].calcium + rest[1].calcium;
            let pool = pool.filter(|_| calcium != 0.0 || !by_calcium.is_empty()).map(|pool| {
                let [rest, at_1] = [0.0, 1.0].map(|i_ca| pool.cai_inf(i_ca));
                let step = pool.step(dt_ms);
                let i_ca = calcium * (params.e_pas_mv - reference - e_ca);
                PoolAt {
                    first: T::of(INITIAL_CAI + step * (pool.cai_inf(i_ca) - INITIAL_CAI)),
                    at: 0, // numbered when all are there
                    e_ca: T::of(e_ca),
                    step: T::of(step),
                    rest: T::of(rest),
                    per_current: T::of(at_1 - rest),
                }
            });
            if fast.start == by_calcium.end {
                continue;
            }
            let rest = rest.map(|flow| Flow {
                total: T::of(flow.total),
                drive: T::of(flow.drive),
                calcium: T::of(flow.calcium),
            });
            places.all.push(Place { node, fast, slow, by_calcium, pool, rest });
        }
        places.all.sort_by_key(|place| place.node);
        for (at, pool) in places.all.iter_mut().filter_map(|place| place.pool.as_mut()).enumerate()
        {
            pool.at = at;
        }
        places
    }
}

/// When a channel's gates move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// One of them at every step.
    Fast,
    /// All of them at slow steps, by the voltage.
    Slow,
    /// At slow steps, by calcium.
    ByCalcium,
}

impl Kind {
    fn of<T: Real>(channel: Channel, tables: &ChannelTables<T>) -> Self {
        match (channel.about().gating, tables.of(channel).slow) {
            (Gating::Calcium, _) => Self::ByCalcium,
            (_, [true, true]) => Self::Slow,
            _ => Self::Fast,
        }
    }
}

/// Every gate at rest.
struct AtRest {
    by_voltage: [f64; VOLTAGE_GATES],
    by_calcium: [f64; CALCIUM_GATES],
}

impl AtRest {
    /// A channel's m and h.
    fn gates(&self, channel: Channel) -> (f64, Option<f64>) {
        let of = |gate: Gate| match gate.index().checked_sub(VOLTAGE_GATES) {
            None => self.by_voltage[gate.index()],
            Some(gate) => self.by_calcium[gate],
        };
        let (m, h) = channel.gates();
        (of(m), h.map(of))
    }
}
