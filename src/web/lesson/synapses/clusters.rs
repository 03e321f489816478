//! The second laboratory: the same synapses on one segment or spread over all, with AMPA only and
//! with NMDA, on eight segments joined in three ways; beside it what the filter-and-fire neuron
//! makes of the same question.

use super::curves::{Curve, branch_function, panel};
use super::shape::name_of;
use super::trees::{eight_segments, on_tree, with_receptors};
use super::{Workers, figure, problem, stat};
use crate::ff::nonlinearity::Nonlinearity;
use crate::web::client::{Answer, Latest};
use crate::web::controls::Controls;
use crate::web::curves::{InputOutput, Response, at_once};
use crate::web::experiment::Outcome;
use crate::web::lesson::command;
use crate::web::plot::{
    Axis, Colour, Content, Data, Figure, FigureView, Panel, Series, Style, scale,
};
use crate::web::protocol::{Reply, Request};
use std::cell::RefCell;
use std::rc::{Rc, Weak};
use web_sys::Element;

/// The most synapses.
const MOST: usize = 40;
const START_MS: usize = 20;
const DURATION_MS: usize = 150;
/// What a synapse adds to a branch's sum in the filter-and-fire neuron, mV.
const EACH_MV: f64 = 2.0;

/// The four cases: with NMDA or not, clustered or not; key, colour, style.
const CASES: [(bool, bool, &str, Colour, Style); 4] = [
    (false, true, "ampa-clustered", Colour::Blue, Style::Line),
    (false, false, "ampa-spread", Colour::Sky, Style::Dashed),
    (true, true, "nmda-clustered", Colour::Vermillion, Style::Line),
    (true, false, "nmda-spread", Colour::Orange, Style::Dashed),
];

/// The order in which segments get synapses: one alone, or all in turn, far ones between near ones.
pub(super) fn order(clustered: bool, segment: usize) -> Vec<usize> {
    if clustered { vec![segment] } else { vec![0, 4, 2, 6, 1, 5, 3, 7] }
}

/// One of the four cases on one of the three trees.
pub(super) fn case(
    tree: &str,
    receptors: &str,
    clustered: bool,
    segment: usize,
    weight: f64,
) -> InputOutput {
    InputOutput {
        params: on_tree(with_receptors(receptors), eight_segments(tree)),
        order: order(clustered, segment),
        weight,
        counts: (0..=MOST).step_by(2).collect(),
        probe: segment,
        start_ms: START_MS,
        duration_ms: DURATION_MS,
    }
}

pub(super) struct Clusters {
    root: Element,
    ask_curves: Latest,
    ask: [Latest; 4],
    traces: FigureView,
    curves: FigureView,
    functions: FigureView,
    shown: RefCell<Shown>,
}

#[derive(Default)]
struct Shown {
    count: f64,
    segment: usize,
    outcomes: [Option<Outcome>; 4],
}

impl Clusters {
    pub(super) fn mount(root: &Element, workers: &Workers) -> Rc<Self> {
        Rc::new_cyclic(|this: &Weak<Self>| {
            let ask = [0, 1, 2, 3].map(|at| {
                let this = this.clone();
                let client = if at % 2 == 0 { &workers.live } else { &workers.beside };
                Latest::quick(client, move |answer| {
                    let Some(lab) = this.upgrade() else { return };
                    match answer {
                        Answer::Partial(Reply::Outcome(one))
                        | Answer::Done(Reply::Outcome(one)) => {
                            problem(&lab.root, "");
                            lab.shown.borrow_mut().outcomes[at] = Some(*one);
                            lab.draw_traces();
                        }
                        Answer::Failed(message) => problem(&lab.root, &message),
                        _ => {}
                    }
                })
            });
            let of = this.clone();
            let ask_curves = Latest::long(&workers.background, move |answer| {
                let Some(lab) = of.upgrade() else { return };
                match answer {
                    Answer::Partial(Reply::Curves(all)) | Answer::Done(Reply::Curves(all)) => {
                        lab.draw_curves(&all);
                    }
                    Answer::Failed(message) => problem(&lab.root, &message),
                    _ => {}
                }
            });
            Self {
                root: root.clone(),
                ask_curves,
                ask,
                traces: figure(root, "cluster-traces"),
                curves: figure(root, "cluster-curves"),
                functions: figure(root, "cluster-functions"),
                shown: RefCell::default(),
            }
        })
    }

    pub(super) fn update(&self, controls: &Controls) {
        let (tree, nmda) = (controls.choice("tree"), controls.choice("kind"));
        let segment = (controls.number("near") as usize).clamp(1, 8) - 1;
        let (count, weight) = (controls.number("n"), controls.number("cw"));
        let cases = CASES.map(|(with_nmda, clustered, ..)| {
            case(&tree, if with_nmda { &nmda } else { "ampa" }, clustered, segment, weight)
        });
        for (case, ask) in cases.iter().zip(&self.ask) {
            ask.ask(Request::Draft(Box::new(case.experiment(count as usize))));
        }
        let params = cases[2].params.clone();
        self.ask_curves.ask(Request::Curves(cases.into()));
        let mut shown = self.shown.borrow_mut();
        (shown.count, shown.segment) = (count, segment);
        drop(shown);
        stat(&self.root, "cluster-at", &name_of(&params.branches(), segment));
        self.draw_functions();
        let (file, neuron) = command::neuron(&params);
        let events = |clustered: bool| {
            let all = at_once(&order(clustered, segment), count as usize, weight, START_MS);
            command::events(all.into_iter())
        };
        let simulate =
            format!("ballstick simulate {neuron} --inputs none --duration {DURATION_MS}");
        let text = format!(
            "{file}{simulate}{} --out clustered.npz\n{simulate}{} --out spread.npz",
            events(true),
            events(false)
        );
        command::show(&self.root, "clusters", &text);
    }

