//! The lists in a convolutional twin's configuration, with an entry for each block of layers.

use super::architecture::{Architecture, port_settings};
use super::check::{DEPTH, KERNEL, LEAK, WIDTH};
use crate::settings::{Setting, require};
use crate::text::count;
use crate::twin::layer::norm::NormKind;

/// The lists of a convolutional twin's configuration.
pub(super) struct Blocks<'a> {
    /// The key of `counts`.
    pub key: &'static str,
    /// Number of layers, or of pairs of layers, in each block.
    pub counts: &'a [usize],
    /// Layers counted by one of `counts`: 1, or 2 in a pair.
    pub layers: usize,
    /// Channels of each block.
    pub features: &'a [usize],
    /// Taps of each block's convolutions.
    pub taps: &'a [usize],
    /// Dilation of each block's convolutions: ms between taps.
    pub dilations: &'a [usize],
}

/// A configuration with a list for each property of its blocks.
pub(super) trait HasBlocks {
    /// The configuration's lists.
    fn blocks(&self) -> Blocks<'_>;
}

/// All settings of a convolutional twin; `key` is that of the counts of layers.
pub(super) fn convolution_settings<T: Architecture + HasBlocks>(
    key: &'static str,
    first_layer_taps: fn(&T) -> usize,
    leaky_slope: fn(&T) -> f64,
) -> Vec<Setting<T>> {
    let mut all = port_settings();
    all.push(Setting::count("first_layer_temporal_kernel_size", first_layer_taps, KERNEL, "ms"));
    all.extend(block_settings(key));
    all.extend([
        Setting::free("nonlinearity_str"),
        Setting::number("leaky_slope", leaky_slope, LEAK, ""),
        Setting::free("norm_type"),
    ]);
    all
}

/// The settings of the lists; `key` is that of the counts of layers.
fn block_settings<T: HasBlocks>(key: &'static str) -> Vec<Setting<T>> {
    vec![
        Setting::other(key, |c: &T| {
            let counts = c.blocks().counts;
            let [least, most] = DEPTH;
            let fits = |n: usize| (least..=most).contains(&n);
            let all = !counts.is_empty() && counts.iter().all(|n| fits(*n));
            let want = format!("must be a list of whole numbers above 0, {most} in all at most");
            let sum = counts.iter().copied().fold(0, usize::saturating_add);
            require(all && fits(sum), counts, want)
        }),
        Setting::other("num_features_per_block_list", |c: &T| {
            c.blocks().fits(c.blocks().features, WIDTH)
        }),
        Setting::other("temporal_kernel_size_per_block_list", |c: &T| {
            c.blocks().fits(c.blocks().taps, KERNEL)
        }),
        Setting::other("temporal_dilation_per_block_list", |c: &T| {
            c.blocks().fits(c.blocks().dilations, KERNEL)
        }),
    ]
}

impl Blocks<'_> {
    /// Requires a list to have an entry for each block, and each entry to be in `bounds`.
    fn fits(&self, list: &[usize], bounds: [usize; 2]) -> Result<(), (String, String)> {
        let [least, most] = bounds;
        let each = list.iter().all(|n| (least..=most).contains(n));
        let (blocks, key) = (count(self.counts.len(), "whole number"), self.key);
        let want = format!("must have {blocks} in {least}..{most}, one for each block of {key}");
        require(each && list.len() == self.counts.len(), list, want)
    }

    /// Number of channels of the last block.
    pub fn channels(&self) -> usize {
        self.features.last().copied().unwrap_or_default()
    }

    /// Number of channels of the widest block.
    pub fn widest(&self) -> usize {
        self.features.iter().copied().max().unwrap_or_default()
    }

    /// The twin's size: layers × channels of the first block.
    pub fn size(&self) -> String {
        let depth = self.layers * self.counts.iter().sum::<usize>();
        format!("{depth}×{}", self.features.first().copied().unwrap_or_default())
    }

    /// Depth, mean width and span as in the original's names of twins: `D_5_W_32_T_201`. The original sums the span in
    /// its own way; for dilations above 1 it is not the receptive field.
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
