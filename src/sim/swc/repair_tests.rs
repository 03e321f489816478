//! Tests on files as collections have them: what is read as it is, what needs an option, and which notes are given.

use std::collections::BTreeMap;

use super::*;

macro_rules! case {
    ($name:literal) => {
        include_str!(concat!("../../../tests/fixtures/swc/", $name, ".swc"))
    };
}

fn plain(text: &str) -> Cell {
    import(text, &Options::default()).unwrap()
}

fn length_um(cell: &Cell) -> f64 {
    cell.branches.iter().map(|b| b.length_um).sum()
}

/// The error of a text without options, and the cell that the given options read from it.
fn mended(text: &str, remedy: Remedy, options: Options) -> (String, Cell) {
    let error = import(text, &Options::default()).unwrap_err();
    assert_eq!(error.remedy(), Some(remedy), "{error}");
    (error.to_string(), import(text, &options).unwrap())
}

#[test]
fn every_line_end_ends_a_line() {
    // NEURON reads 140 µm from the first text; the others are the same lines with other line ends
    let mixed = case!("14f_mixed_ends");
    assert_eq!(length_um(&plain(mixed)), 140.0);
    for end in ["\r", "\n", "\r\n", "\r\r\n"] {
        let lines: Vec<&str> = mixed.split(['\r', '\n']).filter(|l| !l.is_empty()).collect();
        assert_eq!(length_um(&plain(&lines.join(end))), 140.0, "{end:?}");
    }
    assert_eq!(length_um(&plain(case!("14b_cr_only"))), 100.0);
}

#[test]
fn a_root_may_name_0_or_itself_for_its_parent() {
    let cell = plain(case!("08_root_parent0"));
    assert_eq!((length_um(&cell), cell.notes.len()), (100.0, 1));
    assert!(cell.notes[0].to_string().contains("parent of point 1 (line 1) is 0"));
    let own = plain(&case!("08_root_parent0").replacen("8 0", "8 1", 1));
    assert_eq!(own.branches, cell.branches);
    assert!(own.notes[0].to_string().contains("is its own parent"));
    // where there is a point 0, it is the parent
    let with_0 = plain("0 1 0 0 0 8 -1\n1 3 8 0 0 1 0\n2 3 108 0 0 1 1\n");
    assert_eq!((length_um(&with_0), with_0.notes.len()), (100.0, 0));
}

#[test]
fn a_tree_is_turned_round_to_begin_in_its_soma() {
    let cell = plain(case!("05_soma_not_root"));
    let lengths: Vec<f64> = cell.branches.iter().map(|b| b.length_um).collect();
    // from the soma's first and last point, as NEURON counts a soma of several points
    assert_eq!(lengths, [58.0, 58.0]);
    assert!(cell.branches.iter().all(|b| b.parent == "soma" && b.diam_um == 2.0));
    assert_eq!(cell.notes, [Note::Turned { line: 1, id: 1, kind: 3 }]);
    // the same cell, written from the soma outwards
    let same = plain(
        "3 1 58 0 0 8 -1\n2 3 50 0 0 1 3\n1 3 0 0 0 1 2\n4 1 66 0 0 8 3\n5 3 74 0 0 1 4\n6 3 124 0 0 1 5\n",
    );
    assert_eq!((&cell.branches, cell.soma_um()), (&same.branches, same.soma_um()));
    // an axon at the file's start is left out too
    let from_axon =
        plain("1 2 0 0 0 0 -1\n2 2 0 90 0 0 1\n3 1 0 99 0 8 2\n4 3 8 99 0 1 3\n5 3 58 99 0 1 4\n");
    assert_eq!((from_axon.branches.len(), &from_axon.left_out[&2]), (1, &2));
}

#[test]
fn what_is_left_out_need_not_be_right() {
    let cell = plain(case!("04_loose_axon"));
    assert_eq!((length_um(&cell), &cell.left_out[&2], cell.notes.len()), (300.0, &4, 0));
    let dendrite = "1 1 0 0 0 8 -1\n2 3 8 0 0 1 1\n3 3 58 0 0 1 2\n";
    for axon in [
        "4 2 0 -8 0 0 1\n5 2 0 -50 0 -1 4\n",    // without radii
        "4 2 0 -8 0 0.5 99\n",                   // without a parent
        "4 2 0 -8 0 0.5 4\n5 2 0 -8 0 0.5 -1\n", // loose
        "4 2 0 -8 0 0.5 5\n5 2 0 -8 0 0.5 4\n",  // in a cycle
        "4 2 0 nan x NA 1\n5 2 1\n",             // no numbers, too few fields
    ] {
        let text = format!("{dendrite}{axon}");
        let cell = import(&text, &Options::default()).unwrap_or_else(|e| panic!("{axon}: {e}"));
        assert_eq!((length_um(&cell), cell.notes.len()), (50.0, 0), "{axon}");
        let keep = Options { keep_axon: true, ..Options::default() };
        assert!(import(&text, &keep).is_err(), "{axon} is wrong where it is kept");
    }
    // the same fault in a point of an unknown type, which is an error unless such points are left out
    let odd = format!("{dendrite}4 7 0 0 0 0 1\n");
    assert!(import(&odd, &Options::default()).is_err());
    assert!(import(&odd, &Options { keep_other: false, ..Options::default() }).is_ok());
}

