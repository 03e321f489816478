//! The original's files of a data set: the arrays of a simulation, their folders, and their bytes.
//!
//! `<short name>/{train,valid,test}/<array>/sim_0000000.npy`, with the six [`Part`]s as arrays.

use std::fmt;
use std::str::FromStr;

use ::half::f16;
use ndarray::{Array1, Array2, Array3, ArrayD, Dimension, Ix1, Ix2, Ix3};
use serde::{Deserialize, Serialize};

use super::half::to_f16;
use super::npy::{self, Element, NpyError};
use super::sample::Sample;
use super::simulation::Simulation;
use super::target::Targets;
use crate::sim::Inputs;

/// One of the three parts that a data set is split into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// Simulations that a twin learns from.
    Train,
    /// Simulations by which the best checkpoint is chosen.
    Valid,
    /// Simulations by which a twin is judged.
    Test,
}

impl Split {
    /// All three splits.
    pub const ALL: [Self; 3] = [Self::Train, Self::Valid, Self::Test];

    /// Name of the split's folder.
    #[must_use]
    pub fn name(self) -> &'static str {
        ["train", "valid", "test"][self as usize]
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Split {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|s| s.name() == name);
        found.ok_or_else(|| format!("\"{name}\" is none of train, valid, test"))
    }
}

/// One of a simulation's six arrays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Synaptic weights, f16 (S, T, 2): excitation, inhibition.
    Inputs,
    /// Spikes, bool (T).
    Spikes,
    /// Capped soma voltage, f32 (T), mV.
    SomaV,
    /// Near spikes, bool (T).
    NearSpikes,
    /// Instantaneous rate, f32 (T), spikes/ms.
    InstRate,
    /// Capped dendritic voltages, f16 (S, T), mV.
    BranchV,
}

impl Part {
    /// All six arrays, in the order of their checksums.
    pub const ALL: [Self; 6] =
        [Self::Inputs, Self::Spikes, Self::SomaV, Self::NearSpikes, Self::InstRate, Self::BranchV];

    /// Name of the array's folder (a misspelling in it is the format's).
    #[must_use]
    pub fn folder(self) -> &'static str {
        [
            "inputs",
            "output_spikes",
            "output_soma_v",
            "output_near_spikes",
            "output_inst_rate",
            "intermidiate_branch_v",
        ][self as usize]
    }
}

/// The file name of a simulation, without its ending.
#[must_use]
pub fn sim_name(index: u64) -> String {
    format!("sim_{index:07}")
}

