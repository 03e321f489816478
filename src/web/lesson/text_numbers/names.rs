//! What the code names, the markup has, and the other way round. A name is made by the macros of `web/names.rs` only,
//! so that this test finds every one of them as a literal in the source.

use super::sources::markup::Markup;
use super::sources::{lessons, read};
use crate::web::names::KINDS;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Files that several lessons share, or that are not in their lesson's folder, each with its lessons.
const SHARED: [(&str, &[&str]); 3] = [
    ("fidelity.rs", &["dendrite"]),
    ("neuron_view/player.rs", &["synapses", "pyramid"]),
    ("shared/choice.rs", &["judge"]),
];

/// Patterns of names, by the file that has them, and the values that fill their gaps there.
const PATTERNS: [(&str, &str, &[&[&str]]); 28] = [
    ("soma/step.rs", "{}", &[CHANNELS]),
    ("dendrite", "local-{}", &[CABLES]),
    ("dendrite", "soma-{}", &[CABLES]),
    ("dendrite", "fired-{}", &[CABLES]),
    ("dendrite", "distance-{}", &[CABLES]),
    ("dendrite", "lambda-{}", &[CABLES]),
    ("synapses", "steepest-{}", &[RECEPTORS]),
    ("synapses", "one-{}", &[RECEPTORS]),
    ("synapses", "all-{}", &[RECEPTORS]),
    ("synapses", "rise-{}", &[CASES]),
    ("synapses", "spikes-{}", &[CASES]),
    ("synapses", "needs-{}", &[CASES]),
    ("pyramid", "spikes-{}", &[INJECTED]),
    ("pyramid", "peak-{}", &[INJECTED]),
    ("pyramid", "above-{}", &[INJECTED]),
    ("targets.rs", "draw-{}", &[&["em", "im", "es", "is"]]),
    ("dataset", "{}-count", &[SPLITS]),
    ("dataset", "{}-seed", &[SPLITS]),
    ("dataset", "sample-{}", &[&["rate", "near", "soma", "dend"]]),
    ("ready/mod.rs", "{}", &[&["webgpu", "cpu", "storage", "data", "runs"]]),
    ("ready/measure.rs", "{}-{}", &[&["webgpu", "cpu"], &["A", "C"]]),
    ("ready/measure.rs", "b{}-{}", &[&["2", "15", "full"], &["A", "C"]]),
    ("twin", "b{}-{}", &[&["2", "15", "full", "own"], &["steps", "epochs", "time", "auc"]]),
    ("judge", "{}-auc", &[BASELINES]),
    ("judge", "{}-tpr", &[BASELINES]),
    ("judge", "{}-train", &[BASELINES]),
    ("bonus", "{}", &[&["sk", "nmda"]]),
    ("bonus", "{}-expected", &[&["sk", "nmda"]]),
];
const CHANNELS: &[&str] = &[
    "NaTa_t", "NaTs2_t", "Nap_Et2", "SKv3_1", "K_Pst", "K_Tst", "Im", "SK_E2", "Ca_HVA",
    "Ca_LVAst", "Ih",
];
const CABLES: &[&str] = &["long", "short"];
const RECEPTORS: &[&str] = &["ampa", "rodent", "human"];
const CASES: &[&str] = &["ampa-clustered", "ampa-spread", "nmda-clustered", "nmda-spread"];
const INJECTED: &[&str] = &["soma", "dend", "both"];
const SPLITS: &[&str] = &["train", "valid", "test"];
const BASELINES: &[&str] = &["filter", "logistic"];

/// A name in the code: its macro, and the literal name or pattern.
type Name = (&'static str, String);

/// The names in a source text.
fn names(source: &str) -> Vec<Name> {
    let code: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut found = Vec::new();
    for &(kind, _) in KINDS {
        let call = format!("{kind}!(");
        for (at, _) in code.match_indices(&call) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
                continue;
            }
            let literal = code[at + call.len()..].trim_start().strip_prefix('"');
            let name = literal.and_then(|rest| rest.split_once('"'));
            found.push((kind, name.expect("a literal name").0.to_owned()));
        }
    }
    found
}

