//! The report: every setting, seed and number, the plot and the learner's words, for paper.

use super::cell::{Cell, Origin, SourcedRow};
use super::explanation::Explanation;
use crate::text::{self, count, grouped};
use crate::twin::baseline::Kind;
use crate::twin::results::Row;
use crate::twin::test_set;
use crate::web::dom;
use crate::web::lesson::place;
use crate::web::lesson::shared::{Neuron, interval, put_in};
use crate::web::lesson::write;
use crate::web::names::Part;
use crate::web::plot::scale::{fixed, short};
use std::collections::BTreeSet;
use web_sys::{Element, Event};

/// Fills the report.
pub(super) fn fill(
    root: &Element,
    rows: &[(Cell, SourcedRow)],
    baselines: &[SourcedRow],
    explanation: &Explanation,
) {
    let cells: BTreeSet<Cell> = rows.iter().map(|row| row.0).collect();
    // a cell's first row stands for the cell
    let first = |cell: &Cell| rows.iter().find(|row| row.0 == *cell).map(|row| row.1.origin);
    let count = |origin| cells.iter().filter(|cell| first(cell) == Some(origin)).count();
    let head = format!(
        "{} of 10 results: {} run here, {} imported, {} recorded.",
        cells.len(),
        count(Origin::Run),
        count(Origin::Imported),
        count(Origin::Recorded),
    );
    write(root, stat!("report-head"), &head);
    let name = explanation.name();
    write(root, stat!("report-name"), if name.is_empty() { "–" } else { &name });
    let all: Vec<Line<'_>> = rows
        .iter()
        .map(|(cell, result)| Line {
            neuron: cell.neuron.label(),
            twin: cell.letter.to_string(),
            result,
        })
        .chain(baselines.iter().map(|result| Line {
            neuron: Neuron::named(&result.row.neuron).map_or("", Neuron::label),
            twin: Kind::named(&result.row.config).map_or("", Kind::key).to_owned(),
            result,
        }))
        .collect();
    let trained = all.iter().filter(|line| Kind::named(&line.result.row.config).is_none());
    fill_part(root, part!("training"), trained.map(|line| line_of(line, &training(line.result))));
    let results = groups(&all).into_iter().flat_map(|(title, lines)| {
        let head: Element = dom::element("tr", "");
        let cell = dom::text_element("th", "", &title);
        cell.set_attribute("colspan", "12").ok();
        cell.set_attribute("scope", "rowgroup").ok();
        head.append_child(&cell).ok();
        let lines = lines.into_iter().map(|line| line_of(line, &results(line.result)));
        std::iter::once(head).chain(lines).collect::<Vec<_>>()
    });
    fill_part(root, part!("results"), results);
    let written = explanation.text();
    let written = written.trim();
    let text = if written.is_empty() { "Nothing written yet." } else { written };
    write(root, stat!("report-words"), text);
    let today =
        js_sys::Date::new_0().to_locale_date_string("en-GB", &wasm_bindgen::JsValue::UNDEFINED);
    let foot = format!(
        "ballstick {}, {}. Intervals: 95%, by resampling whole test simulations; they do not cover the seed. TPR: at a false-positive rate of 0.002. Soma, rate, dendrite: explained variance. Filter: excitation minus inhibition through an exponential filter of 50 ms, untrained; logistic: logistic regression on filtered inputs.",
        env!("CARGO_PKG_VERSION"),
        today.as_string().unwrap_or_default()
    );
    write(root, stat!("report-foot"), &foot);
}

fn fill_part(root: &Element, part: Part, lines: impl Iterator<Item = Element>) {
    put_in(&place(root, part), &lines.collect::<Vec<_>>());
}

/// A line of the report: a result, with its neuron and twin in words.
struct Line<'a> {
    neuron: &'static str,
    twin: String,
    result: &'a SourcedRow,
}

