//! Many exponentials at once.
//!
//! A formula that takes its exponentials from an [`Exponentials`] can be run twice: first to collect its exponents,
//! then to use the exponentials, all of which were taken in one vectorised sweep. The formula is written once; the
//! compiler drops all but the exponents from the first run.

use super::exp::{exp, sure_or_nan};

/// A source of exponentials.
pub trait Exponentials {
    /// e^x.
    fn exp(&mut self, x: f64) -> f64;

    /// 1/(1 + e^x): a Boltzmann curve.
    #[inline(always)]
    fn boltzmann(&mut self, x: f64) -> f64 {
        1.0 / (1.0 + self.exp(x))
    }
}

/// A source that computes each exponential when it is asked for.
pub struct OneByOne;

impl Exponentials for OneByOne {
    #[inline(always)]
    fn exp(&mut self, x: f64) -> f64 {
        exp(x)
    }
}

/// A source that collects the exponents and answers 1 to each.
pub(crate) struct Collect<'a> {
    pub(crate) exponents: &'a mut [f64],
    pub(crate) next: usize,
}

impl Exponentials for Collect<'_> {
    #[inline(always)]
    fn exp(&mut self, x: f64) -> f64 {
        self.exponents[self.next] = x;
        self.next += 1;
        1.0
    }
}

/// A source that answers with exponentials computed before, in the same order.
pub(crate) struct Replay<'a> {
    pub(crate) values: &'a [f64],
    pub(crate) next: usize,
}

impl Exponentials for Replay<'_> {
    #[inline(always)]
    fn exp(&mut self, _: f64) -> f64 {
        self.next += 1;
        self.values[self.next - 1]
    }
}

/// Replaces every number by its exponential, with the bits of [`exp`].
#[inline(always)]
pub(crate) fn exp_each<const N: usize>(x: &mut [f64; N]) {
    let mut y = [0.0; N];
    for (y, x) in y.iter_mut().zip(&*x) {
        *y = sure_or_nan(*x);
    }
    let mut in_doubt = false;
    for y in &y {
        in_doubt |= y.is_nan();
    }
    if in_doubt {
        for (y, x) in y.iter_mut().zip(&*x) {
            if y.is_nan() {
                *y = exp(*x);
            }
        }
    }
    *x = y;
}
