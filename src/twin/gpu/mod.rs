//! Graphics devices: Burn's own operations, which Burn fuses and tunes there, and the ELM's recurrence as kernels of
//! our own. The composed loop runs where the kernels cannot (a batch norm before the maps, or layers too wide for a
//! cube's shared memory).

mod backward;
mod forward;
#[cfg(feature = "cuda")]
mod fusion;
mod launch;
mod pointwise;
mod recurrence;

use burn::backend::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::prelude::*;
use burn_cubecl::{BoolElement, CubeBackend, CubeRuntime, FloatElement, IntElement};
#[cfg(feature = "cuda")]
use burn_fusion::{Fusion, FusionBackend};

use self::launch::RecurrenceKernels;
use crate::twin::ops::backend::TwinBackend;
use crate::twin::ops::recurrence::Recurrence;

/// Implements the recurrence of a backend without gradients, or with them.
macro_rules! recurrence {
    (plain) => {
        fn recurrence(
            x: Tensor<Self, 3>,
            row: impl FnOnce() -> Tensor<Self, 1>,
            kappa_s: Tensor<Self, 1>,
            recurrence: impl FnOnce() -> Recurrence,
        ) -> Option<Tensor<Self, 3>> {
            let (plan, at_once) = recurrence::planned(&x, recurrence)?;
            let row = row();
            Some(recurrence::grouped(x, at_once, |x| {
                let [memory, _] = recurrence::run(x, row.clone(), kappa_s.clone(), &plan);
                memory
            }))
        }
    };
    (tracked) => {
        fn recurrence(
            x: Tensor<Self, 3>,
            row: impl FnOnce() -> Tensor<Self, 1>,
            kappa_s: Tensor<Self, 1>,
            recurrence: impl FnOnce() -> Recurrence,
        ) -> Option<Tensor<Self, 3>> {
            let (plan, at_once) = recurrence::planned(&x, recurrence)?;
            let row = row();
            Some(recurrence::grouped(x, at_once, |x| {
                recurrence::tracked(x, row.clone(), kappa_s.clone(), &plan)
            }))
        }
    };
}

impl<R, F, I, T> TwinBackend for CubeBackend<R, F, I, T>
where
    R: CubeRuntime,
    F: FloatElement,
    I: IntElement,
    T: BoolElement,
    Self: RecurrenceKernels,
{
    recurrence!(plain);
}

impl<R, F, I, T, C> TwinBackend for Autodiff<CubeBackend<R, F, I, T>, C>
where
    R: CubeRuntime,
    F: FloatElement,
    I: IntElement,
    T: BoolElement,
    CubeBackend<R, F, I, T>: RecurrenceKernels,
    C: CheckpointStrategy,
    Self: Backend,
{
    recurrence!(tracked);
}

#[cfg(feature = "cuda")]
impl<B: FusionBackend + RecurrenceKernels> TwinBackend for Fusion<B>
where
    Self: RecurrenceKernels,
{
    recurrence!(plain);
}

#[cfg(feature = "cuda")]
impl<B: FusionBackend + RecurrenceKernels, C: CheckpointStrategy> TwinBackend
    for Autodiff<Fusion<B>, C>
where
    Fusion<B>: RecurrenceKernels,
    Self: Backend,
{
    recurrence!(tracked);
}
