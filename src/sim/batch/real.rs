//! The arithmetic of a lane, in double and in single precision.
//!
//! All operations are plain additions, multiplications, divisions and integer operations, without branches, so that a
//! compiler puts a loop over lanes into vector instructions of any width; none is fused, so that every processor gives
//! the same bits.

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

use crate::simd::Wide;

/// A floating-point number of the batch path.
pub(super) trait Real:
    Copy
    + Default
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + Send
    + Sync
    + Wide<Self>
    + 'static
{
    /// Whether equations are solved for the change of the voltage, which costs more, and not for the new voltage,
    /// which leaves rounding errors of a few units of its last digit a step.
    const BY_CHANGE: bool;
    const ZERO: Self;
    const ONE: Self;
    /// The value below which a decaying state counts as 0, far above the subnormal numbers, with which processors are
    /// slow.
    const TINY: Self;
    fn of(x: f64) -> Self;
    fn to_f64(self) -> f64;
    /// The decay factor that [`decayed`](Self::decayed) takes, of a state that loses `share` of its value a step.
    fn decay(share: f64) -> Self;
    /// The state one step later.
    fn decayed(self, decay: Self) -> Self;
    /// The integer nearest to `self` (0..2^21), as an index and as a number; ties go either way.
    fn nearest(self) -> (u32, Self);
    /// e^self for |self| ≤ 700; in single precision 80 and more count as 80.
    fn exp(self) -> Self;
    /// The natural logarithm of a normal, positive number.
    fn ln(self) -> Self;
}

const LN2: f64 = std::f64::consts::LN_2;
const LOG2_E: f64 = std::f64::consts::LOG2_E;

impl Real for f64 {
    const BY_CHANGE: bool = false;
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    const TINY: Self = 1e-100;

    #[inline(always)]
    fn of(x: f64) -> Self {
        x
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }

    #[inline(always)]
    fn decay(share: f64) -> Self {
        1.0 - share
    }

    #[inline(always)]
    fn decayed(self, decay: Self) -> Self {
        self * decay
    }

    #[inline(always)]
    fn nearest(self) -> (u32, Self) {
        let shifted = self + ROUND_F64;
        (shifted.to_bits() as u32, shifted - ROUND_F64)
    }

    /// e^x, within a relative 8e-8.
    #[inline(always)]
    fn exp(self) -> Self {
        let shifted = self * LOG2_E + ROUND_F64;
        let n = shifted - ROUND_F64;
        let r = self - n * LN2;
        let mut p = EXP[5];
        for c in EXP[..5].iter().rev() {
            p = p * r + c;
        }
        p * f64::from_bits((shifted.to_bits().wrapping_add(1023)) << 52)
    }

    /// ln x, within 2e-11: ln m = 2·artanh((m - 1)/(m + 1)) by its series, m in [√½, √2).
    #[inline(always)]
    fn ln(self) -> Self {
        let bits = self.to_bits();
        // the distance from √½ to 1 moves the exponent to that of the m nearest to 1
        let exponent = bits.wrapping_add(0x3ff0_0000_0000_0000 - 0x3fe6_a09e_667f_3bcd) >> 52;
        let m = f64::from_bits(bits.wrapping_sub(exponent.wrapping_sub(1023) << 52));
        let k =
            f64::from_bits(exponent | 0x4330_0000_0000_0000) - (4_503_599_627_370_496.0 + 1023.0);
        let s = (m - 1.0) / (m + 1.0);
        let s2 = s * s;
        let mut p = 2.0 / 11.0;
        for c in [2.0 / 9.0, 2.0 / 7.0, 2.0 / 5.0, 2.0 / 3.0, 2.0] {
            p = p * s2 + c;
        }
        p * s + k * LN2
    }
}

/// The polynomial of degree 5 whose largest relative distance from e^r over |r| ≤ ln 2/2, 7.5e-8, is the least
/// (Remez's algorithm): coefficients of r⁰ to r⁵.
const EXP: [f64; 6] = [
    1.000_000_071_654_641_6,
    0.999_999_691_992_283_4,
    0.499_988_948_514_724_4,
    0.166_675_747_267_499_9,
    0.041_915_381_977_922_72,
    0.008_297_655_198_271_42,
];

