//! A twin layer by layer, told from its configuration alone: what comes out of each layer, how far back that looks, and
//! what it costs.

use serde::Serialize;

use super::config::{
    ElmConfig, FfnKind, ResNetTcnConfig, TcnConfig, TransformerConfig, TwinConfig,
};
use super::heads::HEADS;
use super::layer::norm::NormKind;
use super::ops::activation::Nonlinearity;
use super::size::{conv, norm};
use crate::text::count;

/// A layer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stop {
    /// Where it stands, such as `block 0, layer 1`.
    pub name: String,
    /// What it does, in words.
    pub what: String,
    /// Channels, segments and ms of its output.
    pub shape: [usize; 3],
    /// Its parameters.
    pub parameters: u64,
    /// ms of input that its output depends on so far, itself included; none where unbounded.
    pub receptive_field_ms: Option<usize>,
    /// Multiplications with an addition, for one simulation: of convolutions, linear maps, attention and recurrences;
    /// norms and nonlinearities are not counted.
    pub multiply_adds: u64,
}

/// Stops so far.
struct Tour {
    time: usize,
    stops: Vec<Stop>,
    field: Option<usize>,
}

impl TwinConfig {
    /// The stops from the input to the heads, for a simulation of `time` ms.
    pub fn tour(&self, time: usize) -> Vec<Stop> {
        let ports = self.ports();
        let input = Stop {
            name: "input".to_owned(),
            what: "synaptic weights, divided by their scale".to_owned(),
            shape: [ports.in_channels, ports.in_spatial_dim, time],
            parameters: 0,
            receptive_field_ms: Some(1),
            multiply_adds: 0,
        };
        let mut tour = Tour { time, stops: vec![input], field: Some(1) };
        let channels = match self {
            Self::Tcn(c) => c.stops(&mut tour),
            Self::ResNetTcn(c) => c.stops(&mut tour),
            Self::Elm(c) => c.stops(&mut tour),
            Self::Transformer(c) => c.stops(&mut tour),
        };
        for (head, out) in HEADS.iter().zip(ports.heads()) {
            let products = tour.each_ms(channels * out);
            let what = "1×1 convolution".to_owned();
            tour.add(format!("head {head}"), what, out, conv(channels, out, 1), products);
        }
        tour.stops
    }
}

impl Tour {
    fn add(&mut self, name: String, what: String, channels: usize, parameters: u64, products: u64) {
        self.stops.push(Stop {
            name,
            what,
            shape: [channels, 1, self.time],
            parameters,
            receptive_field_ms: self.field,
            multiply_adds: products,
        });
    }

    /// So many products in each ms.
    fn each_ms(&self, products: usize) -> u64 {
        (products as u64).saturating_mul(self.time as u64)
    }

    fn look_back(&mut self, ms: usize) {
        self.field = self.field.map(|field| field + ms);
    }

    /// The layer from the input's rows to `out` channels.
    fn first(&mut self, rows: usize, out: usize, taps: usize, then: (NormKind, Nonlinearity)) {
        let (kind, nonlinearity) = then;
        let layer = Layer { rows, out, taps, dilation: 1, kind, nonlinearity };
        self.layer("first layer".to_owned(), &layer);
    }

    /// Convolution, norm, nonlinearity.
    fn layer(&mut self, name: String, layer: &Layer) {
        let Layer { rows, out, taps, dilation, kind, nonlinearity } = *layer;
        self.look_back((taps - 1) * dilation);
        let apart = if dilation == 1 { String::new() } else { format!(", {dilation} ms apart") };
        let what = format!(
            "convolution, {}{apart}; {}; {}",
            count(taps, "tap"),
            kind.name(),
            nonlinearity.name()
        );
        let parameters = conv(rows, out, taps) + norm(kind, out);
        let products = self.each_ms(rows * out * taps);
        self.add(name, what, out, parameters, products);
    }
}

