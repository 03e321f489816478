//! The five outputs of a twin.

use burn::prelude::*;

/// Names of the heads, in their order everywhere.
pub const HEADS: [&str; 5] = ["spikes", "soma", "near_spike", "inst_rate", "dend_v"];

/// Raw outputs: logits of spikes and near spikes, scaled soma and dendrite voltages and rate.
#[derive(Debug, Clone)]
pub struct Outputs<B: Backend> {
    /// All heads below one another, `[batch, 4 + dend_channels, time]`, in the order of [`HEADS`].
    pub all: Tensor<B, 3>,
}

impl<B: Backend> Outputs<B> {
    /// One head: `[batch, 1, time]`, or `[batch, dend_channels, time]` for the last.
    pub fn head(&self, index: usize) -> Tensor<B, 3> {
        let channels = self.all.dims()[1];
        let (from, len) = if index < 4 { (index, 1) } else { (4, channels - 4) };
        self.all.clone().narrow(1, from, len)
    }
}
