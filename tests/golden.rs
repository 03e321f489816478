//! The simulator against NEURON: every case in `tests/golden` and `tests/golden-trees`.
//!
//! What made the cases, and with which versions, stands in the README beside them.

#![allow(clippy::unwrap_used)] // a test may

use std::path::{Path, PathBuf};

use ballstick::data::Targets;
use ballstick::data::input::read_inputs;
use ballstick::data::npy::Npz;
use ballstick::sim::{NeuronParams, Quantity, Recording, simulate};
use half::f16;
use ndarray::{ArrayView1, ArrayView2, Axis};

#[path = "support/difference.rs"]
mod difference;
use difference::max_abs_difference;

fn cases(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    cases.sort();
    cases
}

/// Every bit of every step is NEURON's, as the README promises.
fn check(case: &Path, with_targets: bool) {
    let name = case.file_stem().unwrap().to_string_lossy();
    let params = NeuronParams::from_json(&std::fs::read_to_string(case).unwrap()).unwrap();
    let bytes = std::fs::read(case.with_extension("npz")).unwrap();
    let mut npz = Npz::new(&bytes).unwrap();
    let inputs = read_inputs(&mut npz).unwrap();
    let per_ms = params.samples_per_ms;
    let mut recording = Recording::new()
        .with(Quantity::SomaVoltage, 1)
        .with(Quantity::DendVoltage, per_ms)
        .with(Quantity::Calcium, per_ms);
    simulate(&params, &inputs, None, &mut recording).unwrap();

    let v_soma = recording.values(Quantity::SomaVoltage);
    let expected = npz.read_real("v_soma_hr_mV").unwrap();
    assert_eq!(v_soma.len(), expected.len(), "{name}: steps");
    let soma_error = max_abs_difference(v_soma, &expected);
    assert_eq!(soma_error, 0.0, "{name}: the soma's voltage, mV");

    let segments = params.num_rows();
    let v_dend = recording.values(Quantity::DendVoltage);
    let v_dend = ArrayView2::from_shape((v_dend.len() / segments, segments), v_dend).unwrap();
    let v_dend = v_dend.slice_axis(Axis(0), (..inputs.duration_ms).into()).reversed_axes();
    let expected = npz.read_real("v_dend_1ms_mV").unwrap();
    assert_eq!(v_dend.shape(), expected.shape(), "{name}: dendrite");
    let dend_error = max_abs_difference(v_dend, &expected);
    assert_eq!(dend_error, 0.0, "{name}: the dendrite's voltage, mV");

    if with_targets {
        let expected = npz.read_real("cai_1ms_mM").unwrap();
        // the recording has the end of the last ms too
        let cai = recording.values(Quantity::Calcium);
        let cai_error = max_abs_difference(&cai[..expected.len()], &expected);
        assert_eq!(cai_error, 0.0, "{name}: calcium, mM");

        let targets = Targets::derive(&params.readout(), ArrayView1::from(v_soma), v_dend);
        assert_eq!(targets.spikes.into_dyn(), npz.read::<bool>("y_spike").unwrap(), "{name}");
        let near_spike = npz.read::<bool>("y_near_spike").unwrap();
        assert_eq!(targets.near_spike.into_dyn(), near_spike, "{name}");
        assert_eq!(targets.soma_v.into_dyn(), npz.read::<f32>("y_soma").unwrap(), "{name}");
        let branches = npz.read::<f16>("branch_voltages").unwrap();
        assert_eq!(targets.dend_v.into_dyn(), branches, "{name}");
        let rate = npz.read_real("y_inst_rate").unwrap();
        let rate_error = max_abs_difference(&targets.inst_rate.mapv(f64::from), &rate);
        // f32 of a sum of about fifty terms, in another order than SciPy's
        assert!(rate_error <= 1e-7, "{name}: rate differs by {rate_error:e}");
    }
}

#[test]
fn the_ball_and_stick_equals_neuron() {
    let cases = cases("golden");
    assert_eq!(cases.len(), 10);
    cases.iter().for_each(|case| check(case, true));
}

#[test]
fn trees_equal_neuron() {
    let cases = cases("golden-trees");
    assert_eq!(cases.len(), 2);
    cases.iter().for_each(|case| check(case, false));
}
