//! "Start again": brings one lesson, or all of them, back to the beginning; the learner can undo that.

use super::{contents, dom, keep};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use web_sys::{Element, Event, HtmlElement};

/// What was kept of some lessons, by the lessons' keys.
type Before = BTreeMap<String, keep::LessonState>;

/// Shows the lessons of these keys anew.
type Changed = Rc<dyn Fn(&[String])>;

/// Ends a lesson's section with the button that starts the lesson again; on the start page the button starts all
/// lessons again. `changed` gets the keys of the lessons that are to be shown anew. The restart can be undone until the
/// lesson is left.
pub(super) fn offer(key: &str, section: &Element, changed: impl Fn(&[String]) + 'static) {
    let all = key == "start";
    if let Some(before) = dom::find::<HtmlElement>(section, ":scope > .again") {
        before.remove();
    }
    let line = make(key, section, Rc::new(changed));
    // the start page has no button while every lesson is fresh
    dom::show(&line, !all || lessons().iter().any(|key| !keep::lesson(key).is_fresh()));
}

/// The keys of all lessons in the contents.
fn lessons() -> Vec<String> {
    let links = contents::links(&dom::body(), contents::CONTENTS);
    links.into_iter().map(|(_, key)| key).collect()
}

fn make(key: &str, section: &Element, changed: Changed) -> HtmlElement {
    let all = key == "start";
    let line: HtmlElement = dom::element("p", "again");
    let button: HtmlElement = dom::element("button", "");
    button.set_attribute("type", "button").ok();
    let text: HtmlElement = dom::element("span", "small");
    text.set_attribute("role", "status").ok();
    let name = if all { "Start all lessons again" } else { "Start this lesson again" };
    button.set_text_content(Some(name));
    line.append_child(&button).ok();
    line.append_child(&text).ok();
    section.append_child(&line).ok();
    let before: Rc<RefCell<Option<Before>>> = Rc::default();
    let (key, section) = (key.to_owned(), section.clone());
    let pressed = button.clone();
    dom::on(&button, "click", move |_: Event| {
        let undo = before.take();
        let keys = match &undo {
            Some(before) => before.keys().cloned().collect(),
            None if all => lessons(),
            None => vec![key.clone()],
        };
        match undo {
            Some(undo) => {
                put(&undo);
                dom::set_text(&pressed, name);
                dom::set_text(&text, "As it was before.");
            }
            None => {
                let saved = |key: &String| (key.clone(), keep::lesson(key));
                before.replace(Some(keys.iter().map(saved).collect()));
                keys.iter().for_each(|key| put_fresh(key));
                dom::set_text(&pressed, "Undo");
                dom::set_text(
                    &text,
                    "Settings, answers and tasks are back at their beginning. Data sets and twins are kept.",
                );
            }
        }
        changed(&keys);
        contents::mark(&section);
        contents::tick();
    });
    line
}

fn put(before: &Before) {
    for (key, saved) in before {
        keep::settings(key, &saved.settings);
        keep::answers(key, &saved.answers);
        keep::tasks(key, &saved.tasks);
    }
}

/// Forgets a lesson's settings, answers and ticks, but not how many questions and tasks it has.
fn put_fresh(key: &str) {
    let keep::LessonState { answers, tasks, .. } = keep::lesson(key);
    let fresh = |before: keep::Progress| keep::Progress { of: before.of, ..Default::default() };
    keep::settings(key, &BTreeMap::new());
    keep::answers(key, &fresh(answers));
    keep::tasks(key, &fresh(tasks));
}
