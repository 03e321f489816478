//! Lesson 1, the soma: a current step, eleven channels, one spike opened, and the rate curve.

use super::{Lesson, Workers, command, figure, problem, stat, stimulus};
use crate::sim::{Channel, CurrentClamp, NeuronParams, Quantity};
use crate::web::client::{Answer, Latest};
use crate::web::controls::Controls;
use crate::web::experiment::{CloseUp, Experiment, Opened, Outcome, RateCurve};
use crate::web::plot::{
    Axis, Colour, Content, Data, Figure, FigureView, Panel, Series, Style, scale,
};
use crate::web::protocol::{Reply, Request};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use web_sys::Element;

const DURATION_MS: usize = 1024;
const START_MS: f64 = 100.0;
const VOLTAGE: (f64, f64) = (-100.0, 60.0);
/// From rest to where the published neuron fires at 50 Hz: lowest, highest, how many.
const AMPLITUDES_NA: (f64, f64, usize) = (0.0, 0.5, 26);

struct Soma {
    root: Element,
    electrode: FigureView,
    opened: FigureView,
    rates: FigureView,
    live: Latest,
    reference: Latest,
    curve: Latest,
    published_curve: Latest,
    shown: RefCell<Shown>,
    /// What the running rate curve is of.
    curve_of: RefCell<Option<NeuronParams>>,
    curve_asked: Cell<bool>,
}

/// The last answers.
#[derive(Default)]
struct Shown {
    look: Option<Channel>,
    amplitude_na: f64,
    step_ms: f64,
    outcome: Option<Outcome>,
    reference: Option<Outcome>,
    differs: bool,
    rates: Rc<[(f64, f64)]>,
    published_rates: Rc<[(f64, f64)]>,
}

pub(super) fn mount(root: &Element, workers: &Workers) -> Rc<dyn Lesson> {
    Rc::new_cyclic(|this: &std::rc::Weak<Soma>| {
        let hear = |keep: fn(&mut Shown, Reply), draw: fn(&Soma)| {
            let this = this.clone();
            move |answer: Answer| {
                let Some(lesson) = this.upgrade() else { return };
                match answer {
                    Answer::Partial(reply) | Answer::Done(reply) => {
                        keep(&mut lesson.shown.borrow_mut(), reply);
                        problem(&lesson.root, "");
                        draw(&lesson);
                    }
                    Answer::Failed(message) => problem(&lesson.root, &message),
                }
            }
        };
        let outcome = |shown: &mut Shown, reply| {
            if let Reply::Outcome(outcome) = reply {
                shown.outcome = Some(*outcome);
            }
        };
        let reference = |shown: &mut Shown, reply| {
            if let Reply::Outcome(outcome) = reply {
                shown.reference = Some(*outcome);
            }
        };
        let rates = |shown: &mut Shown, reply| {
            if let Reply::Rates(rates) = reply {
                shown.rates = rates.into();
            }
        };
        let published = |shown: &mut Shown, reply| {
            if let Reply::Rates(rates) = reply {
                shown.published_rates = rates.into();
            }
        };
        Soma {
            root: root.clone(),
            electrode: figure(root, "electrode"),
            opened: figure(root, "opened"),
            rates: figure(root, "rates"),
            live: Latest::quick(&workers.live, hear(outcome, Soma::draw)),
            reference: Latest::quick(&workers.beside, hear(reference, Soma::draw)),
            curve: Latest::long(&workers.background, hear(rates, Soma::draw_rates)),
            published_curve: Latest::long(&workers.background, hear(published, Soma::draw_rates)),
            shown: RefCell::default(),
            curve_of: RefCell::default(),
            curve_asked: Cell::new(false),
        }
    })
}

