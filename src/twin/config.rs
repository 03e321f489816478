//! What a twin is made of, under the original's key names.

use serde::{Deserialize, Serialize};

use super::layer::norm::NormKind;
use super::ops::activation::Nonlinearity;
use crate::text;
use crate::text::count;

/// A configuration that no twin can have.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// One value is out of its range.
    #[error("{key} is {value}: it must be {want}")]
    Value {
        /// The key, as written in the file.
        key: &'static str,
        /// The value found.
        value: String,
        /// What would do.
        want: String,
    },
    /// A list per block has another length than the others.
    #[error("{key} has {}, but {other} has {want}: one is needed for each block", count(*found, "entry"))]
    BlockLists {
        /// The list.
        key: &'static str,
        /// Its length.
        found: usize,
        /// The list compared with.
        other: &'static str,
        /// Its length.
        want: usize,
    },
    /// The name of the class is not one of the four.
    #[error(
        "there is no twin {0:?}; there are tcn, resnet_tcn, elm and transformer \
         (or the original's class names, SingleNeuronTwinModel_TCN and so on)"
    )]
    Class(String),
    /// Every value is possible, but not all together.
    #[error("a twin of {0:.1e} parameters is too large: at most {MOST_PARAMETERS:.0e} fit")]
    TooLarge(f64),
    /// The text is not JSON of the expected form.
    #[error("not a twin's configuration: {0}")]
    Json(#[from] serde_json::Error),
    /// Text that is no JSON, or has a key twice.
    #[error("not JSON: {0}")]
    Syntax(String),
    /// A value of the wrong type.
    #[error("not a twin's configuration: {0}")]
    Type(String),
    /// The keys are those of no architecture.
    #[error(
        "cannot tell which twin this configuration is for: it has none of \
         num_layers_per_block_list (TCN), num_miniblocks_per_block_list (ResNetTCN), \
         memory_dim (ELM) and d_model (Transformer), and no \"class\""
    )]
    Unknown,
}

/// Which of the four architectures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TwinKind {
    /// Temporal convolutional network.
    #[serde(rename = "SingleNeuronTwinModel_TCN")]
    Tcn,
    /// Temporal convolutional network with shortcuts.
    #[serde(rename = "SingleNeuronTwinModel_ResNetTCN")]
    ResNetTcn,
    /// Expressive leaky memory neuron.
    #[serde(rename = "SingleNeuronTwinModel_ELM")]
    Elm,
    /// Causal sliding-window transformer.
    #[serde(rename = "SingleNeuronTwinModel_Transformer")]
    Transformer,
}

impl TwinKind {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Tcn, Self::ResNetTcn, Self::Elm, Self::Transformer];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcn => "tcn",
            Self::ResNetTcn => "resnet_tcn",
            Self::Elm => "elm",
            Self::Transformer => "transformer",
        }
    }
}

impl std::str::FromStr for TwinKind {
    type Err = ConfigError;

    fn from_str(s: &str) -> Result<Self, ConfigError> {
        let key = s.to_lowercase().replace(['-', '_', ' '], "");
        match key.strip_prefix("singleneurontwinmodel").unwrap_or(&key) {
            "tcn" => Ok(Self::Tcn),
            "resnettcn" | "tcnresnet" => Ok(Self::ResNetTcn),
            "elm" => Ok(Self::Elm),
            "transformer" => Ok(Self::Transformer),
            _ => Err(ConfigError::Class(s.to_owned())),
        }
    }
}

