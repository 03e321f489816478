//! What every twin has: its input and output widths.

use serde::{Deserialize, Serialize};

use super::check::{ConfigError, size};

/// A twin's input and output widths, the same for all architectures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ports {
    /// Kinds of input: excitation and inhibition.
    pub in_channels: usize,
    /// Dendritic segments.
    pub in_spatial_dim: usize,
    /// Channels of the heads spikes, soma, near_spike, inst_rate, dend_v.
    /// Left out, dend_v has one channel for each segment.
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

    /// Input rows, channels × segments.
    pub fn rows(&self) -> usize {
        self.in_channels * self.in_spatial_dim
    }

    /// Requires widths that twins can have.
    ///
    /// # Errors
    /// Names the first key whose value is impossible.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        size("in_channels", self.in_channels, 64)?;
        size("in_spatial_dim", self.in_spatial_dim, 65_536)?;
        let heads = self.heads();
        if heads[..4] != [1; 4] {
            return Err(ConfigError::Value {
                key: "head_out_channels",
                value: format!("{heads:?}"),
                want: "1 for each head but the last, dend_v".into(),
            });
        }
        size("head_out_channels", heads[4], 65_536)
    }
}
