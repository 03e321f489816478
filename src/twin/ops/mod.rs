//! The operations of twins that a backend may do its own way, each composed of Burn's own.
//!
//! Nothing here knows who calls: layers, training and both sets of kernels import from here.

pub mod activation;
pub mod adamw;
pub mod attention;
pub mod backend;
pub mod conv;
pub mod dropout;
pub mod loss;
pub mod norm;
pub mod recurrence;
