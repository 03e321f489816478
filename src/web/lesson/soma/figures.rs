//! Lesson 1's figures: the step, and one spike opened.

use super::step::{DURATION_MS, START_MS, axis};
use crate::experiment::{Opened, Outcome};
use crate::sim::{Channel, CurrentClamp};
use crate::web::plot::{Colour, Data, Figure, Panel, Series, Style};
use std::rc::Rc;

/// The last answers, which the figures show.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) look: Option<Channel>,
    pub(super) clamp: Option<CurrentClamp>,
    pub(super) outcome: Option<Outcome>,
    pub(super) reference: Option<Outcome>,
    pub(super) differs: bool,
    pub(super) rates: Rc<[(f64, f64)]>,
    pub(super) default_rates: Rc<[(f64, f64)]>,
}

impl Shown {
    /// The outcomes that are drawn: the learner's, and the one that it is compared with.
    fn outcomes(&self) -> impl Iterator<Item = &Outcome> {
        let reference = self.reference.as_ref().filter(|_| self.differs);
        self.outcome.iter().chain(reference)
    }
}

fn samples(outcome: &Outcome) -> Data {
    Data::samples(outcome.dt_ms, &outcome.soma_mv)
}

pub(super) fn electrode(shown: &Shown, outcome: &Outcome) -> Figure {
    let reference = shown.reference.as_ref().filter(|_| shown.differs).map(|reference| {
        Series::new("with its default channels", Colour::Sky, Style::Dashed, samples(reference))
    });
    let (a, lasts) = shown.clamp.map_or((0.0, 0.0), |c| (c.amplitude_na, c.duration_ms));
    let (end, last) = (START_MS + lasts, DURATION_MS as f64);
    let step = [(0.0, 0.0), (START_MS, 0.0), (START_MS, a), (end, a), (end, 0.0), (last, 0.0)];
    let margin = 0.15 * a.abs().max(0.02);
    let range = (a.min(0.0) - margin, a.max(0.0) + margin);
    Figure::time((0.0, last)).with_all([
        Panel::new("soma voltage", "mV", axis(shown.outcomes()), 230.0).with_all(reference).line(
            "soma",
            Colour::Ink,
            samples(outcome),
        ),
        Panel::new("electrode current", "nA", range, 46.0).line("injected", Colour::Orange, step),
    ])
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

pub(super) fn opened_figure(shown: &Shown, outcome: &Outcome, opened: &Opened) -> Figure {
    let dt = outcome.dt_ms;
    let steps = opened.leak.len();
    let line = |name: &str, colour, style, y: Vec<f64>, digits| {
        Series::new(name, colour, style, Data::uniform(opened.start_ms, dt, &y)).digits(digits)
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
    let time = (opened.start_ms, opened.start_ms + (steps.max(2) - 1) as f64 * dt);
    Figure::time(time).with_all([
        Panel::new("soma voltage", "mV", axis([outcome]), 110.0).line(
            "soma",
            Colour::Ink,
            samples(outcome),
        ),
        Panel::new("currents, outward up", "mA/cm²", (low - pad, high + pad), 150.0)
            .with_all(currents),
        Panel::new(gate_title, "", (-0.05, 1.05), 90.0).with_all(gates),
        Panel::new("calcium under the membrane", "µM", (0.0, 1.15 * most), 60.0).with(line(
            "calcium",
            Colour::Green,
            Style::Line,
            calcium_um,
            4,
        )),
    ])
}
