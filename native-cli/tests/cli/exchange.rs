//! Twins exported for other programs, and the layers of a twin.

use crate::common::{fail, folder, succeed};

const PARITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/parity");

#[test]
fn every_twin_becomes_onnx_scaled_where_it_is_asked() {
    let folder = folder("onnx");
    for name in ["tcn", "resnet_tcn", "elm", "transformer"] {
        let model = format!("{PARITY}/{name}.pt");
        let export = |more: &[&str]| {
            let args = ["export", "--model", &model, "--format", "onnx"];
            succeed(&folder, &[&args[..], more].concat());
        };
        let (a, b, c) =
            (format!("{name}.onnx"), format!("{name}-in.onnx"), format!("{name}-c.onnx"));
        export(&["--out", &a]);
        export(&["--out", &b, "--scaling", "inside"]);
        export(&["--out", &c, "--scaling", "outside"]);
        let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
        assert!(read(&a) == read(&c) && read(&a) != read(&b), "{name}");
        // field 1 of the model: version 8 of the file format
        assert!(read(&a).starts_with(&[0x08, 0x08]), "{name}");
        fail(
            &folder,
            2,
            &["export", "--model", &model, "--format", "onnx", "--out", &a],
            &["is there already"],
        );
    }
}

#[test]
fn what_no_onnx_can_be_made_of_is_refused() {
    let folder = folder("onnx_refused");
    let model = format!("{PARITY}/tcn.pt");
    let export = ["export", "--model", &model];
    let refused = |more: &[&str], words: &[&str]| {
        fail(&folder, 2, &[&export[..], more].concat(), words);
    };
    refused(&["--format", "pt", "--scaling", "inside", "--out", "a.pt"], &["--scaling"]);
    refused(&["--format", "onnx", "--out", "a.pt"], &["ends in .onnx"]);
    refused(&["--format", "onnx", "--scaling", "both", "--out", "a.onnx"], &["both"]);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn a_walk_through_a_twin() {
    let folder = folder("walk");
    let told = succeed(&folder, &["model", "--config", "C", "--time", "100", "--batch", "2"]);
    // 16 rows · 41 taps · 32 kernels, biases and scales; products for 2 · 100 ms
    let first = told.lines().find(|line| line.starts_with("first layer")).unwrap();
    let words: Vec<&str> = first.split_whitespace().collect();
    assert_eq!(words[2..9], ["2", "×", "32", "×", "1", "×", "100"]);
    assert_eq!(words[9..12], ["21056", "41", "4198400"]);
    let model = format!("{PARITY}/elm.pt");
    let json = succeed(&folder, &["model", "--model", &model, "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let layers = json["layers"].as_array().unwrap();
    let sum: u64 = layers.iter().map(|layer| layer["parameters"].as_u64().unwrap()).sum();
    assert_eq!(Some(sum), json["num_parameters"].as_u64());
    assert!(json["receptive_field_ms"].is_null());
    fail(&folder, 2, &["model", "--config", "F"], &["there are A to E"]);
    fail(&folder, 2, &["model", "--time", "0"], &["at least 1"]);
    fail(&folder, 2, &["model", "--time", "99999999999"], &["--time"]);
    fail(&folder, 2, &["model", "--segments", "70000"], &["in_spatial_dim"]);
}

/// What the scripts for NeuronIO's data read of a file, in their manner, beside the arrays of the data set itself.
const NEURON_IO: &str = "
import pickle, sys
import numpy as np
split, out, data = sys.argv[1:4]
with open(f'{out}/{split}_00000.p', 'rb') as file:
    experiment = pickle.load(file, encoding='latin1')
params, simulations = experiment['Params'], experiment['Results']['listOfSingleSimulationDicts']
rows, ms = len(params['allSegmentsType']), params['totalSimDurationInSec'] * 1000
for k, one in enumerate(simulations):
    x = np.load(f'{data}/{split}/inputs/sim_{k:07d}.npy')
    assert x.shape == (rows, ms, 2), x.shape
    for kind, name in enumerate(['exInput', 'inhInput']):
        spikes, weights = np.zeros((rows, ms), bool), np.zeros((rows, ms), np.float16)
        for row, times in one[name + 'SpikeTimes'].items():
            spikes[row, times] = True
            weights[row, times] = one[name + 'Weights'][row]
        assert (spikes == (x[:, :, kind] != 0)).all() and (weights == x[:, :, kind]).all()
    fired = np.zeros(ms, bool)
    fired[(one['outputSpikeTimes'].astype(float) - 0.5).astype(int)] = True
    assert (fired == np.load(f'{data}/{split}/output_spikes/sim_{k:07d}.npy')).all()
    assert (one['somaVoltageLowRes'] == np.load(f'{data}/{split}/output_soma_v/sim_{k:07d}.npy')).all()
    dendrite = one['dendriticVoltagesLowRes']
    assert dendrite.dtype == np.float16 and dendrite.shape == (rows, ms)
    dendrite[dendrite > 2.0] = 2.0
print(len(simulations), rows, ms, params['allSegmentsType'][0])
";

#[test]
fn a_data_set_in_the_form_of_neuron_io_is_read_by_python() {
    let folder = folder("neuron_io");
    let make = "dataset --out data --train 2 --valid 1 --test 0 --duration 1000 --seed 3";
    succeed(&folder, &make.split(' ').collect::<Vec<_>>());
    let data = std::fs::read_dir(folder.join("data")).unwrap().next().unwrap().unwrap().path();
    let name = data.file_name().unwrap().to_string_lossy().into_owned();
    succeed(&folder, &["convert", "data", "out", "--format", "neuron-io"]);
    let python = std::env::var("BALLSTICK_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    for (split, count) in [("train", 2), ("valid", 1)] {
        let mut command = std::process::Command::new(&python);
        command.current_dir(&folder).args(["-c", NEURON_IO, split, &format!("out/{name}")]);
        let output = command.arg(&data).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{python}: {error}");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(printed.trim(), format!("{count} 8 1000 dend"));
    }
    let files = std::fs::read_dir(folder.join("out").join(&name)).unwrap().count();
    assert_eq!(files, 2);
    fail(&folder, 2, &["convert", "data", "x.zip", "--format", "neuron-io"], &["into a folder"]);
    fail(&folder, 2, &["convert", "data", "out", "--format", "neuron-io"], &["is there already"]);
}
