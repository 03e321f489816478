//! Checkpoints that are cut short, damaged or hostile: every command that reads one ends with exit code 2 and one line
//! that names the file.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use crate::common::{folder, said, succeed};
use ballstick::twin::weights::Checkpoint;

const PT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/parity/elm.pt");

/// A data set, inputs, and a run that was trained for a step or two.
fn prepared(name: &str) -> PathBuf {
    let folder = folder(name);
    let data = ["dataset", "--train", "2", "--duration", "200", "--seed", "2", "--out", "data"];
    succeed(&folder, &data);
    succeed(&folder, &["simulate", "--duration", "50", "--out", "x.npz"]);
    let train = ["train", "--data", "data", "--config", "A", "--window", "100", "--epochs", "1"];
    succeed(&folder, &[&train[..], &["--out", "good"]].concat());
    folder
}

/// Requires that all three commands refuse `bytes` with one line that holds these words.
fn refused(folder: &Path, ending: &str, bytes: &[u8], words: &[&str]) {
    let name = format!("bad.{ending}");
    std::fs::write(folder.join(&name), bytes).unwrap();
    std::fs::create_dir_all(folder.join("run")).unwrap();
    std::fs::write(folder.join("run/last.safetensors"), bytes).unwrap();
    let commands: [(&str, &[&str]); 3] = [
        (&name, &["evaluate", "--model", &name, "--data", "data"]),
        (&name, &["predict", "--model", &name, "--inputs", "x.npz", "--out", "p.npz"]),
        ("last.safetensors", &["train", "--data", "data", "--out", "run", "--resume"]),
    ];
    for (file, args) in commands {
        let output = crate::common::ballstick(folder, args);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{args:?}: {said}");
        assert!(said.starts_with("ballstick: ") && said.contains(file), "{args:?}: {said}");
        for word in words {
            assert!(said.contains(word), "{args:?}: no \"{word}\" in: {said}");
        }
    }
    assert!(!folder.join("p.npz").exists());
}

#[test]
fn a_safetensors_that_is_not_whole_is_refused() {
    let folder = prepared("bad_safetensors");
    let good = std::fs::read(folder.join("good/last.safetensors")).unwrap();
    for cut in [0, 7, 8, 100, good.len() / 2, good.len() - 1] {
        refused(&folder, "safetensors", &good[..cut], &["not a whole .safetensors"]);
    }
    refused(&folder, "safetensors", b"{\"a\": 1}", &["not a whole .safetensors"]);
    // a header that claims to be longer than any memory
    let mut huge = good.clone();
    huge[..8].copy_from_slice(&(u64::MAX / 2).to_le_bytes());
    refused(&folder, "safetensors", &huge, &["not a whole .safetensors"]);
}

/// The bytes of a checkpoint with one text in its header replaced by another.
fn with(good: &[u8], from: &str, to: &str) -> Vec<u8> {
    let length = u64::from_le_bytes(good[..8].try_into().unwrap()) as usize;
    let header = std::str::from_utf8(&good[8..8 + length]).unwrap();
    assert!(header.contains(from), "no {from} in {header}");
    let header = header.replacen(from, to, 1);
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend_from_slice(&good[8 + length..]);
    bytes
}

#[test]
fn a_safetensors_that_says_what_cannot_be_is_refused() {
    let folder = prepared("lying_safetensors");
    let good = std::fs::read(folder.join("good/last.safetensors")).unwrap();
    let cases = [
        ("\"ballstick\"", "\"elsewhere\"", "no checkpoint of a twin"),
        (r#"\"format\":1"#, r#"\"format\":99"#, "format 99"),
        ("SingleNeuronTwinModel_TCN", "SingleNeuronTwinModel_CNN", "SingleNeuronTwinModel_CNN"),
        (r#"\"leaky_slope\":0.15"#, r#"\"leaky_slope\":-1"#, "leaky_slope"),
        // widths for which the weights are missing, and one that no memory holds
        (r#"block_list\":[8]"#, r#"block_list\":[9]"#, "weights"),
        (r#"block_list\":[8]"#, r#"block_list\":[1024]"#, "the weights hold 17612"),
        (r#"block_list\":[8]"#, r#"block_list\":[65536]"#, "too large"),
        (r#"\"X_scale\":10.0"#, r#"\"X_scale\":0.0"#, "X_scale"),
    ];
    for (from, to, word) in cases {
        refused(&folder, "safetensors", &with(&good, from, to), &[word]);
    }
}

/// A `.pt` that holds only this pickle.
fn archive(pickle: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default();
    zip.start_file("twin/data.pkl", stored).unwrap();
    zip.write_all(pickle).unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_pt_that_is_damaged_or_hostile_is_refused_and_not_run() {
    let folder = prepared("bad_pt");
    let good = std::fs::read(PT).unwrap();
    for cut in [0, 2, 100, good.len() / 2, good.len() - 1] {
        refused(&folder, "pt", &good[..cut], &[]);
    }
    refused(&folder, "pt", &archive(b""), &["pickle"]);
    refused(&folder, "pt", &archive(b"\x80\x02}q\x00."), &["model_state_dict"]);
    refused(&folder, "pt", &archive(b"\x80\x02\xfe."), &["0xfe"]);
    refused(&folder, "pt", &archive(b"]]]]u."), &["damaged"]);
    // pickles with which `pickle.load` would run os.system("touch owned"), by three instructions
    let run: [&[u8]; 3] = [
        b"cos\nsystem\n(X\x0b\0\0\0touch ownedtR.",
        b"(cos\nsystem\nX\x0b\0\0\0touch ownedo.",
        b"(X\x0b\0\0\0touch ownedios\nsystem\n.",
    ];
    for pickle in run {
        refused(&folder, "pt", &archive(pickle), &[]);
    }
    assert!(!folder.join("owned").exists(), "a pickle was run");
}

#[test]
fn a_pt_without_a_training_cannot_go_on() {
    let folder = prepared("foreign_pt");
    std::fs::create_dir_all(folder.join("run")).unwrap();
    std::fs::copy(PT, folder.join("run/last.safetensors")).unwrap();
    let resume = ["train", "--data", "data", "--out", "run", "--resume"];
    crate::common::fail(&folder, 2, &resume, &["last.safetensors", "holds no training"]);
}

#[test]
fn an_optimizer_state_of_another_twin_cannot_go_on() {
    let folder = prepared("foreign_moments");
    let last = folder.join("good/last.safetensors");
    let mut checkpoint = Checkpoint::from_bytes(&std::fs::read(&last).unwrap()).unwrap();
    checkpoint.moments = Some([vec![0.0; 3], vec![0.0; 3]]);
    std::fs::write(&last, checkpoint.to_bytes().unwrap()).unwrap();
    let resume = ["train", "--data", "data", "--out", "good", "--resume", "--epochs", "2"];
    let words = ["last.safetensors", "optimizer state has 3 values"];
    crate::common::fail(&folder, 2, &resume, &words);
}