/// A twin's input and output widths, the same for all four.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ports {
    /// Excitation and inhibition.
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

    fn check(&self) -> Result<(), ConfigError> {
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

/// Temporal convolutional network: blocks of causal convolutions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TcnConfig {
    /// Input and output widths.
    #[serde(flatten)]
    pub ports: Ports,
    /// ms that the first layer sees.
    pub first_layer_temporal_kernel_size: usize,
    /// Layers in each block.
    pub num_layers_per_block_list: Vec<usize>,
    /// Channels of each block.
    pub num_features_per_block_list: Vec<usize>,
    /// Taps of each block's convolutions.
    pub temporal_kernel_size_per_block_list: Vec<usize>,
    /// ms between taps.
    pub temporal_dilation_per_block_list: Vec<usize>,
    /// After each norm.
    pub nonlinearity_str: Nonlinearity,
    /// The nonlinearity's leak.
    pub leaky_slope: f64,
    /// After each convolution.
    pub norm_type: NormKind,
}

impl Default for TcnConfig {
    fn default() -> Self {
        Self {
            ports: Ports::default(),
            first_layer_temporal_kernel_size: 51,
            num_layers_per_block_list: vec![4],
            num_features_per_block_list: vec![48],
            temporal_kernel_size_per_block_list: vec![51],
            temporal_dilation_per_block_list: vec![1],
            nonlinearity_str: Nonlinearity::LeakyGelu,
            leaky_slope: 0.15,
            norm_type: NormKind::Rms,
        }
    }
}

impl TcnConfig {
    /// One of the class assignment's five, A to E: one block, dilation 1.
    pub fn assignment(letter: char, segments: usize) -> Option<Self> {
        let (depth, width, taps) = match letter.to_ascii_uppercase() {
            'A' => (1, 8, 91),
            'B' => (2, 16, 61),
            'C' => (4, 32, 41),
            'D' => (7, 64, 31),
            'E' => (7, 64, 11),
            _ => return None,
        };
        Some(Self {
            ports: Ports { in_spatial_dim: segments, ..Ports::default() },
            first_layer_temporal_kernel_size: taps,
            num_layers_per_block_list: vec![depth],
            num_features_per_block_list: vec![width],
            temporal_kernel_size_per_block_list: vec![taps],
            ..Self::default()
        })
    }
}

/// TCN whose layers come in pairs with a shortcut around them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResNetTcnConfig {
    /// Input and output widths.
    #[serde(flatten)]
    pub ports: Ports,
    /// ms that the first layer sees.
    pub first_layer_temporal_kernel_size: usize,
    /// Pairs of layers in each block.
    pub num_miniblocks_per_block_list: Vec<usize>,
    /// Channels of each block.
    pub num_features_per_block_list: Vec<usize>,
    /// Taps of each block's convolutions.
    pub temporal_kernel_size_per_block_list: Vec<usize>,
    /// ms between taps.
    pub temporal_dilation_per_block_list: Vec<usize>,
    /// After each norm.
    pub nonlinearity_str: Nonlinearity,
    /// The nonlinearity's leak.
    pub leaky_slope: f64,
    /// After each convolution.
    pub norm_type: NormKind,
}

impl Default for ResNetTcnConfig {
    fn default() -> Self {
        Self {
            ports: Ports::default(),
            first_layer_temporal_kernel_size: 9,
            num_miniblocks_per_block_list: vec![15],
            num_features_per_block_list: vec![48],
            temporal_kernel_size_per_block_list: vec![9],
            temporal_dilation_per_block_list: vec![1],
            nonlinearity_str: Nonlinearity::LeakyGelu,
            leaky_slope: 0.15,
            norm_type: NormKind::Rms,
        }
    }
}

/// Expressive leaky memory neuron (Spieler et al. 2023, arXiv 2306.16922).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ElmConfig {
    /// Input and output widths.
    #[serde(flatten)]
    pub ports: Ports,
    /// Memory units.
    pub memory_dim: usize,
    /// Hidden layers of the MLP that updates the memory.
    pub mlp_num_hidden_layers: usize,
    /// Their width; left out, twice the memory.
    pub mlp_hidden_dim: Option<usize>,
    /// After each hidden layer.
    pub mlp_nonlinearity_str: Nonlinearity,
    /// Its leak.
    pub mlp_leaky_slope: f64,
    /// Before the MLP.
    pub mlp_pre_norm_type: NormKind,
    /// φ, on the MLP's output.
    pub post_mlp_nonlinearity_str: Nonlinearity,
    /// Its leak.
    pub post_mlp_leaky_slope: f64,
    /// λ, how strongly the memory is driven.
    pub lambda_value: f64,
    /// τ_s, ms.
    pub synapse_tau_value: f64,
    /// Lower bound of τ_m, ms.
    pub memory_tau_min: f64,
    /// Upper bound of τ_m, ms.
    pub memory_tau_max: f64,
    /// Whether τ_m is trained.
    pub learn_memory_tau: bool,
    /// w_s at the start.
    pub w_s_value: f64,
    /// Δt, ms.
    pub delta_t: f64,
}

