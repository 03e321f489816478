//! The neuron of the third laboratory: a tree by its name, a tree that was edited, or a
//! reconstructed cell in SWC, the page's own or a file of the learner's.

use super::trees::{decode, on_tree, preset, with_receptors};
use crate::plot::neuron::Shape;
use crate::sim::NeuronParams;
use crate::sim::swc::{Cell, Options, Remedy, SwcError, import};
use crate::text;
use crate::web::controls::Controls;
use crate::web::dom;
use crate::web::settings::Settings;
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

/// The page's own cell: a copy of `tests/fixtures/cell.swc`; a test compares the two.
const CELL: &str = "recorded/cell.swc";
/// The most segments that the page simulates while a learner waits.
pub(super) const MOST_ROWS: usize = 1_000;
/// The largest file that is read, bytes.
const MOST_BYTES: f64 = 8e6;

/// A neuron with its drawing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DrawnNeuron {
    pub(super) params: NeuronParams,
    pub(super) shape: Shape,
    /// Whether the editor can change it.
    pub(super) editable: bool,
    /// What the learner should know of a reconstructed cell (repairs, suspicions, what was left out); empty for a tree.
    pub(super) notes: Vec<String>,
}

/// The repairs of a reconstructed cell that the learner has chosen.
pub(super) fn repairs(controls: &Controls) -> Options {
    let least = controls.number(number!("minr"));
    Options {
        min_radius_um: (least > 0.0).then_some(least),
        join: controls.on(switch!("join")),
        soma_at_root: controls.on(switch!("atroot")),
        keep_axon: controls.on(switch!("axon")),
        ..Options::default()
    }
}

/// The repairs as options of `ballstick swc`, each after a space; empty without repairs.
pub(super) fn flags(options: &Options) -> String {
    let mut flags = options.min_radius_um.map_or(String::new(), |um| format!(" --min-radius {um}"));
    for (on, flag) in [
        (options.join, " --join"),
        (options.soma_at_root, " --soma-at-root"),
        (options.keep_axon, " --keep-axon"),
    ] {
        flags += if on { flag } else { "" };
    }
    flags
}

/// A neuron whose dendrites are these branches.
///
/// # Errors
/// Parameters that no neuron can have, or more segments than the page simulates.
fn of_tree(base: NeuronParams, branches: Vec<crate::sim::Branch>) -> Result<DrawnNeuron, String> {
    let params = on_tree(base, branches);
    check(&params)?;
    let shape = Shape::of_tree(&params.branches(), params.soma_diam_um);
    Ok(DrawnNeuron { params, shape, editable: true, notes: Vec::new() })
}

fn check(params: &NeuronParams) -> Result<(), String> {
    params.validate().map_err(|error| error.to_string())?;
    match params.num_rows() {
        rows if rows > MOST_ROWS => Err(format!(
            "{rows} segments are more than this page simulates at once ({MOST_ROWS}); the command line has no such limit"
        )),
        _ => Ok(()),
    }
}

/// The neuron of the preset `name`, or else of `own`, the text of an edited tree.
///
/// # Errors
/// A tree that cannot be read or simulated, in words.
pub(super) fn tree(name: &str, own: &str, receptors: &str) -> Result<DrawnNeuron, String> {
    let branches = match preset(name) {
        Some(branches) => branches,
        None if own.is_empty() => preset("y").unwrap_or_default(),
        None => decode(own).ok_or("The tree in this link cannot be read: it may be cut short.")?,
    };
    of_tree(with_receptors(receptors), branches)
}

/// The neuron of a reconstructed cell.
///
/// # Errors
/// What is wrong with the text, in which line, and which of the repairs would help.
pub(super) fn cell(text: &str, receptors: &str, options: &Options) -> Result<DrawnNeuron, String> {
    if text.trim_start().starts_with(['(', ';']) {
        return Err("this is a Neurolucida file, not an SWC; lesson 3½ reads it".to_owned());
    }
    let cell = import(text, options).map_err(|error| {
        let advice = error.remedy().map(advice).unwrap_or_default();
        format!("{error}{advice}")
    })?;
    let fitted = cell.onto(with_receptors(receptors)).map_err(|error| error.to_string());
    let params = fitted.and_then(|params| check(&params).map(|()| params)).map_err(|error| {
        // a suspicion, such as nanometres, may be the reason
        let odd: String = cell.notes.iter().map(|note| format!("; {note}")).collect();
        format!("{error}{odd}")
    })?;
    let shape = Shape::of_cell(&cell, &params.branches());
    Ok(DrawnNeuron { params, shape, editable: false, notes: notes_of(&cell) })
}

/// Whether one of the repairs would let a refused cell be read.
pub(super) fn can_be_mended(text: &str, options: &Options) -> bool {
    import(text, options).err().as_ref().and_then(SwcError::remedy).is_some()
}

fn advice(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::MinRadius => ". A least radius, below, raises it.",
        Remedy::Join => ". “Join loose pieces”, below, joins it.",
        Remedy::SomaAtRoot => ". “The root is the soma”, below, makes one.",
        Remedy::KeepAxon => ". “Keep the axon”, below, makes branches of it.",
        // the page keeps points of every other type
        Remedy::KeepOther => "",
    }
}

