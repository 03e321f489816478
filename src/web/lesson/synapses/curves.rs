//! The first laboratory: input-output curves of a dendrite's segment beside the branch functions of
//! the filter-and-fire neuron.

use super::trees::with_receptors;
use crate::experiment::SynapticEvent;
use crate::experiment::curves::{InputOutput, Response, Responses, of_several};
use crate::ff::params::FfParams;
use crate::ff::{BranchFunction, BranchNonlinearity};
use crate::plot::range::tick_above;
use crate::sim::NeuronParams;
use crate::web::controls::Controls;
use crate::web::lesson::{command, figure, problem, read_out, write};
use crate::web::plot::{Axis, Colour, Figure, FigureView, Panel, Series, Style, scale};
use crate::web::port::{Latest, Port, Reply};
use crate::web::protocol::{self, Simulator};
use crate::web::settings::{Reading, Settings};
use web_sys::Element;

/// The most inputs of a curve.
const MOST: usize = 30;
const START_MS: usize = 20;
const DURATION_MS: usize = 120;
/// The end of the axis: a little above the distance from rest to the reversal, mV.
const HIGHEST_MV: f64 = 90.0;

/// The receptors compared: value, name, colour.
const RECEPTORS: [(&str, &str, Colour); 3] = [
    ("ampa", "AMPA only", Colour::Blue),
    ("rodent", "+ rodent NMDA", Colour::Orange),
    ("human", "+ human NMDA", Colour::Vermillion),
];

/// The name, the colour and the style of a branch function in the plot.
fn shown_as(kind: BranchNonlinearity) -> (&'static str, Colour, Style) {
    match kind {
        BranchNonlinearity::Linear => ("linear", Colour::Soft, Style::Dashed),
        BranchNonlinearity::AmpaLike => ("ampa_like", Colour::Blue, Style::Line),
        BranchNonlinearity::NmdaLike => ("nmda_like", Colour::Vermillion, Style::Line),
        BranchNonlinearity::TwoSidedSaturation => {
            ("two_sided_saturation", Colour::Green, Style::Line)
        }
    }
}

/// The cable with its soma's channels switched off, so that no spike hides what the dendrite does.
pub(super) fn without_spikes(receptors: &str) -> NeuronParams {
    NeuronParams { rho_factor: 0.0, ..with_receptors(receptors) }
}

/// The input-output curve of one choice of receptors.
pub(in crate::web::lesson) fn curve(receptors: &str, segment: usize, weight: f64) -> InputOutput {
    InputOutput {
        params: without_spikes(receptors),
        order: vec![segment],
        weight,
        counts: (0..=MOST).collect(),
        probe: segment,
        start_ms: START_MS,
        duration_ms: DURATION_MS,
    }
}

/// The curves of the three choices of receptors.
pub(in crate::web::lesson) fn curves(settings: &impl Settings) -> [InputOutput; 3] {
    let segment = segment(settings);
    RECEPTORS.map(|(receptors, ..)| curve(receptors, segment, settings.number(number!("w"))))
}

/// The segment that the inputs are on, from 0.
fn segment(settings: &impl Settings) -> usize {
    settings.whole(number!("at")).clamp(1, 8) - 1
}

/// A branch function, by the number of inputs that add `each` mV to the branch's sum.
pub(in crate::web::lesson) fn branch_function(
    kind: BranchNonlinearity,
    each_mv: f64,
) -> impl Fn(f64) -> f64 {
    let function = BranchFunction::of(&FfParams { nonlinearity: kind, ..FfParams::default() });
    move |count| function.apply(count * each_mv)
}

/// A number of inputs and the voltage that they cause, mV.
type Place = (f64, f64);

/// What each further input adds, mV: the differences of neighbouring points.
fn steps(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    points.windows(2).map(|w| (w[1].0, w[1].1 - w[0].1)).collect()
}

/// The number, from 1, of the input that adds most among those from the first one on that adds more than the input
/// before it; `None` where no input does.
pub(super) fn hump(added: &[f64]) -> Option<usize> {
    let dip = (1..added.len()).find(|&k| added[k] > added[k - 1])?;
    (dip..added.len()).max_by(|a, b| added[*a].total_cmp(&added[*b])).map(|k| k + 1)
}

/// A panel of curves over the number of inputs, its axis from 0 to above them all.
pub(super) fn panel(title: &str, height: f64, least: f64, lines: Vec<Curve>) -> Panel {
    let highest = lines.iter().flat_map(|l| &l.points).map(|p| p.1);
    let top = tick_above(highest, least);
    let lines = lines
        .into_iter()
        .map(|Curve { name, colour, style, points }| Series::new(name, colour, style, points));
    Panel::new(title, "mV", (0.0, top), height).with_all(lines)
}

/// A curve of a panel.
pub(super) struct Curve {
    pub(super) name: &'static str,
    pub(super) colour: Colour,
    pub(super) style: Style,
    pub(super) points: Vec<Place>,
}

pub(super) struct Curves {
    root: Element,
    ask: Latest<protocol::Curves>,
    functions: FigureView,
}

impl Curves {
    pub(super) fn mount(root: &Element, client: &Port<Simulator>) -> Self {
        let (view, of) = (figure(root, plot!("curves")), root.clone());
        let ask =
            Latest::quick(client, move |reply: Reply<protocol::Curves>| match reply.newest() {
                Ok(curves) => {
                    problem(&of, "");
                    draw(&of, &view, &curves);
                }
                Err(error) => problem(&of, &error),
            });
        Self { root: root.clone(), ask, functions: figure(root, plot!("functions")) }
    }

