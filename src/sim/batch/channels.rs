//! One step of the channels at all places outside the built-in soma.
//!
//! Where steps are shorter than 0.025 ms, gates that are slow at every voltage and gates that follow calcium move every
//! 0.025 ms. They then stand for the middle of the steps until they move again, so that they are as often early as late.
//! Then too a pool's reversal potential is computed by its logarithm; in between it follows the concentration by its
//! tangent.

#![allow(clippy::needless_range_loop)] // the index is a lane, the same one in many arrays

use std::ops::Range;

use super::model::LaneModel;
use super::places::{ChannelAt, Flow, Place, Places, PoolAt};
use super::real::Real;
use super::table::{ChannelTable, Grid};
use crate::simd::{Pair, Spots, Wide};

/// The state of channels and pools, of L neurons.
#[derive(Debug, Clone)]
pub(super) struct ChannelState<T, const L: usize> {
    gates: Vec<Lanes<T, L>>,
    pools: Vec<PoolState<T, L>>,
    /// What the slow channels of each place let through.
    slow: Vec<Sums<T, L>>,
    /// Steps taken, modulo those of which slow gates take one.
    phase: usize,
}

/// A number of each lane.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Lanes<T, const L: usize>([T; L]);

#[derive(Debug, Clone, Copy)]
struct PoolState<T, const L: usize> {
    /// Calcium inside, mM, at the end of the step that follows: the pool takes the current of the voltage before it.
    cai: Lanes<T, L>,
    /// The tangent of its reversal potential at the concentration when slow gates last moved, as a number and a slope:
    /// mV, and mV per mM.
    e_ca: Lanes<T, L>,
    per_mm: Lanes<T, L>,
}

/// Sums over channels, as a [`Flow`] has them.
#[derive(Debug, Clone)]
#[repr(align(64))]
struct Sums<T, const L: usize> {
    total: [T; L],
    drive: [T; L],
    calcium: [T; L],
}

impl<T: Real, const L: usize> Sums<T, L> {
    #[inline(always)]
    fn new(flow: Flow<T>) -> Self {
        Self { total: [flow.total; L], drive: [flow.drive; L], calcium: [flow.calcium; L] }
    }
}

/// Moves those gates of a channel that are to be moved, and adds what the channel lets through. A `POWER` of 0 stands for
/// any.
#[inline(always)]
fn channel<T: Real, V: Wide<T>, const POWER: u32, const L: usize>(
    sums: &mut Sums<T, L>,
    of: &ChannelAt<T>,
    rows: &[Pair<T>],
    gates: &mut [Lanes<T, L>],
    (spots, moves): (&Spots<T, L>, [bool; 2]),
) {
    let Some((m, rest)) = gates.split_first_mut() else { return };
    let mut h = rest.first_mut();
    let power = if POWER == 0 { of.channel.about().gating.power() } else { POWER };
    let (g_bar, e_rev) = (V::splat(of.g_bar), V::splat(of.e_rev.unwrap_or(T::ZERO)));
    for at in (0..L).step_by(V::N) {
        let m = moved::<T, V, L>(m, rows, 0, (spots, moves), at);
        let mut open = g_bar;
        for _ in 0..power {
            open = open.mul(m);
        }
        if let Some(h) = &mut h {
            open = open.mul(moved::<T, V, L>(h, rows, 1, (spots, moves), at));
        }
        if of.e_rev.is_some() {
            V::load(&sums.total, at).add(open).store(&mut sums.total, at);
            V::load(&sums.drive, at).add(open.mul(e_rev)).store(&mut sums.drive, at);
        } else {
            V::load(&sums.calcium, at).add(open).store(&mut sums.calcium, at);
        }
    }
}

