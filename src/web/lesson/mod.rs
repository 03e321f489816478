//! The lessons. A lesson's text and controls are in `www/lessons/`; its module here turns the
//! controls into requests and the answers into figures. To add one: its markup, its module, a
//! line in [`LESSONS`]. Numbers and comparisons in a text are marked, and a test of the module
//! `told` computes each by the page's own simulation.

#[cfg(feature = "twin-lessons")]
mod assignment;
#[cfg(feature = "twin-lessons")]
mod bonus;
#[cfg(feature = "twin-lessons")]
mod budget;
mod command;
#[cfg(feature = "data-lessons")]
mod dataset;
mod dendrite;
#[cfg(feature = "twin-lessons")]
mod device;
mod fidelity;
#[cfg(feature = "twin-lessons")]
mod judge;
mod quiz;
#[cfg(feature = "twin-lessons")]
mod ready;
#[cfg(feature = "twin-lessons")]
mod shared;
mod soma;
#[cfg(feature = "twin-lessons")]
mod source;
mod start;
mod stimulus;
mod synapses;
mod targets;
#[cfg(feature = "twin-lessons")]
mod taylor;
#[cfg(all(test, feature = "twin-lessons"))]
mod told;
#[cfg(feature = "twin-lessons")]
mod twin;

use super::controls::Controls;
use super::dom;
use super::plot::{FigureView, scale};
use super::port::Port;
use super::protocol::Simulator;
use super::settings::Reading;
#[cfg(feature = "twin-lessons")]
use super::trainer::client::TrainerClient;
use std::rc::Rc;
use web_sys::{Element, HtmlElement};

/// A lesson on the page.
pub(super) trait Lesson {
    /// Brings what is shown in line with the controls.
    fn update(&self, controls: &Controls);
}

/// The workers that lessons share.
#[derive(Clone, Default)]
pub(super) struct Workers {
    /// For what the learner waits for.
    pub(super) live: Port<Simulator>,
    /// For what is waited for beside that: another core does it at the same time.
    pub(super) beside: Port<Simulator>,
    /// For what takes long.
    pub(super) background: Port<Simulator>,
    /// For twins.
    #[cfg(feature = "twin-lessons")]
    pub(super) trainer: TrainerClient,
}

/// Makes a lesson of its markup.
pub(super) type Mount = fn(&Element, &Workers) -> Rc<dyn Lesson>;

/// Every lesson: its key in the address and in its markup's `data-lesson`, and how it starts.
pub(super) const LESSONS: &[(&str, Mount)] = &[
    ("start", start::mount),
    ("soma", soma::mount),
    ("dendrite", dendrite::mount),
    ("synapses", synapses::mount),
    ("targets", targets::mount),
    #[cfg(feature = "data-lessons")]
    ("dataset", dataset::mount),
    #[cfg(feature = "twin-lessons")]
    ("ready", ready::mount),
    #[cfg(feature = "twin-lessons")]
    ("twin", twin::mount),
    #[cfg(feature = "twin-lessons")]
    ("judge", judge::mount),
    #[cfg(feature = "twin-lessons")]
    ("taylor", taylor::mount),
    #[cfg(feature = "twin-lessons")]
    ("assignment", assignment::mount),
    #[cfg(feature = "twin-lessons")]
    ("bonus", bonus::mount),
];

/// The figure of a lesson that its markup marks `data-figure`.
fn figure(root: &Element, name: &str) -> FigureView {
    FigureView::new(dom::must::<HtmlElement>(root, &format!("[data-figure={name}]")))
}

/// Writes a number of the lesson where its markup is marked `data-stat`.
fn stat(root: &Element, name: &str, text: &str) {
    for place in dom::all::<Element>(root, &format!("[data-stat={name}]")) {
        dom::set_text(&place, text);
    }
}

/// Writes the numbers of a lesson into their places.
fn read_out(root: &Element, readings: &[Reading]) {
    for Reading { name, value, digits } in readings {
        stat(root, name, &scale::fixed(*value, *digits));
    }
}

/// Calls `act` when the button marked `data-action` is pressed.
#[cfg(feature = "twin-lessons")]
fn on_action(root: &Element, name: &str, act: impl Fn() + 'static) {
    if let Some(button) = dom::find::<HtmlElement>(root, &format!("[data-action={name}]")) {
        dom::on(&button, "click", move |_: web_sys::Event| act());
    }
}

/// Shows why something could not be done in the lesson's line for that, or clears it.
fn problem(root: &Element, message: &str) {
    if let Some(line) = dom::find::<HtmlElement>(root, ".problem") {
        dom::set_text(&line, message);
        dom::show(&line, !message.is_empty());
    }
}

pub(super) use quiz::{mount as mount_quizzes, restore as restore_quizzes};