/// Every source file below `folder`, but for the tests of this folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of lessons") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true if path.ends_with("text_numbers") => {}
            true => sources(&path, found),
            false if path.extension().is_some_and(|e| e == "rs") => found.push(path),
            false => {}
        }
    }
}

/// The lessons that a source file below `src/web/lesson` belongs to.
fn lessons_of(file: &str) -> Vec<&'static str> {
    let shared = SHARED.iter().find(|(name, _)| *name == file);
    let own = || lessons().filter(|l| file.split(['/', '.']).next() == Some(l));
    shared.map_or_else(|| own().collect(), |(_, lessons)| lessons.to_vec())
}

/// A name itself, or all names that a pattern stands for.
fn expanded(file: &str, name: &str) -> Vec<String> {
    if !name.contains('{') {
        return vec![name.to_owned()];
    }
    let of = PATTERNS.iter().find(|(of, pattern, _)| file.starts_with(of) && *pattern == name);
    let (_, _, values) = of.unwrap_or_else(|| panic!("{file}: what does {name} stand for?"));
    let fill = |names: Vec<String>, values: &&[&str]| {
        let one = |name: &String, value: &&str| name.replacen("{}", value, 1);
        names.iter().flat_map(|name| values.iter().map(move |value| one(name, value))).collect()
    };
    values.iter().fold(vec![name.to_owned()], fill)
}

/// What is wrong with a name in the markup of its lesson; `None` where nothing is.
fn wrong(markup: &Markup, kind: &str, attribute: &str, name: &str) -> Option<String> {
    if attribute == "data-key" {
        return match markup.has_control(name, kind) {
            None => Some("no control has this key".into()),
            Some(false) => Some("the control is of another kind".into()),
            Some(true) => None,
        };
    }
    let found = markup.elements.iter().any(|e| e.get(attribute) == Some(name));
    (!found).then(|| "not in the markup".into())
}

#[test]
fn what_the_code_names_the_markup_has_and_the_other_way_round() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/lesson");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let markups: BTreeMap<&str, Markup> = lessons().map(|lesson| (lesson, read(lesson))).collect();
    let mut problems = Vec::new();
    let mut named: BTreeSet<(&str, &str, String)> = BTreeSet::new();
    for path in files {
        let short = path.strip_prefix(&root).expect("below the lessons").to_string_lossy();
        let source = std::fs::read_to_string(&path).expect("a source file");
        for (kind, name) in names(&source) {
            let attribute = KINDS.iter().find(|k| k.0 == kind).expect("a kind").1;
            let lessons = lessons_of(&short);
            if lessons.is_empty() {
                problems.push(format!("{short}: which lesson has {kind}!(\"{name}\")?"));
            }
            for name in expanded(&short, &name) {
                for lesson in &lessons {
                    let wrong = wrong(&markups[lesson], kind, attribute, &name);
                    problems
                        .extend(wrong.map(|why| format!("{short}: {kind}!(\"{name}\"): {why}")));
                    named.insert((lesson, attribute, name.clone()));
                }
            }
        }
    }
    for (lesson, markup) in &markups {
        for element in &markup.elements {
            for attribute in KINDS.iter().map(|kind| kind.1) {
                let Some(name) = element.get(attribute) else { continue };
                if !named.contains(&(*lesson, attribute, name.to_owned())) {
                    problems.push(format!(
                        "www/lessons/{lesson}.html: no code names {attribute}={name}"
                    ));
                }
            }
        }
    }
    problems.sort();
    problems.dedup();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn what_follows_a_control_follows_one_that_is_there() {
    for lesson in lessons() {
        let markup = read(lesson);
        for element in &markup.elements {
            for attribute in ["data-of", "data-var"] {
                let Some(key) = element.get(attribute) else { continue };
                assert!(markup.has_control(key, "").is_some(), "{lesson}: {attribute}={key}");
            }
        }
    }
}
