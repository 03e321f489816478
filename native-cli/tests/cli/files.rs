//! Files written by other programs: read correctly, or refused in words.

use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};

use crate::common::{CABLE, folder, refused, succeed};
use crate::difference::max_abs_difference;
use ballstick::data::input::read_inputs;
use ballstick::data::npy::{self, Npz, NpzWriter};
use ndarray::Array2;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

fn fixture(name: &str) -> String {
    format!("{}/../tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn values(path: &Path, name: &str) -> Vec<f64> {
    let bytes = std::fs::read(path).unwrap();
    Npz::new(&bytes).unwrap().read_real(name).unwrap().into_iter().collect()
}

#[test]
fn whole_numbers_and_python_2_are_inputs() {
    let folder = folder("files_numbers");
    for name in ["01_i2", "01_u4", "05_python2_longs"] {
        let input = fixture(&format!("npz/{name}.npz"));
        succeed(&folder, &["simulate", "--inputs", &input, "--out", "out.npz"]);
        for array in ["x_exc", "x_inh"] {
            let (given, kept) = (Path::new(&input), folder.join("out.npz"));
            assert_eq!(values(given, array), values(&kept, array), "{name}: {array}");
        }
    }
    let model = fixture("st/09_module.safetensors");
    let x = fixture("npz/20_X_i2.npz");
    succeed(&folder, &["predict", "--model", &model, "--inputs", &x, "--out", "p.npz"]);
    assert!(values(&folder.join("p.npz"), "soma").iter().all(|v| v.is_finite()));
}

#[test]
fn what_is_saved_is_what_was_simulated() {
    let folder = folder("files_saved");
    for name in ["13d_70000", "17_not_half"] {
        let input = fixture(&format!("npz/{name}.npz"));
        succeed(&folder, &["simulate", "--inputs", &input, "--out", "a.npz"]);
        let given = std::fs::read(&input).unwrap();
        let kept = std::fs::read(folder.join("a.npz")).unwrap();
        let read = |bytes: &[u8]| read_inputs(&mut Npz::new(bytes).unwrap()).unwrap();
        assert_eq!(read(&given), read(&kept), "{name}");
        // the inputs in an output simulate to the same bits, and are written as the same bytes
        succeed(&folder, &["simulate", "--inputs", "a.npz", "--out", "b.npz"]);
        assert_eq!(kept, std::fs::read(folder.join("b.npz")).unwrap(), "{name}");
    }
    // random inputs stay float16, as in data sets
    succeed(&folder, &["simulate", "--duration", "100", "--out", "random.npz"]);
    let bytes = std::fs::read(folder.join("random.npz")).unwrap();
    Npz::new(&bytes).unwrap().read::<half::f16>("x_exc").unwrap();
    succeed(&folder, &["simulate", "--duration", "100", "--event", "3,20,0.1", "--out", "e.npz"]);
    let bytes = std::fs::read(folder.join("e.npz")).unwrap();
    Npz::new(&bytes).unwrap().read::<f64>("x_inh").unwrap();
}

#[test]
fn another_kind_of_file_is_called_by_its_name() {
    let folder = folder("files_kinds");
    let array = npy::write(&Array2::<f64>::zeros((8, 50)));
    let mut npz = NpzWriter::default();
    npz.add("x_exc", &Array2::<f64>::zeros((8, 50))).unwrap();
    let npz = npz.finish().unwrap();
    let pickle = b"\x80\x04\x95\x05\0\0\0\0\0\0\0}\x94.".to_vec();
    let cut = npz[..npz.len() - 30].to_vec();
    let kinds: [(&str, &[u8], &str); 6] = [
        ("array.npy", &array, "a single NumPy array (.npy)"),
        ("pickled.npz", &pickle, "a Python pickle"),
        ("text.npz", b"{\"x_exc\": 1}", "a text such as JSON"),
        ("empty.npz", b"", "empty"),
        ("notes.npz", b"some notes", "no zip archive"),
        ("cut.npz", &cut, "missing or damaged"),
    ];
    let model = fixture("st/09_module.safetensors");
    for (name, bytes, what) in kinds {
        std::fs::write(folder.join(name), bytes).unwrap();
        refused(&folder, &["simulate", "--inputs", name, "--out", "o.npz"], &[name, what]);
        let predict = ["predict", "--model", &model, "--inputs", name, "--out", "o.npz"];
        refused(&folder, &predict, &[name, what]);
    }
    std::fs::write(folder.join("a.npz"), &npz).unwrap();
    for (name, what) in [("a.npz", "no data.pkl"), ("array.npy", "single NumPy array")] {
        let predict = ["predict", "--model", name, "--inputs", "a.npz", "--out", "o.npz"];
        refused(&folder, &predict, &[name, what]);
    }
    for (name, what) in [("array.npy", "single NumPy array"), ("notes.npz", "not a readable zip")] {
        refused(&folder, &["stats", name], &[name, what]);
    }
    std::fs::write(folder.join("n.json"), &pickle).unwrap();
    let neuron = ["simulate", "--neuron", "n.json", "--inputs", "none", "--out", "o.npz"];
    refused(&folder, &neuron, &["n.json", "a Python pickle"]);
    // no machine's memory holds 10^10 steps of some hundred traces
    let huge = ["simulate", "--duration", "10000000", "--record", "all", "--inputs", "none"];
    let huge = [&huge[..], &["--set", "num_samples_per_ms=1000"]].concat();
    if cfg!(target_os = "linux") {
        refused(&folder, &[huge, vec!["--out", "o.npz"]].concat(), &["GiB of memory"]);
    }
}

#[test]
fn json_may_begin_with_a_byte_order_mark() {
    let folder = folder("files_bom");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.join(name), format!("\u{feff}{text}")).unwrap();
    };
    write("n.json", "{\"soma_L_um\": 20}");
    write("generator.json", "{}");
    write("recipe.json", "{\"num_epochs\": 1}");
    write(
        "config.json",
        "{\"num_layers_per_block_list\":[1],\"num_features_per_block_list\":[4],\"temporal_kernel_size_per_block_list\":[11],\"temporal_dilation_per_block_list\":[1],\"first_layer_temporal_kernel_size\":11}",
    );
    // Windows' Notepad and PowerShell write UTF-16
    let wide: Vec<u8> =
        "\u{feff}{\"soma_L_um\": 20}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(folder.join("wide.json"), wide).unwrap();
    for (neuron, out) in [("n.json", "a.npz"), ("wide.json", "b.npz")] {
        let args = ["simulate", "--neuron", neuron, "--duration", "50", "--out", out];
        succeed(&folder, &args);
    }
    let [a, b] = ["a.npz", "b.npz"].map(|name| std::fs::read(folder.join(name)).unwrap());
    assert!(a == b);
    let data = ["dataset", "--neuron", "n.json", "--config", "generator.json", "--train", "2"];
    succeed(&folder, &[&data[..], &["--duration", "200", "--out", "data"]].concat());
    let train = ["train", "--data", "data", "--config", "config.json", "--recipe", "recipe.json"];
    succeed(&folder, &[&train[..], &["--window", "100", "--out", "run"]].concat());
    // a fault in such a file is reported with its key
    write("null.json", "{\"num_epochs\": null}");
    let null = ["train", "--data", "data", "--recipe", "null.json", "--out", "no"];
    refused(&folder, &null, &["null.json", "key \"num_epochs\": invalid type: null"]);
    write("null.json", "{\"num_layers_per_block_list\": null}");
    let null = ["train", "--data", "data", "--config", "null.json", "--out", "no"];
    refused(&folder, &null, &["num_layers_per_block_list", "null, expected a list"]);
}

