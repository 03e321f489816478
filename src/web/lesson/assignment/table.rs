//! The table of ten on the page: what each cell holds, and its button.

use super::cell::{Cell, Known, LETTERS, Origin, SourcedRow};
use super::state::{Phase, State};
use crate::text::{count, grouped, noun};
use crate::twin::baseline::Kind;
use crate::twin::results::Row;
use crate::web::dom;
use crate::web::lesson::place;
use crate::web::lesson::shared::{Neuron, interval, or_dash, put_in};
use crate::web::plot::scale::short;
use std::collections::BTreeMap;
use web_sys::{Element, Event, HtmlElement};

/// A cell's parts on the page.
struct Place {
    root: Element,
    auc: Element,
    text: Element,
    bar: HtmlElement,
    button: Element,
}

pub(super) struct Table {
    body: Element,
    places: BTreeMap<Cell, Place>,
}

impl Table {
    pub(super) fn mount(root: &Element) -> Self {
        let body: Element = dom::must(&place(root, part!("cells")), "tbody");
        let rows: String = LETTERS.iter().map(|letter| row(*letter)).collect();
        body.set_inner_html(&rows);
        let places = Cell::all()
            .map(|cell| {
                let root: Element = dom::must(&body, &format!("[data-cell={}]", cell.key()));
                let place = Place {
                    auc: dom::must(&root, "[data-stat=cell-auc]"),
                    text: dom::must(&root, "[data-stat=cell-status]"),
                    bar: dom::must(&root, "progress"),
                    button: dom::must(&root, "button"),
                    root,
                };
                (cell, place)
            })
            .collect();
        Self { body, places }
    }

    /// Calls `pressed` with the cell whose button was pressed.
    pub(super) fn on_press(&self, pressed: impl Fn(Cell) + 'static) {
        dom::on(&self.body, "click", move |event: Event| {
            let cell = dom::around(&event, "[data-cell] button")
                .and_then(|button| button.closest("[data-cell]").ok()?)
                .and_then(|cell| Cell::of_key(&cell.get_attribute("data-cell")?));
            cell.inspect(|cell| pressed(*cell));
        });
    }

    /// Brings every cell up to date.
    pub(super) fn show(&self, state: &State, rows: &[(Cell, SourcedRow)]) {
        for (cell, place) in &self.places {
            let results: Vec<&SourcedRow> =
                rows.iter().filter(|row| row.0 == *cell).map(|row| &row.1).collect();
            let view = view(*cell, state, &results);
            dom::set_text(&place.auc, &view.auc);
            dom::set_text(&place.text, &view.text);
            dom::set_text(&place.button, view.button);
            place.button.set_attribute("data-action", view.action).ok();
            let label = format!("{}: {} on the {}", view.button, cell.letter, cell.neuron.label());
            place.button.set_attribute("aria-label", &label).ok();
            dom::progress(&place.bar, view.part);
            place.root.set_class_name(view.class);
        }
    }
}

/// The markup of a configuration's row: its letter, what the letter stands for, and a cell per neuron.
fn row(letter: char) -> String {
    let cell = Cell { neuron: Neuron::Cable, letter };
    let config = cell.config();
    let crate::twin::config::TwinConfig::Tcn(tcn) = &config else { return String::new() };
    let (depth, width) = (tcn.num_layers_per_block_list[0], tcn.num_features_per_block_list[0]);
    let taps = tcn.temporal_kernel_size_per_block_list[0];
    let field = config.receptive_field().unwrap_or(0);
    let cells: String = Neuron::ALL
        .map(|neuron| {
            let key = Cell { neuron, letter }.key();
            format!(
                "<td><div data-cell=\"{key}\"><b data-stat=\"cell-auc\">–</b> <button type=\"button\" data-action=\"run\">run</button>\
                 <span class=\"small\" data-stat=\"cell-status\"></span><progress max=\"1\" value=\"0\" hidden></progress></div></td>"
            )
        })
        .concat();
    format!(
        "<tr><th scope=\"row\"><b>{letter}</b> <span class=\"small\">D&nbsp;{depth}, W&nbsp;{width}, T&nbsp;{taps}<br>{} parameters<br>sees {field} ms</span></th>{cells}</tr>",
        short(config.num_parameters() as f64)
    )
}

