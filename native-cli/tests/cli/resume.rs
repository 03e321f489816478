//! Resuming a training or a sweep: options that agree with the run are kept, those that contradict it are refused.

use std::path::{Path, PathBuf};

use crate::common::{CABLE, fail, folder, succeed, tree};
use ballstick::twin::results::Row;
use ballstick::twin::weights::Checkpoint;

const DATA: &[&str] = &["dataset", "--duration", "200", "--train", "8", "--valid", "2"];

const RECIPE: &[&str] = &[
    "--window",
    "100",
    "--batch-size",
    "2",
    "--seed",
    "3",
    "--learning-rate",
    "0.001",
    "--limit",
    "4",
];

/// A data set, and a run on four of its eight train simulations: 2 epochs of 2 steps.
fn begun(name: &str) -> PathBuf {
    let folder = folder(name);
    succeed(&folder, &[DATA, &["--test", "2", "--out", "data"]].concat());
    let train = ["train", "--data", "data", "--config", "A", "--out", "run", "--epochs", "2"];
    succeed(&folder, &[&train[..], RECIPE].concat());
    assert_eq!(steps(&folder, "run"), 4);
    folder
}

/// Number of steps in a run's learning curve.
fn steps(folder: &Path, run: &str) -> usize {
    let curve = folder.join(run).join("curve_train.csv");
    std::fs::read_to_string(curve).unwrap().lines().count() - 1
}

fn resume<'a>(data: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["train", "--data", data, "--out", "run", "--resume"], more].concat()
}

