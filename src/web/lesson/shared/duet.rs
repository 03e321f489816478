//! The neuron and its twin on the same input, each as fast as it can.

use crate::experiment::{Experiment, Outcome, SynapticEvent};
use crate::plot::panels;
use crate::sim::NeuronParams;
use crate::web::dom;
use crate::web::lesson::Workers;
use crate::web::plot::{Colour, Data, Panel, Series, Style};
use crate::web::port::{Latest, Reply};
use crate::web::protocol::Simulate;
use crate::web::trainer::protocol::{ModelRef, Outputs, Respond};
use std::cell::RefCell;
use std::rc::Rc;

/// A neuron and its input, which neuron and twin are asked about.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::web::lesson) struct Scene {
    /// The neuron.
    pub(in crate::web::lesson) params: NeuronParams,
    /// How long the scene lasts, ms.
    pub(in crate::web::lesson) duration_ms: usize,
    /// Synaptic events.
    pub(in crate::web::lesson) events: Vec<SynapticEvent>,
}

impl Scene {
    /// Excitatory and inhibitory weights, a row per segment and a column per ms.
    pub(in crate::web::lesson) fn weights(&self) -> (Vec<f64>, Vec<f64>) {
        let (rows, columns) = (self.params.num_rows(), self.duration_ms);
        let mut both = [vec![0.0; rows * columns], vec![0.0; rows * columns]];
        let inside = |e: &&SynapticEvent| e.segment < rows && e.t_ms < columns;
        for event in self.events.iter().filter(inside) {
            both[usize::from(!event.excitatory)][event.segment * columns + event.t_ms] +=
                event.weight;
        }
        let [exc, inh] = both;
        (exc, inh)
    }
}

/// The answers of neuron and twin.
#[derive(Clone, Default)]
pub(in crate::web::lesson) struct Both {
    /// The scene that was asked for last.
    pub(in crate::web::lesson) scene: Option<Scene>,
    /// The neuron's answer.
    pub(in crate::web::lesson) neuron: Option<Rc<Outcome>>,
    /// How long the neuron's answer took, ms, with its way to the worker and back.
    pub(in crate::web::lesson) neuron_ms: f64,
    /// The twin's answer.
    pub(in crate::web::lesson) twin: Option<Rc<Outputs>>,
    /// Why the twin gives no answer.
    pub(in crate::web::lesson) twin_problem: String,
}

#[derive(Default)]
struct State {
    both: Both,
    since: f64,
    busy: bool,
    pending: bool,
}

/// Asks neuron and twin for their answers to the same scene.
pub(in crate::web::lesson) struct Duet {
    state: Rc<RefCell<State>>,
    simulate: Latest<Simulate>,
    respond: Latest<Respond>,
}

impl Duet {
    /// A duet whose `changed` is called with every answer.
    pub(in crate::web::lesson) fn new(
        workers: &Workers,
        changed: impl Fn(&Both) + 'static,
    ) -> Self {
        let state: Rc<RefCell<State>> = Rc::default();
        let changed: Rc<dyn Fn(&Both)> = Rc::new(changed);
        let (of, tell) = (state.clone(), changed.clone());
        let simulate = Latest::quick(&workers.live, move |reply| {
            let both = {
                let mut state = of.borrow_mut();
                let now = dom::now_ms();
                if let Reply::Answer(outcome) = reply {
                    state.both.neuron = Some(Rc::new(outcome));
                    state.both.neuron_ms = now - state.since;
                }
                state.since = now;
                state.busy = std::mem::take(&mut state.pending);
                state.both.clone()
            };
            tell(&both);
        });
        let of = state.clone();
        let respond = Latest::quick(&workers.trainer, move |reply| {
            let both = {
                let mut state = of.borrow_mut();
                match reply {
                    Reply::Answer(outputs) => {
                        state.both.twin = Some(Rc::new(outputs));
                        state.both.twin_problem.clear();
                    }
                    Reply::Failed(error) => {
                        state.both.twin = None;
                        state.both.twin_problem = error.to_string();
                    }
                }
                state.both.clone()
            };
            changed(&both);
        });
        Self { state, simulate, respond }
    }

