//! Work written once for every device; a front runs it on the device that it finds.

use std::future::Future;

use super::ops::backend::TrainBackend;

/// A piece of work for any device.
pub trait Job {
    /// The result of the work.
    type Output;

    /// Does the work.
    fn run<B: TrainBackend>(self, device: &B::Device) -> impl Future<Output = Self::Output>;
}
