//! The batch path against the exact one on neurons with channels on any branch.

#![allow(clippy::unwrap_used)] // a test may

use ballstick::data::Simulation;
use ballstick::data::many::simulate_many;
use ballstick::random::RandomStream;
use ballstick::sim::{BatchSimulator, Inputs, Method, NeuronParams};
use serde_json::{Value, json};

#[path = "support/batch.rs"]
mod support;
use support::{Agreement, check_trace, golden_cases, traces};

/// Densities of the order of the dendrite's in Hay et al. 2011, S/cm²; in the soma some twenty times as much.
const DENSITIES: [(&str, f64); 11] = [
    ("Ca_HVA", 6e-4),
    ("Ca_LVAst", 3e-3),
    ("Ih", 2e-4),
    ("Im", 7e-5),
    ("K_Pst", 4e-4),
    ("K_Tst", 1e-3),
    ("NaTa_t", 0.01),
    ("NaTs2_t", 0.02),
    ("Nap_Et2", 2e-4),
    ("SK_E2", 1.2e-3),
    ("SKv3_1", 3e-3),
];

/// Weights in bins of 1 ms with which most cells fire and few saturate.
fn inputs(stream: &mut RandomStream, rows: usize, duration_ms: usize) -> Inputs {
    let mut inputs = Inputs::silent(rows, duration_ms);
    let share = (16.0 / rows as f64).sqrt().min(1.0);
    for (weights, most, busy) in [(&mut inputs.exc, 6.0, 0.065), (&mut inputs.inh, 2.5, 0.03)] {
        for weight in weights {
            if stream.chance(busy * share) {
                *weight = stream.between([0.0, most]);
            }
        }
    }
    inputs
}

/// A density of this order: a number, or one of the three laws.
fn law(stream: &mut RandomStream, g: f64) -> Value {
    match stream.below(4) {
        0 => json!(g * stream.between([0.3, 2.0])),
        1 => {
            json!({"law": "exponential", "g": g, "offset": -0.87, "scale": 2.087, "rate": 3.6161, "length_um": 1000.0})
        }
        2 => {
            let from = stream.between([50.0, 500.0]);
            json!({"law": "window", "from_um": from, "to_um": from + 203.7, "inside": 3.0 * g, "outside": 0.2 * g})
        }
        _ => {
            let at_soma = g * stream.between([0.0, 2.0]);
            json!({"law": "linear", "at_soma": at_soma, "per_um": g * stream.between([-0.004, 0.002])})
        }
    }
}

/// A region with each channel with this probability; of `factor` times the densities.
fn region(stream: &mut RandomStream, probability: f64, factor: f64) -> Value {
    let mut channels = serde_json::Map::new();
    for (name, g) in DENSITIES {
        if stream.chance(probability) {
            channels.insert(name.to_owned(), law(stream, g * factor));
        }
    }
    let mut region = json!({
        "g_pas": stream.between([3e-5, 9e-5]), "e_pas_mV": stream.between([-90.0, -75.0]),
        "cm_uF_cm2": stream.between([0.8, 2.0]), "Ra_ohm_cm": stream.between([70.0, 200.0]),
        "channels": channels,
    });
    if stream.chance(0.6) {
        let decay = stream.between([50.0, 500.0]);
        region["calcium"] = json!({"decay_ms": decay, "gamma": stream.between([3e-4, 0.02])});
    }
    region
}

/// A cell of two to seven branches in four regions, one of which is not listed, with electrodes.
fn cell(stream: &mut RandomStream, listed_soma: bool) -> NeuronParams {
    let mut names = vec!["soma".to_owned()];
    let mut branches = Vec::new();
    for i in 0..stream.whole([2, 7]) {
        let parent_x = if stream.chance(0.7) { 1.0 } else { stream.between([0.0, 0.99]) };
        branches.push(json!({
            "name": format!("b{i}"), "parent": stream.choose(&names), "parent_x": parent_x,
            "L_um": stream.between([50.0, 900.0]), "diam_um": stream.between([0.5, 4.0]),
            "num_segments": stream.whole([1, 8]), "region": stream.choose(&["dend", "a", "b", "c"]),
        }));
        names.push(format!("b{i}"));
    }
    let mut regions = json!({
        "a": region(stream, 0.6, 1.0), "b": region(stream, 0.4, 1.0), "c": region(stream, 1.0, 1.0),
    });
    if listed_soma {
        regions["soma"] = region(stream, 1.0, 20.0);
    }
    let clamps: Vec<Value> = (0..stream.below(4))
        .map(|_| {
            json!({
                "at": stream.choose(&names), "x": stream.between([0.01, 0.99]),
                "start_ms": stream.between([0.0, 300.0]), "duration_ms": stream.between([2.0, 200.0]),
                "amplitude_nA": stream.between([-0.2, 1.5]),
            })
        })
        .collect();
    let json = json!({
        "branches": branches, "regions": regions, "clamps": clamps,
        "multiplicative_SKE2_factor": stream.below(2),
    });
    NeuronParams::from_json(&json.to_string()).unwrap()
}

