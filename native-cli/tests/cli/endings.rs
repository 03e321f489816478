//! How commands end: by signals, beside other runs, and when their output cannot be written.
#![cfg(unix)]

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::{CABLE, assert_same, fail, folder, said, succeed, tree};
use nix::pty::{OpenptyResult, Winsize, openpty};

fn data(name: &str) -> PathBuf {
    let folder = folder(name);
    let data = ["dataset", "--train", "8", "--duration", "300", "--seed", "2", "--out", "data"];
    succeed(&folder, &data);
    folder
}

/// A training that takes long enough to be signalled in the middle.
const LONG: &[&str] = &[
    "train",
    "--data",
    "data",
    "--config",
    "A",
    "--window",
    "150",
    "--batch-size",
    "2",
    "--epochs",
    "4000",
    "--out",
];

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ballstick"));
    command.current_dir(folder).args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn wait_for(there: impl Fn() -> bool) {
    let start = Instant::now();
    while !there() {
        assert!(start.elapsed() < Duration::from_secs(120), "it never came");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn signal(child: &Child, name: &str) {
    signal_times(child, name, 1);
}

/// Sends a process a signal `times` times in quick succession, by one program, even on a busy machine.
fn signal_times(child: &Child, name: &str, times: usize) {
    let pids = vec![child.id().to_string(); times];
    assert!(Command::new("kill").arg(name).args(pids).status().unwrap().success());
}

/// A data set that takes long enough to be signalled in the middle: two threads, however many cores there are.
fn long_set<'a>(train: &'a str, out: &'a str) -> Vec<&'a str> {
    let set = ["dataset", "--train", train, "--duration", "900", "--method", "exact"];
    [&set[..], &["--threads", "2", "--out", out]].concat()
}

fn has_parts(folder: &Path) -> bool {
    let temporary = |name: &Path| {
        let name = name.file_name().unwrap().to_string_lossy();
        name.contains(".part") || name.starts_with(".lock")
    };
    tree(folder).keys().any(|name| temporary(name))
}

#[test]
fn every_signal_saves_a_training_and_has_its_code() {
    let folder = data("endings_train");
    for (name, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        let out = &name[1..];
        let run = folder.join(out);
        let child = command(&folder, &[LONG, &[out]].concat()).spawn().unwrap();
        wait_for(|| run.join("last.safetensors").exists());
        // `timeout` and Slurm send the signal to the process and to its group
        signal_times(&child, name, 2);
        let output = child.wait_with_output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(code), "{name}: {said}");
        assert!(said.contains("stopped and saved; --resume goes on"), "{said}");
        assert!(!has_parts(&folder), "{name}");
        // the saved checkpoint is of the curve's last step
        let curve = std::fs::read_to_string(run.join("curve_train.csv")).unwrap();
        let epoch: f64 = curve.lines().last().unwrap().split(',').nth(1).unwrap().parse().unwrap();
        let epochs = (epoch + 1.0).to_string();
        succeed(
            &folder,
            &["train", "--data", "data", "--out", out, "--resume", "--epochs", &epochs],
        );
    }
}

#[test]
fn every_signal_ends_a_data_set_in_order() {
    let folder = folder("endings_dataset");
    let all = long_set("60", "set");
    let inputs = folder.join("set").join(CABLE).join("train/inputs");
    for (name, code) in [("-TERM", 143), ("-HUP", 129)] {
        let before = std::fs::read_dir(&inputs).into_iter().flatten().count();
        let child = command(&folder, &all).spawn().unwrap();
        wait_for(|| std::fs::read_dir(&inputs).into_iter().flatten().count() > before + 1);
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", said(&output));
        assert!(said(&output).contains("run the same command again"), "{}", said(&output));
        assert!(!has_parts(&folder), "{name}");
    }
    succeed(&folder, &all);
    succeed(&folder, &long_set("60", "once"));
    assert_same(&folder.join("once"), &folder.join("set"));
}

#[test]
fn work_without_a_middle_ends_at_once_and_leaves_nothing() {
    let folder = folder("endings_at_once");
    for (name, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        let args = ["simulate", "--duration", "2000000", "--inputs", "none", "--out", "o.npz"];
        let mut child = command(&folder, &args).spawn().unwrap();
        // until the process's thread listens: the signal is blocked from the start, so that none is lost before
        let status = format!("/proc/{}/status", child.id());
        let listens = || {
            let text = std::fs::read_to_string(&status).unwrap_or_default();
            let mask = text.lines().find_map(|line| line.strip_prefix("SigBlk:\t"));
            mask.is_none_or(|mask| u64::from_str_radix(mask, 16).unwrap() & 2 != 0)
        };
        wait_for(listens);
        signal(&child, name);
        assert_eq!(child.wait().unwrap().code(), Some(code), "{name}");
        assert!(tree(&folder).is_empty(), "{name}");
    }
}

/// A process started by `nohup` ignores the end of the session.
#[cfg(target_os = "linux")]
#[test]
fn a_hangup_that_was_ignored_from_the_start_stays_so() {
    let folder = data("endings_nohup");
    let script = "trap '' HUP; exec \"$0\" \"$@\"";
    let mut shell = Command::new("sh");
    shell.current_dir(&folder).args(["-c", script, env!("CARGO_BIN_EXE_ballstick")]);
    shell.args(LONG).arg("run").stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = shell.spawn().unwrap();
    let last = folder.join("run/last.safetensors");
    wait_for(|| last.exists());
    signal(&child, "-HUP");
    // the training goes on: another validation is saved
    let saved = || std::fs::metadata(&last).unwrap().modified().unwrap();
    let before = saved();
    wait_for(|| saved() != before);
    signal(&child, "-TERM");
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(143));
}

