//! Taylor consistency on the command line: making pairs, learning from them, and judging by them.

use crate::common::{CABLE, assert_same, fail, folder, succeed, tree};

const SMALL: &[&str] = &["dataset", "--train", "8", "--duration", "300", "--seed", "2", "--out"];

const TRAIN: &[&str] = &["train", "--config", "A", "--epochs", "6", "--window", "150"];

#[test]
fn pairs_are_made_learnt_and_judged() {
    let folder = folder("taylor");
    succeed(&folder, &[SMALL, &["plain"]].concat());
    succeed(&folder, &[SMALL, &["pairs", "--perturbations", "2", "--threads", "1"]].concat());
    succeed(&folder, &[SMALL, &["again", "--perturbations", "2", "--threads", "3"]].concat());
    assert_same(&folder.join("pairs"), &folder.join("again"));
    // the data set itself is the same as without pairs
    let mut with = tree(&folder.join("pairs").join(CABLE));
    with.retain(|name, _| !name.to_string_lossy().starts_with("perturbed_"));
    assert!(with == tree(&folder.join("plain").join(CABLE)));

    let run = |data: &str, out: &str, more: &[&str]| {
        succeed(&folder, &[TRAIN, &["--data", data, "--out", out], more].concat());
        std::fs::read_to_string(folder.join(out).join("curve_train.csv")).unwrap()
    };
    let without = run("plain", "a", &[]);
    assert_eq!(without, run("pairs", "b", &[]), "without the flag nothing changes");
    let finite = run("pairs", "c", &["--taylor-consistency", "1"]);
    let more = ["--taylor-consistency", "1", "--taylor-form", "directional"];
    let directional = run("pairs", "d", &more);
    assert!(finite != without && directional != without && finite != directional);

    // other perturbations of the same simulations are other data
    std::fs::write(folder.join("p.json"), r#"{"window_ms": 64}"#).unwrap();
    let other = ["others", "--perturbations", "2", "--perturb-config", "p.json"];
    succeed(&folder, &[SMALL, &other].concat());
    let resume = |data| ["train", "--data", data, "--out", "c", "--resume", "--epochs", "7"];
    fail(&folder, 2, &resume("others"), &["others", "perturbed simulations are not those"]);
    fail(&folder, 2, &resume("plain"), &["plain", "perturbed simulations are not those"]);
    succeed(&folder, &resume("again"));

    let model = "c/best.safetensors";
    let json = succeed(&folder, &["evaluate", "--model", model, "--data", "pairs", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["response"]["num_pairs"], 2);
    let explained = &json["response"]["soma_explained_variance_percent"];
    assert!(explained.as_f64().is_some_and(|percent| percent <= 100.0), "{explained}");
    let said = succeed(&folder, &["evaluate", "--model", model, "--data", "pairs"]);
    assert!(said.contains("response to 2 perturbations"), "{said}");
    let said = succeed(&folder, &["evaluate", "--model", model, "--data", "plain"]);
    assert!(!said.contains("perturbations"), "{said}");
}

#[test]
fn what_cannot_be_is_refused() {
    let folder = folder("taylor_refused");
    succeed(&folder, &[SMALL, &["plain"]].concat());
    let train = [TRAIN, &["--data", "plain", "--out", "run", "--taylor-consistency"]].concat();
    fail(&folder, 2, &[&train[..], &["1"]].concat(), &["plain", "--perturbations"]);
    fail(&folder, 2, &[&train[..], &["nan"]].concat(), &["taylor_consistency", "at least 0"]);
    let other = ["1", "--taylor-form", "second"];
    fail(&folder, 2, &[&train[..], &other].concat(), &["second", "directional"]);
    assert!(!folder.join("run").exists());
    std::fs::write(folder.join("p.json"), r#"{"window_ms": 0}"#).unwrap();
    let dataset = [SMALL, &["pairs", "--perturbations", "1", "--perturb-config", "p.json"]];
    fail(&folder, 2, &dataset.concat(), &["p.json", "window_ms"]);
    std::fs::write(folder.join("p.json"), r#"{"windows": 1}"#).unwrap();
    fail(&folder, 2, &dataset.concat(), &["p.json", "windows"]);
    assert!(!folder.join("pairs").exists());
}
