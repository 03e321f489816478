//! The numbers that lessons 1 and 2 and the first page show, by name.

use super::sources::markup::Set;
use super::sources::{file, read};
use crate::data::target::peaks_at_least;
use crate::experiment::{Experiment, Outcome};
use crate::sim::{Channel, NeuronParams, Quantity, Recording, simulate, synapse};
use crate::web::lesson::dendrite::drag::{
    SHAPES, at_the_input, dragged, of_drag, of_sweep, profile, swept,
};
use crate::web::lesson::pyramid::cell::Pyramid;
use crate::web::lesson::pyramid::meet::{self, Case};
use crate::web::lesson::soma::step;
use crate::web::lesson::start;
use crate::web::lesson::stimulus::{Shape, cable};
use crate::web::names::Named;
use crate::web::settings::{Reading, Settings, highest, lowest};
use ndarray::ArrayView1;
use std::cell::RefCell;

/// The value of the reading with this name.
pub(super) fn find(readings: &[Reading], name: &str) -> Option<f64> {
    readings.iter().find(|reading| reading.name.name() == name).map(|reading| reading.value)
}

pub(super) fn run(experiment: &Experiment) -> Outcome {
    experiment.run().expect("an experiment of the page")
}

/// A parameter of a neuron by its JSON key.
pub(super) fn param(params: &NeuronParams, key: &str) -> Option<f64> {
    serde_json::to_value(params).ok()?.get(key)?.as_f64()
}

fn channel(name: &str) -> Option<Channel> {
    Channel::ALL.into_iter().find(|channel| channel.name() == name)
}

/// A number of lesson 1; `args` are what follows its name after colons.
pub(super) fn soma(set: &Set, name: &str, args: &[&str]) -> Option<f64> {
    let params = step::params(set);
    let outcome = || run(&step::experiment(set, params.clone(), false));
    let number = |at: usize| args.get(at).and_then(|text| text.parse::<f64>().ok());
    match name {
        "param" => param(&params, args.first()?),
        "gbar" => Some(channel(args.first()?)?.g_bar()),
        "reversal" => Some(channel(args.first()?)?.e_rev(f64::NAN)),
        "channels" => Some(Channel::ALL.len() as f64),
        "calcium-decay" => Some(crate::sim::channel::pool::DECAY),
        // firing rate in the second plot, Hz
        "curve" => step::curve(params).rate_hz(set.number(number!("amp"))).ok(),
        // the amplitudes of the rate curve at which the rate is not the default neuron's
        "curve-differs" => {
            let (own, default) = (step::curve(params), step::curve(default_neuron()));
            let differs = |a: &&f64| own.rate_hz(**a).ok() != default.rate_hz(**a).ok();
            Some(own.amplitudes_na.iter().filter(differs).count() as f64)
        }
        "dt" => Some(1000.0 * outcome().dt_ms),
        // the soma's voltage at a time, mV
        "mv" => {
            let outcome = outcome();
            outcome.soma_mv.get((number(0)? / outcome.dt_ms) as usize).copied()
        }
        "cell" => Some(f64::from(u8::from(step::is_a_cell(&outcome())))),
        "cli-spikes" => {
            let soma = outcome().soma_mv;
            let peaks = peaks_at_least(ArrayView1::from(&soma.0), params.spike_threshold_mv);
            Some(peaks.len() as f64)
        }
        "gate-h" => {
            let gate = Quantity::Inactivation(channel(args.first()?)?);
            recorded(set, gate, number(1)?)
        }
        "rise-slope" => Some(slope(&outcome())),
        _ => {
            let read = find(&step::readings(&outcome(), step::clamp(set)), name);
            read.or_else(|| opened(set, name))
        }
    }
}

fn default_neuron() -> NeuronParams {
    crate::web::lesson::stimulus::soma(crate::web::lesson::stimulus::by_default)
}

/// The fastest rise of the soma's voltage, mV/ms.
fn slope(outcome: &Outcome) -> f64 {
    let rises = outcome.soma_mv.windows(2).map(|w| (w[1] - w[0]) / outcome.dt_ms);
    rises.fold(f64::NEG_INFINITY, f64::max)
}

/// A recorded quantity of the soma at the time `t_ms`.
fn recorded(set: &Set, quantity: Quantity, t_ms: f64) -> Option<f64> {
    let experiment = step::experiment(set, step::params(set), false);
    let mut recording = Recording::new().with(quantity, 1);
    let inputs = crate::sim::Inputs::silent(1, experiment.duration_ms);
    simulate(&experiment.params, &inputs, experiment.clamp, &mut recording).ok()?;
    let at = (t_ms * experiment.params.samples_per_ms as f64) as usize;
    recording.values(quantity).get(at).copied()
}

