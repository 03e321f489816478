//! Work for any device: written once, and run by a front on the device that it finds.

use std::future::Future;

use super::ops::backend::TrainBackend;

/// Work for any device.
pub trait Job {
    /// What comes of it.
    type Output;

    /// Does the work.
    fn run<B: TrainBackend>(self, device: &B::Device) -> impl Future<Output = Self::Output>;
}
