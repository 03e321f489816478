//! The lessons. A lesson's text and controls are in `www/lessons/`; its module here turns the
//! controls into requests and the answers into figures. To add one: its markup, its module, an
//! entry in the [`registry`]. Numbers and comparisons in a text are marked, and a test of the module
//! `text_numbers` computes each by the page's own simulation.

#[cfg(feature = "twin-lessons")]
mod assignment;
#[cfg(feature = "twin-lessons")]
mod bonus;
mod command;
#[cfg(feature = "data-lessons")]
mod dataset;
mod dendrite;
#[cfg(feature = "twin-lessons")]
mod device;
mod expression;
mod fidelity;
#[cfg(feature = "twin-lessons")]
mod judge;
mod neuron_view;
#[cfg(feature = "data-lessons")]
mod pyramid;
mod quiz;
#[cfg(feature = "twin-lessons")]
mod ready;
pub mod registry;
#[cfg(feature = "twin-lessons")]
mod shared;
mod soma;
#[cfg(feature = "twin-lessons")]
mod source;
mod start;
mod stimulus;
mod synapses;
mod targets;
pub(in crate::web) mod tasks;
#[cfg(feature = "twin-lessons")]
mod taylor;
#[cfg(all(test, feature = "twin-lessons"))]
mod text_numbers;
mod this;
#[cfg(feature = "twin-lessons")]
mod twin;

use super::controls::Controls;
use super::dom;
use super::names::{Action, Named, Plot, Stat};
use super::plot::{FigureView, scale};
use super::port::Port;
use super::protocol::Simulator;
use super::settings::Reading;
#[cfg(feature = "twin-lessons")]
use super::trainer::client::TrainerClient;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// A lesson on the page.
pub(super) trait Lesson {
    /// Brings what is shown in line with the controls.
    fn update(&self, controls: &Controls);
}

/// The workers that lessons share.
#[derive(Clone, Default)]
pub(super) struct Workers {
    /// The worker that simulates what the learner waits for.
    pub(super) live: Port<Simulator>,
    /// The worker that simulates what the learner waits for at the same time, on another core.
    pub(super) second: Port<Simulator>,
    /// The worker that simulates what takes long.
    pub(super) background: Port<Simulator>,
    /// The worker that trains and judges twins.
    #[cfg(feature = "twin-lessons")]
    pub(super) trainer: TrainerClient,
}

/// Makes a lesson from the element of its markup.
pub(super) type Mount = fn(&Element, &Workers) -> Rc<dyn Lesson>;

/// The element of a lesson that its markup gives this name.
fn place<T: JsCast>(root: &Element, name: impl Named) -> T {
    dom::must(root, &name.selector())
}

/// The figure of a lesson with this name.
fn figure(root: &Element, name: Plot) -> FigureView {
    FigureView::new(place::<HtmlElement>(root, name))
}

/// Adds a small figure with this name to a place for several figures.
#[cfg(feature = "data-lessons")]
fn mini(grid: &Element, name: &str) -> (HtmlElement, FigureView) {
    let place: HtmlElement = dom::element("div", "mini");
    place.set_attribute("aria-label", name).ok();
    grid.append_child(&place).ok();
    (place.clone(), FigureView::new(place))
}

/// Writes a number or words of the lesson into every place with this name.
fn write(root: &Element, name: Stat, text: &str) {
    for place in dom::all::<Element>(root, &name.selector()) {
        dom::set_text(&place, text);
    }
}

/// Writes the numbers of a lesson into their places.
fn read_out(root: &Element, readings: &[Reading]) {
    for Reading { name, value, digits } in readings {
        write(root, name.clone(), &scale::fixed(*value, *digits));
    }
}

/// [Writes](read_out) all numbers of an answer at once, and ticks the tasks that ask for them, where the answer is
/// `settled`: where it is the answer to the question that was asked last, and no other is on its way.
fn answered(root: &Element, readings: &[Reading], settled: bool) {
    read_out(root, readings);
    if settled {
        tasks::heard(root, readings);
    }
}

/// Calls `act` when a button with this name is pressed.
fn on_action(root: &Element, name: Action, act: impl Fn() + Clone + 'static) {
    for button in dom::all::<HtmlElement>(root, &name.selector()) {
        let act = act.clone();
        dom::on(&button, "click", move |_: web_sys::Event| act());
    }
}

/// Shows or hides the element with this name.
fn show(root: &Element, name: impl Named, shown: bool) {
    dom::show(&place(root, name), shown);
}

/// Shows a message in a line; an empty message hides the line.
fn tell(line: &HtmlElement, message: &str) {
    dom::set_text(line, message);
    dom::show(line, !message.is_empty());
}

/// Shows in the lesson's line for problems why something could not be done; an empty message hides the line.
fn problem(root: &Element, message: &str) {
    dom::find(root, ".problem").inspect(|line| tell(line, message));
}

/// Shows a message in the line with this name; an empty message hides the line.
#[cfg(feature = "twin-lessons")]
fn say(root: &Element, name: impl Named, message: &str) {
    tell(&place(root, name), message);
}

pub(super) use quiz::{mount as mount_quizzes, restore as restore_quizzes};
