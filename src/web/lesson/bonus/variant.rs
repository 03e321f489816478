//! An experiment: the neuron as its twin knows it, the same neuron changed, and the twin, on one input.

use crate::experiment::{Experiment, Outcome, SynapticEvent};
use crate::sim::NeuronParams;
use crate::text::count;
use crate::web::lesson::shared::{Both, Duet, Neuron, Scene};
use crate::web::lesson::{Workers, figure, say, write};
use crate::web::plot::scale::fixed;
use crate::web::plot::{Colour, Data, Figure, FigureView, Panel, Style, Tick, panels};
use crate::web::port::{Latest, Reply};
use crate::web::protocol::Simulate;
use crate::web::trainer::protocol::ModelRef;
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::Element;

/// An experiment on a neuron: the same inputs to the neuron and to a changed one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Trial {
    /// The neuron that the twin was trained on.
    pub(super) reference: NeuronParams,
    /// The changed neuron.
    pub(super) variant: NeuronParams,
    /// The events that reach both neurons and the twin.
    pub(super) events: Vec<SynapticEvent>,
    pub(super) duration_ms: usize,
    /// The segment whose voltage is drawn, from 0.
    pub(super) segment: usize,
    /// The neuron whose recorded twin gets the same input.
    pub(super) twin: Neuron,
}

pub(super) struct Variant {
    shown: Rc<RefCell<Shown>>,
    duet: Duet,
    other: Latest<Simulate>,
    draw: Rc<dyn Fn(&Shown)>,
}

#[derive(Default)]
struct Shown {
    trial: Option<Trial>,
    both: Both,
    other: Option<Rc<Outcome>>,
}

