//! The five outputs of a twin.

use burn::prelude::*;

/// One of a twin's five outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Head {
    /// Logit of a spike.
    Spikes,
    /// Scaled voltage of the soma.
    Soma,
    /// Logit of a near spike.
    NearSpike,
    /// Scaled rate of spikes.
    InstRate,
    /// Scaled voltages of the dendrite, a channel for each segment.
    DendV,
}

/// Names of the heads, in their order everywhere.
pub const HEADS: [&str; 5] = ["spikes", "soma", "near_spike", "inst_rate", "dend_v"];

impl Head {
    /// All heads, in their order everywhere: an array of five values has one for each in this order.
    pub const ALL: [Self; 5] =
        [Self::Spikes, Self::Soma, Self::NearSpike, Self::InstRate, Self::DendV];

    /// The head's name in files and configurations.
    pub fn name(self) -> &'static str {
        HEADS[self.at()]
    }

    /// The head's place in an array of five; also its first channel in the outputs.
    pub const fn at(self) -> usize {
        self as usize
    }

    /// The head that a channel of the outputs belongs to.
    pub fn of_channel(channel: usize) -> Self {
        Self::ALL[channel.min(Self::DendV.at())]
    }

    /// Number of the head's channels, of `all` channels in the outputs.
    pub fn channels(self, all: usize) -> usize {
        if self == Self::DendV { all - self.at() } else { 1 }
    }
}

impl std::fmt::Display for Head {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Raw outputs: logits of spikes and near spikes, scaled soma and dendrite voltages and rate.
#[derive(Debug, Clone)]
pub struct Outputs<B: Backend> {
    /// All heads below one another, `[batch, 4 + dend_channels, time]`, in the order of [`Head::ALL`].
    pub all: Tensor<B, 3>,
}

impl<B: Backend> Outputs<B> {
    /// The output of one head: `[batch, 1, time]`, or `[batch, dend_channels, time]` for the dendrite.
    pub fn head(&self, head: Head) -> Tensor<B, 3> {
        let channels = head.channels(self.all.dims()[1]);
        self.all.clone().narrow(1, head.at(), channels)
    }
}