impl Default for ElmConfig {
    fn default() -> Self {
        Self {
            ports: Ports::default(),
            memory_dim: 64,
            mlp_num_hidden_layers: 1,
            mlp_hidden_dim: None,
            mlp_nonlinearity_str: Nonlinearity::LeakyGelu,
            mlp_leaky_slope: 0.2,
            mlp_pre_norm_type: NormKind::Rms,
            post_mlp_nonlinearity_str: Nonlinearity::LeakyTanh,
            post_mlp_leaky_slope: 0.2,
            lambda_value: 2.0,
            synapse_tau_value: 3.0,
            memory_tau_min: 2.0,
            memory_tau_max: 40.0,
            learn_memory_tau: true,
            w_s_value: 0.5,
            delta_t: 1.0,
        }
    }
}

impl ElmConfig {
    /// Width of the hidden layers.
    pub fn hidden(&self) -> usize {
        // the original reads 0 as "left out"
        self.mlp_hidden_dim.filter(|&h| h > 0).unwrap_or(2 * self.memory_dim)
    }
}

/// The feed-forward half of a transformer block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FfnKind {
    /// w3(silu(w1 x)·w2 x).
    Swiglu,
    /// w2 gelu(w1 x).
    Gelu,
}

/// How the original computes its attention; both give the same numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AttentionKind {
    /// One T × T matrix with a mask.
    Full,
    /// Blocks of queries with the keys that they can see.
    Blocked,
}

/// Causal sliding-window transformer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TransformerConfig {
    /// Input and output widths.
    #[serde(flatten)]
    pub ports: Ports,
    /// ms that the first layer sees.
    pub first_layer_temporal_kernel_size: usize,
    /// After the first layer's convolution.
    pub first_norm_type: NormKind,
    /// After that norm.
    pub first_nonlinearity_str: Nonlinearity,
    /// Its leak.
    pub first_leaky_slope: f64,
    /// Channels.
    pub d_model: usize,
    /// Attention heads.
    pub n_heads: usize,
    /// Blocks.
    pub num_layers: usize,
    /// ms that a query sees, itself included.
    pub window_size: usize,
    /// Longest sequence of the original; ours has no limit.
    pub max_seq_len: usize,
    /// On the attention's weights and on the feed-forward output.
    pub dropout_rate: f64,
    /// The feed-forward half.
    pub ffn_type: FfnKind,
    /// Its width; left out, 8/3 (swiglu) or 4 (gelu) times `d_model`.
    pub ffn_hidden_dim: Option<usize>,
    /// How the original computes the attention.
    #[serde(rename = "SWA_type")]
    pub swa_type: AttentionKind,
    /// The original's block of queries; changes no number.
    #[serde(rename = "SWA_block_size")]
    pub swa_block_size: Option<usize>,
    /// How the original turns its pairs; changes no number.
    pub use_complex_number_rope: bool,
    /// Norm inside the blocks: RMSNorm or LayerNorm.
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
    /// Width of the feed-forward half.
    pub fn hidden(&self) -> usize {
        self.ffn_hidden_dim.filter(|&h| h > 0).unwrap_or(match self.ffn_type {
            FfnKind::Swiglu => self.d_model * 8 / 3,
            FfnKind::Gelu => self.d_model * 4,
        })
    }
}

