//! Dendritic trees as the lesson names them, edits them and writes them into the address.

use crate::plot::neuron::place_of;
use crate::sim::NeuronParams;
use crate::sim::morphology::Branch;
use crate::web::lesson::neuron_view::scene::Placed;

/// The most branches that the editor makes.
pub(super) const MOST_BRANCHES: usize = 40;

fn branch(name: &str, parent: &str, length_um: f64, diam_um: f64, num_segments: usize) -> Branch {
    let (name, parent) = (name.to_owned(), parent.to_owned());
    let region = Branch::DEND.into();
    Branch { name, parent, parent_x: 1.0, length_um, diam_um, num_segments, region }
}

/// A tree by its name: `stick`, or one of the two that the tests hold NEURON's traces of, `y` and
/// `three`.
pub(super) fn preset(name: &str) -> Option<Vec<Branch>> {
    let soma = Branch::SOMA;
    match name {
        "stick" => Some(vec![branch("dend", soma, 2048.0, 1.0, 8)]),
        "y" => Some(vec![
            branch("trunk", soma, 400.0, 2.0, 4),
            branch("left", "trunk", 600.0, 1.0, 6),
            branch("right", "trunk", 300.0, 0.7, 3),
        ]),
        "three" => Some(vec![
            branch("a", soma, 800.0, 1.5, 5),
            branch("b", soma, 500.0, 1.0, 4),
            branch("c", soma, 1200.0, 0.8, 7),
        ]),
        _ => None,
    }
}

/// The same eight segments of 256 × 1 µm joined in three ways: one `cable`, a `y`, or `four`
/// dendrites on the soma.
pub(super) fn eight_segments(name: &str) -> Vec<Branch> {
    let soma = Branch::SOMA;
    let piece = |name, parent, segments: usize| {
        branch(name, parent, 256.0 * segments as f64, 1.0, segments)
    };
    match name {
        "y" => vec![piece("trunk", soma, 2), piece("left", "trunk", 3), piece("right", "trunk", 3)],
        "four" => ["a", "b", "c", "d"].map(|name| piece(name, soma, 2)).into(),
        _ => vec![piece("dend", soma, 8)],
    }
}

/// A tree as the address has it: `name~parent~x~length~diameter~segments`, branches by commas.
pub(super) fn encode(branches: &[Branch]) -> String {
    let one = |b: &Branch| {
        let Branch { name, parent, parent_x, length_um, diam_um, num_segments, .. } = b;
        format!("{name}~{parent}~{parent_x}~{length_um}~{diam_um}~{num_segments}")
    };
    branches.iter().map(one).collect::<Vec<_>>().join(",")
}

/// Reads [`encode`]'s text; `None` where it is no tree. Whether the tree can be simulated is not asked here.
pub(super) fn decode(text: &str) -> Option<Vec<Branch>> {
    let one = |text: &str| {
        let [name, parent, x, length, diam, segments] =
            text.split('~').collect::<Vec<_>>().try_into().ok()?;
        Some(Branch {
            name: name.to_owned(),
            parent: parent.to_owned(),
            parent_x: x.parse().ok()?,
            length_um: length.parse().ok()?,
            diam_um: diam.parse().ok()?,
            num_segments: segments.parse().ok()?,
            region: Branch::DEND.to_owned(),
        })
    };
    let branches: Vec<Branch> = text.split(',').map(one).collect::<Option<_>>()?;
    (1..=MOST_BRANCHES).contains(&branches.len()).then_some(branches)
}

/// Synapses as the address has them: `segment.count`, by commas, segments from 0.
pub(super) fn encode_placed(placed: &Placed) -> String {
    placed.iter().map(|(row, count)| format!("{row}.{count}")).collect::<Vec<_>>().join(",")
}

/// Reads [`encode_placed`]'s text; a part that cannot be read is left out.
pub(super) fn decode_placed(text: &str) -> Placed {
    let one = |text: &str| {
        let (row, count) = text.split_once('.')?;
        Some((row.parse().ok()?, count.parse::<u32>().ok()?.min(MOST_ON_A_SEGMENT)))
    };
    text.split(',').filter_map(one).filter(|(_, count)| *count > 0).collect()
}

/// The most synapses on a segment.
pub(super) const MOST_ON_A_SEGMENT: u32 = 99;

/// The same synapses on an edited tree: each stays on its branch, on the segment of the same number, or on the last one
/// of a branch that has become shorter. Synapses of a branch that is gone go with it.
pub(super) fn moved(placed: &Placed, before: &[Branch], after: &[Branch]) -> Placed {
    let mut out = Placed::new();
    for (&row, &count) in placed {
        let Some((at, number)) = place_of(before, row) else { continue };
        let Some(now) = after.iter().position(|b| b.name == before[at].name) else { continue };
        let start: usize = after[..now].iter().map(|b| b.num_segments).sum();
        let row = start + number.min(after[now].num_segments.saturating_sub(1));
        let sum = out.entry(row).or_insert(0);
        *sum = (*sum + count).min(MOST_ON_A_SEGMENT);
    }
    out
}

