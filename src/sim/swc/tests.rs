use std::collections::BTreeMap;
use std::f64::consts::PI;

use super::*;
use crate::sim::NeuronParams;

fn read(text: &str) -> Cell {
    import(text, &Options::default()).unwrap()
}

fn fault(text: &str) -> String {
    import(text, &Options::default()).unwrap_err().to_string()
}

/// A soma, and a stem of two points that forks into two branches, one of which tapers.
const FORK: &str = "\
# id type x y z r parent
1 1 0 0 0 8 -1
2 3 8 0 0 2 1
3 3 58 0 0 2 2
4 3 58 30 0 1 3
5 3 58 -40 0 1 3
6 3 58 -100 0 0.5 5
";

#[test]
fn branches_run_from_fork_to_fork() {
    let cell = read(FORK);
    assert_eq!(cell.soma_um(), 16.0);
    let names: Vec<_> = cell.branches.iter().map(|b| (&b.name[..], &b.parent[..])).collect();
    assert_eq!(names, [("basal_0", "soma"), ("basal_1", "basal_0"), ("basal_2", "basal_0")]);
    let lengths: Vec<f64> = cell.branches.iter().map(|b| b.length_um).collect();
    assert_eq!(lengths, [50.0, 30.0, 100.0]);
    assert_eq!(cell.branches[0].diam_um, 4.0);
    assert_eq!(cell.paths[2].len(), 3, "the fork's own point and two more");
}

#[test]
fn no_point_is_lost_at_the_end_of_a_line() {
    let whole = read(FORK);
    for end in ["\r", "\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\r\r\n"] {
        assert_eq!(read(&FORK.replace('\n', end)).branches, whole.branches, "{end:?}");
    }
    // the end between points 5 and 6 is missing
    let message = fault(&FORK.replace("1 3\n6", "1 3 6"));
    assert_eq!(message, "line 6: 14 fields, as of 2 points: the end of a line is missing");
    // fields after the seventh are not read as another point
    let more = FORK.replace("-100 0 0.5 5", "-100 0 0.5 5 3 1 1 0 0 0 9");
    assert_eq!(read(&more).branches, whole.branches);
    let commas = fault(&FORK.replace(' ', ","));
    assert!(commas.ends_with("separated by spaces, found 1 field"), "{commas}");
}