/// Shows below the ten twins the baselines that they have to beat, on the test sets of the page's own results and of
/// the recorded ones.
pub(super) fn show_baselines(root: &Element, baselines: &[SourcedRow]) {
    let body: Element = place(root, part!("beat"));
    let text = |result: &SourcedRow| {
        let whose = match result.origin {
            Origin::Recorded => "recorded set",
            Origin::Run | Origin::Imported => "your test set",
        };
        format!("{} ({whose})", or_dash(result.row.auc, 4))
    };
    let lines = Kind::ALL.map(|kind| {
        let of = |neuron: Neuron| {
            let here = baselines.iter().filter(|result| {
                result.row.config == kind.key() && Neuron::named(&result.row.neuron) == Some(neuron)
            });
            let all: Vec<String> = here.map(text).collect();
            if all.is_empty() { "–".to_owned() } else { all.join(", ") }
        };
        let texts = std::iter::once(kind.title().to_owned()).chain(Neuron::ALL.map(of));
        let line = dom::table_row("", 1, texts);
        for cell in dom::all::<Element>(&line, "th, td") {
            cell.set_class_name("small");
        }
        dom::find::<Element>(&line, "th").inspect(|head| {
            head.set_attribute("scope", "row").ok();
        });
        line
    });
    put_in(&body, &lines);
}

/// The texts, the button and the progress that a cell of the table shows.
struct View {
    auc: String,
    text: String,
    button: &'static str,
    action: &'static str,
    part: Option<f64>,
    class: &'static str,
}

fn view(cell: Cell, state: &State, results: &[&SourcedRow]) -> View {
    let auc = results.first().map_or("–".to_owned(), |result| or_dash(result.row.auc, 4));
    let known = state.known.get(&cell);
    if let Some(running) = state.queue.running.as_ref().filter(|running| running.cell == cell) {
        let (button, action) = match running.phase {
            Phase::Stopping => ("stopping …", "wait"),
            _ => ("stop", "stop-this"),
        };
        let text = running.text.clone();
        return View { auc, text, button, action, part: Some(running.part), class: "is-running" };
    }
    if let Some(place) = state.queue.waiting.iter().position(|waiting| *waiting == cell) {
        let (button, action, class) = ("take out", "unqueue", "is-queued");
        let text = format!("in the queue, place {}", place + 1);
        return View { auc, text, button, action, part: None, class };
    }
    let interval = |row: &Row| interval(row, 3).unwrap_or_default();
    // the recorded result stays in view, whatever result comes beside it
    let recorded = results.iter().skip(1).find(|result| result.origin == Origin::Recorded);
    let recorded = recorded.map_or(String::new(), |result| {
        format!("; recorded: {} ({})", or_dash(result.row.auc, 4), interval(&result.row))
    });
    let unjudged = known.and_then(Known::unjudged);
    let (text, button, class) = match (known.and_then(Known::open), results.first()) {
        (Some(record), _) => {
            let other = match state.settings.are_of(record) {
                true => "",
                false => ", begun with other settings",
            };
            let [step, steps] = [record.step, record.steps].map(grouped);
            let text = format!("stopped at step {step} of {steps}{other}");
            (text, "resume", "is-stopped")
        }
        (None, _) if unjudged.is_some() => {
            let step = unjudged.map_or(0, |record| record.step);
            (format!("trained, {}, not judged", count(step, "step")), "judge", "is-stopped")
        }
        (None, Some(SourcedRow { origin: Origin::Recorded, row, .. })) => {
            (format!("recorded, {}", interval(row)), "run", "is-recorded")
        }
        (None, Some(SourcedRow { origin, row, .. })) => {
            let simulations = match row.test_simulations {
                Some(n) => format!("{n} test {}", noun(n, "simulation")),
                None => "– test simulations".to_owned(),
            };
            let text = format!("{}, {}, {simulations}{recorded}", origin.label(), interval(row));
            (text, "again", "is-own")
        }
        (None, None) => ("empty".to_owned(), "run", "is-empty"),
    };
    let text = text.trim_end_matches([',', ' ']).to_owned();
    View { auc, text, button, action: "run", part: None, class }
}
