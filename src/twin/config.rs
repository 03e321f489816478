//! The reader of twins' configurations, under the original's keys.

use super::arch::check::MOST_PARAMETERS;
use super::layer::norm::NormKind;
use crate::settings::{self, SettingError};
use crate::text;

pub use super::arch::elm::ElmConfig;
pub use super::arch::resnet_tcn::ResNetTcnConfig;
pub use super::arch::tcn::TcnConfig;
pub use super::arch::transformer::{AttentionKind, TransformerConfig};
pub use super::arch::{About, Architecture, ConfigError, Ports, TwinConfig, TwinKind};
pub use super::layer::ffn::FfnKind;

/// The beginning of the original's class names.
const CLASS: &str = "SingleNeuronTwinModel_";

impl TwinKind {
    /// The architecture's name on the command line.
    pub fn name(self) -> &'static str {
        self.about().name
    }
}

impl std::str::FromStr for TwinKind {
    type Err = ConfigError;

    /// Takes the name on the command line or the original's class name, in any case and with any separators.
    fn from_str(s: &str) -> Result<Self, ConfigError> {
        let key = s.to_lowercase().replace(['-', '_', ' '], "");
        let key = key.strip_prefix("singleneurontwinmodel").unwrap_or(&key);
        let known = || listed(Self::ALL.map(|kind| kind.name().to_owned()).into());
        Self::ALL
            .into_iter()
            .find(|kind| kind.about().spellings.contains(&key))
            .ok_or_else(|| ConfigError::Class { name: s.to_owned(), known: known() })
    }
}

/// The key by which each architecture's configuration is recognised, with its class, in words.
fn keys_of_all() -> String {
    let key_of = |kind: TwinKind| {
        let class = kind.class();
        format!("{} ({})", kind.about().key, class.strip_prefix(CLASS).unwrap_or(class))
    };
    listed(TwinKind::ALL.map(key_of).into())
}

/// Items in words: `a, b and c`.
fn listed(mut items: Vec<String>) -> String {
    let last = items.pop().unwrap_or_default();
    if items.is_empty() { last } else { format!("{} and {last}", items.join(", ")) }
}

/// Keys of the original's files that do not describe the architecture.
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
    /// The letter in the class assignment; `None` where the twin is none of its five.
    pub fn letter(&self) -> Option<char> {
        let Self::Tcn(tcn) = self else { return None };
        let segments = tcn.ports.in_spatial_dim;
        ('A'..='E').find(|letter| TcnConfig::assignment(*letter, segments).as_ref() == Some(tcn))
    }

    /// The twin's name in lists: `TCN C`, `TCN 2×16`, `ELM 24`.
    pub fn label(&self) -> String {
        let size = self.letter().map_or_else(|| self.architecture().size(), String::from);
        format!("{} {size}", self.kind().about().title)
    }

    /// Reads a configuration: either `{"class": …, "config": {…}}`, or the keys alone, for the architecture `kind` or,
    /// without it, the one that a key identifies. Keys left out have the original's defaults.
    ///
    /// # Errors
    /// [`ConfigError`]: the text is not JSON, a key is unknown, or a value impossible.
    pub fn from_json(text: &str, kind: Option<TwinKind>) -> Result<Self, ConfigError> {
        Self::from_value(text::json(text).map_err(SettingError::Syntax)?, kind)
    }

    /// [`Self::from_json`] for JSON that is parsed already.
    ///
    /// # Errors
    /// The errors of [`Self::from_json`].
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
        let kind = match class.or(kind) {
            Some(kind) => kind,
            // the later architectures of the list first: a key of theirs decides
            None => TwinKind::ALL
                .into_iter()
                .rev()
                .find(|kind| value.get(kind.about().key).is_some())
                .ok_or_else(|| ConfigError::Unknown(keys_of_all()))?,
        };
        heads_as_ours(&value)?;
        let mut keys = settings::object_of(value)?;
        keys.retain(|key, _| !FOREIGN_KEYS.contains(&key.as_str()));
        let config = Self::of_keys(kind, keys)?;
        config.check()?;
        Ok(config)
    }

    /// Input and output widths.
    pub fn ports(&self) -> &Ports {
        self.architecture().ports()
    }

    /// Whether the output for one window depends on the others of its batch, as it does in training with a batch norm.
    pub fn mixes_windows(&self) -> bool {
        let norms = self.architecture().norms();
        norms.iter().any(|norm| matches!(norm, NormKind::Batch | NormKind::BatchB))
    }

    /// The same twin for a neuron of `segments` segments.
    #[must_use]
    pub fn with_segments(mut self, segments: usize) -> Self {
        let ports = self.architecture_mut().ports_mut();
        ports.in_spatial_dim = segments;
        ports.head_out_channels = None;
        self
    }

    /// Checks that a twin of this configuration can be made.
    ///
    /// # Errors
    /// [`ConfigError`] names the first key whose value is impossible.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.check_settings()?;
        let count = self.num_parameters() as f64;
        if count > MOST_PARAMETERS { Err(ConfigError::TooLarge(count)) } else { Ok(()) }
    }

    /// The original's name for a twin of this many parameters, such as
    /// `TCN_D_5_W_32_T_201_params_190K`.
    pub fn short_name(&self, num_params: usize) -> String {
        let name = self.architecture().short_name();
        if num_params < 10_000_000 {
            format!("{name}_params_{:.0}K", num_params as f64 / 1e3)
        } else {
            format!("{name}_params_{:.0}M", num_params as f64 / 1e6)
        }
    }
}