/// A vector of a gate's lanes from `at` on, a step later where the gate is to be moved.
#[inline(always)] // a closure would be compiled for any machine
fn moved<T: Real, V: Wide<T>, const L: usize>(
    gate: &mut Lanes<T, L>,
    rows: &[Pair<T>],
    which: usize,
    (spots, moves): (&Spots<T, L>, [bool; 2]),
    at: usize,
) -> V {
    let x = V::load(&gate.0, at);
    if !moves[which] {
        return x;
    }
    let [a0, a1, b0, b1] = V::rows(rows, which, spots, at);
    let far = V::load(&spots.far, at);
    let (a, b) = (a0.add(far.mul(a1)), b0.add(far.mul(b1)));
    let x = if T::BY_CHANGE { x.add(b.mul(a.sub(x))) } else { a.add(b.mul(x)) };
    x.store(&mut gate.0, at);
    x
}

/// Where the lanes' numbers are in a table.
#[inline(always)]
fn spots<T: Real, const L: usize>(x: &[T; L], grid: &Grid<T>) -> Spots<T, L> {
    let (mut row, mut far) = ([0; L], [T::ZERO; L]);
    let grid = *grid;
    for l in 0..L {
        (row[l], far[l]) = grid.locate(x[l]);
    }
    Spots::new(row, far)
}

impl<T: Real, const L: usize> ChannelState<T, L> {
    /// At rest.
    pub(super) fn new(places: &Places<T>) -> Self {
        let pool = |pool: PoolAt<T>| PoolState {
            cai: Lanes([pool.first; L]),
            e_ca: Lanes([pool.e_ca; L]),
            per_mm: Lanes([T::ZERO; L]),
        };
        Self {
            gates: places.gates.iter().map(|gate| Lanes([*gate; L])).collect(),
            pools: places.all.iter().filter_map(|place| place.pool).map(pool).collect(),
            slow: places.all.iter().map(|place| Sums::new(place.rest[0])).collect(),
            phase: 0,
        }
    }

    /// What the channels of a place let through at rest, as a node's equation takes it.
    pub(super) fn at_rest(place: &Place<T>) -> [[T; L]; 2] {
        let [slow, fast] = place.rest;
        let e_ca = place.pool.map_or(T::ZERO, |pool| pool.e_ca);
        let calcium = slow.calcium + fast.calcium;
        [[slow.total + fast.total + calcium; L], [slow.drive + fast.drive + calcium * e_ca; L]]
    }

    /// Whether a lane's concentrations are still possible ones.
    pub(super) fn is_sound(&self, lane: usize) -> bool {
        self.pools.iter().all(|pool| pool.cai.0[lane] > T::ZERO)
    }

    /// Goes on to the next step.
    #[inline(always)]
    pub(super) fn next_step(&mut self, places: &Places<T>) {
        self.phase = (self.phase + 1) % places.tables.every;
    }

    /// Moves the channels of a place by a step at the new voltages `v` (mV), and returns what they let through then, as
    /// a node's equation takes it: the sum of the conductances, S/cm², and what they drive, mA/cm².
    #[inline(always)]
    pub(super) fn advance<V: Wide<T>>(
        &mut self,
        model: &LaneModel<T>,
        places: &Places<T>,
        number: usize,
        v: &[T; L],
    ) -> [[T; L]; 2] {
        let place = &places.all[number];
        // of neighbours one moves half a step before the middle and one after it, where the middle is between steps
        let due = self.phase == (places.tables.every - 1 + number % 2) / 2;
        let mut sums;
        if due || !place.fast.is_empty() {
            let spots = spots(v, &places.tables.voltage);
            if due {
                let mut slow = Sums::new(Flow::default());
                self.channels::<V>(&mut slow, places, place.slow.clone(), &spots, true);
                self.slow[number] = slow;
            }
            sums = self.slow[number].clone();
            self.channels::<V>(&mut sums, places, place.fast.clone(), &spots, due);
        } else {
            sums = self.slow[number].clone();
        }
        if let Some(pool) = &place.pool {
            if due {
                let mut slow = Sums::new(Flow::default());
                self.follow_pool::<V>(&mut slow, model, places, (place, pool));
                for sums in [&mut sums, &mut self.slow[number]] {
                    for l in 0..L {
                        sums.total[l] += slow.total[l];
                        sums.drive[l] += slow.drive[l];
                    }
                }
            }
            self.pools[pool.at].advance::<V>(&mut sums, pool, places.reference, v);
        }
        if T::BY_CHANGE {
            let reference = V::splat(places.reference);
            for at in (0..L).step_by(V::N) {
                let distance = V::load(v, at).sub(reference);
                let back = V::load(&sums.total, at).mul(distance);
                V::load(&sums.drive, at).sub(back).store(&mut sums.drive, at);
            }
        }
        [sums.total, sums.drive]
    }

