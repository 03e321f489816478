//! One step of many neurons: the arithmetic of the batch path.

#![allow(clippy::needless_range_loop)] // the index is a lane, the same one in many arrays

use super::channels::ChannelState;
use super::gates::{Gates, WIDTH, by_ion};
use super::model::{LaneModel, NodeModel, SegmentModel};
use super::places::REGIONS;
use super::real::Real;
use crate::sim::channel::{E_H, E_K, E_NA, sk_e2};
use crate::sim::synapse;
use crate::simd::{Set, Wide};

/// Voltages beyond it (mV) belong to no neuron; up to it the magnesium block's exponent (γ ≤ 1/mV) lies in the domain
/// of [`exp`](Real::exp).
const MOST_MV: f64 = 700.0;

/// L neurons at one moment, one a lane.
#[derive(Debug, Clone)]
pub(super) struct State<T, const L: usize> {
    nodes: Vec<NodeState<T, L>>,
    /// A row a lane, so that a row of the table moves a whole neuron's gates.
    gates: Box<[Gates<T>; L]>,
    /// The open conductances of these gates, a row a lane, S/cm².
    open: Box<[Open<T>; L]>,
    z: [T; L],
    cai: [T; L],
    ln_cai: [T; L],
    /// Channels at places beside the built-in soma.
    channels: Option<ChannelState<T, L>>,
    /// The electrodes' clock, ms; it is summed up by half steps as the exact path's.
    clock_ms: f64,
}

#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Open<T>([T; WIDTH]);

#[derive(Debug, Clone)]
#[repr(align(64))]
struct NodeState<T, const L: usize> {
    v: [T; L],
    /// Rise and decay of AMPA, NMDA and GABA_A, S/cm² each.
    synapses: [[T; L]; 6],
    /// What the node's children add to its equation; for the soma, the whole equation.
    diagonal: [T; L],
    rhs: [T; L],
    /// What the node's elimination leaves: its new voltage (or, where changes are solved for, its change) is `solution`
    /// plus `share` times the parent's.
    solution: [T; L],
    share: [T; L],
}

impl<T: Real, const L: usize> State<T, L> {
    /// Every neuron at rest.
    pub(super) fn new(model: &LaneModel<T>) -> Self {
        let node = NodeState {
            v: [model.e_pas; L],
            synapses: [[T::ZERO; L]; 6],
            diagonal: [T::ZERO; L],
            rhs: [T::ZERO; L],
            solution: [T::ZERO; L],
            share: [T::ZERO; L],
        };
        let cai = model.rest.cai;
        let mut nodes = vec![node; model.nodes.len()];
        for place in model.places.iter().flat_map(|places| &places.all) {
            let node = &mut nodes[place.node];
            [node.diagonal, node.rhs] = ChannelState::at_rest(place);
        }
        Self {
            nodes,
            channels: model.places.as_ref().map(ChannelState::new),
            clock_ms: 0.0,
            gates: Box::new([model.rest.gates; L]),
            open: Box::new([Open(model.conductors.open(&model.rest.gates)); L]),
            z: [model.rest.z; L],
            cai: [cai; L],
            ln_cai: [cai.ln(); L],
        }
    }

    pub(super) fn v_soma(&self, lane: usize) -> T {
        self.nodes[0].v[lane]
    }

    pub(super) fn v_segment(&self, model: &LaneModel<T>, segment: usize, lane: usize) -> T {
        self.nodes[model.segments[segment].node].v[lane]
    }

    /// Whether a lane's voltages and calcium concentrations are still possible ones.
    pub(super) fn is_sound(&self, lane: usize) -> bool {
        let can_be = |node: &NodeState<T, L>| node.v[lane].to_f64().abs() <= MOST_MV;
        let channels = self.channels.iter().all(|channels| channels.is_sound(lane));
        self.nodes.iter().all(can_be) && self.cai[lane] > T::ZERO && channels
    }