#[test]
fn radii_are_raised_where_it_is_asked_for() {
    let least = Options { min_radius_um: Some(0.1), ..Options::default() };
    let (error, cell) = mended(case!("12_zero_radius_tip"), Remedy::MinRadius, least.clone());
    assert_eq!(error, "line 4: the radius of point 4 is 0 µm; it must be above 0");
    assert_eq!(cell.notes, [Note::Raised { points: 1, least_um: 0.1, line: 4, id: 4 }]);
    assert_eq!(cell.paths[0].iter().map(|p| p.radius).collect::<Vec<_>>(), [1.0, 0.5, 0.1]);
    // no radius at all, as in a connectome's skeletons
    let none = "1 1 0 0 0 0 -1\n2 3 8 0 0 0 1\n3 3 58 0 0 0 2\n";
    let (error, cell) = mended(none, Remedy::MinRadius, least);
    assert!(error.ends_with("as must 2 more radii"), "{error}");
    // a cylinder of the least radius, up to rounding
    assert!(cell.soma_um() == 0.2 && (cell.branches[0].diam_um - 0.2).abs() < 1e-12);
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let options = Options { min_radius_um: Some(bad), ..Options::default() };
        assert!(matches!(import(none, &options), Err(SwcError::Rule(_))), "{bad}");
    }
}

#[test]
fn loose_pieces_are_joined_where_it_is_asked_for() {
    let join = Options { join: true, ..Options::default() };
    let (error, cell) = mended(case!("03_two_roots_id0"), Remedy::Join, join.clone());
    assert!(
        error.starts_with("line 2: point 1 is a second root (its parent is -1), of a piece of 3")
    );
    let joined = Note::Joined { line: 2, id: 1, points: 3, to: 0, distance_um: 8.0 };
    assert_eq!((length_um(&cell), &cell.notes[..]), (100.0, &[joined][..]));
    // a piece that is nearer to another piece than to the soma joins that piece, whatever the file's order
    let chain = "1 1 0 0 0 8 -1\n7 3 210 0 0 1 99\n8 3 260 0 0 1 7\n4 3 110 0 0 1 -1\n5 3 200 0 0 1 4\n2 3 8 0 0 1 1\n3 3 100 0 0 1 2\n";
    let (error, cell) = mended(chain, Remedy::Join, join.clone());
    assert!(error.contains("the parent of point 7 is 99"), "{error}");
    assert_eq!((cell.branches.len(), length_um(&cell)), (1, 252.0));
    let to: Vec<_> = cell.notes.iter().map(|n| n.to_string()).collect();
    assert!(to[0].contains("joined to point 3, 10.0 µm") && to[1].contains("joined to point 5"));
    // a second piece of the soma joins the soma, not the dendrite beside it
    let soma = "1 1 0 0 0 8 -1\n2 3 8 0 0 1 1\n3 3 60 0 0 1 2\n4 1 61 0 0 8 -1\n5 3 70 0 0 1 4\n6 3 90 0 0 1 5\n";
    let (_, cell) = mended(soma, Remedy::Join, join);
    assert!(matches!(cell.notes[0], Note::Joined { to: 1, points: 3, .. }), "{:?}", cell.notes);
}