#[test]
fn one_run_at_a_time_in_a_folder() {
    let folder = data("endings_locked");
    let mut first = command(&folder, &[LONG, &["run"]].concat()).spawn().unwrap();
    wait_for(|| folder.join("run/last.safetensors").exists());
    let who = format!("process {}", first.id());
    fail(&folder, 2, &[LONG, &["run"]].concat(), &["run", "another run is at work", &who]);
    let resume = ["train", "--data", "data", "--out", "run", "--resume"];
    fail(&folder, 2, &resume, &["another run is at work", &who]);
    first.kill().unwrap(); // SIGKILL
    first.wait().unwrap();
    // the claim ends with its holder, and the holder's half-written files are removed
    std::fs::write(folder.join("run/best.safetensors.part77"), "half").unwrap();
    let child = command(&folder, &resume).spawn().unwrap();
    wait_for(|| !folder.join("run/best.safetensors.part77").exists());
    signal(&child, "-TERM");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(143), "{}", said(&output));
    assert!(!has_parts(&folder));

    let sweep =
        ["sweep", "--data", "data", "--configs", "A", "--window", "150", "--epochs", "4000"];
    let sweep = [&sweep[..], &["--out", "out"]].concat();
    let child = command(&folder, &sweep).spawn().unwrap();
    let twin = format!("out/{CABLE}/A");
    wait_for(|| folder.join(&twin).join("last.safetensors").exists());
    fail(&folder, 2, &sweep, &["out", "another run is at work"]);
    let train = ["train", "--data", "data", "--resume", "--out", &twin];
    fail(&folder, 2, &train, &[&twin, "another run is at work"]);
    signal(&child, "-TERM");
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(143));
    assert!(!has_parts(&folder));
    // a twin of a sweep is resumed by the same rules as a run
    let words = ["--learning-rate", "0.01", "0.0003"];
    fail(&folder, 2, &[&sweep[..], &["--learning-rate", "0.01"]].concat(), &words);
    fail(&folder, 2, &[&sweep[..], &["--limit", "3"]].concat(), &["--limit", "is 3", "8"]);
}

#[test]
fn shards_shared_out_in_two_ways_do_not_meet() {
    let folder = folder("endings_shards");
    let all = long_set("240", "set");
    let child = command(&folder, &all).spawn().unwrap();
    let inputs = folder.join("set").join(CABLE).join("train/inputs");
    wait_for(|| std::fs::read_dir(&inputs).into_iter().flatten().count() > 1);
    fail(&folder, 2, &all, &["another run is making it"]);
    fail(&folder, 2, &[&all[..], &["--shard", "2/3"]].concat(), &["another run is making it"]);
    signal(&child, "-INT");
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
}

/// The writing end of a pipe whose reader is closed.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

