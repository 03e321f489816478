//! The kernel compiled for several instruction sets, and the best that the machine has.
//!
//! All of them run the same source without fused operations, and so give the same bits.

use super::kernel::{State, advance};
use super::model::Model;

/// Lanes in double precision: two vectors of 512 bits, so that one hides the other's latency.
pub(super) const LANES_F64: usize = 16;
/// Lanes in single precision.
pub(super) const LANES_F32: usize = 32;

/// An instruction set that the kernel is compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Isa {
    /// What every machine of the architecture has: SSE2, NEON, or wasm's SIMD.
    Baseline,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Isa {
    /// Those that this machine has, the best one last.
    pub(super) fn available() -> Vec<Self> {
        #[allow(unused_mut)] // on other architectures
        let mut all = vec![Self::Baseline];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") {
                all.push(Self::Avx2);
            }
            let avx512 = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl");
            if avx512 {
                all.push(Self::Avx512);
            }
        }
        all
    }
}

/// A precision of the kernel, with its number of lanes.
pub(super) trait Kernel<const L: usize>: Sized {
    /// Goes one millisecond ahead; see [`advance`].
    fn advance(isa: Isa, model: &Model<Self>, state: &mut State<Self, L>, trace: &mut [[Self; L]]);
}

macro_rules! kernel {
    ($real:ty, $lanes:expr) => {
        impl Kernel<{ $lanes }> for $real {
            fn advance(
                isa: Isa,
                model: &Model<Self>,
                state: &mut State<Self, { $lanes }>,
                trace: &mut [[Self; $lanes]],
            ) {
                #[cfg(target_arch = "x86_64")]
                #[target_feature(enable = "avx2")]
                fn avx2(
                    model: &Model<$real>,
                    state: &mut State<$real, { $lanes }>,
                    trace: &mut [[$real; $lanes]],
                ) {
                    advance(model, state, trace);
                }
                #[cfg(target_arch = "x86_64")]
                #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
                fn avx512(
                    model: &Model<$real>,
                    state: &mut State<$real, { $lanes }>,
                    trace: &mut [[$real; $lanes]],
                ) {
                    advance(model, state, trace);
                }
                match isa {
                    Isa::Baseline => advance(model, state, trace),
                    // SAFETY: `Isa::available` has found the features.
                    #[cfg(target_arch = "x86_64")]
                    #[allow(unsafe_code)]
                    // the only way to call code for a wider processor
                    Isa::Avx2 => unsafe { avx2(model, state, trace) },
                    // SAFETY: as above.
                    #[cfg(target_arch = "x86_64")]
                    #[allow(unsafe_code)]
                    Isa::Avx512 => unsafe { avx512(model, state, trace) },
                }
            }
        }
    };
}

kernel!(f64, LANES_F64);
kernel!(f32, LANES_F32);

#[cfg(test)]
mod tests {
    use super::super::real::Real;
    use super::*;
    use crate::sim::NeuronParams;

    /// The soma's voltage at every step of 60 ms, every lane with its own inputs.
    fn run<T: Real + Kernel<L>, const L: usize>(isa: Isa, params: &NeuronParams) -> Vec<[T; L]> {
        let model = Model::<T>::new(params);
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
            T::advance(isa, &model, &mut state, &mut trace);
            all.extend_from_slice(&trace);
        }
        all
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        let human = NeuronParams { sk_e2_factor: 1.0, ..NeuronParams::default() };
        let [ampa, _, _] = NeuronParams::PRESETS.map(|name| NeuronParams::preset(name).unwrap());
        for params in [human, ampa] {
            let double = run::<f64, LANES_F64>(Isa::Baseline, &params);
            let single = run::<f32, LANES_F32>(Isa::Baseline, &params);
            let spread = |v: &[f64; LANES_F64]| v.iter().fold(0.0, |m: f64, x| m.max(x - v[0]));
            assert!(double.iter().map(spread).fold(0.0, f64::max) > 1.0, "lanes differ");
            for isa in Isa::available() {
                assert!(run::<f64, LANES_F64>(isa, &params) == double, "{isa:?} in f64");
                assert!(run::<f32, LANES_F32>(isa, &params) == single, "{isa:?} in f32");
            }
        }
    }
}
