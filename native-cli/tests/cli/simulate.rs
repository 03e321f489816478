//! `ballstick simulate`: its input and output files, and its messages on faulty ones.

use std::path::Path;
use std::process::Output;

use crate::common::{ballstick, folder};
use ballstick::data::npy::Npz;
use half::f16;

fn golden(name: &str) -> String {
    format!("{}/../tests/golden/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn simulate(folder: &Path, args: &[&str]) -> Output {
    ballstick(folder, &[&["simulate"], args].concat())
}

/// Requires exit code 2, these words in the message, and that no file was written.
fn refused(folder: &Path, args: &[&str], words: &[&str]) {
    let before = std::fs::read_dir(folder).unwrap().count();
    let output = simulate(folder, args);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
    for word in words {
        assert!(said.contains(word), "{args:?}: no \"{word}\" in: {said}");
    }
    assert!(!said.contains("panicked"), "{said}");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), before, "{args:?} wrote something");
}

#[test]
fn a_golden_case_comes_out_as_neuron_has_it() {
    let folder = folder("golden_case");
    let (neuron, inputs) = (golden("ske2_on.json"), golden("ske2_on.npz"));
    let output = simulate(&folder, &["--neuron", &neuron, "--inputs", &inputs, "--out", "out.npz"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (expected, found) = (std::fs::read(inputs), std::fs::read(folder.join("out.npz")));
    let (expected, found) = (expected.unwrap(), found.unwrap());
    let (mut expected, mut found) = (Npz::new(&expected).unwrap(), Npz::new(&found).unwrap());
    for name in ["v_soma_hr_mV", "v_dend_1ms_mV", "cai_1ms_mM"] {
        let (a, b) = (expected.read::<f64>(name).unwrap(), found.read::<f64>(name).unwrap());
        assert_eq!(a.shape(), b.shape(), "{name}");
        assert!(a == b, "{name}: every bit is NEURON's, as in tests/golden.rs");
    }
    for name in ["x_exc", "x_inh", "branch_voltages"] {
        assert_eq!(expected.read::<f16>(name).unwrap(), found.read::<f16>(name).unwrap(), "{name}");
    }
    for name in ["y_spike", "y_near_spike"] {
        assert_eq!(expected.read::<bool>(name).unwrap(), found.read::<bool>(name).unwrap());
    }
    assert_eq!(expected.read::<f32>("y_soma").unwrap(), found.read::<f32>("y_soma").unwrap());
}

#[test]
fn the_same_command_gives_the_same_bytes_and_figures_are_drawn() {
    let folder = folder("same_bytes");
    for out in ["a", "b"] {
        let (npz, svg) = (format!("{out}.npz"), format!("{out}.svg"));
        let args = ["--preset", "ampa-point", "--inputs", "sweep", "--duration", "200"];
        let more = ["--record", "i_NaTa_t,g_AMPA", "--out", &npz, "--plot", &svg];
        assert!(simulate(&folder, &[&args[..], &more[..]].concat()).status.success());
    }
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    assert_eq!(read("a.npz"), read("b.npz"));
    assert_eq!(read("a.svg"), read("b.svg"));
    let bytes = read("a.npz");
    let mut npz = Npz::new(&bytes).unwrap();
    assert_eq!(npz.read::<f64>("i_NaTa_t").unwrap().shape(), [200 * 40 + 1]);
    assert_eq!(npz.read::<f64>("g_AMPA").unwrap().shape(), [8, 200 * 40 + 1]);
    let svg = String::from_utf8(read("a.svg")).unwrap();
    for text in [
        "input, by segment",
        "excitatory",
        "inhibitory",
        "dendritic voltage, by segment",
        "soma voltage, every step (mV)",
        "rate (Hz)",
    ] {
        assert!(svg.contains(text), "{text}");
    }
    let png = ["--inputs", "none", "--duration", "50", "--clamp", "10,30,1.0", "--plot", "c.png"];
    assert!(simulate(&folder, &png).status.success());
    assert!(read("c.png").starts_with(b"\x89PNG"));
}

#[test]
fn events_add_to_the_inputs() {
    let folder = folder("events");
    let silent = ["--inputs", "none", "--duration", "30", "--out", "a.npz"];
    let events =
        ["--event", "3,20,1.5", "--event", "3,20,2", "--event", "7,0,0.25", "--event", "7,5,2,inh"];
    assert!(simulate(&folder, &[&silent[..], &events[..]].concat()).status.success());
    let bytes = std::fs::read(folder.join("a.npz")).unwrap();
    let exc = Npz::new(&bytes).unwrap().read::<f16>("x_exc").unwrap();
    let found: Vec<_> = exc.indexed_iter().filter(|(_, w)| **w != f16::ZERO).collect();
    let at = |row: usize, ms: usize| exc[[row, ms]].to_f64();
    assert_eq!((found.len(), at(3, 20), at(7, 0)), (2, 3.5, 0.25));
    let inh = Npz::new(&bytes).unwrap().read::<f16>("x_inh").unwrap();
    assert_eq!(inh.iter().filter(|w| **w != f16::ZERO).count(), 1);
    assert_eq!(inh[[7, 5]].to_f64(), 2.0);
}

#[test]
fn a_neuron_with_regions_comes_out_as_neuron_has_it() {
    let folder = folder("regions_case");
    let case = |ending: &str| golden(&format!("../golden-active/y_calcium_spike.{ending}"));
    let (neuron, inputs) = (case("json"), case("npz"));
    let args = ["--neuron", &neuron, "--inputs", &inputs, "--out", "out.npz", "--plot", "out.svg"];
    let output = simulate(&folder, &args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (expected, found) =
        (std::fs::read(&inputs).unwrap(), std::fs::read(folder.join("out.npz")));
    let found = found.unwrap();
    let (mut expected, mut found) = (Npz::new(&expected).unwrap(), Npz::new(&found).unwrap());
    for name in ["v_soma_hr_mV", "v_dend_1ms_mV", "cai_1ms_mM", "cai_seg_1ms_mM"] {
        let (a, b) = (expected.read::<f64>(name).unwrap(), found.read::<f64>(name).unwrap());
        assert!(a == b, "{name}: every bit is NEURON's");
    }
    // every trace, the segments' calcium among them
    let more = ["--inputs", "none", "--duration", "30", "--record", "all", "--record-every", "40"];
    let args = [&["--neuron", &neuron, "--out", "all.npz"][..], &more[..]].concat();
    assert!(simulate(&folder, &args).status.success());
    let found = std::fs::read(folder.join("all.npz")).unwrap();
    let mut found = Npz::new(&found).unwrap();
    assert_eq!(found.read::<f64>("cai_dend").unwrap().shape(), [34, 31]);
    refused(
        &folder,
        &["--inputs", "none", "--out", "no.npz", "--record", "cai_dend"],
        &["--record", "calcium pool"],
    );
}

#[test]
fn bad_input_is_named_and_nothing_is_written() {
    let folder = folder("bad_input");
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
    write("key.json", br#"{"num_segmnts": 8}"#);
    write("type.json", br#"{"Ra_ohm_cm": "150"}"#);
    write("range.json", br#"{"Ra_ohm_cm": -150}"#);
    write("cut.json", br#"{"Ra_ohm_cm": 150"#);
    write("region.json", br#"{"regions": {"dend": {"g_pas": 1e-5, "e_pas": -85}}}"#);
    write(
        "law.json",
        br#"{"regions": {"dend": {"channels": {"Ih": {"law": "linear", "per_mm": 1}}}}}"#,
    );
    let whole = std::fs::read(golden("segments_1.npz")).unwrap();
    write("cut.npz", &whole[..whole.len() / 2]);
    write("text.npz", b"not an archive");
    let out = ["--out", "out.npz"];
    let with = |args: &[&'static str]| [args, &out[..]].concat();
    refused(&folder, &with(&["--neuron", "none.json"]), &["none.json"]);
    refused(&folder, &with(&["--neuron", "key.json"]), &["num_segmnts", "num_segments"]);
    refused(&folder, &with(&["--neuron", "type.json"]), &["Ra_ohm_cm", "a number"]);
    refused(&folder, &with(&["--neuron", "range.json"]), &["Ra_ohm_cm", "Ω·cm"]);
    refused(&folder, &with(&["--neuron", "cut.json"]), &["cut.json"]);
    refused(
        &folder,
        &with(&["--neuron", "region.json"]),
        &["region.json", "dend", "\"e_pas_mV\"?"],
    );
    refused(&folder, &with(&["--neuron", "law.json"]), &["dend.channels.Ih", "\"per_um\"?"]);
    refused(&folder, &with(&["--preset", "purkinje"]), &["nmda-cable"]);
    refused(&folder, &with(&["--inputs", "cut.npz"]), &["cut.npz"]);
    refused(&folder, &with(&["--inputs", "text.npz"]), &["text.npz"]);
    refused(&folder, &with(&["--inputs", "none.npz"]), &["none.npz"]);
    refused(&folder, &with(&["--inputs", "none", "--record", "i_Na"]), &["i_NaTa_t"]);
    refused(&folder, &with(&["--clamp", "1,2"]), &["START,DURATION,NA"]);
    refused(&folder, &with(&["--inputs", "none", "--clamp", "1,2,1e9"]), &["clamp"]);
    let silent = ["--inputs", "none", "--duration", "50"];
    for event in ["8,20,1", "0,50,1"] {
        refused(&folder, &with(&[&silent[..], &["--event", event]].concat()), &["0..8", "0..50"]);
    }
    for event in ["0,20", "0,20,-1", "0,20,inf", "a,20,1", "0,20,1,out"] {
        refused(&folder, &with(&["--event", event]), &["ROW,MS,WEIGHT"]);
    }
    refused(&folder, &["--inputs", "sweep", "--plot", "figure.gif"], &[".svg or .png"]);
    refused(&folder, &[], &["--out"]);
    let one = golden("segments_1.npz");
    refused(&folder, &["--inputs", &one, "--out", "out.npz"], &["1 row, but", "8 segments"]);
}

#[test]
fn output_that_cannot_be_written_is_a_failure() {
    let folder = folder("no_place");
    let args = ["--inputs", "none", "--duration", "5", "--out", "missing/out.npz"];
    let output = simulate(&folder, &args);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("missing/out.npz"));
}
