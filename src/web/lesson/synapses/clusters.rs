//! The second laboratory: the same synapses on one segment or spread over all, with AMPA only and with NMDA, on eight
//! segments joined in three ways; beside it the answer of the filter-and-fire neuron to the same question.

use super::curves::{Curve, branch_function, panel};
use super::trees::{eight_segments, on_tree, with_receptors};
use crate::experiment::curves::{InputOutput, Response, Responses, at_once};
use crate::experiment::{Experiment, Outcome};
use crate::ff::nonlinearity::BranchNonlinearity;
use crate::plot::neuron::name_of;
use crate::web::controls::Controls;
use crate::web::dom;
use crate::web::lesson::this::This;
use crate::web::lesson::{Workers, answered, command, figure, problem, write};
use crate::web::plot::{Axis, Colour, Data, Figure, FigureView, Panel, Series, Style};
use crate::web::port::{InStep, Latest, Reply};
use crate::web::protocol::{Curves, Draft};
use crate::web::settings::{Reading, Settings, rise};
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::Element;

/// The most synapses of a curve.
const MOST: usize = 40;
const START_MS: usize = 20;
const DURATION_MS: usize = 150;
/// How long the page has to draw the traces before the curves are asked for, ms: two frames.
const DRAWN_MS: i32 = 34;
/// What a synapse adds to a branch's sum in the filter-and-fire neuron, mV.
const EACH_MV: f64 = 2.0;

/// The four cases: with NMDA or not, clustered or not; key, colour, style.
pub(in crate::web::lesson) const CASES: [(bool, bool, &str, Colour, Style); 4] = [
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
        counts: (0..=MOST).collect(),
        probe: segment,
        start_ms: START_MS,
        duration_ms: DURATION_MS,
    }
}

/// The segment of the cluster, from 0.
fn segment(settings: &impl Settings) -> usize {
    settings.whole(number!("near")).clamp(1, 8) - 1
}

/// The four cases with the tree, the receptors, the segment and the weight of the controls.
pub(in crate::web::lesson) fn cases(settings: &impl Settings) -> [InputOutput; 4] {
    let (tree, nmda) = (settings.choice(choice!("tree")), settings.choice(choice!("kind")));
    CASES.map(|(with_nmda, clustered, ..)| {
        let receptors = if with_nmda { &nmda } else { "ampa" };
        case(&tree, receptors, clustered, segment(settings), settings.number(number!("cw")))
    })
}

/// The simulations of the four cases with as many synapses as the controls say.
pub(in crate::web::lesson) fn experiments(settings: &impl Settings) -> [Experiment; 4] {
    let (count, watch) = (settings.whole(number!("n")), vec![segment(settings)]);
    cases(settings).map(|case| Experiment { watch: watch.clone(), ..case.experiment(count) })
}

/// The numbers of the case `key` in the table.
pub(in crate::web::lesson) fn of_case(key: &str, outcome: &Outcome) -> [Reading; 2] {
    let start = (START_MS as f64 / outcome.dt_ms) as usize;
    [
        Reading::new(stat!("rise-{}", key), rise(&outcome.soma_mv, start), 1),
        Reading::new(stat!("spikes-{}", key), outcome.spikes_ms.len() as f64, 0),
    ]
}

/// The least number of synapses that fires the soma; `None` where none of the numbers tried does.
pub(in crate::web::lesson) fn needs(curve: &[Response]) -> Option<usize> {
    curve.iter().find(|response| response.spikes > 0).map(|response| response.count)
}

pub(super) struct Clusters {
    root: Element,
    ask_curves: Latest<Curves>,
    ask: InStep<Draft, 4>,
    /// The curves that are asked for once the traces are drawn: they take long, and another core.
    next_curves: RefCell<Option<Curves>>,
    traces: FigureView,
    curves: FigureView,
    functions: FigureView,
    shown: RefCell<Shown>,
}

#[derive(Default)]
struct Shown {
    count: f64,
    outcomes: [Option<Outcome>; 4],
}

impl Clusters {
    pub(super) fn mount(root: &Element, workers: &Workers) -> Rc<Self> {
        This::make(|this: &This<Self>| Self {
            root: root.clone(),
            ask_curves: this.quick(&workers.background, |lab, reply: Reply<Curves>| {
                match reply.newest() {
                    Ok(all) => lab.draw_curves(&all),
                    Err(error) => problem(&lab.root, &error),
                }
            }),
            ask: InStep::new([0, 1, 2, 3].map(|at| {
                let client = if at % 2 == 0 { &workers.live } else { &workers.second };
                this.newest(client, root, move |lab, one| {
                    lab.shown.borrow_mut().outcomes[at] = Some(one);
                    lab.on_traces();
                })
            })),
            next_curves: RefCell::default(),
            traces: figure(root, plot!("cluster-traces")),
            curves: figure(root, plot!("cluster-curves")),
            functions: figure(root, plot!("cluster-functions")),
            shown: RefCell::default(),
        })
    }

    /// Asks for the traces and the curves that the controls name.
    pub(super) fn ask(&self, controls: &Controls) {
        self.ask.ask(experiments(controls).map(Draft));
        self.next_curves.replace(Some(Curves(cases(controls).into())));
        if self.ask.is_whole() {
            self.ask_next();
        }
    }

