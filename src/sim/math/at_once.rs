//! Many exponentials at once.
//!
//! A formula that takes its exponentials from an [`Exponentials`] can be run twice: first to collect its exponents,
//! then, with all of them taken in one vectorised sweep, to use the results. The formula stands once; the compiler
//! drops from the first run all that is not an exponent.

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

/// Takes each exponential when it is asked for.
pub struct OneByOne;

impl Exponentials for OneByOne {
    #[inline(always)]
    fn exp(&mut self, x: f64) -> f64 {
        exp(x)
    }
}

/// Writes the exponents down and answers 1.
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

/// Answers with exponentials taken before, in their order.
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
