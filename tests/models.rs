//! What every neuron promises, whichever kind it is.

#![allow(clippy::unwrap_used)] // a test may

use ballstick::data::perturb::{PairKey, PerturbParams, perturb};
use ballstick::data::{Model, Simulation, Split, Targets, generate};
use ballstick::ff::FfParams;
use ballstick::sim::{Branch, Inputs, NeuronParams, SimError};

#[path = "support/difference.rs"]
mod difference;
use difference::max_abs_difference;

const DURATION: usize = 800; // ms

fn models() -> Vec<Model> {
    let branch = |name: &str, parent: &str, num_segments| Branch {
        name: name.to_owned(),
        parent: parent.to_owned(),
        parent_x: 1.0,
        length_um: 300.0,
        diam_um: 1.5,
        num_segments,
        region: Branch::DEND.to_owned(),
    };
    let branches = Some(vec![branch("a", "soma", 2), branch("b", "a", 3), branch("c", "a", 2)]);
    let mut models: Vec<Model> =
        NeuronParams::PRESETS.iter().map(|name| Model::preset(name).unwrap()).collect();
    models.push(NeuronParams { branches, ..NeuronParams::default() }.into());
    models.extend(FfParams::PRESETS.iter().map(|name| Model::preset(name).unwrap()));
    models.push(FfParams { num_branches: 3, samples_per_ms: 8, ..FfParams::default() }.into());
    models
}

/// Inputs drawn as those of a data set are.
fn random_inputs(rows: usize, duration: usize, index: u64) -> Inputs {
    generate::random_inputs(0, Split::Train, index, rows, duration)
}

fn run(model: &Model, inputs: &Inputs) -> Simulation {
    model.run(inputs.clone()).unwrap()
}

fn spikes(targets: &Targets) -> Vec<usize> {
    let all = targets.spikes.iter().enumerate();
    all.filter(|(_, spike)| **spike).map(|(t, _)| t).collect()
}

#[test]
fn shapes_are_the_data_sets() {
    for model in models() {
        let (rows, name) = (model.num_rows(), model.short_name());
        let simulation = run(&model, &random_inputs(rows, DURATION, 0));
        let Targets { spikes, soma_v, near_spike, inst_rate, dend_v } = &simulation.targets;
        let lengths = [spikes.len(), soma_v.len(), near_spike.len(), inst_rate.len()];
        assert_eq!(lengths, [DURATION; 4], "{name}");
        assert_eq!(dend_v.dim(), (rows, DURATION), "{name}");
        assert_eq!(simulation.v_dend.dim(), (rows, DURATION), "{name}");
        assert_eq!(simulation.v_soma_hr.len(), DURATION * model.samples_per_ms() + 1, "{name}");
    }
}

#[test]
fn the_same_inputs_give_the_same_bits() {
    for model in models() {
        let inputs = random_inputs(model.num_rows(), DURATION, 1);
        let first = run(&model, &inputs);
        assert_eq!(first, run(&model, &inputs), "{}", model.short_name());
        assert_eq!(first.targets, model.simulate(&inputs).unwrap());
        let read = Model::from_json(&model.to_json().to_string()).unwrap();
        assert_eq!(first, run(&read, &inputs), "{}", model.short_name());
    }
}

#[test]
fn silence_is_silent() {
    for model in models() {
        let targets = run(&model, &Inputs::silent(model.num_rows(), DURATION)).targets;
        let (name, rest) = (model.short_name(), model.readout().e_pas_mv);
        assert!(spikes(&targets).is_empty(), "{name}");
        assert!(targets.near_spike.iter().all(|near| !near), "{name}");
        assert!(targets.inst_rate.iter().all(|&rate| rate == 0.0), "{name}");
        // the soma's channels settle a little off the leak's reversal
        let soma_mv = targets.soma_v.mapv(f64::from);
        let off = max_abs_difference(&soma_mv, &vec![rest; soma_mv.len()]);
        assert!(off < 3.0, "{name}: {off} mV");
    }
}

