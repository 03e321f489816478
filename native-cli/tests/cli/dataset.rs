//! `ballstick dataset`: the same bytes for any number of threads, shards and interruptions.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::{CABLE, assert_same, fail, folder, succeed, tree};
use ballstick::data::generate::random_inputs;
use ballstick::data::{Manifest, Model, Part, Sample, Simulation, Split};
use ballstick::sim::{Method, NeuronParams};

/// A data set of 30 + 3 + 3 simulations in two chunks.
const SMALL: &[&str] = &["dataset", "--train", "30", "--duration", "200", "--seed", "5", "--out"];

fn make(folder: &Path, out: &str, more: &[&str]) -> String {
    succeed(folder, &[SMALL, &[out], more].concat())
}

#[test]
fn threads_shards_and_their_order_make_no_difference() {
    let folder = folder("dataset_same");
    for method in ["exact", "fast", "fast-f32"] {
        let out = |kind: &str| format!("{method}_{kind}");
        make(&folder, &out("one"), &["--method", method, "--threads", "1"]);
        make(&folder, &out("four"), &["--method", method, "--threads", "4"]);
        assert_same(&folder.join(out("one")), &folder.join(out("four")));
        // the shard that is made last, whichever it is, completes the data set
        for shard in ["3/3", "1/3", "2/3"] {
            let said = make(&folder, &out("shards"), &["--method", method, "--shard", shard]);
            assert_eq!(said.contains("complete"), shard == "2/3", "{said}");
        }
        assert_same(&folder.join(out("one")), &folder.join(out("shards")));
    }
    let files = tree(&folder.join("exact_one").join(CABLE));
    assert_eq!(files.len(), 36 * 6 + 2);
}

#[test]
fn a_neuron_with_regions_has_data_sets_by_each_method() {
    let folder = folder("dataset_regions");
    let active = r#"{"num_segments": 3, "regions": {"dend": {"g_pas": 5e-5, "e_pas_mV": -85,
        "cm_uF_cm2": 1, "Ra_ohm_cm": 150, "channels": {"Ih": 2e-4, "NaTs2_t": 0.02}}}}"#;
    std::fs::write(folder.join("active.json"), active).unwrap();
    let args =
        ["dataset", "--neuron", "active.json", "--train", "2", "--valid", "0", "--test", "0"];
    let args = [&args[..], &["--duration", "100"]].concat();
    let method = |out: &str, more: &[&str]| {
        succeed(&folder, &[&args[..], &["--out", out], more].concat());
        let sets: Vec<_> = std::fs::read_dir(folder.join(out)).unwrap().collect();
        let [Ok(set)] = &sets[..] else { panic!("one data set") };
        assert!(set.file_name().to_string_lossy().ends_with("_1region"), "{set:?}");
        let manifest = std::fs::read_to_string(set.path().join("dataset.json")).unwrap();
        let manifest: Manifest = serde_json::from_str(&manifest).unwrap();
        assert_eq!(manifest.neuron, Model::from_json(active).unwrap());
        manifest.method
    };
    assert_eq!(method("default", &[]), Method::Fast);
    for wanted in [Method::Fast, Method::FastF32, Method::Exact] {
        let name = wanted.to_string();
        assert_eq!(method(&name, &["--method", &name]), wanted);
    }
}

