//! Lesson 4, random input and the five targets: a draw, its simulation, and what a twin should learn from it.

use super::this::This;
use super::{Lesson, Workers, answered, command, figure, on_action, place, write};
use crate::data::generate::{ChunkRanges, Draw, Generated, generate};
use crate::data::{GeneratorConfig, Split};
use crate::experiment::trace::{RandomTrace, Traced};
use crate::sim::{NeuronParams, TargetParams};
use crate::web::controls::Controls;
use crate::web::dom;
use crate::web::names::Number;
use crate::web::plot::{Colour, Data, Figure, FigureView, Panel, Series, Style, panels, scale};
use crate::web::port::Latest;
use crate::web::settings::{Reading, Settings};
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::{Element, HtmlElement, HtmlInputElement};

const DURATION_MS: usize = 2048;
/// How much a close-up shows before and after a spike, ms.
const AROUND_MS: (f64, f64) = (60.0, 140.0);

struct Targets {
    root: Element,
    view: FigureView,
    ask: Latest<RandomTrace>,
    shown: RefCell<Shown>,
    drawn: RefCell<Option<Rc<Drawn>>>,
}

/// Random inputs: what they were drawn for, the numbers drawn, and their panel.
struct Drawn {
    of: (GeneratorConfig, u64, usize),
    draw: Draw,
    panel: Panel,
}

#[derive(Default)]
struct Shown {
    traced: Option<Rc<Traced>>,
    look: String,
    close: bool,
    spike: usize,
}

pub(super) fn mount(root: &Element, workers: &Workers) -> Rc<dyn Lesson> {
    draw_again(root);
    This::make(|this: &This<Targets>| Targets {
        root: root.clone(),
        view: figure(root, plot!("targets")),
        ask: this.newest(&workers.live, root, |lesson, traced| {
            lesson.shown.borrow_mut().traced = Some(Rc::new(traced));
            lesson.draw();
        }),
        shown: RefCell::default(),
        drawn: RefCell::default(),
    })
}

/// Lets the button take the next seed, as if the learner had moved the control.
fn draw_again(root: &Element) {
    let seed: HtmlInputElement = place(root, number!("seed"));
    on_action(root, action!("draw"), move || {
        dom::move_to(&seed, &format!("{}", seed.value().parse::<f64>().unwrap_or(0.0) + 1.0));
    });
}

/// The recipe of random inputs, with the four numbers of the learner's where the switch says so.
fn generator(controls: &impl Settings) -> GeneratorConfig {
    let recipe = GeneratorConfig::default();
    if !controls.on(switch!("own")) {
        return recipe;
    }
    let fixed = |key: Number, scale: f64| [[controls.number(key) / scale; 2]; 2];
    GeneratorConfig {
        exc_magnitude: fixed(number!("em"), 1.0),
        inh_magnitude: fixed(number!("im"), 1.0),
        exc_sparsity: fixed(number!("es"), 100.0),
        inh_sparsity: fixed(number!("is"), 100.0),
        modulation_probability: if controls.on(switch!("mod")) { 1.0 } else { 0.0 },
        ..recipe
    }
}

fn preset(settings: &impl Settings) -> &'static str {
    if settings.choice(choice!("cell")) == "point" { "ampa-point" } else { "nmda-cable" }
}

/// The random trace that the controls ask for.
pub(super) fn trace(settings: &impl Settings) -> RandomTrace {
    let base = NeuronParams::preset(preset(settings)).unwrap_or_default();
    let targets = TargetParams {
        soma_cap_mv: settings.number(number!("cap")),
        near_spike_window_ms: settings.whole(number!("near")),
        rate_window_ms: settings.whole(number!("box")),
        rate_smoothing_ms: settings.number(number!("tau")),
        ..base.targets
    };
    let params = NeuronParams { targets, ..base };
    let seed = settings.seed(number!("seed"));
    RandomTrace { params, generator: generator(settings), seed, duration_ms: DURATION_MS }
}

