//! The recording that the fidelity panel compares with is the golden case, bit for bit. To write it anew:
//! `BALLSTICK_WRITE=1 cargo test --features web --test recorded`.
#![cfg(feature = "web")]

use std::error::Error;
use std::fs;

use ballstick::data::{input::read_inputs, npy::Npz};
use ballstick::experiment::samples::Samples;
use ballstick::experiment::{Experiment, Recorded, events};
use ballstick::sim::NeuronParams;

const CASE: &str = "nmda_cable_human";

fn golden() -> Result<Recorded, Box<dyn Error>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
    let json = fs::read_to_string(format!("{folder}/{CASE}.json"))?;
    let params = NeuronParams { neuron_version: None, ..NeuronParams::from_json(&json)? };
    let bytes = fs::read(format!("{folder}/{CASE}.npz"))?;
    let mut npz = Npz::new(&bytes)?;
    let inputs = read_inputs(&mut npz)?;
    let neuron_mv: Vec<f64> = npz.read_real("v_soma_hr_mV")?.into_iter().collect();
    let experiment = Experiment {
        params,
        duration_ms: inputs.duration_ms,
        clamp: None,
        events: events(&inputs),
        close_up: None,
        watch: Vec::new(),
    };
    Ok(Recorded { experiment, neuron_mv: neuron_mv.into() })
}

#[test]
fn the_page_ships_the_golden_case() -> Result<(), Box<dyn Error>> {
    let golden = golden()?;
    let at = concat!(env!("CARGO_MANIFEST_DIR"), "/www/recorded");
    if std::env::var_os("BALLSTICK_WRITE").is_some() {
        fs::create_dir_all(at)?;
        fs::write(format!("{at}/{CASE}.json"), serde_json::to_string(&golden.experiment)?)?;
        fs::write(format!("{at}/{CASE}.f64"), golden.neuron_mv.to_le_bytes())?;
    }
    let experiment = serde_json::from_str(&fs::read_to_string(format!("{at}/{CASE}.json"))?)?;
    let neuron_mv = Samples::from_le_bytes(&fs::read(format!("{at}/{CASE}.f64"))?)
        .ok_or("the trace is cut short")?;
    assert_eq!(Recorded { experiment, neuron_mv }, golden);
    Ok(())
}

#[test]
fn the_panel_finds_no_difference() -> Result<(), Box<dyn Error>> {
    let comparison = golden()?.compare()?;
    assert_eq!(comparison.max_difference_mv, 0.0, "every bit is NEURON's, as in tests/golden.rs");
    assert_eq!(comparison.ours.spikes_ms.len(), 19);
    Ok(())
}

#[test]
fn a_recorded_nan_is_no_agreement() -> Result<(), Box<dyn Error>> {
    let mut recorded = golden()?;
    let mut neuron_mv = recorded.neuron_mv.to_vec();
    neuron_mv[400] = f64::NAN;
    recorded.neuron_mv = neuron_mv.into();
    let comparison = recorded.compare()?;
    assert!(comparison.max_difference_mv.is_nan(), "{} mV", comparison.max_difference_mv);
    assert_eq!(comparison.at_ms, 10.0);
    Ok(())
}
