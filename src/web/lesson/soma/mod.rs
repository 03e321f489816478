//! Lesson 1, the soma: a current step, eleven channels, one spike opened, and the rate curve.

mod figures;
pub(super) mod step;

use super::this::This;
use super::{Lesson, Workers, answered, command, figure, show, stimulus};
use crate::experiment::{Outcome, RateCurve};
use crate::sim::{Channel, NeuronParams, Quantity};
use crate::web::controls::Controls;
use crate::web::plot::{Axis, Colour, Figure, FigureView, Panel, Style};
use crate::web::port::Latest;
use crate::web::protocol::Draft;
use crate::web::settings::Settings;
use figures::{Shown, electrode, opened_figure};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use step::{DURATION_MS, START_MS};
use web_sys::Element;

struct Soma {
    root: Element,
    electrode: FigureView,
    opened: FigureView,
    rates: FigureView,
    live: Latest<Draft>,
    reference: Latest<Draft>,
    curve: Latest<RateCurve>,
    default_curve: Latest<RateCurve>,
    shown: RefCell<Shown>,
    /// The neuron whose rate curve was asked for last.
    curve_of: RefCell<Option<NeuronParams>>,
    curve_asked: Cell<bool>,
}

pub(super) fn mount(root: &Element, workers: &Workers) -> Rc<dyn Lesson> {
    This::make(|this: &This<Soma>| {
        let trace = |port, keep: fn(&mut Shown, Outcome)| {
            this.newest(port, root, move |soma, outcome| soma.take(outcome, keep, Soma::draw))
        };
        let rates = |keep: fn(&mut Shown, Vec<(f64, f64)>)| {
            this.newest_long(&workers.background, root, move |soma, rates| {
                soma.take(rates, keep, Soma::draw_rates);
            })
        };
        Soma {
            root: root.clone(),
            electrode: figure(root, plot!("electrode")),
            opened: figure(root, plot!("opened")),
            rates: figure(root, plot!("rates")),
            live: trace(&workers.live, |shown, outcome| shown.outcome = Some(outcome)),
            reference: trace(&workers.second, |shown, outcome| shown.reference = Some(outcome)),
            curve: rates(|shown, rates| shown.rates = rates.into()),
            default_curve: rates(|shown, rates| shown.default_rates = rates.into()),
            shown: RefCell::default(),
            curve_of: RefCell::default(),
            curve_asked: Cell::new(false),
        }
    })
}

impl Lesson for Soma {
    fn update(&self, controls: &Controls) {
        let clamp = step::clamp(controls);
        let params = step::params(controls);
        let default = stimulus::soma(stimulus::by_default);
        let differs = params != default;
        {
            let mut shown = self.shown.borrow_mut();
            let look = controls.choice(choice!("look"));
            shown.look = Channel::ALL.into_iter().find(|c| c.name() == look);
            (shown.clamp, shown.differs) = (Some(clamp), differs);
        }
        let simulate = |params, opened| Draft(step::experiment(controls, params, opened));
        self.live.ask(simulate(params.clone(), true));
        if differs {
            self.reference.ask(simulate(default, false));
        }
        self.ask_rates(params.clone());
        let (file, neuron) = command::neuron(&params);
        let record = self.shown.borrow().look.map_or(String::new(), |channel| {
            let (current, gate) = (Quantity::Current(channel), Quantity::Activation(channel));
            format!(" --record {current},{gate}")
        });
        let clamp = format!("{START_MS},{},{}", clamp.duration_ms, clamp.amplitude_na);
        let text = format!(
            "{file}ballstick simulate {neuron} --inputs none --duration {DURATION_MS} \\\n    --clamp {clamp}{record} --out soma.npz --plot soma.svg"
        );
        command::show(&self.root, cli!("step"), &text);
    }
}

impl Soma {
    /// Keeps and draws an answer.
    fn take<T>(&self, answer: T, keep: fn(&mut Shown, T), draw: fn(&Self)) {
        keep(&mut self.shown.borrow_mut(), answer);
        draw(self);
    }

    /// Asks for the rate curves, which depend on the channels and not on the step.
    fn ask_rates(&self, params: NeuronParams) {
        if !self.curve_asked.replace(true) {
            self.default_curve.ask(step::curve(stimulus::soma(stimulus::by_default)));
        }
        if self.curve_of.borrow().as_ref() != Some(&params) {
            self.curve_of.replace(Some(params.clone()));
            self.shown.borrow_mut().rates = Rc::default();
            self.curve.ask(step::curve(params));
        }
    }

    fn draw(&self) {
        let shown = self.shown.borrow();
        let Some(outcome) = &shown.outcome else { return };
        self.electrode.set(electrode(&shown, outcome));
        if let Some(opened) = &outcome.close_up {
            self.opened.set(opened_figure(&shown, outcome, opened));
        }
        if outcome.draft {
            return;
        }
        if let Some(clamp) = shown.clamp {
            let settled = self.live.is_settled();
            answered(&self.root, &step::readings(outcome, clamp), settled);
        }
        show(&self.root, part!("no-cell"), !step::is_a_cell(outcome));
    }

    fn draw_rates(&self) {
        let shown = self.shown.borrow();
        let most = shown.rates.iter().chain(shown.default_rates.iter()).map(|p| p.1);
        let top = most.fold(40.0, f64::max) * 1.05;
        let (own, default) = (shown.rates.clone(), shown.default_rates.clone());
        self.rates.set(
            Figure::over(Axis::new("current", "nA", (-0.01, 0.51))).with(
                Panel::new("firing rate", "Hz", (0.0, top), 240.0)
                    .add(Style::Dashed, "with its default channels", Colour::Sky, default)
                    .add(Style::Dots, "your channels", Colour::Ink, own)
                    .digits(0),
            ),
        );
    }
}
