//! Places of outputs: an output never replaces an input, by whatever path, and an impossible place is refused before
//! any work.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::common::{CABLE, CELL, ballstick, fail, folder, refused, said, succeed, tree};

/// A folder with a cell, a neuron, inputs, a data set (folder and archive) and a model.
fn prepared(name: &str) -> PathBuf {
    let folder = folder(name);
    std::fs::copy(CELL, folder.join("c.swc")).unwrap();
    succeed(&folder, &["swc", "c.swc", "--out", "n.json"]);
    succeed(&folder, &["simulate", "--duration", "40", "--out", "in.npz"]);
    succeed(&folder, &["dataset", "--train", "2", "--duration", "100", "--out", "data"]);
    succeed(&folder, &["convert", "data", "data.zip"]);
    let train = ["train", "--data", "data", "--config", "A", "--window", "50", "--epochs", "1"];
    succeed(&folder, &[&train[..], &["--out", "run"]].concat());
    std::fs::copy(folder.join("run/best.safetensors"), folder.join("m.npz")).unwrap();
    std::fs::create_dir(folder.join("sub")).unwrap();
    folder
}

/// Other paths to a file: by way of a folder, absolute, a symbolic link, a hard link.
fn other_paths(folder: &Path, file: &str) -> Vec<String> {
    let mut paths = vec![file.to_owned(), format!("sub/../{file}"), format!("./{file}")];
    paths.push(folder.join(file).display().to_string());
    #[cfg(unix)]
    {
        let ending = Path::new(file).extension().unwrap().to_str().unwrap();
        let (soft, hard) = (format!("sub/soft.{ending}"), format!("sub/hard.{ending}"));
        std::os::unix::fs::symlink(folder.join(file), folder.join(&soft)).unwrap();
        std::fs::hard_link(folder.join(file), folder.join(&hard)).unwrap();
        paths.extend([soft, hard]);
    }
    paths
}

#[test]
fn output_onto_its_own_input_is_refused_by_every_path() {
    let folder = prepared("places_own_input");
    // endings that input and output may both have, so that only the place is at fault
    std::fs::rename(folder.join("c.swc"), folder.join("c.json")).unwrap();
    std::fs::copy(folder.join("n.json"), folder.join("n.npz")).unwrap();
    let cases: [(&str, &[&str]); 5] = [
        ("c.json", &["swc", "c.json", "--out"]),
        ("in.npz", &["simulate", "--inputs", "in.npz", "--out"]),
        ("n.npz", &["simulate", "--neuron", "n.npz", "--inputs", "none", "--out"]),
        ("m.npz", &["predict", "--model", "m.npz", "--inputs", "in.npz", "--out"]),
        ("in.npz", &["predict", "--model", "m.npz", "--inputs", "in.npz", "--out"]),
    ];
    for (input, args) in cases {
        for path in other_paths(&folder, input) {
            refused(&folder, &[args, &[path.as_str()]].concat(), &[input, "input"]);
        }
        std::fs::remove_dir_all(folder.join("sub")).unwrap();
        std::fs::create_dir(folder.join("sub")).unwrap();
    }
}

#[test]
fn a_runs_files_and_a_data_sets_folder_are_inputs_as_well() {
    let folder = prepared("places_folders");
    std::fs::create_dir(folder.join("new")).unwrap();
    std::fs::copy(folder.join("run/recipe.json"), folder.join("new/recipe.json")).unwrap();
    std::fs::copy(folder.join("run/config.json"), folder.join("new/config.json")).unwrap();
    let root = format!("data/{CABLE}");
    let train = ["train", "--data", "data", "--config", "A", "--out"];
    let recipe = ["--recipe", "new/recipe.json"];
    refused(&folder, &[&train[..], &["new"], &recipe].concat(), &["recipe.json", "input"]);
    let config = ["train", "--data", "data", "--config", "new/config.json", "--out", "new"];
    refused(&folder, &config, &["config.json", "input"]);
    for data in ["data", root.as_str()] {
        refused(&folder, &[&train[..], &[data]].concat(), &[data, "input"]);
        let sweep = ["sweep", "--data", "data", "--configs", "A", "--out", data];
        refused(&folder, &sweep, &[data, "input"]);
        refused(&folder, &["stats", "data", "--plot", data], &[data, "input"]);
        let evaluate = ["evaluate", "--model", "m.npz", "--data", "data", "--plot", data];
        refused(&folder, &evaluate, &[data, "input"]);
    }
    refused(&folder, &["convert", &root, &root], &["input"]);
    refused(&folder, &["convert", "data.zip", "data.zip"], &["is there already"]);
    let sim = format!("{root}/train/inputs/sim_0000000.npy");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.join(&sim), folder.join("sub/x.svg")).unwrap();
        refused(&folder, &["show", &sim, "--plot", "sub/x.svg"], &["x.svg"]);
    }
    let list = format!("{root}/dropped.json");
    std::fs::write(folder.join(&list), "{}").unwrap();
    refused(&folder, &["filter", "data", "--ranges", &list], &["dropped.json"]);
}

