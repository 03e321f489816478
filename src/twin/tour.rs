//! The properties of a twin that follow from its configuration alone: its parameters, its receptive field, and the work
//! and cost of each layer. The page shows them while a slider moves, and a twin too large for any memory is refused
//! before it is made.

pub use super::arch::tour::Stop;
use super::arch::tour::{Tour, conv};
use super::config::TwinConfig;
use super::heads::Head;

impl TwinConfig {
    /// The layers from the input to the heads, for a simulation of `time` ms.
    pub fn tour(&self, time: usize) -> Vec<Stop> {
        let ports = self.ports();
        let mut tour = Tour::new(ports.in_channels, ports.in_spatial_dim, time);
        self.architecture().stops(&mut tour);
        let channels = self.architecture().channels();
        for (head, out) in Head::ALL.into_iter().zip(ports.heads()) {
            let products = tour.each_ms(&[channels, out]);
            let what = "1×1 convolution".to_owned();
            tour.add(format!("head {head}"), what, out, conv(channels, out, 1), products);
        }
        tour.stops
    }

    /// Number of parameters, as [`Twin::count_params`](super::model::Twin::count_params) counts them, without making
    /// the twin.
    pub fn num_parameters(&self) -> usize {
        let sum: u64 = self.tour(1).iter().map(|stop| stop.parameters).sum();
        // a number beyond usize is more than this machine can hold
        usize::try_from(sum).unwrap_or(usize::MAX)
    }

    /// Receptive field of an output, ms of input; `None` where it is unbounded, as an ELM's is.
    pub fn receptive_field(&self) -> Option<usize> {
        self.tour(1).last().and_then(|stop| stop.receptive_field_ms)
    }

    /// Number of channels of the widest layer, the input's rows included.
    pub fn widest(&self) -> usize {
        self.architecture().widest().max(self.ports().rows())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twin::config::{TcnConfig, TwinKind};
    use burn::backend::Flex;

    fn config(json: &str) -> TwinConfig {
        TwinConfig::from_json(json, None).unwrap()
    }

    /// The sums over the layers agree with other ways of counting.
    #[test]
    fn parameters_and_reach_add_up() {
        // first taps + Σ layers · (taps - 1) · dilation, or layers · (window - 1)
        let reach = [Some(51 + 4 * 50), Some(9 + 30 * 8), None, Some(1 + 5 * 47)];
        let mut all: Vec<_> =
            TwinKind::ALL.map(TwinConfig::default_of).into_iter().zip(reach).collect();
        for (letter, depth, taps) in
            [('A', 1, 91), ('B', 2, 61), ('C', 4, 41), ('D', 7, 31), ('E', 7, 11)]
        {
            let config = TwinConfig::Tcn(TcnConfig::assignment(letter, 8).unwrap());
            all.push((config, Some(taps + depth * (taps - 1))));
        }
        for (config, reach) in &all {
            let stops = config.tour(100);
            let sum: u64 = stops.iter().map(|stop| stop.parameters).sum();
            assert_eq!(sum, counted(config) as u64, "{config:?}");
            let last = stops.last().unwrap();
            assert_eq!(last.receptive_field_ms, *reach, "{config:?}");
            assert_eq!(config.receptive_field(), *reach);
            assert_eq!(last.shape, [config.ports().heads()[4], 1, 100]);
            assert!(stops.iter().all(|stop| stop.shape[2] == 100));
        }
    }

    #[test]
    fn a_tcn_worked_by_hand() {
        let stops = config(
            r#"{"first_layer_temporal_kernel_size": 3, "num_layers_per_block_list": [1],
            "num_features_per_block_list": [4], "temporal_kernel_size_per_block_list": [2],
            "temporal_dilation_per_block_list": [5], "in_spatial_dim": 8}"#,
        )
        .tour(10);
        let layers: Vec<_> = stops
            .iter()
            .map(|s| (s.shape, s.parameters, s.receptive_field_ms, s.multiply_adds))
            .collect();
        assert_eq!(layers[0], ([2, 8, 10], 0, Some(1), 0));
        // 16 rows · 3 taps · 4 kernels, biases, scales
        assert_eq!(layers[1], ([4, 1, 10], 16 * 3 * 4 + 4 + 4, Some(3), 10 * 16 * 3 * 4));
        assert_eq!(layers[2], ([4, 1, 10], 4 * 2 * 4 + 4 + 4, Some(8), 10 * 4 * 2 * 4));
        assert_eq!(layers[7], ([8, 1, 10], 4 * 8 + 8, Some(8), 10 * 4 * 8));
        assert_eq!(stops[2].what, "convolution, 2 taps, 5 ms apart; RMSNorm; leaky_gelu");
    }

    #[test]
    fn queries_see_no_keys_before_the_first() {
        let json = r#"{"d_model": 4, "n_heads": 2, "num_layers": 1, "window_size": 3}"#;
        let stops = config(json).tour(5);
        let attention = stops.iter().find(|stop| stop.name == "block 0, attention").unwrap();
        // 1 + 2 + 3 + 3 + 3 pairs of query and key, each with a product for the score and one for the value
        assert_eq!(attention.multiply_adds, 5 * 4 * 16 + 2 * 12 * 4);
        assert_eq!(attention.receptive_field_ms, Some(3));
    }

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
        for kind in TwinKind::ALL {
            let config = TwinConfig::default_of(kind);
            assert_eq!(config.num_parameters(), counted(&config), "{kind:?}");
        }
    }
}
