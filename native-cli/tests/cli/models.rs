//! Neurons other than the ball-and-stick on the command line: filter-and-fire, and cells from SWC.

use crate::common::{CELL, assert_same, folder, refused, succeed};
use ballstick::data::generate::random_inputs;
use ballstick::data::npy::Npz;
use ballstick::data::{Manifest, Model, Part, Sample, Split, input::read_inputs};
use half::f16;

#[test]
fn a_filter_and_fire_simulation_has_the_five_targets() {
    let folder = folder("ff_simulate");
    let args = ["simulate", "--model", "ff", "--inputs", "sweep", "--duration", "300"];
    let more = ["--set", "num_branches=5", "--out", "out.npz", "--plot", "out.svg"];
    succeed(&folder, &[&args[..], &more[..]].concat());
    let bytes = std::fs::read(folder.join("out.npz")).unwrap();
    let mut npz = Npz::new(&bytes).unwrap();
    assert_eq!(npz.read::<f16>("branch_voltages").unwrap().shape(), [5, 300]);
    assert_eq!(npz.read::<f32>("y_soma").unwrap().shape(), [300]);
    assert_eq!(npz.read::<f32>("y_inst_rate").unwrap().shape(), [300]);
    assert_eq!(npz.read::<bool>("y_near_spike").unwrap().shape(), [300]);
    // the core gives the same targets for the same inputs
    let mut params = Model::preset("ff-nmda").unwrap().to_json();
    params["num_branches"] = 5.into();
    let model = Model::from_json(&params.to_string()).unwrap();
    let targets = model.simulate(&read_inputs(&mut npz).unwrap()).unwrap();
    assert_eq!(npz.read::<bool>("y_spike").unwrap(), targets.spikes.into_dyn());
    let svg = std::fs::read_to_string(folder.join("out.svg")).unwrap();
    for text in ["FilterAndFireNeuron_nmda_like_5branches", "branch", "soma voltage", "rate (Hz)"] {
        assert!(svg.contains(text), "{text}");
    }
}

#[test]
fn a_filter_and_fire_neurons_json_says_what_it_is() {
    let folder = folder("ff_json");
    let json = Model::preset("ff-two-sided").unwrap().to_json().to_string();
    std::fs::write(folder.join("n.json"), json).unwrap();
    let common = ["simulate", "--inputs", "sweep", "--duration", "200"];
    succeed(&folder, &[&common[..], &["--neuron", "n.json", "--out", "a.npz"]].concat());
    succeed(&folder, &[&common[..], &["--preset", "ff-two-sided", "--out", "b.npz"]].concat());
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    assert_eq!(read("a.npz"), read("b.npz"));
}

#[test]
fn what_a_filter_and_fire_neuron_lacks_is_refused() {
    let folder = folder("ff_refused");
    let with = |args: &[&'static str]| {
        let base: &[&str] = &["simulate", "--model", "ff", "--inputs", "none", "--out", "o.npz"];
        [base, args].concat()
    };
    refused(&folder, &with(&["--clamp", "1,2,3"]), &["--clamp", "no current"]);
    refused(&folder, &with(&["--record", "g_NMDA"]), &["--record"]);
    refused(&folder, &with(&["--swc", CELL]), &["--swc", "no shape"]);
    refused(&folder, &with(&["--preset", "ampa-point"]), &["ampa-point", "ball-and-stick"]);
    refused(&folder, &with(&["--preset", "ff"]), &["ff-nmda", "ampa-point"]);
    refused(&folder, &with(&["--set", "soma_tau=1"]), &["soma_tau_ms"]);
    refused(&folder, &with(&["--set", "threshold_mV=-99"]), &["threshold_mV", "mV, above rest"]);
    refused(&folder, &["simulate", "--model", "cnn", "--out", "o.npz"], &["ball-and-stick", "ff"]);
}

#[test]
fn a_cell_becomes_a_neuron_that_simulates() {
    let folder = folder("swc");
    succeed(&folder, &["swc", CELL, "--preset", "ampa-point", "--out", "cell.json"]);
    let rest = ["--inputs", "sweep", "--duration", "60"];
    let file = ["simulate", "--neuron", "cell.json", "--out", "a.npz"];
    let direct = ["simulate", "--preset", "ampa-point", "--swc", CELL, "--out", "b.npz"];
    succeed(&folder, &[&file[..], &rest[..]].concat());
    succeed(&folder, &[&direct[..], &rest[..]].concat());
    let (a, b) = (std::fs::read(folder.join("a.npz")), std::fs::read(folder.join("b.npz")));
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_eq!(a, b);
    let rows = Npz::new(&a).unwrap().read::<f16>("branch_voltages").unwrap().shape()[0];
    let text = std::fs::read_to_string(folder.join("cell.json")).unwrap();
    assert_eq!(Model::from_json(&text).unwrap().num_rows(), rows);
    succeed(&folder, &["swc", CELL, "--max-segment", "10", "--out", "fine.json"]);
    let text = std::fs::read_to_string(folder.join("fine.json")).unwrap();
    assert!(Model::from_json(&text).unwrap().num_rows() > 2 * rows);
}

