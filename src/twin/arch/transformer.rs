//! Causal transformer with pre-norm blocks (Vaswani et al. 2017, arXiv 1706.03762).

use burn::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::architecture::{About, Architecture, Buffer, Features, port_settings};
use super::blocks::norm_leaf;
use super::check::{DEPTH, KERNEL, LEAK, WIDTH};
use super::ports::Ports;
use super::tour::{ConvStop, Tour, norm};
use crate::settings::{HasSettings, Setting, require};
use crate::twin::layer::attention::{WindowAttention, WindowAttentionConfig};
use crate::twin::layer::causal_conv::CausalConvConfig;
use crate::twin::layer::ffn::{Ffn, FfnConfig, FfnKind};
use crate::twin::layer::init::Init;
use crate::twin::layer::norm::{Norm, NormConfig, NormKind};
use crate::twin::layer::stage::{Layer, LayerConfig};
use crate::twin::onnx::attention::Positions as PositionNodes;
use crate::twin::onnx::graph::{Graph, Value};
use crate::twin::ops::activation::{Activation, Nonlinearity};
use crate::twin::ops::attention::{Positions, Turns};
use crate::twin::ops::backend::TwinBackend;
use crate::twin::ops::dropout::dropout;
use crate::twin::weights::host::StateError;

/// The properties that all transformers share.
pub const ABOUT: About = About {
    name: "transformer",
    title: "Transformer",
    spellings: &["transformer"],
    key: "d_model",
    windows_ms: [1280, 2048],
    derived: &[".attn.rope.freqs_"],
};

/// Positions with which the original's constructor tests its transformer: its tables must be at least so long.
const TRIED_POSITIONS: usize = 1024;

/// The original's ways of computing attention; both give the same numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AttentionKind {
    /// One T × T matrix with a mask.
    Full,
    /// Blocks of queries with only the keys that these can see.
    Blocked,
}

/// Configuration of a causal sliding-window transformer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TransformerConfig {
    /// Input and output widths.
    #[serde(flatten)]
    pub ports: Ports,
    /// ms that the first layer sees.
    pub first_layer_temporal_kernel_size: usize,
    /// The norm after the first layer's convolution.
    pub first_norm_type: NormKind,
    /// The nonlinearity after the first layer's norm.
    pub first_nonlinearity_str: Nonlinearity,
    /// The leak of the first layer's nonlinearity.
    pub first_leaky_slope: f64,
    /// Number of channels.
    pub d_model: usize,
    /// Number of attention heads.
    pub n_heads: usize,
    /// Number of blocks.
    pub num_layers: usize,
    /// ms that a query sees, itself included.
    pub window_size: usize,
    /// Longest sequence that the original takes, in ms; our module has no limit.
    pub max_seq_len: usize,
    /// Dropout rate of the attention's weights and of the feed-forward output.
    pub dropout_rate: f64,
    /// The kind of the feed-forward half.
    pub ffn_type: FfnKind,
    /// Width of the feed-forward half; `None`: 8/3 (swiglu) or 4 (gelu) times `d_model`.
    pub ffn_hidden_dim: Option<usize>,
    /// The original's way of computing attention.
    #[serde(rename = "SWA_type")]
    pub swa_type: AttentionKind,
    /// The original's block of queries; it changes no number.
    #[serde(rename = "SWA_block_size")]
    pub swa_block_size: Option<usize>,
    /// Whether the original rotates pairs as complex numbers; it changes no number.
    pub use_complex_number_rope: bool,
    /// The norm inside the blocks: RMSNorm or LayerNorm.
    pub norm_type: NormKind,
}

impl Default for TransformerConfig {
    fn default() -> Self {
        Self {
            ports: Ports::default(),
            first_layer_temporal_kernel_size: 1,
            first_norm_type: NormKind::Rms,
            first_nonlinearity_str: Nonlinearity::LeakyGelu,
            first_leaky_slope: 0.2,
            d_model: 48,
            n_heads: 6,
            num_layers: 5,
            window_size: 48,
            max_seq_len: 8192,
            dropout_rate: 0.0,
            ffn_type: FfnKind::Swiglu,
            ffn_hidden_dim: Some(144),
            swa_type: AttentionKind::Blocked,
            swa_block_size: Some(64),
            use_complex_number_rope: false,
            norm_type: NormKind::Rms,
        }
    }
}