/// The numbers under the plot.
pub(super) fn readings(traced: &Traced) -> [Reading; 5] {
    let ms = traced.of.duration_ms as f64;
    let spikes = traced.peaks.len() as f64;
    let cap = traced.of.params.targets.soma_cap_mv;
    let capped = traced.soma_mv.iter().filter(|v| **v > cap).count() as f64;
    [
        Reading::new(stat!("spikes"), spikes, 0),
        Reading::new(stat!("hz"), 1000.0 * spikes / ms, 1),
        Reading::new(stat!("near"), 100.0 * traced.near.iter().sum::<f64>() / ms, 0),
        Reading::new(stat!("capped"), 100.0 * capped / traced.soma_mv.len() as f64, 1),
        Reading::new(stat!("top"), traced.rate_hz.iter().copied().fold(0.0, f64::max), 0),
    ]
}

impl Lesson for Targets {
    fn update(&self, controls: &Controls) {
        // the worker takes longest, so it is asked first
        let trace = trace(controls);
        self.ask.ask(trace.clone());
        self.inputs(&trace);
        {
            let mut shown = self.shown.borrow_mut();
            shown.look = controls.choice(choice!("look"));
            shown.close = controls.choice(choice!("zoom")) == "close";
            shown.spike = controls.whole(number!("spike")).saturating_sub(1);
        }
        for place in dom::all::<HtmlElement>(&self.root, "[data-own]") {
            dom::show(&place, place.has_attribute("data-own-only") == controls.on(switch!("own")));
        }
        let look = Some(controls.choice(choice!("look")));
        for text in dom::all::<HtmlElement>(&self.root, "[data-explain]") {
            dom::show(&text, text.get_attribute("data-explain") == look);
        }
        let preset = preset(controls);
        let base = NeuronParams::preset(preset).unwrap_or_default();
        self.write_command(&trace, preset, &base);
        // a change of the view alone is drawn at once
        if !self.ask.is_blank() {
            self.draw();
        }
    }
}

impl Targets {
    fn write_command(&self, trace: &RandomTrace, preset: &str, base: &NeuronParams) {
        let seed = trace.seed;
        if trace.generator != GeneratorConfig::default() {
            let file = command::config(&trace.generator);
            let text = format!(
                "{file}ballstick dataset --preset {preset} --config config.json --seed {seed} \\\n    --train 1 --valid 0 --test 0 --duration {DURATION_MS} --method exact --out one"
            );
            return command::show(&self.root, cli!("targets"), &text);
        }
        let value = |params: &NeuronParams| serde_json::to_value(params).unwrap_or_default();
        let (now, before) = (value(&trace.params), value(base));
        let set: String = [
            "soma_voltage_cap_mV",
            "near_spike_t_diff",
            "inst_rate_t_diff",
            "inst_rate_smoothing_tau",
        ]
        .into_iter()
        .filter(|key| now[*key] != before[*key])
        .map(|key| format!(" --set {key}={}", now[key]))
        .collect();
        let text = format!(
            "ballstick simulate --preset {preset} --inputs random --seed {seed} --duration {DURATION_MS}{set} \\\n    --out trace.npz --plot trace.svg"
        );
        command::show(&self.root, cli!("targets"), &text);
    }

    /// The inputs of a trace, which are drawn anew only where they differ from the last.
    fn inputs(&self, of: &RandomTrace) -> Rc<Drawn> {
        let segments = of.params.num_rows();
        let key = (of.generator.clone(), of.seed, segments);
        if let Some(drawn) = self.drawn.borrow().as_ref().filter(|drawn| drawn.of == key) {
            return drawn.clone();
        }
        let (split, ms) = (Split::Train, of.duration_ms);
        let Generated { draw, inputs } = generate(&of.generator, of.seed, split, 0, segments, ms);
        let panel = panels::input(&inputs.exc, &inputs.inh, segments);
        let drawn = Rc::new(Drawn { of: key, draw, panel });
        self.drawn.replace(Some(drawn.clone()));
        drawn
    }

    fn draw(&self) {
        let shown = self.shown.borrow();
        let Some(traced) = &shown.traced else { return };
        let of = &traced.of;
        let (segments, drawn) = (of.params.num_rows(), self.inputs(of));
        let range = window(traced, shown.close.then_some(shown.spike));
        self.view.set(Figure::time(range).with_all([
            drawn.panel.clone(),
            soma_panel(traced, &shown.look),
            panels::events(&traced.near, &traced.spikes),
            rate_panel(traced),
            panels::dendrite(&traced.dend_capped_mv, segments),
        ]));
        self.write_draw(of, &drawn.draw);
        if !traced.draft {
            answered(&self.root, &readings(traced), self.ask.is_settled());
        }
    }