#[test]
fn a_root_becomes_the_soma_where_it_is_asked_for() {
    let at_root = Options { soma_at_root: true, ..Options::default() };
    let no_soma = "1 3 0 0 0 2 -1\n2 3 50 0 0 1 1\n3 3 100 0 0 1 2\n";
    let (error, cell) = mended(no_soma, Remedy::SomaAtRoot, at_root.clone());
    assert_eq!(error, "no soma: no point is of type 1");
    assert_eq!((cell.soma_um(), length_um(&cell)), (4.0, 50.0));
    // a gap of 50 µm from so small a soma to the next point is noted
    assert_eq!(cell.notes[0], Note::SomaAtRoot { line: 1, id: 1 });
    assert!(matches!(cell.notes[1..], [Note::Gap { id: 2, .. }]), "{:?}", cell.notes);
    // of several pieces, the largest one's root becomes the soma
    let two = format!("8 3 0 900 0 1 -1\n9 3 0 950 0 1 8\n{no_soma}");
    let both = Options { join: true, ..at_root.clone() };
    let cell = import(&two, &both).unwrap();
    assert_eq!(cell.notes[0], Note::SomaAtRoot { line: 3, id: 1 });
    // an axon alone, which only an option keeps
    let axon = no_soma.replace(" 3 ", " 2 ");
    let error = import(&axon, &at_root).unwrap_err();
    assert_eq!(error.remedy(), Some(Remedy::KeepAxon), "{error}");
    let cell = import(&axon, &Options { keep_axon: true, ..at_root }).unwrap();
    assert_eq!(cell.branches[0].name, "axon_0");
    assert_eq!(import("", &both).unwrap_err().remedy(), None);
}

#[test]
fn a_cell_without_a_dendrite_says_what_it_has() {
    let axon = "1 1 0 0 0 8 -1\n2 2 8 0 0 1 1\n3 2 58 0 0 1 2\n";
    let keep = Options { keep_axon: true, ..Options::default() };
    let (error, cell) = mended(axon, Remedy::KeepAxon, keep);
    assert!(error.ends_with("points left out: 2 of type 2"), "{error}");
    assert_eq!(length_um(&cell), 50.0);
    let other = axon.replace(" 2 8", " 6 8").replace(" 2 58", " 6 58");
    let drop = Options { keep_other: false, ..Options::default() };
    assert_eq!(import(&other, &drop).unwrap_err().remedy(), Some(Remedy::KeepOther));
}

#[test]
fn types_are_counted_by_what_became_of_them() {
    let drop = Options { keep_other: false, ..Options::default() };
    let cell = import(case!("13b_fork_end_types"), &drop).unwrap();
    let (way, out) = (BTreeMap::from([(5, 1)]), BTreeMap::from([(6, 2)]));
    assert_eq!((&cell.on_the_way, &cell.left_out), (&way, &out));
    assert!(cell.taken_for_dendrite.is_empty());
    let all = plain(case!("13b_fork_end_types"));
    assert_eq!(all.taken_for_dendrite, BTreeMap::from([(5, 1), (6, 2)]));
    let odd = plain(case!("13_odd_types"));
    assert_eq!(odd.taken_for_dendrite, BTreeMap::from([(-1, 2), (23, 1), (274, 2)]));
}

#[test]
fn what_looks_odd_is_said() {
    let odd = |text: &str| plain(text).notes.iter().map(|n| n.to_string()).collect::<Vec<_>>();
    let contour = odd(case!("02b_contour_soma_r0.1"));
    assert!(contour.len() == 1 && contour[0].contains("8 points run round a ring"), "{contour:?}");
    let large = odd(case!("21_nanometres"));
    assert!(large.len() == 1 && large[0].contains("nanometres"), "{large:?}");
    let gap = odd(case!("22_gap_to_soma"));
    assert!(gap.len() == 1 && gap[0].contains("begins 300.0 µm from"), "{gap:?}");
    assert!(plain(case!("22_gap_to_soma")).notes.iter().all(|n| !n.is_repair()));
    // no note on the usual somas, nor on a whole cell
    assert!(odd(include_str!("../../../tests/fixtures/cell.swc")).is_empty());
    let stem = "90 3 0 10 0 1 1\n91 3 0 60 0 1 90\n";
    for soma in [
        "1 1 0 0 0 10 -1\n2 1 0 -10 0 10 1\n3 1 0 10 0 10 1\n",
        "1 1 0 0 0 4 -1\n2 1 0 5 0 6 1\n3 1 0 10 0 6 2\n4 1 0 15 0 5 3\n5 1 0 20 0 2 4\n",
    ] {
        assert!(odd(&format!("{soma}{stem}")).is_empty(), "{soma}");
    }
    // a file in nanometres without radii is recognised by its span
    let least = Options { min_radius_um: Some(0.1), ..Options::default() };
    let flat = case!("21_nanometres").replace(" 8000 ", " 0 ").replace(" 1000 ", " 0 ");
    let notes = import(&flat, &least).unwrap().notes;
    assert!(
        notes.iter().any(|n| matches!(n, Note::Nanometres { what: "a span", .. })),
        "{notes:?}"
    );
}
