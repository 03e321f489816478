//! Lesson 7½, Taylor consistency: one input spike is changed, and neuron and twin answer the change.

mod chosen;
mod figure;
mod train;

use super::source::TwinData;
use super::this::{Act, This};
use super::{Lesson, Workers, figure as figure_of, place, show, write};
use crate::experiment::nudge::{self, Change, Nudge, Nudged, Stretch, difference};
use crate::sim::NeuronParams;
use crate::twin::response::RESPONSE_MS;
use crate::web::controls::Controls;
use crate::web::dom;
use crate::web::names::{Number, Pick};
use crate::web::plot::{FigureView, scale};
use crate::web::port::{Latest, Reply};
use crate::web::protocol::Simulate;
use crate::web::settings::Settings;
use crate::web::trainer::protocol::{ModelRef, Outputs, Respond, RunRecord};
use figure::{Pair, Picture, explained};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use web_sys::{Element, Event, HtmlInputElement, HtmlSelectElement};

/// The two choices of a twin.
const TWINS: [Pick; 2] = [pick!("twin"), pick!("second")];
/// How much is simulated by the neuron and answered by the twins, ms.
const LENGTH_MS: usize = 1024;
/// How much is shown before and after the change, ms.
const AROUND_MS: (usize, usize) = (40, 150);

struct Taylor {
    root: Element,
    this: This<Taylor>,
    workers: Workers,
    view: FigureView,
    /// The questions to the neuron about the input before and after the change; `twins` are those to each twin.
    neuron: [Latest<Simulate>; 2],
    twins: [[Latest<Respond>; 2]; 2],
    state: RefCell<State>,
    /// Whether a twin is trained with Taylor consistency.
    in_training: Cell<bool>,
}

/// Outputs before the change, and after it; `None` where they have not come yet.
type Both = [Option<Rc<Outputs>>; 2];

#[derive(Default)]
struct State {
    nudge: Nudge,
    weight: f64,
    source: Option<TwinData>,
    stretch: Stretch,
    nudged: Nudged,
    neuron: Both,
    twins: [Answers; 2],
    records: Vec<RunRecord>,
}

/// What one twin has answered to the input before and after the change.
#[derive(Default)]
struct Answers {
    model: Option<ModelRef>,
    outputs: Both,
}

pub(super) fn mount(root: &Element, workers: &Workers) -> Rc<dyn Lesson> {
    let lesson = This::make(|this: &This<Taylor>| Taylor {
        root: root.clone(),
        this: this.clone(),
        workers: workers.clone(),
        view: figure_of(root, plot!("nudge")),
        neuron: [0, 1]
            .map(|at| this.quick(&workers.live, move |lesson, reply| lesson.simulated(at, reply))),
        twins: [0, 1].map(|which| {
            [0, 1].map(|at| {
                this.quick(&workers.trainer, move |lesson, reply| {
                    lesson.responded((which, at), reply);
                })
            })
        }),
        state: RefCell::default(),
        in_training: Cell::default(),
    });
    lesson.listen();
    lesson
}

impl Lesson for Taylor {
    fn update(&self, controls: &Controls) {
        let change = match controls.choice(choice!("change")).as_str() {
            "inh" => Change::Inhibit,
            "remove" => Change::Remove,
            _ => Change::Excite,
        };
        let nudge = Nudge {
            change,
            segment: controls.whole(number!("seg")).max(1) - 1,
            ms: controls.whole(number!("ms")),
            weight: controls.number(number!("weight")).max(0.0),
        };
        {
            let mut state = self.state.borrow_mut();
            state.nudge = nudge;
            state.weight = controls.number(number!("lambda")).max(0.0);
        }
        show(&self.root, part!("weight"), change != Change::Remove);
        self.write_commands();
        if self.state.borrow().records.is_empty() && self.state.borrow().source.is_none() {
            self.read_runs(None);
        } else {
            self.nudge();
        }
    }
}

impl Taylor {
    fn say(&self, message: &str) {
        super::problem(&self.root, message);
    }

    fn listen(&self) {
        for (which, name) in TWINS.into_iter().enumerate() {
            let select: HtmlSelectElement = place(&self.root, name);
            self.this.on(&select, "change", move |lesson, _: Event| lesson.chose(which));
        }
        let this = self.this.clone();
        self.view.on_pick(move |ms, up| {
            this.get().inspect(|lesson| lesson.picked(ms, up));
        });
        let acts: [Act<Self>; 2] = [
            (action!("start"), |lesson| lesson.train()),
            (action!("stop"), |lesson| lesson.stop()),
        ];
        self.this.on_actions(&self.root, acts);
    }

    /// Moves the change to the place of the input that was clicked; `up` is the height in the panel, from 0 to 1.
    fn picked(&self, ms: f64, up: f64) {
        if !(0.0..1.0).contains(&up) {
            return;
        }
        let segments = self.state.borrow().stretch.segments.max(1);
        let set = |key: Number, value: usize| {
            let slider: HtmlInputElement = place(&self.root, key);
            slider.set_value(&value.to_string());
            slider
        };
        set(number!("seg"), (up * segments as f64) as usize + 1);
        dom::moved(&set(number!("ms"), ms.max(0.0) as usize));
    }