/// The number in a simulation's name; `None` for any other name.
#[must_use]
pub fn sim_index(name: &str) -> Option<u64> {
    let digits = name.strip_prefix("sim_")?;
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

/// The error of an array that does not have the form that the format asks for.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", part.folder())]
pub struct PartError {
    /// The array at fault.
    pub part: Part,
    /// The fault of the array.
    pub source: NpyError,
}

impl Sample {
    /// The sample that a data set keeps of a simulation: inputs rounded to half precision, and targets.
    #[must_use]
    pub fn new(inputs: &Inputs, targets: Targets) -> Self {
        let (s, t) = (inputs.num_segments, inputs.duration_ms);
        let inputs = Array3::from_shape_fn((s, t, 2), |(s, t, kind)| {
            let weights = if kind == 0 { &inputs.exc } else { &inputs.inh };
            to_f16(weights[s * inputs.duration_ms + t])
        });
        Self { inputs, targets }
    }

    /// The weights as inputs of the simulator.
    #[must_use]
    pub fn weights(&self) -> Inputs {
        let (num_segments, duration_ms) = (self.segments(), self.duration_ms());
        let kind = |k: usize| {
            let of_kind = self.inputs.index_axis(ndarray::Axis(2), k);
            of_kind.iter().map(|w| f64::from(*w)).collect()
        };
        Inputs { num_segments, duration_ms, exc: kind(0), inh: kind(1) }
    }

    /// The bytes of one array's `.npy` file.
    #[must_use]
    pub fn encode(&self, part: Part) -> Vec<u8> {
        let targets = &self.targets;
        match part {
            Part::Inputs => npy::write(&self.inputs),
            Part::Spikes => npy::write(&targets.spikes),
            Part::SomaV => npy::write(&targets.soma_v),
            Part::NearSpikes => npy::write(&targets.near_spike),
            Part::InstRate => npy::write(&targets.inst_rate),
            Part::BranchV => npy::write(&targets.dend_v),
        }
    }

    /// A simulation from its six files, in the order of [`Part::ALL`].
    ///
    /// The element types are the format's, or others of real numbers, which are then converted. All shapes must agree
    /// and all numbers be finite.
    ///
    /// # Errors
    /// [`PartError`] names the first array that is damaged or does not agree with the others.
    pub fn decode<B: AsRef<[u8]>>(files: &[B; 6]) -> Result<Self, PartError> {
        let of = |part: Part| files[part as usize].as_ref();
        let inputs: Array3<f16> =
            array::<_, Ix3>(Part::Inputs, of(Part::Inputs), to_f16, "(segments, ms, 2)")?;
        let (s, t, kinds) = inputs.dim();
        if kinds != 2 || s == 0 || t == 0 {
            return Err(misshaped(Part::Inputs, inputs.shape(), "(segments, ms, 2)"));
        }
        let per_ms = format!("({t},), after the inputs,");
        let bools = |part| -> Result<Array1<bool>, PartError> {
            fits(part, array::<_, Ix1>(part, of(part), |x| x != 0.0, &per_ms)?, t, &per_ms)
        };
        let floats = |part| -> Result<Array1<f32>, PartError> {
            fits(part, array::<_, Ix1>(part, of(part), |x| x as f32, &per_ms)?, t, &per_ms)
        };
        let both = format!("({s}, {t}), after the inputs,");
        let dend_v: Array2<f16> = array::<_, Ix2>(Part::BranchV, of(Part::BranchV), to_f16, &both)?;
        if dend_v.dim() != (s, t) {
            return Err(misshaped(Part::BranchV, dend_v.shape(), &both));
        }
        let targets = Targets {
            spikes: bools(Part::Spikes)?,
            soma_v: floats(Part::SomaV)?,
            near_spike: bools(Part::NearSpikes)?,
            inst_rate: floats(Part::InstRate)?,
            dend_v,
        };
        finite(Part::Inputs, &inputs, |x| x.is_finite())?;
        finite(Part::SomaV, &targets.soma_v, |x| x.is_finite())?;
        finite(Part::InstRate, &targets.inst_rate, |x| x.is_finite())?;
        finite(Part::BranchV, &targets.dend_v, |x| x.is_finite())?;
        Ok(Self { inputs, targets })
    }
}

impl From<&Simulation> for Sample {
    fn from(simulation: &Simulation) -> Self {
        Self::new(&simulation.inputs, simulation.targets.clone())
    }
}

fn array<T: Element, D: Dimension>(
    part: Part,
    bytes: &[u8],
    convert: impl Fn(f64) -> T,
    expected: &str,
) -> Result<ndarray::Array<T, D>, PartError> {
    let fault = |source| PartError { part, source };
    let found: ArrayD<T> = match npy::read(bytes) {
        Err(NpyError::Dtype { .. }) => {
            converted(npy::read_real(bytes).map_err(fault)?, convert).map_err(fault)?
        }
        other => other.map_err(fault)?,
    };
    let shape = found.shape().to_vec();
    found.into_dimensionality().map_err(|_| misshaped(part, &shape, expected))
}

/// Converts numbers to the format's type; a number beyond that type's range is refused.
fn converted<T: Element>(
    numbers: ArrayD<f64>,
    convert: impl Fn(f64) -> T,
) -> Result<ArrayD<T>, NpyError> {
    let most = T::MOST;
    match numbers.indexed_iter().find(|(_, x)| x.is_finite() && x.abs() > most) {
        Some((at, &value)) => {
            Err(NpyError::Range { value, at: at.slice().to_vec(), kept: T::NAME })
        }
        None => Ok(numbers.mapv(convert)),
    }
}

fn fits<T>(part: Part, a: Array1<T>, t: usize, expected: &str) -> Result<Array1<T>, PartError> {
    if a.len() == t { Ok(a) } else { Err(misshaped(part, &[a.len()], expected)) }
}

fn misshaped(part: Part, found: &[usize], expected: &str) -> PartError {
    let source = NpyError::Shape { found: found.to_vec(), expected: expected.to_owned() };
    PartError { part, source }
}

fn finite<T, D: Dimension>(
    part: Part,
    array: &ndarray::Array<T, D>,
    is_finite: impl Fn(&T) -> bool,
) -> Result<(), PartError> {
    if array.iter().all(&is_finite) {
        return Ok(());
    }
    // only now the slower search, which finds the place
    let place = array.view().into_dyn();
    let at = place.indexed_iter().find(|(_, x)| !is_finite(x)).map(|(at, _)| at.slice().to_vec());
    Err(PartError { part, source: NpyError::NotFinite { at: at.unwrap_or_default() } })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn sample() -> Sample {
        let inputs = Inputs {
            num_segments: 2,
            duration_ms: 3,
            exc: vec![0.0, 1.5, 0.0, 0.0, 0.0, 7.0],
            inh: vec![0.25, 0.0, 0.0, 0.0, 3.0, 0.0],
        };
        let targets = Targets {
            spikes: array![false, true, false],
            soma_v: array![-85.0, -62.0, -70.5],
            near_spike: array![false, true, true],
            inst_rate: array![0.0, 0.02, 0.015],
            dend_v: array![[-85.0, -60.0, -61.0], [-85.0, -70.0, 0.0]].mapv(f16::from_f64),
        };
        Sample::new(&inputs, targets)
    }

    fn files(sample: &Sample) -> [Vec<u8>; 6] {
        Part::ALL.map(|part| sample.encode(part))
    }

    #[test]
    fn a_sample_comes_back_as_it_was() {
        let sample = sample();
        assert_eq!(Sample::decode(&files(&sample)).unwrap(), sample);
        let again = Sample::new(&sample.weights(), sample.targets.clone());
        assert_eq!(again, sample);
        assert_eq!(sample.inputs[[1, 2, 0]], f16::from_f32(7.0));
        assert_eq!(sample.inputs[[1, 1, 1]], f16::from_f32(3.0));
    }

    #[test]
    fn other_real_types_are_converted() {
        let sample = sample();
        let mut others = files(&sample);
        others[1] = npy::write(&array![0.0_f32, 1.0, 0.0]);
        others[2] = npy::write(&sample.targets.soma_v.mapv(f64::from));
        assert_eq!(Sample::decode(&others).unwrap(), sample);
    }

    #[test]
    fn every_damaged_array_is_named() {
        for part in Part::ALL {
            let mut cut = files(&sample());
            cut[part as usize].pop();
            assert_eq!(Sample::decode(&cut).unwrap_err().part, part);
            let mut long = files(&sample());
            long[part as usize] = npy::write(&array![1.0_f32, 2.0, 3.0, 4.0]);
            assert_eq!(Sample::decode(&long).unwrap_err().part, part);
        }
        let mut nan = sample();
        nan.targets.dend_v[[1, 2]] = f16::NAN;
        let error = Sample::decode(&files(&nan)).unwrap_err().to_string();
        assert!(error.contains("intermidiate_branch_v") && error.contains("[1, 2]"), "{error}");
    }

    #[test]
    fn names_and_numbers_belong_together() {
        assert_eq!(sim_name(42), "sim_0000042");
        assert_eq!(sim_index("sim_0000042"), Some(42));
        for other in ["sim_", "sim_+1", "sim_1x", "x"] {
            assert_eq!(sim_index(other), None);
        }
        assert_eq!("valid".parse(), Ok(Split::Valid));
        assert!("dev".parse::<Split>().is_err());
    }
}