    /// Moves channels, their slow gates only where these are `due`, and adds what they let through.
    #[inline(always)]
    fn channels<V: Wide<T>>(
        &mut self,
        sums: &mut Sums<T, L>,
        places: &Places<T>,
        channels: Range<usize>,
        spots: &Spots<T, L>,
        due: bool,
    ) {
        for of in &places.channels[channels] {
            let ChannelTable { rows, slow } = places.tables.of(of.channel);
            let gating = of.channel.about().gating;
            let gates = of.gate..of.gate + 1 + usize::from(gating.inactivates());
            let gates = &mut self.gates[gates];
            let at = (spots, slow.map(|slow| due || !slow));
            match gating.power() {
                1 => channel::<T, V, 1, L>(sums, of, rows, gates, at),
                2 => channel::<T, V, 2, L>(sums, of, rows, gates, at),
                3 => channel::<T, V, 3, L>(sums, of, rows, gates, at),
                _ => channel::<T, V, 0, L>(sums, of, rows, gates, at),
            }
        }
    }

    /// Moves the gates that follow a pool, adds what their channels let through, and finds the tangent of the reversal
    /// potential.
    #[inline(always)]
    fn follow_pool<V: Wide<T>>(
        &mut self,
        sums: &mut Sums<T, L>,
        model: &LaneModel<T>,
        places: &Places<T>,
        (place, pool): (&Place<T>, &PoolAt<T>),
    ) {
        let cai = self.pools[pool.at].cai.0;
        let (mut ln_cai, mut e_ca, mut per_mm) = ([T::ZERO; L], [T::ZERO; L], [T::ZERO; L]);
        let (half_thermal, ln_cao) = (model.half_thermal, model.ln_cao);
        for l in 0..L {
            ln_cai[l] = cai[l].ln();
            per_mm[l] = half_thermal / cai[l];
            e_ca[l] = half_thermal * (ln_cao - ln_cai[l] + T::ONE) - places.reference;
        }
        self.pools[pool.at].e_ca = Lanes(e_ca);
        self.pools[pool.at].per_mm = Lanes(per_mm);
        let spots = spots(&ln_cai, &places.tables.ln_cai);
        self.channels::<V>(sums, places, place.by_calcium.clone(), &spots, true);
    }
}

impl<T: Real, const L: usize> PoolState<T, L> {
    /// Adds what the channels of calcium let through at `v` mV, which the pool takes in.
    #[inline(always)]
    fn advance<V: Wide<T>>(
        &mut self,
        sums: &mut Sums<T, L>,
        pool: &PoolAt<T>,
        reference: T,
        v: &[T; L],
    ) {
        let (step, reference) = (V::splat(pool.step), V::splat(reference));
        let (rest, per_current) = (V::splat(pool.rest), V::splat(pool.per_current));
        for at in (0..L).step_by(V::N) {
            let (cai, g) = (V::load(&self.cai.0, at), V::load(&sums.calcium, at));
            let e_ca = V::load(&self.e_ca.0, at).sub(V::load(&self.per_mm.0, at).mul(cai));
            let i_ca = g.mul(V::load(v, at).sub(reference).sub(e_ca));
            V::load(&sums.total, at).add(g).store(&mut sums.total, at);
            V::load(&sums.drive, at).add(g.mul(e_ca)).store(&mut sums.drive, at);
            let inf = rest.add(per_current.mul(i_ca));
            cai.add(step.mul(inf.sub(cai))).store(&mut self.cai.0, at);
        }
    }
}