    /// Delivers weighted spikes to a segment's synapses in every lane, now.
    pub(super) fn deliver(&mut self, segment: &SegmentModel<T>, exc: &[T; L], inh: &[T; L]) {
        let factors =
            [segment.ampa, segment.ampa, segment.nmda, segment.nmda, segment.gaba, segment.gaba];
        let states = &mut self.nodes[segment.node].synapses;
        for (k, (state, factor)) in states.iter_mut().zip(factors).enumerate() {
            let weights = if k < 4 { exc } else { inh };
            for (x, w) in state.iter_mut().zip(weights) {
                let kept = if *x > T::TINY * factor { *x } else { T::ZERO };
                *x = kept + *w * factor;
            }
        }
    }
}

/// Goes one millisecond ahead. `trace` takes the voltages (mV) before each of the millisecond's steps: of the soma
/// alone, or of every node, the soma first, by its length.
#[inline(always)]
pub(super) fn advance<T: Real, S: Set<T>, const L: usize>(
    model: &LaneModel<T>,
    state: &mut State<T, L>,
    trace: &mut [[T; L]],
) {
    let width = (trace.len() / model.per_ms).max(1);
    for before in trace.chunks_exact_mut(width) {
        for (v, node) in before.iter_mut().zip(&state.nodes) {
            *v = node.v;
        }
        if model.has_nmda {
            step::<T, L, true>(model, state)
        } else {
            step::<T, L, false>(model, state)
        }
        substitute::<T, S, L>(model, state);
    }
}

/// Puts the currents of the neuron's own electrodes into the equations.
fn inject<T: Real, const L: usize>(model: &LaneModel<T>, state: &mut State<T, L>) {
    let half_step = 0.5 / model.per_ms as f64;
    state.clock_ms += half_step;
    for electrode in &model.electrodes {
        let injected = T::of(electrode.current.at(state.clock_ms) * electrode.density);
        for rhs in &mut state.nodes[electrode.node].rhs {
            *rhs += injected;
        }
    }
    state.clock_ms += half_step;
}

#[inline(always)]
fn step<T: Real, const L: usize, const NMDA: bool>(model: &LaneModel<T>, state: &mut State<T, L>) {
    soma_currents(model, state);
    if !model.electrodes.is_empty() {
        inject(model, state);
    }
    for i in (1..model.nodes.len()).rev() {
        let node = &model.nodes[i];
        let (before, from) = state.nodes.split_at_mut(i);
        let (Some(parent), Some(me)) = (before.get_mut(node.parent), from.first_mut()) else {
            return;
        };
        eliminate::<T, L, NMDA>(model, node, me, parent);
    }
    let soma = &mut state.nodes[0];
    // a copy: arrays that are parts of one structure are not compiled to whole vectors
    let mut solution = [T::ZERO; L];
    for l in 0..L {
        solution[l] = soma.rhs[l] / soma.diagonal[l];
    }
    soma.solution = solution;
    if !model.has_channels {
        (soma.diagonal, soma.rhs) = ([T::ZERO; L], [T::ZERO; L]);
    }
    take_over(soma);
}

/// Puts the soma's solution into all other nodes' equations, and moves the channels at the new voltages.
#[inline(always)]
fn substitute<T: Real, S: Set<T>, const L: usize>(model: &LaneModel<T>, state: &mut State<T, L>) {
    let State { nodes, channels, .. } = state;
    let mut of_places = model.places.as_ref().zip(channels.as_mut()).filter(|_| REGIONS);
    let mut place = 0;
    for (i, of_node) in model.nodes.iter().enumerate() {
        let (before, from) = nodes.split_at_mut(i);
        let Some(me) = from.first_mut() else { return };
        if let Some(parent) = before.get(of_node.parent) {
            let above = parent.solution;
            for l in 0..L {
                me.solution[l] += me.share[l] * above[l];
            }
            take_over(me);
        }
        // places are in the order of their nodes
        if !REGIONS {
            continue;
        }
        let Some((places, channels)) = &mut of_places else { continue };
        if places.all.get(place).is_some_and(|place| place.node == i) {
            let v = me.v;
            // one lane fills no vector
            [me.diagonal, me.rhs] = if L.is_multiple_of(S::Vector::N) {
                channels.advance::<S::Vector>(model, places, place, &v)
            } else {
                channels.advance::<T>(model, places, place, &v)
            };
            place += 1;
        }
    }
    if let Some((places, channels)) = of_places {
        channels.next_step(places);
    }
    if model.has_channels {
        advance_gates(model, state);
    }
}

