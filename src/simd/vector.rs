//! Vectors of f32, and nothing else of an instruction set. Explicit, because the compiler turns some loops over
//! arrays into shuffles on one instruction set and not on another.

#![allow(unsafe_code)] // intrinsics

/// The operations that kernels need. All are inlined, so that a loop over them is compiled for the
/// instructions of the function around it.
pub(crate) trait Vector: Copy {
    /// Numbers in it.
    const N: usize;
    /// Whether products and sums are one operation.
    const FUSED: bool;
    /// The vector of a transform: at most 8 numbers.
    type Short: Vector;

    fn zero() -> Self;
    fn splat(x: f32) -> Self;
    /// The numbers from `at` on.
    fn load(x: &[f32], at: usize) -> Self;
    fn store(self, x: &mut [f32], at: usize);
    fn add(self, b: Self) -> Self;
    fn sub(self, b: Self) -> Self;
    fn mul(self, b: Self) -> Self;
    /// self·b + c.
    fn fma(self, b: Self, c: Self) -> Self;
    /// self·b - c.
    fn fms(self, b: Self, c: Self) -> Self;
    /// c - self·b.
    fn fnma(self, b: Self, c: Self) -> Self;
    /// N rows of N, transposed. Of a short vector only.
    fn transpose(rows: &mut [Self]);
    /// The lower halves of a and b, and the upper halves. Of a short vector only.
    fn halves(a: Self, b: Self) -> [Self; 2];

    /// All lanes added up, pairwise.
    #[inline(always)]
    fn sum(self) -> f32 {
        let mut lanes = [0f32; 16];
        self.store(&mut lanes, 0);
        let mut width = Self::N;
        while width > 1 {
            width /= 2;
            for i in 0..width {
                lanes[i] += lanes[i + width];
            }
        }
        lanes[0]
    }
}

/// Where there is no fused operation.
macro_rules! unfused {
    () => {
        const FUSED: bool = false;
        #[inline(always)]
        fn fma(self, b: Self, c: Self) -> Self {
            self.mul(b).add(c)
        }
        #[inline(always)]
        fn fms(self, b: Self, c: Self) -> Self {
            self.mul(b).sub(c)
        }
        #[inline(always)]
        fn fnma(self, b: Self, c: Self) -> Self {
            c.sub(self.mul(b))
        }
    };
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Vector;
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

    /// SSE2, which every x86-64 has.
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

    /// AVX2 and FMA: used only in functions that are compiled for them, and called where they are.
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

    /// AVX-512: used only in functions that are compiled for it, and called where it is.
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
}
#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{F4, F8, F16};

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm {
    use super::Vector;
    use std::arch::wasm32::*;

    /// SIMD128, which the build is for.
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
            [
                Self(i32x4_shuffle::<0, 1, 4, 5>(a.0, b.0)),
                Self(i32x4_shuffle::<2, 3, 6, 7>(a.0, b.0)),
            ]
        }
    }
}
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(crate) use wasm::F4;

/// What other processors get (NEON by way of the compiler), and the tests compare with.
#[cfg(any(
    test,
    not(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128")))
))]
mod portable {
    use super::Vector;

    /// Four numbers.
    #[derive(Clone, Copy)]
    #[repr(align(16))]
    pub(crate) struct F4([f32; 4]);

    impl F4 {
        #[inline(always)]
        fn map(self, b: Self, f: impl Fn(f32, f32) -> f32) -> Self {
            let ([a0, a1, a2, a3], [b0, b1, b2, b3]) = (self.0, b.0);
            Self([f(a0, b0), f(a1, b1), f(a2, b2), f(a3, b3)])
        }
    }

    impl Vector for F4 {
        const N: usize = 4;
        type Short = Self;
        #[inline(always)]
        fn zero() -> Self {
            Self([0.0; 4])
        }
        #[inline(always)]
        fn splat(x: f32) -> Self {
            Self([x; 4])
        }
        #[inline(always)]
        fn load(x: &[f32], at: usize) -> Self {
            let x = &x[at..at + 4];
            Self([x[0], x[1], x[2], x[3]])
        }
        #[inline(always)]
        fn store(self, x: &mut [f32], at: usize) {
            x[at..at + 4].copy_from_slice(&self.0);
        }
        #[inline(always)]
        fn add(self, b: Self) -> Self {
            self.map(b, |a, b| a + b)
        }
        #[inline(always)]
        fn sub(self, b: Self) -> Self {
            self.map(b, |a, b| a - b)
        }
        #[inline(always)]
        fn mul(self, b: Self) -> Self {
            self.map(b, |a, b| a * b)
        }
        #[cfg(not(target_arch = "aarch64"))]
        unfused!();
        #[cfg(target_arch = "aarch64")]
        const FUSED: bool = true;
        #[cfg(target_arch = "aarch64")]
        #[inline(always)]
        fn fma(self, b: Self, c: Self) -> Self {
            let ([a0, a1, a2, a3], [b0, b1, b2, b3]) = (self.0, b.0);
            let c = c.0;
            Self([
                a0.mul_add(b0, c[0]),
                a1.mul_add(b1, c[1]),
                a2.mul_add(b2, c[2]),
                a3.mul_add(b3, c[3]),
            ])
        }
        #[cfg(target_arch = "aarch64")]
        #[inline(always)]
        fn fms(self, b: Self, c: Self) -> Self {
            self.fma(b, Self::zero().sub(c))
        }
        #[cfg(target_arch = "aarch64")]
        #[inline(always)]
        fn fnma(self, b: Self, c: Self) -> Self {
            Self::zero().sub(self).fma(b, c)
        }
        #[inline(always)]
        fn transpose(m: &mut [Self]) {
            let rows = [m[0].0, m[1].0, m[2].0, m[3].0];
            for (c, column) in m.iter_mut().enumerate() {
                column.0 = [rows[0][c], rows[1][c], rows[2][c], rows[3][c]];
            }
        }
        #[inline(always)]
        fn halves(a: Self, b: Self) -> [Self; 2] {
            let (a, b) = (a.0, b.0);
            [Self([a[0], a[1], b[0], b[1]]), Self([a[2], a[3], b[2], b[3]])]
        }
    }
}
#[cfg(not(any(
    target_arch = "x86_64",
    all(target_arch = "wasm32", target_feature = "simd128")
)))]
pub(crate) use portable::F4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{Isa, dispatch};

    /// Every operation of a vector against plain arithmetic, on small integers, which are exact.
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
