//! Options are never ignored: an option that another one makes meaningless is refused by name, and so is a count of 0.

use crate::common::{CELL, fail, folder, succeed, tree};

const TREE: &str = r#"{"branches": [{"name": "trunk", "parent": "soma", "parent_x": 1, "L_um": 400,
    "diam_um": 2.0, "num_segments": 4}]}"#;

#[test]
fn simulate_refuses_what_would_be_ignored() {
    let folder = folder("options_simulate");
    std::fs::write(folder.join("tree.json"), TREE).unwrap();
    std::fs::write(folder.join("long.json"), r#"{"sim_duration_ms": 70}"#).unwrap();
    succeed(&folder, &["simulate", "--duration", "60", "--out", "in.npz"]);
    let before = tree(&folder);
    let cases: &[(&[&str], &[&str])] = &[
        (&["--inputs", "in.npz", "--duration", "50"], &["--duration", "in.npz"]),
        (&["--inputs", "in.npz", "--seed", "1"], &["--seed", "in.npz"]),
        (&["--inputs", "in.npz", "--set", "sim_duration_ms=50"], &["sim_duration_ms", "in.npz"]),
        (&["--inputs", "none", "--seed", "1"], &["--seed", "none"]),
        (&["--inputs", "sweep", "--seed", "0"], &["--seed", "sweep"]),
        (&["--inputs", "sweep:8,9", "--seed", "1"], &["--seed", "sweep:8,9"]),
        (&["--duration", "50", "--set", "sim_duration_ms=60"], &["--duration", "50", "60"]),
        (&["--swc", CELL, "--set", "num_segments=3"], &["num_segments", "--swc"]),
        (&["--swc", CELL, "--set", "soma_diam_um=3"], &["soma_diam_um", "--swc"]),
        (&["--swc", CELL, "--set", "dend_L_um=3"], &["dend_L_um", "--swc"]),
        (&["--swc", CELL, "--set", "branches=null"], &["branches", "--swc"]),
        (&["--neuron", "tree.json", "--set", "dend_diam_um=3"], &["dend_diam_um", "branches"]),
        (&["--set", "Ra_ohm_cm=100", "--set", "Ra_ohm_cm=200"], &["Ra_ohm_cm", "twice"]),
        (
            &["--preset", "ff-linear", "--set", "nmda_width_mV=3"],
            &["nmda_width_mV", "nonlinearity"],
        ),
        (&["--preset", "ff-nmda", "--set", "saturation_low_mV=-3"], &["saturation_low_mV"]),
        (&["--record-every", "2"], &["--record"]),
        (&["--record", "g_AMPA,g_AMPA"], &["g_AMPA", "twice"]),
        (&["--record", "all,g_XYZ"], &["g_XYZ"]),
        (&["--inputs", "none", "--duration", "50", "--clamp", "50,10,1"], &["--clamp", "50 ms"]),
        (&["--inputs", "none", "--duration", "50", "--clamp", "5,0,1"], &["--clamp", "0 ms"]),
        (&["--neuron", "long.json", "--preset", "ampa-point"], &["--preset"]),
    ];
    for (options, words) in cases {
        fail(&folder, 2, &[&["simulate", "--out", "o.npz"], *options].concat(), words);
        assert!(tree(&folder) == before, "{options:?} wrote something");
    }
    let no_archive = ["simulate", "--record", "g_AMPA", "--plot", "o.svg"];
    fail(&folder, 2, &no_archive, &["--out"]);
    // options that take effect: a parameter that no other option decides, and a duration from the neuron's file
    let swc = ["simulate", "--swc", CELL, "--set", "Ra_ohm_cm=100", "--inputs", "none"];
    succeed(&folder, &[&swc[..], &["--duration", "9", "--out", "o.npz"]].concat());
    let said = succeed(&folder, &["simulate", "--neuron", "long.json", "--out", "o.npz"]);
    assert!(said.contains("70 ms"), "{said}");
    let both = ["simulate", "--neuron", "long.json", "--duration", "30", "--out", "o.npz"];
    assert!(succeed(&folder, &both).contains("30 ms"));
}

#[test]
fn dataset_refuses_what_would_be_ignored() {
    let folder = folder("options_dataset");
    std::fs::write(folder.join("p.json"), "{}").unwrap();
    let cases: &[(&[&str], &[&str])] = &[
        (&["--preset", "ff-linear", "--method", "fast"], &["--method", "fast", "exact"]),
        (&["--perturb-config", "p.json"], &["--perturb"]),
        (&["--perturb-config", "p.json", "--perturbations", "0"], &["--perturb-config", "0"]),
        (&["--swc", CELL, "--set", "num_segments=3"], &["num_segments", "--swc"]),
        (&["--duration", "50", "--set", "sim_duration_ms=60"], &["--duration", "50", "60"]),
        (&["--threads", "0"], &["--threads"]),
        (&["--train", "0"], &["--train", "1..10000000"]),
    ];
    for (options, words) in cases {
        fail(&folder, 2, &[&["dataset", "--out", "out"], *options].concat(), words);
        assert!(!folder.join("out").exists(), "{options:?} wrote something");
    }
    let one = ["dataset", "--train", "1", "--valid", "0", "--test", "0"];
    let exact = ["--preset", "ff-linear", "--method", "exact", "--duration", "40", "--out", "ff"];
    succeed(&folder, &[&one[..], &exact].concat());
    // the neuron's own duration is used, as in simulate
    let own = ["--set", "sim_duration_ms=40", "--out", "own"];
    succeed(&folder, &[&one[..], &own].concat());
    let stats =
        succeed(&folder, &["show", &format!("own/{}/train/sim_0000000", crate::common::CABLE)]);
    assert!(stats.contains("40 ms"), "{stats}");
}

#[test]
fn commands_of_twins_refuse_counts_of_nothing_and_what_would_be_ignored() {
    let folder = folder("options_twins");
    let data = ["dataset", "--train", "2", "--duration", "100", "--out", "data"];
    succeed(&folder, &data);
    let train = ["train", "--data", "data", "--config", "A", "--window", "50", "--epochs", "1"];
    succeed(&folder, &[&train[..], &["--out", "run"]].concat());
    let before = tree(&folder);
    let train = |more: &[&'static str]| [&train[..3], &["--out", "other"], more].concat();
    let evaluate = |more: &[&'static str]| {
        [&["evaluate", "--model", "run/best.safetensors", "--data", "data"], more].concat()
    };
    let cases: &[(Vec<&str>, &[&str])] = &[
        (train(&["--config", "A", "--limit", "0"]), &["--limit", "at least 1"]),
        (train(&["--config", "A", "--epochs", "0"]), &["--epochs", "at least 1"]),
        (train(&["--config", "A", "--batch-size", "0"]), &["--batch-size", "at least 1"]),
        (train(&["--config", "A", "--window", "0"]), &["--window", "at least 1"]),
        (train(&["--config", "A", "--taylor-form", "finite"]), &["--taylor-form"]),
        (train(&["--config", "A", "--twin", "elm"]), &["A to E are TCNs"]),
        (evaluate(&["--limit", "0"]), &["--limit", "at least 1"]),
        (evaluate(&["--sample", "0"]), &["--plot"]),
        (vec!["filter", "data", "--undo", "--seed", "1"], &["--seed"]),
        (vec!["filter", "data", "--undo", "--on-damage", "fail"], &["--on-damage"]),
        (vec!["bench", "train", "--config", "A", "--seconds", "inf"], &["--seconds"]),
        (vec!["bench", "train", "--config", "A", "--batch", "0"], &["--batch"]),
        (vec!["bench", "train", "--config", "A", "--compile"], &["--pytorch"]),
        (
            vec!["swc", CELL, "--out", "n.json", "--max-segment", "9", "--d-lambda", "0.1"],
            &["--max"],
        ),
    ];
    for (args, words) in cases {
        fail(&folder, 2, args, words);
        assert!(tree(&folder) == before && !folder.join("other").exists(), "{args:?}");
    }
}
