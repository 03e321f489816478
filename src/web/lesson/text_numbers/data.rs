//! The numbers that lessons 4 and 5 show, by name.

use super::neuron::{find, param};
use super::sources::markup::Set;
use crate::data::perturb::PerturbParams;
use crate::data::prune::Criteria;
use crate::data::stats::{SampleStats, Statistic};
use crate::data::{GeneratorConfig, Sample, Split, many::Simulator};
use crate::experiment::trace::{Traced, Tracer};
use crate::web::lesson::dataset::wish;
use crate::web::lesson::targets;
use std::ops::ControlFlow;

/// How many random inputs a median is taken over.
const DRAWS: u64 = 61;

/// A number of lesson 4; `args` are what follows its name after colons.
pub(super) fn targets(set: &Set, name: &str, args: &[&str]) -> Option<f64> {
    let of = targets::trace(set);
    let traced = |seed| {
        let of = crate::experiment::trace::RandomTrace { seed, ..of.clone() };
        Tracer::default().trace(of).expect("a trace of the page")
    };
    match name {
        "param" => param(&of.params, args.first()?),
        "recipe" => recipe(args),
        "draws" => Some(DRAWS as f64),
        "per-ms" => Some(of.params.samples_per_ms as f64),
        "seconds" => Some(of.duration_ms as f64 / 1000.0),
        "ms" => Some(of.duration_ms as f64),
        // the median, over the draws, of the reading that the argument names
        "median" => {
            let mut all: Vec<f64> = (0..DRAWS)
                .map(|seed| find(&targets::readings(&traced(seed)), args[0]))
                .collect::<Option<_>>()?;
            all.sort_by(f64::total_cmp);
            Some(all[DRAWS as usize / 2])
        }
        // the part of the variance of the voltage at each ms that capping removes, %
        "variance-above" => Some(variance_above(&traced(of.seed))),
        _ => find(&targets::readings(&traced(of.seed)), name),
    }
}

/// The part of the variance at each ms that capping the voltage removes, %.
fn variance_above(traced: &Traced) -> f64 {
    let variance = |mv: &[f64]| {
        let mean = mv.iter().sum::<f64>() / mv.len() as f64;
        mv.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / mv.len() as f64
    };
    let by_ms: Vec<f64> = traced.soma_mv.iter().step_by(40).copied().collect();
    100.0 * (1.0 - variance(&traced.soma_capped_mv) / variance(&by_ms))
}

/// A number of the recipe of random inputs, by its key and its indices.
fn recipe(args: &[&str]) -> Option<f64> {
    of_defaults(&GeneratorConfig::default(), args)
}

/// A number of lesson 7½, on how training simulations get their partners, by its key and its indices.
pub(super) fn taylor(name: &str, args: &[&str]) -> Option<f64> {
    (name == "perturb").then(|| of_defaults(&PerturbParams::default(), args)).flatten()
}

fn of_defaults(defaults: &impl serde::Serialize, args: &[&str]) -> Option<f64> {
    let mut value = &serde_json::to_value(defaults).ok()?[*args.first()?];
    for index in &args[1..] {
        value = value.get(index.parse::<usize>().ok()?)?;
    }
    value.as_f64()
}

/// A number of lesson 5.
pub(super) fn dataset(set: &Set, name: &str, args: &[&str]) -> Option<f64> {
    match name {
        "recipe" => recipe(args),
        "lo" | "hi" => {
            let [low, high] = Criteria::default().firing_rate_hz_range;
            Some(if name == "lo" { low } else { high })
        }
        // how many of the training simulations that the controls ask for are dropped, fire too seldom, fire too often,
        // or are dropped for any other reason
        "dropped" | "silent" | "stormy" | "other" => {
            let [low, high] = Criteria::default().firing_rate_hz_range;
            let counts = |(hz, why): &&(f64, Vec<String>)| match name {
                "dropped" => !why.is_empty(),
                "silent" => *hz < low,
                "stormy" => *hz > high,
                _ => (low..=high).contains(hz) && !why.is_empty(),
            };
            Some(train(set).iter().filter(counts).count() as f64)
        }
        // the least and the greatest rate among the training simulations
        "rate-least" | "rate-most" => {
            let rates = train(set).into_iter().map(|(hz, _)| hz);
            Some(match name {
                "rate-least" => rates.fold(f64::INFINITY, f64::min),
                _ => rates.fold(0.0, f64::max),
            })
        }
        _ => None,
    }
}

/// The training simulations that lesson 5 makes: of each the rate, Hz, and the criteria for which the filter drops it.
fn train(set: &Set) -> Vec<(f64, Vec<String>)> {
    let plan = wish(set);
    let count = plan.num_simulations.of(Split::Train);
    let inputs: Vec<_> = (0..count)
        .map(|index| plan.inputs(Split::Train, index).expect("a plan of the page"))
        .collect();
    let simulator = Simulator::new(&plan.neuron, plan.method).expect("a neuron of the page");
    let targets = simulator
        .simulate(&inputs, &mut |_| ControlFlow::Continue(()))
        .expect("simulations of the page");
    let judge = |(index, (inputs, targets)): (usize, (&_, _))| {
        let stats = SampleStats::of(&Sample::new(inputs, targets));
        let name = format!("sim_{index:07}");
        let why = Criteria::default().judge(plan.seed, Split::Train, &name, &stats);
        let rate = stats.values[Statistic::FiringRate as usize];
        (rate, why.into_iter().map(|reason| reason.criterion).collect())
    };
    inputs.iter().zip(targets).enumerate().map(judge).collect()
}
