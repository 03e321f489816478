//! The CPU's own kernels for what twins spend their time on, compiled for several instruction sets and
//! chosen at run time ([`crate::simd`]).

// An index over lanes is what the compiler turns into vectors, and a kernel takes what it takes.
#![allow(clippy::needless_range_loop, clippy::too_many_arguments)]

pub mod adamw;
pub mod attention;
pub mod cases;
pub(crate) mod convolution;
mod direct;
pub mod elementwise;
mod fft;
pub mod flex;
mod layer;
mod loss;
pub mod math;
pub mod normalise;
mod par;
pub mod recurrence;
mod room;
mod shape;
mod spectral;
