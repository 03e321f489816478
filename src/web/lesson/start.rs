//! The first page: a neuron that answers as soon as the learner touches it, the long thin cable of lesson 2.

use super::dendrite::drag::{DRAG_MS, VOLTAGE, at_the_input, dragged_on, rises};
use super::stimulus::{Shape, cable};
use super::{Lesson, Workers, figure, problem, read_out};
use crate::experiment::{Experiment, Outcome};
use crate::web::controls::Controls;
use crate::web::plot::{Colour, Data, Figure, Panel};
use crate::web::port::{Latest, Reply};
use crate::web::protocol::Draft;
use crate::web::settings::{Reading, Settings};
use std::rc::Rc;
use web_sys::Element;

struct Start {
    ask: Latest<Draft>,
}

pub(super) fn mount(root: &Element, workers: &Workers) -> Rc<dyn Lesson> {
    let (view, of) = (figure(root, plot!("live")), root.clone());
    let ask = Latest::quick(&workers.live, move |reply: Reply<Draft>| match reply.newest() {
        Ok(outcome) => {
            problem(&of, "");
            view.set(both_ends(&outcome));
            if !outcome.draft {
                read_out(&of, &readings(&outcome));
            }
        }
        Err(error) => problem(&of, &error),
    });
    Rc::new(Start { ask })
}

impl Lesson for Start {
    fn update(&self, controls: &Controls) {
        self.ask.ask(Draft(experiment(controls)));
    }
}

/// The experiment with the burst on the long thin cable.
pub(super) fn experiment(settings: &impl Settings) -> Experiment {
    let cable = cable(Shape::LongThin, "human", 8);
    dragged_on(cable, settings.number(number!("at")) / 100.0, settings.number(number!("w")))
}

/// The numbers under the plot.
pub(super) fn readings(outcome: &Outcome) -> [Reading; 3] {
    rises([stat!("local-live"), stat!("soma-live"), stat!("fired-live")], outcome)
}

/// The voltages where the input arrives and at the soma.
fn both_ends(outcome: &Outcome) -> Figure {
    let samples = |mv: &[f64]| Data::samples(outcome.dt_ms, mv);
    Figure::time((0.0, DRAG_MS as f64)).with(
        Panel::new("voltage", "mV", VOLTAGE, 170.0)
            .line("where the input arrives", Colour::Orange, samples(at_the_input(outcome)))
            .line("in the cell body", Colour::Blue, samples(&outcome.soma_mv))
            .digits(1),
    )
}