#[test]
fn weights_are_read_whatever_wrapped_or_rounded_them() {
    let folder = folder("files_weights");
    succeed(&folder, &["simulate", "--duration", "200", "--out", "x.npz"]);
    let predicted = |model: &str| {
        let model = fixture(model);
        succeed(&folder, &["predict", "--model", &model, "--inputs", "x.npz", "--out", "p.npz"]);
        values(&folder.join("p.npz"), "soma")
    };
    let plain = predicted("st/09_module.safetensors");
    assert_eq!(predicted("st/04_f64.safetensors"), plain);
    // half precision has 11 bits: a weight is off by 2^-12 of itself, a voltage by a small multiple of that of 40 mV
    let half = predicted("st/03_f16.safetensors");
    assert!(max_abs_difference(&half, &plain) < 0.1);
    assert_eq!(predicted("pt/02c_orig_mod_module.pt").len(), 200);
    assert_eq!(predicted("pt/08_numpy_scalars.pt").len(), 200);
}

/// A data set reduced by a filter, and its archive.
fn filtered(folder: &Path) -> PathBuf {
    let make = ["dataset", "--train", "24", "--valid", "2", "--test", "2", "--duration", "400"];
    succeed(folder, &[&make[..], &["--seed", "3", "--out", "set"]].concat());
    std::fs::write(folder.join("f.json"), "{\"firing_rate_hz_range\": [0, 12]}").unwrap();
    succeed(folder, &["filter", "set", "--ranges", "f.json"]);
    let [kept, all] =
        [&["stats", "set"][..], &["stats", "set", "--all"]].map(|a| succeed(folder, a));
    assert_ne!(kept, all, "the filter dropped none");
    succeed(folder, &["convert", "set", "plain.zip"]);
    folder.join("plain.zip")
}

