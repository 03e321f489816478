//! Hay et al.'s pyramidal cell of layer 5b, constrained for both backpropagation-activated calcium spikes and somatic
//! firing (Hay, Hill, Schürmann, Markram & Segev 2011, *PLoS Comput Biol* 7:e1002107): the membrane of its soma, its
//! apical and basal dendrites and its axon, as published in `L5PCbiophys3.hoc` and `L5PCtemplate.hoc` (ModelDB 139653),
//! for any cell that has these parts; and a cell drawn for it.
//!
//! **Distances.** The published script takes them from the beginning of the first apical section, and divides those of
//! Ih by the longest of them (`getLongestBranch` moves the origin there). Here the laws' d begins in the middle of the
//! soma; where the apical dendrite begins elsewhere, d0 µm away, the laws are moved by d0, so that each place has the
//! published density.
//!
//! **Ends of sections.** NEURON's `for (x)` visits the two ends of a section too, so that in the published script the
//! last segment of every apical section has the density at its far end. Here it has that of its middle.

use std::collections::BTreeMap;

use super::channel::Channel;
use super::morphology::Branch;
use super::region::{CalciumPool, Density, Law, Region, Regions};

/// The voltage at which the published simulations start, mV; the leak reverses at -90 mV.
pub const START_MV: f64 = -80.0;
/// The region of the axon.
pub const AXON: &str = "axon";

const APICAL: &str = "apical";
const BASAL: &str = "basal";
const RESISTIVITY: f64 = 100.0; // Ω·cm, everywhere
const E_PAS_MV: f64 = -90.0;

/// The published number of segments of a section: 1 + 2·⌊L/40 µm⌋.
#[must_use]
pub fn segments(length_um: f64) -> usize {
    1_usize.saturating_add(((length_um / 40.0) as usize).saturating_mul(2))
}

/// The published axon, which takes the place of a reconstructed one: two pieces of 30 µm, 1 µm thick.
#[must_use]
pub fn axon() -> [Branch; 2] {
    let piece = |name: &str, parent: &str, parent_x| Branch {
        name: name.to_owned(),
        parent: parent.to_owned(),
        parent_x,
        length_um: 30.0,
        diam_um: 1.0,
        num_segments: segments(30.0),
        region: AXON.to_owned(),
    };
    [piece("axon_0", Branch::SOMA, 0.5), piece("axon_1", "axon_0", 1.0)]
}

/// Pieces of the drawn trunk, from the soma outwards: length and diameter, and the number and the diameter of the
/// obliques at the end, µm; the diameters and the membrane's area along the path are those of the published `cell1.asc`.
const TRUNK: [(f64, f64, usize, f64); 6] = [
    (46.0, 5.0, 1, 1.2),
    (65.0, 3.2, 1, 2.4),
    (78.0, 3.1, 3, 2.2),
    (116.0, 2.6, 1, 2.2),
    (77.0, 2.8, 3, 2.0),
    (245.0, 2.6, 0, 0.0),
];

/// Length and diameter (µm) of the soma, and the branches of a cell that is drawn for this membrane, so simple that each
/// part can be named, with the firing of the published cell: a trunk of 627 µm with obliques, a tuft that runs through the
/// calcium zone, basal dendrites, and the published axon.
#[must_use]
pub fn drawn() -> ([f64; 2], Vec<Branch>) {
    let mut branches: Vec<Branch> = Vec::new();
    let mut grow = |name: &str, parent: &str, length_um: f64, diam_um: f64| {
        let region = if name.starts_with(BASAL) { BASAL } else { APICAL }.to_owned();
        let (name, parent) = (name.to_owned(), parent.to_owned());
        let parent_x = if parent == Branch::SOMA { 0.5 } else { 1.0 };
        let num_segments = segments(length_um);
        branches.push(Branch { name, parent, parent_x, length_um, diam_um, num_segments, region });
    };
    let mut below = Branch::SOMA.to_owned();
    for (i, (length_um, diam_um, obliques, thick)) in TRUNK.into_iter().enumerate() {
        let trunk = format!("trunk_{i}");
        grow(&trunk, &below, length_um, diam_um);
        for side in 0..obliques {
            let long = if i == 0 { 110.0 } else { 150.0 };
            grow(&format!("oblique_{i}_{side}"), &trunk, long, thick);
        }
        below = trunk;
    }
    for (tuft, (length_um, diam_um), (next_um, thick)) in
        [("tuft_0", (276.0, 1.4), (290.0, 0.85)), ("tuft_1", (62.0, 1.8), (215.0, 1.1))]
    {
        grow(tuft, &below, length_um, diam_um);
        for a in 0..2 {
            let next = format!("{tuft}_{a}");
            grow(&next, tuft, next_um, thick);
            for b in 0..if tuft == "tuft_1" { 2 } else { 0 } {
                grow(&format!("{next}_{b}"), &next, 390.0, 0.7);
            }
        }
    }
    for a in 0..4 {
        let stem = format!("{BASAL}_{a}");
        grow(&stem, Branch::SOMA, 30.0, 2.2);
        for b in 0..2 {
            grow(&format!("{stem}_{b}"), &stem, 150.0, 2.2);
        }
    }
    branches.extend(axon());
    ([23.0, 15.5], branches)
}

