//! The numbers that lesson 3 shows, by name.

use super::neuron::{find, param, run};
use super::sources::markup::Set;
use crate::experiment::curves::Response;
use crate::ff::nonlinearity::BranchNonlinearity;
use crate::sim::{NeuronParams, synapse};
use crate::web::lesson::synapses::bench;
use crate::web::lesson::synapses::clusters::{CASES, cases, experiments, needs, of_case};
use crate::web::lesson::synapses::curves::{branch_function, curve, curves, of_curve};
use crate::web::settings::Settings;

const RECEPTORS: [&str; 3] = ["ampa", "rodent", "human"];
const CELL: &str = include_str!("../../../../www/recorded/cell.swc");

/// A number of lesson 3; `args` are what follows its name after colons.
pub(super) fn synapses(set: &Set, name: &str, args: &[&str]) -> Option<f64> {
    let number = |at: usize| args.get(at).and_then(|text| text.parse::<f64>().ok());
    let (what, of) = name.split_once('-').unwrap_or((name, ""));
    match what {
        "param" => param(&bench::params_of(set, CELL).ok()?, args.first()?),
        // the peak conductance of a synapse of weight 1, nS
        "ns" => Some(1e3 * param(&bench::params_of(set, CELL).ok()?, args.first()?)?),
        "reversal" => Some(synapse::E_EXC),
        "mg" => Some(synapse::MG),
        // the driving force at a voltage over that at another
        "drive" => Some((synapse::E_EXC - number(0)?) / (synapse::E_EXC - number(1)?)),
        // the fraction of NMDA's channels that is unblocked at a voltage
        "unblocked" => {
            let gamma = param(&bench::params_of(set, CELL).ok()?, "gamma_NMDA")?;
            Some(synapse::nmda_unblocked(number(0)?, gamma))
        }
        "hump" | "adds" => {
            let at = RECEPTORS.iter().position(|receptors| *receptors == of)?;
            of_responses(what, of, &respond(&curves(set)[at]), number(0))
        }
        // the hump of rodent NMDA with one parameter of the human's: its amount, or its magnesium block
        "mixed" => {
            let mut mixed =
                curve("rodent", set.number(number!("at")) as usize - 1, set.number(number!("w")));
            let human = NeuronParams::default();
            match of {
                "amount" => mixed.params.g_max_nmda = human.g_max_nmda,
                _ => mixed.params.gamma_nmda = human.gamma_nmda,
            }
            of_responses("hump", "", &respond(&mixed), None)
        }
        "needs" => {
            let at = CASES.iter().position(|case| case.2 == of)?;
            let found = needs(&respond(&cases(set)[at]));
            Some(found.map_or(f64::INFINITY, |count| count as f64))
        }
        "rise" | "spikes" => {
            let at = CASES.iter().position(|case| case.2 == of)?;
            find(&of_case(of, &run(&experiments(set)[at])), name)
        }
        "tree" => find(&bench::readings(&run(&tree(set)?)), name),
        // for how long a segment is above a voltage, ms
        "above" => {
            let (row, mv) = (number(0)? as usize, number(1)?);
            let experiment = crate::experiment::Experiment { watch: vec![row], ..tree(set)? };
            let outcome = run(&experiment);
            let above = outcome.watched(row).iter().filter(|v| **v > mv).count();
            Some(above as f64 * outcome.dt_ms)
        }
        // the highest voltage of a segment, mV
        "highest" => run(&tree(set)?).dend_peaks_mv.get(number(0)? as usize).copied(),
        // by how much more n inputs drive the filter-and-fire neuron's soma on one branch than spread over all eight
        "gain" => {
            let kind = match of {
                "ampa" => BranchNonlinearity::AmpaLike,
                _ => BranchNonlinearity::NmdaLike,
            };
            let f = branch_function(kind, set.number(number!("each")));
            Some(f(number(0)?) / 8.0 - f(number(0)? / 8.0))
        }
        "step" => Some(crate::ff::params::FfParams::default().nmda_threshold_mv),
        _ => None,
    }
}

fn tree(set: &Set) -> Option<crate::experiment::Experiment> {
    Some(bench::experiment(set, &bench::params_of(set, CELL).ok()?))
}

fn respond(curve: &crate::experiment::curves::InputOutput) -> Vec<Response> {
    curve.counts.iter().map(|n| curve.respond(*n).expect("a curve of the page")).collect()
}

fn of_responses(what: &str, key: &str, curve: &[Response], at: Option<f64>) -> Option<f64> {
    let (hump, readings) = of_curve(key, curve);
    match what {
        "hump" => Some(hump.map_or(0.0, |number| number as f64)),
        // what the n-th input adds to the dendrite's peak
        "adds" => {
            let n = at? as usize;
            Some(curve.get(n)?.dend_mv - curve.get(n - 1)?.dend_mv)
        }
        _ => find(&readings, &format!("{what}-{key}")),
    }
}
