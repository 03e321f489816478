//! The numbers that the lessons on twins give, by name: recorded and published results, the class's five networks,
//! recipes, and the measures by which twins are judged.

use super::neuron;
use super::sources::markup::Set;
use super::sources::{file, read};
use crate::data::{Split, zip};
use crate::sim::{NeuronParams, synapse};
use crate::twin::baseline::{Kind, TAU_MS, TAUS_MS};
use crate::twin::batch::MARGIN;
use crate::twin::config::{TcnConfig, TwinConfig, TwinKind};
use crate::twin::effects::{Effects, Estimate, Mean};
use crate::twin::evaluate::{TEST_WINDOW_MS, WANTED_FPR};
use crate::twin::field_metrics::{OTHER_FPRS, SETTLED_MS, complexity};
use crate::twin::forecast::{self, Budget};
use crate::twin::loss::INITIAL_WEIGHTS;
use crate::twin::metrics::CALIBRATION_BINS;
use crate::twin::onnx::OPSET;
use crate::twin::results::Row;
use crate::web::lesson::judge::curves::ZOOM;
use crate::web::lesson::ready::speed::{SIMULATED_MS, SUPPOSED};
use crate::web::lesson::shared::{Neuron, PUBLISHED};
use crate::web::lesson::twin::walk::WALKED_MS;
use crate::web::trainer::protocol::{DataRef, MEASURE_MS, SAVE_MS};
use serde_json::Value;
use std::sync::OnceLock;

/// Segments of the recorded neurons.
const SEGMENTS: usize = 8;

/// A number of lessons 5½ to 9; `args` are what follows its name after colons.
pub(super) fn twins(name: &str, args: &[&str]) -> Option<f64> {
    let number = |at: usize| args.get(at).and_then(|text| text.parse::<f64>().ok());
    match name {
        // a number of a recorded row: neuron, configuration, key
        "recorded" => recorded(args[0], args[1])?.get(*args.get(2)?)?.as_f64(),
        // how far the AUC of the recorded D is from 1: neuron
        "gap-d" => Some(1.0 - recorded(args[0], "D")?["auc"].as_f64()?),
        // how many ms a simulation in the test set of a recorded row has: neuron, configuration
        "recorded-ms" => {
            let set = recorded(args[0], args[1])?;
            let (before, _) = set["test_set"].as_str()?.split_once(" ms")?;
            before.rsplit(' ').next()?.parse().ok()
        }
        // the AUC of a run that the forecasts are made from: neuron, configuration, steps
        "reach" => {
            let rows: Value = serde_json::from_str(&file("www/recorded/reach.json")).ok()?;
            let is = |row: &&Value| {
                row["neuron"] == args[0]
                    && row["config"] == args[1]
                    && row["steps"].as_f64() == number(2)
            };
            rows.as_array()?.iter().find(is)?["auc"].as_f64()
        }
        // of three seeds each by one recipe on the cable: configuration (D, E, or X with D's reach and E's size), key
        "paired" => paired(args[0], args.get(1)?),
        "paired-gap" => Some(paired("D", "auc")? - paired("E", "auc")?),
        "published" => {
            let of = PUBLISHED.iter().find(|published| published.neuron == named(args[0]))?;
            serde_json::to_value(of).ok()?[*args.get(1)?].as_f64()
        }
        "class" => class(args[0].chars().next()?, args.get(1)?),
        "letters" => Some(letters()),
        "neurons" => Some(Neuron::ALL.len() as f64),
        "cells" => Some(letters() * Neuron::ALL.len() as f64),
        "kinds" => Some(TwinKind::ALL.len() as f64),
        "answers" => Some(INITIAL_WEIGHTS.len() as f64),
        // a number of a budget's recipe: budget, key
        "budget" => {
            let budget = Budget::ALL.into_iter().find(|budget| budget.key() == args[0])?;
            match *args.get(1)? {
                "minutes" => Some(budget.seconds()? / 60.0),
                key => serde_json::to_value(budget.recipe(TwinKind::Tcn)).ok()?[key].as_f64(),
            }
        }
        // steps that the full recipe takes over so many train simulations
        "full-steps" => {
            let counts = [number(0)? as usize, SUPPOSED[1]];
            Some(forecast::plan(Budget::Full, TwinKind::Tcn, counts, None).steps as f64)
        }
        "supposed" => Some(SUPPOSED[0] as f64),
        "simulated-ms" => Some(SIMULATED_MS as f64),
        "measure-s" => Some(MEASURE_MS / 1000.0),
        "save-s" => Some(SAVE_MS / 1000.0),
        // the number of simulations in a split of a recorded data set: neuron, split
        "small" => Some(small(named(args[0]), args.get(1)?)? as f64),
        "filter-tau" => Some(TAU_MS),
        "logistic-tau" => TAUS_MS.get(number(0)? as usize).copied(),
        // the parameters but for the constant
        "logistic-inputs" => Some((Kind::Logistic.parameters(SEGMENTS) - 1) as f64),
        "margin" => Some(MARGIN as f64),
        "judged-at-most" => Some(TEST_WINDOW_MS as f64),
        "fpr" => Some(WANTED_FPR),
        "other-fpr" => OTHER_FPRS.get(number(0)? as usize).copied(),
        "settled" => Some(SETTLED_MS as f64),
        // functional complexity index of the published C: neuron
        "fci" => {
            let of = PUBLISHED.iter().find(|published| published.neuron == named(args[0]))?;
            Some(complexity(of.auc))
        }
        "opset" => Some(OPSET as f64),
        "walked" => Some(WALKED_MS as f64),
        "zoom" => Some(ZOOM),
        "bins" => Some(CALIBRATION_BINS as f64),
        "nmda-decay" => Some(synapse::NMDA.tau_decay),
        "ampa-decay" => Some(synapse::AMPA.tau_decay),
        // what is left of a decaying quantity after a time, %: time, time constant
        "left" => Some(100.0 * (-number(0)? / number(1)?).exp()),
        // a parameter of a neuron: preset, key
        "param" => neuron::param(&NeuronParams::preset(args[0]).ok()?, args.get(1)?),
        // a number of lesson 1 or 2 at other settings: lesson, number, settings
        "of" => {
            let set: Set = read(args[0]).set(args[2]).ok()?;
            match args[0] {
                "soma" => neuron::soma(&set, args[1], &args[3..]),
                _ => neuron::dendrite(&set, args[1], &args[3..]),
            }
        }
        _ => None,
    }
}