fn region<const N: usize>(
    g_pas: f64,
    capacitance: f64,
    channels: [(Channel, Density); N],
) -> Region {
    let channels = channels.into_iter().collect();
    Region {
        g_pas,
        e_pas_mv: E_PAS_MV,
        capacitance,
        axial_resistivity: RESISTIVITY,
        channels,
        calcium: None,
    }
}

/// The regions of a cell with these branches, by their region's name; one named `"dend"` has the basal membrane.
#[must_use]
pub fn regions(branches: &[Branch], soma_length_um: f64) -> Regions {
    use Channel::{CaHva, CaLvast, Ih, Im, KPst, KTst, NaTa, NapEt2, SkE2, Skv31};
    use Density::Constant;
    let soma = region(
        3.38e-5,
        1.0,
        [
            (CaLvast, Constant(0.00343)),
            (CaHva, Constant(0.000992)),
            (Skv31, Constant(0.693)),
            (SkE2, Constant(0.0441)),
            (KTst, Constant(0.0812)),
            (KPst, Constant(0.00223)),
            (NapEt2, Constant(0.00172)),
            (NaTa, Constant(2.04)),
            (Ih, Constant(2e-4)),
        ],
    );
    let soma_pool = CalciumPool { decay_ms: 460.0, gamma: 0.000_501 };
    let basal = region(4.67e-5, 2.0, [(Ih, Constant(2e-4))]);
    let mut regions = BTreeMap::from([
        (Branch::SOMA.to_owned(), Region { calcium: Some(soma_pool), ..soma }),
        (AXON.to_owned(), region(3.25e-5, 1.0, [])),
        (BASAL.to_owned(), basal.clone()),
    ]);
    if branches.iter().any(|b| b.region == Branch::DEND) {
        regions.insert(Branch::DEND.to_owned(), basal);
    }
    let Some((begins_um, length_um)) = apical_path(branches, soma_length_um) else {
        return regions;
    };
    let hot = |inside: f64, outside: f64| {
        let (from_um, to_um) = (685.0 + begins_um, 885.0 + begins_um);
        Density::Law(Law::Window { from_um, to_um, inside, outside })
    };
    let rate = 3.6161;
    let scale = 2.087 * super::math::exp(-rate * begins_um / length_um);
    let ih = Law::Exponential { g: 2e-4, offset: -0.8696, scale, rate, length_um };
    let apical = region(
        5.89e-5,
        2.0,
        [
            (Ih, Density::Law(ih)),
            (SkE2, Constant(0.0012)),
            (CaLvast, hot(0.0187, 0.000_187)),
            (CaHva, hot(0.000_555, 0.000_055_5)),
            (Skv31, Constant(0.000_261)),
            (NaTa, Constant(0.0213)),
            (Im, Constant(6.75e-5)),
        ],
    );
    let pool = CalciumPool { decay_ms: 122.0, gamma: 0.000_509 };
    regions.insert(APICAL.to_owned(), Region { calcium: Some(pool), ..apical });
    regions
}

