//! The neuron's `.pkl` that the original keeps in a data set's folder: a pickled plain dict of the 23 arguments of its
//! `BallAndStickNeuron`. Its training, evaluation and inspection scripts open it to know the neuron.

use serde_json::{Map, Value};

use super::manifest::{self, Manifest};
use super::model::Model;
use super::pickle::{self, Object, PickleError, Protocol};
use crate::settings::SettingError;
use crate::sim::NeuronParams;

/// The constructor's arguments in its order, each with its default.
pub const ARGUMENTS: [(&str, f64); 23] = [
    ("num_segments", 64.0),
    ("soma_L_um", 25.0),
    ("soma_diam_um", 25.0),
    ("dend_L_um", 2048.0),
    ("dend_diam_um", 1.0),
    ("Ra_ohm_cm", 150.0),
    ("cm_uF_cm2", 1.0),
    ("Rm_ohm_cm2", 20_000.0),
    ("epas_mV", -85.0),
    ("g_max_AMPA_uS", 0.0004),
    ("g_max_NMDA_uS", 0.0004),
    ("gamma_NMDA", 0.062),
    ("g_max_GABA_A_uS", 0.001),
    ("multiplicative_rho_factor", 1.0),
    ("multiplicative_SKE2_factor", 1.0),
    ("num_samples_per_ms", 40.0),
    ("spike_detection_threshold_mV", 0.0),
    ("soma_voltage_cap_mV", -55.0),
    ("dend_voltage_cap_mV", 0.0),
    ("near_spike_V_diff", 5.0),
    ("near_spike_t_diff", 10.0),
    ("inst_rate_t_diff", 50.0),
    ("inst_rate_smoothing_tau", 2.0),
];