fn check_cells(cells: u64, simulations: usize, duration_ms: usize) {
    let mut all = [Agreement::default(); 2];
    for number in 0..cells {
        let mut stream = RandomStream::from_key([18, 0, 0, 0], number);
        let params = cell(&mut stream, number % 3 == 0);
        let inputs: Vec<Inputs> =
            (0..simulations).map(|_| inputs(&mut stream, params.num_rows(), duration_ms)).collect();
        let many = |method| {
            simulate_many(&BatchSimulator::new(&params, method).unwrap(), &inputs).unwrap()
        };
        let exact = many(Method::Exact);
        for (all, method) in all.iter_mut().zip([Method::Fast, Method::FastF32]) {
            let mut one = Agreement::default();
            for (exact, fast) in exact.iter().zip(&many(method)) {
                one.add(exact, fast);
                all.add(exact, fast);
            }
            one.tell(&format!("cell {number}, {} segments, {method}", params.num_rows()));
        }
    }
    all[0].check("drawn cells, fast");
    all[1].check("drawn cells, fast-f32");
}

#[test]
fn fast_agrees_with_exact_on_drawn_cells() {
    check_cells(12, 4, 512);
}

/// A cell that bursts, and that amplifies what is small.
#[test]
fn fast_agrees_with_exact_on_a_pyramidal_cell() {
    let params = NeuronParams::from_json(include_str!("fixtures/pyramidal.json")).unwrap();
    let mut stream = RandomStream::from_key([18, 2, 0, 0], 0);
    let inputs: Vec<Inputs> = (0..8).map(|_| inputs(&mut stream, params.num_rows(), 200)).collect();
    let many =
        |method| simulate_many(&BatchSimulator::new(&params, method).unwrap(), &inputs).unwrap();
    let exact = many(Method::Exact);
    for method in [Method::Fast, Method::FastF32] {
        let mut agreement = Agreement::default();
        for (exact, fast) in exact.iter().zip(&many(method)) {
            agreement.add(exact, fast);
        }
        agreement.check(&format!("pyramidal cell, {method}"));
    }
}

#[test]
fn fast_agrees_with_exact_on_every_golden_case() {
    let cases = golden_cases(&["golden-active"]);
    assert_eq!(cases.len(), 4);
    for (name, params, inputs) in cases {
        let exact = Simulation::run(&params, inputs.clone(), None, &[]).unwrap();
        // root mean square of soma and dendrite over all of the trace, spikes included, mV: the bound that the project sets
        // for what is subthreshold. The worst case is at half of it, on spikes' upstrokes, where 1 µs is some 0.5 mV
        let bound = 0.05;
        for method in [Method::Fast, Method::FastF32] {
            check_trace(&name, &params, (method, bound), &inputs, &exact);
        }
    }
}

#[test]
fn a_simulation_does_not_depend_on_its_neighbours() {
    let mut stream = RandomStream::from_key([18, 1, 0, 0], 0);
    let params = cell(&mut stream, true);
    let rows = params.num_rows();
    for method in [Method::Fast, Method::FastF32] {
        // more simulations than a batch holds, and not all equally long
        let inputs: Vec<Inputs> =
            (0..37).map(|i| inputs(&mut stream, rows, if i % 3 == 0 { 40 } else { 64 })).collect();
        let together = traces(&params, method, &inputs);
        let backwards: Vec<Inputs> = inputs.iter().rev().cloned().collect();
        let mut backwards = traces(&params, method, &backwards);
        backwards.reverse();
        assert_eq!(together, backwards, "{method}");
        assert_ne!(together[1].v_soma, together[2].v_soma, "{method}: two inputs");
        for i in [0, 16, 36] {
            let alone = traces(&params, method, &inputs[i..=i]);
            assert_eq!(alone[0], together[i], "{method}: simulation {i}");
        }
    }
}
