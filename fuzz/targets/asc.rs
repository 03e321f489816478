//! Reconstructed cells in Neurolucida's text format, with the repairs that they have, and Hay et al.'s membrane on them.
#![no_main]

use ballstick::data::Model;
use ballstick::sim::NeuronParams;
use ballstick::sim::reconstruction::import;
use ballstick::sim::swc::{Options, SegmentRule};
use ballstick::text::decode_lossy;
use ballstick_fuzz::memory::within;
use ballstick_fuzz::{Result, Unstructured, file, fuzz_target, one};

const PIECES: [&str; 24] = [
    "((Dendrite)",
    "((Apical)",
    "((Axon)",
    "(\"CellBody\"",
    "(",
    ")",
    "|",
    "(Color Red)",
    "(Cross (1 2 3 4))",
    "<",
    ">",
    "Normal",
    "Incomplete",
    "; a comment\n",
    "\n",
    "\"text\"",
    "\"",
    "(Set \"a\"",
    ",",
    "(1 2 3 4)",
    "(1 2 3 0)",
    "(1e300 0 0 1)",
    "(5 5 0 1 S1)",
    "x",
];

fn build(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut out = String::new();
    if u.int_in_range(0..=3)? > 0 {
        out.push_str("(\"CellBody\" (0 5 0 1) (5 0 0 1) (0 -5 0 1) (-5 0 0 1))\n");
    }
    for _ in 0..=u.int_in_range(0..=60)? {
        if u.int_in_range(0..=1)? == 0 {
            let mut number = || u.int_in_range(-100..=100);
            let (x, y, z) = (number()?, number()?, number()?);
            let diameter = f32::from(u.int_in_range(1..=100_u8)?) / 8.0;
            out.push_str(&format!("({x} {y} {z} {diameter})"));
        } else {
            out.push_str(one(u, &PIECES)?);
        }
    }
    Ok(out.into_bytes())
}

fuzz_target!(|input: &[u8]| {
    let Some((&bits, rest)) = input.split_last() else { return };
    let Some(file) = file(rest, build) else { return };
    let text = decode_lossy(&file);
    let on = |bit: u8| bits >> bit & 1 == 1;
    let options = Options {
        segments: if on(0) { SegmentRule::LambdaShare(0.1) } else { SegmentRule::Hay2011 },
        keep_axon: on(1),
        keep_other: !on(2),
        min_radius_um: on(3).then_some(0.1),
        ..Options::default()
    };
    let read = within(file.len(), || {
        let cell = import(&text, &options);
        cell.map(|cell| cell.onto_hay2011(NeuronParams::default()))
    });
    match read {
        Err(fault) => {
            let _ = fault.to_string();
            let _ = fault.remedy();
        }
        Ok(Ok(neuron)) => {
            let neuron = Model::from(neuron);
            assert_eq!(Model::from_json(&neuron.to_json().to_string()), Ok(neuron));
        }
        Ok(Err(_)) => {}
    }
});
