//! One channel at many places of a neuron.

use crate::sim::cable::{Cable, SLOPE_STEP};
use crate::sim::channel::{Channel, Ion, Kinetics, MOST_EXPONENTIALS, Model, Visit};
use crate::sim::math::{Exponentials, OneByOne, exp, exp_each};

/// Places that are computed side by side: as many as an AVX-512 register has numbers. In wasm, whose registers have two,
/// more would only make the page larger.
const LANES: usize = if cfg!(target_arch = "wasm32") { 2 } else { 8 };

/// A channel at all the places that have it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mechanism {
    pub(super) channel: Channel,
    /// The node of each place.
    nodes: Vec<usize>,
    /// Maximal conductance of each, S/cm².
    g_bar: Vec<f64>,
    m: Vec<f64>,
    /// Not used where the channel does not inactivate.
    h: Vec<f64>,
    /// How far a gate that follows calcium goes in a step.
    calcium_step: f64,
}

/// Calcium at every node.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Calcium {
    /// The concentration inside, mM.
    pub(super) cai: Vec<f64>,
    /// The reversal potential, mV.
    pub(super) e_ca: Vec<f64>,
    /// The current density of all calcium channels, mA/cm².
    pub(super) i_ca: Vec<f64>,
}

impl Mechanism {
    /// A channel at these nodes with these densities (S/cm²), its gates at their steady state at `v` mV and `cai` mM.
    pub(super) fn new(
        channel: Channel,
        places: impl Iterator<Item = (usize, f64)>,
        (v, cai): (f64, f64),
        dt_ms: f64,
    ) -> Self {
        let (nodes, g_bar): (Vec<_>, Vec<_>) = places.unzip();
        let Rest { gates: [m, h], calcium_step } = channel.visit(AtRest { v, cai, dt_ms });
        let n = nodes.len();
        Self { channel, nodes, g_bar, m: vec![m; n], h: vec![h; n], calcium_step }
    }

    /// Adds its currents at the voltages `v` (mV, by node).
    #[inline(always)]
    pub(super) fn add_currents(&self, v: &[f64], calcium: &mut Calcium, cable: &mut Cable) {
        self.channel.visit(Currents { of: self, v, calcium, cable });
    }

    /// Moves its gates by a step at the voltages `v` (mV, by node) and at this calcium.
    #[inline(always)]
    pub(super) fn advance(&mut self, v: &[f64], calcium: &Calcium, dt_ms: f64) {
        self.channel.visit(Advance { of: self, v, calcium, dt_ms });
    }

    /// Activation and inactivation at a node, 0..1; none where the channel is not.
    pub(super) fn gates_at(&self, node: usize) -> Option<[f64; 2]> {
        let at = self.nodes.iter().position(|&n| n == node)?;
        Some([self.m[at], self.h[at]])
    }

    /// Conductance at a node, S/cm²; none where the channel is not.
    pub(super) fn conductance_at(&self, node: usize) -> Option<f64> {
        let at = self.nodes.iter().position(|&n| n == node)?;
        Some(self.channel.visit(Open { g_bar: self.g_bar[at], m: self.m[at], h: self.h[at] }))
    }
}

/// A channel's conductance.
struct Open {
    g_bar: f64,
    m: f64,
    h: f64,
}

impl Visit for Open {
    type Found = f64;

    fn visit<M: Model>(self) -> f64 {
        M::conductance(self.g_bar, self.m, self.h)
    }
}

/// The steady state of a channel.
struct AtRest {
    v: f64,
    cai: f64,
    dt_ms: f64,
}

struct Rest {
    gates: [f64; 2],
    calcium_step: f64,
}

impl Visit for AtRest {
    type Found = Rest;

    fn visit<M: Model>(self) -> Rest {
        let Self { v, cai, dt_ms } = self;
        if let Some(Kinetics { inf, tau }) = M::by_calcium(cai) {
            return Rest { gates: [inf, 1.0], calcium_step: 1.0 - exp(dt_ms * (-1.0 / tau)) };
        }
        let (mut gates, mut next) = ([1.0; 2], 0);
        M::by_voltage(v, &mut OneByOne, &mut |kinetics| {
            gates[next] = kinetics.inf;
            next += 1;
        });
        Rest { gates, calcium_step: 0.0 }
    }
}

/// The currents of a channel.
struct Currents<'a> {
    of: &'a Mechanism,
    v: &'a [f64],
    calcium: &'a mut Calcium,
    cable: &'a mut Cable,
}