/// Adding it and subtracting it again rounds to the nearest integer.
const ROUND_F64: f64 = 6_755_399_441_055_744.0; // 1.5 · 2^52
const ROUND_F32: f32 = 12_582_912.0; // 1.5 · 2^23

impl Real for f32 {
    const BY_CHANGE: bool = true;
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    const TINY: Self = 1e-20;

    #[inline(always)]
    fn of(x: f64) -> Self {
        x as f32
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }

    /// The share itself: the factor 1 - share, 0.9996 for NMDA, would be too coarse in single precision.
    #[inline(always)]
    fn decay(share: f64) -> Self {
        share as f32
    }

    #[inline(always)]
    fn decayed(self, decay: Self) -> Self {
        self - self * decay
    }

    #[inline(always)]
    fn nearest(self) -> (u32, Self) {
        let shifted = self + ROUND_F32;
        (shifted.to_bits() & 0x3f_ffff, shifted - ROUND_F32)
    }

    /// e^x, within a relative 3e-7.
    #[inline(always)]
    fn exp(self) -> Self {
        let x = if self < 80.0 { self } else { 80.0 };
        let x = if x > -80.0 { x } else { -80.0 };
        let shifted = x * LOG2_E as f32 + ROUND_F32;
        let n = shifted - ROUND_F32;
        // the leading bits of ln 2, whose product with n is exact, and the rest
        let r = (x - n * 0.693_359_4) - n * -2.121_944_4e-4;
        let mut p = EXP[5] as f32;
        for &c in EXP[..5].iter().rev() {
            p = p * r + c as f32;
        }
        p * f32::from_bits((shifted.to_bits().wrapping_add(127)) << 23)
    }

    /// ln x, within 2e-6 for the concentrations that occur (|ln x| < 20).
    #[inline(always)]
    fn ln(self) -> Self {
        let bits = self.to_bits();
        let exponent = bits.wrapping_add(0x3f80_0000 - 0x3f35_04f3) >> 23;
        let m = f32::from_bits(bits.wrapping_sub(exponent.wrapping_sub(127) << 23));
        let k = f32::from_bits(exponent | 0x4b00_0000) - (8_388_608.0 + 127.0);
        let s = (m - 1.0) / (m + 1.0);
        let s2 = s * s;
        let mut p = 2.0 / 9.0;
        for c in [2.0 / 7.0, 2.0 / 5.0, 2.0 / 3.0, 2.0] {
            p = p * s2 + c;
        }
        p * s + k * LN2 as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials_are_as_near_as_they_say() {
        for i in -7999..8000 {
            let x = f64::from(i) * 0.01;
            assert!((Real::exp(x) / x.exp() - 1.0).abs() < 8e-8, "e^{x}");
            let x = x as f32;
            assert!(
                (f64::from(Real::exp(x)) / f64::from(x).exp() - 1.0).abs() < 3e-7,
                "e^{x} in f32"
            );
        }
    }

    #[test]
    fn logarithms_are_as_near_as_they_say() {
        for i in 1..100_000 {
            let x = f64::from(i) * f64::from(i) * 1e-8;
            assert!((Real::ln(x) - x.ln()).abs() < 2e-11, "ln {x}");
            let x = x as f32;
            assert!((f64::from(Real::ln(x)) - f64::from(x).ln()).abs() < 2e-6, "ln {x} in f32");
        }
    }

    #[test]
    fn nearest_integers_are_found() {
        for i in 0..4000_u32 {
            let x = f64::from(i) + 0.3;
            assert_eq!(x.nearest(), (i, f64::from(i)));
            assert_eq!((x as f32).nearest(), (i, i as f32));
            assert_eq!((x + 0.4).nearest(), (i + 1, f64::from(i + 1)));
        }
    }
}