/// Takes the solution over into the voltage.
#[inline(always)]
fn take_over<T: Real, const L: usize>(node: &mut NodeState<T, L>) {
    if T::BY_CHANGE {
        for l in 0..L {
            node.v[l] += node.solution[l];
        }
    } else {
        node.v = node.solution;
    }
}

/// Transposes the conductances from a row a neuron to a column of all lanes.
///
/// Compiled for the architecture's baseline whatever the kernel around it is for: LLVM turns strided loads into
/// gathers where AVX-512 has them, which take several times as long as the pairs of loads of SSE2.
#[inline(never)]
fn transpose<T: Real, const L: usize>(rows: &[Open<T>; L], columns: &mut [[T; L]; WIDTH]) {
    for (c, column) in columns.iter_mut().enumerate() {
        for (x, row) in column.iter_mut().zip(rows) {
            *x = row.0[c];
        }
    }
}

/// Puts the soma's currents into its equation, and the calcium current into the pool.
#[inline(always)]
fn soma_currents<T: Real, const L: usize>(model: &LaneModel<T>, state: &mut State<T, L>) {
    if !model.has_channels {
        return soma_leak(model, &mut state.nodes[0]);
    }
    let mut open = [[T::ZERO; L]; WIDTH];
    transpose(&state.open, &mut open);
    let soma = &mut state.nodes[0];
    let (e_na, e_k, e_h) = (T::of(E_NA), T::of(E_K), T::of(E_H));
    for l in 0..L {
        let v = soma.v[l];
        let [ca, na, k, h] = by_ion(|c| open[c][l]);
        let k = k + model.g_sk * state.z[l];
        let e_ca = model.half_thermal * (model.ln_cao - state.ln_cai[l]);
        let i_ca = ca * (v - e_ca);
        soma.rhs[l] = if T::BY_CHANGE {
            let leak = model.soma_leak - model.soma_g_leak * v;
            leak - (i_ca + na * (v - e_na) + k * (v - e_k) + h * (v - e_h))
        } else {
            let drive = ca * e_ca + na * e_na + k * e_k + h * e_h;
            model.soma_c_over_dt * v + model.soma_leak + drive
        };
        soma.diagonal[l] = model.soma_diagonal + ca + na + k + h;
        let cai = state.cai[l];
        let cai_inf = model.pool_rest + model.pool_per_current * i_ca;
        let cai = cai + model.pool_step * (cai_inf - cai);
        state.cai[l] = cai;
        state.ln_cai[l] = cai.ln();
    }
    if model.has_sk {
        for l in 0..L {
            let z = state.z[l];
            let hill = (T::of(sk_e2::HILL) * (model.ln_sk_half - state.ln_cai[l])).exp();
            state.z[l] = z + model.sk_step * (T::ONE / (T::ONE + hill) - z);
        }
    }
}

/// Adds the leak of a soma that is not the built-in one, or has no channels, to its equation, with the bits of
/// [`soma_currents`].
#[inline(always)]
fn soma_leak<T: Real, const L: usize>(model: &LaneModel<T>, soma: &mut NodeState<T, L>) {
    for l in 0..L {
        let v = soma.v[l];
        soma.rhs[l] += if T::BY_CHANGE {
            model.soma_leak - model.soma_g_leak * v
        } else {
            model.soma_c_over_dt * v + model.soma_leak
        };
        soma.diagonal[l] += model.soma_diagonal;
    }
}

