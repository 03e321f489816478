//! Predictions and checks: radio buttons in the markup, feedback beside each answer.
//!
//! A `fieldset.predict` opens the `.reveal` after it when an answer is chosen. A `fieldset.check`
//! shows the `.feedback` whose `data-for` is the chosen value; `data-right` marks right answers.
//! Answers are kept: a question whose text has changed since is a new one.

use crate::web::contents;
use crate::web::dom;
use crate::web::keep::{self, Progress};
use std::collections::BTreeMap;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement};

const ALL: &str = "fieldset.predict, fieldset.check";

/// Makes every prediction and check below `root` work, each with the answer that is kept of it.
pub(in crate::web) fn mount(root: &Element) {
    let lesson = root.get_attribute("data-lesson").unwrap_or_default();
    for (number, quiz) in dom::all::<Element>(root, ALL).iter().enumerate() {
        for radio in dom::all::<HtmlInputElement>(quiz, "input[type=radio]") {
            radio.set_name(&format!("quiz-{lesson}-{number}"));
        }
        speak_reveal(quiz);
        let (all, of, lesson) = (root.clone(), quiz.clone(), lesson.clone());
        dom::on(quiz, "change", move |_: Event| {
            show(&of, chosen(&of).as_ref());
            keep::answers(&lesson, &given(&all));
            contents::tick();
        });
    }
    restore(root, &keep::lesson(&lesson).answers);
}

/// Shows `answers` in place of the answers that are shown.
pub(in crate::web) fn restore(root: &Element, answers: &Progress) {
    for quiz in dom::all::<Element>(root, ALL) {
        let given_answer = answers.done.get(&question(&quiz));
        for radio in dom::all::<HtmlInputElement>(&quiz, "input[type=radio]") {
            radio.set_checked(given_answer == Some(&radio.value()));
        }
        show(&quiz, chosen(&quiz).as_ref());
    }
    let lesson = root.get_attribute("data-lesson").unwrap_or_default();
    // the contents list shows how many questions there are
    keep::answers(&lesson, &given(root));
}

/// The answers that are given below `root`, and how many questions there are.
fn given(root: &Element) -> Progress {
    let all: Vec<Element> = dom::all(root, ALL);
    let answer = |quiz: &Element| Some((question(quiz), chosen(quiz)?.value()));
    Progress { of: all.len(), done: all.iter().filter_map(answer).collect::<BTreeMap<_, _>>() }
}

/// A question's text.
fn question(quiz: &Element) -> String {
    let parts = dom::all::<Element>(quiz, ":scope > legend, :scope > p");
    let text: String = parts.iter().filter_map(|part| part.text_content()).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn chosen(quiz: &Element) -> Option<HtmlInputElement> {
    dom::all::<HtmlInputElement>(quiz, "input[type=radio]").into_iter().find(|r| r.checked())
}

/// The element that a prediction opens; `None` where it opens none.
fn reveal(quiz: &Element) -> Option<Element> {
    let next = quiz.next_element_sibling()?;
    if next.class_list().contains("reveal") {
        return Some(next);
    }
    next.first_element_child().filter(|inner| inner.class_list().contains("reveal"))
}

/// Puts the element that a prediction opens into a live region that exists beforehand, so that screen readers speak it.
fn speak_reveal(quiz: &Element) {
    let Some(reveal) = reveal(quiz) else { return };
    let region: Element = dom::element("div", "");
    region.set_attribute("role", "status").ok();
    quiz.after_with_node_1(&region).ok();
    region.append_child(&reveal).ok();
}

/// Shows what follows an answer, or the question without an answer.
fn show(quiz: &Element, chosen: Option<&HtmlInputElement>) {
    let class = |name: &str, on: bool| {
        quiz.class_list().toggle_with_force(name, on).ok();
    };
    class("answered", chosen.is_some());
    if quiz.class_list().contains("predict") {
        if let Some(reveal) = reveal(quiz) {
            match chosen {
                Some(chosen) => {
                    reveal.remove_attribute("hidden").ok();
                    reveal.set_attribute("data-predicted", &chosen.value()).ok();
                }
                None => {
                    reveal.set_attribute("hidden", "").ok();
                    reveal.remove_attribute("data-predicted").ok();
                }
            }
        }
        return;
    }
    let right = chosen.map(|chosen| chosen.has_attribute("data-right"));
    class("right", right == Some(true));
    class("wrong", right == Some(false));
    for feedback in dom::all::<HtmlElement>(quiz, ".feedback") {
        let of = feedback.get_attribute("data-for");
        dom::show(&feedback, of.is_some() && of == chosen.map(HtmlInputElement::value));
    }
}