#[test]
fn what_contradicts_the_run_is_refused_by_name() {
    let folder = begun("resume_contradicted");
    std::fs::write(folder.join("r.json"), r#"{"weight_decay": 0.5}"#).unwrap();
    let before = tree(&folder.join("run"));
    let cases: &[(&[&str], &[&str])] = &[
        (&["--learning-rate", "0.01"], &["--learning-rate", "0.01", "0.001"]),
        (&["--batch-size", "4"], &["--batch-size", "4", "2"]),
        (&["--window", "50"], &["--window", "50", "100"]),
        (&["--seed", "4"], &["--seed", "4", "3"]),
        (&["--limit", "5"], &["--limit", "5", "4"]),
        (&["--twin", "elm"], &["--twin", "elm", "tcn"]),
        (&["--config", "B"], &["--config B", "first_layer_temporal_kernel_size", "61", "91"]),
        (&["--taylor-consistency", "1"], &["--taylor-consistency"]),
        (&["--taylor-form", "directional"], &["--taylor-form", "directional", "finite"]),
        (&["--taylor-form", "finite"], &["--taylor-form", "without --taylor-consistency"]),
        (&["--recipe", "r.json"], &["--recipe, weight_decay", "0.5", "0.001"]),
        (&["--epochs", "1"], &["--epochs", "is 1", "2 epochs already"]),
        (&["--epochs", "0"], &["--epochs", "at least 1"]),
    ];
    for (options, words) in cases {
        fail(&folder, 2, &resume("data", options), words);
        assert!(tree(&folder.join("run")) == before, "{options:?} changed the run");
    }
}

#[test]
fn what_belongs_to_the_run_is_kept_and_may_be_said_again() {
    let folder = begun("resume_kept");
    let said = succeed(&folder, &resume("data", &["--epochs", "3"]));
    assert!(said.contains("3 epochs instead of 2"), "{said}");
    assert!(said.contains("4 train, 2 valid"), "{said}");
    // with all eight simulations an epoch would take 4 steps
    assert_eq!(steps(&folder, "run"), 6);
    let again = [RECIPE, &["--config", "A", "--twin", "tcn", "--epochs", "4"]].concat();
    succeed(&folder, &resume("data", &again));
    assert_eq!(steps(&folder, "run"), 8);
    // the run's own recipe as a file: its number of epochs is used
    let recipe = std::fs::read_to_string(folder.join("run/recipe.json")).unwrap();
    let recipe = recipe.replace("\"num_epochs\": 4", "\"num_epochs\": 5");
    std::fs::write(folder.join("r.json"), recipe).unwrap();
    succeed(&folder, &resume("data", &["--recipe", "r.json"]));
    assert_eq!(steps(&folder, "run"), 10);
    // the whole command again, in which an option takes precedence over the file
    let other = r#"{"learning_rate": 0.5, "train_batch_size": 2}"#;
    std::fs::write(folder.join("other.json"), other).unwrap();
    let words = ["--recipe, learning_rate", "0.5", "0.001"];
    fail(&folder, 2, &resume("data", &["--recipe", "other.json"]), &words);
    succeed(&folder, &resume("data", &["--recipe", "other.json", "--learning-rate", "0.001"]));
    let said = succeed(&folder, &resume("data", &[]));
    assert!(said.contains("its epochs are all done (5)"), "{said}");
    assert_eq!(steps(&folder, "run"), 10);
}

#[test]
fn the_data_must_be_the_runs() {
    let folder = begun("resume_data");
    let other = |out: &str, more: &[&str]| {
        succeed(&folder, &[DATA, &["--test", "0", "--out", out], more].concat());
    };
    other("neuron", &["--set", "gamma_NMDA=0.062"]);
    other("seed", &["--seed", "1"]);
    other("method", &["--method", "exact"]);
    let words = ["neuron", "gamma_NMDA", "0.062", "0.08"];
    fail(&folder, 2, &resume("neuron", &["--epochs", "3"]), &words);
    let words = ["seed", "train simulations are not those"];
    fail(&folder, 2, &resume("seed", &["--epochs", "3"]), &words);
    fail(&folder, 2, &resume("method", &["--epochs", "3"]), &["method", "are not those"]);
    assert_eq!(steps(&folder, "run"), 4);

    // the same simulations under another path, in another form, and among more of them
    succeed(&folder, &["convert", "data", "elsewhere.zip"]);
    succeed(&folder, &resume("elsewhere.zip", &["--epochs", "3"]));
    succeed(
        &folder,
        &[
            "dataset",
            "--duration",
            "200",
            "--train",
            "12",
            "--valid",
            "3",
            "--test",
            "2",
            "--out",
            "data",
        ],
    );
    let said = succeed(&folder, &resume("data", &["--epochs", "4"]));
    assert!(
        said.contains("3 valid simulations are there now; the run goes on with its 2"),
        "{said}"
    );
    assert_eq!(steps(&folder, "run"), 8);

    // one of the four is dropped in the meantime, and the fifth does not replace it
    let ranges = r#"{"firing_rate_hz_range": [500, 1000]}"#;
    std::fs::write(folder.join("f.json"), ranges).unwrap();
    succeed(&folder, &["filter", "data", "--ranges", "f.json"]);
    fail(&folder, 2, &resume("data", &["--epochs", "5"]), &["has no train simulations"]);
    succeed(&folder, &["filter", "data", "--undo"]);
    let first = folder.join("data").join(CABLE).join("train");
    for part in std::fs::read_dir(first).unwrap() {
        std::fs::remove_file(part.unwrap().path().join("sim_0000000.npy")).unwrap();
    }
    fail(&folder, 2, &resume("data", &["--epochs", "5"]), &["are not those"]);
    assert_eq!(steps(&folder, "run"), 8);
}

#[test]
fn a_run_that_does_not_tell_its_data_says_so_and_goes_on() {
    let folder = begun("resume_old");
    let last = folder.join("run/last.safetensors");
    let mut old = Checkpoint::from_bytes(&std::fs::read(&last).unwrap()).unwrap();
    for key in ["identity", "limit"] {
        assert!(old.header.data.as_object_mut().unwrap().remove(key).is_some(), "{key}");
    }
    std::fs::write(&last, old.to_bytes().unwrap()).unwrap();
    let said = succeed(&folder, &resume("data", &["--epochs", "3"]));
    assert!(said.contains("does not tell the checksums"), "{said}");
    // the number of simulations is in the checkpoint's header
    assert!(
        said.contains("8 train simulations are there now; the run goes on with its 4"),
        "{said}"
    );
    assert_eq!(steps(&folder, "run"), 6);
}

#[test]
fn a_sweep_goes_on_with_the_same_twins_alone() {
    let folder = folder("resume_sweep");
    succeed(&folder, &[DATA, &["--test", "2", "--out", "data"]].concat());
    succeed(&folder, &[DATA, &["--test", "2", "--out", "other", "--seed", "1"]].concat());
    let sweep = |data: &'static str, more: &[&'static str]| {
        let args =
            ["sweep", "--data", data, "--out", "out", "--window", "100", "--batch-size", "4"];
        [&args[..], more].concat()
    };
    let rows = || {
        let table = std::fs::read_to_string(folder.join("out/table.csv")).unwrap();
        Row::from_csv(&table).unwrap()
    };
    succeed(&folder, &sweep("data", &["--configs", "A", "--epochs", "1"]));
    assert_eq!((rows()[0].epochs, rows()[0].steps), (Some(1), Some(2)));
    let table = std::fs::read(folder.join("out/table.csv")).unwrap();
    let refused = |args: &[&str], words: &[&str]| {
        fail(&folder, 2, args, words);
        assert_eq!(std::fs::read(folder.join("out/table.csv")).unwrap(), table, "{args:?}");
    };
    let words = ["--learning-rate", "0.01", "0.0003", "--keep-finished"];
    refused(&sweep("data", &["--configs", "A", "--learning-rate", "0.01"]), &words);
    refused(&sweep("other", &["--configs", "A"]), &["other", "are not those"]);
    refused(&sweep("data", &["--configs", "AA"]), &["--configs", "A stands there twice"]);
    refused(&sweep("data", &["--configs", "A", "--limit", "0"]), &["--limit", "at least 1"]);
    let two = [&sweep("data", &["--configs", "A"])[..], &["--data", "other"]].concat();
    refused(&two, &["other", "data", "a sweep has one of each"]);
    let kept = ["--configs", "A", "--learning-rate", "0.01", "--keep-finished"];
    succeed(&folder, &sweep("data", &kept));
    assert_eq!((rows()[0].learning_rate, rows()[0].steps), (Some(0.0003), Some(2)));
    // with more epochs the training is resumed
    succeed(&folder, &sweep("data", &["--configs", "A", "--epochs", "3"]));
    assert_eq!((rows()[0].epochs, rows()[0].steps), (Some(3), Some(6)));
    succeed(&folder, &sweep("data", &["--configs", "A"]));
    assert_eq!((rows()[0].epochs, rows()[0].steps), (Some(3), Some(6)));
}
