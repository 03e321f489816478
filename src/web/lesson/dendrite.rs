//! Lesson 2, the dendrite: one input dragged along two cables, a sweep over space and time, and
//! our trace over NEURON's.

use super::fidelity::Fidelity;
use super::stimulus::{SWEEP_MS, Shape, burst, cable, segment_at, sweep};
use super::{Lesson, Workers, command, figure, problem, stat};
use crate::sim::NeuronParams;
use crate::web::client::{Answer, Client, Latest};
use crate::web::controls::Controls;
use crate::web::experiment::{Experiment, Outcome, SynapticEvent};
use crate::web::plot::{
    Axis, Colour, Content, Data, Figure, FigureView, Heat, Panel, Raster, Series, Style, Tick,
    scale,
};
use crate::web::protocol::{Reply, Request};
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::Element;

const DRAG_MS: usize = 250;
const DRAG_START_MS: usize = 40;
const VOLTAGE: (f64, f64) = (-90.0, 55.0);

struct Dendrite {
    root: Element,
    drag: FigureView,
    profile: FigureView,
    sweep: FigureView,
    ask: [Latest; 3],
    shown: RefCell<Shown>,
    fidelity: Fidelity,
}

#[derive(Default)]
struct Shown {
    at: f64,
    segments: usize,
    events: Vec<SynapticEvent>,
    long: Option<Outcome>,
    short: Option<Outcome>,
    swept: Option<Outcome>,
}

pub(super) fn mount(root: &Element, workers: &Workers) -> Rc<dyn Lesson> {
    Rc::new_cyclic(|this: &std::rc::Weak<Dendrite>| {
        let hear = |client: &Client,
                    place: fn(&mut Shown) -> &mut Option<Outcome>,
                    draw: fn(&Dendrite)| {
            let this = this.clone();
            Latest::quick(client, move |answer| {
                let Some(lesson) = this.upgrade() else { return };
                match answer {
                    Answer::Partial(Reply::Outcome(outcome))
                    | Answer::Done(Reply::Outcome(outcome)) => {
                        *place(&mut lesson.shown.borrow_mut()) = Some(*outcome);
                        problem(&lesson.root, "");
                        draw(&lesson);
                    }
                    Answer::Failed(message) => problem(&lesson.root, &message),
                    Answer::Partial(_) | Answer::Done(_) => {}
                }
            })
        };
        Dendrite {
            root: root.clone(),
            drag: figure(root, "drag"),
            profile: figure(root, "profile"),
            sweep: figure(root, "sweep"),
            ask: [
                hear(&workers.live, |shown| &mut shown.long, Dendrite::draw_drag),
                hear(&workers.beside, |shown| &mut shown.short, Dendrite::draw_drag),
                hear(&workers.live, |shown| &mut shown.swept, Dendrite::draw_sweep),
            ],
            shown: RefCell::default(),
            fidelity: Fidelity::mount(root, workers),
        }
    })
}

impl Lesson for Dendrite {
    fn update(&self, controls: &Controls) {
        let receptors = controls.choice("rec");
        let segments = if controls.choice("seg") == "64" { 64 } else { 8 };
        let at = controls.number("at") / 100.0;
        let weight = controls.number("w");
        let simulate = |params, duration_ms, events| {
            let experiment =
                Experiment { params, duration_ms, clamp: None, events, close_up: None };
            Request::Draft(Box::new(experiment))
        };
        let one = burst(at, weight, DRAG_START_MS, segments);
        for (shape, ask) in [Shape::LongThin, Shape::ShortThick].into_iter().zip(&self.ask) {
            ask.ask(simulate(cable(shape, &receptors, segments), DRAG_MS, one.clone()));
        }
        let shape = match controls.choice("cell").as_str() {
            "short" => Shape::ShortThick,
            _ => Shape::LongThin,
        };
        let params = cable(shape, &receptors, segments);
        let (every_ms, sweep_weight) = (controls.number("every"), controls.number("sw"));
        let events = sweep(segments, every_ms, sweep_weight);
        self.ask[2].ask(simulate(params.clone(), SWEEP_MS, events.clone()));
        let mut shown = self.shown.borrow_mut();
        (shown.at, shown.segments, shown.events) = (at, segments, events);
        self.write_shape(&params, at, segments);
        let (file, neuron) = command::neuron(&params);
        let text = format!(
            "{file}ballstick simulate {neuron} --inputs sweep:{every_ms},{sweep_weight} --duration {SWEEP_MS} \\\n    --out sweep.npz --plot sweep.svg"
        );
        command::show(&self.root, "sweep", &text);
        self.fidelity.update();
    }
}

impl Dendrite {
    fn write_shape(&self, params: &NeuronParams, at: f64, segments: usize) {
        stat(&self.root, "place", &(segment_at(at, segments) + 1).to_string());
        stat(&self.root, "segments", &segments.to_string());
        for (name, shape) in [("long", Shape::LongThin), ("short", Shape::ShortThick)] {
            let cell = cable(shape, "ampa", segments);
            let um =
                (segment_at(at, segments) as f64 + 0.5) / segments as f64 * cell.dend_length_um;
            stat(&self.root, &format!("distance-{name}"), &scale::fixed(um, 0));
            let lambda = params.length_constant_um(cell.dend_diam_um);
            stat(
                &self.root,
                &format!("lambda-{name}"),
                &scale::fixed(cell.dend_length_um / lambda, 2),
            );
        }
    }