/// A new branch for the editor, on the last one, with a name that is free; `None` where the tree has no branch, or
/// [`MOST_BRANCHES`].
pub(super) fn sprout(branches: &[Branch]) -> Option<Branch> {
    let last = branches.last().filter(|_| branches.len() < MOST_BRANCHES)?;
    let free = |name: &String| branches.iter().all(|b| b.name != *name);
    let name = (1..).map(|n| format!("b{n}")).find(free)?;
    Some(branch(&name, &last.name, 300.0, 1.0, 3))
}

/// The tree without the branch with the number `at`, and without all branches that are on it.
pub(super) fn without(branches: &[Branch], at: usize) -> Vec<Branch> {
    let mut gone: Vec<&str> = branches.get(at).map(|b| b.name.as_str()).into_iter().collect();
    let mut remaining = Vec::new();
    for (index, branch) in branches.iter().enumerate() {
        if index == at || gone.contains(&branch.parent.as_str()) {
            gone.push(&branch.name);
        } else {
            remaining.push(branch.clone());
        }
    }
    remaining
}

/// The default neuron with these receptors: AMPA alone, or with the NMDA of a rodent or of a human.
pub(super) fn with_receptors(receptors: &str) -> NeuronParams {
    let (g_max_nmda, gamma_nmda) = match receptors {
        "ampa" => (0.0, 0.062),
        "rodent" => (0.0004, 0.062),
        _ => (0.0008, 0.08),
    };
    NeuronParams { g_max_nmda, gamma_nmda, ..NeuronParams::default() }
}

/// The neuron with a tree for its dendrite; a tree that is the base's own cable adds nothing to its parameters.
pub(super) fn on_tree(base: NeuronParams, branches: Vec<Branch>) -> NeuronParams {
    let cable = branches == base.branches();
    NeuronParams { branches: (!cable).then_some(branches), ..base }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_presets_are_the_golden_trees() {
        for (name, file) in [
            ("y", include_str!("../../../../tests/golden-trees/tree_y.json")),
            ("three", include_str!("../../../../tests/golden-trees/tree_three_primary.json")),
        ] {
            let golden = NeuronParams::from_json(file).unwrap();
            assert_eq!(preset(name), golden.branches, "{name}");
        }
        let stick = preset("stick").unwrap();
        assert_eq!(stick, NeuronParams::default().branches());
        assert_eq!(on_tree(NeuronParams::default(), stick), NeuronParams::default());
        assert_eq!(preset("oak"), None);
    }

    #[test]
    fn eight_segments_are_eight_of_the_same_size_however_joined() {
        for name in ["cable", "y", "four"] {
            let params = on_tree(with_receptors("human"), eight_segments(name));
            assert_eq!(params.validate(), Ok(()), "{name}");
            assert_eq!(params.num_rows(), 8, "{name}");
            assert!(
                params
                    .branches()
                    .iter()
                    .all(|b| { b.diam_um == 1.0 && b.length_um / b.num_segments as f64 == 256.0 })
            );
        }
    }

    #[test]
    fn a_tree_comes_back_from_its_address_and_a_broken_one_is_refused() {
        for name in ["stick", "y", "three"] {
            let tree = preset(name).unwrap();
            assert_eq!(decode(&encode(&tree)), Some(tree));
        }
        for broken in ["", "a~soma~1~100~1", "a~soma~1~100~x~3", "a~soma~1~100~1~3,,"] {
            assert_eq!(decode(broken), None, "{broken}");
        }
        let many = vec![branch("a", "soma", 1.0, 1.0, 1); MOST_BRANCHES + 1];
        assert_eq!(decode(&encode(&many)), None);
        let placed = Placed::from([(0, 3), (12, 1)]);
        assert_eq!(encode_placed(&placed), "0.3,12.1");
        assert_eq!(decode_placed("0.3,12.1"), placed);
        assert_eq!(decode_placed("0.3,x,7.,5.0,12.1"), placed, "what cannot be read is left out");
        assert_eq!(decode_placed("1.4000000"), Placed::from([(1, MOST_ON_A_SEGMENT)]));
    }

    #[test]
    fn an_edit_keeps_synapses_on_their_branch() {
        let before = preset("y").unwrap();
        let placed = Placed::from([(1, 2), (5, 1), (11, 4), (12, 1)]);
        // `left` (rows 4 to 9) is gone: `right` moves up
        let after = without(&before, 1);
        assert_eq!(after.len(), 2);
        assert_eq!(moved(&placed, &before, &after), Placed::from([(1, 2), (5, 4), (6, 1)]));
        // with two segments in place of three, the last takes those of the third
        let mut shorter = before.clone();
        shorter[2].num_segments = 2;
        let on_right: u32 = moved(&placed, &before, &shorter).range(10..).map(|(_, n)| n).sum();
        assert_eq!(on_right, 5);
        assert_eq!(place_of(&before, 12), Some((2, 2)));
        assert_eq!(place_of(&before, 13), None);
    }

    #[test]
    fn a_removed_branch_takes_along_what_is_on_it() {
        let mut tree = preset("y").unwrap();
        tree.extend(sprout(&tree));
        assert_eq!((tree[3].name.as_str(), tree[3].parent.as_str()), ("b1", "right"));
        assert_eq!(without(&tree, 2).len(), 2, "right and b1");
        assert!(without(&tree, 0).is_empty());
        assert_eq!(without(&tree, 9), tree);
    }
}
