//! Results that the learner brings from the command line: a sweep's table or row, or a twin, which is then judged here.

use super::cell::{Cell, LETTERS};
use super::queue::data_of;
use super::{Assignment, problem, write};
use crate::text::grouped;
use crate::twin::config::{TcnConfig, TwinConfig};
use crate::twin::results::Row;
use crate::web::lesson::place;
use crate::web::lesson::shared::{Neuron, text_of_file};
use crate::web::port::Reply;
use crate::web::trainer::protocol::{Import, ModelRef, RunId, RunRecord};
use crate::web::trainer::store::RunStore;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::{File, HtmlInputElement};

impl Assignment {
    /// Listens for files that the learner chooses.
    pub(super) fn listen_to_files(&self) {
        let picker: HtmlInputElement = place(&self.root, part!("import"));
        self.this.on_files(&picker, |lesson, files| {
            let lesson = lesson.clone();
            spawn_local(async move {
                problem(&lesson.root, "");
                for file in files {
                    lesson.bring(file).await;
                }
            });
        });
    }

    async fn bring(self: &Rc<Self>, file: File) {
        let name = file.name();
        let ending = name.rsplit('.').next().unwrap_or_default().to_lowercase();
        let rows = match ending.as_str() {
            "csv" => text_of_file(&file).await.and_then(|text| Row::from_csv(&text)),
            "json" => text_of_file(&file).await.and_then(|text| Row::from_json(&text)),
            _ => return self.bring_twin(file),
        };
        let rows = match rows {
            Ok(rows) => rows,
            Err(why) => return problem(&self.root, &format!("{name}: {why}.")),
        };
        let all = rows.len();
        let (mut taken, mut left, mut behind) = (0, Vec::new(), Vec::new());
        for row in rows {
            let label = format!("{} {}", row.neuron, row.config);
            let Some(cell) = Cell::of_row(&row) else {
                left.push(label);
                continue;
            };
            if let Err(why) = belongs(&row, cell) {
                return problem(&self.root, &format!("{name}: {why}."));
            }
            let mut state = self.state.borrow_mut();
            let known = state.known.entry(cell).or_default();
            let better = |auc: f64| row.auc.is_none_or(|of_row| auc >= of_row);
            if known.best().and_then(|run| run.judgement.as_ref()).is_some_and(|j| better(j.auc)) {
                behind.push(format!("{} on the {}", cell.letter, cell.neuron.label()));
            }
            known.imported = Some(row);
            taken += 1;
        }
        if taken == 0 {
            let why = "it holds no result of A to E on the AMPA point or the NMDA cable";
            return problem(&self.root, &format!("{name}: {why}."));
        }
        write(&self.root, stat!("recorded"), &taken_text(&name, taken, all, &left, &behind));
        self.memorise();
        self.show();
    }

    /// Stores a file's twin as a run and judges it. Only the file tells letter and neuron; so it is read once to learn
    /// them, and then stored under an id of its cell.
    fn bring_twin(self: &Rc<Self>, file: File) {
        if self.state.borrow().queue.running.is_some() {
            return problem(&self.root, "Stop the queue first, then bring the twin.");
        }
        let name = file.name();
        let first = Cell { neuron: guess(&name), letter: 'C' };
        self.import(file.clone(), first, INCOMING.to_owned(), move |lesson, record| {
            spawn_local(async {
                // this run was stored for its configuration only
                if let Ok(store) = RunStore::open().await {
                    store.delete(INCOMING).await.ok();
                }
            });
            let Some(letter) = letter_of(&record.plan.config) else {
                let message = format!("{name} is {}, not one of A to E.", record.short_name);
                return problem(&lesson.root, &message);
            };
            let neuron = Neuron::named(&record.neuron).unwrap_or_else(|| guess(&name));
            let cell = Cell { neuron, letter };
            let id = cell.run_id(js_sys::Date::now());
            lesson.import(file.clone(), cell, id, move |lesson, record| {
                lesson.state.borrow_mut().known.entry(cell).or_default().keep(record.clone());
                lesson.judge_imported(cell, &record);
            });
        });
    }

    fn import(
        self: &Rc<Self>,
        file: File,
        cell: Cell,
        id: RunId,
        done: impl Fn(&Rc<Self>, RunRecord) + 'static,
    ) {
        let name = file.name();
        let question = Import {
            file: ModelRef::File(file),
            id,
            label: cell.label(),
            data: data_of(cell, &self.state.borrow()),
        };
        self.this.ask(question, &self.trainer, move |lesson, reply| match reply {
            Reply::Answer(record) => done(lesson, record),
            Reply::Failed(error) => problem(&lesson.root, &format!("{name}: {error}")),
        });
    }
}

