//! The twins give PyTorch's numbers on the CPU: every case in `tests/parity`, or in the folder that
//! `BALLSTICK_PARITY` names, weights read from its `.pt`.

use std::path::{Path, PathBuf};

use crate::recorded::Case;
use burn::backend::{Autodiff, Flex};
use pollster::block_on;

type Train = Autodiff<Flex>;

fn cases() -> Vec<Case> {
    let folder = match std::env::var_os("BALLSTICK_PARITY") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity"),
    };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    let read = |path: PathBuf| {
        let bytes = |ending| std::fs::read(path.with_extension(ending)).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        Case::new(path.file_stem().unwrap().to_str().unwrap(), &text, &bytes("npz"), &bytes("pt"))
    };
    paths.into_iter().map(read).collect()
}

/// Runs a check on every case, then reports all cases that failed.
fn for_each_case(check: impl Fn(&Case) + std::panic::RefUnwindSafe) {
    let failed: Vec<String> = cases()
        .into_iter()
        .filter(|case| {
            let case = std::panic::AssertUnwindSafe(case);
            std::panic::catch_unwind(|| check(*case)).is_err()
        })
        .map(|case| case.name)
        .collect();
    assert!(failed.is_empty(), "failed: {failed:?}");
}

#[test]
fn names_and_counts() {
    for_each_case(|case| {
        let count = case.twin::<Flex>().count_params();
        assert_eq!(count as u64, case.json["num_params"].as_u64().unwrap(), "{}", case.name);
        assert_eq!(case.config.short_name(count), case.json["short_name"].as_str().unwrap());
    });
}

/// Single precision sums in another order: 1e-4 of the largest output.
#[test]
fn outputs() {
    for_each_case(|case| {
        let outputs = case.twin::<Flex>().forward(case.tensor::<Flex, 4>("X"));
        block_on(case.compare_outputs(&outputs, "eval_out", 1e-4));
    });
}

/// Losses and gradients, and the outputs after one step of AdamW, within 1e-4.
#[test]
fn losses_gradients_and_a_step() {
    for_each_case(|case| block_on(case.compare_a_step::<Train>()));
}
