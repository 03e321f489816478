//! The worker's answers in a browser; natively the same file is a test of the library.
#![cfg(target_arch = "wasm32")]

#[path = "../worker.rs"]
mod natively_too;