/// An error unless a row has the parameters and the receptive field of the twin that the row names.
fn belongs(row: &Row, cell: Cell) -> Result<(), String> {
    let config = cell.config();
    let parameters = config.num_parameters() as u64;
    if let Some(stated) = row.parameters.filter(|stated| *stated != parameters) {
        return Err(format!(
            "the row of {} on the {} has {} parameters, and {} has {}: it is of another twin",
            cell.letter,
            cell.neuron.label(),
            grouped(stated),
            cell.letter,
            grouped(parameters)
        ));
    }
    let field = config.receptive_field().map(|ms| ms as u64);
    match (row.receptive_field_ms, field) {
        (Some(stated), Some(field)) if stated != field => Err(format!(
            "the row of {} on the {} looks back {stated} ms, and {} looks back {field} ms: it is of another twin",
            cell.letter,
            cell.neuron.label(),
            cell.letter
        )),
        _ => Ok(()),
    }
}

/// What became of a file's rows, in words: no row is left out silently.
fn taken_text(name: &str, taken: usize, all: usize, left: &[String], behind: &[String]) -> String {
    let mut message = format!("{name}: {taken} of {all} rows are cells of this table.");
    if !left.is_empty() {
        message += &format!(" Not taken: {}.", left.join(", "));
    }
    if !behind.is_empty() {
        message += &format!(
            " {}: what you ran here is no worse and stays; the row of the file is shown once you delete your runs in lesson 6.",
            behind.join(", ")
        );
    }
    message
}

/// The id of a run that is stored only to read a file's configuration.
const INCOMING: &str = "assign-incoming";

/// Which of the five configurations this is; `None` where it is another one.
fn letter_of(config: &TwinConfig) -> Option<char> {
    let TwinConfig::Tcn(this) = config else { return None };
    LETTERS.into_iter().find(|letter| {
        TcnConfig::assignment(*letter, this.ports.in_spatial_dim).is_some_and(|that| {
            this.first_layer_temporal_kernel_size == that.first_layer_temporal_kernel_size
                && this.num_layers_per_block_list == that.num_layers_per_block_list
                && this.num_features_per_block_list == that.num_features_per_block_list
                && this.temporal_kernel_size_per_block_list
                    == that.temporal_kernel_size_per_block_list
        })
    })
}

/// The neuron that a file's name suggests, for files that do not say their neuron.
fn guess(name: &str) -> Neuron {
    let name = name.to_lowercase();
    if name.contains("point") || name.contains("ampa") || name.contains("128um") {
        Neuron::Point
    } else {
        Neuron::Cable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_another_twin_is_refused() {
        let cell = Cell { neuron: Neuron::Cable, letter: 'D' };
        let row = |parameters, field| Row {
            neuron: "nmda-cable".into(),
            config: "D".into(),
            parameters,
            receptive_field_ms: field,
            ..Row::default()
        };
        let why = belongs(&row(Some(17_612), None), cell).unwrap_err();
        assert!(why.contains("17,612") && why.contains("922,380"), "{why}");
        assert!(belongs(&row(Some(922_380), Some(81)), cell).unwrap_err().contains("81 ms"));
        assert!(belongs(&row(Some(922_380), Some(241)), cell).is_ok());
        // a table that states neither number is believed
        assert!(belongs(&row(None, None), cell).is_ok());
        // and so are the rows that ship with the page
        let text = include_str!("../../../../www/recorded/assignment.json");
        for row in Row::from_json(text).unwrap() {
            if let Some(cell) = Cell::of_row(&row) {
                assert_eq!(belongs(&row, cell), Ok(()));
            }
        }
    }

    #[test]
    fn no_row_is_left_out_without_a_word() {
        let message =
            taken_text("t.csv", 1, 2, &["nmda-cable elm".into()], &["A on the cable".into()]);
        for part in ["1 of 2", "Not taken: nmda-cable elm", "A on the cable: what you ran here"] {
            assert!(message.contains(part), "{message}");
        }
        let plain = "t.csv: 2 of 2 rows are cells of this table.";
        assert_eq!(taken_text("t.csv", 2, 2, &[], &[]), plain);
    }

    #[test]
    fn a_file_tells_its_cell() {
        for letter in LETTERS {
            let cell = Cell { neuron: Neuron::Cable, letter };
            assert_eq!(letter_of(&cell.config()), Some(letter));
        }
        assert_eq!(letter_of(&TwinConfig::Tcn(TcnConfig::default())), None);
        assert_eq!(guess("twin_point_C.safetensors"), Neuron::Point);
        assert_eq!(guess("best.safetensors"), Neuron::Cable);
    }
}