impl Lesson for Soma {
    fn update(&self, controls: &Controls) {
        let clamp = CurrentClamp {
            start_ms: START_MS,
            duration_ms: controls.number("dur"),
            amplitude_na: controls.number("amp"),
        };
        let on = |channel: Channel| controls.on(channel.name());
        let params = stimulus::soma(on);
        let differs = Channel::ALL.into_iter().any(|c| on(c) != stimulus::published(c));
        let close_up = CloseUp {
            spike: (controls.number("spike") as usize).saturating_sub(1),
            without_spike_ms: START_MS + 5.0,
            before_ms: 3.0,
            after_ms: controls.number("window") - 3.0,
        };
        {
            let mut shown = self.shown.borrow_mut();
            let look = controls.choice("look");
            shown.look = Channel::ALL.into_iter().find(|c| c.name() == look);
            (shown.amplitude_na, shown.step_ms) = (clamp.amplitude_na, clamp.duration_ms);
            shown.differs = differs;
        }
        let experiment = |params, close_up| {
            let (duration_ms, clamp, events) = (DURATION_MS, Some(clamp), Vec::new());
            let of = Experiment { params, duration_ms, clamp, events, close_up };
            Request::Draft(Box::new(of))
        };
        self.live.ask(experiment(params.clone(), Some(close_up)));
        if differs {
            self.reference.ask(experiment(stimulus::soma(stimulus::published), None));
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
        command::show(&self.root, "step", &text);
    }
}

impl Soma {
    /// The rate curves follow the channels, not the step.
    fn ask_rates(&self, params: NeuronParams) {
        let curve = |params| {
            let (low, high, count) = AMPLITUDES_NA;
            let step = (high - low) / (count - 1) as f64;
            let amplitudes_na = (0..count).map(|k| low + k as f64 * step).collect();
            Request::Rates(RateCurve { params, amplitudes_na, duration_ms: 1000 })
        };
        if !self.curve_asked.replace(true) {
            self.published_curve.ask(curve(stimulus::soma(stimulus::published)));
        }
        if self.curve_of.borrow().as_ref() != Some(&params) {
            self.curve_of.replace(Some(params.clone()));
            self.shown.borrow_mut().rates = Rc::default();
            self.curve.ask(curve(params));
        }
    }

    fn draw(&self) {
        let shown = self.shown.borrow();
        let Some(outcome) = &shown.outcome else { return };
        self.electrode.set(electrode(&shown, outcome));
        if let Some(opened) = &outcome.close_up {
            self.opened.set(opened_figure(&shown, outcome, opened));
        }
        if !outcome.draft {
            self.write_numbers(outcome);
        }
    }

    fn write_numbers(&self, outcome: &Outcome) {
        let at = |t_ms: f64| outcome.soma_mv.get((t_ms / outcome.dt_ms) as usize);
        let peak = outcome.soma_mv.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let first =
            outcome.spikes_ms.first().map_or("–".into(), |t| scale::fixed(t - START_MS, 2));
        let intervals: Vec<f64> = outcome.spikes_ms.windows(2).map(|w| w[1] - w[0]).collect();
        let mean = intervals.iter().sum::<f64>() / intervals.len() as f64;
        stat(&self.root, "spikes", &outcome.spikes_ms.len().to_string());
        stat(&self.root, "latency", &first);
        stat(&self.root, "interval", &scale::fixed(mean, 2));
        stat(&self.root, "rest", &scale::fixed(at(START_MS - 1.0).map_or(f64::NAN, |v| *v), 2));
        stat(&self.root, "peak", &scale::fixed(peak, 2));
    }

