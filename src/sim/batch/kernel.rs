//! One step of many neurons: the arithmetic of the batch path.

#![allow(clippy::needless_range_loop)] // a lane is the same place in many arrays

use super::model::{Model, NodeModel, SegmentModel};
use super::real::Real;
use super::table::SLOTS;
use crate::sim::channel::{Channel, Gate, VOLTAGE_GATES, cation, potassium, sodium};
use crate::sim::neuron::SOMA_G_PAS;
use crate::sim::synapse;

/// L neurons at one moment, one a lane.
#[derive(Debug, Clone)]
pub(super) struct State<T, const L: usize> {
    nodes: Vec<NodeState<T, L>>,
    /// A row a lane, so that a row of the table moves a whole neuron's gates.
    gates: Box<[GateRow<T>; L]>,
    z: [T; L],
    cai: [T; L],
    ln_cai: [T; L],
}

#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct GateRow<T>([T; SLOTS]);

#[derive(Debug, Clone)]
#[repr(align(64))]
struct NodeState<T, const L: usize> {
    v: [T; L],
    /// Rise and decay of AMPA, NMDA and GABA_A, S/cm² each.
    synapses: [[T; L]; 6],
    /// What the node's children bring into its equation; for the soma, the whole of it.
    diagonal: [T; L],
    rhs: [T; L],
    /// The voltage's change, once the parent's times `share` is added.
    dv: [T; L],
    share: [T; L],
}

impl<T: Real, const L: usize> State<T, L> {
    /// Every neuron at rest.
    pub(super) fn new(model: &Model<T>) -> Self {
        let node = NodeState {
            v: [model.e_pas; L],
            synapses: [[T::ZERO; L]; 6],
            diagonal: [T::ZERO; L],
            rhs: [T::ZERO; L],
            dv: [T::ZERO; L],
            share: [T::ZERO; L],
        };
        let cai = model.rest.cai;
        Self {
            nodes: vec![node; model.nodes.len()],
            gates: Box::new([GateRow(model.rest.gates); L]),
            z: [model.rest.z; L],
            cai: [cai; L],
            ln_cai: [cai.ln(); L],
        }
    }

    pub(super) fn v_soma(&self, lane: usize) -> T {
        self.nodes[0].v[lane]
    }

    pub(super) fn v_segment(&self, model: &Model<T>, segment: usize, lane: usize) -> T {
        self.nodes[model.segments[segment].node].v[lane]
    }

    /// Whether a lane's voltage and calcium are still numbers that can be.
    pub(super) fn is_sound(&self, lane: usize) -> bool {
        self.v_soma(lane).to_f64().is_finite() && self.cai[lane] > T::ZERO
    }

    /// Weighted spikes at a segment's synapses of every lane, now.
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

/// Goes one millisecond ahead; `trace` takes the soma's voltage before each of its steps.
#[inline(always)]
pub(super) fn advance<T: Real, const L: usize>(
    model: &Model<T>,
    state: &mut State<T, L>,
    trace: &mut [[T; L]],
) {
    for v in trace {
        *v = state.nodes[0].v;
        if model.has_nmda {
            step::<T, L, true>(model, state)
        } else {
            step::<T, L, false>(model, state)
        }
    }
}

#[inline(always)]
fn step<T: Real, const L: usize, const NMDA: bool>(model: &Model<T>, state: &mut State<T, L>) {
    soma_currents(model, state);
    for i in (1..model.nodes.len()).rev() {
        let node = &model.nodes[i];
        let (before, from) = state.nodes.split_at_mut(i);
        let (Some(parent), Some(me)) = (before.get_mut(node.parent), from.first_mut()) else {
            return;
        };
        eliminate::<T, L, NMDA>(model, node, me, parent);
    }
    let soma = &mut state.nodes[0];
    for l in 0..L {
        soma.dv[l] = soma.rhs[l] / soma.diagonal[l];
        soma.v[l] += soma.dv[l];
    }
    for (i, node) in model.nodes.iter().enumerate().skip(1) {
        let (before, from) = state.nodes.split_at_mut(i);
        let (Some(parent), Some(me)) = (before.get(node.parent), from.first_mut()) else { return };
        for l in 0..L {
            let dv = me.dv[l] + me.share[l] * parent.dv[l];
            me.v[l] += dv;
            me.dv[l] = dv;
        }
    }
    advance_gates(model, state);
}

/// Gates by neuron to gates by lane.
///
/// Compiled for the architecture's baseline whatever the kernel around it is for: LLVM turns strided loads into
/// gathers where AVX-512 has them, which take several times as long as the pairs of loads of SSE2.
#[inline(never)]
fn transpose<T: Real, const L: usize>(
    rows: &[GateRow<T>; L],
    columns: &mut [[T; L]; VOLTAGE_GATES],
) {
    for (g, column) in columns.iter_mut().enumerate() {
        for (x, row) in column.iter_mut().zip(rows) {
            *x = row.0[g];
        }
    }
}

/// The soma's currents, with which its equation starts, and the calcium that they bring.
#[inline(always)]
fn soma_currents<T: Real, const L: usize>(model: &Model<T>, state: &mut State<T, L>) {
    let mut gates = [[T::ZERO; L]; VOLTAGE_GATES];
    transpose(&state.gates, &mut gates);
    let soma = &mut state.nodes[0];
    let g_bar = |channel: Channel| model.g_bar[channel as usize];
    let (e_na, e_k, e_h) = (T::of(sodium::E_NA), T::of(potassium::E_K), T::of(cation::E_H));
    for l in 0..L {
        let gate = |gate: Gate| gates[gate as usize][l];
        let v = soma.v[l];
        let square = |x: T| x * x;
        let cube = |x: T| x * x * x;
        let ca = g_bar(Channel::CaHva) * square(gate(Gate::CaHvaM)) * gate(Gate::CaHvaH)
            + g_bar(Channel::CaLvast) * square(gate(Gate::CaLvastM)) * gate(Gate::CaLvastH);
        let na = g_bar(Channel::NaTa) * cube(gate(Gate::NaTaM)) * gate(Gate::NaTaH)
            + g_bar(Channel::NaTs2) * cube(gate(Gate::NaTs2M)) * gate(Gate::NaTs2H)
            + g_bar(Channel::NapEt2) * cube(gate(Gate::NapEt2M)) * gate(Gate::NapEt2H);
        let k = g_bar(Channel::Im) * gate(Gate::ImM)
            + g_bar(Channel::KPst) * square(gate(Gate::KPstM)) * gate(Gate::KPstH)
            + g_bar(Channel::KTst) * square(square(gate(Gate::KTstM))) * gate(Gate::KTstH)
            + g_bar(Channel::SkE2) * state.z[l]
            + g_bar(Channel::Skv31) * gate(Gate::Skv31M);
        let h = g_bar(Channel::Ih) * gate(Gate::IhM);
        let e_ca = model.half_thermal * (model.ln_cao - state.ln_cai[l]);
        let i_ca = ca * (v - e_ca);
        let leak = T::of(SOMA_G_PAS) * (v - model.e_pas);
        soma.rhs[l] = -(leak + i_ca + na * (v - e_na) + k * (v - e_k) + h * (v - e_h));
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
            let hill = (T::of(potassium::SK_E2_HILL) * (model.ln_sk_half - state.ln_cai[l])).exp();
            state.z[l] = z + model.sk_step * (T::ONE / (T::ONE + hill) - z);
        }
    }
}