/// A number that is read off the opened spike; currents are sums, mA/cm², outward positive.
fn opened(set: &Set, name: &str) -> Option<f64> {
    let outcome = run(&step::experiment(set, step::params(set), true));
    let window = outcome.close_up.as_ref()?;
    let first = (window.start_ms / outcome.dt_ms).round() as usize;
    let peak = (outcome.spikes_ms.first()? / outcome.dt_ms).round() as usize - first;
    let of = |channels: &[Channel], at: usize| -> f64 {
        channels.iter().map(|c| window.channels[*c as usize].current[at]).sum()
    };
    let sodium = |at: usize| of(&[Channel::NaTa, Channel::NaTs2, Channel::NapEt2], at);
    let steps = window.leak.len();
    let least = |range: std::ops::Range<usize>| lowest(&range.map(sodium).collect::<Vec<_>>());
    match name {
        "sodium-before" => Some(least(0..peak)),
        "sodium-peak" => Some(sodium(peak)),
        "sodium-after" => Some(least(peak + 1..steps)),
        "all-peak" => Some(of(&Channel::ALL, peak) + window.leak[peak]),
        "potassium-most" => {
            let all = [Channel::Skv31, Channel::KPst, Channel::KTst, Channel::Im, Channel::SkE2];
            Some(highest(&(0..steps).map(|at| of(&all, at)).collect::<Vec<_>>()))
        }
        "h-peak" => Some(window.channels[Channel::NaTa as usize].inactivation[peak]),
        // how long the soma is above half of its way from the window's first voltage to the peak, ms
        "width" => {
            let (low, high) = (outcome.soma_mv[first], outcome.soma_mv[first + peak]);
            let half = 0.5 * (low + high);
            let above = outcome.soma_mv[first..first + steps].iter().filter(|v| **v > half).count();
            Some(above as f64 * outcome.dt_ms)
        }
        _ => None,
    }
}

/// A number of lesson 2.
pub(super) fn dendrite(set: &Set, name: &str, args: &[&str]) -> Option<f64> {
    let lambda = |shape| {
        let cell = cable(shape, "ampa", 8);
        (cell.length_constant_um(cell.dend_diam_um), cell.dend_length_um)
    };
    let number = |at: usize| args.get(at).and_then(|text| text.parse::<f64>().ok());
    let (cell, shape) = SHAPES
        .into_iter()
        .find(|(cell, _)| name.ends_with(cell))
        .unwrap_or(("long", Shape::LongThin));
    let outcome = || run(&dragged(set, shape));
    match name {
        "param" => param(&cable(Shape::LongThin, &set.choice(choice!("rec")), 8), args.first()?),
        "lambda-um" => Some(lambda(Shape::LongThin).0),
        "lambdas-long" | "lambdas-short" => {
            let (lambda, length) = lambda(shape);
            Some(length / lambda)
        }
        // the long thin cable's length in λ, with its diameter multiplied by the argument
        "lambdas-thick" => {
            let cell = cable(Shape::LongThin, "ampa", 8);
            Some(cell.dend_length_um / cell.length_constant_um(number(0)? * cell.dend_diam_um))
        }
        "tau-m" => {
            let cell = cable(Shape::LongThin, "ampa", 8);
            Some(1e-3 * cell.membrane_resistance * cell.capacitance) // µs to ms
        }
        // the highest voltage of the soma in the short thick cell, mV
        "peak-soma" => profile(&run(&dragged(set, Shape::ShortThick))).first().copied(),
        // the number of cases that NEURON has recorded
        "golden" => {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
            let names = std::fs::read_dir(folder).ok()?.flatten().map(|file| file.file_name());
            Some(names.filter(|n| n.to_string_lossy().ends_with(".npz")).count() as f64)
        }
        "ampa-rise" => Some(synapse::AMPA.tau_rise),
        "ampa-decay" => Some(synapse::AMPA.tau_decay),
        "nmda-rise" => Some(synapse::NMDA.tau_rise),
        "nmda-decay" => Some(synapse::NMDA.tau_decay),
        "sweep-spikes" | "sweep-far" => find(&of_sweep(&run(&swept(set))), name),
        "spread-long" | "spread-short" => {
            let profile = profile(&outcome());
            Some(highest(&profile) - lowest(&profile))
        }
        "peak-short" => Some(highest(at_the_input(&outcome()))),
        // for how long the voltage at the synapse is above the argument (mV), ms
        "above-long" => {
            let (mv, outcome) = (number(0)?, outcome());
            let above = at_the_input(&outcome).iter().filter(|v| **v > mv).count();
            Some(above as f64 * outcome.dt_ms)
        }
        _ => find(&of_drag(cell, &outcome()), name),
    }
}

/// A number of the first page.
pub(super) fn start(set: &Set, name: &str, args: &[&str]) -> Option<f64> {
    match name {
        "dt" | "channels" => soma(&read("soma").set("").ok()?, name, args),
        _ => find(&start::readings(&run(&start::experiment(set))), name),
    }
}

