//! Every task can be done, and is not done by the lesson as it opens: by the page's own simulations.

use super::sources::markup::{Element, Markup};
use super::{Known, Value, evaluate, lessons, quantity, read};

#[path = "../../../../tests/support/solutions.rs"]
mod solutions;
use solutions::SOLUTIONS;

fn tasks(markup: &Markup) -> Vec<&Element> {
    markup.elements.iter().filter(|element| element.get("data-task").is_some()).collect()
}

/// Whether a task's claim holds at these settings.
fn holds(lesson: &str, known: &mut Known, claim: &str, settings: &str) -> Result<bool, String> {
    let markup = read(lesson);
    let value = evaluate(claim, &mut |word| {
        quantity(lesson, &markup, known, &format!("{word}@{settings}"))
    });
    match value? {
        Value::Claim(holds) => Ok(holds),
        Value::Number(_) => Err(format!("{claim} claims nothing")),
    }
}

#[test]
fn every_task_can_be_done_and_is_not_done_at_first() {
    let mut known = Known::new();
    let mut wrong = Vec::new();
    for lesson in lessons() {
        let markup = read(lesson);
        let found = tasks(&markup);
        let solved = SOLUTIONS.iter().find(|(of, _)| *of == lesson).map_or(&[][..], |of| of.1);
        assert_eq!(found.len(), solved.len(), "{lesson}: a solution for each task");
        for (task, [does, does_not]) in found.iter().zip(solved) {
            let claim = task.get("data-task").unwrap_or_default();
            for (settings, wanted) in [(*does, true), (*does_not, false), ("", false)] {
                let found = holds(lesson, &mut known, claim, settings);
                if found != Ok(wanted) {
                    wrong.push(format!("{lesson}: {claim} at “{settings}”: {found:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_task_says_what_to_do_and_why_it_is_so() {
    for lesson in lessons() {
        let markup = read(lesson);
        let texts = |class: &str| {
            let within = |text: &&super::Text| {
                let has = |name: &str, value: &str| {
                    text.within.iter().any(|e| e.get(name).is_some_and(|v| v == value))
                };
                has("class", class) && text.within.iter().any(|e| e.get("data-task").is_some())
            };
            let words: usize =
                markup.texts.iter().filter(within).map(|t| t.text.split_whitespace().count()).sum();
            words
        };
        let tasks = tasks(&markup).len();
        assert!(texts("ask") >= 8 * tasks && texts("after") >= 8 * tasks, "{lesson}");
    }
}
