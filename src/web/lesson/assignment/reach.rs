//! The hint: how far back each twin can look, over a real input.

use super::cell::{Cell, LETTERS};
use crate::data::GeneratorConfig;
use crate::data::Split;
use crate::data::generate::random_inputs;
use crate::experiment::trace::{RandomTrace, Traced};
use crate::web::controls::Controls;
use crate::web::lesson::shared::Neuron;
use crate::web::lesson::{Workers, figure, write};
use crate::web::plot::{
    Axis, Colour, Content, Data, Figure, FigureView, Panel, Series, Style, Tick, panels,
};
use crate::web::port::{Latest, Reply};
use crate::web::settings::Settings;
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::Element;

/// How much is simulated, and, below, how much is shown before the moment that the learner has chosen, ms.
const DURATION_MS: usize = 1500;
const BEFORE_MS: usize = 270;

pub(super) struct Reach {
    ask: Latest<RandomTrace>,
    shown: Rc<RefCell<Shown>>,
    draw: Rc<dyn Fn(&Shown)>,
}

#[derive(Default)]
struct Shown {
    traced: Option<Rc<Traced>>,
    moment: usize,
}

impl Reach {
    pub(super) fn mount(root: &Element, workers: &Workers) -> Self {
        let (view, at) = (figure(root, plot!("reach")), root.clone());
        let draw: Rc<dyn Fn(&Shown)> = Rc::new(move |shown: &Shown| draw(&at, &view, shown));
        let shown: Rc<RefCell<Shown>> = Rc::default();
        let (of, again) = (shown.clone(), draw.clone());
        let ask = Latest::quick(&workers.live, move |reply| {
            if let Reply::Answer(traced) = reply {
                of.borrow_mut().traced = Some(Rc::new(traced));
                again(&of.borrow());
            }
        });
        Self { ask, shown, draw }
    }

    pub(super) fn set(&self, controls: &Controls) {
        self.shown.borrow_mut().moment = controls.whole(number!("moment"));
        self.ask.ask(RandomTrace {
            params: Neuron::of_key(&controls.choice(choice!("cell"))).params(),
            generator: GeneratorConfig::default(),
            seed: controls.seed(number!("seed")),
            duration_ms: DURATION_MS,
        });
        (self.draw)(&self.shown.borrow());
    }
}

/// The last `len` samples of each row before the moment, the moment's own included.
fn before(values: &[f64], rows: usize, moment: usize, len: usize) -> Vec<f64> {
    let columns = values.len() / rows.max(1);
    let end = (moment + 1).min(columns);
    let start = end.saturating_sub(len);
    (0..rows).flat_map(|row| values[row * columns + start..row * columns + end].to_vec()).collect()
}

fn draw(root: &Element, view: &FigureView, shown: &Shown) {
    let Some(traced) = &shown.traced else { return };
    let rows = traced.of.params.num_rows();
    let drawn = random_inputs(traced.of.seed, Split::Train, 0, rows, traced.of.duration_ms);
    let cut = |values: &[f64], rows| before(values, rows, shown.moment, BEFORE_MS);
    let (exc, inh) = (cut(&drawn.exc, rows), cut(&drawn.inh, rows));
    let range = (-(BEFORE_MS as f64 - 1.0), 4.0);
    let mut input = panels::input(&exc, &inh, rows);
    if let Content::Raster(raster) = &mut input.content {
        for (_, _, ticks) in &mut raster.kinds {
            *ticks = ticks.iter().map(|tick| Tick { x: tick.x + range.0, ..*tick }).collect();
        }
    }
    let soma = Data::uniform(range.0, 1.0, &cut(&traced.soma_capped_mv, 1));
    let colours = [Colour::Sky, Colour::Green, Colour::Soft, Colour::Blue, Colour::Vermillion];
    let fields = LETTERS.iter().zip(colours).enumerate().map(|(n, (letter, colour))| {
        let cell = Cell { neuron: Neuron::Cable, letter: *letter };
        let back = cell.config().receptive_field().unwrap_or(BEFORE_MS) as f64;
        let height = (LETTERS.len() - 1 - n) as f64;
        let points = [(-(back - 1.0), height), (0.0, height)];
        let style = if matches!(letter, 'D' | 'E') { Style::Bold } else { Style::Line };
        let name = format!("{letter}: {back} ms");
        Series::new(&name, colour, style, points).digits(0)
    });
    let names = LETTERS.iter().rev().map(|letter| letter.to_string());
    let sees = Axis::new("what each twin sees", "", (-0.6, 4.6)).places(names);
    view.set(
        Figure::over(Axis::new("time before the answer", "ms", range)).with_all([
            input,
            Panel::new("soma voltage, capped", "mV", (-90.0, -58.0), 90.0)
                .bold("neuron", Colour::Ink, soma)
                .digits(1),
            Panel::lines(sees, 110.0, fields),
        ]),
    );
    for (name, letter) in [(stat!("seen-d"), 'D'), (stat!("seen-e"), 'E')] {
        let cell = Cell { neuron: Neuron::Cable, letter };
        let back = cell.config().receptive_field().unwrap_or(0);
        let count = |values: &[f64]| {
            let part = before(values, rows, shown.moment, back);
            part.iter().filter(|weight| **weight > 0.0).count()
        };
        write(root, name, &(count(&drawn.exc) + count(&drawn.inh)).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_past_ends_with_the_moment() {
        let values: Vec<f64> = (0..20).map(f64::from).collect();
        assert_eq!(before(&values, 2, 4, 3), [2.0, 3.0, 4.0, 12.0, 13.0, 14.0]);
        assert_eq!(before(&values, 2, 1, 5), [0.0, 1.0, 10.0, 11.0]);
    }
}