#[test]
fn a_cell_in_metres_is_suspected() {
    let message = |text: &str| {
        let notes = import(text, &Options::default()).unwrap().notes;
        notes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let metres = "1 1 0 0 0 8e-6 -1\n2 3 8e-6 0 0 2e-6 1\n3 3 158e-6 0 0 2e-6 2\n";
    assert!(
        message(metres).contains("spans 0.000158 µm: are the file's lengths millimetres or metres")
    );
    assert!(!message(FORK).contains("spans"));
}

#[test]
fn a_cylinder_keeps_area_or_axial_resistance() {
    // the sum over thin slices of the drawn cone is the reference
    let taper = "1 1 0 0 0 8 -1\n2 3 0 0 0 3 1\n3 3 100 0 0 1 2\n";
    let radius = |i: usize| 3.0 - 2.0 * (i as f64 + 0.5) / 1e5;
    let slant = (100.0_f64.powi(2) + 4.0).sqrt() / 1e5;
    let area: f64 = (0..100_000).map(|i| 2.0 * PI * radius(i) * slant).sum();
    let branch = &read(taper).branches[0];
    assert!((PI * branch.diam_um * branch.length_um / area - 1.0).abs() < 1e-9);

    let axial = Options { preserve: Preserve::AxialResistance, ..Options::default() };
    let branch = &import(taper, &axial).unwrap().branches[0];
    let resistance: f64 = (0..100_000).map(|i| 1e-3 / (PI * radius(i).powi(2))).sum();
    let ours = branch.length_um / (PI * branch.diam_um.powi(2) / 4.0);
    assert!((ours / resistance - 1.0).abs() < 1e-8);
}

#[test]
fn somas_of_one_three_and_many_points() {
    let stem = |parent: i64| format!("90 3 0 10 0 1 {parent}\n91 3 0 60 0 1 90\n");
    let one = format!("1 1 0 0 0 10 -1\n{}", stem(1));
    let three = format!("1 1 0 0 0 10 -1\n2 1 0 -10 0 10 1\n3 1 0 10 0 10 1\n{}", stem(1));
    assert_eq!(read(&one).soma_um(), 20.0);
    assert!((read(&three).soma_um() - 20.0).abs() < 1e-12, "the usual three points are one sphere");
    let chain = format!("1 1 0 0 0 5 -1\n2 1 0 10 0 5 1\n3 1 0 30 0 5 2\n{}", stem(3));
    let expected = (2.0 * PI * 5.0 * 30.0 / PI).sqrt();
    assert!((read(&chain).soma_um() - expected).abs() < 1e-12);
    let flat = format!("1 1 0 0 0 5 -1\n2 1 0 0 0 7 1\n{}", stem(1));
    assert!(fault(&flat).starts_with("line 1: the soma's points have no area"));
}

#[test]
fn an_axon_is_left_out_but_for_the_way_to_a_dendrite() {
    let text =
        format!("{FORK}7 2 0 -8 0 1 1\n8 2 0 -50 0 1 7\n9 2 0 -90 0 1 8\n10 3 40 -50 0 1 8\n");
    let cell = read(&text);
    let names: Vec<&str> = cell.branches.iter().map(|b| &b.name[..]).collect();
    assert_eq!(names, ["basal_0", "basal_1", "basal_2", "axon_0", "basal_3"]);
    assert_eq!(cell.left_out, BTreeMap::from([(2, 1)]));
    let keep = Options { keep_axon: true, ..Options::default() };
    assert_eq!(import(&text, &keep).unwrap().branches.len(), 6);
}

#[test]
fn unknown_types_are_dendrite_unless_told_otherwise() {
    let text = format!("{FORK}7 7 0 -8 0 1 1\n8 7 0 -50 0 1 7\n");
    let cell = read(&text);
    assert_eq!(cell.branches[3].name, "dend_0");
    assert_eq!(cell.taken_for_dendrite, BTreeMap::from([(7, 2)]));
    let drop = Options { keep_other: false, ..Options::default() };
    let cell = import(&text, &drop).unwrap();
    assert_eq!((cell.branches.len(), &cell.left_out[&7]), (3, &2));
}

#[test]
fn parents_may_come_later_and_lines_may_be_untidy() {
    let mut lines: Vec<&str> = FORK.lines().collect();
    lines.reverse();
    let untidy = format!("\u{feff}\r\n  {}\r\n", lines.join(" 0.1 # more\r\n\t"));
    let (tidy, untidy) = (read(FORK), read(&untidy));
    let total = |c: &Cell| c.branches.iter().map(|b| b.length_um).sum::<f64>();
    assert_eq!((untidy.branches.len(), total(&untidy)), (3, total(&tidy)));
}

#[test]
fn points_in_one_place_are_no_branch() {
    let text = "1 1 0 0 0 8 -1\n2 3 8 0 0 1 1\n3 3 8 0 0 1 2\n4 3 8 50 0 1 3\n5 3 8 -50 0 1 3\n6 3 0 30 0 2 1\n";
    let cell = read(text);
    let all: Vec<_> = cell.branches.iter().map(|b| (&b.parent[..], b.length_um)).collect();
    // the last is a stem of one point: its length is the way from the soma's centre
    assert_eq!(all, [("soma", 50.0), ("soma", 50.0), ("soma", 30.0)]);
    assert!(fault("1 1 0 0 0 8 -1\n2 3 0 0 0 1 1\n").starts_with("no dendrite"));
}

#[test]
fn every_fault_names_its_line() {
    let two = "1 1 0 0 0 8 -1\n";
    let cases = [
        ("", "no soma"),
        ("# nothing\n\n", "no soma"),
        ("1 3 0 0 0 1 -1\n", "no soma"),
        ("1 1 0 0 0 8\n", "line 1: expected id, type"),
        ("1 1 0 zero 0 8 -1\n", "line 1: y \"zero\" is not a number"),
        ("1 1 0 NaN 0 8 -1\n", "line 1: y \"NaN\" is not"),
        ("1 1 0 1e300 0 8 -1\n", "line 1: y \"1e300\" is not"),
        ("1 1.5 0 0 0 8 -1\n", "line 1: type \"1.5\" is not a whole number"),
        ("-4 1 0 0 0 8 -1\n", "line 1: id \"-4\""),
        (&format!("{two}\n2 3 0 0 9 0 1\n"), "line 3: the radius of point 2 is 0 µm"),
        (&format!("{two}2 3 0 0 9 -1.5 1\n"), "line 2: the radius of point 2 is -1.5 µm"),
        (&format!("{two}2 3 0 0 9 inf 1\n"), "line 2: radius \"inf\""),
        (&format!("{two}1 3 0 0 9 1 1\n"), "line 2: point 1 is there already, in line 1"),
        (&format!("{two}2 3 0 0 9 1 7\n"), "line 2: the parent of point 2 is 7"),
        (&format!("{two}2 3 0 0 9 1 -1\n"), "line 2: point 2 is a second root"),
        (&format!("{two}2 3 0 0 9 1 2\n"), "line 2: point 2 is a second root (its parent is 2)"),
        (
            &format!("{two}2 3 0 0 9 1 4\n3 3 0 0 19 1 2\n4 3 0 0 29 1 3\n5 3 0 0 39 1 4\n"),
            "line 2: point 2 is its own ancestor (a cycle of 3 points)",
        ),
        ("1 1 0 0 0 8 2\n2 1 0 5 0 8 1\n", "line 1: point 1 is its own ancestor"),
        (&format!("{two}2 3 0 0 9 1 1\n3 1 0 0 19 8 2\n"), "line 3: soma point 3 has a parent"),
        (two, "no dendrite"),
    ];
    for (text, expected) in cases {
        let found = fault(text);
        assert!(found.starts_with(expected), "{text:?}: {found}");
    }
}

#[test]
fn segments_follow_the_rule() {
    let neuron = NeuronParams::default();
    let counts = |rule| {
        let options = Options { segments: rule, ..Options::default() };
        let cell = import(FORK, &options).unwrap();
        let neuron = cell.onto(neuron.clone()).unwrap();
        neuron.branches().iter().map(|b| b.num_segments).collect::<Vec<_>>()
    };
    assert_eq!(counts(SegmentRule::MaxLength(40.0)), [2, 1, 3]);
    assert_eq!(counts(SegmentRule::MaxLength(50.0)), [1, 1, 2]);
    // 1e5·sqrt(d/(4π·100·150·1)) is 461 µm for the stem of 4 µm, 399 for 3 µm, the mean between a fork of 4 and a point
    // of 2, and 282 for 1.5; the third branch has 40/399 + 60/282 = 0.313 length constants, and
    // nseg = int((L/(share·lambda) + 0.9)/2)·2 + 1
    assert_eq!(counts(SegmentRule::LambdaShare(0.1)), [1, 1, 5]);
    assert_eq!(counts(SegmentRule::LambdaShare(0.01)), [11, 9, 33]);
    // nseg = int((L/most + 0.999)/2)·2 + 1
    assert_eq!(counts(SegmentRule::OddLength(30.0)), [3, 1, 5]);
    assert_eq!(counts(SegmentRule::Hay2011), [3, 1, 5]);
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        for rule in [SegmentRule::MaxLength, SegmentRule::OddLength, SegmentRule::LambdaShare] {
            let rule = rule(bad);
            let options = Options { segments: rule, ..Options::default() };
            assert!(matches!(import(FORK, &options), Err(SwcError::Rule(_))), "{bad}");
        }
    }
    let tiny = Options { segments: SegmentRule::MaxLength(1e-300), ..Options::default() };
    assert!(import(FORK, &tiny).unwrap().onto(neuron).is_err(), "too many segments");
}