    fn params(&self) -> Option<NeuronParams> {
        self.state.borrow().source.as_ref()?.params.clone()
    }

    /// Changes the input, and asks neuron and twins for their answers.
    fn nudge(&self) {
        let Some(params) = self.params() else { return };
        let nudged = {
            let mut state = self.state.borrow_mut();
            if state.stretch.len() == 0 {
                return;
            }
            let nudged = state.nudge.apply(&state.stretch);
            state.nudged = nudged.clone();
            nudged
        };
        let base = {
            let state = self.state.borrow();
            nudge::experiment(&params, &state.stretch.exc, &state.stretch.inh)
        };
        self.neuron[0].ask(Simulate(base));
        let after = nudge::experiment(&params, &nudged.exc, &nudged.inh);
        self.neuron[1].ask(Simulate(after));
        self.respond(0);
        self.respond(1);
        self.draw();
    }

    fn simulated(&self, at: usize, reply: Reply<Simulate>) {
        match reply {
            Reply::Answer(outcome) => {
                let Some(params) = self.params() else { return };
                let targets = nudge::targets(&params, &outcome);
                self.state.borrow_mut().neuron[at] = Some(Rc::new(targets));
                self.draw();
            }
            Reply::Failed(error) => self.say(&error),
        }
    }

    /// Takes another twin (`None` for no twin), and forgets what was asked of the one before.
    fn renew(&self, which: usize, model: Option<ModelRef>) {
        self.twins[which].iter().for_each(Latest::forget);
        self.state.borrow_mut().twins[which] = Answers { model, outputs: Both::default() };
    }

    /// Asks a twin for its answers to the input before and after the change.
    fn respond(&self, which: usize) {
        let questions = {
            let state = self.state.borrow();
            let Some(model) = &state.twins[which].model else { return };
            let segments = state.stretch.segments;
            let of = |exc: &[f64], inh: &[f64]| {
                let (exc, inh) = (exc.to_vec().into(), inh.to_vec().into());
                Respond { model: model.clone(), exc, inh, segments }
            };
            let (base, nudged) = (&state.stretch, &state.nudged);
            [of(&base.exc, &base.inh), of(&nudged.exc, &nudged.inh)]
        };
        self.twins[which].iter().zip(questions).for_each(|(ask, question)| ask.ask(question));
    }

    fn responded(&self, (which, at): (usize, usize), reply: Reply<Respond>) {
        match reply {
            Reply::Answer(outputs) => {
                self.state.borrow_mut().twins[which].outputs[at] = Some(Rc::new(outputs));
                self.draw();
            }
            Reply::Failed(error) => self.say(&error),
        }
    }

    fn draw(&self) {
        let state = self.state.borrow();
        if state.stretch.len() == 0 {
            return;
        }
        let pair =
            |[before, after]: &Both| -> Option<Pair> { Some((before.clone()?, after.clone()?)) };
        let neuron = pair(&state.neuron);
        let [twin, second] = [0, 1].map(|which: usize| pair(&state.twins[which].outputs));
        let (segment, ms) = state.nudged.at.unwrap_or((state.nudge.segment, state.nudge.ms));
        let from = ms.saturating_sub(AROUND_MS.0);
        let to = (ms + AROUND_MS.1).min(state.stretch.len());
        let picture = Picture {
            stretch: &state.stretch,
            nudged: &state.nudged,
            neuron: neuron.as_ref(),
            twin: twin.as_ref(),
            second: second.as_ref(),
            segment,
            range: (from as f64, to as f64),
        };
        self.view.set(picture.figure());
        let missing = state.nudged.at.is_none();
        let message = if missing { "This segment has no spike to remove." } else { "" };
        write(&self.root, stat!("nudge-words"), message);
        let after = ms..(ms + RESPONSE_MS).min(state.stretch.len());
        for (which, answers) in [&twin, &second].into_iter().enumerate() {
            let value = neuron.as_ref().zip(answers.as_ref()).and_then(|(neuron, twin)| {
                let change = |pair: &Pair| difference(&pair.1.soma_mv, &pair.0.soma_mv);
                explained(&change(neuron), &change(twin), after.clone())
            });
            let text =
                value.map_or("–".into(), |percent| format!("{}%", scale::fixed(percent, 0)));
            let name = if which == 0 { stat!("explained") } else { stat!("explained-second") };
            write(&self.root, name, &text);
        }
        let spikes = |pair: &Option<Pair>| {
            pair.as_ref().map_or("–".into(), |(before, after)| {
                let sum = |of: &Outputs| of.spikes.iter().sum::<f64>();
                let change = sum(after) - sum(before);
                let sign = if change > 0.0 { "+" } else { "" };
                format!("{sign}{}", scale::fixed(change, 2))
            })
        };
        write(&self.root, stat!("spikes-neuron"), &spikes(&neuron));
        write(&self.root, stat!("spikes-twin"), &spikes(&twin));
    }
}
