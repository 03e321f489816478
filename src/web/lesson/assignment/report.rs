//! The report: every setting, seed and number, the plot and the learner's words, for paper.

use super::cell::{Cell, Origin};
use crate::twin::results::Row;
use crate::web::dom;
use crate::web::lesson::shared::{interval, put_in};
use crate::web::lesson::stat;
use crate::web::plot::scale::{fixed, short};
use web_sys::{Element, Event};

/// Fills it.
pub(super) fn fill(root: &Element, rows: &[(Cell, Origin, Row)], explanation: &str) {
    let count = |origin| rows.iter().filter(|row| row.1 == origin).count();
    let head = format!(
        "{} of 10 results: {} run here, {} imported, {} recorded.",
        rows.len(),
        count(Origin::Run),
        count(Origin::Imported),
        count(Origin::Recorded),
    );
    stat(root, "report-head", &head);
    type Cells = fn(Origin, &Row) -> Vec<String>;
    let tables: [(&str, Cells); 2] = [("training", training), ("results", results)];
    for (part, cells) in tables {
        let lines: Vec<Element> =
            rows.iter().map(|(cell, origin, row)| line(cell, &cells(*origin, row))).collect();
        if let Some(body) = dom::find::<Element>(root, &format!("[data-part={part}]")) {
            put_in(&body, &lines);
        }
    }
    let written = explanation.trim();
    let words = if written.is_empty() { "Nothing written yet." } else { written };
    stat(root, "report-words", words);
    let today =
        js_sys::Date::new_0().to_locale_date_string("en-GB", &wasm_bindgen::JsValue::UNDEFINED);
    let foot = format!(
        "ballstick {}, {}. Intervals: 95%, by resampling whole test simulations. TPR: at a false-positive rate of 0.002. Soma, rate, dendrite: explained variance.",
        env!("CARGO_PKG_VERSION"),
        today.as_string().unwrap_or_default()
    );
    stat(root, "report-foot", &foot);
}

/// How a twin was trained: every setting that differs from run to run.
fn training(origin: Origin, row: &Row) -> Vec<String> {
    let batch = number(row.batch_size, 0, "");
    vec![
        origin.words().to_owned(),
        short(row.parameters),
        row.receptive_field_ms.map_or("–".to_owned(), |ms| fixed(ms, 0)),
        number(row.train_simulations, 0, ""),
        number(row.epochs, 0, ""),
        number(row.steps, 0, ""),
        format!("{batch} × {}", number(row.window_ms, 0, " ms")),
        if row.learning_rate.is_finite() {
            row.learning_rate.to_string()
        } else {
            "–".to_owned()
        },
        number(row.seed, 0, ""),
        seconds(row.train_seconds),
    ]
}

/// What it reached.
fn results(_: Origin, row: &Row) -> Vec<String> {
    let interval = interval(row, 4).map_or(String::new(), |ends| format!(" ({ends})"));
    vec![
        format!("{}{interval}", number(row.auc, 4, "")),
        number(row.tpr, 3, ""),
        number(row.near_auc, 4, ""),
        number(row.soma_explained_percent, 1, "%"),
        number(row.rate_explained_percent, 1, "%"),
        number(row.dend_explained_percent, 1, "%"),
        number(row.inference_ms, 1, " ms"),
    ]
}

fn number(value: f64, digits: usize, unit: &str) -> String {
    match value.is_finite() {
        true => format!("{}{unit}", fixed(value, digits)),
        false => "–".to_owned(),
    }
}

/// A line of a table: neuron and twin, then these.
fn line(cell: &Cell, texts: &[String]) -> Element {
    let line: Element = dom::element("tr", "");
    let head = [cell.neuron.words().to_owned(), cell.letter.to_string()];
    for (n, text) in head.iter().chain(texts).enumerate() {
        let cell: Element = dom::element(if n < 2 { "th" } else { "td" }, "");
        cell.set_text_content(Some(text));
        line.append_child(&cell).ok();
    }
    line
}

fn seconds(seconds: f64) -> String {
    match seconds {
        s if !s.is_finite() => "–".to_owned(),
        s if s < 90.0 => format!("{} s", fixed(s, 0)),
        s if s < 5400.0 => format!("{} min", fixed(s / 60.0, 0)),
        s => format!("{} h", fixed(s / 3600.0, 1)),
    }
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

/// On the lesson and on the page while the report is printed.
const PRINTING: &str = "data-printing";
const PRINT: &str = "data-print";
