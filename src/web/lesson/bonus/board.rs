//! The leaderboard: a table to sort, and AUC over cost.

use super::known::Known;
use crate::text::grouped;
use crate::twin::results::Row;
use crate::twin::test_set;
use crate::web::controls::Controls;
use crate::web::dom;
use crate::web::lesson::shared::{Neuron, interval, or_dash, put_in, title};
use crate::web::lesson::{command, figure, place, write};
use crate::web::plot::scale::short;
use crate::web::plot::{Axis, Colour, Figure, FigureView, Panel, Series, Style};
use crate::web::settings::Settings;
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::{Element, Event, HtmlElement};

pub(super) struct Board(Rc<RefCell<State>>);

struct State {
    root: Element,
    view: FigureView,
    rows: Vec<(Row, bool)>,
    neuron: Neuron,
    cost: String,
    sort: String,
    up: bool,
}

impl Board {
    pub(super) fn mount(root: &Element) -> Self {
        let state = Rc::new(RefCell::new(State {
            root: root.clone(),
            view: figure(root, plot!("board")),
            rows: Vec::new(),
            neuron: Neuron::Cable,
            cost: "parameters".into(),
            sort: "auc".into(),
            up: false,
        }));
        let of = state.clone();
        dom::on(root, "click", move |event: Event| {
            let button = dom::around(&event, "[data-sort]");
            let Some(key) = button.and_then(|b| b.get_attribute("data-sort")) else { return };
            let mut state = of.borrow_mut();
            // AUC and TPR are sorted from the highest, costs from the lowest
            let first_up = !matches!(key.as_str(), "auc" | "tpr");
            state.up = if state.sort == key { !state.up } else { first_up };
            state.sort = key;
            state.show();
        });
        Self(state)
    }

    /// Takes over the recorded results and the learner's runs.
    pub(super) fn fill(&self, known: &Known) {
        let mut state = self.0.borrow_mut();
        state.rows = known.recorded.iter().map(|row| (row.clone(), false)).collect();
        state.rows.extend(
            known.runs.iter().filter_map(|run| run.row(&title(run))).map(|row| (row, true)),
        );
        let mine = state.rows.iter().filter(|row| row.1).count();
        let text = match (known.problem.is_empty(), mine) {
            (false, _) => known.problem.clone(),
            (true, 0) => {
                "All rows are recorded. Train a twin in lesson 6 or 8, judge it, and it joins them."
                    .into()
            }
            (true, 1) => "One of them is your own run, the others are recorded.".into(),
            (true, n) => format!("{n} of them are your own runs, the others are recorded."),
        };
        write(&state.root, stat!("board-words"), &text);
        state.show();
    }

    pub(super) fn set(&self, controls: &Controls, _: &Known) {
        let mut state = self.0.borrow_mut();
        state.neuron = Neuron::of_key(&controls.choice(choice!("board")));
        state.cost = controls.choice(choice!("cost"));
        let folder = state.neuron.params().short_name();
        let text = format!(
            "ballstick sweep --data data/{folder} --configs ABCDE --architectures --out leaderboard"
        );
        command::show(&state.root, cli!("board"), &text);
        state.show();
    }
}

/// The number of a row in the column `key`; `None` where the row has no such number.
fn number(row: &Row, key: &str) -> Option<f64> {
    match key {
        "auc" => row.auc,
        "tpr" => row.tpr,
        "parameters" => row.parameters.map(|count| count as f64),
        "weights_kib" => row.weights_kib,
        "inference_ms" => row.inference_ms,
        // an unbounded field is the largest
        "receptive_field_ms" => Some(row.receptive_field_ms.map_or(f64::INFINITY, |ms| ms as f64)),
        "train_seconds" => row.train_seconds,
        _ => None,
    }
}

/// A configuration's name on the leaderboard.
fn name(row: &Row) -> String {
    match row.config.as_str() {
        "elm" => "ELM".into(),
        "resnet_tcn" => "ResNet-TCN".into(),
        "transformer" => "Transformer".into(),
        "tcn" => "TCN, default".into(),
        "filter" => "filter, untrained".into(),
        "logistic" => "logistic regression".into(),
        letter if letter.len() == 1 => format!("TCN {letter}"),
        other => other.to_owned(),
    }
}

/// Sorts rows by the column `key`; rows without a number in that column come last.
fn sorted(rows: &mut [(Row, bool)], key: &str, up: bool) {
    rows.sort_by(|(a, _), (b, _)| {
        if key == "config" {
            let order = name(a).cmp(&name(b));
            return if up { order } else { order.reverse() };
        }
        match (number(a, key), number(b, key)) {
            (Some(a), Some(b)) if up => a.total_cmp(&b),
            (Some(a), Some(b)) => b.total_cmp(&a),
            (a, b) => a.is_none().cmp(&b.is_none()),
        }
    });
}

