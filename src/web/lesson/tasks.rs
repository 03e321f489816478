//! Tasks: items of a list in the markup that are ticked when a laboratory shows what they ask for.
//!
//! `data-task` of an item is a claim in the language of [`expression`](super::expression) over the numbers of an
//! [answer](super::answered) and the values of the lesson's controls, such as `spikes = 5 and amp < 0.2`; `cell:long` is 1 where
//! the control `cell` is at `long`, else 0. What explains the solution, `.after` in the item, opens with the tick. A tick
//! is kept, whatever the laboratory shows later; of a task whose text has changed since, it is kept no longer.

use super::expression::{Value, evaluate};
use crate::web::controls::Controls;
use crate::web::keep::{self, Progress};
use crate::web::names::Named;
use crate::web::settings::{Reading, Settings};
use crate::web::{contents, dom};
use std::cell::RefCell;
use std::collections::BTreeMap;
use web_sys::{Element, HtmlElement};

thread_local! {
    /// The lessons with tasks that were opened, by their keys.
    static OPEN: RefCell<BTreeMap<String, Tasks>> = const { RefCell::new(BTreeMap::new()) };
}

/// The tasks of a lesson.
struct Tasks {
    section: Element,
    controls: Controls,
    /// Whether the controls have been set and the lesson has not been told yet.
    held: bool,
}

/// A task on the page.
struct Task {
    item: Element,
    /// What it asks the learner to do, by which its tick is kept.
    text: String,
    claim: String,
}

/// Shows a lesson's tasks, with the ticks that are kept of them.
pub(in crate::web) fn mount(key: &str, section: &Element, controls: &Controls) {
    let (section, controls) = (section.clone(), controls.clone());
    for Task { item, .. } in tasks(&section) {
        let said: Element = dom::element("span", "visually-hidden");
        said.set_attribute("role", "status").ok();
        item.append_child(&said).ok();
    }
    let of = Tasks { section, controls, held: true };
    OPEN.with_borrow_mut(|open| open.insert(key.to_owned(), of));
    restore(key, &keep::lesson(key).tasks);
}

/// Shows these ticks in place of those that are shown.
pub(in crate::web) fn restore(key: &str, ticks: &Progress) {
    let section = OPEN.with_borrow(|open| open.get(key).map(|lesson| lesson.section.clone()));
    let all = section.as_ref().map_or_else(Vec::new, tasks);
    let mut kept = Progress { of: all.len(), ..Progress::default() };
    for Task { item, text, .. } in all {
        let done = ticks.done.contains_key(&text);
        show(&item, done);
        if done {
            kept.done.insert(text, "1".into());
        }
    }
    keep::tasks(key, &kept);
}

/// Ticks nothing in a lesson, as long as it is `held`: between the setting of its controls and its question about them.
pub(in crate::web) fn hold(key: &str, held: bool) {
    OPEN.with_borrow_mut(|open| {
        if let Some(lesson) = open.get_mut(key) {
            lesson.held = held;
        }
    });
}

/// Takes in all numbers of an answer to a question about the controls as they are, from the lesson with a part at `root`,
/// and ticks the tasks that ask for them.
pub(super) fn heard(root: &Element, readings: &[Reading]) {
    let Ok(Some(section)) = root.closest("[data-lesson]") else { return };
    let key = section.get_attribute("data-lesson").unwrap_or_default();
    let solved = OPEN.with_borrow(|open| {
        let lesson = open.get(&key).filter(|lesson| !lesson.held);
        lesson.map_or_else(Vec::new, |lesson| lesson.solved(readings))
    });
    if solved.is_empty() {
        return;
    }
    let mut kept = keep::lesson(&key).tasks;
    let all = tasks(&section);
    kept.of = all.len();
    for Task { item, text, .. } in solved {
        show(&item, true);
        let number = all.iter().position(|task| task.text == text).map_or(0, |at| at + 1);
        if let Some(said) = dom::find::<Element>(&item, "[role=status]") {
            dom::set_text(&said, &format!("Task {number} is done."));
        }
        kept.done.insert(text, "1".into());
    }
    keep::tasks(&key, &kept);
    contents::tick();
}

impl Tasks {
    /// The tasks without a tick whose claims hold for these numbers.
    fn solved(&self, readings: &[Reading]) -> Vec<Task> {
        let open = tasks(&self.section);
        let open = open.into_iter().filter(|task| !task.item.class_list().contains("done"));
        open.filter(|task| holds(&task.claim, &self.controls, readings)).collect()
    }
}

/// Whether a task's claim holds for these values of controls and the numbers of an answer; a claim over a number of
/// another answer, or that is NaN, does not.
fn holds(claim: &str, settings: &impl Settings, readings: &[Reading]) -> bool {
    let number = |word: &str| {
        let reading = readings.iter().find(|reading| reading.name.name() == word);
        reading.map(|reading| reading.value).or_else(|| of_control(settings, word))
    };
    let value = evaluate(claim, &mut |word| number(word).ok_or_else(|| word.to_owned()));
    value == Ok(Value::Claim(true))
}

/// The number that a control's value is, or for `KEY:VALUE` whether it is that value, as 1 or 0; `None` where the lesson
/// has no control of this key or its value is no number.
pub(super) fn of_control(settings: &impl Settings, word: &str) -> Option<f64> {
    match word.split_once(':') {
        Some((key, value)) => Some(f64::from(u8::from(settings.value(key)? == value))),
        None => settings.value(word)?.parse().ok(),
    }
}

fn tasks(section: &Element) -> Vec<Task> {
    let task = |item: Element| {
        let claim = item.get_attribute("data-task")?;
        let text = dom::find::<Element>(&item, ".ask")?.text_content()?;
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Some(Task { item, text, claim })
    };
    dom::all(section, "[data-task]").into_iter().filter_map(task).collect()
}

/// Shows a task with its tick and explanation, or without.
fn show(item: &Element, done: bool) {
    item.class_list().toggle_with_force("done", done).ok();
    if let Some(after) = dom::find::<HtmlElement>(item, ".after") {
        dom::show(&after, done);
    }
    if let Some(said) = dom::find::<Element>(item, "[role=status]").filter(|_| !done) {
        dom::set_text(&said, "");
    }
}
