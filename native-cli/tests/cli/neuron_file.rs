//! The neuron's `.pkl` in a data set: written, checked, copied, and read where no other file describes the neuron.

use std::path::Path;

use crate::common::{CABLE, fail, folder, succeed};
use ballstick::data::neuron_file::{file_name, from_pickle, to_pickle};
use ballstick::sim::NeuronParams;

fn small(folder: &Path) {
    let args = ["dataset", "--train", "2", "--valid", "1", "--test", "1", "--duration", "300"];
    succeed(
        folder,
        &[&args[..], &["--set", "multiplicative_SKE2_factor=0.5", "--out", "set"]].concat(),
    );
}

#[test]
fn a_data_set_and_its_copies_have_the_neuron_s_file() {
    let folder = folder("neuron_file_carried");
    small(&folder);
    let name = file_name(CABLE);
    let bytes = std::fs::read(folder.join("set").join(CABLE).join(&name)).unwrap();
    let params = NeuronParams { sk_e2_factor: 0.5, ..NeuronParams::default() };
    assert_eq!(from_pickle(&bytes).unwrap(), params);
    succeed(&folder, &["convert", "set", "set.zip"]);
    succeed(&folder, &["convert", "set.zip", "back", "--without-dropped"]);
    assert!(std::fs::read(folder.join("back").join(CABLE).join(&name)).unwrap() == bytes);
}

#[test]
fn a_file_of_another_neuron_or_of_none_is_named() {
    let folder = folder("neuron_file_checked");
    small(&folder);
    let root = folder.join("set").join(CABLE);
    let path = root.join(file_name(CABLE));
    let human = to_pickle(&NeuronParams::default().into()).unwrap();
    std::fs::write(&path, &human).unwrap();
    fail(&folder, 2, &["stats", "set"], &[".pkl", "multiplicative_SKE2_factor", "0.5"]);
    std::fs::write(&path, &human[..40]).unwrap();
    fail(&folder, 2, &["stats", "set"], &[".pkl", "ends in the middle"]);
    // without dataset.json only this file describes the neuron
    std::fs::remove_file(root.join("dataset.json")).unwrap();
    std::fs::write(&path, &human).unwrap();
    succeed(&folder, &["stats", "set"]);
    let shorter = NeuronParams { num_segments: 3, ..NeuronParams::default() };
    std::fs::write(root.join("other.pkl"), to_pickle(&shorter.into()).unwrap()).unwrap();
    fail(&folder, 2, &["stats", "set"], &["other.pkl", "num_segments", "another neuron"]);
    std::fs::rename(root.join("other.pkl"), &path).unwrap();
    fail(&folder, 1, &["stats", "set", "--on-damage", "fail"], &["8 segments", "3"]);
}