    /// Asks for the curves that the controls name.
    pub(super) fn ask(&self, controls: &Controls) {
        self.ask.ask(protocol::Curves(curves(controls).into()));
    }

    pub(super) fn update(&self, controls: &Controls) {
        let (segment, weight) = (segment(controls), controls.number(number!("w")));
        write(&self.root, stat!("at-um"), &scale::fixed((segment as f64 + 0.5) * 256.0, 0));
        self.draw_functions(controls.number(number!("each")));
        let (file, neuron) = command::neuron(&without_spikes("human"));
        let twelve = SynapticEvent::excitatory(segment, START_MS, of_several(12, weight));
        let events = command::events(std::iter::once(twelve));
        let text = format!(
            "{file}ballstick simulate {neuron} --inputs none --duration {DURATION_MS}{events} --out twelve.npz --plot twelve.svg\nballstick simulate --preset ff-nmda --inputs sweep:16,15 --plot ff.svg"
        );
        command::show(&self.root, cli!("curves"), &text);
    }

    fn draw_functions(&self, each_mv: f64) {
        let curves = BranchNonlinearity::ALL.map(|kind| {
            let f = branch_function(kind, each_mv);
            let points: Vec<(f64, f64)> = (0..=MOST).map(|n| (n as f64, f(n as f64))).collect();
            (shown_as(kind), points)
        });
        let lines = |of: &dyn Fn(&[Place]) -> Vec<Place>, named: bool| {
            let line = |((name, colour, style), points): &((&'static str, _, _), Vec<_>)| Curve {
                name: if named { name } else { "" },
                colour: *colour,
                style: *style,
                points: of(points),
            };
            curves.iter().map(line).collect::<Vec<_>>()
        };
        let eighth = |points: &[(f64, f64)]| points.iter().map(|p| (p.0, p.1 / 8.0)).collect();
        let x = Axis::new("inputs on the branch", "", (0.0, MOST as f64));
        self.functions.set(Figure::over(x).with_all([
            panel("branch: f(sum)", 170.0, 20.0, lines(&<[_]>::to_vec, true)),
            panel("branch: what one more adds", 80.0, 1.0, lines(&steps, false)),
            panel("soma: this branch’s share, an eighth", 80.0, 5.0, lines(&eighth, false)),
        ]));
    }
}

fn draw(root: &Element, view: &FigureView, Responses { curves, draft }: &Responses) {
    let points = |curve: &[Response], of: fn(&Response) -> f64| {
        curve.iter().map(|r| (r.count as f64, of(r))).collect::<Vec<_>>()
    };
    let lines = |of: &dyn Fn(&[Response]) -> Vec<Place>, named: bool| {
        let all = RECEPTORS.iter().zip(curves);
        all.map(|((_, name, colour), curve)| Curve {
            name: if named { name } else { "" },
            colour: *colour,
            style: Style::Line,
            points: of(curve),
        })
        .collect::<Vec<_>>()
    };
    let dend = |curve: &[Response]| points(curve, |r| r.dend_mv);
    let soma = |curve: &[Response]| points(curve, |r| r.soma_mv);
    let mut dendrite = lines(&dend, true);
    // what AMPA alone would do if each input did as much as the first one
    if let Some([none, one, ..]) = curves.first().map(Vec::as_slice) {
        let sum = |n: usize| (n as f64, none.dend_mv + n as f64 * (one.dend_mv - none.dend_mv));
        // beyond the driving force the sum compares with nothing
        let points = (0..=MOST).map(sum).take_while(|p| p.1 <= HIGHEST_MV).collect();
        let (name, colour) = ("n × the first", Colour::Soft);
        dendrite.push(Curve { name, colour, style: Style::Dashed, points });
    }
    let mut first = panel("dendrite, at the synapses: rise", 170.0, 0.0, dendrite);
    first.y.range = (0.0, HIGHEST_MV);
    let x = Axis::new("inputs at once", "", (0.0, MOST as f64));
    view.set(Figure::over(x).with_all([
        first,
        panel("dendrite: what one more adds", 80.0, 1.0, lines(&|c| steps(&dend(c)), false)),
        panel("soma: rise", 80.0, 5.0, lines(&soma, false)),
    ]));
    for ((key, ..), curve) in RECEPTORS.iter().zip(curves).filter(|_| !draft) {
        let (hump, readings) = of_curve(key, curve);
        let text = match hump {
            Some(number) => format!("no. {number}"),
            None if curve.len() > MOST => "none".to_owned(),
            None => "–".to_owned(),
        };
        write(root, stat!("steepest-{}", key), &text);
        read_out(root, &readings);
    }
}

/// The [`hump`] of one choice of receptors, and its numbers in the table: the rise by the first input and by all, mV.
pub(in crate::web::lesson) fn of_curve(
    key: &str,
    curve: &[Response],
) -> (Option<usize>, [Reading; 2]) {
    let at = |n: usize| curve.iter().find(|r| r.count == n).map_or(f64::NAN, |r| r.dend_mv);
    let added: Vec<f64> = curve.windows(2).map(|w| w[1].dend_mv - w[0].dend_mv).collect();
    let first = Reading::new(stat!("one-{}", key), at(1) - at(0), 1);
    (hump(&added), [first, Reading::new(stat!("all-{}", key), at(MOST), 1)])
}
