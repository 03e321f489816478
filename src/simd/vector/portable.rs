//! The vector of other processors, which the compiler maps to their instructions (such as NEON); the tests' reference.

use super::operations::{Vector, unfused};

/// Four numbers in an array.
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
