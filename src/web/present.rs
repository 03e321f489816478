//! A lesson for a room: `?present` before the `#` of an address shows one laboratory at a time, in large type. Page Down
//! and Page Up, which presenters' remote controls send, and the buttons at the bottom go on and back, past a lesson's last
//! laboratory to the next lesson; Escape leaves.

use super::dom;
use super::embed::{LABS, show_alone, title, whole_page};
use std::cell::{Cell, RefCell};
use web_sys::{Element, Event, HtmlElement, KeyboardEvent, MouseEvent};

/// What the address has before the `#`.
const PARAMETER: &str = "?present";

thread_local! {
    /// The lesson that is shown.
    static LESSON: RefCell<Option<Element>> = const { RefCell::new(None) };
    /// Which of its laboratories.
    static AT: Cell<usize> = const { Cell::new(0) };
}

/// Where to go from a laboratory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Back,
    On,
}

/// Whether the page's address asks for presenting.
pub(super) fn is_on() -> bool {
    dom::window().location().search().is_ok_and(|search| search == PARAMETER)
}

/// Where presenting is asked for, makes the bar with the buttons and hears the keys; else the links by which it begins.
pub(super) fn start() {
    for link in dom::all::<Element>(&dom::body(), "[data-present]") {
        dom::on(&link, "click", |event: MouseEvent| {
            // into another tab or window as the browser does it
            if event.ctrl_key() || event.meta_key() || event.shift_key() {
                return;
            }
            event.prevent_default();
            let hash = dom::window().location().hash().unwrap_or_default();
            go(&format!("{PARAMETER}{hash}"));
        });
    }
    if !is_on() {
        return;
    }
    let body = dom::body();
    body.class_list().add_2("alone", "present").ok();
    let bar: Element = dom::element("nav", "present-bar");
    bar.set_attribute("aria-label", "Laboratories").ok();
    let said: Element = dom::element("span", "said");
    said.set_attribute("role", "status").ok();
    bar.append_child(&button("← back", || step(Way::Back))).ok();
    bar.append_child(&said).ok();
    bar.append_child(&button("leave", leave)).ok();
    bar.append_child(&button("on →", || step(Way::On))).ok();
    body.append_child(&bar).ok();
    dom::on(&dom::window(), "keydown", |event: KeyboardEvent| {
        // what a plot has used, a browser's own keys, and a key that is held down
        let modified = event.ctrl_key() || event.alt_key() || event.meta_key() || event.shift_key();
        if event.default_prevented() || modified || event.repeat() || event.is_composing() {
            return;
        }
        match event.key().as_str() {
            "PageDown" => step(Way::On),
            "PageUp" => step(Way::Back),
            "Escape" => leave(),
            _ => return,
        }
        event.prevent_default();
    });
}

fn button(text: &str, act: impl Fn() + 'static) -> Element {
    let button: Element = dom::text_element("button", "", text);
    button.set_attribute("type", "button").ok();
    dom::on(&button, "click", move |_: Event| act());
    button
}

/// Shows the first laboratory of a lesson that has been opened.
pub(super) fn open(section: &Element) {
    let same = LESSON.with_borrow(|lesson| lesson.as_ref() == Some(section));
    if !same {
        LESSON.set(Some(section.clone()));
        AT.set(0);
    }
    show();
}

fn show() {
    let Some(section) = LESSON.with_borrow(Clone::clone) else { return };
    let labs: Vec<HtmlElement> = dom::all(&section, LABS);
    let at = AT.get().min(labs.len().saturating_sub(1));
    show_alone(&labs, Some(at));
    let Some(said) = dom::find::<Element>(&dom::body(), ".present-bar .said") else { return };
    let lesson = dom::find::<Element>(&section, "h1").and_then(|h| h.text_content());
    let lab = labs.get(at).map(|lab| title(lab)).unwrap_or_default();
    let lesson = lesson.unwrap_or_default();
    dom::set_text(&said, &format!("{lesson}: {lab} ({} of {})", at + 1, labs.len()));
    dom::window().scroll_to_with_x_and_y(0.0, 0.0);
}

/// Goes to the laboratory beside the one that is shown, or to the lesson beside it.
fn step(way: Way) {
    let Some(section) = LESSON.with_borrow(Clone::clone) else { return };
    let labs = dom::all::<Element>(&section, LABS).len();
    match beside(AT.get(), labs, way) {
        Some(at) => {
            AT.set(at);
            show();
        }
        None => {
            // a lesson ends with the links back and on, the last one without the second; the start page has its contents
            let links: Vec<Element> = dom::all(&section, ".next a");
            let link = match way {
                Way::Back => links.first(),
                Way::On => links.get(1),
            };
            let next = link.and_then(|link| link.get_attribute("href"));
            let first = dom::find::<Element>(&section, ".contents a");
            let first = first.filter(|_| way == Way::On).and_then(|a| a.get_attribute("href"));
            if let Some(address) = next.or(first) {
                go(&address.replacen('#', &format!("{PARAMETER}#"), 1));
            }
        }
    }
}

/// The laboratory that is beside number `at` of `labs`; `None` where the lesson ends.
fn beside(at: usize, labs: usize, way: Way) -> Option<usize> {
    match way {
        Way::Back => at.checked_sub(1),
        Way::On => Some(at + 1).filter(|at| *at < labs),
    }
}

/// Shows the lesson as it is without presenting.
fn leave() {
    go(&whole_page());
}

fn go(address: &str) {
    if let Err(error) = dom::window().location().set_href(address) {
        web_sys::console::warn_1(&error);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lesson_ends_after_its_last_laboratory() {
        assert_eq!(beside(0, 3, Way::On), Some(1));
        assert_eq!(beside(2, 3, Way::On), None);
        assert_eq!(beside(2, 3, Way::Back), Some(1));
        assert_eq!(beside(0, 3, Way::Back), None);
        assert_eq!(beside(0, 0, Way::On), None);
    }
}
