//! The numbers that `evaluate` prints of the recorded twins, and their agreement with the lessons' texts.

use std::path::{Path, PathBuf};

use crate::common::{ballstick, fail, folder, said, succeed};
use crate::markup::Markup;
use crate::said::says;
use ballstick::data::{Manifest, Part, Sample, Split};
use ballstick::twin::batch::Window;
use ballstick::twin::evaluate::{TEST_WINDOW_MS, predict, probability};
use ballstick::twin::metrics::roc;
use ballstick::twin::results::Row;
use ballstick::twin::weights::Checkpoint;
use burn::backend::Flex;
use serde_json::Value;

const WWW: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../www");

fn recorded(name: &str) -> String {
    format!("{WWW}/recorded/{name}")
}

fn lesson(name: &str) -> Markup {
    Markup::read(&std::fs::read_to_string(format!("{WWW}/lessons/{name}.html")).unwrap())
}

/// The recorded twin of the cable.
const C: &str = "twin_cable_C.safetensors";

/// The names in the marks `data-told` of all lessons, whose numbers a test here computes.
const TOLD: [&str; 9] = [
    "alarms-per-100",
    "auc",
    "context-auc",
    "filter-auc",
    "full-auc",
    "judged-ms",
    "logistic-auc",
    "rate",
    "small-ms",
];

/// The number under this name in a lesson's texts, as it is written; all its places must agree.
fn told<'a>(lesson: &'a Markup, name: &str) -> &'a str {
    assert!(TOLD.contains(&name), "{name}");
    let of_name = lesson.texts.iter().filter(|text| text.told_elsewhere() == Some(name));
    let found: Vec<&str> = of_name.map(|text| text.text.as_str()).collect();
    assert!(!found.is_empty() && found.iter().all(|text| *text == found[0]), "{name}: {found:?}");
    found[0]
}

/// Requires that a number in a text is this value, rounded to the text's digits.
fn is(text: &str, value: f64) {
    assert_eq!(says(text, value), Ok(()));
}

#[test]
fn every_mark_is_one_that_a_test_here_computes() {
    let mut found = std::collections::BTreeSet::new();
    for file in std::fs::read_dir(format!("{WWW}/lessons")).unwrap() {
        let markup = Markup::read(&std::fs::read_to_string(file.unwrap().path()).unwrap());
        let marks = markup.texts.iter().filter_map(|text| text.told_elsewhere());
        found.extend(marks.map(str::to_owned));
    }
    assert_eq!(found.into_iter().collect::<Vec<_>>(), TOLD);
}