/// Puts a node's currents into its equation, eliminates the node from its parent's equation, and lets its synapses
/// decay.
#[inline(always)]
fn eliminate<T: Real, const L: usize, const NMDA: bool>(
    model: &LaneModel<T>,
    node: &NodeModel<T>,
    me: &mut NodeState<T, L>,
    parent: &mut NodeState<T, L>,
) {
    let e_inh = T::of(synapse::E_INH);
    // copies, from which the compiler sees that they do not overlap `me`
    let (parent_v, mut diagonal, mut rhs) = (parent.v, parent.diagonal, parent.rhs);
    let (node, decay, minus_gamma, model_block) =
        (*node, model.decay, model.minus_gamma, model.block);
    let [ampa_rise, ampa_decay, nmda_rise, nmda_decay, gaba_rise, gaba_decay] = &mut me.synapses;
    for l in 0..L {
        let v = me.v[l];
        let ampa = ampa_decay[l] - ampa_rise[l];
        let gaba = gaba_decay[l] - gaba_rise[l];
        ampa_rise[l] = ampa_rise[l].decayed(decay[0]);
        ampa_decay[l] = ampa_decay[l].decayed(decay[1]);
        gaba_rise[l] = gaba_rise[l].decayed(decay[4]);
        gaba_decay[l] = gaba_decay[l].decayed(decay[5]);
        let linear = node.diagonal + me.diagonal[l] + ampa + gaba;
        let fixed = me.rhs[l] + (node.leak + gaba * e_inh);
        // the current from the parent, which enters where changes are solved for
        let along = node.to_parent * (parent_v[l] - v);
        let drive = if T::BY_CHANGE {
            fixed + along - (node.g_leak + ampa + gaba) * v
        } else {
            fixed + node.c_over_dt * v
        };
        // the node's equation divided by its diagonal
        let (inverse, solution) = if NMDA {
            let open = nmda_decay[l] - nmda_rise[l];
            nmda_rise[l] = nmda_rise[l].decayed(decay[2]);
            nmda_decay[l] = nmda_decay[l].decayed(decay[3]);
            // 1/`blocked` of the NMDA channels are open; multiplied by its square, the equation takes one division
            let exponent = minus_gamma * v;
            let block = exponent.exp() * model_block;
            let blocked = T::ONE + block;
            let square = blocked * blocked;
            let slope = exponent * block;
            let quotient = T::ONE / (linear * square + open * (blocked - slope));
            let open_now = open * if T::BY_CHANGE { blocked } else { slope };
            (square * quotient, (drive * square - open_now * v) * quotient)
        } else {
            let inverse = T::ONE / linear;
            (inverse, drive * inverse)
        };
        diagonal[l] -= node.at_parent * inverse * node.to_parent;
        let back = if T::BY_CHANGE { solution - (parent_v[l] - v) } else { solution };
        rhs[l] += node.at_parent * back;
        me.rhs[l] = T::ZERO;
        me.diagonal[l] = T::ZERO;
        me.solution[l] = solution;
        me.share[l] = node.to_parent * inverse;
    }
    (parent.diagonal, parent.rhs) = (diagonal, rhs);
}

/// Advances the gates at the new voltage, and computes the conductances from them.
#[inline(always)]
fn advance_gates<T: Real, const L: usize>(model: &LaneModel<T>, state: &mut State<T, L>) {
    let v = &state.nodes[0].v;
    let mut index = [0_u32; L];
    let mut far = [T::ZERO; L];
    for l in 0..L {
        (index[l], far[l]) = model.table.locate(v[l]);
    }
    let rows = model.table.rows();
    for l in 0..L {
        let Some(row) = rows.get(index[l] as usize) else { return };
        let (gates, f) = (&mut state.gates[l], far[l]);
        follow(&mut gates.m, row.each_ref().map(|part| &part.m), f);
        follow(&mut gates.h, row.each_ref().map(|part| &part.h), f);
        follow(&mut gates.alone, row.each_ref().map(|part| &part.alone), f);
        state.open[l].0 = model.conductors.open(gates);
    }
}

/// Advances gates one step towards their steady state, by the table's `row` at the share `f` of its interval.
#[inline(always)]
fn follow<T: Real, const N: usize>(gates: &mut [T; N], row: [&[T; N]; 4], f: T) {
    let [a0, a1, b0, b1] = row;
    for g in 0..N {
        let a = a0[g] + f * a1[g];
        let b = b0[g] + f * b1[g];
        let x = gates[g];
        gates[g] = if T::BY_CHANGE { x + b * (a - x) } else { a + b * x };
    }
}