struct Layer {
    rows: usize,
    out: usize,
    taps: usize,
    dilation: usize,
    kind: NormKind,
    nonlinearity: Nonlinearity,
}

impl TcnConfig {
    /// Channels of the last.
    fn stops(&self, tour: &mut Tour) -> usize {
        let (kind, nonlinearity) = (self.norm_type, self.nonlinearity_str);
        let mut channels = self.num_features_per_block_list[0];
        let taps = self.first_layer_temporal_kernel_size;
        tour.first(self.ports.rows(), channels, taps, (kind, nonlinearity));
        for (i, &depth) in self.num_layers_per_block_list.iter().enumerate() {
            for j in 0..depth {
                let layer = Layer {
                    rows: channels,
                    out: self.num_features_per_block_list[i],
                    taps: self.temporal_kernel_size_per_block_list[i],
                    dilation: self.temporal_dilation_per_block_list[i],
                    kind,
                    nonlinearity,
                };
                tour.layer(format!("block {i}, layer {j}"), &layer);
                channels = layer.out;
            }
        }
        channels
    }
}

impl ResNetTcnConfig {
    /// Channels of the last.
    fn stops(&self, tour: &mut Tour) -> usize {
        let (kind, nonlinearity) = (self.norm_type, self.nonlinearity_str);
        let mut channels = self.num_features_per_block_list[0];
        let taps = self.first_layer_temporal_kernel_size;
        tour.first(self.ports.rows(), channels, taps, (kind, nonlinearity));
        for (i, &count) in self.num_miniblocks_per_block_list.iter().enumerate() {
            let out = self.num_features_per_block_list[i];
            for j in 0..count {
                let mut layer = Layer {
                    rows: channels,
                    out,
                    taps: self.temporal_kernel_size_per_block_list[i],
                    dilation: self.temporal_dilation_per_block_list[i],
                    kind,
                    nonlinearity,
                };
                tour.layer(format!("block {i}, pair {j}, layer 1"), &layer);
                layer.rows = out;
                tour.layer(format!("block {i}, pair {j}, layer 2"), &layer);
                let products = tour.each_ms(channels * out);
                let what = "1×1 convolution of the pair's input, added".to_owned();
                let name = format!("block {i}, pair {j}, shortcut");
                tour.add(name, what, out, conv(channels, out, 1), products);
                channels = out;
            }
        }
        channels
    }
}

impl ElmConfig {
    /// Channels of the last.
    fn stops(&self, tour: &mut Tour) -> usize {
        let (rows, memory) = (self.ports.rows(), self.memory_dim);
        // what is remembered has no end
        tour.field = None;
        let what = format!("traces that fade with τ = {} ms", self.synapse_tau_value);
        let products = tour.each_ms(2 * rows);
        tour.add("synapses".to_owned(), what, rows, 2 * rows as u64, products);
        let mut width = rows + memory;
        if self.mlp_pre_norm_type != NormKind::None {
            let what = format!("{} of traces and memory", self.mlp_pre_norm_type.name());
            tour.add("norm".to_owned(), what, width, norm(self.mlp_pre_norm_type, width), 0);
        }
        for i in 0..=self.mlp_num_hidden_layers {
            let (out, nonlinearity) = match i == self.mlp_num_hidden_layers {
                true => (memory, self.post_mlp_nonlinearity_str),
                false => (self.hidden(), self.mlp_nonlinearity_str),
            };
            let (name, what) = (format!("MLP, layer {i}"), nonlinearity.name());
            let products = tour.each_ms(width * out);
            tour.add(name, format!("linear map; {what}"), out, conv(width, out, 1), products);
            width = out;
        }
        let (lo, hi) = (self.memory_tau_min, self.memory_tau_max);
        let what = format!("fades with τ between {lo} and {hi} ms, driven by the MLP");
        let products = tour.each_ms(2 * memory);
        tour.add("memory".to_owned(), what, memory, memory as u64, products);
        memory
    }
}

