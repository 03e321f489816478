//! The batch path against the exact one: agreement, independence of the neighbours, errors.

#![allow(clippy::unwrap_used)] // a test may

use std::ops::ControlFlow;

use ballstick::data::generate::random_inputs;
use ballstick::data::many::{simulate_many, simulate_many_with};
use ballstick::data::{Simulation, Split};
use ballstick::sim::{BatchSimulator, Inputs, Method, NeuronParams, SimError};

#[path = "support/batch.rs"]
mod support;
use support::{Agreement, check_trace, golden_cases, traces};

/// Inputs drawn as those of a data set are.
fn data_set_inputs(index: u64, num_segments: usize, duration_ms: usize) -> Inputs {
    random_inputs(5, Split::Train, index, num_segments, duration_ms)
}

fn check_presets(simulations: u64, duration_ms: usize) {
    for preset in NeuronParams::PRESETS {
        let params = NeuronParams::preset(preset).unwrap();
        let inputs: Vec<Inputs> = (0..simulations)
            .map(|index| data_set_inputs(index, params.num_rows(), duration_ms))
            .collect();
        let many = |method| {
            simulate_many(&BatchSimulator::new(&params, method).unwrap(), &inputs).unwrap()
        };
        let exact = many(Method::Exact);
        for method in [Method::Fast, Method::FastF32] {
            let mut agreement = Agreement::default();
            for (exact, fast) in exact.iter().zip(&many(method)) {
                agreement.add(exact, fast);
            }
            agreement.check(&format!("{preset} {method}"));
        }
    }
}

#[test]
fn fast_agrees_with_exact_on_random_inputs() {
    check_presets(10, 1024);
}

#[test]
#[ignore = "takes minutes: the project's full bound, 100 simulations of 8,192 ms of each preset"]
fn fast_agrees_with_exact_on_a_hundred_random_inputs() {
    check_presets(100, 8192);
}

#[test]
fn fast_agrees_with_exact_on_every_golden_case() {
    let cases = golden_cases(&["golden", "golden-trees"]);
    assert_eq!(cases.len(), 12);
    for (name, params, inputs) in cases {
        let exact = Simulation::run(&params, inputs.clone(), None, &[]).unwrap();
        // bounds of the root mean square difference of soma and dendrite over all of the trace, spikes included, mV:
        // what a spike's upstroke of 400 mV/ms makes of a shift in time of 1 µs and of 100 µs
        for (method, bound) in [(Method::Fast, 0.05), (Method::FastF32, 2.0)] {
            check_trace(&name, &params, (method, bound), &inputs, &exact);
        }
    }
}

#[test]
fn a_simulation_does_not_depend_on_its_neighbours() {
    let params = NeuronParams { num_segments: 5, sk_e2_factor: 1.0, ..NeuronParams::default() };
    for method in Method::ALL {
        // more simulations than a batch holds, and not all equally long
        let inputs: Vec<Inputs> =
            (0..37).map(|i| data_set_inputs(i, 5, if i % 3 == 0 { 40 } else { 64 })).collect();
        let together = traces(&params, method, &inputs);
        let backwards: Vec<Inputs> = inputs.iter().rev().cloned().collect();
        let mut backwards = traces(&params, method, &backwards);
        backwards.reverse();
        assert_eq!(together, backwards, "{method}");
        for i in [0, 16, 35, 36] {
            let alone = traces(&params, method, &inputs[i..=i]);
            assert_eq!(alone[0], together[i], "{method}: simulation {i}");
        }
        assert_eq!(together[0].v_soma.len(), 40 * 40 + 1);
        assert_eq!(together[1].v_dend.len(), 64 * 5);
    }
}

#[test]
fn the_exact_method_is_the_exact_path() {
    let params = NeuronParams::default();
    let inputs: Vec<Inputs> = (0..3).map(|i| data_set_inputs(i, 8, 200)).collect();
    let simulator = BatchSimulator::new(&params, Method::Exact).unwrap();
    let many = simulate_many(&simulator, &inputs).unwrap();
    for (targets, inputs) in many.into_iter().zip(inputs) {
        assert_eq!(targets, Simulation::run(&params, inputs, None, &[]).unwrap().targets);
    }
}

#[test]
fn progress_is_told_and_can_cancel() {
    let params = NeuronParams::default();
    let inputs: Vec<Inputs> = (0..3).map(|i| data_set_inputs(i, 8, 20)).collect();
    for method in Method::ALL {
        let simulator = BatchSimulator::new(&params, method).unwrap();
        let mut last = 0;
        let result = simulate_many_with(&simulator, &inputs, &mut |done| {
            assert!(done > last);
            last = done;
            ControlFlow::Continue(())
        });
        assert!(result.is_ok());
        assert_eq!(last, 60, "{method}: all of it is told");
        let result = simulate_many_with(&simulator, &inputs, &mut |_| ControlFlow::Break(()));
        assert_eq!(result, Err(SimError::Cancelled), "{method}");
    }
}

#[test]
fn what_cannot_be_simulated_is_an_error() {
    let params = NeuronParams::default();
    let bad = NeuronParams { gamma_nmda: 7.0, ..NeuronParams::default() };
    for method in Method::ALL {
        let error = BatchSimulator::new(&bad, method).unwrap_err().to_string();
        assert!(error.contains("gamma_NMDA"), "{error}");
        let simulator = BatchSimulator::new(&params, method).unwrap();
        let rows = simulate_many(&simulator, &[Inputs::silent(7, 10)]);
        assert!(matches!(rows, Err(SimError::Rows { found: 7, expected: 8, .. })), "{rows:?}");
        let mut inputs = Inputs::silent(8, 10);
        inputs.inh[13] = f64::NAN;
        let weight = simulate_many(&simulator, &[Inputs::silent(8, 10), inputs]);
        assert!(matches!(weight, Err(SimError::Weight { segment: 1, ms: 3, .. })), "{weight:?}");
    }
}
