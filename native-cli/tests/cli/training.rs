//! Training on the command line: interrupted and resumed, diverging, and on missing devices.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::{assert_same, fail, folder, said, succeed};
use ballstick::twin::results::Row;

const SMALL: &[&str] = &["dataset", "--train", "8", "--duration", "300", "--seed", "2", "--out"];

/// A training of config A at its smallest, to which each test adds options.
const TRAIN: &[&str] = &["train", "--data", "data", "--config", "A", "--window", "150"];

fn data(name: &str) -> std::path::PathBuf {
    let folder = folder(name);
    succeed(&folder, &[SMALL, &["data"]].concat());
    folder
}

/// Starts the command, and presses Ctrl-C once `file` exists; returns the exit code and the output.
#[cfg(unix)]
fn interrupt(folder: &Path, args: &[&str], file: &Path) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ballstick"));
    command.current_dir(folder).args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child: Child = command.spawn().unwrap();
    let start = Instant::now();
    while !file.exists() {
        assert!(start.elapsed() < Duration::from_secs(120), "{} never came", file.display());
        std::thread::sleep(Duration::from_millis(1));
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    (output.status.code(), said(&output))
}

#[cfg(unix)]
#[test]
fn ctrl_c_saves_and_resume_ends_with_the_same_bits() {
    let folder = data("interrupted");
    // enough epochs that the first checkpoint is far from the last, however fast the machine
    let common = [TRAIN, &["--epochs", "100", "--batch-size", "2"]].concat();
    succeed(&folder, &[&common[..], &["--out", "whole"]].concat());

    let parts = [&common[..], &["--out", "parts"]].concat();
    let last = folder.join("parts/last.safetensors");
    let (code, said) = interrupt(&folder, &parts, &last);
    assert_eq!(code, Some(130), "{said}");
    assert!(said.contains("--resume goes on"), "{said}");
    let curve = || std::fs::read_to_string(folder.join("parts/curve_train.csv")).unwrap();
    let steps = curve().lines().count();
    assert!(steps < 400, "it was over before Ctrl-C");
    fail(&folder, 2, &parts, &["last.safetensors", "--resume"]);

    // interrupted once more, then resumed to the end
    let resume = [&common[..], &["--out", "parts", "--resume"]].concat();
    let begun = folder.join("parts/recipe.json");
    std::fs::remove_file(&begun).unwrap();
    let (code, said) = interrupt(&folder, &resume, &begun);
    assert_eq!(code, Some(130), "{said}");
    assert!(curve().lines().count() >= steps);
    succeed(&folder, &resume);
    // weights, optimizer, curves and settings, every byte
    assert_same(&folder.join("whole"), &folder.join("parts"));
}

#[test]
fn a_diverging_training_stops_with_sound_weights() {
    let folder = data("diverged");
    let args = [TRAIN, &["--epochs", "3", "--learning-rate", "1e30", "--out", "run"]].concat();
    let words = ["diverged at step", "Lower learning_rate", "1e30", "last.safetensors holds it"];
    fail(&folder, 1, &args, &words);
    // the last checkpoint can be judged: it is finite
    let model = "run/last.safetensors";
    let predict = ["predict", "--model", model, "--inputs", "x.npz", "--out", "p.npz"];
    succeed(&folder, &["simulate", "--duration", "100", "--out", "x.npz"]);
    succeed(&folder, &predict);
    // the resumed training diverges again, with the same message
    let resume = ["train", "--data", "data", "--out", "run", "--resume"];
    fail(&folder, 1, &resume, &["diverged at step"]);
}