/// Where the first apical branch begins, and how far it is from there to the farthest apical tip, µm; none where no
/// branch is apical. The path runs as that of [`Morphology::places`](super::morphology::Morphology::places).
fn apical_path(branches: &[Branch], soma_length_um: f64) -> Option<(f64, f64)> {
    let mut begins: BTreeMap<&str, (f64, &Branch)> = BTreeMap::new();
    let mut path: Option<(f64, f64)> = None;
    for branch in branches {
        let joins_end = branch.parent_x >= 1.0;
        let begin = match begins.get(branch.parent.as_str()) {
            Some((begin, parent)) if joins_end => begin + parent.length_um,
            Some((begin, parent)) => {
                let middle = parent.segment_at(branch.parent_x) as f64 + 0.5;
                begin + parent.length_um * (middle / parent.num_segments as f64)
            }
            None if joins_end => soma_length_um / 2.0,
            None => 0.0,
        };
        begins.insert(&branch.name, (begin, branch));
        if branch.region == APICAL {
            let (_, farthest) = path.get_or_insert((begin, begin));
            *farthest = farthest.max(begin + branch.length_um);
        }
    }
    path.map(|(begins_um, farthest_um)| (begins_um, farthest_um - begins_um))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::NeuronParams;

    fn branch(name: &str, parent: &str, parent_x: f64, length_um: f64, region: &str) -> Branch {
        let (name, parent, region) = (name.to_owned(), parent.to_owned(), region.to_owned());
        Branch { name, parent, parent_x, length_um, diam_um: 2.0, num_segments: 5, region }
    }

    #[test]
    fn segments_are_the_published_ones() {
        assert_eq!([0.0, 39.9, 40.0, 79.0, 80.0, 200.0].map(segments), [1, 1, 3, 3, 5, 11]);
    }

    /// The published Ih is 2e-4·(-0.8696 + 2.087·e^(3.6161·d/longest)), d from the beginning of the apical dendrite.
    #[test]
    fn distances_begin_where_the_apical_dendrite_does() {
        let cell = |parent_x| {
            [
                branch("b", "soma", 0.5, 1000.0, "basal"),
                branch("a", "soma", parent_x, 300.0, "apical"),
                branch("c", "a", 1.0, 700.0, "apical"),
                branch("d", "a", 0.5, 300.0, "apical"),
            ]
        };
        // on the soma's middle, and on its end, 10 µm from it
        for (parent_x, begins_um) in [(0.5, 0.0), (1.0, 10.0)] {
            let regions = regions(&cell(parent_x), 20.0);
            let apical = &regions["apical"].channels;
            for d in [0.0, 500.0, 1000.0] {
                let published = 2e-4 * (-0.8696 + 2.087 * f64::exp(3.6161 * d / 1000.0));
                let ours = apical[&Channel::Ih].at(d + begins_um);
                assert!((ours / published - 1.0).abs() < 1e-13, "{d}: two roundings of e^x");
            }
            let zone =
                [684.0, 686.0, 884.0, 886.0].map(|d| apical[&Channel::CaLvast].at(d + begins_um));
            assert_eq!(zone, [0.000_187, 0.0187, 0.0187, 0.000_187]);
            assert!(!regions.contains_key("dend"));
        }
        let no_apical = regions(&[branch("x", "soma", 1.0, 50.0, "dend")], 20.0);
        assert_eq!(no_apical.keys().collect::<Vec<_>>(), ["axon", "basal", "dend", "soma"]);
        assert_eq!(no_apical["dend"], no_apical["basal"]);
    }

    #[test]
    fn the_drawn_cell_has_every_region_and_can_be_written() {
        let neuron = NeuronParams::pyramidal();
        neuron.validate().unwrap();
        let branches = neuron.branches();
        for name in neuron.regions.keys().filter(|name| *name != "soma") {
            assert!(branches.iter().any(|b| b.region == *name), "{name}");
        }
        assert!(neuron.num_rows() >= 200, "{}", neuron.num_rows());
        assert_eq!(neuron.e_pas_mv, START_MV);
        let text = serde_json::to_string(&neuron).unwrap();
        assert_eq!(NeuronParams::from_json(&text).unwrap(), neuron);
        let (soma, tips) = drawn();
        assert_eq!(soma, [23.0, 15.5]);
        // 627 µm of trunk and 667 of tuft
        assert_eq!(apical_path(&tips, soma[0]), Some((0.0, 1294.0)));
    }

    #[test]
    fn a_cell_gets_its_axon_and_its_regions() {
        let text = include_str!("../../tests/fixtures/asc/pyramidal.asc");
        let read = |options| crate::sim::reconstruction::import(text, &options).unwrap();
        let options = || crate::sim::swc::Options {
            segments: crate::sim::swc::SegmentRule::Hay2011,
            ..Default::default()
        };
        let neuron = read(options()).onto_hay2011(NeuronParams::default()).unwrap();
        let branches = neuron.branches();
        let axon: Vec<&Branch> = branches.iter().filter(|b| b.region == AXON).collect();
        assert_eq!(
            axon.iter().map(|b| (b.length_um, b.diam_um)).collect::<Vec<_>>(),
            [(30.0, 1.0); 2]
        );
        assert!(branches.iter().all(|b| b.num_segments == segments(b.length_um)));
        let of_kind = |kind: &str| branches.iter().filter(|b| b.region == kind).count();
        assert_eq!((of_kind("apical"), of_kind("basal"), of_kind("dend")), (8, 6, 0));
        // 80.07 µm of trunk, 521.16 to the second fork, 172.36 and 272.35 to the farthest tip, as NEURON has them
        let Density::Law(Law::Exponential { length_um, .. }) =
            neuron.regions["apical"].channels[&Channel::Ih]
        else {
            panic!("a law");
        };
        assert!((length_um - 1045.94).abs() < 0.02, "{length_um}: four lengths of two digits");
        // an axon that is kept has the published membrane
        let keep = crate::sim::swc::Options { keep_axon: true, ..options() };
        let neuron = read(keep).onto_hay2011(NeuronParams::default()).unwrap();
        let axon: f64 =
            neuron.branches().iter().filter(|b| b.region == AXON).map(|b| b.length_um).sum();
        assert!((axon - 151.59).abs() < 0.02, "{axon}");
    }
}