/// A disk that is full, and a pipe that is closed.
fn unwritable() -> [(&'static str, Stdio); 2] {
    let full = File::options().write(true).open("/dev/full").unwrap();
    [("full", full.into()), ("closed", closed_pipe())]
}

#[test]
fn notes_that_cannot_be_shown_end_nothing() {
    let folder = data("endings_notes");
    let train = ["train", "--data", "data", "--config", "A", "--window", "150", "--epochs", "2"];
    succeed(&folder, &[&train[..], &["--out", "run"]].concat());
    for (name, stderr) in unwritable() {
        let out = format!("run_{name}");
        let mut training = command(&folder, &[&train[..], &["--out", &out]].concat());
        assert_eq!(training.stderr(stderr).status().unwrap().code(), Some(0), "{name}");
        assert_same(&folder.join("run"), &folder.join(out));
    }
    for (name, stderr) in unwritable() {
        let set = ["dataset", "--train", "8", "--duration", "300", "--seed", "2", "--out", name];
        assert_eq!(command(&folder, &set).stderr(stderr).status().unwrap().code(), Some(0));
        assert_same(&folder.join("data"), &folder.join(name));
    }
    // an error that cannot be printed is still in the exit code
    for (_, stderr) in unwritable() {
        let missing = ["stats", "nowhere"];
        assert_eq!(command(&folder, &missing).stderr(stderr).status().unwrap().code(), Some(2));
    }
    for (_, stderr) in unwritable() {
        let unknown = ["stats", "--nonsense"];
        assert_eq!(command(&folder, &unknown).stderr(stderr).status().unwrap().code(), Some(2));
    }
}

/// A terminal of 24 lines of 60 columns.
fn terminal() -> OpenptyResult {
    openpty(&Winsize { ws_row: 24, ws_col: 60, ws_xpixel: 0, ws_ypixel: 0 }, None).unwrap()
}

#[test]
fn a_terminal_has_one_line_of_progress_and_may_hang_up() {
    let folder = data("endings_terminal");
    let train = ["train", "--data", "data", "--config", "A", "--window", "150", "--epochs", "2"];
    succeed(&folder, &[&train[..], &["--out", "run"]].concat());
    let on = |out: &str| {
        let OpenptyResult { master, slave } = terminal();
        let mut training = command(&folder, &[&train[..], &["--out", out]].concat());
        let child = training.stderr(Stdio::from(slave)).spawn().unwrap();
        drop(training); // it holds the terminal open
        (child, File::from(master))
    };
    // a terminal's end is an error of the reading
    let (mut child, mut terminal) = on("read");
    let mut bytes = Vec::new();
    let _ = terminal.read_to_end(&mut bytes);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("epoch 1/2 · step 1/"), "{text}");
    assert!(text.contains("validation: spikes"), "{text}");
    let line = text.split(['\r', '\n']).find(|line| line.contains("step 1/")).unwrap_or_default();
    let shown = line.split('\u{1b}').next().unwrap_or_default();
    assert!(shown.chars().count() <= 60, "{shown:?} is wider than the terminal");
    assert_same(&folder.join("run"), &folder.join("read"));

    let (mut child, mut terminal) = on("hung_up");
    terminal.read_exact(&mut [0; 8]).unwrap();
    drop(terminal);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_same(&folder.join("run"), &folder.join("hung_up"));
}

#[test]
fn results_that_nobody_reads_are_no_error_and_those_that_are_lost_are() {
    let folder = data("endings_results");
    let train = ["train", "--data", "data", "--config", "A", "--window", "150", "--epochs", "1"];
    succeed(&folder, &[&train[..], &["--out", "run"]].concat());
    let evaluate = ["evaluate", "--model", "run/best.safetensors", "--data", "data"];
    let show = format!("data/{CABLE}/train/inputs/sim_0000000.npy");
    let figures = [&evaluate[..], &["--plot", "figures"]].concat();
    let commands: [&[&str]; 6] = [
        &figures,
        &[&evaluate[..], &["--json"]].concat(),
        &["stats", "data", "--json"],
        &["filter", "data", "--dry-run"],
        &["show", &show],
        &["--help"],
    ];
    for args in commands {
        for (name, stdout) in unwritable() {
            let _ = std::fs::remove_dir_all(folder.join("figures"));
            let output = command(&folder, args).stdout(stdout).output().unwrap();
            let (code, said) = (output.status.code(), said(&output));
            let expected = if name == "full" { 1 } else { 0 };
            assert_eq!(code, Some(expected), "{args:?}, {name}: {said}");
            assert!(!said.contains("panicked"), "{said}");
            if args == figures {
                assert!(folder.join("figures/sample_full.png").exists(), "{name}");
            }
        }
    }
}

/// A training whose files were removed does not end with success.
#[test]
fn a_file_that_was_removed_during_a_training_fails_it() {
    let folder = data("endings_removed");
    for (out, name) in [("one", "recipe.json"), ("two", "best.safetensors")] {
        let child = command(&folder, &[LONG, &[out]].concat()).spawn().unwrap();
        let file = folder.join(out).join(name);
        wait_for(|| file.exists() && folder.join(out).join("last.safetensors").exists());
        std::fs::remove_file(&file).unwrap();
        signal(&child, "-INT");
        let output = child.wait_with_output().unwrap();
        // a best checkpoint may have been written again in the meantime
        let gone = !file.exists();
        assert_eq!(output.status.code(), Some(if gone { 1 } else { 130 }), "{}", said(&output));
        assert_eq!(said(&output).contains(&format!("{name}: was removed")), gone);
    }
}