/// A twin of any of the four kinds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "class", content = "config")]
pub enum TwinConfig {
    /// Temporal convolutional network.
    #[serde(rename = "SingleNeuronTwinModel_TCN")]
    Tcn(TcnConfig),
    /// Temporal convolutional network with shortcuts.
    #[serde(rename = "SingleNeuronTwinModel_ResNetTCN")]
    ResNetTcn(ResNetTcnConfig),
    /// Expressive leaky memory neuron.
    #[serde(rename = "SingleNeuronTwinModel_ELM")]
    Elm(ElmConfig),
    /// Causal sliding-window transformer.
    #[serde(rename = "SingleNeuronTwinModel_Transformer")]
    Transformer(TransformerConfig),
}

/// Keys of the original's files that say nothing about the architecture.
const FOREIGN_KEYS: [&str; 18] = [
    "bottleneck_dim_per_block_list",
    "compile_recurrent_step",
    "head_prefix_names",
    "head_convert_out_ch_to_sp",
    "head_spatial_kernel_sizes",
    "X_scale",
    "V_bias_soma",
    "V_scale_soma",
    "V_clip_soma_min",
    "V_clip_soma_max",
    "V_bias_dend",
    "V_scale_dend",
    "V_clip_dend_min",
    "V_clip_dend_max",
    "y_inst_rate_multiplier",
    "metadata",
    "model_state_dict",
    "class",
];

impl TwinConfig {
    /// The seed's defaults for a kind of twin.
    pub fn default_of(kind: TwinKind) -> Self {
        match kind {
            TwinKind::Tcn => Self::Tcn(TcnConfig::default()),
            TwinKind::ResNetTcn => Self::ResNetTcn(ResNetTcnConfig::default()),
            TwinKind::Elm => Self::Elm(ElmConfig::default()),
            TwinKind::Transformer => Self::Transformer(TransformerConfig::default()),
        }
    }

    /// Reads a configuration, either `{"class": …, "config": {…}}` or the keys alone, whose twin
    /// is `kind` or told by the keys. Keys left out have the seed's defaults.
    ///
    /// # Errors
    /// If the text is not JSON, a key is unknown, or a value impossible.
    pub fn from_json(text: &str, kind: Option<TwinKind>) -> Result<Self, ConfigError> {
        Self::from_value(text::json(text).map_err(ConfigError::Syntax)?, kind)
    }

    /// As [`Self::from_json`], from JSON that is already parsed.
    ///
    /// # Errors
    /// As [`Self::from_json`].
    pub fn from_value(
        mut value: serde_json::Value,
        kind: Option<TwinKind>,
    ) -> Result<Self, ConfigError> {
        let class = match value.get("class").and_then(|c| c.as_str()) {
            Some(class) => Some(class.parse()?),
            None => None,
        };
        if let Some(inner) = value.get_mut("config") {
            value = inner.take();
        }
        let has = |key: &str| value.get(key).is_some();
        let kind = match class.or(kind) {
            Some(kind) => kind,
            None if has("d_model") => TwinKind::Transformer,
            None if has("memory_dim") => TwinKind::Elm,
            None if has("num_miniblocks_per_block_list") => TwinKind::ResNetTcn,
            None if has("num_layers_per_block_list") => TwinKind::Tcn,
            None => return Err(ConfigError::Unknown),
        };
        heads_as_ours(&value)?;
        if let Some(map) = value.as_object_mut() {
            map.retain(|key, _| !FOREIGN_KEYS.contains(&key.as_str()));
        }
        let config = match kind {
            TwinKind::Tcn => Self::Tcn(strict(value)?),
            TwinKind::ResNetTcn => Self::ResNetTcn(strict(value)?),
            TwinKind::Elm => Self::Elm(strict(value)?),
            TwinKind::Transformer => Self::Transformer(strict(value)?),
        };
        config.check()?;
        Ok(config)
    }