impl State {
    fn show(&self) {
        let mut rows: Vec<(Row, bool)> = self
            .rows
            .iter()
            .filter(|(row, _)| Neuron::named(&row.neuron) == Some(self.neuron))
            .cloned()
            .collect();
        sorted(&mut rows, &self.sort, self.up);
        for button in dom::all::<HtmlElement>(&self.root, "[data-sort]") {
            let this = button.get_attribute("data-sort").as_deref() == Some(&self.sort);
            button.set_attribute("aria-pressed", if this { "true" } else { "false" }).ok();
            let arrow = match (this, self.up) {
                (false, _) => "",
                (true, true) => "up",
                (true, false) => "down",
            };
            button.set_attribute("data-arrow", arrow).ok();
        }
        let lines: Vec<Element> = rows.iter().map(|(row, mine)| table_row(row, *mine)).collect();
        put_in(&place(&self.root, part!("board")), &lines);
        self.draw(&rows);
    }

    fn draw(&self, rows: &[(Row, bool)]) {
        let (title, unit) = match self.cost.as_str() {
            "inference_ms" => ("time for one simulation", "ms"),
            "weights_kib" => ("weights", "KiB"),
            _ => ("parameters", ""),
        };
        let kinds = [
            ("TCN", Colour::Blue),
            ("ResNet-TCN", Colour::Green),
            ("ELM", Colour::Vermillion),
            ("Transformer", Colour::Purple),
            ("no network", Colour::Ink),
            ("yours", Colour::Orange),
        ];
        let kind = |row: &Row, mine: bool| match row.config.as_str() {
            _ if mine => "yours",
            "elm" => "ELM",
            "resnet_tcn" => "ResNet-TCN",
            "transformer" => "Transformer",
            "filter" | "logistic" => "no network",
            _ => "TCN",
        };
        // a row without parameters stands at the left end of the axis, where one parameter would be
        let least = match self.cost.as_str() {
            "parameters" => 1.0,
            "weights_kib" => 4.0 / 1024.0,
            _ => 0.0,
        };
        let cost = |row: &Row| number(row, &self.cost).map(|cost| cost.max(least));
        let place = |row: &Row| Some((cost(row)?, row.auc?));
        let lines = kinds.iter().filter_map(|(name, colour)| {
            let of = rows.iter().filter(|(row, mine)| kind(row, *mine) == *name);
            let points: Vec<(f64, f64)> = of.filter_map(|(row, _)| place(row)).collect();
            let series = Series::sorted(*name, *colour, Style::Scatter, &points);
            (!series.data.values().is_empty()).then_some(series)
        });
        let costs = rows.iter().filter_map(|(row, _)| cost(row)).filter(|cost| *cost > 0.0);
        let (low, high) =
            costs.fold((f64::INFINITY, 0.0), |(l, h): (f64, f64), c| (l.min(c), h.max(c)));
        let x = if low.is_finite() { (low / 1.6, high * 1.6) } else { (1e3, 1e6) };
        let all = || rows.iter().filter_map(|(row, _)| row.auc);
        let (worst, best) = (all().fold(0.95, f64::min), all().fold(0.99, f64::max));
        let range = ((1.0 - (1.0 - worst) * 1.5).max(0.0), 1.0 - (1.0 - best) * 0.6);
        let panel = Panel::new("spikes, AUC", "", range, 220.0).nines().with_all(lines);
        self.view.set(Figure::over(Axis::new(title, unit, x).log()).with(panel));
    }
}

fn table_row(row: &Row, mine: bool) -> Element {
    let origin = if mine { "yours" } else { "recorded" };
    let interval = interval(row, 3).map_or(String::new(), |ends| format!(" ({ends})"));
    let cells = [
        format!("{}, {origin}", name(row)),
        format!("{}{interval}", or_dash(row.auc, 4)),
        or_dash(row.tpr, 3),
        row.parameters.map_or("–".into(), |count| short(count as f64)),
        grouped(or_dash(row.weights_kib, 0)),
        or_dash(row.inference_ms, 1),
        row.receptive_field_ms.map_or("no end".into(), grouped),
        grouped(or_dash(row.train_seconds, 0)),
        match row.test_set.as_str() {
            "" => "not known".into(),
            set => test_set::readable(set),
        },
    ];
    dom::table_row(if mine { "own" } else { "" }, 1, cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_gaps_come_last() {
        let row = |config: &str, auc, time| {
            let (config, auc) = (config.into(), Some(auc));
            (Row { config, auc, inference_ms: time, ..Row::default() }, false)
        };
        let mut rows =
            vec![row("A", 0.9, Some(3.0)), row("elm", 0.97, None), row("B", 0.95, Some(1.0))];
        let names = |rows: &[(Row, bool)]| rows.iter().map(|r| name(&r.0)).collect::<Vec<_>>();
        sorted(&mut rows, "auc", false);
        assert_eq!(names(&rows), ["ELM", "TCN B", "TCN A"]);
        for up in [true, false] {
            sorted(&mut rows, "inference_ms", up);
            assert_eq!(names(&rows)[2], "ELM");
        }
        sorted(&mut rows, "config", true);
        assert_eq!(names(&rows), ["ELM", "TCN A", "TCN B"]);
        sorted(&mut rows, "receptive_field_ms", true);
        assert_eq!(rows.len(), 3);
    }
}
