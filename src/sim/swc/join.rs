//! Joins loose pieces of a cell to the piece that holds the soma.

use super::note::Note;
use super::point::{SOMA, distance};
use super::points::Points;

/// Joins each loose piece by its root to the nearest kept point that is connected to the soma. The pieces nearest to
/// the soma come first, so that others may join them. A piece whose root is a soma point joins the soma.
pub(super) fn join(points: &mut Points, roots: &[usize]) {
    let soma = points.entries[points.root].point.at;
    let mut pieces: Vec<(f64, usize, Vec<usize>)> = roots
        .iter()
        .map(|&root| {
            let on = points.hanging_on(root);
            let all = (0..on.len()).filter(|&i| on[i]).collect();
            (distance(points.entries[root].point.at, soma), root, all)
        })
        .collect();
    pieces.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let on = points.hanging_on(points.root);
    let mut whole: Vec<usize> = (0..on.len()).filter(|&i| on[i]).collect();
    for (_, root, all) in pieces {
        let entries = &points.entries;
        let (from, is_soma) = (entries[root].point.at, entries[root].kind == SOMA);
        let nearest = whole
            .iter()
            .filter(|&&i| !is_soma || entries[i].kind == SOMA)
            .map(|&i| (distance(entries[i].point.at, from), i))
            .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        // a nearest point always exists: at the least the soma's own root
        let Some((distance_um, to)) = nearest else { continue };
        points.entries[root].parent = Some(to);
        let (line, id) = (points.entries[root].line, points.entries[root].id);
        let to = points.entries[to].id;
        points.notes.push(Note::Joined { line, id, points: all.len(), to, distance_um });
        whole.extend(all);
    }
}
