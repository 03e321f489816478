//! The trainer: a worker of its own with a wasm of its own, which trains and judges twins and keeps their runs.
//!
//! ```text
//! lesson ──▶ client ──▶ (trainer's wasm) worker ──▶ twin
//!    │          │                           │
//!    └──────────┴────────▶ store ◀──────────┘       runs and their checkpoints, in IndexedDB
//! ```
//!
//! The pages of the twins know [`protocol`], [`client`] and [`store`] only; the worker's side is behind the feature
//! `trainer`, so that its wasm is loaded only once a page asks the trainer something.

mod answers;
pub mod client;
pub mod clock;
mod device;
pub mod protocol;
mod run;
pub mod store;
#[cfg(feature = "trainer")]
pub mod worker;
