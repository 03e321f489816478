//! Vectors of SSE2, AVX2 and AVX-512.

use super::operations::{Vector, unfused};
use std::arch::x86_64::*;

macro_rules! common {
    ($n:literal, $short:ty, $zero:ident, $splat:ident, $load:ident, $store:ident, $add:ident, $sub:ident, $mul:ident) => {
        const N: usize = $n;
        type Short = $short;
        #[inline(always)]
        fn zero() -> Self {
            // SAFETY: see the type
            Self(unsafe { $zero() })
        }
        #[inline(always)]
        fn splat(x: f32) -> Self {
            // SAFETY: see the type
            Self(unsafe { $splat(x) })
        }
        #[inline(always)]
        fn load(x: &[f32], at: usize) -> Self {
            let x = &x[at..at + $n];
            // SAFETY: see the type; the slice has as many numbers
            Self(unsafe { $load(x.as_ptr()) })
        }
        #[inline(always)]
        fn store(self, x: &mut [f32], at: usize) {
            let x = &mut x[at..at + $n];
            // SAFETY: see the type; the slice has as many numbers
            unsafe { $store(x.as_mut_ptr(), self.0) }
        }
        #[inline(always)]
        fn add(self, b: Self) -> Self {
            // SAFETY: see the type
            Self(unsafe { $add(self.0, b.0) })
        }
        #[inline(always)]
        fn sub(self, b: Self) -> Self {
            // SAFETY: see the type
            Self(unsafe { $sub(self.0, b.0) })
        }
        #[inline(always)]
        fn mul(self, b: Self) -> Self {
            // SAFETY: see the type
            Self(unsafe { $mul(self.0, b.0) })
        }
    };
}

macro_rules! fused {
    ($fma:ident, $fms:ident, $fnma:ident) => {
        const FUSED: bool = true;
        #[inline(always)]
        fn fma(self, b: Self, c: Self) -> Self {
            // SAFETY: see the type
            Self(unsafe { $fma(self.0, b.0, c.0) })
        }
        #[inline(always)]
        fn fms(self, b: Self, c: Self) -> Self {
            // SAFETY: see the type
            Self(unsafe { $fms(self.0, b.0, c.0) })
        }
        #[inline(always)]
        fn fnma(self, b: Self, c: Self) -> Self {
            // SAFETY: see the type
            Self(unsafe { $fnma(self.0, b.0, c.0) })
        }
    };
}

/// Four numbers of SSE2, which every x86-64 has.
#[derive(Clone, Copy)]
pub(crate) struct F4(__m128);

impl Vector for F4 {
    common!(
        4,
        F4,
        _mm_setzero_ps,
        _mm_set1_ps,
        _mm_loadu_ps,
        _mm_storeu_ps,
        _mm_add_ps,
        _mm_sub_ps,
        _mm_mul_ps
    );
    unfused!();
    #[inline(always)]
    fn transpose(m: &mut [Self]) {
        // SAFETY: see the type
        unsafe {
            let (a, b) = (_mm_unpacklo_ps(m[0].0, m[1].0), _mm_unpackhi_ps(m[0].0, m[1].0));
            let (c, d) = (_mm_unpacklo_ps(m[2].0, m[3].0), _mm_unpackhi_ps(m[2].0, m[3].0));
            m[0] = Self(_mm_movelh_ps(a, c));
            m[1] = Self(_mm_movehl_ps(c, a));
            m[2] = Self(_mm_movelh_ps(b, d));
            m[3] = Self(_mm_movehl_ps(d, b));
        }
    }
    #[inline(always)]
    fn halves(a: Self, b: Self) -> [Self; 2] {
        // SAFETY: see the type
        unsafe { [Self(_mm_movelh_ps(a.0, b.0)), Self(_mm_movehl_ps(b.0, a.0))] }
    }
}

/// Eight numbers of AVX2 and FMA: used only in functions that are compiled for them, and called only on machines with
/// them.
#[derive(Clone, Copy)]
pub(crate) struct F8(__m256);

impl Vector for F8 {
    common!(
        8,
        F8,
        _mm256_setzero_ps,
        _mm256_set1_ps,
        _mm256_loadu_ps,
        _mm256_storeu_ps,
        _mm256_add_ps,
        _mm256_sub_ps,
        _mm256_mul_ps
    );
    fused!(_mm256_fmadd_ps, _mm256_fmsub_ps, _mm256_fnmadd_ps);
    #[inline(always)]
    fn transpose(m: &mut [Self]) {
        // SAFETY: see the type
        unsafe {
            let mut t = [_mm256_setzero_ps(); 8];
            for i in 0..4 {
                t[2 * i] = _mm256_unpacklo_ps(m[2 * i].0, m[2 * i + 1].0);
                t[2 * i + 1] = _mm256_unpackhi_ps(m[2 * i].0, m[2 * i + 1].0);
            }
            let mut u = [_mm256_setzero_ps(); 8];
            for i in 0..2 {
                let (a, b, c, d) = (t[4 * i], t[4 * i + 1], t[4 * i + 2], t[4 * i + 3]);
                u[4 * i] = _mm256_shuffle_ps::<0x44>(a, c);
                u[4 * i + 1] = _mm256_shuffle_ps::<0xee>(a, c);
                u[4 * i + 2] = _mm256_shuffle_ps::<0x44>(b, d);
                u[4 * i + 3] = _mm256_shuffle_ps::<0xee>(b, d);
            }
            for i in 0..4 {
                m[i] = Self(_mm256_permute2f128_ps::<0x20>(u[i], u[i + 4]));
                m[i + 4] = Self(_mm256_permute2f128_ps::<0x31>(u[i], u[i + 4]));
            }
        }
    }
    #[inline(always)]
    fn halves(a: Self, b: Self) -> [Self; 2] {
        // SAFETY: see the type
        unsafe {
            [
                Self(_mm256_permute2f128_ps::<0x20>(a.0, b.0)),
                Self(_mm256_permute2f128_ps::<0x31>(a.0, b.0)),
            ]
        }
    }
}

/// Sixteen numbers of AVX-512: used only in functions that are compiled for it, and called only on machines with it.
#[derive(Clone, Copy)]
pub(crate) struct F16(__m512);

impl Vector for F16 {
    common!(
        16,
        F8,
        _mm512_setzero_ps,
        _mm512_set1_ps,
        _mm512_loadu_ps,
        _mm512_storeu_ps,
        _mm512_add_ps,
        _mm512_sub_ps,
        _mm512_mul_ps
    );
    fused!(_mm512_fmadd_ps, _mm512_fmsub_ps, _mm512_fnmadd_ps);
    fn transpose(_: &mut [Self]) {
        unreachable!("transforms use the short vector")
    }
    fn halves(_: Self, _: Self) -> [Self; 2] {
        unreachable!("transforms use the short vector")
    }
}
