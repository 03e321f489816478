//! How the batch path is compared with the exact one.

use std::ops::ControlFlow;
use std::path::Path;

use ballstick::data::input::read_inputs;
use ballstick::data::npy::Npz;
use ballstick::data::{Simulation, Targets};
use ballstick::sim::batch::BatchRecorder;
use ballstick::sim::{BatchSimulator, Inputs, Method, NeuronParams};

/// A simulation's voltages, mV: the soma's at every step, and the segments' at every ms.
#[derive(Default, Clone, PartialEq, Debug)]
pub struct Traces {
    pub v_soma: Vec<f64>,
    pub v_dend: Vec<f64>,
}

impl BatchRecorder for Traces {
    fn record(&mut self, _ms: usize, v_soma: &[f64], v_dend: &[f64]) {
        self.v_soma.extend(v_soma);
        self.v_dend.extend(v_dend);
    }
}

/// The voltages of simulations of these inputs.
pub fn traces(params: &NeuronParams, method: Method, inputs: &[Inputs]) -> Vec<Traces> {
    let mut all = vec![Traces::default(); inputs.len()];
    let simulator = BatchSimulator::new(params, method).unwrap();
    simulator.run(inputs, &mut all, &mut |_| ControlFlow::Continue(())).unwrap();
    all
}

/// Requires that a method's voltages differ from the exact ones by at most `bound` mV: the root mean square over all of the
/// trace, of soma and dendrite.
pub fn check_trace(
    name: &str,
    params: &NeuronParams,
    (method, bound): (Method, f64),
    inputs: &Inputs,
    exact: &Simulation,
) {
    let one = traces(params, method, std::slice::from_ref(inputs)).remove(0);
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

/// How far a method is from the exact path over many simulations.
#[derive(Debug, Default, Clone, Copy)]
pub struct Agreement {
    spikes: usize,
    spikes_exact: usize,
    matched: usize,
    squares: f64,
    bins: usize,
    largest: f64,
}

impl Agreement {
    /// Counts a simulation.
    pub fn add(&mut self, exact: &Targets, fast: &Targets) {
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

    /// Tells what was found.
    pub fn tell(&self, name: &str) {
        let Self { spikes, spikes_exact, matched, .. } = *self;
        println!(
            "{name:28} spikes {spikes_exact} exact, {spikes} fast, {matched} matched; \
             subthreshold RMSE {:.1e} mV, largest {:.1e} mV",
            self.rmse(),
            self.largest
        );
    }

    /// Requires the bounds that the project sets.
    pub fn check(&self, name: &str) {
        self.tell(name);
        let Self { spikes, spikes_exact, matched, .. } = *self;
        assert!(spikes_exact > 20, "{name}: too few spikes to tell");
        assert!(matched as f64 >= 0.995 * spikes_exact as f64, "{name}: spikes that do not match");
        let difference = spikes.abs_diff(spikes_exact) as f64;
        assert!(difference <= 0.005 * spikes_exact as f64, "{name}: numbers of spikes");
        assert!(self.rmse() <= 0.05, "{name}: RMSE of {} mV", self.rmse());
    }
}

/// The cases of these folders of the tests: name, neuron and inputs.
pub fn golden_cases(folders: &[&str]) -> Vec<(String, NeuronParams, Inputs)> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut cases = Vec::new();
    for folder in folders {
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
