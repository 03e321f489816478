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

use super::place;
use crate::web::dom;
use crate::web::names::Problem;
use web_sys::{Element, HtmlElement};

/// Writes a problem into the line for it below `root`, or clears it.
pub(super) fn trouble(root: &Element, name: Problem, message: &str) {
    let line: HtmlElement = place(root, name);
    dom::set_text(&line, message);
    dom::show(&line, !message.is_empty());
}
