//! Either kind of neuron behind one type: what a data set, a twin or a page needs to know of it.

use ndarray::{Array1, Array2};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::simulation::Simulation;
use super::target::Targets;
use crate::ff::{self, FfParams};
use crate::settings::{self, SettingError};
use crate::sim::{Inputs, NeuronParams, Readout, Recording, SimError};

/// The key by which a JSON names the kind of neuron; without the key it describes a ball-and-stick.
const KEY: &str = "model";

/// A neuron of either kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Model {
    /// The biophysical neuron: a Hay soma on a stick or a tree.
    BallAndStick(NeuronParams),
    /// The filter-and-fire neuron.
    FilterAndFire(FfParams),
}

impl From<NeuronParams> for Model {
    fn from(params: NeuronParams) -> Self {
        Self::BallAndStick(params)
    }
}

impl From<FfParams> for Model {
    fn from(params: FfParams) -> Self {
        Self::FilterAndFire(params)
    }
}

impl Model {
    /// The value of `"model"` for the biophysical neuron.
    pub const BALL_AND_STICK: &str = "ball-and-stick";
    /// The value of `"model"` for the filter-and-fire neuron.
    pub const FILTER_AND_FIRE: &str = "ff";

    /// A preset of either kind by its name.
    ///
    /// # Errors
    /// [`SettingError::UnknownPreset`] names the presets of both kinds.
    pub fn preset(name: &str) -> Result<Self, SettingError> {
        if FfParams::PRESETS.contains(&name) {
            return Ok(Self::FilterAndFire(FfParams::preset(name)?));
        }
        if name == NeuronParams::PYRAMIDAL {
            return Ok(Self::BallAndStick(NeuronParams::pyramidal()));
        }
        if NeuronParams::PRESETS.contains(&name) {
            return Ok(Self::BallAndStick(NeuronParams::preset(name)?));
        }
        let cells = [NeuronParams::PYRAMIDAL];
        let known =
            [&NeuronParams::PRESETS[..], &cells, &FfParams::PRESETS[..]].concat().join(", ");
        Err(SettingError::UnknownPreset { name: name.to_owned(), known })
    }

    /// Reads and validates a neuron's JSON; with `"model": "ff"` it is a filter-and-fire neuron's.
    ///
    /// # Errors
    /// The errors of [`NeuronParams::from_json`] and [`FfParams::from_json`]; a `"model"` of another name.
    pub fn from_json(text: &str) -> Result<Self, SettingError> {
        let mut map = settings::object(text)?;
        let kind = map.remove(KEY);
        let rest = Value::Object(map).to_string();
        match kind.as_ref().map(Value::as_str) {
            None | Some(Some(Self::BALL_AND_STICK)) => {
                Ok(Self::BallAndStick(NeuronParams::from_json(&rest)?))
            }
            Some(Some(Self::FILTER_AND_FIRE)) => {
                Ok(Self::FilterAndFire(FfParams::from_json(&rest)?))
            }
            _ => {
                let must = format!(
                    "must be \"{}\" or \"{}\"",
                    Self::BALL_AND_STICK,
                    Self::FILTER_AND_FIRE
                );
                Err(SettingError::range(KEY, kind.unwrap_or_default().to_string(), must))
            }
        }
    }

    /// The JSON that [`from_json`](Self::from_json) reads. The ball-and-stick's has the original's keys and no
    /// `"model"`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        // plain structs of numbers and names: their serialisation cannot fail
        serde_json::to_value(self).unwrap_or_default()
    }

    /// The value of `"model"` for this neuron.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::BallAndStick(_) => Self::BALL_AND_STICK,
            Self::FilterAndFire(_) => Self::FILTER_AND_FIRE,
        }
    }

    /// Checks every parameter against its bounds.
    ///
    /// # Errors
    /// [`SettingError`] names the first parameter that is out of its bounds.
    pub fn validate(&self) -> Result<(), SettingError> {
        match self {
            Self::BallAndStick(params) => params.validate(),
            Self::FilterAndFire(params) => params.validate(),
        }
    }

    /// The name of a data set's folder.
    #[must_use]
    pub fn short_name(&self) -> String {
        match self {
            Self::BallAndStick(params) => params.short_name(),
            Self::FilterAndFire(params) => params.short_name(),
        }
    }

    /// Number of rows of the inputs and of the dendritic target: segments, or branches of a filter-and-fire neuron.
    #[must_use]
    pub fn num_rows(&self) -> usize {
        match self {
            Self::BallAndStick(params) => params.num_rows(),
            Self::FilterAndFire(params) => params.num_branches,
        }
    }

    /// The name of a row, in the singular: segment or branch.
    #[must_use]
    pub fn row_name(&self) -> &'static str {
        match self {
            Self::BallAndStick(_) => "segment",
            Self::FilterAndFire(_) => "branch",
        }
    }

    /// Simulation steps a millisecond.
    #[must_use]
    pub fn samples_per_ms(&self) -> usize {
        match self {
            Self::BallAndStick(params) => params.samples_per_ms,
            Self::FilterAndFire(params) => params.samples_per_ms,
        }
    }

    /// The duration that the parameters ask for, ms; `None` where they do not say.
    #[must_use]
    pub fn sim_duration_ms(&self) -> Option<usize> {
        match self {
            Self::BallAndStick(params) => params.sim_duration_ms,
            Self::FilterAndFire(params) => params.sim_duration_ms,
        }
    }

    /// The parameters by which targets are derived and scaled: rows, steps, rest, threshold, caps, windows.
    #[must_use]
    pub fn readout(&self) -> Readout {
        match self {
            Self::BallAndStick(params) => params.readout(),
            Self::FilterAndFire(params) => params.readout(),
        }
    }

    /// The targets of one simulation by the exact method.
    ///
    /// # Errors
    /// [`SimError`]: parameters or inputs that cannot be simulated.
    pub fn simulate(&self, inputs: &Inputs) -> Result<Targets, SimError> {
        match self {
            Self::BallAndStick(_) => Ok(self.run(inputs.clone())?.targets),
            Self::FilterAndFire(params) => ff_targets(params, inputs),
        }
    }

    /// One simulation with its voltages; a filter-and-fire neuron's has no calcium and no recording.
    ///
    /// # Errors
    /// [`SimError`]: parameters or inputs that cannot be simulated.
    pub fn run(&self, inputs: Inputs) -> Result<Simulation, SimError> {
        match self {
            Self::BallAndStick(params) => Simulation::run(params, inputs, None, &[]),
            Self::FilterAndFire(params) => run_ff(params, inputs),
        }
    }
}

