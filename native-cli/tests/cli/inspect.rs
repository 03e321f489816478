//! The commands `ballstick stats`, `filter`, `show` and `convert`.

use std::path::Path;

use crate::common::{CABLE, assert_same, ballstick, fail, folder, said, succeed};
use ballstick::data::npy;

/// The folder of a data set written by numpy; see make.py beside it.
fn public() -> String {
    format!("{}/../tests/fixtures/public", env!("CARGO_MANIFEST_DIR"))
}

fn small(folder: &Path, train: &str) {
    let args = ["dataset", "--train", train, "--duration", "600", "--out", "set"];
    succeed(folder, &args);
}

fn stats(folder: &Path, args: &[&str]) -> serde_json::Value {
    let output = ballstick(folder, &[&["stats", "--json"], args].concat());
    assert!(output.status.success(), "{}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_data_set_by_numpy_is_read() {
    let folder = folder("inspect_numpy");
    let json = stats(&folder, &[&public()]);
    let names = &json["train"]["sample_names"];
    assert_eq!(*names, serde_json::json!(["sim_0000000", "sim_0000007"]));
    let number = |split: &str, key: &str, i: usize| json[split][key][i].as_f64().unwrap();
    // expected: numpy's statistics of its own arrays, with float64 sums
    let expected = [
        ("input_exc_mean", 0, 0.085_009_765_625),
        ("input_exc_std", 0, 0.370_548_977_573_453),
        ("input_exc_mean", 1, 0.435_156_25),
        ("output_soma_v_means", 0, -73.678_899_860_382),
        ("output_firing_rates", 0, 50.0),
        ("output_firing_rates", 1, 0.0),
        ("output_near_spike_means", 0, 0.5),
        ("branch_voltage_means", 0, -79.75),
    ];
    for (key, i, expected) in expected {
        // both are the same sums, in another order
        assert!((number("train", key, i) - expected).abs() < 1e-9, "{key} {i}");
    }
    assert_eq!(json["test"]["output_spike_ISIs"], serde_json::json!([6, 24]));
}

#[test]
fn a_data_set_by_numpy_survives_the_archive_to_the_bit() {
    let folder = folder("inspect_numpy_zip");
    succeed(&folder, &["convert", &public(), "public.zip"]);
    succeed(&folder, &["convert", "public.zip", "back"]);
    let name = "BallAndStickNeuron_Soma_Hay2011_Dend_Lxd_128um_x_4_0um_3segs";
    assert_same(&Path::new(&public()).join(name), &folder.join("back").join(name));
    assert_eq!(stats(&folder, &["public.zip"]), stats(&folder, &[&public()]));
}

#[test]
fn our_headers_are_numpys() {
    // the same array written by numpy and by us, in C order
    let path =
        format!("{}/BallAndStickNeuron_Soma_Hay2011_Dend_Lxd_128um_x_4_0um_3segs/train", public());
    let numpys = |part: &str| std::fs::read(format!("{path}/{part}/sim_0000000.npy")).unwrap();
    let (inputs, spikes, soma) =
        (numpys("inputs"), numpys("output_spikes"), numpys("output_soma_v"));
    assert!(npy::write(&npy::read::<half::f16>(&inputs).unwrap()) == inputs);
    assert!(npy::write(&npy::read::<bool>(&spikes).unwrap()) == spikes);
    assert!(npy::write(&npy::read::<f32>(&soma).unwrap()) == soma);
}

#[test]
fn an_archive_holds_the_same_data_set_in_less_space() {
    let folder = folder("inspect_archive");
    small(&folder, "6");
    succeed(&folder, &["convert", "set", "set.zip"]);
    succeed(&folder, &["convert", "set.zip", "back"]);
    assert_same(&folder.join("set"), &folder.join("back"));
    let of_files: usize = crate::common::tree(&folder.join("set")).values().map(Vec::len).sum();
    let of_zip = std::fs::read(folder.join("set.zip")).unwrap().len();
    assert!(2 * of_zip < of_files, "{of_zip} of {of_files} bytes");
    // the same data set gives the same bytes
    succeed(&folder, &["convert", "back", "again.zip"]);
    let [one, other] = ["set.zip", "again.zip"].map(|n| std::fs::read(folder.join(n)).unwrap());
    assert!(one == other);
    fail(&folder, 2, &["convert", "set", "set.zip"], &["is there already"]);
    fail(&folder, 2, &["convert", "set.zip", "back"], &["is there already"]);
}

#[test]
fn damaged_archives_are_refused_or_named() {
    let folder = folder("inspect_archive_damaged");
    small(&folder, "2");
    succeed(&folder, &["convert", "set", "set.zip"]);
    let bytes = std::fs::read(folder.join("set.zip")).unwrap();
    std::fs::write(folder.join("cut.zip"), &bytes[..bytes.len() / 2]).unwrap();
    fail(&folder, 2, &["stats", "cut.zip"], &["cut.zip", "zip"]);
    std::fs::write(folder.join("text.zip"), "no archive").unwrap();
    fail(&folder, 2, &["stats", "text.zip"], &["text.zip", "zip"]);
    // a flipped bit in the middle of the data of some member
    let mut flipped = bytes.clone();
    let middle = bytes.len() / 2;
    flipped[middle] ^= 8;
    std::fs::write(folder.join("flipped.zip"), flipped).unwrap();
    fail(
        &folder,
        1,
        &["stats", "flipped.zip", "--on-damage", "fail"],
        &["flipped.zip: ", "damaged"],
    );
}

#[test]
fn every_damaged_file_is_named_and_skipped_or_fatal() {
    let folder = folder("inspect_damaged");
    small(&folder, "8");
    let train = folder.join("set").join(CABLE).join("train");
    // without the manifest there are no checksums, and only the files' contents can show damage
    std::fs::remove_file(folder.join("set").join(CABLE).join("dataset.json")).unwrap();
    let path = |array: &str, i: u32| train.join(array).join(format!("sim_{i:07}.npy"));
    let cut = std::fs::read(path("inputs", 0)).unwrap();
    std::fs::write(path("inputs", 0), &cut[..cut.len() - 1]).unwrap();
    std::fs::write(path("output_spikes", 1), b"not an array").unwrap();
    std::fs::copy(path("inputs", 2), path("intermidiate_branch_v", 2)).unwrap();
    let mut nan = std::fs::read(path("output_soma_v", 3)).unwrap();
    let end = nan.len();
    nan[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    std::fs::write(path("output_soma_v", 3), nan).unwrap();
    std::fs::remove_file(path("output_inst_rate", 4)).unwrap();

    let expected = [
        "train/inputs/sim_0000000.npy: truncated",
        "train/output_spikes/sim_0000001.npy: not a NumPy array",
        "train/intermidiate_branch_v/sim_0000002.npy: has shape [8, 600, 2]",
        "train/output_soma_v/sim_0000003.npy: holds a value that is not finite, the first at [599]",
        "train/output_inst_rate/sim_0000004.npy: missing",
    ];
    let text = succeed(&folder, &["stats", "set"]);
    for words in expected {
        assert!(text.contains(words), "no \"{words}\" in {text}");
    }
    assert!(text.contains("3 simulations, 5 damaged"), "{text}");
    fail(&folder, 1, &["stats", "set", "--on-damage", "fail"], &expected);
    fail(&folder, 1, &["convert", "set", "set.zip"], &expected);
    assert!(!folder.join("set.zip").exists());
    succeed(&folder, &["convert", "set", "set.zip", "--on-damage", "skip"]);
    assert_eq!(stats(&folder, &["set.zip"])["train"]["sample_names"].as_array().unwrap().len(), 3);
    // the filter drops unreadable simulations, so that training does not fail on them
    succeed(&folder, &["filter", "set"]);
    let text = succeed(&folder, &["stats", "set", "--on-damage", "fail"]);
    assert!(text.contains("dropped by a filter"), "{text}");
}

#[test]
fn a_flipped_bit_is_found_by_its_checksum() {
    let folder = folder("inspect_checksum");
    small(&folder, "2");
    let path = folder.join("set").join(CABLE).join("test/output_inst_rate/sim_0000000.npy");
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&path, bytes).unwrap();
    fail(
        &folder,
        1,
        &["stats", "set", "--on-damage", "fail"],
        &["test/output_inst_rate/sim_0000000.npy: damaged", "dataset.json"],
    );
}

#[test]
fn a_filter_drops_by_a_list_and_takes_it_back() {
    let folder = folder("inspect_filter");
    small(&folder, "24");
    let whole = crate::common::tree(&folder.join("set"));
    let rates = |args: &[&str]| -> Vec<f64> {
        let json = stats(&folder, args);
        let rates = json["train"]["output_firing_rates"].as_array().unwrap().clone();
        rates.iter().map(|r| r.as_f64().unwrap()).collect()
    };
    let all = rates(&["set"]);
    let kept: Vec<f64> = all.iter().copied().filter(|r| (2.0..=12.0).contains(r)).collect();
    assert!(!kept.is_empty() && kept.len() < all.len(), "the case tests nothing: {all:?}");

    std::fs::write(folder.join("wide.json"), WIDE).unwrap();
    let filter = ["filter", "set", "--ranges", "wide.json"];
    let text = succeed(&folder, &[&filter[..], &["--dry-run"]].concat());
    let expected = format!("train: {} of 24 would be dropped", 24 - kept.len());
    assert!(text.contains(&expected), "{text}");
    assert_eq!(crate::common::tree(&folder.join("set")), whole);

    succeed(&folder, &filter);
    assert_eq!(rates(&["set"]), kept);
    assert_eq!(rates(&["set", "--all"]), all);
    // no file is deleted or changed
    let after = crate::common::tree(&folder.join("set"));
    assert!(whole.iter().all(|(name, bytes)| after[name] == *bytes));
    // a copy for readers that do not know the list
    succeed(&folder, &["convert", "set", "kept", "--without-dropped"]);
    assert_eq!(rates(&["kept", "--all"]), kept);
    succeed(&folder, &["convert", "set", "set.zip"]);
    assert_eq!(rates(&["set.zip"]), kept);
    succeed(&folder, &["filter", "set.zip", "--undo"]);
    assert_eq!(rates(&["set.zip"]), all);

    let text = succeed(&folder, &["filter", "set", "--undo"]);
    assert!(text.contains("taken back: "), "{text}");
    assert_eq!(crate::common::tree(&folder.join("set")), whole);
    fail(&folder, 2, &["filter", "set", "--ranges", "none.json"], &["none.json"]);
    std::fs::write(folder.join("bad.json"), "{\"firing_rate_range\": [0, 1]}").unwrap();
    let words = ["bad.json", "did you mean \"firing_rate_hz_range\""];
    fail(&folder, 2, &["filter", "set", "--ranges", "bad.json"], &words);
}

/// Ranges of which only the firing rate's drops simulations.
const WIDE: &str = r#"{
    "firing_rate_hz_range": [2, 12], "avg_near_spike_prob_range": [0, 1],
    "soma_v_mV_mean_range": [-200, 0], "soma_v_mV_std_range": [0, 100],
    "inst_rate_hz_mean_range": [0, 1000], "inst_rate_hz_std_range": [0, 1000],
    "branch_v_mV_mean_range": [-200, 0], "branch_v_mV_std_range": [0, 100]
}"#;