    /// Asks the neuron, and the twin where `model` names one.
    pub(in crate::web::lesson) fn ask(&self, scene: Scene, model: Option<ModelRef>) {
        if let Some(model) = model {
            let (exc, inh) = scene.weights();
            let segments = scene.params.num_rows();
            self.respond.ask(Respond { model, exc: exc.into(), inh: inh.into(), segments });
        }
        {
            let mut state = self.state.borrow_mut();
            if state.both.scene.as_ref() == Some(&scene) {
                return;
            }
            if state.busy {
                state.pending = true;
            } else {
                state.busy = true;
                state.since = dom::now_ms();
            }
            state.both.scene = Some(scene.clone());
        }
        let Scene { params, duration_ms, events } = scene;
        self.simulate.ask(Simulate(Experiment::of_events(params, duration_ms, events)));
    }
}

impl Both {
    /// Soma voltage of the neuron at the start of each ms, capped as the twin's target is.
    fn soma(&self) -> Vec<f64> {
        let (Some(outcome), Some(scene)) = (&self.neuron, &self.scene) else { return Vec::new() };
        let every = (1.0 / outcome.dt_ms).round().max(1.0) as usize;
        let cap = scene.params.targets.soma_cap_mv;
        outcome.soma_mv.iter().step_by(every).map(|v| v.min(cap)).collect()
    }

    /// The neuron's spikes, 0 or 1 for each ms.
    pub(in crate::web::lesson) fn spikes(&self) -> Vec<f64> {
        let (Some(outcome), Some(scene)) = (&self.neuron, &self.scene) else { return Vec::new() };
        let mut spikes = vec![0.0; scene.duration_ms];
        for at in &outcome.spikes_ms {
            if let Some(spike) = spikes.get_mut(at.max(0.0) as usize) {
                *spike = 1.0;
            }
        }
        spikes
    }

    /// Panels of the input, the soma's voltage, the spikes, and the voltage of one segment.
    pub(in crate::web::lesson) fn panels(&self, segment: usize) -> Vec<Panel> {
        let Some(scene) = &self.scene else { return Vec::new() };
        let (rows, end) = (scene.params.num_rows(), scene.duration_ms as f64);
        let (exc, inh) = scene.weights();
        let row = |values: &[f64], columns: usize| {
            let part = values.get(segment * columns..).unwrap_or_default();
            let capped = part.iter().map(|v| v.min(scene.params.targets.dend_cap_mv));
            Data::by_ms(&capped.take(columns).collect::<Vec<_>>())
        };
        let (ink, red) = (Colour::Ink, Colour::Vermillion);
        let mut soma = Panel::new("soma voltage", "mV", (-90.0, -58.0), 120.0).bold(
            "neuron, capped",
            ink,
            Data::by_ms(&self.soma()),
        );
        let mut spikes = Panel::new("spikes", "", (0.0, 1.08), 76.0).with(
            Series::new("neuron: spike", ink, Style::Bars, Data::in_ms(&self.spikes())).digits(0),
        );
        let title = format!("voltage of segment {}", segment + 1);
        let mut dend = Panel::new(title, "mV", (-90.0, 6.0), 96.0);
        if let Some(outcome) = &self.neuron {
            // the neuron has one sample more than there are ms
            dend = dend.bold(
                "neuron",
                ink,
                row(&outcome.dend_mv, outcome.dend_mv.len() / rows.max(1)),
            );
        }
        if let Some(twin) = &self.twin {
            soma = soma.line("twin", red, Data::by_ms(&twin.soma_mv));
            let probability =
                Series::new("twin: probability", red, Style::Line, Data::by_ms(&twin.spikes));
            spikes = spikes.with(probability.digits(3));
            dend = dend.line("twin", red, row(&twin.dend_mv, twin.dend_mv.len() / rows.max(1)));
        }
        let cap = Series::level("", scene.params.targets.soma_cap_mv, (0.0, end));
        vec![panels::input(&exc, &inh, rows), soma.digits(1).with(cap), spikes, dend.digits(1)]
    }
}