#[test]
fn excitation_raises_and_inhibition_lowers() {
    for model in models() {
        let rows = model.num_rows();
        let both = random_inputs(rows, DURATION, 2);
        let silence = vec![0.0; rows * DURATION];
        let excited = Inputs { inh: silence.clone(), ..both.clone() };
        // on a depolarised neuron; at rest a shunt does nothing
        let mean = |inputs: &Inputs| {
            let targets = run(&model, inputs).targets;
            let branches: f64 = targets.dend_v.iter().map(|v| v.to_f64()).sum();
            branches / (rows * DURATION) as f64
        };
        let rest = model.readout().e_pas_mv;
        let (with, without) = (mean(&both), mean(&excited));
        assert!(without > with + 0.1 && without > rest + 1.0, "{}", model.short_name());
    }
}

#[test]
fn a_change_moves_nothing_before_it() {
    for model in models() {
        let (rows, name) = (model.num_rows(), model.short_name());
        let inputs = random_inputs(rows, DURATION, 3);
        let before = run(&model, &inputs);
        for k in 0..3 {
            let key = PairKey { seed: 0, split: Split::Train, index: 0, k };
            let settings = PerturbParams { num_changes: [4, 4], ..PerturbParams::default() };
            let (partner, made) = perturb(&inputs, &settings, key).unwrap();
            let after = run(&model, &partner);
            let at = made.window.start;
            // an event at the start of its bin acts from then on, its first sample included
            let steps = at * model.samples_per_ms() + 1;
            let trace =
                |s: &Simulation| s.v_soma_hr.iter().take(steps).copied().collect::<Vec<_>>();
            assert_eq!(trace(&before), trace(&after), "{name}");
            let (a, b) = (&before.targets, &after.targets);
            for t in 0..DURATION {
                let same = a.spikes[t] == b.spikes[t] && a.near_spike[t] == b.near_spike[t];
                assert!(same || t >= at, "{name}: {t} ms, before {at} ms");
                assert!(a.soma_v[t] == b.soma_v[t] || t > at, "{name}: {t} ms, before {at} ms");
                assert!(a.dend_v.column(t) == b.dend_v.column(t) || t > at, "{name}: {t}, {at} ms");
                // the rate's Gaussian looks int(4·2.5) = 10 ms ahead: so the original defines it
                assert!(a.inst_rate[t] == b.inst_rate[t] || t + 10 >= at, "{name}: {t}, {at} ms");
            }
            assert_ne!(before.v_dend, after.v_dend, "{name}: the change acts");
        }
    }
}

#[test]
fn the_targets_agree_with_each_other_and_with_the_traces() {
    let mut fired = 0;
    for model in models() {
        let (name, readout) = (model.short_name(), model.readout());
        for seed in 4..8 {
            let simulation = run(&model, &random_inputs(model.num_rows(), DURATION, seed));
            let targets = &simulation.targets;
            let spikes = spikes(targets);
            fired += usize::from(!spikes.is_empty());
            let per_ms = model.samples_per_ms();
            let trace = simulation.v_soma_hr.as_slice().unwrap();
            for t in 0..DURATION {
                let v = trace[t * per_ms].min(readout.targets.soma_cap_mv);
                assert_eq!(targets.soma_v[t], v as f32, "{name}");
                let top =
                    trace[t * per_ms..=(t + 1) * per_ms].iter().fold(f64::MIN, |a, &b| a.max(b));
                assert!(!targets.spikes[t] || top >= readout.spike_threshold_mv, "{name}: {t} ms");
                let recent =
                    spikes.iter().any(|&s| s <= t && t - s < readout.targets.near_spike_window_ms);
                let near = v > readout.targets.soma_cap_mv - readout.targets.near_spike_diff_mv;
                assert_eq!(targets.near_spike[t], recent || near, "{name}: {t} ms");
                for row in 0..model.num_rows() {
                    let v = targets.dend_v[[row, t]].to_f64();
                    assert!(v <= readout.targets.dend_cap_mv && v.is_finite(), "{name}");
                    let exact = simulation.v_dend[[row, t]].min(readout.targets.dend_cap_mv);
                    // half precision of up to 256 mV is within 2^-4 mV
                    assert!((v - exact).abs() <= 0.0625, "{name}: {v} {exact}");
                }
                let window = readout.targets.rate_window_ms + 10;
                let quiet = !spikes.iter().any(|&s| s <= t + 10 && t < s + window);
                assert_eq!(targets.inst_rate[t] == 0.0, quiet, "{name}: {t} ms");
            }
            // every spike whose rate window lies inside is one in the rate's sum
            let inside =
                |s: &usize| *s >= 10 && s + readout.targets.rate_window_ms + 10 <= DURATION;
            let sum: f64 = targets.inst_rate.iter().map(|&r| f64::from(r)).sum();
            let (least, most) = (spikes.iter().filter(|s| inside(s)).count(), spikes.len());
            // f32 sums of a few hundred terms
            assert!(sum >= least as f64 - 1e-4 && sum <= most as f64 + 1e-4, "{name}: {sum}");
        }
    }
    assert!(fired > 20, "{fired} of 36 simulations fired: nothing is tested without spikes");
}

