//! The kernel of each precision, compiled for every instruction set.
//!
//! All kernels of a precision run the same source without fused operations, and so give the same bits.

use super::kernel::{State, advance};
use super::model::LaneModel;
use crate::simd::{Isa, Set};

/// Lanes in double precision: two vectors of 512 bits, so that one hides the other's latency.
pub(super) const LANES_F64: usize = 16;
/// Lanes in single precision.
pub(super) const LANES_F32: usize = 32;
/// Up to this many simulations in single precision take less time one after the other than in [`LANES_F32`] lanes.
/// Double precision has no kernel of one lane: it is used for many simulations, and every kernel makes the page's first
/// visit longer.
pub(super) const FEW: usize = 4;

/// Goes one millisecond ahead on an instruction set; see [`advance`].
pub(super) type Advance<T, const L: usize> =
    fn(Isa, &LaneModel<T>, &mut State<T, L>, &mut [[T; L]]);

/// A precision of the kernel with a number of lanes, `L`.
pub(super) trait Kernel<const L: usize>: Sized {
    /// The kernel in this precision and number of lanes.
    const ADVANCE: Advance<Self, L>;
}

macro_rules! kernels {
    ($($T:ty, $lanes:expr;)+) => {$(
        const _: () = {
            crate::simd::dispatch! {
                sets fn advance_all(
                    model: &LaneModel<$T>,
                    state: &mut State<$T, { $lanes }>,
                    trace: &mut [[$T; $lanes]],
                ) = advance_with
            }

            #[inline(always)]
            fn advance_with<S: Set<$T>>(
                model: &LaneModel<$T>,
                state: &mut State<$T, { $lanes }>,
                trace: &mut [[$T; $lanes]],
            ) {
                advance::<$T, S, { $lanes }>(model, state, trace);
            }

            impl Kernel<{ $lanes }> for $T {
                const ADVANCE: Advance<Self, { $lanes }> = advance_all;
            }
        };
    )+};
}

kernels! {
    f64, LANES_F64;
    f32, LANES_F32;
    f32, 1;
}

#[cfg(test)]
mod tests {
    use super::super::real::Real;
    use super::*;
    use crate::sim::{Channel, NeuronParams};

    /// The soma's voltage at every step of 60 ms, every lane with its own inputs.
    fn run<T: Real + Kernel<L>, const L: usize>(isa: Isa, params: &NeuronParams) -> Vec<[T; L]> {
        let model = LaneModel::<T>::new(params);
        let mut state = State::<T, L>::new(&model);
        let mut all = Vec::new();
        let mut trace = vec![[T::ZERO; L]; params.samples_per_ms];
        for ms in 0..60_u32 {
            for (segment, place) in (0..).zip(&model.segments) {
                let weight = |lane: usize, salt: u32| {
                    let mixed =
                        (ms * 31 + segment * 17 + lane as u32 * 7 + salt).wrapping_mul(0x9e37_79b9);
                    T::of(if mixed >> 28 == 0 { f64::from(mixed & 0xff) * 0.05 } else { 0.0 })
                };
                let exc = std::array::from_fn(|lane| weight(lane, 0));
                let inh = std::array::from_fn(|lane| weight(lane, 5));
                state.deliver(place, &exc, &inh);
            }
            (T::ADVANCE)(isa, &model, &mut state, &mut trace);
            all.extend_from_slice(&trace);
        }
        all
    }

    #[test]
    fn every_instruction_set_and_number_of_lanes_gives_the_same_bits() {
        let human = NeuronParams { sk_e2_factor: 1.0, ..NeuronParams::default() };
        let [ampa, _, _] = NeuronParams::PRESETS.map(|name| NeuronParams::preset(name).unwrap());
        // every channel, with and without a pool, on a branch and in the soma, and an electrode
        let channels = Channel::ALL.map(|channel| format!("\"{channel}\": 0.001")).join(", ");
        let region = format!(
            "{{\"g_pas\": 5e-5, \"e_pas_mV\": -80, \"cm_uF_cm2\": 1, \"Ra_ohm_cm\": 100, \"channels\": {{{channels}}}"
        );
        let active = format!(
            "{{\"num_segments\": 3, \"regions\": {{\"dend\": {region}}}, \"soma\": {region}, \
             \"calcium\": {{\"decay_ms\": 100, \"gamma\": 0.01}}}}}}, \"clamps\": [{{\"at\": \"dend\", \"x\": 0.5, \
             \"start_ms\": 10, \"duration_ms\": 20, \"amplitude_nA\": 0.5}}]}}"
        );
        let active = NeuronParams::from_json(&active).unwrap();
        for params in [human, ampa, active] {
            let double = run::<f64, LANES_F64>(Isa::baseline(), &params);
            let single = run::<f32, LANES_F32>(Isa::baseline(), &params);
            let spread = |v: &[f64; LANES_F64]| v.iter().fold(0.0, |m: f64, x| m.max(x - v[0]));
            assert!(double.iter().map(spread).fold(0.0, f64::max) > 1.0, "lanes differ");
            for isa in Isa::available() {
                assert!(run::<f64, LANES_F64>(isa, &params) == double, "{isa:?} in f64");
                assert!(run::<f32, LANES_F32>(isa, &params) == single, "{isa:?} in f32");
                let one = run::<f32, 1>(isa, &params);
                assert!(one.iter().zip(&single).all(|(one, all)| one[0] == all[0]), "{isa:?}");
            }
        }
    }
}
