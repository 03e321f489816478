//! Reconstructed cells in SWC, with every repair.
#![no_main]

use ballstick::data::Model;
use ballstick::sim::NeuronParams;
use ballstick::sim::swc::{Options, Preserve, SegmentRule, import};
use ballstick::text::decode_lossy;
use ballstick_fuzz::memory::within;
use ballstick_fuzz::{Result, Unstructured, file, fuzz_target, one, rarely};

const NUMBERS: [&str; 10] = ["0", "1", "-1", "8.5", "1e3", "-40", "1e-9", "1e300", "nan", "x"];
const ENDS: [&str; 5] = ["\n", "\r", "\r\n", "\u{2028}", " # a comment\n"];

fn build(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut out = String::new();
    for id in 1..=u.int_in_range(0..=60)? {
        let id = if rarely(u, 32)? { u.int_in_range(-1..=9)? } else { id };
        let kind = if id == 1 { 1 } else { u.int_in_range(1..=7)? };
        out.push_str(&format!("{id} {kind}"));
        for axis in 0..4 {
            let number = match u.int_in_range(0..=31)? {
                0..=29 if axis == 3 => format!("{}", f32::from(u.int_in_range(1..=100_u8)?) / 8.0),
                0..=29 => format!("{}", u.int_in_range(-100..=100)?),
                _ => one(u, &NUMBERS)?.to_owned(),
            };
            out.push_str(&format!(" {number}"));
        }
        let parent = match u.int_in_range(0..=15)? {
            0..=7 => id - 1,
            8..=13 => u.int_in_range(1..=id.max(1))?,
            14 => -1,
            _ => u.int_in_range(-2..=70)?,
        };
        out.push_str(&format!(" {}{}", if id == 1 { -1 } else { parent }, one(u, &ENDS)?));
    }
    Ok(out.into_bytes())
}

fn options(bits: u8) -> Options {
    let on = |bit: u8| bits >> bit & 1 == 1;
    Options {
        preserve: if on(0) { Preserve::AxialResistance } else { Preserve::Area },
        segments: if on(1) { SegmentRule::LambdaShare(0.1) } else { SegmentRule::OddLength(40.0) },
        keep_axon: on(2),
        keep_other: !on(3),
        min_radius_um: on(4).then_some(0.1),
        join: on(5),
        soma_at_root: on(6),
    }
}

fuzz_target!(|input: &[u8]| {
    // one byte more than elsewhere: after it stands the file
    let Some((&bits, rest)) = input.split_last() else { return };
    let Some(file) = file(rest, build) else { return };
    let text = decode_lossy(&file);
    let read = within(file.len(), || {
        let cell = import(&text, &options(bits));
        cell.map(|cell| {
            (
                cell.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
                cell.onto(NeuronParams::default()),
            )
        })
    });
    match read {
        Err(fault) => {
            let _ = fault.to_string();
            let _ = fault.remedy();
        }
        Ok((_, Ok(neuron))) => {
            if neuron.num_rows() <= 500 {
                let _ = neuron.morphology().tree();
            }
            let neuron = Model::from(neuron);
            assert_eq!(Model::from_json(&neuron.to_json().to_string()), Ok(neuron));
        }
        Ok((_, Err(_))) => {}
    }
});
