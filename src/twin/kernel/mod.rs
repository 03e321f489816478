//! The CPU's own kernels for what twins spend their time on: plain loops over arrays of fixed
//! length, which the compiler turns into vector code, compiled for several instruction sets and
//! chosen at run time.

// An index over lanes is what the compiler turns into vectors, and a kernel takes what it takes.
#![allow(clippy::needless_range_loop, clippy::too_many_arguments)]

pub mod convolution;
pub mod elementwise;
pub mod flex;
pub mod math;
pub mod normalise;
mod par;
pub mod recurrence;
mod simd;
