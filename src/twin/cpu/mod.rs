//! The CPU's own kernels of the operations that take most of a twin's time, compiled for several instruction sets and
//! chosen at run time ([`crate::simd`]).

// The compiler turns indices over lanes into vectors; and a kernel takes many arguments, its shapes and its arrays.
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