    /// Asks for the curves that wait, where any do.
    fn ask_next(&self) {
        self.next_curves.take().into_iter().for_each(|curves| self.ask_curves.ask(curves));
    }

    pub(super) fn update(&self, controls: &Controls) {
        let segment = segment(controls);
        let (count, weight) = (controls.number(number!("n")), controls.number(number!("cw")));
        let [.., Experiment { params, .. }] = experiments(controls);
        self.shown.borrow_mut().count = count;
        write(&self.root, stat!("cluster-at"), &name_of(&params.branches(), segment));
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
        command::show(&self.root, cli!("clusters"), &text);
    }

    /// Draws the traces of all four cases, once all have answered for the same synapses.
    fn on_traces(self: &Rc<Self>) {
        if self.ask.is_whole() {
            self.draw_traces();
            let lab = Rc::downgrade(self);
            dom::after_ms(DRAWN_MS, move || {
                lab.upgrade().inspect(|lab| lab.ask_next());
            });
        }
    }

    fn draw_traces(&self) {
        let shown = self.shown.borrow();
        let [Some(a), Some(b), Some(c), Some(d)] = &shown.outcomes else { return };
        let line = |name: &str, case: usize, data| {
            let (.., colour, style) = CASES[case];
            Series::new(name, colour, style, data)
        };
        let soma = |outcome: &Outcome| Data::samples(outcome.dt_ms, &outcome.soma_mv);
        let dend = |outcome: &Outcome| {
            let watched = outcome.watched_mv.first().map_or(&[] as &[f64], |(_, mv)| mv);
            Data::samples(outcome.dt_ms, watched)
        };
        let panel = |title: &str, lines: [Series; 2]| {
            Panel::new(title, "mV", (-90.0, 55.0), 100.0).with_all(lines)
        };
        let pair = |first: usize, of: &dyn Fn(&Outcome) -> Data, [x, y]: [&Outcome; 2]| {
            [line("clustered", first, of(x)), line("spread", first + 1, of(y))]
        };
        self.traces.set(Figure::time((0.0, DURATION_MS as f64)).with_all([
            panel("soma, AMPA only", pair(0, &soma, [a, b])),
            panel("soma, AMPA and NMDA", pair(2, &soma, [c, d])),
            panel("the cluster’s segment, AMPA and NMDA", pair(2, &dend, [c, d])),
        ]));
        let exact = CASES.iter().zip([a, b, c, d]).filter(|(_, of)| !of.draft);
        let all: Vec<Reading> =
            exact.flat_map(|((.., key, _, _), outcome)| of_case(key, outcome)).collect();
        answered(&self.root, &all, self.ask.is_settled());
    }

    fn draw_curves(&self, Responses { curves, draft }: &Responses) {
        let names = ["AMPA, clustered", "AMPA, spread", "NMDA, clustered", "NMDA, spread"];
        let all = CASES.iter().zip(curves).zip(names);
        let lines = all.map(|(((.., colour, style), curve), name)| Curve {
            name,
            colour: *colour,
            style: *style,
            points: curve.iter().map(|r| (r.count as f64, r.soma_mv)).collect(),
        });
        let lines = lines.collect();
        let panel = panel("soma: rise; above 60 it has fired", 170.0, 120.0, lines);
        self.curves.set(over_synapses().with(panel));
        self.curves.point_at(self.shown.borrow().count);
        for ((.., key, _, _), curve) in CASES.iter().zip(curves).filter(|_| !draft) {
            let more = if curve.len() > MOST { format!("more than {MOST}") } else { "…".into() };
            let text = needs(curve).map_or(more, |count| count.to_string());
            write(&self.root, stat!("needs-{}", key), &text);
        }
    }

    /// Draws the drive of the filter-and-fire neuron's soma, which is the mean over its eight branches: f(n·a)/8 where
    /// all n synapses are on one branch, f(n·a/8) where they are spread evenly.
    fn draw_functions(&self) {
        let cases = [
            ("ampa, clustered", BranchNonlinearity::AmpaLike, 8.0, 0),
            ("ampa, spread", BranchNonlinearity::AmpaLike, 1.0, 1),
            ("nmda, clustered", BranchNonlinearity::NmdaLike, 8.0, 2),
            ("nmda, spread", BranchNonlinearity::NmdaLike, 1.0, 3),
        ];
        let lines = cases.map(|(name, kind, share, case)| {
            let f = branch_function(kind, EACH_MV);
            let point = |n: usize| (n as f64, f(n as f64 * share / 8.0) / share);
            let (.., colour, style) = CASES[case];
            Curve { name, colour, style, points: (0..=MOST).map(point).collect() }
        });
        let panel = panel("soma’s drive, filter-and-fire", 170.0, 12.0, lines.into());
        self.functions.set(over_synapses().with(panel));
        self.functions.point_at(self.shown.borrow().count);
    }
}

/// A figure over the number of synapses.
fn over_synapses() -> Figure {
    Figure::over(Axis::new("synapses at once", "", (0.0, MOST as f64)))
}