fn notes_of(cell: &Cell) -> Vec<String> {
    let counts = |counts: &std::collections::BTreeMap<i64, usize>, became: &str| -> Vec<String> {
        let one = |(kind, n): (&i64, &usize)| {
            format!("{} of type {kind} {became}", text::count(*n, "point"))
        };
        counts.iter().map(one).collect()
    };
    let mut notes = counts(&cell.left_out, "left out");
    notes.extend(counts(&cell.on_the_way, "kept: on the way to a dendrite"));
    notes.extend(counts(&cell.taken_for_dendrite, "of no known kind taken for dendrite"));
    notes.extend(cell.notes.iter().map(ToString::to_string));
    notes
}

/// The text of the page's own cell.
pub(super) async fn own_cell() -> Result<String, String> {
    let text = dom::fetch_text(CELL).await;
    text.map_err(|why| format!("The cell ({CELL}) could not be loaded: {why}."))
}

/// The text of a file that the learner chose.
pub(in crate::web::lesson) async fn read(file: File) -> Result<String, String> {
    if file.size() > MOST_BYTES {
        return Err(format!("{} is larger than 8 MB: too large for a cell.", file.name()));
    }
    let buffer = JsFuture::from(file.array_buffer()).await;
    let buffer = buffer.map_err(|_| format!("{} could not be read.", file.name()))?;
    let bytes = js_sys::Uint8Array::new(&buffer).to_vec();
    Ok(text::decode_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cell_of_the_page_is_the_fixture_and_is_simulated_at_once() {
        let ours = include_str!("../../../../www/recorded/cell.swc");
        assert!(ours == include_str!("../../../../tests/fixtures/cell.swc"));
        let neuron = cell(ours, "human", &Options::default()).unwrap();
        assert_eq!(neuron.shape.segments.len(), neuron.params.num_rows());
        assert!(neuron.params.num_rows() <= MOST_ROWS && !neuron.editable);
    }

    #[test]
    fn a_cell_that_cannot_be_read_is_refused_with_its_line() {
        let refusal = |text: &str| cell(text, "human", &Options::default()).unwrap_err();
        assert!(refusal("1 1 0 0 0 10 -1\n2 3 0 10 0 0 1\n").contains("line 2: the radius"));
        assert!(refusal("1 1 0 0 0 10 -1\n2 3 0 9 0 1 7\n").contains("the parent of point 2 is 7"));
        assert!(refusal("not a cell").contains("line 1"));
        assert!(refusal("; V3\n(\"CellBody\" (0 0 0 1))").contains("lesson 3½ reads it"));
        assert!(
            refusal("1 1 0 0 0 10 -1\n2 3 0 10 0 1 1\n3 3 0 99999 0 1 2")
                .contains("segments are more")
        );
    }

    #[test]
    fn repairs_are_asked_for_made_and_told() {
        let loose =
            "1 1 0 0 0 10 -1\n2 3 0 10 0 0 1\n3 3 0 60 0 1 2\n4 3 0 70 0 1 -1\n5 3 0 120 0 1 4\n";
        let join = Options { join: true, ..Options::default() };
        let both = Options { min_radius_um: Some(0.1), ..join.clone() };
        let refusal = |options: &Options| cell(loose, "human", options).unwrap_err();
        assert!(refusal(&Options::default()).contains("“Join loose pieces”, below"));
        assert!(refusal(&join).contains("A least radius, below"));
        assert!(can_be_mended(loose, &join) && !can_be_mended(loose, &both));
        let mended = cell(loose, "human", &both).unwrap();
        let notes = mended.notes.join("\n");
        assert!(
            notes.contains("joined to point 3, 10.0 µm") && notes.contains("1 radius below 0.1"),
            "{notes}"
        );
        assert_eq!(flags(&both), " --min-radius 0.1 --join");
        assert_eq!(flags(&Options::default()), "");
        assert!(!can_be_mended("not a cell", &Options::default()));
        let nm = include_str!("../../../../tests/fixtures/swc/21_nanometres.swc");
        let notes = cell(nm, "human", &Options::default());
        let notes = notes.map_or_else(|error| error, |neuron| neuron.notes.join("\n"));
        assert!(notes.contains("nanometres"), "{notes}");
    }

    #[test]
    fn trees_come_by_name_or_from_the_address() {
        assert_eq!(tree("stick", "", "human").unwrap().params, NeuronParams::default());
        let edited = tree("own", "a~soma~1~100~1~2", "ampa").unwrap();
        assert_eq!((edited.params.num_rows(), edited.params.g_max_nmda), (2, 0.0));
        assert_eq!(tree("own", "", "human"), tree("y", "", "human"));
        assert!(tree("own", "a~soma", "human").unwrap_err().contains("cannot be read"));
        let notes = tree("own", "a~soma~1~-5~1~2", "human").unwrap_err();
        assert!(notes.contains("L_um") && notes.contains("-5"), "{notes}");
        let notes = tree("own", "a~b~1~5~1~2", "human").unwrap_err();
        assert!(notes.contains("parent"), "{notes}");
    }
}
