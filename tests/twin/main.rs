//! The twins' tests: one program, so that the crate and Burn are linked once.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)] // a test may

#[path = "../support/onnx/mod.rs"]
mod interpreter;
mod learning;
#[path = "../support/numbers.rs"]
mod numbers;
mod onnx;
mod parity;
#[path = "../support/parity.rs"]
mod recorded;
#[path = "../support/recurrence.rs"]
mod recurrence;
mod taylor;
mod twins;