#[test]
fn a_place_that_cannot_be_is_found_before_the_work() {
    let folder = prepared("places_impossible");
    std::fs::write(folder.join("file"), "").unwrap();
    // the command would work for an hour
    let long = ["simulate", "--duration", "2000000"];
    let evaluate = ["evaluate", "--model", "m.npz", "--data", "data"];
    let train = ["train", "--data", "data", "--config", "E", "--epochs", "100000", "--out"];
    let dataset = ["dataset", "--train", "1000000", "--out"];
    let predict = ["predict", "--model", "m.npz", "--inputs", "in.npz", "--out"];
    let cases: &[(i32, Vec<&str>, &[&str])] = &[
        (1, [&long[..], &["--out", "none/o.npz"]].concat(), &["none/o.npz", "no folder none"]),
        (1, [&long[..], &["--plot", "none/o.svg"]].concat(), &["none/o.svg", "no folder none"]),
        (1, [&long[..], &["--out", "file/o.npz"]].concat(), &["file/o.npz"]),
        (2, [&long[..], &["--out", "o.svg"]].concat(), &["o.svg", ".npz"]),
        (2, [&long[..], &["--out", "sub"]].concat(), &["sub", "folder"]),
        (2, [&long[..], &["--out", "o.npz/"]].concat(), &["o.npz/", "folder"]),
        (2, [&long[..], &["--plot", "o"]].concat(), &[".svg or .png"]),
        (2, [&long[..], &["--plot", "o.jpg"]].concat(), &[".svg or .png"]),
        (1, [&predict[..], &["none/p.npz"]].concat(), &["none/p.npz"]),
        (2, [&predict[..], &["p.json"]].concat(), &["p.json", ".npz"]),
        (1, vec!["swc", "c.swc", "--out", "none/n.json"], &["none/n.json"]),
        (2, vec!["swc", "c.swc", "--out", "n.swc"], &["n.swc", ".json"]),
        (2, [&evaluate[..], &["--plot", "roc.svg"]].concat(), &["roc.svg", "folder"]),
        (2, [&evaluate[..], &["--plot", "file"]].concat(), &["file", "folder"]),
        (2, [&train[..], &["twin.safetensors"]].concat(), &["twin.safetensors", "folder"]),
        (2, [&train[..], &["file"]].concat(), &["file", "folder"]),
        (1, [&train[..], &["file/run"]].concat(), &["file/run"]),
        (2, [&dataset[..], &["file"]].concat(), &["file", "folder"]),
        (2, [&dataset[..], &["d.zip"]].concat(), &["d.zip", "folder"]),
        (1, [&dataset[..], &["file/d"]].concat(), &["file/d"]),
        (2, vec!["stats", "data", "--plot", "s.png"], &["s.png", "folder"]),
        (1, vec!["show", "data.zip/train/sim_0000000", "--plot", "none/s.svg"], &["none/s.svg"]),
        (1, vec!["convert", "data", "none/d.zip"], &["none/d.zip"]),
        (2, vec!["convert", "data", "d.tar"], &["d.tar", "folder"]),
        (1, vec!["convert", "data", "file/x"], &["file/x"]),
    ];
    let before = tree(&folder);
    for (code, args, words) in cases {
        fail(&folder, *code, args, words);
        assert!(tree(&folder) == before, "{args:?} changed something");
    }
    // folders made for a command that is then refused are removed
    let later = ["train", "--data", "data", "--config", "A", "--taylor-consistency", "1"];
    fail(&folder, 2, &[&later[..], &["--out", "deep/run"]].concat(), &["--perturbations"]);
    assert!(!folder.join("deep").exists());
}

#[test]
fn a_file_of_another_origin_in_a_runs_folder_stays() {
    let folder = folder("places_foreign_config");
    succeed(&folder, &["dataset", "--train", "2", "--duration", "60", "--out", "data"]);
    std::fs::create_dir(folder.join("run")).unwrap();
    std::fs::write(folder.join("run/config.json"), "precious").unwrap();
    let train = ["train", "--data", "data", "--config", "A", "--epochs", "1", "--out", "run"];
    fail(&folder, 2, &train, &["config.json", "is there already"]);
    assert_eq!(std::fs::read(folder.join("run/config.json")).unwrap(), b"precious");
}

