//! The figures of lesson 3½: voltages over time, and the highest voltage along the apical dendrite.

use super::cell::Pyramid;
use super::meet::{Case, DURATION_MS, PULSE_MS, at_the_place};
use crate::experiment::Outcome;
use crate::sim::{Clamp, NeuronParams};
use crate::web::plot::{Axis, Colour, Data, Figure, Panel, Series, Style};
use std::rc::Rc;

/// The axis of voltages, mV.
const VOLTAGE: (f64, f64) = (-95.0, 55.0);
/// How far apart the samples of the currents are, ms.
const STEP_MS: f64 = 0.1;
/// How long before the pulse the traces begin, ms.
const BEFORE_MS: f64 = 15.0;

fn look(case: Case) -> (&'static str, Colour, Style) {
    match case {
        Case::Soma => ("the pulse alone", Colour::Blue, Style::Line),
        Case::Dendrite => ("the dendritic input alone", Colour::Orange, Style::Line),
        Case::Both => ("both", Colour::Ink, Style::Bold),
    }
}

fn lines<'a>(
    outcomes: &'a [Rc<Outcome>; 3],
    data: impl Fn(&'a Outcome) -> Data + 'a,
) -> impl Iterator<Item = Series> + 'a {
    Case::ALL.into_iter().zip(outcomes).map(move |(case, outcome)| {
        let (name, colour, style) = look(case);
        Series::new(name, colour, style, data(outcome)).digits(1)
    })
}

/// The samples from [`BEFORE_MS`] before the pulse on.
fn shown(outcome: &Outcome, mv: &[f64]) -> Data {
    let from = ((PULSE_MS - BEFORE_MS) / outcome.dt_ms) as usize;
    Data::uniform(from as f64 * outcome.dt_ms, outcome.dt_ms, mv.get(from..).unwrap_or_default())
}

/// Soma, dendrite and what is injected, over time; `injected` has both currents.
pub(super) fn traces(outcomes: &[Rc<Outcome>; 3], injected: &NeuronParams) -> Figure {
    let steps = |at_soma: bool| {
        let on = || injected.clamps.iter().filter(|clamp| (clamp.at == "soma") == at_soma);
        let from = PULSE_MS - BEFORE_MS;
        let samples = ((DURATION_MS as f64 - from) / STEP_MS).round() as usize;
        let current = |n: usize| -> f64 {
            let t = from + n as f64 * STEP_MS;
            let here = on()
                .map(Clamp::current)
                .filter(|c| t >= c.start_ms && t < c.start_ms + c.duration_ms);
            here.map(|c| c.amplitude_na).sum()
        };
        Data::uniform(from, STEP_MS, &(0..=samples).map(current).collect::<Vec<_>>())
    };
    let most = injected.clamps.iter().map(|clamp| clamp.amplitude_na).fold(0.1, f64::max);
    let panel = |title: &str, height| Panel::new(title, "mV", VOLTAGE, height);
    Figure::time((PULSE_MS - BEFORE_MS, DURATION_MS as f64)).with_all([
        panel("soma voltage", 130.0).with_all(lines(outcomes, |o| shown(o, &o.soma_mv))),
        panel("voltage where the dendritic input arrives", 130.0)
            .with_all(lines(outcomes, |o| shown(o, at_the_place(o)))),
        Panel::new("injected current", "nA", (-0.05 * most, 1.1 * most), 70.0)
            .line("soma", Colour::Blue, steps(true))
            .line("dendrite", Colour::Orange, steps(false))
            .digits(2),
    ])
}

/// The highest voltage from the pulse on of the soma and of every segment on the apical path.
pub(super) fn profile(outcomes: &[Rc<Outcome>; 3], cell: &Pyramid) -> Figure {
    let most_um = cell.path.last().map_or(1.0, |place| place.1);
    let peaks = |outcome: &Outcome| {
        let from = (PULSE_MS / outcome.dt_ms) as usize;
        let after = outcome.soma_mv.get(from..).unwrap_or_default();
        let soma = after.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let peak = |row: usize| outcome.dend_peaks_mv.get(row).copied();
        let path = cell.path.iter().filter_map(|(row, um)| Some((*um, peak(*row)?)));
        Data::Points(std::iter::once((0.0, soma)).chain(path).collect())
    };
    let x = Axis::new("path distance from the soma", "µm", (0.0, most_um));
    Figure::over(x)
        .with(Panel::new("highest voltage", "mV", VOLTAGE, 150.0).with_all(lines(outcomes, peaks)))
}
