//! Dropout whose random numbers are the same again when a training is resumed.

use std::cell::Cell;

use burn::prelude::*;
use burn::tensor::Distribution;

use crate::random::split_mix;

thread_local! {
    /// Seed of the next draw.
    static STREAM: Cell<u64> = const { Cell::new(0) };
}

/// Seeds the draws of one training step, for one part of its batch.
pub(crate) fn set_stream(seed: u64, step: u64, part: usize) {
    STREAM.set(split_mix(split_mix(seed) ^ step ^ (part as u64) << 48));
}

/// Sets a share `rate` of the values to 0 and scales the others up, in training only (Srivastava et al. 2014, JMLR
/// 15:1929).
///
/// # Shapes
/// - x: any
/// - output: as `x`
pub fn dropout<B: Backend, const D: usize>(x: Tensor<B, D>, rate: f64) -> Tensor<B, D> {
    let device = x.device();
    if rate == 0.0 || !B::ad_enabled(&device) {
        return x;
    }
    let seed = STREAM.get();
    STREAM.set(split_mix(seed));
    B::seed(&device, seed);
    let keep = x.random_like(Distribution::Bernoulli(1.0 - rate));
    x * keep / (1.0 - rate)
}
