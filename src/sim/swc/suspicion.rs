//! Suspicions about a cell that can be read.

use super::note::Note;
use super::parse::Entry;
use super::point::{SOMA, distance};
use super::points::Points;

/// The largest diameter of a soma that is not suspicious, µm: giant cells of squid and Aplysia are larger, no mammal's
/// is.
const SOMA_UM: f64 = 200.0;
/// The largest median radius that is not suspicious, µm.
const RADIUS_UM: f64 = 20.0;
/// The widest span without an axon that is not suspicious, µm: a motoneuron's dendrites span some 3,000 µm.
const SPAN_UM: f64 = 20_000.0;

/// The narrowest span that is not suspicious, µm: the dendrites of a retina's smallest cells span some 10 µm.
const LEAST_SPAN_UM: f64 = 2.0;

/// Adds a note for everything that looks odd.
pub(super) fn suspicions(points: &mut Points) {
    let found = [nanometres(points), tiny(points), contour(points)];
    points.notes.extend(found.into_iter().flatten());
    let gaps = gaps(points);
    points.notes.extend(gaps);
}

fn nanometres(points: &Points) -> Option<Note> {
    let mut radii: Vec<f64> = points.of_neuron().map(|e| e.point.radius).collect();
    radii.sort_by(f64::total_cmp);
    let middle = radii[radii.len() / 2];
    let widest = points.of_neuron().filter(|e| e.kind == SOMA).map(|e| 2.0 * e.point.radius);
    let widest = widest.fold(0.0, f64::max);
    let span = span(points);
    let cases = [
        (widest, SOMA_UM, "a soma's diameter"),
        (middle, RADIUS_UM, "a median radius"),
        (span, SPAN_UM, "a span"),
    ];
    let odd = cases.into_iter().find(|(um, most, _)| um > most);
    odd.map(|(um, _, what)| Note::Nanometres { what, um })
}

/// The neuron's extent along the axis along which it is largest, µm.
fn span(points: &Points) -> f64 {
    let along = (0..3).map(|axis| {
        let all = || points.of_neuron().map(|e| e.point.at[axis]);
        all().fold(f64::MIN, f64::max) - all().fold(f64::MAX, f64::min)
    });
    along.fold(0.0, f64::max)
}

/// A note on a span that is too small; a cell of no extent is another fault.
fn tiny(points: &Points) -> Option<Note> {
    let um = span(points);
    (um > 0.0 && um < LEAST_SPAN_UM).then_some(Note::Tiny { um })
}

/// A note on a soma that is a ring of thin points: at least four, far wider than they are thick, the last near the
/// first.
fn contour(points: &Points) -> Option<Note> {
    let soma: Vec<&Entry> = points.of_neuron().filter(|e| e.kind == SOMA).collect();
    let count = soma.len() as f64;
    let middle = [0, 1, 2].map(|k| soma.iter().map(|e| e.point.at[k]).sum::<f64>() / count);
    let away = |e: &&Entry| distance(e.point.at, middle);
    let ring_um = soma.iter().map(away).sum::<f64>() / count;
    let radius_um = soma.iter().map(|e| e.point.radius).fold(0.0, f64::max);
    let (first, last) = (soma.first()?.point.at, soma.last()?.point.at);
    // in a ring no point is near the centre, and the ends meet
    let round = soma.iter().map(away).fold(f64::MAX, f64::min) > 0.3 * ring_um;
    let closed = distance(first, last) < 1.5 * ring_um;
    let thin = 3.0 * radius_um < ring_um;
    (soma.len() >= 4 && round && closed && thin).then_some(Note::Contour {
        points: soma.len(),
        ring_um,
        radius_um,
    })
}

/// Notes on branches whose first point lies beyond the soma's surface by more than the soma's diameter and 20 µm.
fn gaps(points: &Points) -> Vec<Note> {
    let entries = &points.entries;
    let soma: Vec<&Entry> = points.of_neuron().filter(|e| e.kind == SOMA).collect();
    let stem = |e: &&Entry| e.kind != SOMA && e.parent.is_some_and(|p| entries[p].kind == SOMA);
    let gap = |e: &Entry| {
        let near = soma.iter().map(|s| (distance(s.point.at, e.point.at), s.point.radius));
        let (distance_um, radius_um) = near.min_by(|a, b| a.0.total_cmp(&b.0))?;
        let far = distance_um - radius_um > 2.0 * radius_um + 20.0;
        // a branch of one point has the way from the soma for its length, so that no gap remains
        let shown = e.children.iter().any(|&c| points.kept[c]);
        (far && shown).then_some(Note::Gap { line: e.line, id: e.id, distance_um, radius_um })
    };
    points.of_neuron().filter(stem).filter_map(gap).collect()
}