#[test]
fn a_bad_cell_is_named_with_its_line() {
    let folder = folder("swc_refused");
    let write = |name: &str, text: &[u8]| std::fs::write(folder.join(name), text).unwrap();
    write("cycle.swc", b"1 1 0 0 0 9 -1\n2 3 0 9 0 1 3\n3 3 0 19 0 1 2\n");
    write("radius.swc", b"# caf\xe9\n1 1 0 0 0 9 -1\n2 3 0 9 0 0 1\n");
    write("huge.swc", b"1 1 0 0 0 9 -1\n2 3 0 9 0 1 1\n3 3 0 900009 0 1 2\n");
    let swc = |name: &'static str| ["swc", name, "--out", "o.json"];
    refused(&folder, &swc("cycle.swc"), &["cycle.swc: line 2", "cycle of 2 points"]);
    refused(&folder, &swc("radius.swc"), &["radius.swc: line 3", "radius"]);
    refused(&folder, &swc("huge.swc"), &["huge.swc", "L_um"]);
    refused(&folder, &swc("none.swc"), &["none.swc"]);
    refused(&folder, &["swc", CELL, "--max-segment", "0", "--out", "o.json"], &["longest segment"]);
    refused(&folder, &["swc", CELL, "--preset", "x", "--out", "o.json"], &["nmda-cable"]);
    let simulate = ["simulate", "--swc", "cycle.swc", "--inputs", "none", "--out", "o.npz"];
    refused(&folder, &simulate, &["cycle.swc: line 2"]);
}

#[test]
fn data_sets_of_both_are_made_and_read_alike() {
    let folder = folder("ff_dataset");
    let set = "FilterAndFireNeuron_linear_8branches_5contacts_per_axon";
    let common = ["dataset", "--preset", "ff-linear", "--duration", "300", "--train", "26"];
    succeed(&folder, &[&common[..], &["--threads", "1", "--out", "one"]].concat());
    succeed(&folder, &[&common[..], &["--threads", "4", "--out", "four"]].concat());
    assert_same(&folder.join("one"), &folder.join("four"));
    let root = folder.join("one").join(set);
    let manifest = std::fs::read_to_string(root.join("dataset.json")).unwrap();
    let model = Manifest::from_json(&manifest).unwrap().neuron;
    assert_eq!(model, Model::preset("ff-linear").unwrap());
    for (split, index) in [(Split::Train, 25), (Split::Valid, 1), (Split::Test, 0)] {
        let sample = Sample::from(&model.run(random_inputs(0, split, index, 8, 300)).unwrap());
        for part in Part::ALL {
            let path = format!("{split}/{}/sim_{index:07}.npy", part.folder());
            assert!(std::fs::read(root.join(&path)).unwrap() == sample.encode(part), "{path}");
        }
    }
    let one = format!("one/{set}/train/inputs/sim_0000003.npy");
    let said = succeed(&folder, &["show", &one, "--plot", "show.svg"]);
    assert!(said.contains(set), "{said}");
    let svg = std::fs::read_to_string(folder.join("show.svg")).unwrap();
    assert!(svg.contains("branch"));
    // the rows of a tree's data set are the tree's segments
    let tree = ["dataset", "--swc", CELL, "--duration", "20", "--train", "1", "--valid", "0"];
    succeed(&folder, &[&tree[..], &["--test", "0", "--out", "tree"]].concat());
    let root = std::fs::read_dir(folder.join("tree")).unwrap().next().unwrap().unwrap().path();
    let manifest = std::fs::read_to_string(root.join("dataset.json")).unwrap();
    let Model::BallAndStick(neuron) = Manifest::from_json(&manifest).unwrap().neuron else {
        panic!("a cell is a biophysical neuron");
    };
    assert_eq!(neuron.branches().len(), 36, "the layout of the rows is saved");
    let name = format!("train/{}/sim_0000000.npy", Part::BranchV.folder());
    let bytes = std::fs::read(root.join(name)).unwrap();
    let rows = ballstick::data::npy::read::<f16>(&bytes).unwrap().shape()[0];
    assert_eq!(rows, neuron.num_rows());
}