    /// Which of the four.
    pub fn kind(&self) -> TwinKind {
        match self {
            Self::Tcn(_) => TwinKind::Tcn,
            Self::ResNetTcn(_) => TwinKind::ResNetTcn,
            Self::Elm(_) => TwinKind::Elm,
            Self::Transformer(_) => TwinKind::Transformer,
        }
    }

    /// Input and output widths.
    pub fn ports(&self) -> &Ports {
        match self {
            Self::Tcn(c) => &c.ports,
            Self::ResNetTcn(c) => &c.ports,
            Self::Elm(c) => &c.ports,
            Self::Transformer(c) => &c.ports,
        }
    }

    /// Whether the output of one window depends on the others of its batch, as that of a batch norm does in training.
    pub fn mixes_windows(&self) -> bool {
        let mixes = |norm: &NormKind| matches!(norm, NormKind::Batch | NormKind::BatchB);
        match self {
            Self::Tcn(c) => mixes(&c.norm_type),
            Self::ResNetTcn(c) => mixes(&c.norm_type),
            Self::Elm(c) => mixes(&c.mlp_pre_norm_type),
            Self::Transformer(c) => mixes(&c.first_norm_type) || mixes(&c.norm_type),
        }
    }

    /// The same twin for a neuron of `segments` segments.
    pub fn with_segments(mut self, segments: usize) -> Self {
        let ports = match &mut self {
            Self::Tcn(c) => &mut c.ports,
            Self::ResNetTcn(c) => &mut c.ports,
            Self::Elm(c) => &mut c.ports,
            Self::Transformer(c) => &mut c.ports,
        };
        ports.in_spatial_dim = segments;
        ports.head_out_channels = None;
        self
    }

    /// Whether a twin can be made so.
    ///
    /// # Errors
    /// Names the first key whose value is impossible.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.ports().check()?;
        self.check_values()?;
        let count = self.num_parameters() as f64;
        if count > MOST_PARAMETERS { Err(ConfigError::TooLarge(count)) } else { Ok(()) }
    }

    fn check_values(&self) -> Result<(), ConfigError> {
        match self {
            Self::Tcn(c) => {
                size(
                    "first_layer_temporal_kernel_size",
                    c.first_layer_temporal_kernel_size,
                    KERNEL,
                )?;
                blocks(
                    ("num_layers_per_block_list", &c.num_layers_per_block_list),
                    &c.num_features_per_block_list,
                    &c.temporal_kernel_size_per_block_list,
                    &c.temporal_dilation_per_block_list,
                )?;
                leak("leaky_slope", c.leaky_slope)
            }
            Self::ResNetTcn(c) => {
                size(
                    "first_layer_temporal_kernel_size",
                    c.first_layer_temporal_kernel_size,
                    KERNEL,
                )?;
                blocks(
                    ("num_miniblocks_per_block_list", &c.num_miniblocks_per_block_list),
                    &c.num_features_per_block_list,
                    &c.temporal_kernel_size_per_block_list,
                    &c.temporal_dilation_per_block_list,
                )?;
                leak("leaky_slope", c.leaky_slope)
            }
            Self::Elm(c) => c.check(),
            Self::Transformer(c) => c.check(),
        }
    }
}