impl TransformerConfig {
    /// Width of the feed-forward half, given or by default.
    pub fn hidden(&self) -> usize {
        self.ffn_hidden_dim.filter(|&h| h > 0).unwrap_or(match self.ffn_type {
            FfnKind::Swiglu => self.d_model * 8 / 3,
            FfnKind::Gelu => self.d_model * 4,
        })
    }
}

impl HasSettings for TransformerConfig {
    fn settings() -> Vec<Setting<Self>> {
        let first = |c: &Self| c.first_layer_temporal_kernel_size;
        let mut all = port_settings();
        all.extend([
            Setting::count("first_layer_temporal_kernel_size", first, KERNEL, "ms"),
            Setting::free("first_norm_type"),
            Setting::free("first_nonlinearity_str"),
            Setting::number("first_leaky_slope", |c: &Self| c.first_leaky_slope, LEAK, ""),
            Setting::other("n_heads", |c| {
                let want = format!("must be a whole number in 1..d_model = {}", c.d_model);
                require((1..=c.d_model).contains(&c.n_heads), c.n_heads, want)
            }),
            Setting::other("d_model", |c| {
                let [least, most] = WIDTH;
                let pairs = c.n_heads.saturating_mul(2);
                let fits = (least..=most).contains(&c.d_model) && c.d_model.is_multiple_of(pairs);
                let want = format!("must be a multiple of 2 · n_heads = {pairs}, at most {most}");
                require(fits, c.d_model, want)
            }),
            Setting::count("num_layers", |c| c.num_layers, DEPTH, ""),
            Setting::count("window_size", |c| c.window_size, KERNEL, "ms"),
            Setting::count("max_seq_len", |c| c.max_seq_len, [1, 1 << 24], "ms"),
            Setting::free("ffn_type"),
            Setting::count("ffn_hidden_dim", Self::hidden, WIDTH, ""),
            Setting::number("dropout_rate", |c| c.dropout_rate, [0.0, 0.999], ""),
            Setting::free("SWA_type"),
            Setting::free("SWA_block_size"),
            Setting::free("use_complex_number_rope"),
            Setting::other("norm_type", |c| {
                let fits = matches!(c.norm_type, NormKind::Rms | NormKind::Layer);
                let want = "must be rms_norm or layer_norm inside a transformer";
                require(fits, c.norm_type.name(), want)
            }),
        ]);
        all
    }
}

impl Architecture for TransformerConfig {
    fn ports(&self) -> &Ports {
        &self.ports
    }

    fn ports_mut(&mut self) -> &mut Ports {
        &mut self.ports
    }

    fn channels(&self) -> usize {
        self.d_model
    }

    fn widest(&self) -> usize {
        self.d_model.max(self.hidden())
    }

    fn norms(&self) -> Vec<NormKind> {
        vec![self.first_norm_type, self.norm_type]
    }

    fn stops(&self, tour: &mut Tour) {
        let (d, wide) = (self.d_model, self.hidden());
        tour.first(&ConvStop {
            rows: self.ports.rows(),
            out: d,
            taps: self.first_layer_temporal_kernel_size,
            dilation: 1,
            norm: self.first_norm_type,
            nonlinearity: self.first_nonlinearity_str,
        });
        let kind = self.norm_type.name();
        let square = d as u64 * d as u64;
        // the number of query-key pairs
        let pairs: u64 = (0..tour.time).map(|t| (t + 1).min(self.window_size) as u64).sum();
        for i in 0..self.num_layers {
            tour.look_back(self.window_size - 1);
            let what = format!("{kind}; {} heads that see {} ms", self.n_heads, self.window_size);
            let parameters = 4 * square + norm(self.norm_type, d);
            let products = tour.each_ms(&[4, d, d]) + 2 * pairs * d as u64;
            tour.add(format!("block {i}, attention"), what, d, parameters, products);
            let (maps, name) = (self.ffn_type.maps(), self.ffn_type.name());
            let what = format!("{kind}; {name}, {wide} wide");
            let parameters = maps as u64 * d as u64 * wide as u64 + norm(self.norm_type, d);
            let products = tour.each_ms(&[maps, d, wide]);
            tour.add(format!("block {i}, feed-forward"), what, d, parameters, products);
        }
        tour.add("last norm".to_owned(), kind.to_owned(), d, norm(self.norm_type, d), 0);
    }

