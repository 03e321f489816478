use super::*;
use crate::sim::reconstruction;
use crate::sim::swc::Remedy;

const CELL: &str = include_str!("../../../tests/fixtures/asc/pyramidal.asc");
const STACK: &str = include_str!("../../../tests/fixtures/asc/stack.asc");

fn read(text: &str) -> Cell {
    reconstruction::import(text, &Options { keep_axon: true, ..Options::default() }).unwrap()
}

#[test]
fn an_axon_is_left_out_and_texts_spines_and_markers_mean_nothing() {
    let cell = reconstruction::import(CELL, &Options::default()).unwrap();
    assert_eq!(cell.left_out, BTreeMap::from([(2, 7)]));
    let kinds = |kind: &str| cell.branches.iter().filter(|b| b.region == kind).count();
    // the note beside the cell is no tree
    assert_eq!((kinds("axon"), kinds("basal"), kinds("apical"), kinds("dend")), (0, 6, 8, 0));
    assert_eq!(cell.paths.iter().map(Vec::len).sum::<usize>(), 47);
    assert_eq!(cell.notes, []);
    // the second tree of the stack begins outside the outlines
    let notes = read(STACK).notes;
    assert_eq!(notes, [Note::OutsideSoma { line: 54 }]);
    assert!(notes[0].to_string().contains("line 54") && !notes[0].is_repair());
}

#[test]
fn a_tree_of_no_kind_is_dendrite_unless_told_otherwise() {
    let text = CELL.replace("(Apical)", "");
    let cell = reconstruction::import(&text, &Options::default()).unwrap();
    assert_eq!(cell.taken_for_dendrite, BTreeMap::from([(0, 22)]));
    let drop = Options { keep_other: false, ..Options::default() };
    let cell = reconstruction::import(&text, &drop).unwrap();
    assert_eq!((cell.branches.len(), cell.left_out[&0]), (6, 22));
}

const SOMA: &str = "(\"CellBody\" (0 5 0 1) (5 0 0 1) (0 -5 0 1) (-5 0 0 1))\n";

#[test]
fn line_ends_and_commas_are_free() {
    let whole = read(CELL);
    for end in ["\r\n", "\r"] {
        assert_eq!(read(&CELL.replace('\n', end)).branches, whole.branches, "{end:?}");
    }
    assert_eq!(read(&CELL.replace("    0.07 S1)", ", 0.07, S1 )")).branches, whole.branches);
    let one = format!("\u{feff}{SOMA}((Dendrite)(5 0 0 1)(50 0 0 1 (1 2 3 4))Normal)");
    assert_eq!(read(&one).branches[0].length_um, 45.0);
}

#[test]
fn every_fault_names_its_line() {
    let tree = |inner: &str| format!("{SOMA}( (Dendrite)\n (5 0 0 1)\n{inner}\n)\n");
    let cases = [
        ("; nothing".to_owned(), "no cell: the file has neither"),
        (tree("(50 0 x 1)"), "line 4: a point is x, y, z and diameter; found 2 numbers"),
        (tree("(50 0 1)"), "line 4: a point is x, y, z and diameter; found 3 numbers"),
        (tree("(50 0 1 1 | 4)"), "line 4: expected \")\" at the point's end, found \"|\""),
        (
            tree("(50 0 1 1) 7"),
            "line 4: expected a point, a fork or the end of the branch, found 7",
        ),
        (tree("(50 0 1 1e300)"), "line 4: 1e300 is not within"),
        (tree("( (50 0 1 1) | )"), "line 4: a branch has no point"),
        (tree("( | (50 0 1 1) )"), "line 4: a branch has no point"),
        (tree("( (50 0 1 1) | (50 9 1 1)"), "line 2: the \"(\" that opens here is never closed"),
        (
            tree("( (50 0 1 1) \n ("),
            "line 5: expected a point, a fork or the end of the branch, found \"(\"",
        ),
        (tree("<(Class 0 \"\""), "line 4: the \"<\" that opens here is never closed"),
        (tree("(Cross (Name \"one) )"), "line 4: a text has no closing quotation mark"),
        (
            tree("(50 0 1 1)\n(55 0 0 0)\n(66 0 0 -2)"),
            "line 5: the diameter of a point is 0 µm; it must be above 0, as must 1 more diameter",
        ),
        (tree("(50 0 1 1)\n)"), "line 6: expected \"(\", where an object begins, found \")\""),
        ("(3 4 5 6)".to_owned(), "line 1: expected a contour's name, a tree or a property"),
        ("((Dendrite) (0 0 0 1) (9 0 0 1))".to_owned(), "no soma: no contour is a \"CellBody\""),
        (SOMA.to_owned(), "no dendrite"),
        (
            format!("{SOMA}((Axon) (0 0 0 1) (9 0 0 1))"),
            "no dendrite: the soma has no branch of any length; points left out: 2 of type 2",
        ),
        (
            "\n(\"CellBody\" (0 5 0 1) (5 0 0 1))".to_owned(),
            "line 2: the contour of a cell body needs 3",
        ),
        (
            "(\"CellBody\" (5 5 0 1) (5 5 0 1) (5 5 0 1))((Apical)(0 0 0 1)(9 0 0 1))".to_owned(),
            "line 1: the cell body has no area",
        ),
        (
            format!("{SOMA}(\"CellBody\" (50 5 0 1) (55 0 0 1) (50 -5 0 1))"),
            "line 2: a second cell body, apart from that in line 1",
        ),
        (
            format!("{SOMA}((Dendrite) {}", "(1 2 3 4) (".repeat(1_002)),
            "line 2: more than 1000 forks",
        ),
    ];
    for (text, expected) in cases {
        let error = reconstruction::import(&text, &Options::default()).unwrap_err();
        assert!(error.to_string().starts_with(expected), "{text:?}: {error}");
    }
}

#[test]
fn a_refused_cell_names_the_option_that_reads_it() {
    let thin = CELL.replace("0.50 S1)\n    Normal", "0.00 S1)\n    Normal");
    let error = reconstruction::import(&thin, &Options::default()).unwrap_err();
    assert_eq!(error.remedy(), Some(Remedy::MinRadius), "{error}");
    let raise = Options { min_radius_um: Some(0.2), ..Options::default() };
    let cell = reconstruction::import(&thin, &raise).unwrap();
    assert!(
        matches!(cell.notes[..], [Note::RaisedInLine { least_um: 0.2, .. }]),
        "{:?}",
        cell.notes
    );
    let axon = format!("{SOMA}((Axon) (0 0 0 1) (9 0 0 1))");
    let error = reconstruction::import(&axon, &Options::default()).unwrap_err();
    assert_eq!(error.remedy(), Some(Remedy::KeepAxon));
    assert_eq!(read(&axon).branches[0].length_um, 9.0);
    let rule = Options { min_radius_um: Some(0.0), ..Options::default() };
    assert!(reconstruction::import(CELL, &rule).is_err());
}
