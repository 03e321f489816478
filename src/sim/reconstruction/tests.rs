//! Cells beside what NEURON's importer makes of them: `tests/neuron/importer.py` has written its numbers.

use std::f64::consts::PI;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::*;
use crate::sim::NeuronParams;
use crate::sim::swc::SegmentRule;

const MADE: &str = include_str!("../../../tests/fixtures/import.json");

/// Files that are read with a repair, or that NEURON reads otherwise.
const OTHERS: [&str; 2] = [
    // a root that is no soma: NEURON's tree begins in the dendrite
    "05_soma_not_root.swc",
    // a radius of 0, which is raised here
    "12_zero_radius_tip.swc",
];

struct Case {
    name: String,
    text: String,
    neuron: Value,
}

fn cases() -> Vec<Case> {
    let made: Value = serde_json::from_str(MADE).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let cells = made["cells"].as_object().unwrap();
    let cells = cells.iter().filter(|(name, _)| !OTHERS.contains(&name.as_str()));
    cells
        .map(|(name, neuron)| {
            let paths = ["", "swc", "asc"].map(|inner| folder.join(inner).join(name));
            let path = paths.iter().find(|path| path.exists()).unwrap();
            let text = fs::read_to_string(path).unwrap();
            Case { name: name.clone(), text, neuron: neuron.clone() }
        })
        .collect()
}

/// The neuron with the membrane of the fixture, its branches sorted by region, length and area, beside NEURON's
/// sections, sorted alike.
fn beside(case: &Case, segments: SegmentRule) -> (NeuronParams, Vec<(usize, &Value)>) {
    let options = Options { segments, keep_axon: true, ..Options::default() };
    let cell = import(&case.text, &options).unwrap_or_else(|e| panic!("{}: {e}", case.name));
    let plain = NeuronParams { axial_resistivity: 100.0, capacitance: 1.0, ..Default::default() };
    let neuron = cell.onto(plain).unwrap();
    let region = |kind: &Value| match kind.as_i64() {
        Some(2) => "axon",
        Some(3) => "basal",
        Some(4) => "apical",
        _ => "dend",
    };
    // what is equal but for its last digits is sorted by what comes next
    let key = |region: &str, [um, area, d]: [f64; 3]| {
        (
            region.to_owned(),
            (um * 1e3).round() as i64,
            (area * 1e2).round() as i64,
            d.round() as i64,
        )
    };
    let mut sections: Vec<&Value> = case.neuron["sections"].as_array().unwrap().iter().collect();
    sections.sort_by_cached_key(|section| {
        let of = |key: &str| section[key].as_f64().unwrap();
        key(region(&section["kind"]), [of("L_um"), of("area_um2"), of("d_um")])
    });
    let mut branches: Vec<usize> = (0..cell.branches.len()).collect();
    let one = NeuronParams { branches: Some(cell.branches.clone()), ..neuron.clone() };
    let one = one.morphology();
    let middles = one.places();
    branches.sort_by_cached_key(|&i| {
        let branch = &cell.branches[i];
        let area = PI * branch.length_um * branch.diam_um;
        key(&branch.region, [branch.length_um, area, middles[1 + i].d_um])
    });
    assert_eq!(branches.len(), sections.len(), "{}", case.name);
    (neuron, branches.into_iter().zip(sections).collect())
}

fn equal(ours: f64, theirs: &Value, what: &str) {
    // NEURON keeps points as f32, of 24 bits: relative errors of 6e-8 in coordinates, of whose differences lengths are
    let theirs = theirs.as_f64().unwrap();
    assert!((ours - theirs).abs() < 2e-6 * theirs.max(10.0), "{what}: {ours} for {theirs}");
}

#[test]
fn lengths_areas_and_joints_are_neuron_s() {
    for case in &cases() {
        let (neuron, rows) = beside(case, SegmentRule::MaxLength(1e6));
        let name = &case.name;
        let area = PI * neuron.soma_length_um * neuron.soma_diam_um;
        equal(area, &case.neuron["soma"]["area_um2"], &format!("{name}, area of the soma"));
        equal(neuron.soma_length_um, &case.neuron["soma"]["L_um"], &format!("{name}, its length"));
        let branches = neuron.branches();
        let morphology = neuron.morphology();
        let places = morphology.places();
        for (i, section) in rows {
            let branch = &branches[i];
            let what = format!("{name}, {}", branch.name);
            equal(branch.length_um, &section["L_um"], &what);
            equal(PI * branch.length_um * branch.diam_um, &section["area_um2"], &what);
            // a neuron's 0 is the middle of its one-segment soma, NEURON's its end
            let end = if section["soma_x"] == 0.0 { neuron.soma_length_um / 2.0 } else { 0.0 };
            if case.neuron["soma"]["sections"] == 1 {
                equal(places[1 + i].d_um + end, &section["d_um"], &what);
            }
            let at_soma = (branch.parent == "soma").then_some(branch.parent_x);
            assert_eq!(at_soma, section["soma_x"].as_f64(), "{what}");
        }
    }
}

#[test]
fn numbers_of_segments_are_neuron_s() {
    let made: Value = serde_json::from_str(MADE).unwrap();
    let mut most = 0;
    for (key, values, rule) in [
        ("d_lambda", &made["d_lambda"], SegmentRule::LambdaShare as fn(f64) -> SegmentRule),
        ("d_X", &made["d_X_um"], SegmentRule::OddLength),
    ] {
        for (at, value) in values.as_array().unwrap().iter().enumerate() {
            for case in &cases() {
                let (neuron, rows) = beside(case, rule(value.as_f64().unwrap()));
                for (i, section) in rows {
                    let branch = &neuron.branches()[i];
                    let theirs = section[key][at].as_u64().unwrap() as usize;
                    let what = format!("{}, {}: {key} {value}", case.name, branch.name);
                    assert_eq!(branch.num_segments, theirs, "{what}");
                    most = most.max(theirs);
                }
            }
        }
    }
    assert!(most > 20, "the rules differ on long branches only");
}