    fn size(&self) -> String {
        format!("{}×{}", self.num_layers, self.d_model)
    }

    fn short_name(&self) -> String {
        let past = match self.swa_type {
            AttentionKind::Full => self.max_seq_len,
            AttentionKind::Blocked => {
                self.first_layer_temporal_kernel_size - 1 + self.num_layers * (self.window_size - 1)
            }
        };
        let (depth, width, heads) = (self.num_layers, self.d_model, self.n_heads);
        format!("Transformer_D_{depth}_W_{width}_H_{heads}_T_{past}")
    }

    fn torch_name(&self, path: &[&str]) -> Option<String> {
        Some(match path {
            ["first", "conv", leaf] => format!("first_conv.temporal_conv.{leaf}"),
            ["first", "norm", leaf] => {
                format!("first_norm.{}", norm_leaf(self.first_norm_type, leaf))
            }
            ["blocks", i, "ffn", rest @ ..] => format!("block{i}.mlp.{}", rest.join(".")),
            ["blocks", i, rest @ ..] => format!("block{i}.{}", rest.join(".")),
            ["final_norm", leaf] => format!("final_norm.{leaf}"),
            _ => return None,
        })
    }

    fn torch_arguments(&self, json: &mut Json) {
        json["max_seq_len"] = self.max_seq_len.max(TRIED_POSITIONS).into();
        json["ffn_hidden_dim"] = self.hidden().into();
        // the original compares this name letter by letter, unlike those of the other norms
        json["norm_type"] = self.norm_type.name().to_lowercase().into();
    }

    /// The cos and sin tables of every layer's rotated pairs, a row for each position.
    fn torch_buffers(&self, root: &str) -> Vec<Buffer> {
        let length = self.max_seq_len.max(TRIED_POSITIONS);
        let pairs = self.d_model / self.n_heads / 2;
        let turns = Turns::new(2 * pairs, length);
        let [cos, sin] = turns.tables().map(|table| -> Vec<f32> {
            let at = |n: usize| table[n % pairs * length + n / pairs];
            (0..length * pairs).map(at).collect()
        });
        let mut buffers = Vec::new();
        for layer in 0..self.num_layers {
            let mut put = |name: &str, storage: &'static str, values: &[f32]| {
                buffers.push(Buffer {
                    name: format!("{root}.block{layer}.attn.rope.{name}"),
                    storage,
                    shape: vec![length, pairs],
                    bytes: values.iter().flat_map(|x| x.to_le_bytes()).collect(),
                });
            };
            if self.use_complex_number_rope {
                let both: Vec<f32> = cos.iter().zip(&sin).flat_map(|(c, s)| [*c, *s]).collect();
                put("freqs_cis", "ComplexFloatStorage", &both);
            } else {
                put("freqs_cos", "FloatStorage", &cos);
                put("freqs_sin", "FloatStorage", &sin);
            }
        }
        buffers
    }

    fn nodes(
        &self,
        g: &mut Graph<'_>,
        _derived: &[Vec<f32>],
        x: &Value,
    ) -> Result<Value, StateError> {
        let activation = Activation::new(self.first_nonlinearity_str, self.first_leaky_slope);
        let first = [self.first_layer_temporal_kernel_size, 1];
        let root = "backbone.transformer";
        let (norm, eps) = (self.norm_type, self.norm_type.torch_eps());
        let path = format!("{root}.first");
        let mut x = g.layer(x, &path, first, self.first_norm_type, &activation)?;
        let d_head = self.d_model / self.n_heads;
        let positions = PositionNodes::nodes(g, [self.n_heads, d_head, self.window_size], &x);
        for i in 0..self.num_layers {
            let block = format!("{root}.blocks.{i}");
            let y = g.norm(&x, &format!("{block}.ln1"), norm, eps, 3)?;
            let y = positions.attention(g, &y, &format!("{block}.attn"))?;
            x = g.both("Add", &x, &y);
            let y = g.norm(&x, &format!("{block}.ln2"), norm, eps, 3)?;
            let y = g.feed_forward(&y, &format!("{block}.ffn"), self.ffn_type)?;
            x = g.both("Add", &x, &y);
        }
        g.norm(&x, &format!("{root}.final_norm"), norm, eps, 3)
    }
}