/// How many networks the class's assignment has.
fn letters() -> f64 {
    ('A'..='Z').filter(|letter| TcnConfig::assignment(*letter, SEGMENTS).is_some()).count() as f64
}

fn named(neuron: &str) -> Neuron {
    if neuron == "point" { Neuron::Point } else { Neuron::Cable }
}

/// A recorded row, which ships with the page, as JSON.
fn recorded(neuron: &str, config: &str) -> Option<&'static Value> {
    static ROWS: OnceLock<Vec<Value>> = OnceLock::new();
    let rows = ROWS.get_or_init(|| {
        let rows = Row::from_json(&file("www/recorded/assignment.json")).expect("recorded rows");
        let value = |row| serde_json::to_value(Row { first_layer: None, ..row });
        rows.into_iter().map(|row| value(row).expect("a row is JSON")).collect()
    });
    let preset = named(neuron).preset();
    rows.iter().find(|row| row["neuron"] == preset && row["config"] == config)
}

/// What `docs/assignment.md` tells of reach and size: a configuration's mean AUC (`auc`), or how far it lies from X's,
/// compared on the same test simulations (`apart`), and the ends of that distance's 95% interval (`least`, `most`).
fn paired(config: &str, key: &str) -> Option<f64> {
    let effects: Effects = serde_json::from_str(&file("tests/recorded/paired.json")).ok()?;
    let is_config = |text: &str| text.trim_end_matches(".json") == config;
    if key == "auc" {
        let of_config = |mean: &&Mean| mean.at.iter().any(|(_, value)| is_config(value));
        return effects.means.iter().find(of_config)?.auc.value;
    }
    let effect = effects.differences.iter().find(|effect| is_config(&effect.step.to))?;
    let Estimate { value: Some(value), low: Some(low), high: Some(high) } = effect.change else {
        return None;
    };
    match key {
        "apart" => Some(value.abs()),
        "least" => Some(low.abs().min(high.abs())),
        "most" => Some(low.abs().max(high.abs())),
        _ => None,
    }
}

/// The width of a network with D's reach and E's size.
const REACH_TWIN_WIDTH: usize = 37;

/// D, narrower.
fn reach_twin() -> Option<TcnConfig> {
    let mut tcn = TcnConfig::assignment('D', SEGMENTS)?;
    tcn.num_features_per_block_list[0] = REACH_TWIN_WIDTH;
    Some(tcn)
}

/// A number of one of the class's five networks, or of X, by its key.
fn class(letter: char, key: &str) -> Option<f64> {
    let tcn = if letter == 'X' { reach_twin()? } else { TcnConfig::assignment(letter, SEGMENTS)? };
    let config = TwinConfig::Tcn(tcn.clone());
    let parameters = config.num_parameters() as f64;
    Some(match key {
        "depth" => tcn.num_layers_per_block_list[0] as f64,
        "width" => tcn.num_features_per_block_list[0] as f64,
        "taps" => tcn.temporal_kernel_size_per_block_list[0] as f64,
        "field" => config.receptive_field()? as f64,
        "parameters" => parameters,
        // rounded to two digits
        "about" => {
            let digit = 10f64.powf(parameters.log10().floor() - 1.0);
            (parameters / digit).round() * digit
        }
        _ => return None,
    })
}

/// The number of simulations in a split of a neuron's recorded data set.
fn small(neuron: Neuron, split: &str) -> Option<usize> {
    let DataRef::Recorded(name) = neuron.recorded_data() else { return None };
    let path = format!("www/recorded/{name}.zip");
    let bytes = std::fs::read(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).ok()?;
    let (from, to) = zip::directory_range(&bytes, bytes.len() as u64).ok()?;
    let entries = zip::entries(bytes.get(from as usize..to as usize)?).ok()?;
    let split = Split::ALL.into_iter().find(|of| of.name() == split)?;
    let folder = format!("/{}/inputs/", split.name());
    Some(entries.iter().filter(|entry| entry.name.contains(&folder)).count())
}
