//! NeuronIO's files: several simulations in one pickled dict, input spikes as lists of times by synapse, as the data of
//! Beniaguev, Segev and London 2021 (*Neuron* 109:2727) have them and the scripts of SelfishGene/neuron_as_deep_net read
//! them.
//!
//! What those files have no place for stands beside: synaptic weights, which are all 1 in the original, as
//! `exInputWeights` and `inhInputWeights`. Voltages are capped as in our data sets. `docs/neuron-io.md` lists every key.

use ndarray::Axis;

use super::model::Model;
use super::pickle::{Object, Protocol};
use super::sample::Sample;

/// The most simulations in a file.
pub const PER_FILE: usize = 32;

/// The `Results` of one simulation, to be put into a file.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulationDict {
    dict: Object,
    rows: usize,
    duration_ms: usize,
    spikes: usize,
}

impl SimulationDict {
    /// The dict of a simulation.
    #[must_use]
    pub fn of(sample: &Sample) -> Self {
        let targets = &sample.targets;
        let (rows, duration_ms) = (sample.segments(), sample.duration_ms());
        let fired = || targets.spikes.iter().enumerate().filter(|(_, fired)| **fired);
        // the scripts take t - 0.5, rounded down, for the bin
        let spike_times = fired().flat_map(|(ms, _)| (ms as f32 + 1.0).to_le_bytes()).collect();
        let times = (0..duration_ms).flat_map(|ms| (ms as f32).to_le_bytes()).collect();
        let soma = targets.soma_v.iter().flat_map(|mv| mv.to_le_bytes()).collect();
        let dendrite = targets.dend_v.iter().flat_map(|mv| mv.to_le_bytes()).collect();
        let [excitatory, inhibitory] = [0, 1].map(|kind| by_synapse(sample, kind));
        let shape = targets.dend_v.dim();
        let dict = Object::dict([
            ("recordingTimeLowRes", array(times, "<f4", &[duration_ms])),
            ("somaVoltageLowRes", array(soma, "<f4", &[duration_ms])),
            ("exInputSpikeTimes", excitatory.0),
            ("inhInputSpikeTimes", inhibitory.0),
            ("exInputWeights", excitatory.1),
            ("inhInputWeights", inhibitory.1),
            ("outputSpikeTimes", array(spike_times, "<f4", &[fired().count()])),
            ("dendriticVoltagesLowRes", array(dendrite, "<f2", &[shape.0, shape.1])),
        ]);
        Self { dict, rows, duration_ms, spikes: fired().count() }
    }

    /// Whether both can be in one file: as many segments, as long a simulation.
    #[must_use]
    pub fn fits(&self, other: &Self) -> bool {
        (self.rows, self.duration_ms) == (other.rows, other.duration_ms)
    }
}

/// The bytes of a file with these simulations, of this neuron where the data set says which.
#[must_use]
pub fn file(
    neuron: Option<&Model>,
    seed: Option<u64>,
    simulations: Vec<SimulationDict>,
) -> Vec<u8> {
    let rows = simulations.first().map_or(0, |one| one.rows);
    let duration_ms = simulations.first().map_or(0, |one| one.duration_ms);
    let spikes: Vec<usize> = simulations.iter().map(|one| one.spikes).collect();
    let total_s = (duration_ms * simulations.len()) as f64 / 1000.0;
    let all: usize = spikes.iter().sum();
    // a whole number of seconds is an int, as the scripts need it
    let seconds = match duration_ms % 1000 {
        0 => Object::from(duration_ms / 1000),
        _ => Object::Float(duration_ms as f64 / 1000.0),
    };
    let [kinds, lengths, distances] = segments(neuron, rows);
    let seed = seed.map_or(Object::None, |seed| Object::from(seed as usize));
    let params = Object::dict([
        ("randomSeed", seed),
        ("numSimulations", simulations.len().into()),
        ("totalSimDurationInSec", seconds),
        ("collectAndSaveDVTs", Object::Bool(true)),
        ("allSegmentsType", kinds),
        ("allSegmentsLength", lengths),
        ("allSegments_DistFromSoma", distances),
        ("numOutputSpikesPerSim", Object::List(spikes.into_iter().map(Object::from).collect())),
        ("totalNumOutputSpikes", all.into()),
        ("totalNumSimulationSeconds", Object::Float(total_s)),
        (
            "averageOutputFrequency",
            Object::Float(if total_s > 0.0 { all as f64 / total_s } else { 0.0 }),
        ),
    ]);
    let list = Object::List(simulations.into_iter().map(|one| one.dict).collect());
    let results = Object::dict([("listOfSingleSimulationDicts", list)]);
    Object::dict([("Params", params), ("Results", results)]).pickle(Protocol::Four)
}

