//! What the lesson's text says happens, happens.

use super::bench::{DURATION_MS, START_MS};
use super::clusters::case;
use super::curves::{branch_function, curve, hump};
use super::load;
use super::trees::{decode_placed, on_tree, preset, with_receptors};
use crate::ff::nonlinearity::Nonlinearity;
use crate::sim::NeuronParams;
use crate::web::experiment::{Experiment, Outcome, SynapticEvent};

/// What each further input adds to the dendrite's peak, mV.
fn steps(receptors: &str, segment: usize, weight: f64) -> Vec<f64> {
    let curve = curve(receptors, segment, weight);
    let rises: Vec<f64> =
        (0..=24).map(|n| curve.respond(n).expect("a valid experiment").dend_mv).collect();
    rises.windows(2).map(|w| w[1] - w[0]).collect()
}

#[test]
fn ampa_bends_down_and_human_nmda_has_a_hump() {
    let ampa = steps("ampa", 7, 1.0);
    assert!(ampa.windows(2).all(|w| w[1] < w[0]), "each adds less than the one before: {ampa:?}");
    assert_eq!(hump(&ampa), None);
    let human = steps("human", 7, 1.0);
    assert_eq!(hump(&human), Some(12));
    assert!(human[11] > human[5] && human[11] > 0.85 * human[0], "almost as much: {human:?}");
    assert_eq!(hump(&steps("human", 0, 1.0)), Some(21), "beside the soma");
    assert_eq!(hump(&steps("human", 7, 3.0)), Some(4), "three times as strong");
}

/// How many synapses it takes to fire the soma, of those on the page's axis.
fn needs(tree: &str, receptors: &str, clustered: bool) -> Option<usize> {
    let case = case(tree, receptors, clustered, 1, 1.0);
    let fires = |count: &usize| case.respond(*count).expect("a valid experiment").spikes > 0;
    case.counts.iter().copied().find(fires)
}

#[test]
fn together_or_apart_is_as_the_lesson_says() {
    for clustered in [true, false] {
        assert_eq!(needs("cable", "ampa", clustered), None);
    }
    assert_eq!(needs("cable", "human", true), Some(18));
    assert_eq!(needs("cable", "human", false), Some(38));
    assert_eq!(needs("four", "ampa", false), Some(24));
    assert_eq!(needs("four", "human", false), Some(22));
}

#[test]
fn the_formula_prefers_the_cluster_within_a_range_only() {
    let f = |kind| branch_function(kind, 2.0);
    let (ampa, nmda) = (f(Nonlinearity::AmpaLike), f(Nonlinearity::NmdaLike));
    let gain = |f: &dyn Fn(f64) -> f64, n: f64| f(n) / 8.0 - f(n / 8.0);
    assert!((1..=40).all(|n| gain(&ampa, f64::from(n)) < 0.0), "apart, always");
    assert!(gain(&nmda, 16.0) > 0.0 && gain(&nmda, 40.0) < 0.0);
}

fn on_the_bench(params: &NeuronParams, placed: &str) -> Outcome {
    let events = decode_placed(placed)
        .into_iter()
        .map(|(segment, count)| {
            let (t_ms, weight) = (START_MS, f64::from(count));
            SynapticEvent { segment, t_ms, excitatory: true, weight }
        })
        .collect();
    let params = params.clone();
    Experiment { params, duration_ms: DURATION_MS, clamp: None, events, close_up: None }
        .run()
        .expect("a valid experiment")
}

fn rise(outcome: &Outcome) -> f64 {
    let start = START_MS * 40;
    outcome.soma_mv[start..].iter().copied().fold(f64::NEG_INFINITY, f64::max)
        - outcome.soma_mv[start]
}

#[test]
fn two_tips_do_what_one_cannot() {
    let tree = |receptors| on_tree(with_receptors(receptors), preset("y").expect("a preset"));
    let one = on_the_bench(&tree("human"), "9.24");
    assert!(one.spikes_ms.is_empty() && (rise(&one) - 12.0).abs() < 0.5, "{}", rise(&one));
    let two = on_the_bench(&tree("human"), "9.12,12.12");
    assert_eq!(two.spikes_ms.len(), 1);
    let ampa = on_the_bench(&tree("ampa"), "9.12,12.12");
    assert!(ampa.spikes_ms.is_empty() && (rise(&ampa) - 8.0).abs() < 0.5, "{}", rise(&ampa));
}

#[test]
fn a_thin_branch_of_the_cell_glows_alone() {
    let text = include_str!("../../../../www/recorded/cell.swc");
    let cell = load::cell(text, "human", &Default::default()).expect("a cell");
    let outcome = on_the_bench(&cell.params, "40.20");
    assert!(outcome.spikes_ms.is_empty() && (rise(&outcome) - 10.0).abs() < 0.5);
    let columns = DURATION_MS + 1;
    let row = |at: usize| &outcome.dend_mv[at * columns..(at + 1) * columns];
    let glows = row(40).iter().filter(|v| **v > -40.0).count();
    println!(
        "glows {glows} ms; {:?}",
        [36, 44, 50, 71].map(|r| row(r).iter().copied().fold(-99.0, f64::max))
    );
    assert!((40..=70).contains(&glows), "{glows}");
}