/// A node's currents, and its elimination from its parent's equation; its synapses decay.
#[inline(always)]
fn eliminate<T: Real, const L: usize, const NMDA: bool>(
    model: &Model<T>,
    node: &NodeModel<T>,
    me: &mut NodeState<T, L>,
    parent: &mut NodeState<T, L>,
) {
    let e_inh = T::of(synapse::E_INH);
    // copies, so that the compiler sees without a doubt that they are not part of `me`
    let (parent_v, mut diagonal, mut rhs_above) = (parent.v, parent.diagonal, parent.rhs);
    let [ampa_rise, ampa_decay, nmda_rise, nmda_decay, gaba_rise, gaba_decay] = &mut me.synapses;
    for l in 0..L {
        let v = me.v[l];
        let ampa = ampa_decay[l] - ampa_rise[l];
        let gaba = gaba_decay[l] - gaba_rise[l];
        ampa_rise[l] = ampa_rise[l] - ampa_rise[l] * model.decay[0];
        ampa_decay[l] = ampa_decay[l] - ampa_decay[l] * model.decay[1];
        gaba_rise[l] = gaba_rise[l] - gaba_rise[l] * model.decay[4];
        gaba_decay[l] = gaba_decay[l] - gaba_decay[l] * model.decay[5];
        let along = parent_v[l] - v;
        let linear = node.diagonal + me.diagonal[l] + ampa + gaba;
        let mut exc = ampa;
        let inverse = if NMDA {
            let open = nmda_decay[l] - nmda_rise[l];
            nmda_rise[l] = nmda_rise[l] - nmda_rise[l] * model.decay[2];
            nmda_decay[l] = nmda_decay[l] - nmda_decay[l] * model.decay[3];
            // 1/blocked of the channels pass; both quotients, by it and by the diagonal with its
            // slope, from one division
            let blocked = T::ONE + (-(model.gamma * v)).exp() * model.block;
            let square = blocked * blocked;
            let diagonal =
                linear * square + open * (blocked + model.gamma * v * (blocked - T::ONE));
            let both = T::ONE / (blocked * diagonal);
            exc += open * (both * diagonal);
            both * blocked * square
        } else {
            T::ONE / linear
        };
        let current = node.leak * (v - model.e_pas) + exc * v + gaba * (v - e_inh);
        let rhs = me.rhs[l] + node.to_parent * along - current;
        let share = node.at_parent * inverse;
        diagonal[l] -= share * node.to_parent;
        rhs_above[l] = rhs_above[l] - node.at_parent * along + share * rhs;
        me.rhs[l] = T::ZERO;
        me.diagonal[l] = T::ZERO;
        me.dv[l] = rhs * inverse;
        me.share[l] = node.to_parent * inverse;
    }
    (parent.diagonal, parent.rhs) = (diagonal, rhs_above);
}

/// The gates follow the new voltage.
#[inline(always)]
fn advance_gates<T: Real, const L: usize>(model: &Model<T>, state: &mut State<T, L>) {
    let v = &state.nodes[0].v;
    let mut index = [0_u32; L];
    let mut far = [T::ZERO; L];
    for l in 0..L {
        (index[l], far[l]) = model.table.locate(v[l]);
    }
    let rows = model.table.rows();
    for l in 0..L {
        let Some(row) = rows.get(index[l] as usize) else { return };
        let ([inf0, inf1, inf2, step0, step1, step2], f) = (&row.0, far[l]);
        let gates = &mut state.gates[l].0;
        for g in 0..SLOTS {
            let inf = inf0[g] + f * (inf1[g] + f * inf2[g]);
            let step = step0[g] + f * (step1[g] + f * step2[g]);
            gates[g] = gates[g] + step * (inf - gates[g]);
        }
    }
}
