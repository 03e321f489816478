//! The input and output widths of a twin.

use serde::{Deserialize, Serialize};

/// A twin's input and output widths, the same for all architectures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ports {
    /// Number of kinds of input: excitation and inhibition.
    pub in_channels: usize,
    /// Number of dendritic segments.
    pub in_spatial_dim: usize,
    /// Channels of the heads spikes, soma, near_spike, inst_rate, dend_v; `None`: dend_v has one channel for each
    /// segment, the others have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head_out_channels: Option<[usize; 5]>,
}

impl Default for Ports {
    fn default() -> Self {
        Self { in_channels: 2, in_spatial_dim: 8, head_out_channels: None }
    }
}

impl Ports {
    /// Channels of the five heads.
    pub fn heads(&self) -> [usize; 5] {
        self.head_out_channels.unwrap_or([1, 1, 1, 1, self.in_spatial_dim])
    }

    /// Number of input rows, channels × segments.
    pub fn rows(&self) -> usize {
        self.in_channels * self.in_spatial_dim
    }
}
