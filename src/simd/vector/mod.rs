//! Vectors of f32, the only use of intrinsics. They are explicit because the compiler turns some loops over arrays into
//! shuffles on one instruction set and not on another.

#![allow(unsafe_code)] // intrinsics

mod operations;
pub(crate) use operations::Vector;

#[cfg(target_arch = "x86_64")]
mod x86;
#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{F4, F8, F16};

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(crate) use wasm::F4;

#[cfg(any(
    test,
    not(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128")))
))]
mod portable;
#[cfg(not(any(
    target_arch = "x86_64",
    all(target_arch = "wasm32", target_feature = "simd128")
)))]
pub(crate) use portable::F4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{Isa, dispatch};

    /// Compares every operation of a vector with plain arithmetic, on small integers, which are exact.
    fn body<V: Vector>(done: &mut bool) {
        let x: Vec<f32> = (0..256).map(|i| (i * 7 % 32) as f32 - 11.0).collect();
        let row = |v: V| {
            let mut out = [0f32; 16];
            v.store(&mut out, 0);
            out
        };
        let (a, b, c) = (V::load(&x, 3), V::load(&x, 40), V::splat(5.0));
        for l in 0..V::N {
            let (p, q) = (x[3 + l], x[40 + l]);
            assert_eq!(row(a.add(b))[l], p + q);
            assert_eq!(row(a.sub(b))[l], p - q);
            assert_eq!(row(a.mul(b))[l], p * q);
            assert_eq!(row(a.fma(b, c))[l], p * q + 5.0);
            assert_eq!(row(a.fms(b, c))[l], p * q - 5.0);
            assert_eq!(row(a.fnma(b, c))[l], 5.0 - p * q);
            assert_eq!(row(V::zero())[l], 0.0);
        }
        assert_eq!(a.sum(), x[3..3 + V::N].iter().sum::<f32>());
        *done = true;
    }

    fn short_body<V: Vector>(done: &mut bool) {
        shuffles::<V::Short>();
        *done = true;
    }

    fn shuffles<V: Vector>() {
        let x: Vec<f32> = (0..64).map(|i| i as f32).collect();
        let mut m: Vec<V> = (0..V::N).map(|r| V::load(&x, r * V::N)).collect();
        let [low, high] = V::halves(m[0], m[1]);
        let mut out = vec![0f32; 2 * V::N];
        low.store(&mut out, 0);
        high.store(&mut out, V::N);
        let half = V::N / 2;
        for i in 0..half {
            assert_eq!([out[i], out[half + i]], [x[i], x[V::N + i]]);
            assert_eq!([out[V::N + i], out[V::N + half + i]], [x[half + i], x[V::N + half + i]]);
        }
        V::transpose(&mut m);
        for (r, row) in m.into_iter().enumerate() {
            row.store(&mut out, 0);
            for c in 0..V::N {
                assert_eq!(out[c], x[c * V::N + r]);
            }
        }
    }

    dispatch! { vectors fn operations(done: &mut bool) = body }
    dispatch! { vectors fn short_operations(done: &mut bool) = short_body }

    #[test]
    fn every_vector_computes_as_numbers_do() {
        for isa in Isa::available() {
            let (mut all, mut short) = (false, false);
            operations(isa, &mut all);
            short_operations(isa, &mut short);
            assert!(all && short, "{}", isa.name());
        }
        let mut done = false;
        body::<portable::F4>(&mut done);
        shuffles::<portable::F4>();
        assert!(done);
    }
}