/// Requires the original's keys about the heads to be as all its twins have them: ours have no others.
///
/// # Errors
/// Names the key that differs.
pub(super) fn heads_as_ours(json: &serde_json::Value) -> Result<(), ConfigError> {
    use serde_json::json;
    let ones = json!([1, 1, 1, 1, 1]);
    let wanted: [(&'static str, [serde_json::Value; 2]); 3] = [
        ("head_spatial_kernel_sizes", [serde_json::Value::Null, ones]),
        ("head_convert_out_ch_to_sp", [json!([false, false, false, false, false]), json!(null)]),
        ("head_prefix_names", [json!(super::heads::HEADS), json!(null)]),
    ];
    for (key, [only, or]) in wanted {
        if let Some(value) = json.get(key).filter(|value| **value != only && **value != or) {
            let want = format!("{only}, as in all of the original's twins, or left out");
            return Err(ConfigError::Value { key, value: value.to_string(), want });
        }
    }
    Ok(())
}

/// Parameters of a twin at most, 4 GB of them.
const MOST_PARAMETERS: f64 = 1e9;

const KERNEL: usize = 65_536;
const WIDTH: usize = 65_536;

fn strict<T: serde::de::DeserializeOwned + Serialize + Default>(
    value: serde_json::Value,
) -> Result<T, ConfigError> {
    // serde cannot deny unknown fields beside `flatten`, so the keys are compared with those
    // that the default writes
    let known = serde_json::to_value(T::default())?;
    let known: Vec<&String> = known.as_object().map(|map| map.keys().collect()).unwrap_or_default();
    if let Some(map) = value.as_object() {
        for key in map.keys().filter(|key| *key != "head_out_channels") {
            if !known.contains(&key) {
                let near = known
                    .iter()
                    .map(|k| (strsim::jaro_winkler(k, key), k))
                    .max_by(|a, b| a.0.total_cmp(&b.0));
                let hint = near.filter(|(score, _)| *score > 0.8);
                return Err(ConfigError::Value {
                    key: "a key",
                    value: format!("{key:?}"),
                    want: match hint {
                        Some((_, k)) => format!("one of this twin's; did you mean {k:?}?"),
                        None => format!("one of this twin's: {known:?}"),
                    },
                });
            }
        }
    }
    text::from_value(value).map_err(ConfigError::Type)
}

fn size(key: &'static str, value: usize, max: usize) -> Result<(), ConfigError> {
    if (1..=max).contains(&value) {
        return Ok(());
    }
    Err(ConfigError::Value { key, value: value.to_string(), want: format!("from 1 to {max}") })
}

fn leak(key: &'static str, value: f64) -> Result<(), ConfigError> {
    range(key, value, 0.0, 10.0)
}

fn range(key: &'static str, value: f64, lo: f64, hi: f64) -> Result<(), ConfigError> {
    if value >= lo && value <= hi {
        return Ok(());
    }
    Err(ConfigError::Value { key, value: value.to_string(), want: format!("from {lo} to {hi}") })
}

fn blocks(
    (count_key, counts): (&'static str, &[usize]),
    features: &[usize],
    kernels: &[usize],
    dilations: &[usize],
) -> Result<(), ConfigError> {
    size(count_key, counts.len(), 1024)?;
    let lists = [
        ("num_features_per_block_list", features, WIDTH),
        ("temporal_kernel_size_per_block_list", kernels, KERNEL),
        ("temporal_dilation_per_block_list", dilations, KERNEL),
    ];
    for &n in counts {
        size(count_key, n, 1024)?;
    }
    size(count_key, counts.iter().sum(), 1024)?;
    for (key, list, max) in lists {
        if list.len() != counts.len() {
            let (found, want) = (list.len(), counts.len());
            return Err(ConfigError::BlockLists { key, found, other: count_key, want });
        }
        for &n in list {
            size(key, n, max)?;
        }
    }
    Ok(())
}

impl ElmConfig {
    fn check(&self) -> Result<(), ConfigError> {
        size("memory_dim", self.memory_dim, WIDTH)?;
        size("mlp_hidden_dim", self.hidden(), WIDTH)?;
        if self.mlp_num_hidden_layers > 64 {
            size("mlp_num_hidden_layers", self.mlp_num_hidden_layers, 64)?;
        }
        leak("mlp_leaky_slope", self.mlp_leaky_slope)?;
        leak("post_mlp_leaky_slope", self.post_mlp_leaky_slope)?;
        range("synapse_tau_value", self.synapse_tau_value, 1e-6, 1e6)?;
        range("memory_tau_min", self.memory_tau_min, 1e-6, 1e6)?;
        range("memory_tau_max", self.memory_tau_max, self.memory_tau_min + 1e-4, 1e9)?;
        range("delta_t", self.delta_t, 1e-6, 1e6)?;
        range("lambda_value", self.lambda_value, -1e6, 1e6)?;
        range("w_s_value", self.w_s_value, -1e6, 1e6)?;
        if self.mlp_pre_norm_type == NormKind::BatchB {
            return Err(ConfigError::Value {
                key: "mlp_pre_norm_type",
                value: "\"BatchNorm_B\"".into(),
                want: "RMSNorm, LayerNorm, BatchNorm or none".into(),
            });
        }
        Ok(())
    }
}

impl TransformerConfig {
    fn check(&self) -> Result<(), ConfigError> {
        size("first_layer_temporal_kernel_size", self.first_layer_temporal_kernel_size, KERNEL)?;
        leak("first_leaky_slope", self.first_leaky_slope)?;
        size("d_model", self.d_model, WIDTH)?;
        size("n_heads", self.n_heads, self.d_model)?;
        if !self.d_model.is_multiple_of(2 * self.n_heads) {
            return Err(ConfigError::Value {
                key: "d_model",
                value: self.d_model.to_string(),
                want: format!("a multiple of 2 · n_heads = {}", 2 * self.n_heads),
            });
        }
        size("num_layers", self.num_layers, 1024)?;
        size("window_size", self.window_size, KERNEL)?;
        size("max_seq_len", self.max_seq_len, 1 << 24)?;
        size("ffn_hidden_dim", self.hidden(), WIDTH)?;
        range("dropout_rate", self.dropout_rate, 0.0, 0.999)?;
        if !matches!(self.norm_type, NormKind::Rms | NormKind::Layer) {
            return Err(ConfigError::Value {
                key: "norm_type",
                value: format!("{:?}", self.norm_type.name()),
                want: "rms_norm or layer_norm inside a transformer".into(),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_checked() {
        let wrong = r#"{"num_layer_per_block_list": [2]}"#;
        let message = TwinConfig::from_json(wrong, Some(TwinKind::Tcn)).unwrap_err().to_string();
        assert!(message.contains("did you mean \"num_layers_per_block_list\""), "{message}");
        let lists = r#"{"num_layers_per_block_list": [2, 2]}"#;
        assert!(matches!(
            TwinConfig::from_json(lists, None),
            Err(ConfigError::BlockLists { found: 1, want: 2, .. })
        ));
        let heads = r#"{"d_model": 30, "n_heads": 4}"#;
        assert!(TwinConfig::from_json(heads, None).is_err());
    }

    #[test]
    fn heads_that_ours_cannot_have_are_refused() {
        let read =
            |keys: &str| TwinConfig::from_json(&format!("{{\"memory_dim\": 4, {keys}}}"), None);
        for same in [
            r#""head_spatial_kernel_sizes": null"#,
            r#""head_spatial_kernel_sizes": [1, 1, 1, 1, 1]"#,
            r#""head_convert_out_ch_to_sp": [false, false, false, false, false]"#,
            r#""head_prefix_names": ["spikes", "soma", "near_spike", "inst_rate", "dend_v"]"#,
        ] {
            assert!(read(same).is_ok(), "{same}");
        }
        for (other, key) in [
            (r#""head_spatial_kernel_sizes": [1, 1, 1, 1, 3]"#, "head_spatial_kernel_sizes"),
            (
                r#""head_convert_out_ch_to_sp": [false, false, false, false, true]"#,
                "head_convert_out_ch_to_sp",
            ),
            (r#""head_prefix_names": ["spikes", "soma"]"#, "head_prefix_names"),
        ] {
            let message = read(other).unwrap_err().to_string();
            assert!(message.contains(key), "{message}");
        }
    }

    #[test]
    fn both_forms_read_alike() {
        let keys = r#"{"memory_dim": 16, "w_s_value": 0.25}"#;
        let a = TwinConfig::from_json(keys, None).unwrap();
        let whole = serde_json::to_string(&a).unwrap();
        assert_eq!(a, TwinConfig::from_json(&whole, None).unwrap());
    }
}
