//! The operations of twins that a backend may implement itself, each composed of Burn's own operations by default.
//!
//! Nothing in this room knows its callers: layers, training and both sets of kernels import from it.

pub mod activation;
pub mod adamw;
pub mod attention;
pub mod backend;
pub mod conv;
pub mod dropout;
pub mod kernels;
pub mod loss;
pub mod norm;
pub mod recurrence;
pub(crate) mod rows;
mod tracked;
