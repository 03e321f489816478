//! Elementary functions with the same bits on every target, and the bits that NEURON has.
//!
//! The standard library's `exp` is the platform's: glibc's on most machines that run NEURON, another one in wasm, and a
//! spike's threshold amplifies a difference in the last digit to microvolts. [`exp`], [`ln`] and [`pow`] follow the
//! published algorithms behind glibc's (S. Nagy, *Arm Optimized Routines*, 2018), whose results are correctly rounded
//! but for some arguments in a hundred, where the last digit depends on every rounding on the way. They therefore
//! compute a result fast, test whether it can only round one way (Ziv 1991, *ACM Trans. Math. Softw.* 17:410), and
//! otherwise compute it again with the very sequence of fused multiply-adds that glibc has on a processor with FMA. The
//! tests compare them with the platform's functions bit for bit where these are glibc's with FMA.

mod at_once;
mod exp;
mod log;
mod tables;

pub(crate) use at_once::{Collect, Replay, exp_each};
pub use at_once::{Exponentials, OneByOne};
pub use exp::exp;
pub use log::{fourth_power, ln, pow};

/// The distance from its 0/0 below which a rate is taken from the series of [`exprelr`].
pub const SINGULAR: f64 = 1e-6;

/// x/(e^x - 1), with its limit 1 at 0.
///
/// Within |x| < 1e-3 it is the series 1 - x/2 + x²/12 (the next term, x⁴/720, is below 1.4e-15), since the quotient
/// loses more digits there by cancellation.
#[inline]
#[must_use]
pub fn exprelr(x: f64) -> f64 {
    if x.abs() < 1e-3 {
        return 1.0 - x * (0.5 - x * (1.0 / 12.0));
    }
    x / (exp(x) - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exprelr_is_smooth_through_its_removed_singularity() {
        assert_eq!(exprelr(0.0), 1.0);
        for x in [-0.5, -1.1e-3, -1e-3, -1e-5, 1e-9, 1e-5, 1e-3, 1.1e-3, 2.0] {
            let exact = x / f64::exp_m1(x);
            // the quotient loses at most three of sixteen digits at |x| = 1e-3
            assert!((exprelr(x) / exact - 1.0).abs() < 2e-13, "exprelr({x})");
        }
    }

    #[test]
    fn limits_are_kept() {
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(f64::NEG_INFINITY), 0.0);
        assert_eq!(exp(f64::INFINITY), f64::INFINITY);
        assert_eq!(exp(-800.0), 0.0);
        assert!(exp(f64::NAN).is_nan());
        assert_eq!(ln(1.0), 0.0);
        assert_eq!(ln(0.0), f64::NEG_INFINITY);
        assert!(ln(-1.0).is_nan());
        assert_eq!(pow(0.0, 4.8), 0.0);
        assert_eq!(pow(2.0, 10.0), 1024.0);
        assert!(pow(f64::NAN, 2.0).is_nan());
    }

    /// Numbers in 0..1 without a pattern: multiples of the golden ratio, modulo 1.
    fn scattered() -> impl Iterator<Item = f64> {
        (1..400_000).map(|i| (f64::from(i) * 0.618_033_988_749_894_8).fract())
    }

    fn largest_distance(
        ours: impl Fn(f64) -> f64,
        theirs: impl Fn(f64) -> f64,
        range: (f64, f64),
    ) -> u64 {
        let at = |u: f64| range.0 + (range.1 - range.0) * u;
        scattered().map(|u| ours(at(u)).to_bits().abs_diff(theirs(at(u)).to_bits())).max().unwrap()
    }

    /// How far results may lie from the platform's functions, in units in the last place: 0 where these are glibc's
    /// with fused multiply-add, otherwise 1, since both are within 0.55 units of the truth.
    fn allowed() -> u64 {
        #[cfg(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"))]
        if std::is_x86_feature_detected!("fma") {
            return 0;
        }
        1
    }

    #[test]
    fn exp_has_the_platforms_bits() {
        for range in [(-1e-3, 1e-3), (-1.0, 1.0), (-30.0, 30.0), (-510.0, 510.0)] {
            assert!(largest_distance(exp, f64::exp, range) <= allowed(), "{range:?}");
        }
    }

    #[test]
    fn ln_has_the_platforms_bits() {
        for range in [(1.1, 3.0), (1.0, 1e5), (1e-4, 0.9), (20.0, 50_000.0)] {
            assert!(largest_distance(ln, f64::ln, range) <= allowed(), "{range:?}");
        }
    }

    #[test]
    fn pow_has_the_platforms_bits() {
        for (range, y) in [((0.0, 1.0), 4.0), ((0.01, 10.0), 4.8), ((0.9, 1.1), 4.8)] {
            let distance = largest_distance(|x| pow(x, y), |x| x.powf(y), range);
            assert!(distance <= allowed(), "{range:?}^{y}: {distance}");
        }
        assert!(largest_distance(fourth_power, |m| m.powf(4.0), (0.0, 1.0)) <= allowed());
    }
}
