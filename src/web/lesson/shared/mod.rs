//! What the lessons on judging and comparing twins share.

mod choice;
mod duet;
mod local;
mod published;
mod recorded;
mod titles;

pub(super) use choice::{Chosen, Models, data_ref};
pub(super) use duet::{Both, Duet, Scene};
pub(super) use local::{keep, kept, put_in, text_of_file};
pub(super) use published::PUBLISHED;
pub(super) use recorded::{Neuron, interval, recorded};
pub(super) use titles::{option, title};

use crate::web::dom;
use web_sys::{Element, Event, HtmlElement};

/// Listens to the lesson's buttons marked `data-action="name"`.
pub(super) fn on_action(root: &Element, name: &str, act: impl Fn() + Clone + 'static) {
    for button in dom::all::<HtmlElement>(root, &format!("[data-action={name}]")) {
        let act = act.clone();
        dom::on(&button, "click", move |_: Event| act());
    }
}

/// Writes a problem into the line for it below `root`, marked `data-problem`, or clears it.
pub(super) fn trouble(root: &Element, name: &str, message: &str) {
    if let Some(line) = dom::find::<HtmlElement>(root, &format!("[data-problem={name}]")) {
        dom::set_text(&line, message);
        dom::show(&line, !message.is_empty());
    }
}