    /// Writes the numbers that were drawn, and marks where in their ranges they lie.
    fn write_draw(&self, of: &RandomTrace, draw: &Draw) {
        let ranges = ChunkRanges::draw(&of.generator, of.seed, 0);
        let percent = |range: [f64; 2]| range.map(|p| 100.0 * p);
        let (exc, inh) = (percent(ranges.exc_sparsity), percent(ranges.inh_sparsity));
        let rows = [
            ("em", draw.exc_magnitude, ranges.exc_magnitude, (0.0, 7.0), 2),
            ("im", draw.inh_magnitude, ranges.inh_magnitude, (0.0, 7.0), 2),
            ("es", 100.0 * draw.exc_sparsity, exc, (92.0, 99.0), 1),
            ("is", 100.0 * draw.inh_sparsity, inh, (92.0, 99.0), 1),
        ];
        for (name, value, [low, high], (from, to), digits) in rows {
            write(&self.root, stat!("draw-{}", name), &scale::fixed(value, digits));
            let Some(place) = dom::find::<HtmlElement>(&self.root, &format!("[data-range={name}]"))
            else {
                continue;
            };
            let percent =
                |x: f64| format!("{}%", 100.0 * ((x - from) / (to - from)).clamp(0.0, 1.0));
            for (property, x) in [("--low", low), ("--high", high), ("--value", value)] {
                place.style().set_property(property, &percent(x)).ok();
            }
            let [value, low, high] = [value, low, high].map(|x| scale::fixed(x, digits));
            place.set_attribute("title", &format!("{value} drawn from {low} to {high}")).ok();
        }
        let intervals = match draw.intervals.len() {
            0 => "none in this draw".into(),
            n => format!("{n} in this draw"),
        };
        write(&self.root, stat!("intervals"), &intervals);
    }
}

/// The time that is shown, ms: all of the trace, or the surroundings of one of its spikes.
fn window(traced: &Traced, spike: Option<usize>) -> (f64, f64) {
    let end = traced.of.duration_ms as f64;
    let Some(number) = spike else { return (0.0, end) };
    let at = traced.peaks.get(number).or(traced.peaks.last()).map_or(0.25 * end, |p| p.0);
    let length = AROUND_MS.0 + AROUND_MS.1;
    let from = (at - AROUND_MS.0).floor().clamp(0.0, end - length);
    (from, from + length)
}

fn soma_panel(traced: &Traced, look: &str) -> Panel {
    let (params, end) = (&traced.of.params, traced.of.duration_ms as f64);
    let fine = Data::samples(traced.dt_ms, &traced.soma_mv);
    let panel = Panel::new("soma voltage", "mV", (-92.0, 50.0), 150.0)
        .line("simulated", Colour::Sky, fine)
        .bold("target: capped", Colour::Ink, Data::by_ms(&traced.soma_capped_mv))
        .digits(1);
    let level =
        |panel: Panel, name: &str, y| panel.with(Series::level(name, y, (0.0, end)).digits(0));
    match look {
        "spikes" => {
            let peaks = Series::new(
                "peaks at or above it",
                Colour::Vermillion,
                Style::Scatter,
                traced.peaks.as_slice(),
            );
            level(panel, "threshold", params.spike_threshold_mv).with(peaks.digits(1))
        }
        "near" => {
            let near = params.targets.soma_cap_mv - params.targets.near_spike_diff_mv;
            level(panel, "near the cap", near)
        }
        _ => level(panel, "cap", params.targets.soma_cap_mv),
    }
}

fn rate_panel(traced: &Traced) -> Panel {
    let top = traced.boxed_hz.iter().chain(traced.rate_hz.iter()).copied().fold(20.0, f64::max);
    Panel::new("instantaneous rate", "Hz", (0.0, 1.08 * top), 100.0)
        .line("box alone", Colour::Green, Data::by_ms(&traced.boxed_hz))
        .bold("target: box and Gaussian", Colour::Ink, Data::by_ms(&traced.rate_hz))
        .digits(1)
}
