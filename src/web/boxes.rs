//! A box into which a number is typed. The number in use is the last one that the markup allows: any other input is
//! refused beside the box and does not stay in it.

use super::dom;
use crate::text::grouped;
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement};

/// A number box and its number in use: the last one typed that the markup allows.
#[derive(Clone)]
pub(super) struct NumberBox(Rc<Inner>);

struct Inner {
    input: HtmlInputElement,
    /// The number in use, as text.
    used: RefCell<String>,
    note: HtmlElement,
}

impl NumberBox {
    /// Takes over an input element; its `min`, `max` and `step` say which numbers are allowed.
    pub(super) fn new(input: HtmlInputElement) -> Self {
        let note: HtmlElement = dom::element("span", "box-note");
        note.set_attribute("role", "alert").ok();
        let label = input.closest("label").ok().flatten();
        label.unwrap_or_else(|| input.clone().into()).after_with_node_1(&note).ok();
        let used = RefCell::new(input.value());
        let this = Self(Rc::new(Inner { input, used, note }));
        let left = this.clone();
        dom::on(&this.0.input, "change", move |_: Event| left.put_back());
        this
    }

    pub(super) fn input(&self) -> &HtmlInputElement {
        &self.0.input
    }

    /// The number in use, as text.
    pub(super) fn value(&self) -> String {
        self.0.used.borrow().clone()
    }

    /// Puts a number into the box. Where the markup does not allow the number, the one in use stays, and the result is
    /// false.
    pub(super) fn set(&self, value: &str) -> bool {
        let input = &self.0.input;
        input.set_value(value);
        let allowed = is_allowed(input);
        if allowed {
            self.0.used.replace(value.to_owned());
        } else {
            input.set_value(&self.value());
        }
        self.tell("");
        allowed
    }

    /// Takes what was typed into use, or says beside the box which numbers are allowed.
    pub(super) fn take_over(&self) {
        let input = &self.0.input;
        if is_allowed(input) {
            self.0.used.replace(input.value());
            return self.tell("");
        }
        self.tell(&refusal(&input.min(), &input.max(), &input.step(), &self.value()));
        // where the lesson itself writes the number (a seed counted on), nobody leaves the box, and no `change` event
        // comes
        let typing = dom::document().active_element();
        if typing.as_ref() != Some(input.as_ref() as &Element) {
            self.put_back();
        }
    }

    fn put_back(&self) {
        let used = self.value();
        if self.0.input.value() != used {
            self.0.input.set_value(&used);
        }
        self.0.input.remove_attribute("aria-invalid").ok();
    }

    fn tell(&self, text: &str) {
        dom::set_text(&self.0.note, text);
        match text.is_empty() {
            true => self.0.input.remove_attribute("aria-invalid").ok(),
            false => self.0.input.set_attribute("aria-invalid", "true").ok(),
        };
    }
}

/// Whether the box holds a finite number that its range and step allow.
fn is_allowed(input: &HtmlInputElement) -> bool {
    input.value().parse::<f64>().is_ok_and(f64::is_finite) && input.check_validity()
}

/// Says which numbers a box takes, and which number is used meanwhile.
fn refusal(min: &str, max: &str, step: &str, used: &str) -> String {
    let kind = if step == "1" { "A whole number" } else { "A number" };
    format!("{kind} from {} to {}; {} is used.", grouped(min), grouped(max), grouped(used))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_is_allowed_and_what_is_used() {
        let text = refusal("0", "1000000000", "1", "3");
        assert_eq!(text, "A whole number from 0 to 1,000,000,000; 3 is used.");
        assert_eq!(
            refusal("-0.5", "1e9", "any", "-12000"),
            "A number from −0.5 to 1e9; −12,000 is used."
        );
    }
}
