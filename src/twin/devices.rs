//! Graphics devices: Burn's own operations everywhere, which it fuses and tunes there.

use burn::backend::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::prelude::*;
use burn_cubecl::{BoolElement, CubeBackend, CubeRuntime, FloatElement, IntElement};
#[cfg(feature = "cuda")]
use burn_fusion::{Fusion, FusionBackend};

use super::backend::TwinBackend;

impl<R, F, I, T> TwinBackend for CubeBackend<R, F, I, T>
where
    R: CubeRuntime,
    F: FloatElement,
    I: IntElement,
    T: BoolElement,
    Self: Backend,
{
}

impl<R, F, I, T, C> TwinBackend for Autodiff<CubeBackend<R, F, I, T>, C>
where
    R: CubeRuntime,
    F: FloatElement,
    I: IntElement,
    T: BoolElement,
    CubeBackend<R, F, I, T>: Backend,
    C: CheckpointStrategy,
    Self: Backend,
{
}

#[cfg(feature = "cuda")]
impl<B: FusionBackend> TwinBackend for Fusion<B> where Self: Backend {}

#[cfg(feature = "cuda")]
impl<B: FusionBackend, C: CheckpointStrategy> TwinBackend for Autodiff<Fusion<B>, C>
where
    Fusion<B>: Backend,
    Self: Backend,
{
}