    fn draw_rates(&self) {
        let shown = self.shown.borrow();
        let line = |name: &str, colour, style, points: &Rc<[(f64, f64)]>| Series {
            name: name.into(),
            colour,
            data: Data::Points(points.clone()),
            style,
            digits: 0,
        };
        let most = shown.rates.iter().chain(shown.published_rates.iter()).map(|p| p.1);
        let top = most.fold(40.0, f64::max) * 1.05;
        self.rates.set(Figure {
            x: Axis::new("current", "nA", (-0.01, 0.51)),
            panels: vec![Panel {
                y: Axis::new("firing rate", "Hz", (0.0, top)),
                height: 240.0,
                content: Content::Lines(vec![
                    line("as published", Colour::Sky, Style::Dashed, &shown.published_rates),
                    line("your channels", Colour::Ink, Style::Dots, &shown.rates),
                ]),
            }],
        });
    }
}

fn soma_series(name: &str, colour: Colour, style: Style, outcome: &Outcome) -> Series {
    Series {
        name: name.into(),
        colour,
        data: Data::Uniform {
            start: 0.0,
            step: outcome.dt_ms,
            y: outcome.soma_mv.0.as_slice().into(),
        },
        style,
        digits: 2,
    }
}

fn electrode(shown: &Shown, outcome: &Outcome) -> Figure {
    let mut lines = Vec::new();
    if let Some(reference) = shown.reference.as_ref().filter(|_| shown.differs) {
        lines.push(soma_series("as published", Colour::Sky, Style::Dashed, reference));
    }
    lines.push(soma_series("soma", Colour::Ink, Style::Line, outcome));
    let (a, end) = (shown.amplitude_na, START_MS + shown.step_ms);
    let step = [(0.0, 0.0), (START_MS, 0.0), (START_MS, a), (end, a), (end, 0.0), (1024.0, 0.0)];
    let low = a.min(0.0);
    let margin = 0.15 * a.abs().max(0.02);
    let current = Series {
        name: "injected".into(),
        colour: Colour::Orange,
        data: Data::Points(step.into()),
        style: Style::Line,
        digits: 2,
    };
    Figure {
        x: Axis::time((0.0, DURATION_MS as f64)),
        panels: vec![
            Panel {
                y: Axis::new("soma voltage", "mV", VOLTAGE),
                height: 230.0,
                content: Content::Lines(lines),
            },
            Panel {
                y: Axis::new("electrode current", "nA", (low - margin, a.max(0.0) + margin)),
                height: 46.0,
                content: Content::Lines(vec![current]),
            },
        ],
    }
}

/// The channels of each ion, with the colour of their sum.
const IONS: [(&str, Colour, &[Channel]); 4] = [
    ("sodium", Colour::Vermillion, &[Channel::NaTa, Channel::NaTs2, Channel::NapEt2]),
    (
        "potassium",
        Colour::Blue,
        &[Channel::Skv31, Channel::KPst, Channel::KTst, Channel::Im, Channel::SkE2],
    ),
    ("calcium", Colour::Green, &[Channel::CaHva, Channel::CaLvast]),
    ("mixed (Ih)", Colour::Purple, &[Channel::Ih]),
];

fn opened_figure(shown: &Shown, outcome: &Outcome, opened: &Opened) -> Figure {
    let dt = outcome.dt_ms;
    let steps = opened.leak.len();
    let line = |name: &str, colour, style, y: Vec<f64>, digits| Series {
        name: name.into(),
        colour,
        data: Data::Uniform { start: opened.start_ms, step: dt, y: y.into() },
        style,
        digits,
    };
    let of = |channel: Channel| &opened.channels[channel as usize];
    let mut currents: Vec<Series> = IONS
        .iter()
        .map(|(name, colour, channels)| {
            let sum =
                (0..steps).map(|k| channels.iter().map(|c| of(*c).current[k]).sum()).collect();
            line(name, *colour, Style::Line, sum, 4)
        })
        .collect();
    let mut gates = Vec::new();
    if let Some(channel) = shown.look {
        let own = of(channel);
        currents.push(line(channel.name(), Colour::Ink, Style::Dashed, own.current.0.clone(), 4));
        let first =
            if channel == Channel::SkE2 { "z, activation by calcium" } else { "m, activation" };
        gates.push(line(first, Colour::Orange, Style::Line, own.activation.0.clone(), 3));
        if !own.inactivation.is_empty() {
            let h = own.inactivation.0.clone();
            gates.push(line("h, inactivation", Colour::Sky, Style::Line, h, 3));
        }
    }
    let within = |series: &[Series]| {
        series.iter().fold((0.0f64, 0.0f64), |range, s| match &s.data {
            Data::Uniform { y, .. } => {
                y.iter().fold(range, |(low, high), v| (low.min(*v), high.max(*v)))
            }
            Data::Points(_) => range,
        })
    };
    let (low, high) = within(&currents);
    let pad = 0.06 * (high - low).max(1e-4);
    let calcium_um: Vec<f64> = opened.cai_mm.iter().map(|c| c * 1e3).collect();
    let most = calcium_um.iter().copied().fold(0.1, f64::max);
    let gate_title = shown.look.map_or(String::new(), |c| format!("gates of {}", c.name()));
    let panel = |y, height, lines| Panel { y, height, content: Content::Lines(lines) };
    Figure {
        x: Axis::time((opened.start_ms, opened.start_ms + (steps.max(2) - 1) as f64 * dt)),
        panels: vec![
            panel(
                Axis::new("soma voltage", "mV", VOLTAGE),
                110.0,
                vec![soma_series("soma", Colour::Ink, Style::Line, outcome)],
            ),
            panel(
                Axis::new("currents, outward up", "mA/cm²", (low - pad, high + pad)),
                150.0,
                currents,
            ),
            panel(Axis::new(gate_title, "", (-0.05, 1.05)), 90.0, gates),
            panel(
                Axis::new("calcium under the membrane", "µM", (0.0, 1.15 * most)),
                60.0,
                vec![line("calcium", Colour::Green, Style::Line, calcium_um, 4)],
            ),
        ],
    }
}