/// Copies an archive with its files renamed.
fn renamed(from: &Path, to: &Path, name: impl Fn(&str) -> String, more: &[(&str, &[u8])]) {
    let mut archive = ZipArchive::new(Cursor::new(std::fs::read(from).unwrap())).unwrap();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    for i in 0..archive.len() {
        let mut file = archive.by_index(i).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        zip.start_file(name(file.name().unwrap().as_ref()), options).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    for (name, bytes) in more {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    std::fs::write(to, zip.finish().unwrap().into_inner()).unwrap();
}

#[test]
fn an_archive_of_windows_is_the_same_data_set() {
    let folder = folder("files_zip");
    let plain = filtered(&folder);
    let litter: &[(&str, &[u8])] = &[
        (".DS_Store", b"x"),
        ("__MACOSX/train/inputs/._sim_0000000.npy", b"x"),
        ("__MACOSX/._Set", b"x"),
    ];
    renamed(&plain, &folder.join("windows.zip"), |name| name.replace('/', "\\"), &[]);
    renamed(&plain, &folder.join("mac.zip"), str::to_owned, litter);
    let told = |set: &str| {
        let said = succeed(&folder, &["stats", set]);
        said.replace(set, "SET")
    };
    let expected = told("plain.zip");
    for other in ["windows.zip", "mac.zip"] {
        assert_eq!(told(other), expected, "{other}");
        let out = format!("{other}.folder");
        succeed(&folder, &["convert", "--without-dropped", other, &out]);
        succeed(&folder, &["convert", "--without-dropped", "plain.zip", "expected"]);
        crate::common::assert_same(&folder.join(&out), &folder.join("expected"));
        std::fs::remove_dir_all(folder.join("expected")).unwrap();
    }
    for (name, bad) in
        [("up.zip", "../"), ("win_up.zip", "..\\"), ("root.zip", "/"), ("c.zip", "C:\\")]
    {
        renamed(&plain, &folder.join(name), |name| format!("{bad}{name}"), &[]);
        refused(&folder, &["stats", name], &[name, "leads out of its folder"]);
        refused(&folder, &["convert", name, "out"], &[name, "leads out of its folder"]);
    }
}

#[test]
fn litter_beside_data_stops_nothing() {
    let folder = folder("files_litter");
    let make = ["dataset", "--train", "2", "--duration", "200", "--out", "set"];
    succeed(&folder, &make);
    let expected = succeed(&folder, &["stats", "set"]);
    let root = folder.join("set").join(CABLE);
    let shadow = folder.join("set/__MACOSX/train/inputs");
    std::fs::create_dir_all(&shadow).unwrap();
    for path in [
        folder.join("set/.DS_Store"),
        folder.join("set/._x"),
        root.join(".DS_Store"),
        root.join("._dataset.json"),
        root.join("train/.DS_Store"),
        root.join("train/inputs/._sim_0000000.npy"),
        root.join("train/inputs/.DS_Store"),
        root.join("train/inputs/Thumbs.db"),
        shadow.join("._sim_0000000.npy"),
    ] {
        std::fs::write(path, b"\0\x05\x16\x07").unwrap();
    }
    assert_eq!(succeed(&folder, &["stats", "set"]), expected);
    // the command that made the data set continues it, and an archive of it is made
    succeed(&folder, &make);
    succeed(&folder, &["convert", "set", "set.zip"]);
    assert_eq!(succeed(&folder, &["stats", "set.zip"]).replace("set.zip", "set"), expected);
}

#[test]
fn cells_are_told_of_and_mended() {
    let folder = folder("files_swc");
    let swc = |name: &str, more: &[&str]| -> Vec<String> {
        let cell = fixture(&format!("swc/{name}.swc"));
        let mut args: Vec<String> = ["swc", &cell, "--out", "n.json"].map(str::to_owned).into();
        args.extend(more.iter().map(|m| (*m).to_owned()));
        args
    };
    let run = |args: Vec<String>| {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        succeed(&folder, &args)
    };
    for (name, options, words) in [
        ("14f_mixed_ends", &[][..], "140 µm"),
        ("14b_cr_only", &[], "1 branch, 100 µm"),
        ("04_loose_axon", &[], "4 points of type 2 left out"),
        ("05_soma_not_root", &[], "turned round"),
        ("08_root_parent0", &[], "taken for the root"),
        ("03_two_roots_id0", &["--join"], "joined to point 0, 8.0 µm away"),
        ("12_zero_radius_tip", &["--min-radius", "0.1"], "1 radius below 0.1 µm"),
        (
            "13b_fork_end_types",
            &["--drop-other"],
            "1 point of type 5 kept: on the way to a dendrite",
        ),
        ("02b_contour_soma_r0.1", &[], "as an outline does"),
        ("22_gap_to_soma", &[], "begins 300.0 µm from"),
    ] {
        let said = run(swc(name, options));
        assert!(said.contains(words), "{name}: {said}");
        // an option that was given is not recommended
        assert!(!options.iter().any(|o| o.starts_with("--drop") && said.contains(o)), "{said}");
    }
    for (name, words) in [
        ("03_two_roots_id0", "; --join joins it"),
        ("12_zero_radius_tip", "; --min-radius UM raises it"),
    ] {
        std::fs::remove_file(folder.join("n.json")).unwrap_or_default();
        let args = swc(name, &[]);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        refused(&folder, &args, &[name, words]);
        // a command without such an option names the one that has it
        let cell = fixture(&format!("swc/{name}.swc"));
        let simulate = ["simulate", "--swc", &cell, "--inputs", "none", "--out", "o.npz"];
        refused(&folder, &simulate, &[name, "; `ballstick swc` with --"]);
    }
    let large = fixture("swc/21_nanometres.swc");
    refused(&folder, &["swc", &large, "--out", "n.json"], &["soma_L_um = 16000", "nanometres?"]);
    let no_soma = "1 3 0 0 0 5 -1\n2 3 10 0 0 1 1\n3 3 60 0 0 1 2\n";
    std::fs::write(folder.join("no_soma.swc"), no_soma).unwrap();
    let args = ["swc", "no_soma.swc", "--out", "n.json"];
    refused(&folder, &args, &["no soma", "--soma-at-root"]);
    let said = succeed(&folder, &[&args[..], &["--soma-at-root"]].concat());
    assert!(said.contains("point 1 (line 1), is the soma"), "{said}");
    // `simulate` prints the notes that `swc` prints
    let cell = fixture("swc/04_loose_axon.swc");
    let told = run(swc("04_loose_axon", &[]));
    let told = told.lines().take_while(|line| !line.starts_with('→'));
    let simulate = ["simulate", "--swc", &cell, "--inputs", "none", "--duration", "10"];
    let said = succeed(&folder, &[&simulate[..], &["--out", "o.npz"]].concat());
    for line in told {
        assert!(said.contains(line), "{line}: {said}");
    }
}

#[test]
fn a_cell_gets_the_channels_of_a_preset_and_its_segments_by_a_rule() {
    let folder = folder("files_hay2011");
    let cell = fixture("asc/pyramidal.asc");
    let swc = |more: &[&str]| -> (String, serde_json::Value) {
        let said = succeed(&folder, &[&["swc", &cell, "--out", "n.json"], more].concat());
        let json = std::fs::read_to_string(folder.join("n.json")).unwrap();
        (said, serde_json::from_str(&json).unwrap())
    };
    let counts = |json: &serde_json::Value| -> Vec<u64> {
        let branches = json["branches"].as_array().unwrap();
        branches.iter().map(|b| b["num_segments"].as_u64().unwrap()).collect()
    };
    let (said, json) = swc(&["--preset", "hay2011"]);
    assert!(
        said.contains("regions: soma, apical 8 branches of 1960 µm, axon 2 branches of 60 µm"),
        "{said}"
    );
    assert!(said.contains("7 points of type 2 left out"), "{said}");
    let regions: Vec<&String> = json["regions"].as_object().unwrap().keys().collect();
    assert_eq!(regions, ["apical", "axon", "basal", "soma"]);
    assert_eq!(json["regions"]["apical"]["channels"]["Ca_LVAst"]["inside"], 0.0187);
    assert_eq!(json["epas_mV"], -80.0);
    // 1 + 2·int(L/40): the branch of 521 µm has 27
    assert!(counts(&json).contains(&27));
    let simulate = ["simulate", "--neuron", "n.json", "--inputs", "none", "--duration", "5"];
    succeed(&folder, &[&simulate[..], &["--out", "o.npz"]].concat());
    let other = ["simulate", "--preset", "hay2011", "--swc", &cell, "--inputs", "none"];
    let told = succeed(&folder, &[&other[..], &["--duration", "5", "--out", "p.npz"]].concat());
    assert!(told.contains("regions: soma, apical 8 branches"), "{told}");
    let bytes = |name: &str| std::fs::read(folder.join(name)).unwrap();
    assert_eq!(bytes("o.npz"), bytes("p.npz"), "the same neuron");
    // the drawn cell
    let drawn = ["simulate", "--preset", "hay2011", "--inputs", "none", "--duration", "5"];
    succeed(&folder, &[&drawn[..], &["--out", "q.npz"]].concat());

    // the longest branch of 521 µm: int((521/40 + 0.999)/2)·2 + 1
    let (_, json) = swc(&["--segment-um", "40"]);
    assert!(counts(&json).contains(&15) && counts(&json).iter().all(|n| n % 2 == 1));
    assert!(json.get("regions").is_none() && json["branches"][0].get("region").is_none());
    let (_, json) = swc(&["--d-lambda", "0.02"]);
    assert!(counts(&json).iter().all(|n| n % 2 == 1));
    for two in
        [["--segment-um", "40", "--d-lambda", "0.1"], ["--segment-um", "40", "--max-segment", "9"]]
    {
        let args = [&["swc", &cell, "--out", "m.json"][..], &two].concat();
        refused(&folder, &args, &["--segment-um", "cannot be used with"]);
    }
    refused(
        &folder,
        &["swc", &cell, "--out", "m.json", "--segment-um", "0"],
        &["must be a number above 0"],
    );
    let bad =
        "(\"CellBody\" (0 5 0 1) (5 0 0 1) (0 -5 0 1))\n( (Apical)\n (0 5 0 1)\n (0 95 1)\n)\n";
    std::fs::write(folder.join("bad.asc"), bad).unwrap();
    let args = ["swc", "bad.asc", "--out", "m.json"];
    refused(
        &folder,
        &args,
        &["bad.asc", "line 4: a point is x, y, z and diameter; found 3 numbers"],
    );
    std::fs::write(folder.join("bad.asc"), bad.replace("95 1", "95 1 0")).unwrap();
    refused(
        &folder,
        &args,
        &["line 4: the diameter of a point is 0 µm", "; --min-radius UM raises it"],
    );
}

#[test]
fn a_build_without_graphics_devices_lists_none() {
    let folder = folder("files_devices");
    let help = succeed(&folder, &["predict", "--help"]);
    assert_eq!(help.contains("wgpu"), cfg!(feature = "wgpu"), "{help}");
    assert_eq!(help.contains("cuda"), cfg!(feature = "cuda"), "{help}");
    if !cfg!(feature = "cuda") {
        let model = fixture("st/09_module.safetensors");
        succeed(&folder, &["simulate", "--duration", "50", "--out", "x.npz"]);
        let args = ["predict", "--model", &model, "--inputs", "x.npz", "--out", "p.npz"];
        let cuda = [&args[..], &["--device", "cuda"]].concat();
        refused(&folder, &cuda, &["--device cuda", "this build leaves it out"]);
    }
}