impl Visit for Currents<'_> {
    type Found = ();

    #[inline(always)]
    fn visit<M: Model>(self) {
        let Self { of, v, calcium, cable } = self;
        let of_calcium = M::ABOUT.ion == Ion::Calcium;
        for (k, &node) in of.nodes.iter().enumerate() {
            let v = v[node];
            let up = v + SLOPE_STEP;
            let e_rev = M::ABOUT.ion.e_rev(if of_calcium { calcium.e_ca[node] } else { 0.0 });
            let g = M::conductance(of.g_bar[k], of.m[k], of.h[k]);
            let current = g * (v - e_rev);
            let slope = (g * (up - e_rev) - current) / SLOPE_STEP;
            cable.add(node, -current, slope);
            if of_calcium {
                calcium.i_ca[node] += current;
            }
        }
    }
}

/// A step of a channel's gates.
struct Advance<'a> {
    of: &'a mut Mechanism,
    v: &'a [f64],
    calcium: &'a Calcium,
    dt_ms: f64,
}

impl Visit for Advance<'_> {
    type Found = ();

    #[inline(always)]
    fn visit<M: Model>(self) {
        let Self { of, v, calcium, dt_ms } = self;
        let Mechanism { nodes, m, h, calcium_step, .. } = of;
        if M::ABOUT.gating.by_voltage() == 0 {
            for (&node, m) in nodes.iter().zip(m) {
                if let Some(kinetics) = M::by_calcium(calcium.cai[node]) {
                    *m += *calcium_step * (kinetics.inf - *m);
                }
            }
            return;
        }
        for (chunk, &first) in nodes.iter().step_by(LANES).enumerate() {
            let lanes = chunk * LANES..nodes.len().min((chunk + 1) * LANES);
            // lanes that are not used stay at the first place's voltage
            let mut voltages = [v[first]; LANES];
            for (to, &node) in voltages.iter_mut().zip(&nodes[lanes.clone()]) {
                *to = v[node];
            }
            let [of_m, of_h] = kinetics::<M>(&voltages);
            follow(&mut m[lanes.clone()], &of_m, dt_ms);
            if M::ABOUT.gating.inactivates() {
                follow(&mut h[lanes], &of_h, dt_ms);
            }
        }
    }
}

/// Gates go a step towards their steady state.
#[inline(always)]
fn follow(gates: &mut [f64], kinetics: &[Kinetics; LANES], dt_ms: f64) {
    let (mut minus_rate, mut kept, mut steady) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
    for (l, Kinetics { inf, tau }) in kinetics.iter().enumerate() {
        minus_rate[l] = -1.0 / tau;
        kept[l] = dt_ms * minus_rate[l];
        // x∞ from the rate equation x' = x∞/τ - x/τ, as NMODL's cnexp has it
        steady[l] = -(inf / tau) / minus_rate[l];
    }
    exp_each(&mut kept);
    for (l, x) in gates.iter_mut().enumerate() {
        *x += (1.0 - kept[l]) * (steady[l] - *x);
    }
}

/// The kinetics of a channel's m and h at several voltages (mV), with all exponentials taken at once.
#[inline(always)]
fn kinetics<M: Model>(v: &[f64; LANES]) -> [[Kinetics; LANES]; 2] {
    let mut rows = [[0.0; LANES]; MOST_EXPONENTIALS];
    for (lane, v) in v.iter().enumerate() {
        // the kinetics computed beside the exponents are not used, and the compiler drops them
        M::by_voltage(*v, &mut CollectLane { rows: &mut rows, lane, next: 0 }, &mut |_| {});
    }
    for row in rows.iter_mut().take(M::ABOUT.exponentials) {
        exp_each(row);
    }
    let mut all = [[Kinetics { inf: 0.0, tau: 1.0 }; LANES]; 2];
    for (lane, v) in v.iter().enumerate() {
        let mut gate = 0;
        M::by_voltage(*v, &mut ReplayLane { rows: &rows, lane, next: 0 }, &mut |kinetics| {
            all[gate][lane] = kinetics;
            gate += 1;
        });
    }
    all
}

/// Writes the exponents of one lane down and answers 1.
struct CollectLane<'a> {
    rows: &'a mut [[f64; LANES]; MOST_EXPONENTIALS],
    lane: usize,
    next: usize,
}

impl Exponentials for CollectLane<'_> {
    #[inline(always)]
    fn exp(&mut self, x: f64) -> f64 {
        self.rows[self.next][self.lane] = x;
        self.next += 1;
        1.0
    }
}

/// Answers with the exponentials of one lane, in their order.
struct ReplayLane<'a> {
    rows: &'a [[f64; LANES]; MOST_EXPONENTIALS],
    lane: usize,
    next: usize,
}

impl Exponentials for ReplayLane<'_> {
    #[inline(always)]
    fn exp(&mut self, _: f64) -> f64 {
        self.next += 1;
        self.rows[self.next - 1][self.lane]
    }
}
