//! Vectors of lanes that each read a row of a table of their own: the one place where lanes read from different
//! addresses.
//!
//! A compiler makes of such reads a gather, or loads number by number; both take longer than whole rows that are
//! transposed in registers. The arithmetic is the same on every instruction set, in the same order and never fused, and
//! so gives the same bits.

#![allow(unsafe_code)] // intrinsics, and rows that are known to be in their table

#[cfg(target_arch = "wasm32")]
mod wasm;
mod wide;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(crate) use wide::{Baseline, Pair, Set, Spots, Wide};
#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{Avx2, Avx512};