impl TransformerConfig {
    /// Channels of the last.
    fn stops(&self, tour: &mut Tour) -> usize {
        let (d, wide) = (self.d_model, self.hidden());
        let taps = self.first_layer_temporal_kernel_size;
        let then = (self.first_norm_type, self.first_nonlinearity_str);
        tour.first(self.ports.rows(), d, taps, then);
        let kind = self.norm_type.name();
        // keys that all queries see together
        let pairs: u64 = (0..tour.time).map(|t| (t + 1).min(self.window_size) as u64).sum();
        for i in 0..self.num_layers {
            tour.look_back(self.window_size - 1);
            let what = format!("{kind}; {} heads that see {} ms", self.n_heads, self.window_size);
            let parameters = 4 * (d * d) as u64 + norm(self.norm_type, d);
            let products = tour.each_ms(4 * d * d) + 2 * pairs * d as u64;
            tour.add(format!("block {i}, attention"), what, d, parameters, products);
            let (maps, name) = match self.ffn_type {
                FfnKind::Swiglu => (3, "swiglu"),
                FfnKind::Gelu => (2, "gelu"),
            };
            let what = format!("{kind}; {name}, {wide} wide");
            let parameters = (maps * d * wide) as u64 + norm(self.norm_type, d);
            let products = tour.each_ms(maps * d * wide);
            tour.add(format!("block {i}, feed-forward"), what, d, parameters, products);
        }
        tour.add("last norm".to_owned(), kind.to_owned(), d, norm(self.norm_type, d), 0);
        d
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twin::config::TwinKind;

    fn config(json: &str) -> TwinConfig {
        TwinConfig::from_json(json, None).unwrap()
    }

    /// The sums are those that are counted in other ways.
    #[test]
    fn parameters_and_reach_add_up() {
        let mut all: Vec<TwinConfig> = TwinKind::ALL.map(TwinConfig::default_of).into();
        let letters = ('A'..='E').filter_map(|letter| TcnConfig::assignment(letter, 8));
        all.extend(letters.map(TwinConfig::Tcn));
        for config in &all {
            let stops = config.tour(100);
            let sum: u64 = stops.iter().map(|stop| stop.parameters).sum();
            assert_eq!(sum, config.num_parameters() as u64, "{config:?}");
            let last = stops.last().unwrap();
            assert_eq!(last.receptive_field_ms, config.receptive_field());
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
        let told: Vec<_> = stops
            .iter()
            .map(|s| (s.shape, s.parameters, s.receptive_field_ms, s.multiply_adds))
            .collect();
        assert_eq!(told[0], ([2, 8, 10], 0, Some(1), 0));
        // 16 rows · 3 taps · 4 kernels, biases, scales
        assert_eq!(told[1], ([4, 1, 10], 16 * 3 * 4 + 4 + 4, Some(3), 10 * 16 * 3 * 4));
        assert_eq!(told[2], ([4, 1, 10], 4 * 2 * 4 + 4 + 4, Some(8), 10 * 4 * 2 * 4));
        assert_eq!(told[7], ([8, 1, 10], 4 * 8 + 8, Some(8), 10 * 4 * 8));
        assert_eq!(stops[2].what, "convolution, 2 taps, 5 ms apart; RMSNorm; leaky_gelu");
    }

    #[test]
    fn queries_see_no_keys_before_the_first() {
        let json = r#"{"d_model": 4, "n_heads": 2, "num_layers": 1, "window_size": 3}"#;
        let stops = config(json).tour(5);
        let attention = stops.iter().find(|stop| stop.name == "block 0, attention").unwrap();
        // 1 + 2 + 3 + 3 + 3 keys, each for a score and for a value
        assert_eq!(attention.multiply_adds, 5 * 4 * 16 + 2 * 12 * 4);
        assert_eq!(attention.receptive_field_ms, Some(3));
    }
}