/// Requires the original's keys about the heads to have the values that all its twins have, since our twins have no
/// others.
///
/// # Errors
/// [`SettingError`] names the key that differs.
pub(super) fn heads_as_ours(json: &serde_json::Value) -> Result<(), SettingError> {
    use serde_json::json;
    let ones = json!([1, 1, 1, 1, 1]);
    let wanted: [(&'static str, [serde_json::Value; 2]); 3] = [
        ("head_spatial_kernel_sizes", [serde_json::Value::Null, ones]),
        ("head_convert_out_ch_to_sp", [json!([false, false, false, false, false]), json!(null)]),
        ("head_prefix_names", [json!(super::heads::HEADS), json!(null)]),
    ];
    for (key, [only, or]) in wanted {
        if let Some(value) = json.get(key).filter(|value| **value != only && **value != or) {
            let must = format!("must be {only}, as in all of the original's twins, or left out");
            return Err(SettingError::range(key, value.to_string(), must));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::HasSettings;

    #[test]
    fn names_in_lists_are_short() {
        let tcn = |letter| TwinConfig::Tcn(TcnConfig::assignment(letter, 8).unwrap());
        assert_eq!([tcn('A').label(), tcn('E').label()], ["TCN A", "TCN E"]);
        for kind in TwinKind::ALL {
            let name = TwinConfig::default_of(kind).label();
            let short = name.chars().count() <= 20;
            assert!(short && name.ends_with(|c: char| c.is_ascii_digit()), "{name}");
        }
    }

    #[test]
    fn keys_are_checked() {
        let wrong = r#"{"num_layer_per_block_list": [2]}"#;
        let message = TwinConfig::from_json(wrong, Some(TwinKind::Tcn)).unwrap_err().to_string();
        assert!(message.contains("did you mean \"num_layers_per_block_list\""), "{message}");
        let lists = r#"{"num_layers_per_block_list": [2, 2]}"#;
        let message = TwinConfig::from_json(lists, None).unwrap_err().to_string();
        let one_for_two = "num_features_per_block_list = [48]: must have 2 whole numbers";
        assert!(message.contains(one_for_two), "{message}");
        let heads = r#"{"d_model": 30, "n_heads": 4}"#;
        assert!(TwinConfig::from_json(heads, None).is_err());
    }

    /// A configuration's key without a setting could not be given.
    #[test]
    fn every_key_is_a_setting() {
        fn compare<T: HasSettings + Default + serde::Serialize>() {
            let written = serde_json::to_value(T::default()).unwrap();
            let mut written: Vec<&str> =
                written.as_object().unwrap().keys().map(String::as_str).collect();
            // left out of the JSON where the heads follow from the segments
            written.push("head_out_channels");
            let mut listed = settings::keys::<T>();
            written.sort_unstable();
            listed.sort_unstable();
            assert_eq!(written, listed);
        }
        compare::<TcnConfig>();
        compare::<ResNetTcnConfig>();
        compare::<ElmConfig>();
        compare::<TransformerConfig>();
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
