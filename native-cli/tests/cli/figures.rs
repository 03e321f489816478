//! Learning curves, samples and calibration as figures; mixed axons; criteria on inputs.

use std::path::{Path, PathBuf};

use crate::common::{CABLE, fail, folder, succeed};
use ballstick::data::npy::Npz;

const DATA: &[&str] = &[
    "dataset",
    "--train",
    "8",
    "--test",
    "3",
    "--duration",
    "300",
    "--seed",
    "2",
    "--out",
    "data",
];
const TRAIN: &[&str] =
    &["train", "--data", "data", "--config", "A", "--window", "150", "--batch-size", "2"];

/// A folder with a data set and a run of two epochs, trained with these further options.
fn trained(name: &str, options: &[&str]) -> (PathBuf, String) {
    let folder = folder(name);
    succeed(&folder, DATA);
    let said = succeed(&folder, &[TRAIN, &["--epochs", "2", "--out", "run"], options].concat());
    (folder, said)
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// The fractions of each loss in the first and the last epoch, which are printed in two columns.
fn fractions(said: &str) -> [f64; 2] {
    let rows = ["spikes", "soma", "near spike", "inst rate", "dend v"].map(|head| {
        let line = said.lines().find(|l| l.starts_with(head) && !l.contains(':')).unwrap();
        let mut numbers = line.split_whitespace().rev().map(|n| n.parse::<f64>().unwrap());
        let (last, first) = (numbers.next().unwrap(), numbers.next().unwrap());
        [first, last]
    });
    [0, 1].map(|column| rows.iter().map(|row| row[column]).sum())
}

#[test]
fn curves_are_drawn_while_it_trains_and_by_a_command() {
    let (folder, said) = trained("curves", &[]);
    for sum in fractions(&said) {
        // the sum of five numbers of three digits
        assert!((sum - 1.0).abs() < 0.003, "{said}");
    }
    let drawn = text(&folder.join("run/curves.svg"));
    for words in [
        "gradient norm before clipping",
        "clipped at 25",
        "best checkpoint",
        "weighted losses",
        "fraction of the total",
        "all, weighted",
    ] {
        assert!(drawn.matches(words).count() >= 2, "no two of {words}");
    }
    assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{}", drawn.len());
    let told = succeed(&folder, &["curves", "run", "--plot", "one.svg"]);
    assert!(told.starts_with("run: TCN") && told.contains("8 steps in 2 epochs"), "{told}");
    assert_eq!(fractions(&told), fractions(&said));
    assert_eq!(text(&folder.join("one.svg")), drawn);
    // the curves of several runs in one figure, named by their folders
    succeed(&folder, &[TRAIN, &["--epochs", "1", "--seed", "1", "--out", "other"]].concat());
    succeed(&folder, &["curves", "run", "other/best.safetensors", "--plot", "both.svg"]);
    let both = text(&folder.join("both.svg"));
    assert!(both.contains(">\nrun\n<") && both.contains(">\nother\n<"), "no names");
    assert!(!both.contains("weighted losses"));
    succeed(&folder, &["curves", "run", "--plot", "one.png"]);
    fail(&folder, 2, &["curves", "data"], &["data", "no last.safetensors"]);
    fail(&folder, 2, &["curves", "nothing"], &["nothing"]);
    fail(&folder, 2, &["curves", "run", "--plot", "one.pdf"], &["one.pdf", ".svg or .png"]);
    let eight = ["run"; 8];
    fail(&folder, 2, &[&["curves"][..], &eight].concat(), &["tell 7 apart"]);
}

/// The messages of a TensorBoard event file; their framing is checked.
fn records(path: &Path) -> Vec<Vec<u8>> {
    let bytes = std::fs::read(path).unwrap();
    let (mut at, mut records) = (0, Vec::new());
    while at < bytes.len() {
        let length = u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize;
        records.push(bytes[at + 12..at + 12 + length].to_vec());
        at += length + 16;
    }
    assert_eq!(at, bytes.len());
    records
}

fn event_files(folder: &Path) -> Vec<PathBuf> {
    let all = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    let mut files: Vec<_> =
        all.filter(|p| p.to_string_lossy().contains("events.out.tfevents.")).collect();
    files.sort();
    files
}

#[test]
fn event_files_hold_every_step_once() {
    let (folder, _) = trained("tensorboard", &["--tensorboard"]);
    let run = folder.join("run");
    let rows = |name: &str| text(&run.join(name)).lines().count() - 1;
    let files = event_files(&run);
    assert_eq!(files.len(), 1, "{files:?}");
    let first = records(&files[0]);
    assert!(first[0].ends_with(b"brain.Event:2"));
    assert_eq!(first.len(), 1 + rows("curve_train.csv") + rows("curve_valid.csv"));
    let with = |records: &[Vec<u8>], tag: &str| {
        records.iter().filter(|r| r.windows(tag.len()).any(|w| w == tag.as_bytes())).count()
    };
    assert_eq!(with(&first, "train/grad_norm"), 8);
    assert_eq!(with(&first, "valid/dend_v"), rows("curve_valid.csv"));
    // a resumed training writes its events into another file
    let resume = [TRAIN, &["--epochs", "3", "--out", "run", "--resume", "--tensorboard"]].concat();
    succeed(&folder, &resume);
    let files: Vec<_> = event_files(&run).into_iter().filter(|f| *f != files[0]).collect();
    assert_eq!(with(&records(&files[0]), "train/grad_norm"), 4);
}

#[test]
fn figures_of_a_sample_have_the_input_and_its_metrics() {
    let (folder, _) = trained("sample", &[]);
    let twin = "run/best.safetensors";
    let evaluate = ["evaluate", "--model", twin, "--data", "data", "--plot", "figures"];
    succeed(&folder, &[&evaluate[..], &["--sample", "1", "--zoom", "40"]].concat());
    let full = text(&folder.join("figures/sample_full.svg"));
    let words = [
        "inputs (the longest",
        "precision",
        "recall",
        "at 0.5, AUC",
        "RMSE",
        "R²",
        "near spikes: AUC",
        "a lane is",
    ];
    for word in words {
        assert!(full.contains(word), "no {word}");
    }
    // the whole sample is shorter than the enlarged stretch: both begin at the window's first ms
    assert!(full.contains("16 to 284 ms"), "no stretch");
    let minimal = text(&folder.join("figures/sample_minimal.svg"));
    assert!(minimal.contains("sim_0000001") && minimal.contains("excitation"));
    let calibration = text(&folder.join("figures/calibration.svg"));
    assert!(calibration.contains("predicted probability of a spike"));
    fail(&folder, 2, &["evaluate", "--model", twin, "--data", "data", "--zoom", "3"], &["--plot"]);
}

#[test]
fn mixed_axons_show_the_neuron_beside_its_twin() {
    let (folder, _) = trained("mixing", &[]);
    let mixing = ["simulate", "--inputs", "mixing:16,20,4", "--duration", "256", "--seed", "3"];
    let twin = ["--twin", "run/best.safetensors", "--out", "m.npz", "--plot", "m.svg"];
    let said = succeed(&folder, &[&mixing[..], &twin].concat());
    assert!(said.contains("precision") && said.contains("dendritic voltage: MAE"), "{said}");
    let bytes = std::fs::read(folder.join("m.npz")).unwrap();
    let mut npz = Npz::new(&bytes).unwrap();
    let exc = npz.read_real("x_exc").unwrap();
    assert_eq!(exc.shape(), [8, 256]);
    assert!(exc.iter().any(|w| *w > 0.0));
    for (name, shape) in
        [("twin_spikes", &[256][..]), ("twin_soma", &[256]), ("twin_dend_v", &[8, 256])]
    {
        let found = npz.read_real(name).unwrap();
        assert_eq!(found.shape(), shape, "{name}");
        assert!(found.iter().all(|v| v.is_finite()));
    }
    // the twin's outputs are those of `predict`
    succeed(
        &folder,
        &["predict", "--model", "run/best.safetensors", "--inputs", "m.npz", "--out", "p.npz"],
    );
    let bytes = std::fs::read(folder.join("p.npz")).unwrap();
    let predicted = Npz::new(&bytes).unwrap().read_real("spikes").unwrap();
    let here = npz.read_real("twin_spikes").unwrap();
    assert_eq!(predicted.iter().collect::<Vec<_>>(), here.iter().collect::<Vec<_>>());
    assert!(text(&folder.join("m.svg")).contains("beside TCN"));

    for (inputs, word) in
        [("mixing:0", "AXONS"), ("mixing:4,x", "EXC_HZ"), ("mixing:1,2,3,4,5,6", "6 numbers")]
    {
        let args = ["simulate", "--inputs", inputs, "--out", "x.npz"];
        fail(&folder, 2, &args, &[word, inputs]);
        assert!(!folder.join("x.npz").exists());
    }
    let point = [
        "simulate",
        "--set",
        "num_segments=3",
        "--inputs",
        "mixing",
        "--twin",
        "run/best.safetensors",
    ];
    fail(&folder, 2, &[&point[..], &["--out", "x.npz"]].concat(), &["is for 8 segments"]);
    let clamp =
        ["simulate", "--clamp", "0,10,1", "--twin", "run/best.safetensors", "--out", "x.npz"];
    fail(&folder, 2, &clamp, &["--clamp"]);
}

#[test]
fn a_filter_may_be_on_the_inputs() {
    let folder = folder("filter-inputs");
    succeed(&folder, DATA);
    let set = format!("data/{CABLE}");
    std::fs::write(folder.join("r.json"), "{\"input_exc_mean_range\": [0, 0.0001]}").unwrap();
    let said = succeed(&folder, &["filter", &set, "--ranges", "r.json", "--dry-run"]);
    assert!(said.contains("8 by input_exc_mean_range"), "{said}");
    std::fs::write(folder.join("r.json"), "{\"input_exc_means_range\": [0, 1]}").unwrap();
    fail(
        &folder,
        2,
        &["filter", &set, "--ranges", "r.json"],
        &["did you mean", "input_exc_mean_range"],
    );
}