#[test]
fn figures_are_whole() {
    let folder = folder("inspect_figures");
    small(&folder, "6");
    succeed(&folder, &["stats", "set", "--split", "train", "--plot", "figures"]);
    for name in ["statistics_train", "firing_rate_train"] {
        let svg = std::fs::read_to_string(folder.join(format!("figures/{name}.svg"))).unwrap();
        assert!(svg.contains("firing rate") && svg.trim_end().ends_with("</svg>"));
        assert!(!svg.contains("NaN"), "{name}");
        let png = std::fs::read(folder.join(format!("figures/{name}.png"))).unwrap();
        assert!(png.starts_with(b"\x89PNG") && png.ends_with(b"IEND\xaeB`\x82"));
    }
    let file = format!("set/{CABLE}/train/output_spikes/sim_0000003.npy");
    let text = succeed(&folder, &["show", &file, "--plot", "one.svg"]);
    assert!(text.contains("sim_0000003: 8 segments, 600 ms"), "{text}");
    let svg = std::fs::read_to_string(folder.join("one.svg")).unwrap();
    assert!(svg.contains("near a spike") && svg.trim_end().ends_with("</svg>"));
    succeed(&folder, &["convert", "set", "set.zip"]);
    assert_eq!(text, succeed(&folder, &["show", "set.zip/train/sim_0000003"]));
    let missing = format!("set/{CABLE}/train/inputs/sim_0000099.npy");
    fail(&folder, 2, &["show", &missing, "--plot", "no.svg"], &["no train simulation sim_0000099"]);
    fail(&folder, 2, &["show", &file, "--plot", "no.pdf"], &[".svg or .png"]);
    fail(&folder, 2, &["show", "elsewhere.npy"], &["not a simulation of a data set"]);
    fail(&folder, 2, &["stats", "nowhere"], &["nowhere"]);
    fail(&folder, 2, &["stats", "figures"], &["no data set here"]);
    assert!(!folder.join("no.svg").exists());
}