/// The lines by neuron and test set, with a title that names both: results on different test sets do not compare, so
/// each test set has a part of the table of its own.
fn groups<'a>(all: &'a [Line<'a>]) -> Vec<(String, Vec<&'a Line<'a>>)> {
    let mut groups: Vec<(String, Vec<&Line<'_>>)> = Vec::new();
    for line in all {
        let row = &line.result.row;
        let set = match (row.test_set.as_str(), row.test_simulations) {
            ("", Some(n)) => count(n, "simulation"),
            ("", None) => "not known".to_owned(),
            (set, _) => test_set::readable(set),
        };
        let title = format!("{}, test set: {set}", line.neuron);
        match groups.iter_mut().find(|group| group.0 == title) {
            Some(group) => group.1.push(line),
            None => groups.push((title, vec![line])),
        }
    }
    groups
}

/// How a twin was trained: every setting that differs from run to run, and which run it is.
fn training(result: &SourcedRow) -> Vec<String> {
    let row = &result.row;
    let window = row.window_ms.map_or(DASH.to_owned(), |ms| format!("{} ms", grouped(ms)));
    vec![
        result.origin.label().to_owned(),
        row.parameters.map_or(DASH.to_owned(), |count| short(count as f64)),
        plain(row.receptive_field_ms),
        whole(row.train_simulations),
        epochs(row),
        whole(row.steps),
        format!("{} × {window}", whole(row.batch_size)),
        plain(row.learning_rate),
        // a seed as it is typed, without commas
        plain(row.seed),
        row.train_seconds.map_or(DASH.to_owned(), text::time),
        result.run.clone().unwrap_or_else(|| "–".to_owned()),
    ]
}

/// The epochs that were run, and of how many where the run was stopped before their end.
fn epochs(row: &Row) -> String {
    match (row.epochs_done(), row.epochs) {
        (Some(done), Some(all)) if done + 0.5 < all as f64 => {
            format!("{} of {}", grouped(fixed(done, 0)), grouped(all))
        }
        (_, all) => whole(all),
    }
}

/// The columns of a twin's results.
fn results(result: &SourcedRow) -> Vec<String> {
    let row = &result.row;
    let interval = interval(row, 4).map_or(String::new(), |ends| format!(" ({ends})"));
    vec![
        format!("{}{interval}", number(row.auc, 4, "")),
        number(row.tpr, 3, ""),
        number(row.near_auc, 4, ""),
        number(row.soma_explained_percent, 1, "%"),
        number(row.rate_explained_percent, 1, "%"),
        number(row.dend_explained_percent, 1, "%"),
        number(row.inference_ms, 1, " ms"),
        result.origin.label().to_owned(),
        whole(row.train_simulations),
        whole(row.steps),
    ]
}

/// The report's text for a number that is not known.
const DASH: &str = "–";

fn number(value: Option<f64>, digits: usize, unit: &str) -> String {
    value.map_or(DASH.to_owned(), |value| format!("{}{unit}", grouped(fixed(value, digits))))
}

fn whole(count: Option<u64>) -> String {
    count.map_or(DASH.to_owned(), grouped)
}

/// A number without commas.
fn plain(value: Option<impl ToString>) -> String {
    value.map_or(DASH.to_owned(), |value| value.to_string())
}

/// A row of a table: the line's neuron and twin, then `texts`.
fn line_of(of: &Line<'_>, texts: &[String]) -> Element {
    let head = [of.neuron.to_owned(), of.twin.clone()];
    dom::table_row("", 2, head.iter().chain(texts))
}

/// Prints the report and nothing else.
pub(super) fn print(root: &Element) {
    let Some(page) = dom::document().document_element() else { return };
    root.set_attribute(PRINTING, "report").ok();
    page.set_attribute(PRINT, "report").ok();
    dom::window().print().ok();
}

/// Shows everything again once the report is printed.
pub(super) fn listen(root: &Element) {
    let root = root.clone();
    dom::on(&dom::window(), "afterprint", move |_: Event| {
        root.remove_attribute(PRINTING).ok();
        dom::document().document_element().inspect(|page| {
            page.remove_attribute(PRINT).ok();
        });
    });
}

/// Attributes of the lesson and, below, of the page while the report is printed.
const PRINTING: &str = "data-printing";
const PRINT: &str = "data-print";

#[cfg(test)]
mod tests {
    use super::*;

    fn result(origin: Origin, set: &str, n: Option<u64>) -> SourcedRow {
        let row = Row {
            test_set: set.into(),
            test_simulations: n,
            epochs: Some(30),
            steps: Some(30),
            batch_size: Some(8),
            train_simulations: Some(24),
            ..Row::default()
        };
        SourcedRow { origin, row, run: None }
    }

    #[test]
    fn numbers_of_other_test_sets_stand_apart() {
        let all = [
            result(Origin::Run, "8 simulations of 2048 ms; seed 5", Some(8)),
            result(Origin::Recorded, "50 of 72 simulations of 8192 ms; seed 1", Some(50)),
            result(Origin::Run, "8 simulations of 2048 ms; seed 5", Some(8)),
            result(Origin::Imported, "", Some(40)),
            result(Origin::Imported, "", None),
        ];
        let lines: Vec<Line<'_>> = all
            .iter()
            .map(|result| Line { neuron: "NMDA cable", twin: "A".into(), result })
            .collect();
        let found: Vec<(String, usize)> =
            groups(&lines).into_iter().map(|(title, lines)| (title, lines.len())).collect();
        let want = [
            ("NMDA cable, test set: 8 simulations of 2,048 ms; seed 5", 2),
            ("NMDA cable, test set: 50 of 72 simulations of 8,192 ms; seed 1", 1),
            ("NMDA cable, test set: 40 simulations", 1),
            ("NMDA cable, test set: not known", 1),
        ];
        assert_eq!(found, want.map(|(title, n)| (title.to_owned(), n)));
    }

    #[test]
    fn a_run_that_was_stopped_says_how_far_it_came() {
        let stopped = result(Origin::Run, "", Some(8));
        assert_eq!(epochs(&stopped.row), "10 of 30");
        assert_eq!(epochs(&Row { steps: Some(90), ..stopped.row.clone() }), "30");
        assert_eq!(epochs(&Row { steps: None, ..stopped.row }), "30");
    }
}
