//! The initial values of a twin: the same on every device, natively and in the page.

use burn::module::{Param, ParamId};
use burn::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A source of initial values on one device.
pub struct Init<'a, B: Backend> {
    rng: ChaCha8Rng,
    /// The device that the values are put on.
    pub device: &'a B::Device,
}

/// A number uniform in [0, 1), a multiple of 2^-24.
pub(crate) fn uniform(rng: &mut ChaCha8Rng) -> f32 {
    (rng.next_u32() >> 8) as f32 * (1.0 / (1 << 24) as f32)
}

impl<'a, B: Backend> Init<'a, B> {
    /// The source with the random stream of `seed`.
    pub fn new(seed: u64, device: &'a B::Device) -> Self {
        Self { rng: ChaCha8Rng::seed_from_u64(seed), device }
    }

    fn param<const D: usize>(&self, shape: [usize; D], values: Vec<f32>) -> Param<Tensor<B, D>> {
        let data = TensorData::new(values, shape);
        Param::initialized(ParamId::new(), Tensor::from_data(data, self.device).require_grad())
    }

    /// Values uniform within ±`bound`.
    pub fn uniform<const D: usize>(
        &mut self,
        shape: [usize; D],
        bound: f64,
    ) -> Param<Tensor<B, D>> {
        let n = shape.iter().product();
        let values = (0..n)
            .map(|_| (2.0 * f64::from(uniform(&mut self.rng)) - 1.0) * bound)
            .map(|v| v as f32)
            .collect();
        self.param(shape, values)
    }

    /// Normal values of mean 0 and standard deviation `std` (Box and Muller 1958).
    pub fn normal<const D: usize>(&mut self, shape: [usize; D], std: f64) -> Param<Tensor<B, D>> {
        let n = shape.iter().product();
        let values = (0..n)
            .map(|_| {
                let u = 1.0 - f64::from(uniform(&mut self.rng)); // (0, 1]
                let v = f64::from(uniform(&mut self.rng));
                let radius = libm::sqrt(-2.0 * libm::log(u));
                (std * radius * libm::cos(std::f64::consts::TAU * v)) as f32
            })
            .collect();
        self.param(shape, values)
    }

    /// A parameter with the same value everywhere.
    pub fn full<const D: usize>(&self, shape: [usize; D], value: f64) -> Param<Tensor<B, D>> {
        self.param(shape, vec![value as f32; shape.iter().product()])
    }

    /// A parameter with the given values, the last axis fastest.
    pub fn values<const D: usize>(
        &self,
        shape: [usize; D],
        values: Vec<f32>,
    ) -> Param<Tensor<B, D>> {
        self.param(shape, values)
    }
}