/// A device that this build or this machine lacks gives an error of one line, which names the available devices.
#[test]
fn a_device_that_is_not_there_is_one_line() {
    let folder = data("no_device");
    for (device, there) in [("wgpu", cfg!(feature = "wgpu")), ("cuda", cfg!(feature = "cuda"))] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ballstick"));
        command.current_dir(&folder).args(TRAIN).args(["--out", "run", "--device", device]);
        // no Vulkan driver, and no library of NVIDIA's
        command.env("VK_DRIVER_FILES", "/dev/null").env("VK_ICD_FILENAMES", "/dev/null");
        command.env("LD_LIBRARY_PATH", "").env("CUDA_VISIBLE_DEVICES", "");
        let output = command.output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        let why = if there { "this machine has not" } else { "this build leaves it out" };
        assert!(said.contains(&format!("--device {device}")) && said.contains(why), "{said}");
        assert!(said.contains("cpu"), "{said}");
        assert!(!folder.join("run/last.safetensors").exists());
    }
}

#[cfg(unix)]
#[test]
fn a_sweep_goes_on_where_it_was_stopped() {
    let folder = data("sweep");
    let recipe = ["--epochs", "4", "--window", "150", "--batch-size", "2"];
    // D, because the twins after A would otherwise be trained within the time that Ctrl-C takes
    let args = ["sweep", "--data", "data", "--out", "out", "--configs", "AD"];
    let args = [&args[..], &recipe].concat();
    let neuron = folder.join("out").join(crate::common::CABLE);
    let row = neuron.join("A/row.json");
    let (code, said) = interrupt(&folder, &args, &row);
    assert_eq!(code, Some(130), "{said}");
    assert!(said.contains("the same command goes on"), "{said}");
    let first = std::fs::read(&row).unwrap();
    let clock = std::fs::metadata(&row).unwrap().modified().unwrap();
    assert!(!neuron.join("D/row.json").exists());
    succeed(&folder, &args);
    assert_eq!(std::fs::read(&row).unwrap(), first);
    assert_eq!(std::fs::metadata(&row).unwrap().modified().unwrap(), clock, "A was trained again");
    // the table holds each twin's recipe
    let table = std::fs::read_to_string(folder.join("out/table.csv")).unwrap();
    let rows = Row::from_csv(&table).unwrap();
    assert_eq!(rows.iter().map(|row| row.config.as_str()).collect::<Vec<_>>(), ["A", "D"]);
    for row in &rows {
        assert_eq!((row.epochs, row.batch_size, row.window_ms), (Some(4), Some(2), Some(150)));
        assert_eq!((row.train_simulations, row.steps, row.seed), (Some(8), Some(16), Some(0)));
        assert!(row.parameters.is_some(), "{table}");
        for number in [row.auc_low, row.auc, row.near_auc, row.train_seconds] {
            assert!(number >= Some(0.0), "{table}");
        }
        assert!(row.inference_ms > Some(0.0) && row.memory_mib > Some(0.0), "{table}");
    }
    let report = std::fs::read_to_string(folder.join("out/report.html")).unwrap();
    for text in ["AUC on the test set", "memory (MiB)", "First layers", "95% interval"] {
        assert!(report.contains(text), "{text}");
    }
    // the bar plot, and the first layer of each twin
    assert!(report.matches("<svg").count() >= 3 && !report.contains("http://localhost"));
    for figure in ["A/first_layer.png", "D/first_layer.svg", "D/metrics.json"] {
        assert!(neuron.join(figure).exists(), "{figure}");
    }
}

#[test]
fn the_four_architectures_stand_side_by_side() {
    let folder = data("architectures");
    let args = ["sweep", "--data", "data", "--out", "out", "--configs", "", "--architectures"];
    let recipe = ["--epochs", "1", "--window", "60", "--batch-size", "8"];
    succeed(&folder, &[&args[..], &recipe].concat());
    let table = std::fs::read_to_string(folder.join("out/table.csv")).unwrap();
    let twins: Vec<&str> = table.lines().skip(1).map(|l| l.split(',').nth(1).unwrap()).collect();
    assert_eq!(twins, ["tcn", "resnet_tcn", "elm", "transformer"]);
    let report = std::fs::read_to_string(folder.join("out/report.html")).unwrap();
    // three have a first layer to draw; an ELM has none
    assert_eq!(report.matches("<details>").count(), 3);
}