/// The error of a `.pkl` that holds no neuron.
#[derive(Debug, thiserror::Error)]
pub enum NeuronFileError {
    /// The file is no pickle, or a damaged one.
    #[error(transparent)]
    Pickle(#[from] PickleError),
    /// The pickled object is no dict.
    #[error("holds no neuron: it is not a plain dict of BallAndStickNeuron's arguments")]
    NoDict,
    /// A key that is no argument of the original's class.
    #[error("holds no neuron: BallAndStickNeuron has no argument {0}")]
    UnknownKey(String),
    /// The value of this key is not a number.
    #[error("{0} is not a number")]
    NoNumber(String),
    /// A value is out of its bounds.
    #[error(transparent)]
    Setting(#[from] SettingError),
}

/// The neuron's file of a data set.
#[derive(Debug, Clone)]
pub struct NeuronFile {
    /// The file's name.
    pub name: String,
    /// The file's bytes, which a copy of the data set keeps.
    pub bytes: Vec<u8>,
    /// The neuron that the file describes.
    pub params: NeuronParams,
}

impl NeuronFile {
    /// The file of a neuron; `None` where the original's class cannot make the neuron.
    #[must_use]
    pub fn of(neuron: &Model) -> Option<Self> {
        let Model::BallAndStick(params) = neuron else { return None };
        let bytes = to_pickle(neuron)?;
        Some(Self { name: file_name(&neuron.short_name()), bytes, params: params.clone() })
    }

    /// Reads the bytes of a file of this name.
    ///
    /// # Errors
    /// The errors of [`from_pickle`].
    pub fn read(name: String, bytes: Vec<u8>) -> Result<Self, NeuronFileError> {
        let params = from_pickle(&bytes)?;
        Ok(Self { name, bytes, params })
    }

    /// The neuron's file among a data set's files, given by their names and bytes: of several that agree, the first.
    ///
    /// # Errors
    /// The name of a file at fault, and its fault in words: it holds no neuron, another neuron than the manifest's, or
    /// another than the file before.
    pub fn choose(
        files: impl IntoIterator<Item = (String, Vec<u8>)>,
        manifest: Option<&Manifest>,
    ) -> Result<Option<Self>, (String, String)> {
        let mut found: Option<Self> = None;
        for (name, bytes) in files {
            let file =
                Self::read(name.clone(), bytes).map_err(|e| (name.clone(), e.to_string()))?;
            let other = match (manifest, &found) {
                (Some(manifest), _) => Some((manifest.neuron.clone(), manifest::FILE_NAME)),
                (None, Some(before)) => Some((before.params.clone().into(), &before.name[..])),
                (None, None) => None,
            };
            let differs =
                other.and_then(|(neuron, of)| Some((difference(&file.params, &neuron)?, of)));
            if let Some(((key, here, there), of)) = differs {
                let problem = format!("is of another neuron: its {key} is {here}, in {of} {there}");
                return Err((name, problem));
            }
            found.get_or_insert(file);
        }
        Ok(found)
    }
}

/// The file's name: the original's without its date, so that the same data set has the same files.
#[must_use]
pub fn file_name(short_name: &str) -> String {
    format!("ball_and_stick_neuron_{short_name}.pkl")
}

/// Whether a file beside the folders of the splits is a neuron's, by its name.
#[must_use]
pub fn is_file_name(name: &str) -> bool {
    !name.starts_with('.') && !name.contains('/') && name.ends_with(".pkl")
}

/// The neuron's `.pkl`; `None` for a neuron that the original's class cannot make: a tree, a neuron with regions or
/// clamps, with single channels scaled or at another temperature, a filter-and-fire neuron.
#[must_use]
pub fn to_pickle(neuron: &Model) -> Option<Vec<u8>> {
    let Model::BallAndStick(params) = neuron else { return None };
    let plain = NeuronParams::default();
    let scaled = params.channel_factors.values().any(|&factor| factor != 1.0);
    let shaped = params.branches.is_some() || !params.is_plain();
    if shaped || scaled || params.celsius != plain.celsius {
        return None;
    }
    let json = neuron.to_json();
    let entries = ARGUMENTS.map(|(key, _)| (key, Object::from(&json[key])));
    Some(Object::dict(entries).pickle(Protocol::Four))
}

/// Reads a neuron's `.pkl` without running anything in it; an argument that the file lacks has the original's default.
///
/// # Errors
/// [`NeuronFileError`]: a file that is no pickle, is cut short, or describes something else; a value out of its bounds.
pub fn from_pickle(bytes: &[u8]) -> Result<NeuronParams, NeuronFileError> {
    let pickle = pickle::read(bytes)?;
    let pickle::Value::Dict(entries) = pickle.get(pickle.root) else {
        return Err(NeuronFileError::NoDict);
    };
    let by_default = NeuronParams::default();
    // in JSON counts are integers, and all other numbers are not
    let counts = Model::from(by_default).to_json();
    let number = |key: &str, value: f64| match counts[key].is_u64() && value.fract() == 0.0 {
        true => Value::from(value as i64),
        false => Value::from(value),
    };
    let mut map: Map<String, Value> =
        ARGUMENTS.iter().map(|&(key, value)| (key.to_owned(), number(key, value))).collect();
    for &(key, value) in entries {
        let pickle::Value::Str(key) = pickle.get(key) else {
            return Err(NeuronFileError::NoDict);
        };
        if !map.contains_key(key) {
            return Err(NeuronFileError::UnknownKey(key.clone()));
        }
        let value = match pickle.get(value) {
            pickle::Value::Int(n) => *n as f64,
            pickle::Value::Float(x) if x.is_finite() => *x,
            _ => return Err(NeuronFileError::NoNumber(key.clone())),
        };
        map.insert(key.clone(), number(key, value));
    }
    if entries.is_empty() {
        return Err(NeuronFileError::NoDict);
    }
    Ok(NeuronParams::from_json(&Value::Object(map).to_string())?)
}

/// The first argument in which two neurons differ, and its value in each; where the original's class cannot make `b`,
/// the key is `model`.
#[must_use]
pub fn difference(a: &NeuronParams, b: &Model) -> Option<(String, String, String)> {
    let (x, y) = (Model::from(a.clone()).to_json(), b.to_json());
    if to_pickle(b).is_none() {
        return Some(("model".to_owned(), "a ball and stick".to_owned(), b.short_name()));
    }
    let differs = |key: &&str| x[*key].as_f64() != y[*key].as_f64();
    let key = ARGUMENTS.iter().map(|(key, _)| *key).find(differs)?;
    Some((key.to_owned(), x[key].to_string(), y[key].to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_neuron_survives_its_file() {
        let presets = NeuronParams::PRESETS.map(|name| NeuronParams::preset(name).unwrap());
        let odd = NeuronParams {
            num_segments: 300,
            dend_length_um: 512.5,
            sk_e2_factor: 0.7,
            samples_per_ms: 20,
            ..NeuronParams::default()
        };
        for params in presets.into_iter().chain([odd]) {
            let bytes = to_pickle(&params.clone().into()).unwrap();
            assert_eq!(from_pickle(&bytes).unwrap(), params);
            assert_eq!(difference(&params, &params.clone().into()), None);
        }
    }

    #[test]
    fn every_key_is_the_original_s_and_ours() {
        let json = Model::from(NeuronParams::default()).to_json();
        for (key, _) in ARGUMENTS {
            assert!(json[key].is_number(), "{key}");
        }
    }

    #[test]
    fn what_the_original_cannot_make_has_no_file() {
        let cold = NeuronParams { celsius: 34.0, ..NeuronParams::default() };
        let branches = Some(NeuronParams::default().branches());
        let tree = NeuronParams { branches, ..NeuronParams::default() };
        let ff = Model::preset("ff-nmda").unwrap();
        for neuron in [cold.into(), tree.into(), ff] {
            assert!(to_pickle(&neuron).is_none());
            assert!(difference(&NeuronParams::default(), &neuron).is_some());
        }
    }

    #[test]
    fn an_argument_left_out_has_the_original_s_default() {
        let file = Object::dict([("num_segments", Object::Int(8)), ("epas_mV", Object::Int(-80))]);
        let params = from_pickle(&file.pickle(Protocol::Two)).unwrap();
        assert_eq!((params.num_segments, params.e_pas_mv), (8, -80.0));
        assert_eq!((params.sk_e2_factor, params.targets.soma_cap_mv), (1.0, -55.0));
    }

    #[test]
    fn what_is_no_neuron_is_told() {
        let dict = |key, value| Object::dict([(key, value)]).pickle(Protocol::Four);
        let message = |bytes: &[u8]| from_pickle(bytes).unwrap_err().to_string();
        assert!(
            message(&Object::List(Vec::new()).pickle(Protocol::Four)).contains("not a plain dict")
        );
        assert!(message(&dict("weights", Object::Int(1))).contains("no argument weights"));
        assert!(message(&dict("epas_mV", "low".into())).contains("epas_mV is not a number"));
        assert!(message(&dict("num_segments", Object::Float(7.5))).contains("num_segments"));
        assert!(message(&dict("num_segments", Object::Int(-1))).contains("num_segments"));
        assert!(message(&dict("cm_uF_cm2", Object::Float(f64::NAN))).contains("cm_uF_cm2"));
        let whole = to_pickle(&NeuronParams::default().into()).unwrap();
        for cut in 0..whole.len() {
            assert!(from_pickle(&whole[..cut]).is_err(), "{cut}");
        }
        // a call in the dict is not made, and its value is not a number
        let call = Object::Call(Box::new(Object::Global("os", "getpid")), Vec::new());
        assert!(message(&dict("epas_mV", call)).contains("not a number"));
    }
}