#[test]
fn a_whole_cell_keeps_its_length_and_area() {
    let text = include_str!("../../../tests/fixtures/cell.swc");
    let cell = read(text);
    // the file's own dendritic edges, summed without the importer
    let rows: Vec<Vec<f64>> = text
        .lines()
        .filter(|l| !l.starts_with('#'))
        .map(|l| l.split_whitespace().map(|f| f.parse().unwrap()).collect())
        .collect();
    let (mut length, mut area) = (0.0, 0.0);
    for row in rows.iter().filter(|r| r[6] > 1.0) {
        let parent = &rows[row[6] as usize - 1];
        let square: f64 = (2..5).map(|i| (row[i] - parent[i]).powi(2)).sum();
        length += square.sqrt();
        area += PI * (row[5] + parent[5]) * (square + (row[5] - parent[5]).powi(2)).sqrt();
    }
    let lengths: f64 = cell.branches.iter().map(|b| b.length_um).sum();
    let areas: f64 = cell.branches.iter().map(|b| PI * b.diam_um * b.length_um).sum();
    assert!(cell.branches.len() > 20);
    assert!((lengths / length - 1.0).abs() < 1e-12 && (areas / area - 1.0).abs() < 1e-12);
    assert_eq!(cell.paths.len(), cell.branches.len());
    let neuron = cell.onto(NeuronParams::default()).unwrap();
    assert_eq!(neuron.morphology().tree().segments.len(), neuron.num_rows());
}
