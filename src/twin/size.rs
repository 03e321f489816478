//! How many parameters a twin has, told from its configuration alone: the page shows it while a slider moves,
//! and one that no memory could hold is refused before it is made.

use super::config::{
    ElmConfig, FfnKind, ResNetTcnConfig, TcnConfig, TransformerConfig, TwinConfig,
};
use super::layer::norm::NormKind;

/// Scale, and shift where the norm has one.
pub(super) fn norm(kind: NormKind, channels: usize) -> u64 {
    let channels = channels as u64;
    match kind {
        NormKind::None => 0,
        NormKind::Rms => channels,
        NormKind::Layer | NormKind::Batch | NormKind::BatchB => 2 * channels,
    }
}

/// Weights and biases of a convolution.
pub(super) fn conv(rows: usize, channels_out: usize, taps: usize) -> u64 {
    channels_out as u64 * (rows as u64 * taps as u64 + 1)
}

impl TwinConfig {
    /// Parameters as [`Twin::count_params`](super::model::Twin::count_params) counts them, without making the twin.
    pub fn num_parameters(&self) -> usize {
        let (backbone, channels) = match self {
            Self::Tcn(c) => c.size(),
            Self::ResNetTcn(c) => c.size(),
            Self::Elm(c) => (c.size(), c.memory_dim),
            Self::Transformer(c) => (c.size(), c.d_model),
        };
        let heads: usize = self.ports().heads().iter().sum();
        // more than this machine can count is more than it can hold
        usize::try_from(backbone + conv(channels, heads, 1)).unwrap_or(usize::MAX)
    }
}

impl TwinConfig {
    /// Channels of the widest layer.
    pub fn widest(&self) -> usize {
        let most = |widths: &[usize]| widths.iter().copied().max().unwrap_or_default();
        let width = match self {
            Self::Tcn(c) => most(&c.num_features_per_block_list),
            Self::ResNetTcn(c) => most(&c.num_features_per_block_list),
            Self::Elm(c) => c.memory_dim,
            Self::Transformer(c) => c.d_model.max(c.hidden()),
        };
        width.max(self.ports().rows())
    }
}

impl TcnConfig {
    /// Parameters of the backbone, and its channels.
    fn size(&self) -> (u64, usize) {
        let mut channels = self.num_features_per_block_list.first().copied().unwrap_or_default();
        let mut sum = conv(self.ports.rows(), channels, self.first_layer_temporal_kernel_size)
            + norm(self.norm_type, channels);
        for (i, &depth) in self.num_layers_per_block_list.iter().enumerate() {
            let width = self.num_features_per_block_list[i];
            let taps = self.temporal_kernel_size_per_block_list[i];
            for _ in 0..depth {
                sum += conv(channels, width, taps) + norm(self.norm_type, width);
                channels = width;
            }
        }
        (sum, channels)
    }
}

impl ResNetTcnConfig {
    /// Parameters of the backbone, and its channels.
    fn size(&self) -> (u64, usize) {
        let mut channels = self.num_features_per_block_list.first().copied().unwrap_or_default();
        let mut sum = conv(self.ports.rows(), channels, self.first_layer_temporal_kernel_size)
            + norm(self.norm_type, channels);
        for (i, &count) in self.num_miniblocks_per_block_list.iter().enumerate() {
            let width = self.num_features_per_block_list[i];
            let taps = self.temporal_kernel_size_per_block_list[i];
            for _ in 0..count {
                sum += conv(channels, width, taps) + conv(width, width, taps);
                // the shortcut
                sum += conv(channels, width, 1) + 2 * norm(self.norm_type, width);
                channels = width;
            }
        }
        (sum, channels)
    }
}

impl ElmConfig {
    fn size(&self) -> u64 {
        let rows = self.ports.rows();
        let input = rows + self.memory_dim;
        let own = 2 * rows as u64 + self.memory_dim as u64;
        let mut sum = own + norm(self.mlp_pre_norm_type, input);
        let mut width = input;
        for _ in 0..self.mlp_num_hidden_layers {
            sum += conv(width, self.hidden(), 1);
            width = self.hidden();
        }
        sum + conv(width, self.memory_dim, 1)
    }
}

impl TransformerConfig {
    fn size(&self) -> u64 {
        let (d, wide) = (self.d_model, self.hidden() as u64);
        let first = conv(self.ports.rows(), d, self.first_layer_temporal_kernel_size)
            + norm(self.first_norm_type, d);
        let maps = match self.ffn_type {
            FfnKind::Swiglu => 3,
            FfnKind::Gelu => 2,
        };
        let narrow = d as u64;
        let block = narrow * (4 * narrow + maps * wide) + 2 * norm(self.norm_type, d);
        first + self.num_layers as u64 * block + norm(self.norm_type, d)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::backend::Flex;

    fn counted(config: &TwinConfig) -> usize {
        config.init::<Flex>(0, &Default::default()).count_params()
    }

    #[test]
    fn the_formula_counts_what_the_twin_has() {
        let mut texts: Vec<String> = Vec::new();
        for norm in ["RMSNorm", "LayerNorm", "BatchNorm", "BatchNorm_B"] {
            for (depth, width, taps) in [("1", "5", "4"), ("2,3", "6,9", "3,2")] {
                let dilation = if depth.contains(',') { "1,2" } else { "1" };
                for count in ["num_layers_per_block_list", "num_miniblocks_per_block_list"] {
                    texts.push(format!(
                        r#"{{"{count}": [{depth}], "num_features_per_block_list": [{width}],
                        "temporal_kernel_size_per_block_list": [{taps}], "norm_type": "{norm}",
                        "temporal_dilation_per_block_list": [{dilation}],
                        "first_layer_temporal_kernel_size": 7}}"#
                    ));
                }
            }
        }
        for norm in ["RMSNorm", "LayerNorm", "BatchNorm", "none"] {
            for hidden in [0, 1, 3] {
                for width in ["null", "11"] {
                    texts.push(format!(
                        r#"{{"memory_dim": 7, "mlp_num_hidden_layers": {hidden},
                        "mlp_hidden_dim": {width}, "mlp_pre_norm_type": "{norm}"}}"#
                    ));
                }
            }
        }
        for (norm, first) in [("RMSNorm", "LayerNorm"), ("LayerNorm", "BatchNorm")] {
            for ffn in ["swiglu", "gelu"] {
                for width in ["null", "13"] {
                    texts.push(format!(
                        r#"{{"d_model": 12, "n_heads": 3, "num_layers": 2, "ffn_type": "{ffn}",
                        "ffn_hidden_dim": {width}, "norm_type": "{norm}",
                        "first_norm_type": "{first}", "first_layer_temporal_kernel_size": 3}}"#
                    ));
                }
            }
        }
        for text in &texts {
            for segments in [1, 8] {
                let config = TwinConfig::from_json(text, None).unwrap().with_segments(segments);
                assert_eq!(config.num_parameters(), counted(&config), "{text}, {segments}");
            }
        }
    }

    #[test]
    fn the_published_twins() {
        for letter in 'A'..='E' {
            let config = TwinConfig::Tcn(TcnConfig::assignment(letter, 8).unwrap());
            assert_eq!(config.num_parameters(), counted(&config), "{letter}");
        }
        for kind in crate::twin::config::TwinKind::ALL {
            let config = TwinConfig::default_of(kind);
            assert_eq!(config.num_parameters(), counted(&config), "{kind:?}");
        }
    }
}