#[test]
fn inputs_that_do_not_fit_are_refused() {
    for model in models() {
        let rows = model.num_rows();
        let wrong = model.run(Inputs::silent(rows + 1, 20));
        assert!(matches!(wrong, Err(SimError::Rows { .. })));
        let mut negative = Inputs::silent(rows, 20);
        negative.inh[3] = -1.0;
        assert!(matches!(model.simulate(&negative), Err(SimError::Weight { ms: 3, .. })));
    }
}

/// The original's filter of simulations: a simulation outside any of these ranges is dropped.
#[test]
fn filter_and_fire_presets_fire_as_the_data_sets_want_them() {
    const LONG: usize = 8192;
    for name in FfParams::PRESETS {
        let model = Model::preset(name).unwrap();
        let mut kept = 0;
        for chunk in 0..80 {
            // one simulation of each chunk: the chunk decides the ranges
            let simulation = run(&model, &random_inputs(8, LONG, 24 * chunk));
            let t = &simulation.targets;
            let stats = |values: &mut dyn Iterator<Item = f64>| {
                let all: Vec<f64> = values.collect();
                let mean = all.iter().sum::<f64>() / all.len() as f64;
                let square = all.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / all.len() as f64;
                (mean, square.sqrt())
            };
            let rate = spikes(t).len() as f64 / (LONG as f64 / 1000.0);
            let near = t.near_spike.iter().filter(|n| **n).count() as f64 / LONG as f64;
            let (soma, soma_sd) = stats(&mut t.soma_v.iter().map(|&v| f64::from(v)));
            let (branch, branch_sd) = stats(&mut t.dend_v.iter().map(|v| v.to_f64()));
            let (hz, hz_sd) = stats(&mut t.inst_rate.iter().map(|&r| 1000.0 * f64::from(r)));
            println!(
                "{name} {rate:.2} Hz near {near:.2} soma {soma:.1} ± {soma_sd:.1} branch {branch:.1} ± {branch_sd:.1} rate {hz:.1} ± {hz_sd:.1}"
            );
            let within = |x: f64, least: f64, most: f64| least <= x && x <= most;
            let all = within(rate, 0.4, 20.0)
                && within(near, 0.0, 0.75)
                && within(soma, -85.0, -70.0)
                && within(soma_sd, 1.0, 12.0)
                && within(hz, 0.0, 20.0)
                && within(hz_sd, 1.0, 30.0)
                && within(branch, -85.0, -5.0)
                && within(branch_sd, 1.0, 30.0);
            kept += usize::from(all);
        }
        println!("{name}: {kept} of 80 kept");
        assert!(kept >= 60, "{name}: {kept} of 80 kept");
    }
}
