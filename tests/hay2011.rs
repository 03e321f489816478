//! The preset `hay2011` fires as Hay et al.'s (2011) cell does: back-propagation alone and distal input alone make no
//! calcium spike, both together do, and the soma fires a burst (Larkum et al. 1999, *Nature* 398:338).
//!
//! The times were made with NEURON 9.0.2 (`tests/neuron/neuron_cell.py` on this preset's JSON); the simulator equals it
//! bit for bit, so that they are compared to the hundredth of a ms that a step of 0.025 ms needs.

#![allow(clippy::unwrap_used)] // a test may

use ballstick::sim::{Clamp, Inputs, NeuronParams, Quantity, Recording, simulate};

/// When the soma rises through 0 mV, and for how many ms the trunk's end stays above -40 mV.
fn fire(soma_na: f64, trunk_na: f64) -> (Vec<f64>, f64) {
    let mut neuron = NeuronParams::pyramidal();
    let clamp = |at: &str, x, start_ms, duration_ms, amplitude_na| Clamp {
        at: at.to_owned(),
        x,
        start_ms,
        duration_ms,
        amplitude_na,
    };
    neuron.clamps =
        vec![clamp("soma", 0.5, 150.0, 5.0, soma_na), clamp("trunk_5", 0.96, 155.0, 6.0, trunk_na)];
    let branches = neuron.branches();
    let trunk = branches.iter().position(|b| b.name == "trunk_5").unwrap();
    let row = branches[..=trunk].iter().map(|b| b.num_segments).sum::<usize>() - 1;
    let rows = neuron.num_rows();
    let mut recording =
        Recording::new().with(Quantity::SomaVoltage, 1).with(Quantity::DendVoltage, 1);
    simulate(&neuron, &Inputs::silent(rows, 220), None, &mut recording).unwrap();
    let v = recording.values(Quantity::SomaVoltage);
    let step = 1.0 / 40.0;
    let spikes = v.windows(2).enumerate().filter(|(_, w)| w[0] < 0.0 && w[1] >= 0.0);
    let spikes = spikes.map(|(i, _)| i as f64 * step).collect();
    let dend = recording.values(Quantity::DendVoltage);
    let above = dend.chunks(rows).filter(|all| all[row] > -40.0).count();
    (spikes, above as f64 * step)
}

fn check(found: (Vec<f64>, f64), spikes: &[f64], above_ms: f64) {
    assert_eq!(found.0.len(), spikes.len(), "{found:?}");
    assert!(found.0.iter().zip(spikes).all(|(f, e)| (f - e).abs() < 0.01), "{found:?}");
    assert!((found.1 - above_ms).abs() < 0.01, "{found:?}");
}

#[test]
fn a_calcium_spike_needs_the_soma_s_spike_and_distal_input() {
    check(fire(1.9, 0.0), &[153.875], 1.725);
    check(fire(0.0, 0.4), &[], 0.0);
    check(fire(1.9, 0.4), &[153.875, 167.7, 174.65], 37.775);
}
