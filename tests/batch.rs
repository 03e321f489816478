//! The batch path against the exact one: agreement, independence of the neighbours, errors.

#![allow(clippy::unwrap_used)] // a test may

use std::ops::ControlFlow;
use std::path::Path;

use ballstick::data::generate::random_inputs;
use ballstick::data::input::read_inputs;
use ballstick::data::many::{simulate_many, simulate_many_with};
use ballstick::data::npy::Npz;
use ballstick::data::{Simulation, Split, Targets};
use ballstick::sim::batch::BatchRecorder;
use ballstick::sim::{BatchSimulator, Inputs, Method, NeuronParams, SimError};

/// A simulation's voltages, mV: the soma's at every step, and the segments' at every ms.
#[derive(Default, Clone, PartialEq, Debug)]
struct Traces {
    v_soma: Vec<f64>,
    v_dend: Vec<f64>,
}

impl BatchRecorder for Traces {
    fn record(&mut self, _ms: usize, v_soma: &[f64], v_dend: &[f64]) {
        self.v_soma.extend(v_soma);
        self.v_dend.extend(v_dend);
    }
}

fn traces(params: &NeuronParams, method: Method, inputs: &[Inputs]) -> Vec<Traces> {
    let mut all = vec![Traces::default(); inputs.len()];
    let simulator = BatchSimulator::new(params, method).unwrap();
    simulator.run(inputs, &mut all, &mut |_| ControlFlow::Continue(())).unwrap();
    all
}

/// Inputs drawn as those of a data set are.
fn data_set_inputs(index: u64, num_segments: usize, duration_ms: usize) -> Inputs {
    random_inputs(5, Split::Train, index, num_segments, duration_ms)
}

/// How far a method is from the exact path over many simulations.
#[derive(Debug, Default, Clone, Copy)]
struct Agreement {
    spikes: usize,
    spikes_exact: usize,
    matched: usize,
    squares: f64,
    bins: usize,
    largest: f64,
}

impl Agreement {
    fn add(&mut self, exact: &Targets, fast: &Targets) {
        let times = |t: &Targets| -> Vec<usize> {
            t.spikes.iter().enumerate().filter(|(_, s)| **s).map(|(t, _)| t).collect()
        };
        let (a, b) = (times(exact), times(fast));
        self.spikes_exact += a.len();
        self.spikes += b.len();
        // each spike has at most one partner; both are in order
        let mut candidates = b.iter().peekable();
        for t in &a {
            while candidates.next_if(|u| **u + 1 < *t).is_some() {}
            if candidates.next_if(|u| **u <= t + 1).is_some() {
                self.matched += 1;
            }
        }
        // subthreshold: no spike in either from 10 ms before to 1 ms after, and not at the cap
        let quiet = |t: usize| {
            let near = t.saturating_sub(10)..(t + 2).min(exact.spikes.len());
            near.into_iter().all(|t| !exact.spikes[t] && !fast.spikes[t])
        };
        for t in (0..exact.soma_v.len()).filter(|&t| quiet(t)) {
            let difference = f64::from(exact.soma_v[t] - fast.soma_v[t]).abs();
            self.squares += difference * difference;
            self.bins += 1;
            self.largest = self.largest.max(difference);
        }
    }

    fn rmse(&self) -> f64 {
        (self.squares / self.bins.max(1) as f64).sqrt()
    }

    /// Requires the bounds that the project sets.
    fn check(&self, name: &str) {
        let Self { spikes, spikes_exact, matched, .. } = *self;
        println!(
            "{name:28} spikes {spikes_exact} exact, {spikes} fast, {matched} matched; \
             subthreshold RMSE {:.1e} mV, largest {:.1e} mV",
            self.rmse(),
            self.largest
        );
        assert!(spikes_exact > 20, "{name}: too few spikes to tell");
        assert!(matched as f64 >= 0.995 * spikes_exact as f64, "{name}: spikes that do not match");
        let difference = spikes.abs_diff(spikes_exact) as f64;
        assert!(difference <= 0.005 * spikes_exact as f64, "{name}: numbers of spikes");
        assert!(self.rmse() <= 0.05, "{name}: RMSE of {} mV", self.rmse());
    }
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

fn golden_cases() -> Vec<(String, NeuronParams, Inputs)> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut cases = Vec::new();
    for folder in ["golden", "golden-trees"] {
        for entry in std::fs::read_dir(tests.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "json") {
                let text = std::fs::read_to_string(&path).unwrap();
                let bytes = std::fs::read(path.with_extension("npz")).unwrap();
                let inputs = read_inputs(&mut Npz::new(&bytes).unwrap()).unwrap();
                let name = path.file_stem().unwrap().to_string_lossy().into_owned();
                cases.push((name, NeuronParams::from_json(&text).unwrap(), inputs));
            }
        }
    }
    cases
}

#[test]
fn fast_agrees_with_exact_on_every_golden_case() {
    let cases = golden_cases();
    assert_eq!(cases.len(), 12);
    for (name, params, inputs) in cases {
        let exact = Simulation::run(&params, inputs.clone(), None, &[]).unwrap();
        // bounds of the root mean square difference of soma and dendrite over all of the trace, spikes included, mV:
        // what a spike's upstroke of 400 mV/ms makes of a shift in time of 1 µs and of 100 µs
        for (method, bound) in [(Method::Fast, 0.05), (Method::FastF32, 2.0)] {
            let one = traces(&params, method, std::slice::from_ref(&inputs)).remove(0);
            let rms = |a: &mut dyn Iterator<Item = (f64, f64)>| {
                let (sum, n) = a.fold((0.0, 0), |(sum, n), (a, b)| (sum + (a - b).powi(2), n + 1));
                (sum / f64::from(n)).sqrt()
            };
            assert_eq!(one.v_soma.len(), exact.v_soma_hr.len(), "{name}");
            let pairs = exact.v_soma_hr.iter().copied().zip(one.v_soma.iter().copied());
            let soma = rms(&mut pairs.into_iter());
            let dend = exact.v_dend.t();
            assert_eq!(one.v_dend.len(), dend.len(), "{name}");
            let dend = rms(&mut dend.iter().copied().zip(one.v_dend.iter().copied()));
            println!("{name:24} {method:8} rms soma {soma:.1e} mV, dendrite {dend:.1e} mV");
            assert!(soma <= bound && dend <= bound, "{name} {method}: {soma} and {dend} mV");
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