#[cfg(unix)]
#[test]
fn what_is_write_protected_stays() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("places_protected");
    std::fs::write(folder.join("o.npz"), "precious").unwrap();
    let protect = std::fs::Permissions::from_mode(0o444);
    std::fs::set_permissions(folder.join("o.npz"), protect).unwrap();
    let simulate = ["simulate", "--duration", "2000000", "--out", "o.npz"];
    fail(&folder, 1, &simulate, &["o.npz", "write-protected"]);
    assert_eq!(std::fs::read(folder.join("o.npz")).unwrap(), b"precious");
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_devices_are_not_replaced() {
    use std::os::unix::fs::FileTypeExt;
    let folder = folder("places_links");
    std::fs::create_dir(folder.join("real")).unwrap();
    std::os::unix::fs::symlink("real/o.npz", folder.join("link.npz")).unwrap();
    let simulate = ["simulate", "--duration", "30", "--out"];
    for _ in 0..2 {
        succeed(&folder, &[&simulate[..], &["link.npz"]].concat());
        assert!(folder.join("link.npz").is_symlink());
        assert!(std::fs::read(folder.join("real/o.npz")).unwrap().starts_with(b"PK"));
    }
    succeed(&folder, &[&simulate[..], &["/dev/null"]].concat());
    assert!(std::fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    let output = ballstick(&folder, &[&simulate[..], &["/dev/stdout"]].concat());
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(output.stdout, std::fs::read(folder.join("real/o.npz")).unwrap());
    let mut full = Command::new(env!("CARGO_BIN_EXE_ballstick"));
    full.current_dir(&folder).args(simulate).arg("/dev/full").stderr(Stdio::null());
    assert_eq!(full.status().unwrap().code(), Some(1));
}

#[test]
fn what_killed_runs_left_is_no_data_set_and_goes() {
    let folder = folder("places_parts");
    succeed(&folder, &["dataset", "--train", "2", "--duration", "60", "--out", "data"]);
    // a half-written copy, as an interrupted `convert` leaves it
    succeed(&folder, &["convert", "data", "copy"]);
    let (whole, half) = (format!("copy/{CABLE}"), format!("copy/{CABLE}.part77"));
    std::fs::rename(folder.join(&whole), folder.join(&half)).unwrap();
    fail(&folder, 2, &["stats", "copy"], &["no data set here"]);
    fail(&folder, 2, &["stats", &half], &["half-written"]);
    succeed(&folder, &["convert", "data", "copy"]);
    assert!(!folder.join(&half).exists() && folder.join(&whole).exists());
    succeed(&folder, &["stats", "copy"]);
    for (file, args) in [
        ("data.zip", &["convert", "data", "data.zip"][..]),
        ("o.npz", &["simulate", "--duration", "20", "--out", "o.npz"]),
        ("f/statistics_train.svg", &["stats", "data", "--plot", "f"]),
        (&format!("data/{CABLE}/dropped.json"), &["filter", "data"]),
    ] {
        let half = folder.join(format!("{file}.part77"));
        std::fs::create_dir_all(half.parent().unwrap()).unwrap();
        std::fs::write(&half, "half").unwrap();
        succeed(&folder, args);
        assert!(folder.join(file).exists() && !half.exists(), "{file}");
    }
    // an archive of a folder with a half-written part
    let rest = format!("{CABLE}.part7/train/inputs/sim_0000000.npy");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(folder.join("part.zip")).unwrap());
    zip.start_file(rest, zip::write::SimpleFileOptions::default()).unwrap();
    zip.finish().unwrap();
    fail(&folder, 2, &["stats", "part.zip"], &["holds no data set"]);
}

#[test]
fn an_earlier_archives_list_is_not_taken_for_the_new_ones() {
    let folder = folder("places_list");
    succeed(&folder, &["dataset", "--train", "2", "--duration", "60", "--out", "data"]);
    succeed(&folder, &["convert", "data", "data.zip"]);
    succeed(&folder, &["filter", "data.zip"]);
    std::fs::remove_file(folder.join("data.zip")).unwrap();
    fail(&folder, 2, &["convert", "data", "data.zip"], &["data.zip.dropped.json"]);
    assert!(!folder.join("data.zip").exists());
}