/// A number of lesson 3½; `args` are what follows its name after colons.
pub(super) fn pyramid(set: &Set, name: &str, args: &[&str]) -> Option<f64> {
    let cell = Pyramid::drawn();
    let outcome = |case| simulated(meet::experiment(set, &cell, case));
    let number = |at: usize| args.get(at).and_then(|text| text.parse::<f64>().ok());
    match name {
        "rows" => Some(meet::membrane(set, &cell).num_rows() as f64),
        "plateau" => Some(meet::PLATEAU_MV),
        "channels" => channels(args.first()?, args.get(1)?),
        "rest" => Some(meet::rest(&outcome(Case::Soma)).value),
        // density of a channel in the apical dendrite at a path distance, S/cm²
        "density" => {
            let params = meet::membrane(set, &cell);
            let densities = &params.regions.get("apical")?.channels;
            Some(densities.get(&channel(args.first()?)?)?.at(number(1)?))
        }
        // times of the spikes to both, from 0, ms after the pulse's start
        "spike" => {
            let spikes = outcome(Case::Both).spikes_ms;
            Some(spikes.get(number(0)? as usize)? - meet::PULSE_MS)
        }
        _ => {
            let of = |case: &Case| name.ends_with(&format!("-{}", case.key()));
            let case = Case::ALL.into_iter().find(of)?;
            find(&meet::readings(case, &outcome(case)), name)
        }
    }
}

/// The mean over three seeds of a key of the twins that `docs/assignment.md` has of the cable or of the active cable;
/// "pairs" is how many of 1,000 pairs of a spike and a silence are in the wrong order.
fn channels(neuron: &str, key: &str) -> Option<f64> {
    let all: serde_json::Value = serde_json::from_str(&file("tests/recorded/active.json")).ok()?;
    let rows = all[neuron].as_array()?;
    let of = |row: &serde_json::Value| match key {
        "pairs" => Some(1000.0 * (1.0 - row["auc"].as_f64()?)),
        _ => row[key].as_f64(),
    };
    let values: Option<Vec<f64>> = rows.iter().map(of).collect();
    Some(values?.iter().sum::<f64>() / rows.len() as f64)
}

/// The outcome of an experiment on the pyramidal cell; each is simulated once, since it takes a second.
fn simulated(experiment: Experiment) -> Outcome {
    thread_local! {
        static KNOWN: RefCell<Vec<(Experiment, Outcome)>> = const { RefCell::new(Vec::new()) };
    }
    KNOWN.with_borrow_mut(|known| {
        if let Some((_, outcome)) = known.iter().find(|(of, _)| *of == experiment) {
            return outcome.clone();
        }
        let outcome = run(&experiment);
        known.push((experiment, outcome.clone()));
        outcome
    })
}

/// The controls of lesson 3½ at their defaults give the published densities, and others what they say.
#[test]
fn defaults_are_the_published_cell_and_controls_change_it() {
    let cell = Pyramid::drawn();
    let set = |changes: &str| read("pyramid").set(changes).expect("settings of the lesson");
    let published = meet::membrane(&set(""), &cell);
    for (region, ours) in &published.regions {
        for (channel, density) in &ours.channels {
            for um in [0.0, 300.0, 700.0, 884.0, 886.0, 1200.0] {
                let theirs = cell.published().regions[region].channels[channel].at(um);
                // moved by 0, multiplied by 1
                assert!((density.at(um) - theirs).abs() <= 1e-15, "{region} {channel:?} {um}");
            }
        }
    }
    let changed = |values: &str| meet::membrane(&set(values), &cell);
    let of =
        |params: &NeuronParams, channel, um| params.regions["apical"].channels[&channel].at(um);
    let moved = changed("zone=300&wide=100&hot=2");
    assert_eq!(of(&moved, Channel::CaLvast, 350.0), 2.0 * 0.0187);
    assert_eq!(of(&moved, Channel::CaLvast, 401.0), 0.000_187);
    let flat = changed("steep=0");
    let at_soma = of(&published, Channel::Ih, 0.0);
    for um in [0.0, 700.0, 1294.0] {
        // two roundings of e^x
        assert!((of(&flat, Channel::Ih, um) / at_soma - 1.0).abs() < 1e-12, "{um}");
    }
    let blocked = changed("Ca=0&Ih=0&Na=0");
    assert_eq!(
        [Channel::CaHva, Channel::Ih, Channel::NaTa].map(|c| of(&blocked, c, 700.0)),
        [0.0; 3]
    );
    assert_eq!(blocked.regions["soma"].channels[&Channel::CaHva].at(0.0), 0.0);
    assert!(blocked.regions["soma"].channels[&Channel::NaTa].at(0.0) > 0.0);
    published.validate().unwrap();
    blocked.validate().unwrap();
}
