//! The plot of AUCs in pairs of bars, a pair per configuration, on an axis of nines (0.9, 0.99, 0.999, …).

use super::cell::{Cell, LETTERS, Origin, SourcedRow};
use crate::text::count;
use crate::twin::baseline::Kind;
use crate::twin::results::Row;
use crate::web::lesson::shared::{Neuron, PUBLISHED};
use crate::web::plot::{Axis, Colour, Figure, Panel, Series, Style};

/// The horizontal place of a neuron's bar in the pair with the number `at`.
fn bar_at(at: usize, neuron: Neuron) -> f64 {
    at as f64 + if neuron == Neuron::Point { -0.19 } else { 0.19 }
}

/// The horizontal place of a cell's bar.
fn place(cell: Cell) -> f64 {
    let at = LETTERS.iter().position(|letter| *letter == cell.letter).unwrap_or(0);
    bar_at(at, cell.neuron)
}

/// The neuron and the horizontal place of a baseline's bar; `None` where the row is no baseline's, or of neither
/// neuron.
fn bar_of_baseline(result: &SourcedRow) -> Option<(Neuron, f64)> {
    let neuron = Neuron::named(&result.row.neuron)?;
    let kind = Kind::named(&result.row.config)?;
    Some((neuron, bar_at(LETTERS.len() + kind as usize, neuron)))
}

/// How many test simulations stand behind the rows, in words; where they differ, the least and the most.
fn simulations<'a>(rows: impl Iterator<Item = &'a Row>) -> String {
    let known: Vec<u64> = rows.filter_map(|row| row.test_simulations).collect();
    match (known.iter().min(), known.iter().max()) {
        (Some(low), Some(high)) if low == high => format!(" ({})", count(*low, "test simulation")),
        (Some(low), Some(high)) => format!(" ({low}–{high} test simulations)"),
        _ => String::new(),
    }
}

/// The figure of all results, with the baselines at its right end.
pub(super) fn figure(cells: &[(Cell, SourcedRow)], baselines: &[SourcedRow]) -> Figure {
    let cells = cells.iter().map(|(cell, result)| (cell.neuron, place(*cell), result));
    let baselines = baselines
        .iter()
        .filter_map(|result| bar_of_baseline(result).map(|(neuron, at)| (neuron, at, result)));
    let rows: Vec<(Neuron, f64, &SourcedRow)> = cells.chain(baselines).collect();
    let mut lines: Vec<Series> = Vec::new();
    let kinds = [
        (Neuron::Point, Colour::Blue, "AMPA point"),
        (Neuron::Cable, Colour::Vermillion, "NMDA cable"),
    ];
    for (neuron, colour, name) in kinds {
        for (recorded, style, of) in
            [(false, Style::Columns, "yours"), (true, Style::Outlines, "recorded")]
        {
            let here = || {
                rows.iter().filter(move |(of, _, result)| {
                    *of == neuron && (result.origin == Origin::Recorded) == recorded
                })
            };
            let points: Vec<(f64, f64)> =
                here().filter_map(|(_, at, result)| Some((*at, result.row.auc?))).collect();
            if !points.is_empty() {
                let on = simulations(here().map(|(_, _, result)| &result.row));
                let name = format!("{name}, {of}{on}");
                lines.push(Series::new(&name, colour, style, points).digits(4));
            }
        }
    }
    let ends: Vec<(f64, f64)> = rows
        .iter()
        .filter_map(|(_, at, result)| {
            Some([(*at, result.row.auc_low?), (*at, result.row.auc_high?)])
        })
        .flatten()
        .collect();
    lines.push(Series::new("", Colour::Ink, Style::Whiskers, ends).digits(4));
    let published: Vec<(f64, f64)> = PUBLISHED
        .iter()
        .map(|of| (place(Cell { neuron: of.neuron, letter: 'C' }), of.auc))
        .collect();
    lines.push(Series::new("C, published", Colour::Orange, Style::Scatter, published).digits(4));
    let best = PUBLISHED.iter().map(|of| of.auc).fold(0.0, f64::max);
    let tops = rows.iter().filter_map(|(_, _, result)| result.row.auc_high.or(result.row.auc));
    let best = tops.fold(best, f64::max);
    // the axis ends 0.15 nines above the highest value, and never beyond what it can show
    let lows =
        rows.iter().flat_map(|(_, _, result)| [result.row.auc, result.row.auc_low]).flatten();
    let worst = lows.fold(0.5, f64::min);
    let low = if worst < 0.5 { (0.9 * worst).max(0.0) } else { 0.5 };
    let range = (low, (1.0 - (1.0 - best) * 0.7).min(0.99999));
    let names = LETTERS.map(String::from).into_iter().chain(Kind::ALL.map(|k| k.key().to_owned()));
    let names: Vec<String> = names.collect();
    let x = Axis::new("configuration", "", (-0.6, names.len() as f64 - 0.4));
    let panel = Panel::new("spikes, AUC on the test set", "", range, 260.0).nines();
    Figure::over(x.places(names)).with(panel.with_all(lines))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::plot::Data;

    #[test]
    fn own_bars_and_recorded_ones_stand_at_one_place_and_say_how_many() {
        let result = |config: &str, origin, auc, n| SourcedRow {
            origin,
            row: Row {
                neuron: "nmda-cable".into(),
                config: config.into(),
                auc: Some(auc),
                test_simulations: Some(n),
                ..Row::default()
            },
            run: None,
        };
        let cell = Cell { neuron: Neuron::Cable, letter: 'A' };
        let cells = [
            (cell, result("A", Origin::Run, 0.7, 8)),
            (cell, result("A", Origin::Recorded, 0.93, 50)),
        ];
        let figure = figure(&cells, &[result("logistic", Origin::Run, 0.77, 8)]);
        let crate::web::plot::Content::Lines(lines) = &figure.panels[0].content else {
            panic!("bars are lines")
        };
        let points = |name: &str| match &lines.iter().find(|line| line.name == name).unwrap().data {
            Data::Points(points) => points.to_vec(),
            Data::Uniform { .. } => panic!("bars have places"),
        };
        assert_eq!(points("NMDA cable, yours (8 test simulations)"), [(0.19, 0.7), (6.19, 0.77)]);
        assert_eq!(points("NMDA cable, recorded (50 test simulations)"), [(0.19, 0.93)]);
    }
}