    fn draw_traces(&self) {
        let shown = self.shown.borrow();
        let [Some(a), Some(b), Some(c), Some(d)] = &shown.outcomes else { return };
        // all of the same synapses, or none
        if self.ask.iter().any(Latest::is_blank) {
            return;
        }
        let line = |name: &str, case: usize, data| {
            let (.., colour, style) = CASES[case];
            Series { name: name.into(), colour, data, style, digits: 2 }
        };
        let soma = |outcome: &Outcome| Data::Uniform {
            start: 0.0,
            step: outcome.dt_ms,
            y: outcome.soma_mv.0.as_slice().into(),
        };
        let dend = |outcome: &Outcome| {
            let columns = DURATION_MS + 1;
            let row = shown.segment * columns..(shown.segment + 1) * columns;
            let y = outcome.dend_mv.get(row).unwrap_or_default().into();
            Data::Uniform { start: 0.0, step: 1.0, y }
        };
        let panel = |title: &str, height, lines: [Series; 2]| Panel {
            y: Axis::new(title, "mV", (-90.0, 55.0)),
            height,
            content: Content::Lines(lines.into()),
        };
        let pair = |first: usize, of: &dyn Fn(&Outcome) -> Data, [x, y]: [&Outcome; 2]| {
            [line("clustered", first, of(x)), line("spread", first + 1, of(y))]
        };
        self.traces.set(Figure {
            x: Axis::time((0.0, DURATION_MS as f64)),
            panels: vec![
                panel("soma, AMPA only", 100.0, pair(0, &soma, [a, b])),
                panel("soma, AMPA and NMDA", 100.0, pair(2, &soma, [c, d])),
                panel("the cluster’s segment, AMPA and NMDA", 100.0, pair(2, &dend, [c, d])),
            ],
        });
        let start = START_MS * 40;
        for ((.., key, _, _), outcome) in CASES.iter().zip([a, b, c, d]).filter(|(_, of)| !of.draft)
        {
            let before = outcome.soma_mv.get(start).copied().unwrap_or(f64::NAN);
            let peak = outcome.soma_mv.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            stat(&self.root, &format!("rise-{key}"), &scale::fixed(peak - before, 1));
            stat(&self.root, &format!("spikes-{key}"), &outcome.spikes_ms.len().to_string());
        }
    }

    fn draw_curves(&self, curves: &[Vec<Response>]) {
        let names = ["AMPA, clustered", "AMPA, spread", "NMDA, clustered", "NMDA, spread"];
        let lines = CASES
            .iter()
            .zip(curves)
            .zip(names)
            .map(|(((.., colour, style), curve), name)| Curve {
                name,
                colour: *colour,
                style: *style,
                points: curve.iter().map(|r| (r.count as f64, r.soma_mv)).collect(),
            })
            .collect();
        self.curves.set(Figure {
            x: Axis::new("synapses at once", "", (0.0, MOST as f64)),
            panels: vec![panel("soma: rise; above 60 it has fired", 170.0, 120.0, lines)],
        });
        self.curves.point_at(self.shown.borrow().count);
        for ((.., key, _, _), curve) in CASES.iter().zip(curves) {
            let first = curve.iter().find(|r| r.spikes > 0).map(|r| r.count.to_string());
            let more =
                if curve.len() > MOST / 2 { format!("more than {MOST}") } else { "…".into() };
            stat(&self.root, &format!("needs-{key}"), &first.unwrap_or(more));
        }
    }

    /// The filter-and-fire neuron's soma hears the mean over its eight branches: f(n·a)/8 where all
    /// are on one, f(n·a/8) where they are spread evenly.
    fn draw_functions(&self) {
        let cases = [
            ("ampa, clustered", Nonlinearity::AmpaLike, 8.0, 0),
            ("ampa, spread", Nonlinearity::AmpaLike, 1.0, 1),
            ("nmda, clustered", Nonlinearity::NmdaLike, 8.0, 2),
            ("nmda, spread", Nonlinearity::NmdaLike, 1.0, 3),
        ];
        let lines = cases.map(|(name, kind, share, case)| {
            let f = branch_function(kind, EACH_MV);
            let point = |n: usize| (n as f64, f(n as f64 * share / 8.0) / share);
            let (.., colour, style) = CASES[case];
            Curve { name, colour, style, points: (0..=MOST).map(point).collect() }
        });
        self.functions.set(Figure {
            x: Axis::new("synapses at once", "", (0.0, MOST as f64)),
            panels: vec![panel("soma’s drive, filter-and-fire", 170.0, 12.0, lines.into())],
        });
        self.functions.point_at(self.shown.borrow().count);
    }
}
