//! Lesson 6, the twin: chosen, planned, trained, watched and kept.

pub(super) mod choose;
mod curves;
mod field;
mod keep;
pub(super) mod plan;
mod predict;
mod reach;
mod run;
mod schedules;
mod training;
pub(in crate::web::lesson) mod walk;

use super::shared::Neuron;
use super::source::TwinData;
use super::this::{Act, This};
use super::{Lesson, Workers, device, figure, place, say, show};
use crate::data::Split;
use crate::data::generate::generate;
use crate::experiment::nudge::Stretch;
use crate::experiment::trace::{RandomTrace, Traced};
use crate::twin::config::TwinConfig;
use crate::twin::forecast::Forecast;
use crate::web::controls::Controls;
use crate::web::dom;
use crate::web::names::{Number, Part};
use crate::web::plot::FigureView;
use crate::web::port::Reply;
use crate::web::settings::Settings;
use crate::web::trainer::protocol::{Control, Form, RunId, RunRecord};
use curves::CurveViews;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use training::Run;
use web_sys::{Element, HtmlElement, HtmlSelectElement};

/// How much of a simulation is looked at, ms.
const STRETCH_MS: usize = 2048;

struct TwinLesson {
    root: Element,
    this: This<TwinLesson>,
    workers: Workers,
    field: FigureView,
    walk: FigureView,
    schedules: FigureView,
    prediction: FigureView,
    curves: CurveViews,
    state: RefCell<State>,
    run: RefCell<Run>,
    /// Whether a prediction is on its way; below, whether another is asked for after it, and when the last one was, ms.
    asking: Cell<bool>,
    ask_again: Cell<bool>,
    asked_ms: Cell<f64>,
}

#[derive(Default)]
struct State {
    /// The twin that the sliders describe.
    config: Option<TwinConfig>,
    /// The forecast of a training that would start now.
    forecast: Option<Forecast>,
    /// The data set that the twin learns from; `None` where the browser stores none.
    source: Option<TwinData>,
    /// The data set that the browser stores; the outer `None` stands until the browser has answered.
    stored: Option<Option<TwinData>>,
    /// A simulation to draw on; below, what it is, in words for the learner.
    stretch: Stretch,
    stretch_of: Option<String>,
    /// Measured ms of simulation that are trained on in a second, by [`plan::speed_key`].
    speeds: BTreeMap<String, f64>,
    reach: Vec<reach::RecordedReach>,
    records: Vec<RunRecord>,
    /// The id of the run that is looked at.
    chosen: Option<RunId>,
    /// The controls' values as they were last read.
    set: Set,
}

/// The controls' values, but for those that describe the twin.
#[derive(Clone, Default)]
struct Set {
    data: String,
    budget: String,
    seed: u64,
    at: usize,
    own: Own,
    log: bool,
    live: bool,
    look: (usize, usize, usize),
}

/// The learner's own plan of a training.
#[derive(Clone, Copy, Default)]
struct Own {
    epochs: usize,
    batch: usize,
    window: usize,
    rate: f64,
    most: u64,
}

pub(super) fn mount(root: &Element, workers: &Workers) -> Rc<dyn Lesson> {
    if device::recorded() {
        // this is the control's default from now on
        place::<HtmlSelectElement>(root, choice!("data")).set_value("cable");
    }
    let lesson = This::make(|this: &This<TwinLesson>| TwinLesson {
        root: root.clone(),
        this: this.clone(),
        workers: workers.clone(),
        field: figure(root, plot!("field")),
        walk: figure(root, plot!("walk")),
        schedules: figure(root, plot!("schedules")),
        prediction: figure(root, plot!("prediction")),
        curves: CurveViews::mount(root),
        state: RefCell::default(),
        run: RefCell::default(),
        asking: Cell::default(),
        ask_again: Cell::default(),
        asked_ms: Cell::default(),
    });
    lesson.listen();
    lesson.read_stored();
    lesson.read_runs(None);
    lesson.this.after(reach::read(), |lesson, rows| {
        lesson.state.borrow_mut().reach = rows;
        lesson.show_plan();
    });
    lesson
}

impl Lesson for TwinLesson {
    fn update(&self, controls: &Controls) {
        let number = |key: Number| controls.whole(key);
        let set = Set {
            data: controls.choice(choice!("data")),
            budget: controls.choice(choice!("budget")),
            seed: controls.seed(number!("seed")),
            at: number(number!("at")),
            own: Own {
                epochs: number(number!("epochs")),
                batch: number(number!("batch")),
                window: number(number!("window")),
                rate: 1e-3 * controls.number(number!("lr")),
                most: number(number!("most")) as u64,
            },
            log: controls.on(switch!("log")),
            live: controls.on(switch!("live")),
            look: (
                number(number!("vi")),
                (1000.0 * controls.number(number!("vf"))) as usize,
                number(number!("vs")),
            ),
        };
        for kind in dom::all::<HtmlElement>(&self.root, "[data-kind]") {
            let this = kind.get_attribute("data-kind") == Some(controls.choice(choice!("kind")));
            dom::show(&kind, this);
        }
        show(&self.root, part!("own"), set.budget == "own");
        let (looked, scaled) = {
            let before = &self.state.borrow().set;
            (set.look != before.look, set.log != before.log)
        };
        self.state.borrow_mut().set = set;
        self.choose_source();
        let segments = self.state.borrow().source.as_ref().map_or(8, |source| source.segments);
        let config = choose::config(controls, segments);
        self.state.borrow_mut().config = Some(config);
        self.show_twin();
        self.show_plan();
        self.show_run();
        if scaled {
            self.draw_curves();
        }
        if looked {
            self.predict(true);
        }
    }
}

