//! The learner's explanation, kept in the browser, and the hints that it opens.

use super::Assignment;
use crate::text;
use crate::web::dom;
use crate::web::lesson::place;
use crate::web::lesson::shared::{keep, kept};
use crate::web::lesson::write;
use std::rc::Weak;
use wasm_bindgen::prelude::*;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement};

const KEPT: &str = "ballstick-assignment-words";
const NAME: &str = "ballstick-assignment-name";
const OPENED: &str = "ballstick-assignment-hints";
/// Characters after which the hints can be opened: a sentence or two.
const ENOUGH: usize = 120;

/// The explanation, and the learner's name.
pub(super) struct Words(HtmlElement, HtmlInputElement);

impl Words {
    pub(super) fn mount(root: &Element, lesson: Weak<Assignment>) -> Self {
        let area: HtmlElement = place(root, part!("explanation"));
        let name: HtmlInputElement = place(root, part!("learner"));
        name.set_value(&kept(NAME).unwrap_or_default());
        let (typed, of) = (name.clone(), lesson.clone());
        dom::on(&name, "input", move |_: Event| {
            keep(NAME, &typed.value());
            of.upgrade().inspect(|lesson| lesson.show_report());
        });
        set_text(&area, &kept(KEPT).unwrap_or_default());
        let hints: HtmlElement = place(root, part!("hints"));
        let button: Element = place(root, action!("hints"));
        if kept(OPENED).is_some() {
            dom::show(&hints, true);
        }
        count(root, &button, &read(&area));
        let (at, opens, written) = (root.clone(), button.clone(), area.clone());
        dom::on(&area, "input", move |_: Event| {
            let text = read(&written);
            keep(KEPT, &text);
            count(&at, &opens, &text);
            if let Some(lesson) = lesson.upgrade() {
                lesson.show_report();
            }
        });
        dom::on(&button, "click", move |_: Event| {
            keep(OPENED, "1");
            dom::show(&hints, true);
            hints.unchecked_ref::<Element>().scroll_into_view();
        });
        Self(area, name)
    }

    /// The learner's name.
    pub(super) fn name(&self) -> String {
        self.1.value().trim().to_owned()
    }

    pub(super) fn text(&self) -> String {
        read(&self.0)
    }
}

fn count(root: &Element, button: &Element, text: &str) {
    let written = text.trim().chars().count();
    let enough = written >= ENOUGH;
    dom::disable(button, !enough);
    let words = match enough {
        true => text::count(written, "character"),
        false => format!("{}; the hints open at {ENOUGH}", text::count(written, "character")),
    };
    write(root, stat!("written"), &words);
}

/// What is written in a text area.
fn read(area: &HtmlElement) -> String {
    let value = js_sys::Reflect::get(area, &VALUE.into()).ok();
    value.and_then(|value| value.as_string()).unwrap_or_default()
}

fn set_text(area: &HtmlElement, text: &str) {
    js_sys::Reflect::set(area, &VALUE.into(), &text.into()).ok();
}

const VALUE: &str = "value";
