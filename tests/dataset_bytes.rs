//! A data set's files, natively: what `tests/fixtures/dataset_small.json` says of them is what the
//! page must make as well (`tests/web_data.rs`).
//!
//! The fixture was written by
//! `ballstick dataset --preset nmda-cable --train 2 --valid 1 --test 1 --duration 512 --seed 7 --method exact --out DIR`.
#![allow(clippy::unwrap_used)] // a test may

use std::ops::ControlFlow;

use ballstick::data::generate::generate;
use ballstick::data::layout::sim_name;
use ballstick::data::many::Simulator;
use ballstick::data::{Manifest, Part, Sample};

#[test]
fn the_fixture_is_what_the_core_makes() {
    let manifest = Manifest::from_json(include_str!("fixtures/dataset_small.json")).unwrap();
    let simulator = Simulator::new(&manifest.neuron, manifest.method).unwrap();
    let keys: Vec<_> = manifest.simulations(0, 1).collect();
    assert_eq!(keys.len(), 4);
    for (split, index) in keys {
        let segments = manifest.neuron.num_rows();
        let drawn = generate(
            &manifest.generator,
            manifest.seed,
            split,
            index,
            segments,
            manifest.sim_duration_ms,
        );
        let targets = simulator
            .simulate(std::slice::from_ref(&drawn.inputs), &mut |_| ControlFlow::Continue(()))
            .unwrap();
        let sample = Sample::new(&drawn.inputs, targets[0].clone());
        for part in Part::ALL {
            let known = manifest.checksum(split, &sim_name(index), part);
            assert_eq!(known, Some(crc32(&sample.encode(part))), "{split} {index} {part:?}");
        }
    }
}

/// CRC-32 bit by bit, as ISO 3309 defines it.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    })
}
