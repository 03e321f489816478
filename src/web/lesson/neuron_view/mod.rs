//! A neuron drawn in the colours of its voltage, as several lessons show it, and a walk through the time of its
//! simulation.

mod paint;
pub(super) mod picture;
pub(super) mod player;
pub(super) mod scene;
