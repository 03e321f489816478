//! exp, erf and related functions in single precision, without branches, so that loops over them vectorise.

use crate::simd::fma;

/// e^x within 2 ulp; 0 for x below -87.3, and e^88.3 for x above 88.3.
#[inline(always)]
pub(crate) fn exp<const FUSED: bool>(x: f32) -> f32 {
    const LOG2_E: f32 = std::f32::consts::LOG2_E;
    // ln 2 in two parts (Cody and Waite 1980)
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    const ROUND: f32 = 12_582_912.0; // 1.5·2^23: adding it rounds to an integer
    let clamped = if x > 88.3 { 88.3 } else { x };
    let clamped = if clamped < -87.3 { -87.3 } else { clamped };
    let rounded = fma::<FUSED>(clamped, LOG2_E, ROUND);
    let n = rounded - ROUND;
    let r = fma::<FUSED>(n, -LN2_LOW, fma::<FUSED>(n, -LN2_HIGH, clamped));
    // Taylor to the seventh order, |r| ≤ ln 2 / 2: the remainder is 5e-9
    let mut p = 1.0 / 5040.0;
    for c in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        p = fma::<FUSED>(p, r, c);
    }
    // 2^n: n lies in the low bits of `rounded`; a conversion to an integer saturates, and so would not vectorise
    let scale = f32::from_bits((rounded.to_bits() << 23).wrapping_add(127 << 23));
    let y = p * scale;
    if x < -87.3 { 0.0 } else { y }
}

/// The logistic function σ(x).
#[inline(always)]
pub(crate) fn sigmoid<const FUSED: bool>(x: f32) -> f32 {
    1.0 / (1.0 + exp::<FUSED>(-x))
}

/// tanh x within 3e-7.
#[inline(always)]
pub(crate) fn tanh<const FUSED: bool>(x: f32) -> f32 {
    1.0 - 2.0 / (exp::<FUSED>(2.0 * x) + 1.0)
}

/// erf x within 4e-7: a rational minimax approximation on ±4 (the one that Eigen and XLA use).
#[inline(always)]
#[allow(clippy::excessive_precision)] // as published
pub(crate) fn erf<const FUSED: bool>(x: f32) -> f32 {
    #[allow(clippy::excessive_precision)] // the digits as published
    const ODD: [f32; 7] = [
        -2.726_142_3e-10,
        2.770_681_4e-8,
        -2.101_024e-6,
        -5.692_506_4e-5,
        -7.349_906_3e-4,
        -2.954_599_8e-3,
        -1.609_603_3e-2,
    ];
    const EVEN: [f32; 5] =
        [-1.456_607_2e-5, -2.133_740_6e-4, -1.682_827e-3, -7.373_329e-3, -1.426_473_9e-2];
    let x = if x > 4.0 { 4.0 } else { x };
    let x = if x < -4.0 { -4.0 } else { x };
    let square = x * x;
    let mut p = ODD[0];
    for c in &ODD[1..] {
        p = fma::<FUSED>(p, square, *c);
    }
    let mut q = EVEN[0];
    for c in &EVEN[1..] {
        q = fma::<FUSED>(q, square, *c);
    }
    x * p / q
}

/// Φ(x), the cumulative normal distribution.
#[inline(always)]
pub(crate) fn normal_cdf<const FUSED: bool>(x: f32) -> f32 {
    0.5 + 0.5 * erf::<FUSED>(x * std::f32::consts::FRAC_1_SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_enough_to_libm() {
        let (mut e, mut f, mut t, mut s) = (0f64, 0f64, 0f64, 0f64);
        for i in -20_000..20_000 {
            let x = i as f32 * 1e-3;
            let wide = f64::from(x);
            let off = |a: f32, b: f64| (f64::from(a) - b).abs();
            e = e.max(off(exp::<false>(x), libm::exp(wide)) / libm::exp(wide));
            f = f.max(off(erf::<false>(x), libm::erf(wide)));
            t = t.max(off(tanh::<false>(x), libm::tanh(wide)));
            s = s.max(off(sigmoid::<false>(x), 1.0 / (1.0 + libm::exp(-wide))));
        }
        assert!(e < 3e-7 && f < 4e-7 && t < 4e-7 && s < 2e-7, "{e} {f} {t} {s}");
        assert_eq!(exp::<false>(-200.0), 0.0);
        assert!(exp::<false>(f32::NAN).is_nan() && erf::<false>(f32::NAN).is_nan());
    }
}