#[test]
fn shards_at_the_same_time_complete_it_as_well() {
    let folder = folder("dataset_at_once");
    let shards: Vec<Child> = ["1/4", "2/4", "3/4", "4/4"]
        .into_iter()
        .map(|shard| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_ballstick"));
            let args = [SMALL, &["together", "--shard", shard]].concat();
            command.current_dir(&folder).args(args).stderr(Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut shard in shards {
        assert!(shard.wait().unwrap().success());
    }
    make(&folder, "alone", &[]);
    assert_same(&folder.join("alone"), &folder.join("together"));
}

#[test]
fn the_files_hold_the_exact_simulation_of_the_drawn_inputs() {
    let folder = folder("dataset_contents");
    make(&folder, "out", &["--method", "exact"]);
    let set = folder.join("out").join(CABLE);
    let manifest = std::fs::read_to_string(set.join("dataset.json")).unwrap();
    let manifest = Manifest::from_json(&manifest).unwrap();
    assert_eq!((manifest.seed, manifest.sim_duration_ms), (5, 200));
    for (split, index) in [(Split::Train, 0), (Split::Train, 29), (Split::Test, 2)] {
        let inputs = random_inputs(5, split, index, 8, 200);
        let simulation = Simulation::run(&NeuronParams::default(), inputs, None, &[]).unwrap();
        let expected = Sample::from(&simulation);
        for part in Part::ALL {
            let path = format!("{split}/{}/sim_{index:07}.npy", part.folder());
            assert!(std::fs::read(set.join(&path)).unwrap() == expected.encode(part), "{path}");
        }
    }
}

#[test]
fn simulate_draws_the_first_training_inputs() {
    let folder = folder("dataset_simulate");
    let args = ["simulate", "--seed", "5", "--duration", "200", "--out", "one.npz"];
    succeed(&folder, &args);
    let bytes = std::fs::read(folder.join("one.npz")).unwrap();
    let mut npz = ballstick::data::npy::Npz::new(&bytes).unwrap();
    let inputs = ballstick::data::input::read_inputs(&mut npz).unwrap();
    assert_eq!(inputs, random_inputs(5, Split::Train, 0, 8, 200));
}

/// A data set that takes long enough to be killed in the middle on any machine: two threads, however many cores there
/// are.
const LONG: &[&str] = &[
    "--train",
    "240",
    "--duration",
    "400",
    "--method",
    "exact",
    "--threads",
    "2",
    "--out",
    "killed",
];

fn start(folder: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ballstick"));
    command.current_dir(folder).arg("dataset").args(LONG);
    command.stderr(Stdio::piped()).spawn().unwrap()
}

fn finished(folder: &Path) -> usize {
    let inputs = folder.join("killed").join(CABLE).join("train/inputs");
    let files = std::fs::read_dir(inputs).into_iter().flatten().flatten();
    files.filter(|f| f.file_name().to_string_lossy().ends_with(".npy")).count()
}

/// Starts the command and waits until `more` new simulations are finished.
fn start_and_wait(folder: &Path, more: usize) -> Child {
    let before = finished(folder);
    let mut child = start(folder);
    let patience = Instant::now();
    while finished(folder) < before + more {
        assert!(patience.elapsed() < Duration::from_secs(120), "nothing comes");
        assert!(child.try_wait().unwrap().is_none(), "it ended before it could be killed");
        std::thread::sleep(Duration::from_millis(1));
    }
    child
}

#[test]
fn killed_again_and_again_it_goes_on_and_ends_with_the_same_bytes() {
    let folder = folder("dataset_killed");
    for more in [3, 10, 25] {
        let mut child = start_and_wait(&folder, more);
        child.kill().unwrap(); // SIGKILL
        child.wait().unwrap();
        assert!(!folder.join("killed").join(CABLE).join("dataset.json").exists());
    }
    // the file that a kill in the middle of writing leaves behind
    let train = folder.join("killed").join(CABLE).join("train");
    std::fs::write(train.join("inputs/sim_0000200.npy.part77"), b"half").unwrap();
    let there = finished(&folder);
    let said = succeed(&folder, &[&["dataset"], LONG].concat());
    assert!(said.contains("were there"), "{said}");
    assert!(there >= 38 && finished(&folder) == 240);
    let once = LONG.iter().map(|a| if *a == "killed" { "once" } else { a });
    succeed(&folder, &std::iter::once("dataset").chain(once).collect::<Vec<_>>());
    assert_same(&folder.join("once"), &folder.join("killed"));
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_in_order_and_says_how_to_go_on() {
    let folder = folder("dataset_ctrl_c");
    let child = start_and_wait(&folder, 3);
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("run the same command again"), "{said}");
    let files = tree(&folder.join("killed"));
    assert!(!files.keys().any(|f| f.to_string_lossy().contains(".part")));
}

#[test]
fn damaged_and_missing_files_are_made_again() {
    let folder = folder("dataset_repair");
    make(&folder, "out", &[]);
    make(&folder, "whole", &[]);
    let train = folder.join("out").join(CABLE).join("train");
    let soma = train.join("output_soma_v/sim_0000002.npy");
    let mut bytes = std::fs::read(&soma).unwrap();
    *bytes.last_mut().unwrap() ^= 1; // still a number
    std::fs::write(&soma, bytes).unwrap();
    std::fs::write(train.join("inputs/sim_0000004.npy"), b"").unwrap();
    std::fs::remove_file(train.join("output_spikes/sim_0000009.npy")).unwrap();
    let said = make(&folder, "out", &[]);
    for name in ["sim_0000002", "sim_0000004", "sim_0000009"] {
        assert!(said.contains(&format!("train {name}: damaged")), "{said}");
    }
    assert!(said.contains("3 simulations made") && said.contains("33 were there"), "{said}");
    assert_same(&folder.join("whole"), &folder.join("out"));
}

#[test]
fn a_data_set_can_grow_but_not_change() {
    let folder = folder("dataset_grow");
    let of = |train, out| ["dataset", "--duration", "100", "--train", train, "--out", out];
    succeed(&folder, &of("12", "grown"));
    succeed(&folder, &of("26", "grown"));
    succeed(&folder, &of("26", "at_once"));
    assert_same(&folder.join("at_once"), &folder.join("grown"));
    let refused = |more: &[&str], words: &[&str]| {
        fail(&folder, 2, &[&of("26", "grown"), more].concat(), words);
    };
    refused(&["--seed", "1"], &["holds another data set", "seed is 0", "it is 1"]);
    refused(&["--set", "gamma_NMDA=0.062"], &["neuron.gamma_NMDA", "0.062"]);
    refused(&["--method", "exact"], &["method"]);
    fail(&folder, 2, &of("12", "grown"), &["is not one of the 12 train simulations"]);
    assert_same(&folder.join("at_once"), &folder.join("grown"));
}

#[test]
fn files_of_others_are_left_alone() {
    let folder = folder("dataset_foreign");
    let inputs = folder.join("out").join(CABLE).join("train/inputs");
    std::fs::create_dir_all(&inputs).unwrap();
    std::fs::write(inputs.join("sim_0000000.npy"), b"precious").unwrap();
    let before = tree(&folder);
    fail(&folder, 2, &[SMALL, &["out"]].concat(), &["sim_0000000.npy", "choose another --out"]);
    assert_eq!(tree(&folder), before);
    assert_eq!(std::fs::read(inputs.join("sim_0000000.npy")).unwrap(), b"precious");
}

#[test]
fn what_cannot_be_used_is_named() {
    let folder = folder("dataset_refused");
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("misspelt.json", "{\"exc_sparsity_range\": [[0.9, 0.9], [0.9, 0.9]]}");
    write("reversed.json", "{\"num_intervals_range\": [9, 2]}");
    write("broken.json", "{");
    let cases: &[(&[&str], &[&str])] = &[
        (
            &["--config", "misspelt.json"],
            &["misspelt.json", "did you mean \"exc_sparsity_level_range\""],
        ),
        (&["--config", "reversed.json"], &["num_intervals_range", "[9, 2]"]),
        (&["--config", "broken.json"], &["not a JSON object"]),
        (&["--config", "none.json"], &["none.json"]),
        (&["--shard", "0/3"], &["i/n"]),
        (&["--shard", "4/3"], &["i/n"]),
        (&["--method", "quick"], &["quick"]),
        (&["--duration", "0"], &["1..10000000"]),
        (&["--preset", "pyramidal"], &["pyramidal", "ampa-point"]),
    ];
    for (args, words) in cases {
        fail(&folder, 2, &[&["dataset", "--train", "1", "--out", "out"], *args].concat(), words);
        assert!(!folder.join("out").exists(), "{args:?} wrote something");
    }
    fail(&folder, 2, &["dataset", "--train", "0", "--out", "out"], &["1..10000000"]);
}

#[test]
fn a_config_decides_what_is_drawn() {
    let folder = folder("dataset_config");
    let silent = "{\"exc_sparsity_level_range\": [[1, 1], [1, 1]], \"modulation_probability\": 0}";
    std::fs::write(folder.join("c.json"), silent).unwrap();
    let args =
        ["dataset", "--train", "2", "--duration", "50", "--config", "c.json", "--out", "out"];
    succeed(&folder, &args);
    let json = succeed(&folder, &["stats", "out", "--split", "train", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["train"]["input_exc_mean"], serde_json::json!([0.0, 0.0]));
    assert!(json["train"]["input_inh_mean"][0].as_f64().unwrap() > 0.0);
}