impl Variant {
    /// Takes over the figure and the numbers with this name; `names` are those of the two neurons in the legend, `maps`
    /// says whether the voltages of whole dendrites are drawn.
    pub(super) fn mount(
        root: &Element,
        workers: &Workers,
        name: &'static str,
        names: [&'static str; 2],
        maps: bool,
    ) -> Self {
        let (view, at) = (figure(root, plot!("{}", name)), root.clone());
        let draw: Rc<dyn Fn(&Shown)> = Rc::new(move |shown: &Shown| {
            draw(&view, shown, names, maps);
            write_numbers(&at, name, shown);
        });
        let shown: Rc<RefCell<Shown>> = Rc::default();
        let (of, again) = (shown.clone(), draw.clone());
        let duet = Duet::new(workers, move |both| {
            of.borrow_mut().both = both.clone();
            again(&of.borrow());
        });
        let (of, again) = (shown.clone(), draw.clone());
        let other = Latest::quick(&workers.background, move |reply| {
            if let Reply::Answer(outcome) = reply {
                of.borrow_mut().other = Some(Rc::new(outcome));
                again(&of.borrow());
            }
        });
        Self { shown, duet, other, draw }
    }

    /// Asks the neuron, the changed neuron and the twin, unless they were asked the same last.
    pub(super) fn ask(&self, trial: Trial) {
        if self.shown.borrow().trial.as_ref() == Some(&trial) {
            return;
        }
        self.shown.borrow_mut().trial = Some(trial.clone());
        let Trial { reference, variant, events, duration_ms, twin, .. } = trial;
        let scene = Scene { params: reference, duration_ms, events: events.clone() };
        let model = ModelRef::Recorded(twin.recorded_twin());
        self.duet.ask(scene, Some(model));
        self.other.ask(Simulate(Experiment::of_events(variant, duration_ms, events)));
        (self.draw)(&self.shown.borrow());
    }
}

/// The voltage of a segment at the start of each ms, mV, no higher than `cap`.
fn row(outcome: &Outcome, rows: usize, segment: usize, cap: f64) -> Vec<f64> {
    let columns = outcome.dend_mv.len() / rows.max(1);
    let part = outcome.dend_mv.get(segment * columns..).unwrap_or_default();
    part.iter().take(columns).map(|v| v.min(cap)).collect()
}

fn soma_of(outcome: &Outcome, cap: f64) -> Vec<f64> {
    let every = (1.0 / outcome.dt_ms).round().max(1.0) as usize;
    outcome.soma_mv.iter().step_by(every).map(|v| v.min(cap)).collect()
}

fn draw(view: &FigureView, shown: &Shown, names: [&'static str; 2], maps: bool) {
    let (Some(trial), Some(scene)) = (&shown.trial, &shown.both.scene) else { return };
    let (rows, end) = (scene.params.num_rows(), scene.duration_ms as f64);
    let (exc, inh) = scene.weights();
    let both = [(&shown.both.neuron, Colour::Ink), (&shown.other, Colour::Blue)];
    let title = format!("voltage of segment {}", trial.segment + 1);
    let mut soma = Panel::new("soma voltage, capped", "mV", (-90.0, -58.0), 110.0);
    let mut dend = Panel::new(title, "mV", (-90.0, 6.0), 90.0);
    let mut twins = Panel::new("twin: a spike?", "", (0.0, 1.05), 56.0);
    let mut ticks: Vec<(&'static str, Colour, Rc<[Tick]>)> = Vec::new();
    let mut heats: Vec<Panel> = Vec::new();
    for (n, ((outcome, colour), name)) in both.into_iter().zip(names).enumerate() {
        let Some(outcome) = outcome else { continue };
        let style = if n == 0 { Style::Line } else { Style::Bold };
        let cap = trial.reference.targets.dend_cap_mv;
        let samples = Data::by_ms(&soma_of(outcome, trial.reference.targets.soma_cap_mv));
        soma = soma.add(style, name, colour, samples);
        let samples = Data::by_ms(&row(outcome, rows, trial.segment, cap));
        dend = dend.add(style, name, colour, samples);
        let of = |t: &f64| Tick { x: *t, row: 1 - n, size: 0.9 };
        ticks.push((name, colour, outcome.spikes_ms.iter().map(of).collect()));
        let title = format!("dendrite, {name}, by segment");
        heats.push(panels::voltages(title, 76.0, &outcome.dend_mv, rows));
    }
    if let Some(twin) = &shown.both.twin {
        let colour = Colour::Vermillion;
        soma = soma.line("twin", colour, Data::by_ms(&twin.soma_mv));
        twins = twins.line("probability", colour, Data::by_ms(&twin.spikes)).digits(3);
    }
    let mut all = vec![
        panels::input(&exc, &inh, rows),
        soma.digits(1),
        Panel::raster("spikes", 48.0, 2, ticks),
        twins,
        dend.digits(1),
    ];
    if maps {
        all.extend(heats);
    }
    view.set(Figure::time((0.0, end)).with_all(all));
}

fn write_numbers(root: &Element, name: &str, shown: &Shown) {
    say(root, problem!("{}", name), &shown.both.twin_problem);
    let spikes = |outcome: &Option<Rc<Outcome>>| {
        outcome.as_ref().map_or("–".into(), |o| count(o.spikes_ms.len(), "spike"))
    };
    let expected = match &shown.both.twin {
        Some(twin) => format!("{} spikes", fixed(twin.spikes.iter().sum(), 1)),
        None => "–".to_owned(),
    };
    let (base, set) = match name {
        "sk" => (stat!("sk-base"), stat!("sk-spikes")),
        _ => (stat!("human-spikes"), stat!("rodent-spikes")),
    };
    write(root, base, &spikes(&shown.both.neuron));
    write(root, set, &spikes(&shown.other));
    write(root, stat!("{}-expected", name), &expected);
    if name == "nmda" {
        let part = |outcome: &Option<Rc<Outcome>>| {
            outcome.as_ref().map_or("–".into(), |outcome| {
                let high = outcome.dend_mv.iter().filter(|v| **v > -40.0).count();
                format!("{}%", fixed(100.0 * high as f64 / outcome.dend_mv.len().max(1) as f64, 1))
            })
        };
        let text = format!("{} human, {} as set", part(&shown.both.neuron), part(&shown.other));
        write(root, stat!("plateau"), &text);
    }
}
