//! The exponential.

use super::tables::EXP2;

/// 128/ln 2.
const INV_LN2_128: f64 = std::f64::consts::LOG2_E * 128.0;
/// The leading bits of -ln 2/128: their product with the integers that occur is exact.
const MINUS_LN2_128_HI: f64 = -0.005_415_212_348_111_709;
/// The rest of -ln 2/128.
const MINUS_LN2_128_LO: f64 = -1.286_402_311_163_834_6e-14;
/// Adding it and subtracting it again rounds to the nearest integer.
const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 · 2^52
/// e^r - 1 = r + C2·r² + C3·r³ + ... within 1.6 · 2^-66 for |r| ≤ ln 2/256 (Nagy 2018).
const C2: f64 = 0.499_999_999_999_967_86;
const C3: f64 = 0.166_666_666_666_658_86;
const C4: f64 = 0.041_666_680_841_067_4;
const C5: f64 = 0.008_333_335_853_059_549;

/// e^x, within 0.51 units in the last place.
///
/// x = (128·e + i)·ln2/128 + r with |r| ≤ ln2/256, and e^x = 2^e · 2^(i/128) · e^r, 2^(i/128) from a table (Tang
/// 1989, *ACM Trans. Math. Softw.* 15:144). Below -700 it is 0, as in NEURON; NaN stays NaN.
#[inline]
#[must_use]
pub fn exp(x: f64) -> f64 {
    if x.abs() < 700.0 { sure(x, 0.0).unwrap_or_else(|| fused(x, 0.0)) } else { outside(x) }
}

/// e^(x + rest) for |x| < 700 and a tiny `rest`; `None` where its rounding is in doubt.
#[inline(always)]
pub(super) fn sure(x: f64, rest: f64) -> Option<f64> {
    let (sum, more) = attempt(x, rest);
    rounds_one_way(sum, more).then_some(sum)
}

/// e^x where its rounding is beyond doubt and |x| < 700, otherwise NaN; computed without a branch.
#[inline(always)]
pub(super) fn sure_or_nan(x: f64) -> f64 {
    let (sum, more) = attempt(x, 0.0);
    if rounds_one_way(sum, more) & (x.abs() < 700.0) { sum } else { f64::NAN }
}

/// e^(x + rest) rounded, and the rounding's remainder.
#[inline(always)]
fn attempt(x: f64, rest: f64) -> (f64, f64) {
    let shifted = x * INV_LN2_128 + ROUND;
    let n = shifted - ROUND;
    let r = (x + n * MINUS_LN2_128_HI) + n * MINUS_LN2_128_LO + rest;
    let (scale, tail) = scale_and_tail(shifted);
    let r2 = r * r;
    let p = (tail + r) + r2 * (C2 + r * C3) + r2 * r2 * (C4 + r * C5);
    let more = scale * p;
    let sum = scale + more;
    (sum, (scale - sum) + more)
}

/// 2^(k/128) for the integer k in the low bits of `shifted`, and its relative remainder.
#[inline(always)]
fn scale_and_tail(shifted: f64) -> (f64, f64) {
    let k = shifted.to_bits();
    let (scale, tail) = EXP2[(k & 127) as usize];
    // the shift drops all of ROUND's own bits
    (f64::from_bits(scale.wrapping_add((k >> 7) << 52)), f64::from_bits(tail))
}

/// e^(x + rest) with a tiny `rest`, by the operations of glibc on a processor with fused multiply-add.
#[cold]
pub(super) fn fused(x: f64, rest: f64) -> f64 {
    let shifted = x.mul_add(INV_LN2_128, ROUND);
    let n = shifted - ROUND;
    let r = n.mul_add(MINUS_LN2_128_LO, n.mul_add(MINUS_LN2_128_HI, x)) + rest;
    let (scale, tail) = scale_and_tail(shifted);
    let r2 = r * r;
    let p = r2.mul_add(r.mul_add(C3, C2), tail + r);
    let p = (r2 * r2).mul_add(r.mul_add(C5, C4), p);
    scale.mul_add(p, scale)
}

#[cold]
fn outside(x: f64) -> f64 {
    if x < -700.0 { 0.0 } else { libm::exp(x) }
}

/// Whether `sum` is the nearest number to `sum + rest` even if `rest` were 2% larger.
#[inline]
pub(super) fn rounds_one_way(sum: f64, rest: f64) -> bool {
    sum + rest * 1.02 == sum
}
