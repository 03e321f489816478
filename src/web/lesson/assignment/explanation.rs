//! The learner's explanation, which the browser keeps, and the hints that open once enough of it is written.

use crate::text;
use crate::web::lesson::{place, write};
use crate::web::{dom, keep};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement};

const KEPT: &str = "ballstick-assignment-words";
const NAME: &str = "ballstick-assignment-name";
const OPENED: &str = "ballstick-assignment-hints";
/// Characters of the explanation after which the hints can be opened: a sentence or two.
const ENOUGH: usize = 120;

/// The explanation, and the learner's name.
pub(super) struct Explanation(HtmlElement, HtmlInputElement);

impl Explanation {
    /// Takes over the places of explanation and name; calls `changed` each time that the learner has written something.
    pub(super) fn mount(root: &Element, changed: impl Fn() + 'static) -> Self {
        let changed = Rc::new(changed);
        let area: HtmlElement = place(root, part!("explanation"));
        let name: HtmlInputElement = place(root, part!("learner"));
        name.set_value(&keep::of_page(NAME).unwrap_or_default());
        let (typed, report) = (name.clone(), changed.clone());
        dom::on(&name, "input", move |_: Event| {
            keep::page(NAME, &typed.value());
            report();
        });
        set_text(&area, &keep::of_page(KEPT).unwrap_or_default());
        let hints: HtmlElement = place(root, part!("hints"));
        let button: Element = place(root, action!("hints"));
        if keep::of_page(OPENED).is_some() {
            dom::show(&hints, true);
        }
        count(root, &button, &read(&area));
        let (at, opens, written) = (root.clone(), button.clone(), area.clone());
        dom::on(&area, "input", move |_: Event| {
            let text = read(&written);
            keep::page(KEPT, &text);
            count(&at, &opens, &text);
            changed();
        });
        dom::on(&button, "click", move |_: Event| {
            keep::page(OPENED, "1");
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
    let message = match enough {
        true => text::count(written, "character"),
        false => format!("{}; the hints open at {ENOUGH}", text::count(written, "character")),
    };
    write(root, stat!("written"), &message);
}

/// The text in a text area.
fn read(area: &HtmlElement) -> String {
    let value = js_sys::Reflect::get(area, &VALUE.into()).ok();
    value.and_then(|value| value.as_string()).unwrap_or_default()
}

fn set_text(area: &HtmlElement, text: &str) {
    js_sys::Reflect::set(area, &VALUE.into(), &text.into()).ok();
}

const VALUE: &str = "value";