impl TwinLesson {
    /// Shows a message in one of the lesson's lines for messages; an empty message hides the line.
    fn say(&self, part: Part, message: &str) {
        say(&self.root, part, message);
    }

    fn listen(&self) {
        let acts: [Act<Self>; 15] = [
            (action!("measure"), |lesson| lesson.measure(false)),
            (action!("start"), |lesson| lesson.start()),
            (action!("resume"), |lesson| lesson.resume()),
            (action!("pause"), |lesson| lesson.control(Control::Pause)),
            (action!("go"), |lesson| lesson.control(Control::Go)),
            (action!("step"), |lesson| lesson.control(Control::Step)),
            (action!("stop"), |lesson| lesson.stop()),
            (action!("look"), |lesson| lesson.predict(true)),
            (action!("evaluate"), |lesson| lesson.evaluate()),
            (action!("export"), |lesson| lesson.export(Form::Ours)),
            (action!("export-pt"), |lesson| lesson.export(Form::Torch)),
            (action!("export-onnx"), |lesson| lesson.export(Form::Onnx)),
            (action!("export-training"), |lesson| lesson.export_training()),
            (action!("rename"), |lesson| lesson.rename()),
            (action!("delete"), |lesson| lesson.delete()),
        ];
        self.this.on_actions(&self.root, acts);
        self.listen_to_factor();
        self.listen_to_keep();
    }

    /// Reads the data set of lesson 5 and shows what depends on it.
    fn read_stored(&self) {
        self.this.after(TwinData::stored(), |lesson, found| {
            let stored = found.unwrap_or_else(|message| {
                lesson.say(part!("run-problem"), &message);
                None
            });
            lesson.state.borrow_mut().stored = Some(stored);
            lesson.choose_source();
            lesson.again();
        });
    }

    /// Shows anew everything that follows from the data set.
    fn again(&self) {
        let segments = self.state.borrow().source.as_ref().map_or(8, |source| source.segments);
        let config = self.state.borrow().config.clone().map(|c| c.with_segments(segments));
        self.state.borrow_mut().config = config;
        self.show_twin();
        self.show_plan();
        self.show_run();
    }

    /// Takes the data set that the control names, and a simulation of it to draw on.
    fn choose_source(&self) {
        let source = {
            let state = self.state.borrow();
            match state.set.data.as_str() {
                "own" => match &state.stored {
                    Some(stored) => stored.clone(),
                    None => return,
                },
                key => {
                    let (now, neuron) = (state.source.as_ref(), Neuron::of_key(key));
                    // how many simulations the recorded data set has may be known by now
                    if now.is_some_and(|now| now.neuron() == Some(neuron) && now.is_recorded()) {
                        return;
                    }
                    Some(TwinData::recorded(neuron))
                }
            }
        };
        if self.state.borrow().source == source && self.state.borrow().stretch_of.is_some() {
            return;
        }
        self.state.borrow_mut().source = source;
        self.read_stretch();
    }

    fn read_stretch(&self) {
        let source = self.state.borrow().source.clone();
        let Some(source) = source else { return self.draw_random(Neuron::Cable) };
        let (this, of) = (self.this.clone(), source.clone());
        source.stretch(&self.workers, (Split::Valid, 0), STRETCH_MS, move |result| {
            let Some(lesson) = this.get() else { return };
            match result {
                Ok((stretch, valid)) => {
                    let kind = if of.is_recorded() { "the recorded" } else { "your" };
                    let name = format!("validation simulation 0 of {kind} data set");
                    lesson.take_stretch(stretch, &name);
                    valid.inspect(|valid| lesson.count_train(&of, *valid));
                }
                Err(message) => {
                    if of.is_recorded() {
                        let text = format!("The recorded data cannot be read: {message}");
                        lesson.say(part!("run-problem"), &text);
                    }
                    lesson.draw_random(of.neuron().unwrap_or(Neuron::Cable));
                }
            }
        });
    }

    /// Asks how many train simulations a recorded data set has.
    fn count_train(&self, of: &TwinData, valid: usize) {
        let this = self.this.clone();
        of.stretch(&self.workers, (Split::Train, 0), 1, move |result| {
            let (Some(lesson), Ok((_, Some(train)))) = (this.get(), result) else { return };
            if let Some(source) = lesson.state.borrow_mut().source.as_mut() {
                source.counts = [train, valid, 0];
            }
            lesson.show_plan();
        });
    }

    fn take_stretch(&self, stretch: Stretch, name: &str) {
        {
            let mut state = self.state.borrow_mut();
            state.stretch = stretch;
            state.stretch_of = Some(name.to_owned());
        }
        self.show_twin();
    }

    /// Simulates random input to draw on, where there is no data set to take a simulation from.
    fn draw_random(&self, neuron: Neuron) {
        let params = neuron.params();
        let generator = crate::data::GeneratorConfig::default();
        let trace = RandomTrace { params, generator, seed: 3, duration_ms: STRETCH_MS };
        self.this.ask(trace, &self.workers.live, |lesson, reply| {
            if let Reply::Answer(traced) = reply {
                lesson.take_stretch(of_trace(&traced), "a simulation drawn as in lesson 4, seed 3");
            }
        });
    }
}

fn of_trace(traced: &Traced) -> Stretch {
    let of = &traced.of;
    let segments = of.params.num_rows();
    let drawn = generate(&of.generator, of.seed, Split::Train, 0, segments, of.duration_ms);
    Stretch {
        segments,
        exc: drawn.inputs.exc,
        inh: drawn.inputs.inh,
        soma_mv: traced.soma_capped_mv.0.clone(),
        spikes: traced.spikes.0.clone(),
    }
}
