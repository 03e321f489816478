//! The lists of a convolutional twin, an entry for each block of layers.

use super::check::{ConfigError, KERNEL, WIDTH, size};
use crate::twin::layer::norm::NormKind;

/// The lists of a convolutional twin's configuration.
pub(super) struct Blocks<'a> {
    /// The key of `counts`.
    pub key: &'static str,
    /// How many layers, or pairs of layers, a block has.
    pub counts: &'a [usize],
    /// Layers that one of `counts` stands for: 1, or 2 in a pair.
    pub layers: usize,
    /// Channels of each block.
    pub features: &'a [usize],
    /// Taps of each block's convolutions.
    pub taps: &'a [usize],
    /// ms between the taps.
    pub dilations: &'a [usize],
}

impl Blocks<'_> {
    /// Requires lists of one length, and possible values in them.
    ///
    /// # Errors
    /// Names the first key whose value is impossible.
    pub fn check(&self) -> Result<(), ConfigError> {
        let (key, counts) = (self.key, self.counts);
        size(key, counts.len(), 1024)?;
        let lists = [
            ("num_features_per_block_list", self.features, WIDTH),
            ("temporal_kernel_size_per_block_list", self.taps, KERNEL),
            ("temporal_dilation_per_block_list", self.dilations, KERNEL),
        ];
        for &n in counts {
            size(key, n, 1024)?;
        }
        size(key, counts.iter().sum(), 1024)?;
        for (list_key, list, max) in lists {
            if list.len() != counts.len() {
                let (found, want) = (list.len(), counts.len());
                return Err(ConfigError::BlockLists { key: list_key, found, other: key, want });
            }
            for &n in list {
                size(list_key, n, max)?;
            }
        }
        Ok(())
    }

    /// Channels that the last block hands on.
    pub fn channels(&self) -> usize {
        self.features.last().copied().unwrap_or_default()
    }

    /// Channels of the widest block.
    pub fn widest(&self) -> usize {
        self.features.iter().copied().max().unwrap_or_default()
    }

    /// Layers × channels of the first block.
    pub fn size(&self) -> String {
        let depth = self.layers * self.counts.iter().sum::<usize>();
        format!("{depth}×{}", self.features.first().copied().unwrap_or_default())
    }

    /// Depth, mean width and span in the original's names of twins: `D_5_W_32_T_201`. Its span is a sum of its own,
    /// which for dilations above 1 is not the receptive field.
    pub fn short_name(&self, first_taps: usize) -> String {
        let depth = self.layers * self.counts.iter().sum::<usize>() + 1;
        let sum = self.features[0] + self.layers * self.features.iter().sum::<usize>();
        let width = sum as f64 / (1 + self.layers * self.features.len()) as f64;
        let span = |i: usize| {
            let layers = self.layers * self.counts[i];
            let (taps, dilation) = (self.taps[i], self.dilations[i]);
            if dilation == 1 {
                (taps - 1) * layers
            } else {
                let reach = dilation.saturating_pow(layers as u32 - 1).saturating_mul(taps);
                reach.saturating_sub(self.counts[i] - 1).saturating_sub(1)
            }
        };
        let total = (0..self.counts.len()).map(span).fold(first_taps, usize::saturating_add);
        format!("D_{depth}_W_{width:.0}_T_{total}")
    }
}

/// The original's name of a norm's parameter `leaf` behind a convolution: PyTorch's own BatchNorm2d sits one level
/// deeper than the original's other norms.
pub(super) fn norm_leaf(kind: NormKind, leaf: &str) -> String {
    match kind {
        NormKind::Batch => format!("norm_layer.{leaf}"),
        _ => leaf.to_owned(),
    }
}