fn evaluated(folder: &Path, twin: &str, more: &[&str]) -> Value {
    let (model, data) = (recorded(twin), recorded("nmda_cable_small.zip"));
    let args = ["evaluate", "--model", &model, "--data", &data, "--json"];
    // on a slow machine progress is printed, to stderr
    let output = ballstick(folder, &[&args[..], more].concat());
    assert!(output.status.success(), "{}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_recorded_cable_is_judged_beside_its_baselines() {
    let folder = folder("judging_baselines");
    let found = evaluated(&folder, C, &["--baselines"]);
    let number = |value: &Value| value.as_f64().unwrap();
    let judge = lesson("judge");
    is(told(&judge, "auc"), number(&found["AUC_score"]));
    let twin = lesson("twin");
    let baselines = found["baselines"].as_array().unwrap();
    for (baseline, kind) in baselines.iter().zip(["filter", "logistic"]) {
        assert_eq!(baseline["kind"], kind);
        is(told(&twin, &format!("{kind}-auc")), number(&baseline["auc"]));
        let ends = baseline["auc_interval"].as_array().unwrap();
        assert!(
            number(&ends[0]) < number(&baseline["auc"])
                && number(&baseline["auc"]) < number(&ends[1])
        );
    }
    assert_eq!(
        (baselines[0]["parameters"].as_u64(), baselines[0]["train_simulations"].as_u64()),
        (Some(0), Some(0))
    );
    // 64 filtered inputs and a constant, from the 24 train simulations
    assert_eq!(
        (baselines[1]["parameters"].as_u64(), baselines[1]["train_simulations"].as_u64()),
        (Some(65), Some(24))
    );

    // the rates are made of the threshold's counts
    let at = &found["at_FP"];
    let count = |key: &str| number(&at[key]);
    assert_eq!(count("hits") / count("positives"), number(&found["true_positive_at_FP"]));
    assert_eq!(
        count("false_alarms") / count("negatives"),
        number(&found["requested_false_positive_rate"])
    );
    let ends = found["true_positive_at_FP_interval"].as_array().unwrap();
    assert!(number(&ends[0]) <= number(&found["true_positive_at_FP"]));
    // spikes a second, and false alarms for 100 of them at a rate of 0.002
    let seconds = (count("positives") + count("negatives")) / 1000.0;
    is(told(&judge, "rate"), count("positives") / seconds);
    is(told(&judge, "alarms-per-100"), 100.0 * 0.002 * count("negatives") / count("positives"));
    // lesson 7 says that this number and the larger set's lie outside each other's intervals
    let (here, there) = (number(&found["AUC_score"]), row("nmda-cable", "C"));
    let ends = found["AUC_interval"].as_array().unwrap();
    assert!(there.auc > Some(number(&ends[1])) && Some(here) < there.auc_low, "{ends:?} {there:?}");

    // the twin of all the data is the better one here too
    let full = number(&evaluated(&folder, "twin_cable_C_full.safetensors", &[])["AUC_score"]);
    is(told(&judge, "full-auc"), full);
    assert!(full > number(&found["AUC_score"]), "{full}");

    // baselines are computed only on request
    assert!(evaluated(&folder, C, &[])["baselines"].is_null());
}

/// Calibration has the published 8 bins a simulation unless another number is requested.
#[test]
fn calibration_has_as_many_bins_as_it_is_told() {
    let folder = folder("judging_bins");
    let bins = |more: &[&str]| {
        let found = evaluated(&folder, C, more);
        (
            found["calibration_bins"].as_u64().unwrap(),
            found["calibration_correlation"].as_f64().unwrap(),
        )
    };
    let (eight, sixteen) = (bins(&[]), bins(&["--calibration-bins", "16"]));
    assert_eq!((eight.0, sixteen.0), (8, 16));
    assert!(eight.1 != sixteen.1 && eight == bins(&["--calibration-bins", "8"]));
    let (model, data) = (recorded(C), recorded("nmda_cable_small.zip"));
    let args = ["evaluate", "--model", &model, "--data", &data, "--calibration-bins", "0"];
    fail(&folder, 2, &args, &["--calibration-bins"]);
}

/// The simulations of the recorded cable's test set.
fn test_set(folder: &Path) -> Vec<Sample> {
    let data = recorded("nmda_cable_small.zip");
    succeed(folder, &["convert", &data, "set"]);
    let root = walk(&folder.join("set"));
    let manifest = std::fs::read_to_string(root.join("dataset.json")).unwrap();
    let count = Manifest::from_json(&manifest).unwrap().num_simulations.of(Split::Test);
    let sample = |index| {
        let file = |part: Part| root.join(format!("test/{}/sim_{index:07}.npy", part.folder()));
        Sample::decode(&Part::ALL.map(|part| std::fs::read(file(part)).unwrap())).unwrap()
    };
    (0..count).map(sample).collect()
}

fn walk(folder: &Path) -> PathBuf {
    if folder.join("dataset.json").exists() {
        return folder.to_owned();
    }
    let inner = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    walk(&inner)
}

/// A twin is judged on windows without their past; with the past its metrics are nearly the same.
#[test]
fn a_twin_that_sees_the_past_is_judged_alike() {
    let folder = folder("judging_context");
    let bytes = std::fs::read(recorded(C)).unwrap();
    let checkpoint = Checkpoint::from_bytes(&bytes).unwrap();
    let device = Default::default();
    let twin = checkpoint.twin::<Flex>(&device).unwrap();
    let (mut spikes, mut with, mut without) = (Vec::new(), Vec::new(), Vec::new());
    let judge = lesson("judge");
    for (index, sample) in test_set(&folder).iter().enumerate() {
        let (from, length) = Window::centred(index, TEST_WINDOW_MS).place(sample.duration_ms());
        is(told(&judge, "small-ms"), sample.duration_ms() as f64);
        is(told(&judge, "judged-ms"), length as f64);
        assert_eq!(from, (sample.duration_ms() - length) / 2);
        let answers = |first: usize| -> Vec<f32> {
            let times = first..from + length;
            let mut x = Vec::new();
            for kind in 0..2 {
                for s in 0..sample.segments() {
                    let weight = |t: usize| sample.inputs[(s, t, kind)].to_f32();
                    x.extend(
                        times.clone().map(|t| weight(t) / checkpoint.header.scaling.X_scale as f32),
                    );
                }
            }
            let dims = [1, 2, sample.segments(), times.len()];
            let raw = pollster::block_on(predict(&twin, x, dims, &device)).unwrap();
            raw.channel(0, 0)[from - first..].iter().map(|&z| probability(z)).collect()
        };
        spikes.extend(sample.targets.spikes.iter().skip(from).take(length));
        with.extend(answers(0));
        without.extend(answers(from));
    }
    is(told(&judge, "context-auc"), roc(&spikes, &with).auc);
    is(told(&judge, "auc"), roc(&spikes, &without).auc);
}

/// A row of the results that ship with the page.
fn row(neuron: &str, config: &str) -> Row {
    let text = std::fs::read_to_string(recorded("assignment.json")).unwrap();
    let rows = Row::from_json(&text).unwrap();
    rows.into_iter().find(|row| row.neuron == neuron && row.config == config).unwrap()
}

/// Each recorded row names its test set, and rows of the baselines on the same set are beside it.
#[test]
fn recorded_rows_say_their_test_sets() {
    let text = std::fs::read_to_string(recorded("assignment.json")).unwrap();
    let rows = Row::from_json(&text).unwrap();
    for (neuron, simulations) in [("ampa-point", 42), ("nmda-cable", 50)] {
        let of: Vec<&Row> = rows.iter().filter(|row| row.neuron == neuron).collect();
        for row in &of {
            assert_eq!((row.test_simulations, &row.test_set), (Some(simulations), &of[0].test_set));
            assert!(row.test_set.starts_with(&format!("{simulations} of ")), "{}", row.test_set);
        }
        let auc = |config: &str| of.iter().find(|row| row.config == config).unwrap().auc.unwrap();
        assert!(auc("filter") < auc("logistic") && auc("logistic") < auc("A"), "{neuron}");
    }
}
