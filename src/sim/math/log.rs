//! The logarithm and the power.

use super::exp::{fused as fused_exp, rounds_one_way, sure};
use super::tables::{LN, LN_WIDE};

/// The leading bits of ln 2: their product with an exponent is exact.
#[allow(clippy::approx_constant)] // the constant differs from ln 2 on purpose
const LN2_HI: f64 = 0.693_147_180_559_890_3;
/// The rest of ln 2.
const LN2_LO: f64 = 5.497_923_018_708_371e-14;

/// ln(1 + r) - r in powers of r from r², for `ln` (Nagy 2018; relative error 2^-55).
const A: [f64; 5] = [
    -0.500_000_000_000_000_1,
    0.333_333_333_318_255_93,
    -0.249_999_999_962_295_5,
    0.200_003_045_118_144_96,
    -0.166_670_548_276_276_67,
];

/// ln(1 + r) - r + r²/2 in powers of r from r³, for `pow` (Nagy 2018; relative error 2^-70), each scaled by the
/// power of -2 with which it is evaluated.
const P: [f64; 6] = [
    0.333_333_333_333_333_9 * -2.0,
    -0.250_000_000_000_000_33 * -2.0,
    0.199_999_999_883_099_4 * 4.0,
    -0.166_666_666_587_193_48 * 4.0,
    0.142_863_703_557_437_63 * -8.0,
    -0.125_005_190_795_944_27 * -8.0,
];

/// Splits x = 2^k·z with z in [start, 2·start): which of that range's 128 intervals z lies in, k, and z.
#[inline]
fn split(x: f64, start: u64) -> (usize, f64, f64) {
    let from = x.to_bits().wrapping_sub(start);
    let interval = (from >> 45) as usize % 128;
    let k = (from as i64) >> 52;
    let z = f64::from_bits(x.to_bits().wrapping_sub(from & (0xfff << 52)));
    (interval, k as f64, z)
}

/// The natural logarithm, within 0.52 units in the last place.
#[must_use]
pub fn ln(x: f64) -> f64 {
    if !(x.is_normal() && x > 0.0) || (0.9375..1.0647).contains(&x) {
        return libm::log(x);
    }
    let (hi, lo) = ln_wide(x);
    // near 1 the published sum errs by more than the test of the rounding allows for
    if hi.abs() > 0.25 && rounds_one_way(hi, lo) {
        return hi;
    }
    let (i, k, z) = split(x, 0x3fe6_0000_0000_0000);
    let (reciprocal, ln_c) = LN[i];
    let r = z.mul_add(f64::from_bits(reciprocal), -1.0);
    let w = k.mul_add(LN2_HI, f64::from_bits(ln_c));
    let hi = w + r;
    let lo = k.mul_add(LN2_LO, w - hi + r);
    let r2 = r * r;
    let p = r2.mul_add(r.mul_add(A[4], A[3]), r.mul_add(A[2], A[1]));
    (r * r2).mul_add(p, r2.mul_add(A[0], lo)) + hi
}

/// ln x of a normal x > 0 as a sum of two numbers, to about 68 bits.
#[inline]
fn ln_wide(x: f64) -> (f64, f64) {
    let (i, k, z) = split(x, 0x3fe6_9555_0000_0000);
    let (reciprocal, ln_c, ln_c_rest) = LN_WIDE[i];
    let reciprocal = f64::from_bits(reciprocal);
    // both products are exact, and so is their sum
    let z_hi = f64::from_bits((z.to_bits() + (1 << 31)) & (!0 << 32));
    let r_hi = z_hi * reciprocal - 1.0;
    let r_lo = (z - z_hi) * reciprocal;
    let r = r_hi + r_lo;
    let t1 = k * LN2_HI + f64::from_bits(ln_c);
    let t2 = t1 + r;
    let lo1 = k * LN2_LO + f64::from_bits(ln_c_rest);
    let lo2 = t1 - t2 + r;
    let half = -0.5 * r;
    let square = r * half;
    let half_hi = -0.5 * r_hi;
    let square_hi = r_hi * half_hi;
    let hi = t2 + square_hi;
    let lo3 = r_lo * (half + half_hi);
    let lo4 = t2 - hi + square_hi;
    let p = P[0] + r * P[1] + square * (P[2] + r * P[3] + square * (P[4] + r * P[5]));
    let lo = lo1 + lo2 + lo3 + lo4 + r * square * p;
    let y = hi + lo;
    (y, hi - y + lo)
}

/// The exact product of two numbers as a sum of two (Dekker 1971, *Numer. Math.* 18:224).
#[inline]
fn product(a: f64, b: f64) -> (f64, f64) {
    let split = |x: f64| {
        let c = 134_217_729.0 * x; // 2^27 + 1
        let hi = c - (c - x);
        (hi, x - hi)
    };
    let ((a1, a2), (b1, b2)) = (split(a), split(b));
    let p = a * b;
    (p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2)
}

/// m⁴ of a number in 0..1, with the same bits as [`pow`]`(m, 4.0)`.
#[inline]
#[must_use]
pub fn fourth_power(m: f64) -> f64 {
    let (square, rest) = product(m, m);
    let (fourth, rest4) = product(square, square);
    let rest4 = rest4 + 2.0 * square * rest;
    // Dekker's product is exact while nothing underflows
    if fourth > 1e-200 && rounds_one_way(fourth, rest4) { fourth + rest4 } else { pow(m, 4.0) }
}

/// x^y, within 0.54 units in the last place.
#[must_use]
pub fn pow(x: f64, y: f64) -> f64 {
    // outside this domain the logarithm or the exponential is a special case
    if !(x.is_normal() && x > 0.0 && y.is_normal() && y.abs() < 1e6) {
        return libm::pow(x, y);
    }
    let (ln_x, rest) = ln_wide(x);
    let (exponent, more) = product(y, ln_x);
    if exponent.abs() >= 700.0 {
        return libm::pow(x, y);
    }
    sure(exponent, more + y * rest).unwrap_or_else(|| fused_pow(x, y))
}

/// x^y, by the operations of glibc on a processor with fused multiply-add.
#[cold]
fn fused_pow(x: f64, y: f64) -> f64 {
    let (i, k, z) = split(x, 0x3fe6_9555_0000_0000);
    let (reciprocal, ln_c, ln_c_rest) = LN_WIDE[i];
    let r = z.mul_add(f64::from_bits(reciprocal), -1.0);
    let t1 = k.mul_add(LN2_HI, f64::from_bits(ln_c));
    let t2 = t1 + r;
    let lo1 = k.mul_add(LN2_LO, f64::from_bits(ln_c_rest));
    let lo2 = t1 - t2 + r;
    let half = -0.5 * r;
    let square = r * half;
    let hi = t2 + square;
    let lo3 = half.mul_add(r, -square);
    let lo4 = t2 - hi + square;
    let p = square.mul_add(r.mul_add(P[5], P[4]), r.mul_add(P[3], P[2]));
    let p = square.mul_add(p, r.mul_add(P[1], P[0]));
    let lo = (r * square).mul_add(p, lo1 + lo2 + lo3 + lo4);
    let ln_x = hi + lo;
    let rest = hi - ln_x + lo;
    let exponent = y * ln_x;
    fused_exp(exponent, y.mul_add(rest, y.mul_add(ln_x, -exponent)))
}