/// The segments' regions, lengths (µm) and path distances from the soma (µm); of a neuron without lengths, only names.
fn segments(neuron: Option<&Model>, rows: usize) -> [Object; 3] {
    match neuron {
        Some(Model::BallAndStick(params)) => {
            let morphology = params.morphology();
            let places = morphology.places();
            let places = places.iter().skip(1);
            let kinds = places.clone().map(|place| place.region.into()).collect();
            let lengths = params.branches().into_iter().flat_map(|branch| {
                let length_um = branch.length_um / branch.num_segments as f64;
                std::iter::repeat_n(length_um, branch.num_segments)
            });
            let distances = places.map(|place| place.d_um);
            [Object::List(kinds), Object::floats(lengths), Object::floats(distances)]
        }
        other => {
            let name = other.map_or("segment", Model::row_name);
            let kinds = vec![Object::from(name); rows];
            [Object::List(kinds), Object::List(Vec::new()), Object::List(Vec::new())]
        }
    }
}

/// The times (ms) of a kind's input spikes by segment, and their weights; segments without a spike are left out.
fn by_synapse(sample: &Sample, kind: usize) -> (Object, Object) {
    let weights = sample.inputs.index_axis(Axis(2), kind);
    let (mut times, mut all) = (Vec::new(), Vec::new());
    for (row, of_row) in weights.outer_iter().enumerate() {
        let spikes = || of_row.iter().enumerate().filter(|(_, weight)| weight.to_f32() != 0.0);
        if spikes().next().is_some() {
            let at = spikes().map(|(ms, _)| ms.into()).collect();
            times.push((row.into(), Object::List(at)));
            let weights = Object::floats(spikes().map(|(_, weight)| weight.to_f64()));
            all.push((row.into(), weights));
        }
    }
    (Object::Dict(times), Object::Dict(all))
}

/// A NumPy array that can be written to: `numpy.array(numpy.frombuffer(bytes, dtype)).reshape(shape)`.
fn array(bytes: Vec<u8>, dtype: &str, shape: &[usize]) -> Object {
    let call = |name, arguments| Object::Call(Box::new(Object::Global("numpy", name)), arguments);
    let flat = call("frombuffer", vec![Object::Bytes(bytes), dtype.into()]);
    let shape = Object::Tuple(shape.iter().map(|n| (*n).into()).collect());
    call("reshape", vec![call("array", vec![flat]), shape])
}

#[cfg(test)]
mod tests {
    use super::super::pickle::read;
    use super::*;
    use crate::data::Simulation;
    use crate::sim::{Inputs, NeuronParams};
    use serde_json::json;

    #[test]
    fn a_file_has_the_spikes_of_its_simulations_by_synapse() {
        let mut inputs = Inputs::silent(8, 1000);
        for ms in [5, 6, 7] {
            inputs.exc[ms] = 40.0;
        }
        inputs.inh[2 * 1000 + 900] = 0.5;
        let model = Model::from(NeuronParams::default());
        let simulation = model.run(inputs.clone()).unwrap();
        let Simulation { targets, .. } = simulation;
        let sample = Sample::new(&inputs, targets);
        let bytes = file(Some(&model), Some(7), vec![SimulationDict::of(&sample); 2]);
        let pickle = read(&bytes).unwrap();
        let root = pickle.json(pickle.root);
        let params = &root["Params"];
        assert_eq!(params["totalSimDurationInSec"], 1);
        assert_eq!(params["allSegmentsType"], json!(vec!["dend"; 8]));
        assert_eq!(params["allSegmentsLength"][0].as_f64(), Some(256.0));
        assert_eq!(params["randomSeed"], 7);
        let one = &root["Results"]["listOfSingleSimulationDicts"][1];
        assert_eq!(one["exInputSpikeTimes"], json!({"0": [5, 6, 7]}));
        assert_eq!(one["exInputWeights"], json!({"0": [40.0, 40.0, 40.0]}));
        assert_eq!(one["inhInputSpikeTimes"], json!({"2": [900]}));
        assert_eq!(one["inhInputWeights"], json!({"2": [0.5]}));
        let fired = sample.targets.spikes.iter().filter(|fired| **fired).count();
        assert!(fired > 0);
        assert_eq!(params["numOutputSpikesPerSim"], json!([fired, fired]));
    }
}