/// Serialised as [`Model::to_json`] says, with the keys in the order of the parameters.
impl Serialize for Model {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Named<'a> {
            model: &'static str,
            #[serde(flatten)]
            params: &'a FfParams,
        }
        match self {
            Self::BallAndStick(params) => params.serialize(serializer),
            Self::FilterAndFire(params) => {
                Named { model: Self::FILTER_AND_FIRE, params }.serialize(serializer)
            }
        }
    }
}

/// Deserialised as by [`Model::from_json`].
impl<'de> Deserialize<'de> for Model {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::from_json(&value.to_string()).map_err(D::Error::custom)
    }
}

/// Soma voltage at every step, and of every branch at the start of each ms, mV.
type Traces = (Array1<f64>, Array2<f64>);

fn ff_traces(params: &FfParams, inputs: &Inputs) -> Result<Traces, SimError> {
    let (per_ms, duration) = (params.samples_per_ms, inputs.duration_ms);
    let mut v_soma_hr = Vec::with_capacity(duration * per_ms + 1);
    let mut v_dend = Array2::zeros((params.num_branches, duration));
    ff::simulate(params, inputs, |step, neuron| {
        v_soma_hr.push(neuron.v_soma_mv());
        if step.is_multiple_of(per_ms) && step / per_ms < duration {
            let mut column = v_dend.column_mut(step / per_ms);
            column.iter_mut().zip(neuron.v_branches_mv()).for_each(|(to, v)| *to = v);
        }
    })?;
    Ok((Array1::from(v_soma_hr), v_dend))
}

/// The targets of a filter-and-fire neuron's simulation.
pub(super) fn ff_targets(params: &FfParams, inputs: &Inputs) -> Result<Targets, SimError> {
    let (v_soma_hr, v_dend) = ff_traces(params, inputs)?;
    Ok(Targets::derive(&params.readout(), v_soma_hr.view(), v_dend.view()))
}

fn run_ff(params: &FfParams, inputs: Inputs) -> Result<Simulation, SimError> {
    let (v_soma_hr, v_dend) = ff_traces(params, &inputs)?;
    let targets = Targets::derive(&params.readout(), v_soma_hr.view(), v_dend.view());
    let (cai, cai_dend, recording) = (Array1::zeros(0), Array2::zeros((0, 0)), Recording::new());
    Ok(Simulation { inputs, v_soma_hr, v_dend, cai, cai_dend, targets, recording })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_is_read_as_what_it_was_written() {
        for name in NeuronParams::PRESETS.iter().chain(&FfParams::PRESETS) {
            let model = Model::preset(name).unwrap();
            assert_eq!(Model::from_json(&model.to_json().to_string()).unwrap(), model, "{name}");
            let ff = name.starts_with("ff-");
            assert_eq!(model.kind() == Model::FILTER_AND_FIRE, ff);
            let text = serde_json::to_string(&model).unwrap();
            assert_eq!(serde_json::from_str::<Model>(&text).unwrap(), model, "{name}");
            assert_eq!(
                model.to_json().get(KEY).is_some(),
                ff,
                "the original's JSON has no such key"
            );
        }
        let named = r#"{"model": "ball-and-stick", "num_segments": 3}"#;
        assert_eq!(Model::from_json(named).unwrap().num_rows(), 3);
    }

    #[test]
    fn a_json_of_neither_kind_is_refused() {
        let fault = |text: &str| Model::from_json(text).unwrap_err().to_string();
        assert!(fault(r#"{"model": "cnn"}"#).contains("model = \"cnn\": must be"));
        assert!(fault(r#"{"model": 3}"#).contains("model = 3: must be"));
        assert!(fault(r#"{"model": "ff", "dend_L_um": 3}"#).contains("dend_L_um"));
        assert!(fault(r#"{"nonlinearity": "linear"}"#).contains("nonlinearity"));
        let unknown = Model::preset("ff").unwrap_err().to_string();
        assert!(unknown.contains("ff-nmda") && unknown.contains("ampa-point"), "{unknown}");
    }
}
