//! What the lessons' texts say is what the page shows.
//!
//! A number or a comparison in a text is marked: `<data value="spikes@K_Pst=0">31</data>` says that the page's number
//! `spikes` is 31 when the control `K_Pst` is at 0 and all others are at the defaults of the markup, and
//! `<data value="peak@NaTa_t=0 < peak">lower</data>` makes a claim. Here each is computed by the simulation that the page
//! runs, from the lesson's own controls, and whatever is said without a mark is listed: see [`NOT_MEASURED`].
//! A value in the mark without a name, as `value="0.1"`, is a setting or a definition. What a recorded twin has to be
//! run for is marked `data-told` and computed by a test of the command line, `native-cli/tests/cli/judging.rs`.

mod data;
mod names;
mod neuron;
#[path = "../../../../tests/support/said.rs"]
mod said;
mod sources;
mod synapses;
mod tasks;
mod twins;

use crate::text::fixed;
use crate::web::lesson::expression::{Value, evaluate};
use crate::web::lesson::tasks::of_control;
use sources::markup::{Markup, Set, Text};
use sources::{file, lessons, read};
use std::collections::BTreeMap;

/// Numbers of texts that nothing here can compute, a line each: the lesson, a colon, a piece of the text around the
/// number, ` | `, and where the number comes from: a definition, arithmetic, a count of what is on the page, a
/// quotation, a file. A piece that the lesson's text does not have must not be listed.
const NOT_MEASURED: &str = "src/web/lesson/text_numbers/not_measured.txt";

type Known = BTreeMap<(String, Set, String), f64>;

/// The number that a lesson calls by the name in `word`, with arguments after colons, at the settings after `@`.
fn quantity(lesson: &str, markup: &Markup, known: &mut Known, word: &str) -> Result<f64, String> {
    let (name, changes) = word.split_once('@').unwrap_or((word, ""));
    let set = markup.set(changes)?;
    let key = (lesson.to_owned(), set.clone(), name.to_owned());
    if let Some(value) = known.get(&key) {
        return Ok(*value);
    }
    let mut parts = name.split(':');
    let (first, args) = (parts.next().unwrap_or_default(), parts.collect::<Vec<_>>());
    let value = match lesson {
        "start" => neuron::start(&set, first, &args),
        "soma" => neuron::soma(&set, first, &args),
        "dendrite" => neuron::dendrite(&set, first, &args),
        "synapses" => synapses::synapses(&set, first, &args),
        "pyramid" => neuron::pyramid(&set, first, &args),
        "targets" => data::targets(&set, first, &args),
        "dataset" => data::dataset(&set, first, &args),
        "taylor" => data::taylor(first, &args),
        "ready" | "twin" | "judge" | "assignment" | "bonus" => twins::twins(first, &args),
        _ => None,
    };
    let value = value.or_else(|| of_control(&set, name));
    let value = value.ok_or(format!("{name} is not a number of this lesson"))?;
    known.insert(key, value);
    Ok(value)
}

/// An error where a marked text is not what the page computes.
fn check(lesson: &str, markup: &Markup, known: &mut Known, text: &Text) -> Result<(), String> {
    let expression = text.marked().unwrap_or_default();
    let value = evaluate(expression, &mut |word| quantity(lesson, markup, known, word))?;
    match value {
        Value::Claim(true) => Ok(()),
        Value::Claim(false) => Err("does not hold".into()),
        Value::Number(value) => said::says(&text.text, value),
    }
}

#[test]
fn every_marked_number_is_the_pages_own() {
    let mut wrong = Vec::new();
    let mut known = Known::new();
    for lesson in lessons() {
        let markup = read(lesson);
        for text in markup.texts.iter().filter(|text| text.marked().is_some()) {
            if let Err(why) = check(lesson, &markup, &mut known, text) {
                let mark = text.marked().unwrap_or_default();
                wrong.push(format!("{lesson}: “{}” ({mark}): {why}", text.text));
            }
        }
    }
    assert!(wrong.is_empty(), "{} marks are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// The numbers that a lesson gives without a mark and without an excuse; excuses that were used are added to `used`.
fn unmarked(
    lesson: &str,
    excuses: &[(&str, &str)],
    used: &mut Vec<(String, String)>,
) -> Vec<String> {
    let mut found = Vec::new();
    for text in &read(lesson).texts {
        if !text.is_prose() || text.marked().is_some() || text.told_elsewhere().is_some() {
            continue;
        }
        let mut rest = text.text.replace('\n', " ");
        for (of, phrase) in excuses {
            if *of == lesson && rest.contains(phrase) {
                rest = rest.replace(phrase, " ");
                used.push((lesson.to_owned(), (*phrase).to_owned()));
            }
        }
        for number in said::to_be_checked(&rest) {
            found.push(format!("{lesson}: “{number}” in “{}”", text.text.trim()));
        }
    }
    found
}

#[test]
fn every_number_and_comparison_is_marked() {
    let excuses = file(NOT_MEASURED);
    let excuses: Vec<(&str, &str)> = excuses
        .lines()
        .map(|line| {
            let (excused, source) = line.rsplit_once(" | ").expect("lesson: text | source");
            assert!(!source.is_empty(), "{line}");
            excused.split_once(": ").expect("lesson: text")
        })
        .collect();
    let mut used = Vec::new();
    let found: Vec<String> =
        lessons().flat_map(|lesson| unmarked(lesson, &excuses, &mut used)).collect();
    let is_used = |(of, phrase): &&(&str, &str)| used.iter().any(|(l, p)| l == of && p == phrase);
    let stale: Vec<_> = excuses.iter().filter(|excuse| !is_used(excuse)).collect();
    assert!(stale.is_empty(), "excused, but not in the texts any more: {stale:?}");
    assert!(found.is_empty(), "{} numbers without a mark:\n{}", found.len(), found.join("\n"));
}

#[test]
fn every_button_sets_what_its_controls_allow() {
    let mut seen = 0;
    for lesson in lessons() {
        let markup = read(lesson);
        for button in markup.texts.iter().filter_map(|text| text.within.last()) {
            let Some(values) = button.get("data-set") else { continue };
            let parsed = markup.set(values);
            assert!(parsed.is_ok(), "{lesson}: {values}: {parsed:?}");
            seen += 1;
        }
    }
    assert!(seen > 40, "the buttons were not found: {seen}");
}