    fn draw_drag(&self) {
        let shown = self.shown.borrow();
        let (Some(long), Some(short)) = (&shown.long, &shown.short) else { return };
        // both cells with the same input, or neither
        if self.ask[..2].iter().any(Latest::is_blank) {
            return;
        }
        let pair = [
            ("long thin", Colour::Blue, long, "long"),
            ("short thick", Colour::Vermillion, short, "short"),
        ];
        let soma = pair.map(|(name, colour, outcome, _)| Series {
            name: name.into(),
            colour,
            data: Data::Uniform {
                start: 0.0,
                step: outcome.dt_ms,
                y: outcome.soma_mv.0.as_slice().into(),
            },
            style: Style::Line,
            digits: 2,
        });
        let row = segment_at(shown.at, shown.segments);
        let local = pair.map(|(name, colour, outcome, _)| {
            let data = Data::Uniform { start: 0.0, step: 1.0, y: dend_row(outcome, row).into() };
            Series { name: name.into(), colour, data, style: Style::Line, digits: 2 }
        });
        let panel = |title: &str, height, lines: Vec<Series>| Panel {
            y: Axis::new(title, "mV", VOLTAGE),
            height,
            content: Content::Lines(lines),
        };
        self.drag.set(Figure {
            x: Axis::time((0.0, DRAG_MS as f64)),
            panels: vec![
                panel("soma voltage", 150.0, soma.into()),
                panel("voltage at the synapse", 110.0, local.into()),
            ],
        });
        let lines = pair.map(|(name, colour, outcome, _)| {
            let peaks = peaks_along(outcome);
            // the soma at 0, each segment at its middle
            let step = 1.0 / (peaks.len() - 1).max(1) as f64;
            let place = |k: usize| (k as f64 - 0.5).max(0.0) * step;
            let points = peaks.iter().enumerate().map(|(k, v)| (place(k), *v)).collect();
            Series {
                name: name.into(),
                colour,
                data: Data::Points(points),
                style: Style::Dots,
                digits: 1,
            }
        });
        self.profile.set(Figure {
            x: Axis::new("place along the dendrite, soma 0 to tip 1", "", (-0.03, 1.03)),
            panels: vec![panel("highest voltage on the way", 150.0, lines.into())],
        });
        for (_, _, outcome, name) in pair.into_iter().filter(|(_, _, outcome, _)| !outcome.draft) {
            let before = outcome.soma_mv.get(DRAG_START_MS * 40 - 1).copied().unwrap_or(f64::NAN);
            let peak = |v: &[f64]| v.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let rise = peak(&outcome.soma_mv[DRAG_START_MS * 40..]) - before;
            stat(&self.root, &format!("soma-{name}"), &scale::fixed(rise, 1));
            stat(
                &self.root,
                &format!("local-{name}"),
                &scale::fixed(peak(dend_row(outcome, row)), 1),
            );
            stat(
                &self.root,
                &format!("fired-{name}"),
                if outcome.spikes_ms.is_empty() { "no" } else { "yes" },
            );
        }
    }

    fn draw_sweep(&self) {
        let shown = self.shown.borrow();
        let Some(outcome) = &shown.swept else { return };
        let rows = outcome.dend_mv.len() / SWEEP_MS;
        let top = shown.events.iter().map(|e| e.weight).fold(1e-9, f64::max);
        let ticks = shown
            .events
            .iter()
            .map(|e| Tick { x: e.t_ms as f64, row: e.segment, size: e.weight / top })
            .collect::<Rc<[Tick]>>();
        let soma = Series {
            name: "soma".into(),
            colour: Colour::Ink,
            data: Data::Uniform {
                start: 0.0,
                step: outcome.dt_ms,
                y: outcome.soma_mv.0.as_slice().into(),
            },
            style: Style::Line,
            digits: 2,
        };
        let heat = Heat {
            values: outcome.dend_mv.0.as_slice().into(),
            rows,
            start: 0.0,
            step: 1.0,
            range: (-85.0, 0.0),
            value: ("voltage", "mV"),
            row: "segment",
        };
        self.sweep.set(Figure {
            x: Axis::time((0.0, SWEEP_MS as f64)),
            panels: vec![
                Panel {
                    y: Axis::new("input, by segment", "", (0.0, 1.0)),
                    height: 76.0,
                    content: Content::Raster(Raster {
                        rows,
                        kinds: vec![("excitatory events", Colour::Vermillion, ticks)],
                    }),
                },
                Panel {
                    y: Axis::new("dendritic voltage, by segment from the soma (1)", "", (0.0, 1.0)),
                    height: 180.0,
                    content: Content::Heat(heat),
                },
                Panel {
                    y: Axis::new("soma voltage", "mV", VOLTAGE),
                    height: 120.0,
                    content: Content::Lines(vec![soma]),
                },
            ],
        });
        if outcome.draft {
            return;
        }
        stat(&self.root, "sweep-spikes", &outcome.spikes_ms.len().to_string());
        let far = outcome.spikes_ms.iter().filter(|t| (341.0..683.0).contains(*t)).count();
        stat(&self.root, "sweep-far", &far.to_string());
    }
}

/// The voltages of one segment, or none where the answer is of fewer segments.
fn dend_row(outcome: &Outcome, row: usize) -> &[f64] {
    let columns = ((outcome.soma_mv.len() - 1) as f64 * outcome.dt_ms).round() as usize + 1;
    outcome.dend_mv.get(row * columns..(row + 1) * columns).unwrap_or_default()
}

/// The highest voltage of the soma and of each segment outwards, mV.
fn peaks_along(outcome: &Outcome) -> Vec<f64> {
    let peak = |v: &[f64]| v.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let columns = dend_row(outcome, 0).len().max(1);
    let rows = outcome.dend_mv.chunks(columns).map(peak);
    std::iter::once(peak(&outcome.soma_mv)).chain(rows).collect()
}
