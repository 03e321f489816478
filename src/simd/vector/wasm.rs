//! The vector of wasm, SIMD128.

use super::operations::{Vector, unfused};
use std::arch::wasm32::*;

/// Four numbers of SIMD128, which every build for wasm enables.
#[derive(Clone, Copy)]
pub(crate) struct F4(v128);

impl Vector for F4 {
    const N: usize = 4;
    type Short = Self;
    #[inline(always)]
    fn zero() -> Self {
        Self(f32x4_splat(0.0))
    }
    #[inline(always)]
    fn splat(x: f32) -> Self {
        Self(f32x4_splat(x))
    }
    #[inline(always)]
    fn load(x: &[f32], at: usize) -> Self {
        let x = &x[at..at + 4];
        // SAFETY: the slice has four numbers
        Self(unsafe { v128_load(x.as_ptr().cast()) })
    }
    #[inline(always)]
    fn store(self, x: &mut [f32], at: usize) {
        let x = &mut x[at..at + 4];
        // SAFETY: the slice has four numbers
        unsafe { v128_store(x.as_mut_ptr().cast(), self.0) }
    }
    #[inline(always)]
    fn add(self, b: Self) -> Self {
        Self(f32x4_add(self.0, b.0))
    }
    #[inline(always)]
    fn sub(self, b: Self) -> Self {
        Self(f32x4_sub(self.0, b.0))
    }
    #[inline(always)]
    fn mul(self, b: Self) -> Self {
        Self(f32x4_mul(self.0, b.0))
    }
    unfused!();
    #[inline(always)]
    fn transpose(m: &mut [Self]) {
        let (a, b) = (
            i32x4_shuffle::<0, 4, 1, 5>(m[0].0, m[1].0),
            i32x4_shuffle::<2, 6, 3, 7>(m[0].0, m[1].0),
        );
        let (c, d) = (
            i32x4_shuffle::<0, 4, 1, 5>(m[2].0, m[3].0),
            i32x4_shuffle::<2, 6, 3, 7>(m[2].0, m[3].0),
        );
        m[0] = Self(i32x4_shuffle::<0, 1, 4, 5>(a, c));
        m[1] = Self(i32x4_shuffle::<2, 3, 6, 7>(a, c));
        m[2] = Self(i32x4_shuffle::<0, 1, 4, 5>(b, d));
        m[3] = Self(i32x4_shuffle::<2, 3, 6, 7>(b, d));
    }
    #[inline(always)]
    fn halves(a: Self, b: Self) -> [Self; 2] {
        [Self(i32x4_shuffle::<0, 1, 4, 5>(a.0, b.0)), Self(i32x4_shuffle::<2, 3, 6, 7>(a.0, b.0))]
    }
}