/// The backbone of a transformer: first layer, blocks and the last norm.
#[derive(Module, Debug)]
pub struct Transformer<B: Backend> {
    first: Layer<B>,
    blocks: Vec<TransformerBlock<B>>,
    final_norm: Norm<B>,
    d_head: usize,
    window: usize,
}

/// A block: x + attention(norm(x)), then x + ffn(norm(x)).
#[derive(Module, Debug)]
pub struct TransformerBlock<B: Backend> {
    ln1: Norm<B>,
    attn: WindowAttention<B>,
    ln2: Norm<B>,
    ffn: Ffn<B>,
    dropout: f64,
}

impl TransformerConfig {
    /// Draws the backbone's weights.
    pub fn init<B: Backend>(&self, init: &mut Init<'_, B>) -> Transformer<B> {
        let first = LayerConfig {
            conv: CausalConvConfig {
                in_channels: self.ports.in_channels,
                spatial: self.ports.in_spatial_dim,
                out_channels: self.d_model,
                kernel_size: self.first_layer_temporal_kernel_size,
                dilation: 1,
            },
            norm: self.first_norm_type,
            activation: Activation::new(self.first_nonlinearity_str, self.first_leaky_slope),
        };
        let kind = self.norm_type;
        let norm = NormConfig { kind, channels: self.d_model, eps: kind.torch_eps() };
        let attention = WindowAttentionConfig {
            d_model: self.d_model,
            n_heads: self.n_heads,
            window: self.window_size,
            dropout: self.dropout_rate,
        };
        let ffn = FfnConfig { kind: self.ffn_type, narrow: self.d_model, wide: self.hidden() };
        let first = first.init(init);
        let blocks = (0..self.num_layers).map(|_| TransformerBlock {
            ln1: norm.init(init),
            attn: attention.init(init),
            ln2: norm.init(init),
            ffn: ffn.init(init),
            dropout: self.dropout_rate,
        });
        Transformer {
            first,
            blocks: blocks.collect(),
            final_norm: norm.init(init),
            d_head: self.d_model / self.n_heads,
            window: self.window_size,
        }
    }
}

impl<B: TwinBackend> Features<B> for Transformer<B> {
    fn forward(&self, x: Tensor<B, 3>) -> Tensor<B, 3> {
        let x = self.first.forward(x);
        let positions = Positions::new(x.dims()[2], self.d_head, self.window);
        let x = self.blocks.iter().fold(x, |x, block| block.forward(x, &positions));
        self.final_norm.forward(x, 1)
    }

    fn first_weight(&self) -> Option<Tensor<B, 4>> {
        Some(self.first.conv.weight.val())
    }
}

impl<B: TwinBackend> TransformerBlock<B> {
    /// # Shapes
    /// - x: `[batch, d_model, time]`
    /// - output: `[batch, d_model, time]`
    pub fn forward(&self, x: Tensor<B, 3>, positions: &Positions<B>) -> Tensor<B, 3> {
        let x = x.clone() + self.attn.forward(self.ln1.forward(x, 1), positions);
        x.clone() + dropout(self.ffn.forward(self.ln2.forward(x, 1)), self.dropout)
    }
}
