//! The paired bar plot, on an axis of nines.

use super::cell::{Cell, LETTERS, Origin};
use crate::twin::results::Row;
use crate::web::lesson::shared::{Neuron, line, panel};
use crate::web::plot::{Axis, Colour, Data, Figure, Series, Style};

/// The published AUC of C on both neurons.
const PUBLISHED: [(Neuron, f64); 2] = [(Neuron::Point, 0.9990), (Neuron::Cable, 0.9755)];

/// Where a cell's bar stands.
fn place(cell: Cell) -> f64 {
    let at = LETTERS.iter().position(|letter| *letter == cell.letter).unwrap_or(0);
    at as f64 + if cell.neuron == Neuron::Point { -0.19 } else { 0.19 }
}

/// The figure of what is known.
pub(super) fn figure(rows: &[(Cell, Origin, Row)]) -> Figure {
    let mut lines: Vec<Series> = Vec::new();
    let kinds = [
        (Neuron::Point, Colour::Blue, "AMPA point"),
        (Neuron::Cable, Colour::Vermillion, "NMDA cable"),
    ];
    for (neuron, colour, name) in kinds {
        for (recorded, style, of) in
            [(false, Style::Columns, "yours"), (true, Style::Outlines, "recorded")]
        {
            let here: Vec<(f64, f64)> = rows
                .iter()
                .filter(|(cell, origin, _)| {
                    cell.neuron == neuron && (*origin == Origin::Recorded) == recorded
                })
                .map(|(cell, _, row)| (place(*cell), row.auc))
                .collect();
            if !here.is_empty() {
                let name = format!("{name}, {of}");
                lines.push(line(&name, colour, style, Data::Points(here.into()), 4));
            }
        }
    }
    let ends: Vec<(f64, f64)> = rows
        .iter()
        .flat_map(|(cell, _, row)| {
            let at = place(*cell);
            [(at, row.auc_low), (at, row.auc_high)]
        })
        .collect();
    lines.push(line("", Colour::Ink, Style::Whiskers, Data::Points(ends.into()), 4));
    let published: Vec<(f64, f64)> = PUBLISHED
        .iter()
        .map(|(neuron, auc)| (place(Cell { neuron: *neuron, letter: 'C' }), *auc))
        .collect();
    let dots = Data::Points(published.into());
    lines.push(line("C, published", Colour::Orange, Style::Scatter, dots, 4));
    let top = |row: &Row| if row.auc_high.is_finite() { row.auc_high } else { row.auc };
    let best = rows.iter().map(|(_, _, row)| top(row)).fold(0.9990, f64::max);
    // a twentieth of the last nine above the highest, and never beyond what the axis can tell
    let worst = rows.iter().flat_map(|(_, _, row)| [row.auc, row.auc_low]).fold(0.5, f64::min);
    let low = if worst < 0.5 { (0.9 * worst).max(0.0) } else { 0.5 };
    let range = (low, (1.0 - (1.0 - best) * 0.7).min(0.99999));
    let x = Axis::new("configuration", "", (-0.6, LETTERS.len() as f64 - 0.4));
    Figure {
        x: x.places(LETTERS.map(String::from)),
        panels: vec![panel(
            Axis::new("spikes, AUC on the test set", "", range).nines(),
            260.0,
            lines,
        )],
    }
}
